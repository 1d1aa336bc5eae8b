"""Images that somebody attached, shown in a page: drawn anew by a process apart, and nothing but pixels.

A case's page shows them small, and its opening is logged as showing previews. Each is shown large on a page of its own,
which is logged as the reading of that document. An image that is asked for looks for the row that tells of it, and adds
one where there is none: no pixel leaves without.
"""

from __future__ import annotations

from datetime import timedelta

from allmenning.basics import dates
from allmenning.municipal.access.actor import Actor
from allmenning.municipal.access.queries import has_been_shown
from allmenning.municipal.cases.errors import CaseNotFound
from allmenning.municipal.cases.models import Case
from allmenning.municipal.documents.actions import read_content
from allmenning.municipal.documents.errors import TypeNotAccepted
from allmenning.municipal.documents.inspection import IMAGES
from allmenning.municipal.documents.inspection.apart import draw_apart
from allmenning.municipal.documents.models import Document
from allmenning.municipal.documents.queries import OpenedDocument, open_document

from . import readings

SMALL, LARGE = "small", "large"
SIDES = {SMALL: 320, LARGE: 2000}  # pixels, the longer side
PREVIEWS, DOCUMENTS = readings.PREVIEWS, readings.DOCUMENTS  # what the log calls them, small and large
_COMES_WITHIN = timedelta(minutes=10)  # of its page: browsers fetch an image when one scrolls to it


def draw(document: Document, case: Case, actor: Actor, purpose: str, size: str) -> bytes:
    """An attached image as a JPEG, after its reading is logged. `size`: a key of `SIDES`.

    Raises UnacceptableFile (TypeNotAccepted when it is no image), and what `read_content` raises.
    """
    if document.media_type not in IMAGES:
        raise TypeNotAccepted()
    kind, told_of = (PREVIEWS, (case.id, document.id)) if size == SMALL else (DOCUMENTS, (document.id,))
    since = dates.now() - _COMES_WITHIN
    if not has_been_shown(case.id, told_of, actor, purpose=purpose, field_kind=kind, since=since):
        readings.log_document(case, document, actor, purpose, kind)
    return draw_apart(read_content(document, case.key), SIDES[size])


def look_at(document: Document, case: Case, actor: Actor, purpose: str) -> OpenedDocument:
    """An image for a page of its own, after its reading is logged. Raises CaseNotFound when it is no image."""
    if document.media_type not in IMAGES:
        raise CaseNotFound()
    readings.log_document(case, document, actor, purpose, DOCUMENTS)
    return open_document(document, case.key)
