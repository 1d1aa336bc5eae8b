"""Logos: whatever a municipality uploads is drawn again, and only the drawing is kept."""

from __future__ import annotations

import io
import re

import typst
from lxml import etree
from PIL import Image

from allmenning.basics.xml import UnusableXml, parse_xml
from allmenning.letters.errors import UnusableLogo

MAX_BYTES = 2_000_000
MAX_PIXELS = 25_000_000
# 24 × 16 mm at 600 dots an inch.
_BOX = (568, 378)
_PPI = 600

_SVG = "{http://www.w3.org/2000/svg}"
_DRAWN = frozenset(
    "svg g path rect circle ellipse line polyline polygon defs clipPath linearGradient radialGradient stop use title "
    "desc style".split()
)
_MAX_ELEMENTS = 5000
_OUTSIDE = re.compile(r"url\(\s*['\"]?(?!#)|@import|expression|javascript:", re.I)


def prepare_logo(content: bytes) -> bytes:
    """Draw a PNG, JPEG or SVG anew as a small PNG. Raises `UnusableLogo`.

    An SVG may hold shapes alone: no scripts, images, text, filters or addresses, and no copies of copies.
    """
    if len(content) > MAX_BYTES:
        raise UnusableLogo(reason="it is larger than 2 MB")
    if content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        content = _drawn(_checked_svg(content))
    return _smaller(content)


def _smaller(content: bytes) -> bytes:
    try:
        with Image.open(io.BytesIO(content), formats=("PNG", "JPEG")) as image:
            if image.width * image.height > MAX_PIXELS:
                raise UnusableLogo(reason="it has too many pixels")
            drawn = image.convert("RGBA")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise UnusableLogo(reason="it is not a PNG, JPEG or SVG image that can be read") from error
    bounds = drawn.getchannel("A").getbbox()
    if bounds is None:
        raise UnusableLogo(reason="it is empty")
    drawn = drawn.crop(bounds)  # so that it stands in line with the text below
    drawn.thumbnail(_BOX, Image.Resampling.LANCZOS)
    out = io.BytesIO()
    drawn.save(out, "PNG", optimize=True)
    return out.getvalue()


def _checked_svg(content: bytes) -> bytes:
    try:
        root = parse_xml(content, only_elements=True)
    except UnusableXml as error:
        raise UnusableLogo(reason="the SVG can't be read, or declares a document type") from error
    if root.tag != f"{_SVG}svg":
        raise UnusableLogo(reason="it is not an SVG image")
    _remove_foreign(root)
    elements = list(root.iter(etree.Element))
    if len(elements) > _MAX_ELEMENTS:
        raise UnusableLogo(reason="the SVG has too many parts")
    uses = {element for element in elements if element.tag == f"{_SVG}use"}
    by_id = {element.get("id"): element for element in elements}
    for element in elements:
        _check(element)
    for use in uses:
        target = by_id.get(_href(use).removeprefix("#"))
        if target is None or len(list(target.iter(f"{_SVG}use"))) > 0 or len(uses) * len(list(target.iter())) > 20_000:
            raise UnusableLogo(reason="the SVG copies parts that hold copies")
    return etree.tostring(root)


def _remove_foreign(root: etree._Element) -> None:
    """Drawing programs leave their own notes in other namespaces, and a metadata element: they draw nothing."""
    for element in list(root.iter(etree.Element)):
        foreign = not str(element.tag).startswith(_SVG) or element.tag == f"{_SVG}metadata"
        parent = element.getparent()
        if foreign and parent is not None:
            parent.remove(element)
        for name in [name for name in element.attrib if str(name).startswith("{") and not str(name).endswith("}href")]:
            del element.attrib[name]


def _check(element: etree._Element) -> None:
    name = str(element.tag).removeprefix(_SVG)
    if name not in _DRAWN:
        raise UnusableLogo(reason=f"the SVG holds something other than shapes ({name[:30]})")
    href = _href(element)
    if href and not href.startswith("#"):
        raise UnusableLogo(reason="the SVG points outside itself")
    for value in [*element.attrib.values(), element.text or ""]:
        if _OUTSIDE.search(str(value)):
            raise UnusableLogo(reason="the SVG points outside itself")


def _href(element: etree._Element) -> str:
    return str(element.get("href") or element.get("{http://www.w3.org/1999/xlink}href") or "")


def _drawn(svg: bytes) -> bytes:
    source = (
        "#set page(width: 24mm, height: 16mm, margin: 0pt, fill: none)\n"
        '#image(bytes(sys.inputs.svg), format: "svg", width: 24mm, height: 16mm, fit: "contain")'
    )
    try:
        return typst.compile(
            source.encode(), sys_inputs={"svg": svg.decode()}, format="png", ppi=_PPI, ignore_system_fonts=True
        )
    except (typst.TypstError, UnicodeDecodeError) as error:
        raise UnusableLogo(reason="the SVG can't be drawn") from error
