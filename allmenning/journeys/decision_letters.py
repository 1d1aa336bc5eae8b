"""The letter of a decision: what it says, what it lacks before it can be sent, and what it is called."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import get_language

from allmenning.basics import dates
from allmenning.basics.errors import AllmenningError
from allmenning.basics.money import InvalidAmount, format_ore, parse_kroner
from allmenning.basics.text import clean_text
from allmenning.commons.catalogue import package as catalogue
from allmenning.commons.catalogue import record_tables
from allmenning.commons.catalogue.content import APPLICANT, OutcomeKind, Value
from allmenning.commons.catalogue.deadlines import dates_named
from allmenning.commons.catalogue.phases import opens_for
from allmenning.commons.catalogue.records import RecordKind, counts, is_needed
from allmenning.letters import FieldTable, LetterError, fields_used, render_letter
from allmenning.municipal.cases import records as case_records
from allmenning.municipal.cases.errors import (
    AmountUnreadable,
    AppealNoticeMissing,
    DateUnreadable,
    LegalBasisMissing,
    NobodyConcerned,
    NobodyIsParty,
    OutcomeNotInRoutine,
    ReasonsMissing,
    RecordGoesOn,
    RecordMissing,
    RecordNotEnough,
    ResultMissing,
    ResultReasonsMissing,
    ValueMissing,
)
from allmenning.municipal.cases.models import Case, Participant
from allmenning.municipal.cases.records import OpenedRecord

from .appealing import appeal_deadline
from .letterheads import letter_metadata, letterhead_for
from .offered import Offered
from .participants import Receiver, role_of_sender, to_whom
from .phases import NOWHERE, Where, keeps_from


@dataclass(frozen=True)
class Drafted:
    """What a caseworker wrote: an outcome, the reasons in paragraphs, and the values that the letter shows.

    result, result_reasons: what is decided apart from what the sender is told, and why; in no letter. concerns: where it opens cases
    of their own, the lines of the list that get one; None: all of them.
    """

    outcome: str
    reasons: Sequence[str]
    values: Mapping[str, Any]
    trace: Sequence[Mapping[str, Any]] = ()
    result: str = ""
    result_reasons: str = ""
    concerns: Sequence[int] | None = None


_NAMELESS = {"nb": "Brev fra kommunen", "nn": "Brev frå kommunen", "en": "Letter from the municipality"}


def letter_title(case: Case, offered: Offered, outcome: OutcomeKind, party: str = APPLICANT) -> str:
    """What the letter is called in the mailbox: its own heading. A sensitive service is never named."""
    if case.area != "ordinary":
        return _NAMELESS[case.language]
    template = offered.package.letter_template(outcome.id, case.language, party)
    heading = template.partition("\n")[0].removeprefix("# ").strip()
    return outcome.told_title[case.language] if "{{" in heading or not heading else heading


# The name that missing reasons have among missing values, in a letter that is no decision.
REASONS = "reasons"


def journal_title(case: Case, outcome: OutcomeKind, *, public: bool = False) -> str:
    """What the letter is called on record: the outcome and the case. A sensitive service is never named.

    public: for the public journal, which holds nothing of what the resident typed.
    """
    if case.area != "ordinary":
        return _NAMELESS["nb"]
    return f"{outcome.title['nb']}: {case.title if public else case.opened_title}"


def lacks(
    case: Case,
    drafted: Drafted,
    offered: Offered,
    *,
    caseworker: str,
    kept: Collection[OpenedRecord],
    answers: Mapping[str, Any],
    where: Where = NOWHERE,
    participants: Sequence[Participant] = (),
    consents: Sequence[AllmenningError] = (),
    is_told: bool = True,
) -> list[AllmenningError]:
    """Everything that keeps a draft from being issued, as failures that can be said in words.

    An individual decision has reasons, legal basis and appeal notice (forvaltningsloven §§ 24, 25, 27); and any letter
    must be possible to make.

    Args:
        answers: what was sent in, of which the service may ask whether a record is needed.
        where: the phases that the case is in.
        is_told: whether who sent it is told; of an individual decision somebody must be.
        kept: the case's records, at least those that `records_for` gives.
        participants: who else has to do with it, to whom the letter may go.
        consents: those that the outcome needs and that are not there.
    """
    outcome = outcome_of(offered, drafted.outcome)
    receivers = [each for each in to_whom(case, outcome, participants) if is_told or each.participant]
    if not receivers and outcome.told_when is not None and not outcome.is_individual_decision:
        return [*consents, *_lacks_decided(drafted, offered, where, kept, case.language, answers)]
    found: list[AllmenningError] = [*consents, *([] if receivers else [NobodyIsParty()])]
    if outcome.is_individual_decision:
        template = offered.package.letter_template(outcome.id, case.language)
        if not any(reason.strip() for reason in drafted.reasons):
            found.append(ReasonsMissing())
        if not outcome.legal_basis:
            found.append(LegalBasisMissing())
        if outcome.appeal.allowed and not (outcome.appeal.body and "appeal.deadline" in template):
            found.append(AppealNoticeMissing())
    elif shows_reasons(offered, outcome.id, case.language) and not any(each.strip() for each in drafted.reasons):
        found.append(ValueMissing(name=REASONS))
    found += [ValueMissing(name=value.id) for value in values_missing(case, drafted, offered)]
    found += _lacks_decided(drafted, offered, where, kept, case.language, answers)
    return found or _unmakeable(case, drafted, offered, caseworker, kept, participants)


def _lacks_decided(
    drafted: Drafted,
    offered: Offered,
    where: Where,
    kept: Collection[OpenedRecord],
    letter_language: str,
    answers: Mapping[str, Any],
) -> list[AllmenningError]:
    """What keeps something from being decided, whether anybody is told of it or not."""
    found = _lacks_result(drafted, offered)
    found += keeps_from(offered.package, drafted.outcome, drafted.result, where)
    found += [DateUnreadable(name=name) for name in _unreadable_dates(drafted, offered)]
    found += [AmountUnreadable(name=name) for name in _unreadable_amounts(drafted)]
    wanted = records_wanted(offered, drafted.outcome, letter_language)
    found += records_missing(wanted, kept, answers)
    found += records_going_on(offered, drafted.outcome, kept)
    return found


def _lacks_result(drafted: Drafted, offered: Offered) -> list[AllmenningError]:
    """An answer that follows from what is decided is given with that, and with why where the service asks for it."""
    result = offered.package.result(drafted.result)
    if result is None:
        return [ResultMissing()] if drafted.outcome in offered.package.answers else []
    found: list[AllmenningError] = []
    if result.needs_reasons and not drafted.result_reasons.strip():
        found.append(ResultReasonsMissing())
    if drafted.concerns is not None and not drafted.concerns and opens_for(offered.package, result.id):
        found.append(NobodyConcerned())
    return found


def _unreadable_dates(drafted: Drafted, offered: Offered) -> list[str]:
    """The values that a deadline runs from or lasts until, and that are given as something else than a date."""
    given = {name: drafted.values.get(name) for name in sorted(dates_named(offered.package))}
    return [name for name, value in given.items() if value and dates.read_date(str(value)) is None]


def _unreadable_amounts(drafted: Drafted) -> list[str]:
    """The values in øre that somebody typed, and that are no amount of kroner."""
    typed = {name: value for name, value in drafted.values.items() if name.endswith("_ore") and isinstance(value, str)}
    return [name for name, text in typed.items() if text.strip() and _amount(text) is None]


def as_amount(text: str, letter_language: str) -> str:
    """An amount that somebody typed, as the letter writes it; as it was typed, where it is none."""
    ore = _amount(text)
    return text if ore is None else format_ore(ore, letter_language)


def _amount(text: str) -> int | None:
    try:
        return parse_kroner(text)
    except InvalidAmount:
        return None


def shows_reasons(offered: Offered, outcome: str, language: str) -> bool:
    """Whether the letter of an outcome gives reasons: a decision must, and another letter may explain how things are."""
    template = offered.package.letter_template(outcome, language)
    return outcome_of(offered, outcome).is_individual_decision or "decision.reasons" in fields_used(template)


def records_missing(
    wanted: Iterable[RecordKind], kept: Collection[OpenedRecord], answers: Mapping[str, Any]
) -> list[AllmenningError]:
    """What the service wants written before an outcome is decided, or its letter shows, and is not there or not enough."""
    language = (get_language() or "nb")[:2]
    written = {kind.id: [each for each in kept if each.row.kind == kind.id] for kind in wanted}
    lacking = (kind for kind in wanted if is_needed(kind, answers))
    return [
        (RecordNotEnough if written[kind.id] else RecordMissing)(kind=kind.title[language])
        for kind in lacking
        if not any(counts(kind, each.answers, each.row.status) for each in written[kind.id])
    ]


def records_going_on(offered: Offered, outcome: str, kept: Collection[OpenedRecord]) -> list[AllmenningError]:
    """What the service wants ended before an outcome is decided, and goes on: of what is to be paid, what is due after today."""
    language, today = (get_language() or "nb")[:2], dates.today()
    left = {each.row.kind for each in kept if not each.row.is_over and (each.row.due_on or date.max) > today}
    return [
        RecordGoesOn(kind=kind.title[language])
        for kind in offered.package.records
        if outcome in kind.ended_before and kind.id in left
    ]


def records_wanted(offered: Offered, outcome: str, letter_language: str) -> list[RecordKind]:
    """The kinds of which there must be something before an outcome is decided."""
    shown = _shown_in_letter(offered, outcome, letter_language)
    needed = [kind for kind in shown if kind.none_in_letters is None]
    return [kind for kind in offered.package.records if outcome in kind.required_before or kind in needed]


def _shown_in_letter(offered: Offered, outcome: str, language: str) -> list[RecordKind]:
    if not any(kind.in_letters for kind in offered.package.records):
        return []
    fields = fields_used(offered.package.letter_template(outcome, language))
    return record_tables.shown_in(offered.package.records, fields)


def records_for(case: Case, offered: Offered, outcome: str, at: datetime | None = None) -> list[OpenedRecord]:
    """What an outcome needs of the case's records, and its letter shows: as they stand, or stood when it was decided."""
    wanted = records_wanted(offered, outcome, case.language)
    ended = [kind for kind in offered.package.records if outcome in kind.ended_before]
    kinds = {kind.id for kind in (*wanted, *ended, *_shown_in_letter(offered, outcome, case.language))}
    if not kinds:
        return []
    return case_records.open_records(case_records.standing_at(case.id, kinds, at or dates.now()), case.key)


