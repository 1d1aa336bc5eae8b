"""Pages of a PDF copied into a new file, with what these pages draw and nothing else of the file that they came from.

Taking pages out of a file leaves most of them in it: fonts and pictures that pages share, older versions of the file,
form fields, bookmarks, notes, the thumbnail of each page. So the pages are made anew. Each gets the drawing instructions
of the old one, and of the resources only those that these name. What is drawn by notes and form fields becomes part of
the page. A font that pages share is copied whole: it tells which letters the file uses somewhere, not what is written.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, Stream

from allmenning.municipal.documents.errors import DamagedFile

# Which part of the resources each operator takes a name from, and where among its operands the name stands.
_TAKES = {
    "Do": ("/XObject", 0),
    "Tf": ("/Font", 0),
    "gs": ("/ExtGState", 0),
    "cs": ("/ColorSpace", 0),
    "CS": ("/ColorSpace", 0),
    "sh": ("/Shading", 0),
    "scn": ("/Pattern", -1),
    "SCN": ("/Pattern", -1),
}
_PAGE_BOXES = ("/MediaBox", "/CropBox", "/Rotate", "/UserUnit")
# What hangs on to things that draw nothing: whole pages, older drawings, names, files, descriptions.
_BANNED = (
    "/A /AA /AF /Alternates /Annots /B /Dest /EF /F /FFilter /LastModified /Measure /Metadata /OC /OPI /P /Parent"
    " /PieceInfo /Ref /StructParent /StructParents /Thumb /UF /VP"
).split()
_MAPS = ("/Font", "/XObject", "/ExtGState", "/ColorSpace", "/Shading", "/Pattern", "/CharProcs")
_DEEPEST = 12  # drawings within drawings


def copy_pages(content: bytes, numbers: Sequence[int]) -> bytes:
    """A new PDF of these pages (the first is 1), in this order. Raises DamagedFile: it can't be read, or has no such page."""
    try:
        with pikepdf.open(io.BytesIO(content), suppress_warnings=True) as old, Pdf.new() as new:
            if "/AcroForm" in old.Root:
                old.generate_appearance_streams()
            old.flatten_annotations(mode="all")
            for number in numbers:
                new.pages.append(pikepdf.Page(_clean(old, old.pages.p(number))))
            _sweep(new)
            written = io.BytesIO()
            new.save(written, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.disable)
            return written.getvalue()
    except (pikepdf.PdfError, RuntimeError, ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
        raise DamagedFile() from error


def join(files: Sequence[bytes]) -> bytes:
    """All pages of these PDFs in one, in this order. Raises DamagedFile: one of them can't be read."""
    try:
        with Pdf.new() as whole:
            for each in files:
                with pikepdf.open(io.BytesIO(each), suppress_warnings=True) as part:
                    whole.pages.extend(part.pages)
            written = io.BytesIO()
            whole.save(written)
            return written.getvalue()
    except (pikepdf.PdfError, RuntimeError, ValueError) as error:
        raise DamagedFile() from error


def _clean(old: Pdf, page: pikepdf.Page) -> Any:
    """A page that draws what `page` draws, made of what it needs for that."""
    instructions = pikepdf.parse_content_stream(page)
    clean = Dictionary(
        Type=Name.Page,
        Contents=old.make_stream(pikepdf.unparse_content_stream(instructions)),
        Resources=_resources(old, page.resources, instructions, {}, 0),
    )
    for box in _PAGE_BOXES:
        value = _inherited(page.obj, box)
        if value is not None:
            clean[box] = value
    return old.make_indirect(clean)


def _inherited(node: Any, key: str) -> Any:
    for _ in range(_DEEPEST * 4):
        if key in node:
            return node[key]
        if "/Parent" not in node:
            return None
        node = node["/Parent"]
    return None


def _resources(old: Pdf, named: Any, instructions: Any, made: dict[Any, Any], depth: int) -> Any:
    """The resources that the instructions name, drawings within them made anew in the same way."""
    if depth > _DEEPEST:
        raise ValueError("drawings within drawings")
    kept = Dictionary()
    for kind, name in sorted(_names(instructions)):
        held = named.get(kind, {})
        if name in held:
            if kind not in kept:
                kept[kind] = Dictionary()
            kept[kind][name] = _anew(old, held[name], named, made, depth)
    return kept


def _names(instructions: Any) -> set[tuple[str, str]]:
    """Kind and name of every resource that is used."""
    found = set()
    for operands, operator in instructions:
        kind, place = _TAKES.get(str(operator), ("", 0))
        if kind and len(operands) and isinstance(operands[place], Name):
            found.add((kind, str(operands[place])))
    return found


def _anew(old: Pdf, thing: Any, around: Any, made: dict[Any, Any], depth: int) -> Any:
    """A resource. What has resources of its own (a form, a pattern, a drawn font, a mask) keeps those that it names."""
    if isinstance(thing, Stream) and _draws(thing):
        return _drawing(old, thing, around, made, depth)
    if isinstance(thing, Dictionary) and thing.get("/Subtype") == Name.Type3:
        glyphs = [step for _, glyph in thing.CharProcs.items() for step in pikepdf.parse_content_stream(glyph)]
        return _with(thing, Resources=_resources(old, thing.get("/Resources", around), glyphs, made, depth + 1))
    if isinstance(thing, Dictionary) and isinstance(mask := thing.get("/SMask"), Dictionary) and "/G" in mask:
        return _with(thing, SMask=_with(mask, G=_drawing(old, mask.G, around, made, depth)))
    return thing


def _with(dictionary: Any, **changed: Any) -> Any:
    anew = Dictionary(dict(dictionary.items()))
    for name, value in changed.items():
        anew[f"/{name}"] = value
    return anew


def _drawing(old: Pdf, thing: Any, around: Any, made: dict[Any, Any], depth: int) -> Any:
    key = thing.objgen
    if key not in made:
        instructions = pikepdf.parse_content_stream(thing)
        anew = made[key] = old.make_stream(pikepdf.unparse_content_stream(instructions))
        for name, value in thing.items():
            if name not in ("/Length", "/Filter", "/DecodeParms", "/Resources", *_BANNED):
                anew[name] = value
        anew["/Resources"] = _resources(old, thing.get("/Resources", around), instructions, made, depth + 1)
    return made[key]


def _draws(stream: Any) -> bool:
    return str(stream.get("/Subtype", "")) == "/Form" or stream.get("/PatternType", 0) == 1


def _sweep(new: Pdf) -> None:
    """Take away what leads on to anything that is not drawn. What nothing leads to is not written to the new file."""
    maps = {value.objgen for thing in new.objects for _, value in _maps(thing) if value.is_indirect}
    for thing in new.objects:
        if isinstance(thing, Dictionary) and thing.objgen in maps:
            continue
        for dictionary in _dictionaries(thing):
            is_of_the_page_tree = str(dictionary.get("/Type", "")) in ("/Page", "/Pages")
            for key in _BANNED:
                if key in dictionary and not (is_of_the_page_tree and key == "/Parent"):
                    del dictionary[key]


def _maps(thing: Any) -> Iterator[tuple[str, Any]]:
    """Dictionaries in which the keys are names that the file chose itself, such as a font that is called /A."""
    for dictionary in _dictionaries(thing):
        for key in _MAPS:
            if isinstance(value := dictionary.get(key), Dictionary):
                yield key, value


def _dictionaries(thing: Any, depth: int = 0) -> Iterator[Any]:
    """The dictionaries within an object that are no maps of names, not following references: those come by themselves."""
    if depth > _DEEPEST * 5:
        raise ValueError("too deep")
    if isinstance(thing, Dictionary | Stream):
        yield thing
        inner = [each for key, value in thing.items() for each in _below(key, value)]
    elif isinstance(thing, Array):
        inner = list(thing)
    else:
        return
    for value in inner:
        if isinstance(value, Dictionary | Array) and not value.is_indirect:
            yield from _dictionaries(value, depth + 1)


def _below(key: str, value: Any) -> list[Any]:
    return [each for _, each in value.items()] if key in _MAPS and isinstance(value, Dictionary) else [value]
