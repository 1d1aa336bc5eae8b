"""Another system follows cases: one case with what has happened in it, its documents, and everything new since last time.

It sees what the resident sees of the cases of its municipality, areas and services, and nothing else. Each reading of a
case is logged, with the system's name, before anything is opened, and each list of changes before the answer leaves. A system
can't state a need: of one whose address is protected it sees that there is a case and how it goes, no document, no unit.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db.models import Model, QuerySet

from allmenning import vault
from allmenning.commons.identity.client_tokens import Client
from allmenning.municipal.access import actions as access
from allmenning.municipal.access.actor import Actor, Working, system_at_work
from allmenning.municipal.access.relations import AboutCase
from allmenning.municipal.access.rules import Asked, Facts, judge
from allmenning.municipal.cases import queries
from allmenning.municipal.cases.errors import CaseNotFound
from allmenning.municipal.cases.models import Case, Event
from allmenning.municipal.cases.queries import Change, Place
from allmenning.municipal.documents.models import Document
from allmenning.municipal.documents.queries import OpenedDocument, open_document
from allmenning.municipal.people.protection import Level
from allmenning.tenancy import use

from . import hiding, readings, sender
from .errors import WrongCursor
from .offered import at_version
from .rendering import content_of, make
from .sender import Shown

PURPOSE = "integration"
TOLD = ("case-number", "state", "timeline")  # the kinds of fields of a case, and of a list of changes
_CURSOR = "changes-cursor:v1"
_START = Place(0, UUID(int=0))


@dataclass(frozen=True)
class Followed:
    """A case as the system may see it: the events are those of the resident's own page, and so is where it is."""

    case: Case
    shown: Shown
    unit: str
    timeline: list[Event]


def actor_of(client: Client) -> Actor:
    """A system as events and log rows name it."""
    return Actor("client", staff_id=client.id, name=client.name)


def at_work(client: Client, area: str) -> Working:
    """A system as the rules know it: its scopes are what roles are to staff. In an area that it was not let into, none."""
    scopes = client.scopes if area in client.areas else ()
    return system_at_work(client.id, client.name, area, scopes, client.services)


def may(client: Client, action: str, case: AboutCase, purpose: str = PURPOSE) -> bool:
    """Whether a system may do this with a case, by the one table of rules."""
    return judge(Facts(Asked(action, at_work(client, case.area), purpose), case)).allowed


def follow(client: Client, case_id: UUID) -> Followed:
    """One case. Raises CaseNotFound: there is none, or it is not for this client."""
    with _its(client, case_id, "follow") as case:
        timeline = queries.timeline_for_resident(case.id)
        is_hidden = hiding.level_in(case) is not Level.NONE
        _log(client, case, TOLD if is_hidden else (*TOLD, "unit"), timeline)
        shown, timeline = sender.shown(case, timeline), sender.without_outcomes(case, timeline)
        if is_hidden:
            return Followed(case, shown, "", hiding.placeless(timeline))
        unit = sender.unit_shown(case, shown)
        return Followed(case, shown, unit.name if unit else "", timeline)


def documents(client: Client, case_id: UUID) -> list[OpenedDocument]:
    """The documents of a case that its resident has too, oldest first; of a protected one none. Raises CaseNotFound."""
    with _its(client, case_id, "follow-documents") as case:
        is_hidden = hiding.level_in(case) is not Level.NONE
        found = [] if is_hidden else list(_documents(case).order_by("created_at", "id"))
        _log(client, case, () if is_hidden else (readings.DOCUMENTS,), found)
        return [open_document(each, case.key) for each in found if sender.has(case, each)]


def download(client: Client, case_id: UUID, document_id: UUID) -> tuple[OpenedDocument, bytes]:
    """A document with its content, made now if it was not yet. Raises CaseNotFound, also when there is no such document."""
    with _its(client, case_id, "follow-documents") as case:
        document = _documents(case).filter(id=document_id).first()
        if document is None or not sender.has(case, document) or hiding.level_in(case) is not Level.NONE:
            raise CaseNotFound()
        make(document, case)
        readings.log_document(case, document, _actor_in(client, case), PURPOSE, readings.DOCUMENTS)
        return open_document(document, case.key), content_of(document, case)