def _tables(case: Case, offered: Offered, outcome: str, kept: Collection[OpenedRecord]) -> dict[str, FieldTable | str]:
    """What goes on of what the letter shows, in the order of when it holds, or was first written."""
    in_order = sorted(kept, key=lambda each: (each.row.starts or each.row.due_on or date.min, each.series))
    going_on = [each for each in in_order if not each.row.is_over]
    return {
        f"{record_tables.FIELD}{kind.id}": record_tables.value_of(
            kind, [each.answers for each in going_on if each.row.kind == kind.id], case.language
        )
        for kind in _shown_in_letter(offered, outcome, case.language)
    }


def values_shown(offered: Offered, outcome: str, language: str) -> list[Value]:
    """The values that the letters of an outcome show, as the templates name them; and where its case goes."""
    named = {name for each in offered.package.letter_templates(outcome, language) for name in fields_used(each)}
    return [
        value
        for value in offered.package.values
        if f"value.{value.id}" in named or (value.is_municipality and outcome in value.outcomes)
    ]


def values_missing(case: Case, drafted: Drafted, offered: Offered) -> list[Value]:
    """The values that the letter must show and that nobody has given."""
    shown = values_shown(offered, drafted.outcome, case.language)
    return [value for value in shown if value.required and not drafted.values.get(value.id)]


