import io

import pytest
from PIL import Image

from allmenning.letters import Letterhead, Metadata, UnusableLogo, prepare_logo, render_letter
from allmenning.letters.tests.conftest import Read

SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 10 10">{}</svg>'
SHAPE = '<rect id="a" width="10" height="10" fill="red"/>'


def png(size=(900, 300), **extra) -> bytes:
    out = io.BytesIO()
    Image.new("RGBA", size, "red").save(out, "PNG", **extra)
    return out.getvalue()


@pytest.mark.parametrize(
    "content", [png(), SVG.format(SHAPE).encode(), b"<?xml version='1.0'?>" + SVG.format(SHAPE).encode()]
)
def test_a_logo_is_drawn_anew_and_small(content):
    with Image.open(io.BytesIO(prepare_logo(content))) as drawn:
        assert drawn.format == "PNG"
        assert max(drawn.size) <= 568
        assert drawn.convert("RGB").getpixel((5, 5)) == (255, 0, 0)


def test_nothing_but_the_drawing_is_kept():
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    info.add_text("Comment", "secret-comment")
    assert b"secret-comment" not in prepare_logo(png(pnginfo=info))


def test_what_drawing_programs_leave_behind_does_no_harm():
    ink = '<metadata><a/></metadata><n:view xmlns:n="urn:ink" n:x="1"/>' + SHAPE
    assert prepare_logo(SVG.format(ink).encode()).startswith(b"\x89PNG")


@pytest.mark.parametrize(
    "inside",
    [
        "<script>alert(1)</script>",
        '<image href="/etc/passwd"/>',
        '<image xlink:href="http://x/y.png"/>',
        '<foreignObject><p xmlns="http://www.w3.org/1999/xhtml">x</p></foreignObject>',
        "<style>@import url(http://x)</style>" + SHAPE,
        '<rect fill="url(http://x/y)" width="1" height="1"/>',
        '<rect id="a"/><g id="b"><use href="#a"/></g><use href="#b"/>',
        '<use href="http://x#a"/>',
        "<g>" * 3000 + "</g>" * 3000,
        "<g/>" * 6000,
        "",
    ],
)
def test_an_svg_of_anything_but_shapes_is_refused(inside):
    with pytest.raises(UnusableLogo):
        prepare_logo(SVG.format(inside).encode())


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"GIF89a",
        b"<html></html>",
        b"x" * 3_000_000,
        png()[:200],
        png((6000, 6000)),
        b'<!DOCTYPE svg [<!ENTITY a "b">]>' + SVG.format("<title>&a;</title>").encode(),
    ],
)
def test_what_is_no_small_image_is_refused(content):
    with pytest.raises(UnusableLogo):
        prepare_logo(content)


def test_a_logo_that_was_not_drawn_anew_is_refused():
    from datetime import date

    with pytest.raises(UnusableLogo):
        render_letter("# A", {}, Letterhead("A", logo=b"<svg/>"), "nb", Metadata(date(2026, 3, 10), "1", ()))


def test_a_letter_shows_the_logo_and_says_what_it_is():
    from datetime import date

    letterhead = Letterhead("Averøy kommune", logo=prepare_logo(png()))
    letter = Read(render_letter("# Svar", {}, letterhead, "nb", Metadata(date(2026, 3, 10), "1", ("Kari",))))

    assert "Figure" in letter.tags