@contextmanager
def _its(client: Client, case_id: UUID, action: str) -> Iterator[Case]:
    """A case with which the client may do this, and the login of its area. Raises CaseNotFound."""
    for area in client.areas:
        with use(client.municipality, area):
            case = Case.objects.filter(id=case_id).first()
            if case is not None and not case.is_erased and may(client, action, case):
                yield case
                return
    raise CaseNotFound()


def _documents(case: Case) -> QuerySet[Document]:
    return Document.objects.filter(case_id=case.id, visible_to_resident=True)


def _log(client: Client, case: Case, kinds: Sequence[str], shown: Collection[Model]) -> None:
    readings.log_case(case, _actor_in(client, case), PURPOSE, kinds, shown)


def _actor_in(client: Client, case: Case) -> Actor:
    return at_work(client, case.area).as_actor(case)


@dataclass(frozen=True)
class News:
    """Changes in the order that they were committed, and where to go on. `is_more`: there are more already."""

    changes: list[Change]
    cursor: str
    is_more: bool


def news(client: Client, cursor: str | None, limit: int) -> News:
    """What has happened in the client's cases since a cursor; from the beginning without one.

    Nothing is passed by and nothing comes twice: an event is told of when nothing can be written before it any more. A
    cursor is good for ever; only when the municipality was restored from before it was made is it a wrong one. A row of
    the log in each area tells which cases were told of.

    Raises WrongCursor.
    """
    held = _opened(client, cursor) if cursor is not None else None
    with use(client.municipality, client.areas[0]):
        if held and not queries.knows_run(held.run, held.started):
            raise WrongCursor()
        settled = queries.settled()
    after, found = held.place if held else _START, list[Change]()
    for area in client.areas:
        with use(client.municipality, area):
            theirs = queries.theirs(at_work(client, area), "follow-changes", PURPOSE)
            found += queries.changes(area, theirs, after, settled.before, limit + 1)
    found.sort(key=lambda change: change.place)
    shown, is_more = _as_sent(client, found[:limit]), len(found) > limit
    reached = shown[-1].place if is_more else Place(settled.before, UUID(int=0))
    _log_told(client, shown)
    return News(shown, _sealed(client, _Cursor(reached, settled.run, settled.started)), is_more)


def _as_sent(client: Client, told: Sequence[Change]) -> list[Change]:
    """Each with the state that its case's sender is shown. One statement in an area where one of them is no party."""
    states: dict[UUID, str] = {}
    for area in client.areas:
        ids = {each.case_id for each in told if each.area == area and not _shows_all_to_everybody(each)}
        if ids:
            with use(client.municipality, area):
                held = list(Case.objects.filter(id__in=ids))
                states |= {case: shown.state for case, shown in sender.shown_together(held).items()}
    return [replace(each, state=states.get(each.case_id, each.state)) for each in told]


def _shows_all_to_everybody(change: Change) -> bool:
    return at_version(change.service, change.version).package.sender.shows_all


def _log_told(client: Client, shown: Sequence[Change]) -> None:
    """That changes are told, before they are: a row of each area with the ids of its cases. Nothing new is no reading."""
    by_area: dict[str, dict[UUID, None]] = {}  # each case once, as they are told
    for change in shown:
        by_area.setdefault(change.area, {})[change.case_id] = None
    for area, told in by_area.items():
        with use(client.municipality, area):
            access.log_list(at_work(client, area).as_actor(), area=area, purpose=PURPOSE, shown=told, field_kinds=TOLD)


@dataclass(frozen=True)
class _Cursor:
    """A place, and the newest run of the server when it was reached."""

    place: Place
    run: int
    started: datetime | None


def _sealed(client: Client, cursor: _Cursor) -> str:
    started = cursor.started.isoformat() if cursor.started else None
    held = json.dumps([cursor.place.at, cursor.place.id.hex, cursor.run, started])
    return vault.seal_for_url(client.municipality, "municipality", _CURSOR, held)


def _opened(client: Client, cursor: str) -> _Cursor:
    try:
        at, row, run, started = json.loads(vault.open_from_url(client.municipality, "municipality", _CURSOR, cursor))
    except (vault.CannotOpen, ValueError):
        raise WrongCursor() from None
    return _Cursor(Place(at, UUID(hex=row)), run, datetime.fromisoformat(started) if started else None)
