"""What is kept in a case beside what was sent: a record of each kind, with a word in each field, changed and ended.

Vera and Tora have a case each of a service that keeps records of every kind; Gunn, who has stated a need, writes them.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from allmenning.basics import dates
from allmenning.journeys import casework, outbox, paying, protecting, recording
from allmenning.journeys.tests.keeping import SERVICE, offer, package
from allmenning.municipal.access.queries import working_as
from allmenning.tenancy import use

from .family import GUNN, NAMES_OF, TORA, VERA, Family, Sent, filled, resident, send

_CHOICES = {"topic": "culture", "is_follow_up": False, "sender": "self"}
# What each kind asks for that takes no word: a form's own pattern or limit.
RECORDED: dict[str, dict[str, Any]] = {
    "plan": {"expert": True},
    "measure": {},
    "evaluation": {},
    "functioning": {},
    "weekly-plan": {"visits": [{"weekday": "monday", "time": "08.00", "minutes": 30}]},
    "visit": {"given": "not-given", "time": "08.00", "minutes": 0},
    "payment": {"due_on": "2026-01-01", "account": "12345678903"},
    "nursing-home": {},
}
# What pages of payments may show of a case: what is paid, and to whom.
PAID = frozenset(package().record_kind("payment").schema["properties"])
_NO_WORDS = ("time", "minutes", "account")


def plant(family: Family) -> None:
    offer(family.place)
    for who in (VERA, TORA):
        _write(family, send(family, resident(who), SERVICE, _CHOICES, files=False))
    # What was sent is the inquiry's own form, which others answer whole.
    family.asked -= {path for path in family.asked if path[0] == SERVICE}
    family.asked -= {path for path in family.asked if path[0].startswith(f"{SERVICE}/") and path[-1] in _NO_WORDS}
    outbox.drain(family.place.id, "ordinary")


def of(family: Family, who: str) -> list[Sent]:
    """The case of one of them in which records are kept."""
    return [each for each in family.of(who) if each.service == SERVICE]


def _write(family: Family, sent: Sent) -> None:
    words, place = family.words, family.place
    words.whose, words.case = NAMES_OF[sent.whose], sent.label
    with use(place.id, "ordinary"):
        gunn = working_as(place.staff["gunn"].id, "ordinary")
        key, rows = casework.staff_resident_key(place.id, GUNN), dict[str, Any]()
        protecting.state_need(sent.id, "decide", gunn, staff_key=key)
        for kind in package().records:
            draft = recording.Draft(_filled(family, kind.id), why="")
            series = rows[kind.of].series if kind.of else None
            rows[kind.id] = recording.begin(sent.id, kind.id, draft, gunn, staff_key=key, of_series=series)
        draft = recording.Draft(_filled(family, "measure"), why=words.word("why it was changed"))
        series = rows["measure"].series
        recording.revise(sent.id, "measure", series, draft, gunn, version=1, staff_key=key)
        why, today = words.word("why it was ended"), dates.today()
        recording.end(sent.id, "measure", series, gunn, status="ended", day=today, why=why, version=2, staff_key=key)
        paying.make_file(gunn, dates.today())


def _filled(family: Family, kind: str) -> dict[str, Any]:
    form = recording.form_of(SERVICE, package().version, kind)
    return filled(family, f"{SERVICE}/{kind}", form, deepcopy(RECORDED[kind]))
