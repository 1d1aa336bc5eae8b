"""Why somebody reads or changes something: one table, with the legal basis of each purpose and its words.

A row of the log names a purpose by its id, and staff and residents read the same words. What the resident's own log
leaves out is another table: `resident_log.RULES`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_PUBLIC_TASK = "personvernforordningen art. 6 nr. 1 e"


class Stated(StrEnum):
    """How a purpose comes into a row: chosen by staff who open a case, or told by what is done."""

    CHOSEN = "chosen"
    TOLD = "told"


@dataclass(frozen=True)
class Purpose:
    id: str
    text: str | Promise
    legal_basis: str
    stated: Stated = Stated.TOLD


PURPOSES: dict[str, Purpose] = {
    purpose.id: purpose
    for purpose in (
        Purpose("case-handling", _("To handle the case"), f"{_PUBLIC_TASK}; forvaltningsloven § 17", Stated.CHOSEN),
        Purpose("supervision", _("To lead or supervise the work"), "kommuneloven § 25-1", Stated.CHOSEN),
        Purpose(
            "party-inquiry", _("To answer somebody who asks about the case"), "forvaltningsloven § 11", Stated.CHOSEN
        ),
        Purpose("quality-control", _("To check the quality of the work"), "kommuneloven § 25-1", Stated.CHOSEN),
        Purpose("state-report", _("To report to a register of the state"), "kommuneloven kapittel 16"),
        Purpose("archive", _("To keep the records"), "arkivlova", Stated.CHOSEN),
        Purpose("break-glass", _("To prevent serious harm"), "personvernforordningen art. 6 nr. 1 d"),
        Purpose("review", _("To check who has looked, and why"), "personvernforordningen art. 32"),
        Purpose("disqualification", _("To see whether staff are disqualified"), "forvaltningsloven § 6"),
        Purpose("see-protection", _("To see whether an address is protected"), "folkeregisterloven § 10-4"),
        # Why somebody must see where a protected person lives: stated in a case, each time.
        Purpose("decide", _("To decide the case by what was sent"), f"{_PUBLIC_TASK}; forvaltningsloven § 17"),
        Purpose("visit", _("To visit the person at home"), _PUBLIC_TASK),
        Purpose("transport", _("To arrange transport or help at home"), _PUBLIC_TASK),
        Purpose("placement", _("To give a place in a school or kindergarten"), _PUBLIC_TASK),
        Purpose("reach", _("To reach the person by letter or telephone"), f"{_PUBLIC_TASK}; forvaltningsloven § 16"),
        Purpose("danger", _("To prevent danger to life or health"), "personvernforordningen art. 6 nr. 1 d"),
        Purpose("work-list", _("To find the cases to work with"), _PUBLIC_TASK),
        Purpose("waiting-list", _("To see who waits, and for what"), _PUBLIC_TASK),
        Purpose("payment", _("To pay what is granted"), _PUBLIC_TASK),
        Purpose("register-on-behalf", _("To register for somebody"), f"{_PUBLIC_TASK}; forvaltningsloven § 11"),
        Purpose("application", _("To send it in"), _PUBLIC_TASK),
        Purpose("dialogue", _("Messages in the case"), f"{_PUBLIC_TASK}; forvaltningsloven § 17"),
        Purpose("integration", _("So that another system can follow the case"), _PUBLIC_TASK),
        Purpose("transfer", _("To hand the case over"), f"{_PUBLIC_TASK}; forvaltningsloven § 11"),
        Purpose("keep-from-log", _("To protect somebody from danger"), "personopplysningsloven § 16"),
        Purpose("own-case", _("Their own case"), "personvernforordningen art. 15"),
        Purpose("let-see", _("Because it was allowed"), "personvernforordningen art. 6 nr. 1 a og art. 9 nr. 2 a"),
        Purpose("own-log", _("The resident's own log"), "personvernforordningen art. 15"),
        Purpose("log-keeping", _("To keep the log itself"), "personvernforordningen art. 32"),
    )
}
CHOSEN = tuple(purpose.id for purpose in PURPOSES.values() if purpose.stated is Stated.CHOSEN)
BREAK_GLASS = "break-glass"
FOR_STAFF = frozenset({*CHOSEN, "work-list", "waiting-list", "payment", "review", "state-report", BREAK_GLASS})
FOR_SYSTEMS = frozenset({"integration", "application"})


def may_state(purpose: str, *, by_break_glass: bool, by_system: bool = False) -> bool:
    """Whether one may read a case for this: what broken glass alone opens is opened for that, and for nothing else."""
    if by_system:
        return purpose in FOR_SYSTEMS
    return purpose in FOR_STAFF and (purpose == BREAK_GLASS) == by_break_glass


def legal_basis_of(purpose: str) -> str:
    """On what ground somebody reads or changes for this purpose. Raises KeyError: no such purpose is in the table."""
    return PURPOSES[purpose].legal_basis


def words(purpose: str) -> str:
    """What a purpose is called, in the language of the page; the id itself for one that was once, and is no more."""
    known = PURPOSES.get(purpose)
    return str(known.text) if known else purpose
