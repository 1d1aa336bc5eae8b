"""How much is taken. One table, so that a municipality's operator can see and change it in one place."""

from __future__ import annotations

from dataclasses import dataclass

MB = 1_000_000


@dataclass(frozen=True)
class Limits:
    """Sizes are in bytes. Defaults: 20 MB a file, 10 files, 60 MB together."""

    file_bytes: int = 20 * MB
    files: int = 10
    together_bytes: int = 60 * MB
    unpacked_bytes: int = 200 * MB
    # A document of text packs 5 to 30 times; only what is also big is refused for its ratio.
    unpacked_ratio: int = 150
    ratio_matters_above: int = 20 * MB
    entries: int = 3000
    nesting: int = 2
    pages: int = 3000
    pdf_objects: int = 250_000
    pixels: int = 60_000_000
    frames: int = 200


LIMITS = Limits()

# What an image is drawn anew as.
PREVIEW_MEDIA_TYPE = "image/jpeg"
PREVIEW_SIDE = 2000