def _unmakeable(
    case: Case,
    drafted: Drafted,
    offered: Offered,
    caseworker: str,
    kept: Collection[OpenedRecord],
    participants: Sequence[Participant],
) -> list[AllmenningError]:
    try:
        for each in to_whom(case, outcome_of(offered, drafted.outcome), participants):
            make_letter(case, drafted, offered, on=dates.today(), caseworker=caseworker, kept=kept, to=each)
    except LetterError as error:
        return [error]
    return []


def make_preview(
    case: Case, drafted: Drafted, offered: Offered, *, caseworker: str, kept: Collection[OpenedRecord]
) -> bytes:
    """The letter of today. Raises LetterError, OutcomeNotInRoutine, UnsafeText."""
    cleaned = Drafted(
        drafted.outcome, [clean_text(reason) for reason in drafted.reasons], clean_values(drafted.values), drafted.trace
    )
    return make_letter(case, cleaned, offered, on=dates.today(), caseworker=caseworker, kept=kept)


def make_letter(
    case: Case,
    drafted: Drafted,
    offered: Offered,
    *,
    on: date,
    caseworker: str,
    approved_by: str = "",
    address: Sequence[str] = (),
    kept: Collection[OpenedRecord] = (),
    to: Receiver | None = None,
) -> bytes:
    """The letter of an outcome in the case's language, with the municipality's letterhead (PDF/A-2a, PDF/UA-1).

    kept: the case's records, of which it may show a table: those that stood when it was decided, so that a letter that is made
    again is the same letter. to: the party that it is for, where that is not who sent the case.
    """
    outcome = outcome_of(offered, drafted.outcome)
    handlers = ", ".join(name for name in (caseworker, approved_by) if name)
    head = letterhead_for(case)
    role = to.role if to and to.participant else role_of_sender(case, outcome)
    # The earliest last day: for one who gets the letter digitally today. On paper it is later, and the letter says so.
    deadline = appeal_deadline(outcome, on)
    fields = {
        "applicant.name": case.opened_applicant_name,
        "party.name": to.name if to else case.opened_applicant_name,
        "case.number": case.number,
        "case.title": offered.package.title[case.language],
        "decision.date": on,
        "decision.reasons": [r for r in drafted.reasons if r],
        "decision.outcome": outcome.told_title[case.language],
        "decision.legal_basis": offered.package.citations(outcome.id, case.language),
        "municipality.name": head.municipality,
        "unit.name": head.unit,
        "appeal.deadline": deadline or "",
        "appeal.body": outcome.appeal.body[case.language] if outcome.appeal.body else "",
        "caseworker.name": caseworker or head.unit or head.municipality,
        **{f"value.{name}": value for name, value in drafted.values.items()},
        **_tables(case, offered, outcome.id, kept),
    }
    return render_letter(
        offered.package.letter_template(outcome.id, case.language, role),
        {name: value for name, value in fields.items() if value not in ("", None, [])},
        head,
        case.language,
        letter_metadata(case, on=on, handler=handlers, address=address, recipient=to.name if to else ""),
    )


def clean_values(values: Mapping[str, Any]) -> dict[str, Any]:
    return {k: _clean_value(v) for k, v in values.items()}


def _clean_value(value: Any) -> Any:
    if isinstance(value, list):
        return [_clean_value(each) for each in value]
    return clean_text(value) if isinstance(value, str) else value


def outcome_of(offered: Offered, outcome: str) -> OutcomeKind:
    try:
        return offered.package.outcome(outcome)
    except catalogue.NoSuchOutcome:
        raise OutcomeNotInRoutine() from None
