"""Images: opened with limits, and drawn anew before anyone sees them on a page."""

from __future__ import annotations

import io
import warnings

from PIL import Image, ImageOps

from allmenning.municipal.documents.errors import DamagedFile, ImageTooLarge, TooComplex, TypeNotAccepted
from allmenning.municipal.documents.inspection.limits import LIMITS, PREVIEW_SIDE, Limits
from allmenning.municipal.documents.inspection.types import JPEG, PNG, TIFF, WEBP, FileType

# About damaged tags and many pixels: we have limits of our own, which are errors.
warnings.filterwarnings("ignore", module=r"PIL\.")

_FORMATS = {JPEG: "JPEG", PNG: "PNG", WEBP: "WEBP", TIFF: "TIFF"}

_PREVIEW_QUALITY = 85


def check_image(content: bytes, found: FileType, limits: Limits) -> int:
    """Decode an image to be sure that it is one. Returns its number of pages. Raises `UnacceptableFile`s."""
    with _opened(content, (_FORMATS[found],), limits) as image:
        frames = _frames(image, limits)
        image.draft("RGB", (256, 256))  # a JPEG can be decoded small, which is much faster and as good a test
        _loaded(image)
    return frames if found is TIFF else 1


def reencode_image(content: bytes, longest_side: int = PREVIEW_SIDE, limits: Limits = LIMITS) -> bytes:
    """Draw an image anew as a JPEG that is safe to show: turned the right way, and nothing but pixels kept.

    Place, camera, comments and colour profile are gone. Transparent becomes white. Of several pages the first is drawn.
    Raises `UnacceptableFile`s.
    """
    with _opened(content, tuple(_FORMATS.values()), limits) as image:
        image.draft("RGB", (longest_side, longest_side))
        _loaded(image)
        ImageOps.exif_transpose(image, in_place=True)
        coloured = _in_colours(image)
    # Made small before anything else: each copy of what we take at most would be 240 MB.
    coloured.thumbnail((longest_side, longest_side), Image.Resampling.LANCZOS)
    drawn = _on_white(coloured)
    drawn.info.clear()  # comments and profiles would follow along
    out = io.BytesIO()
    drawn.save(out, "JPEG", quality=_PREVIEW_QUALITY, optimize=True)
    return out.getvalue()


def _opened(content: bytes, formats: tuple[str, ...], limits: Limits) -> Image.Image:
    try:
        image = Image.open(io.BytesIO(content), formats=formats)
    except Image.DecompressionBombError as error:
        raise ImageTooLarge(limit=limits.pixels // 1_000_000) from error
    except Exception as error:
        raise DamagedFile() from error
    if image.width * image.height > limits.pixels:
        image.close()
        raise ImageTooLarge(limit=limits.pixels // 1_000_000)
    return image


def _frames(image: Image.Image, limits: Limits) -> int:
    try:
        frames = getattr(image, "n_frames", 1)
        if frames > limits.frames:
            raise TooComplex()
        # A TIFF's pages have sizes of their own; reading them unpacks nothing. (An animation's frames share one size.)
        for number in range(1, frames if image.format == "TIFF" else 1):
            image.seek(number)
            if image.width * image.height > limits.pixels:
                raise ImageTooLarge(limit=limits.pixels // 1_000_000)
        image.seek(0)
    except (TooComplex, ImageTooLarge):
        raise
    except Exception as error:
        raise DamagedFile() from error
    return frames


def _loaded(image: Image.Image) -> None:
    # Decoders fail in many ways on crafted content (OSError, SyntaxError, struct.error, …): all mean the same.
    try:
        image.load()
    except Exception as error:
        raise DamagedFile() from error


def _in_colours(image: Image.Image) -> Image.Image:
    """In RGB, or in RGBA where something is transparent; the image itself if it is so already."""
    try:
        if image.mode.startswith("I;16"):
            image = image.point(lambda value: value / 257).convert("L")
        mode = "RGBA" if image.has_transparency_data else "RGB"
        return image if image.mode == mode else image.convert(mode)
    except (ValueError, OSError) as error:
        raise TypeNotAccepted() from error


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode == "RGB":
        return image
    page = Image.new("RGB", image.size, "white")
    page.paste(image, mask=image.getchannel("A"))
    return page
