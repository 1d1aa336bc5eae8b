"""The file store and what is sealed: other paths, other keys, links, content that was moved, and anything in clear."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from allmenning import vault
from allmenning.municipal.cases.models import Case
from allmenning.municipal.documents.actions import CONTENT_FIELD
from allmenning.municipal.documents.models import Document
from allmenning.tenancy import use
from allmenning.tenancy.models import SealedField

from .scene import Marked, Scene
from .tally import Tally

KIND = "files"
_ELSEWHERE = (
    "{other}/{rest}",
    "../{path}",
    "{own}/../{path}",
    "{own}/ab/../../{path}",
    "/{path}",
    "//{path}",
    "./{path}",
    "{path}/",
    "{path}\n",
    "{path}\0",
    "{own}\\..\\{path}",
    "{own}%2f..%2f{path}",
    "{upper}",
    "{own}//{rest}",
    "",
    ".",
    "..",
    "/etc/passwd",
    "{own}/ab/{zeros}",
    "{own}/../../vault/{own}/resident.key",
)


@dataclass(frozen=True)
class Kept:
    """A file of a case, with the key that opens it."""

    municipality: str
    case_id: object
    path: str
    key: vault.CaseKey


def attack(scene: Scene, tally: Tally, brief: bool = False) -> None:
    """Every file by every other path and key, every sealed value in every other place."""
    kept = list(_kept(scene))[: 4 if brief else None]
    for mine in kept:
        for theirs in kept:
            if mine.case_id != theirs.case_id:
                _read_theirs(tally, mine, theirs)
                _put_in_place(tally, mine, theirs)
    _open_sealed(scene, tally, brief)
    _look_for_clear_text(scene, tally)


def _kept(scene: Scene) -> Iterator[Kept]:
    for municipality in scene.places:
        with use(municipality, "owner"):
            keys = {
                case.id: vault.open_case_key(municipality, case.area, bytes(case.wrapped_key))
                for case in Case.objects.all()
            }
            for document in Document.objects.exclude(path="").order_by("id"):
                if document.path.startswith(f"{municipality}/"):
                    yield Kept(municipality, document.case_id, document.path, keys[document.case_id])


def _read_theirs(tally: Tally, mine: Kept, theirs: Kept) -> None:
    rest = theirs.path.partition("/")[2]
    values = {"path": theirs.path, "own": mine.municipality, "other": theirs.municipality, "rest": rest}
    values |= {"upper": theirs.path.upper(), "zeros": "0" * 38}
    paths = [theirs.path, *(each.format(**values) for each in _ELSEWHERE)]
    for path in paths:
        for municipality, key in ((mine.municipality, mine.key), (theirs.municipality, mine.key)):
            _expect_closed(tally, municipality, key, path)
    for path in paths[1:]:  # with the right key, but from another municipality or by another way
        if path != theirs.path:
            _expect_closed(tally, mine.municipality, theirs.key, path)


def _expect_closed(tally: Tally, municipality: str, key: vault.CaseKey, path: str, what: str = "read") -> None:
    tally.tried(KIND)
    try:
        vault.files.read(municipality, key, CONTENT_FIELD, path)
    except (vault.CannotOpen, FileNotFoundError):
        return
    except Exception as error:
        tally.hinted(KIND, f"{path!r} in {municipality}: {type(error).__name__} where it should be refused")
        return
    tally.leaked(KIND, f"{what} {path!r} in {municipality}")


def _put_in_place(tally: Tally, mine: Kept, theirs: Kept) -> None:
    """Their sealed file under a path of mine: copied, and as a link. As one who has the disk, but no key, might do."""
    root = Path(settings.FILES_DIR)
    path = f"{mine.municipality}/ff/{'f' * 38}"
    place = root / path
    place.parent.mkdir(parents=True, exist_ok=True)
    for put in (
        lambda: place.write_bytes((root / theirs.path).read_bytes()),
        lambda: place.symlink_to(root / theirs.path),
        lambda: place.hardlink_to(root / theirs.path),
    ):
        put()
        for key in (mine.key, theirs.key):
            _expect_closed(tally, mine.municipality, key, path, "moved")
        place.unlink()


def _open_sealed(scene: Scene, tally: Tally, brief: bool) -> None:
    owners = list(scene.owners.values())[:: 3 if brief else 1]
    keys = [owner.case_key for owner in owners]
    for owner in owners:
        for label, field, value in _sealed(owner):
            for key in keys:
                for name in (f"{label}.{field}", f"{label}.title", "cases.Note.text"):
                    if key is owner.case_key and name == f"{label}.{field}":
                        continue
                    tally.tried(KIND)
                    try:
                        key.open(name, value)
                    except vault.CannotOpen:
                        continue
                    if key is not owner.case_key or name != f"{label}.{field}":
                        tally.leaked(KIND, f"{label}.{field} opened as {name} by {key}")


def _sealed(owner: Marked) -> Iterator[tuple[str, str, bytes]]:
    for model, row in owner.rows.items():
        for field in model._meta.local_concrete_fields:
            value = getattr(row, field.attname)
            if isinstance(field, SealedField) and value and model._meta.label != "people.Person":
                label = "documents.Document" if model._meta.label == "forms.Attachment" else model._meta.label
                yield label, field.name, bytes(value)


def _look_for_clear_text(scene: Scene, tally: Tally) -> None:
    for path in Path(settings.FILES_DIR).rglob("*"):
        if path.is_file():
            tally.tried(KIND)
            for scope, what in scene.canaries.found_in(path.read_bytes() + str(path).encode()):
                tally.leaked(KIND, f"{what} of {scope} in clear in {path.name}")
