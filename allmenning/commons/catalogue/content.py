"""A service package as frozen values: what is in the folder, with names instead of files. `reading` makes it of the files."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from allmenning.basics.errors import AllmenningError
from allmenning.basics.norwegian import LANGUAGES
from allmenning.rules.tables import Table

from .records import RecordKind
from .texts import Text

APPLICANT = "applicant"  # among those whom an outcome's letter goes to: who sent the case


class NoSuchPackage(AllmenningError):
    """There is no service in the folder {folder}."""


class UnreadablePackage(AllmenningError):
    """The service's file {file} can't be read."""


class NoSuchLetter(AllmenningError):
    """The service has no letter for the outcome {outcome} in the language {language}."""


class NoSuchOutcome(AllmenningError):
    """The service has no outcome {outcome}."""


class NoSuchRecordKind(AllmenningError):
    """The service keeps no record of the kind {kind}."""


@dataclass(frozen=True, slots=True)
class LegalBasis:
    """A law and section that the service stands on. `confirmed` is False until somebody has read it in its source."""

    id: str
    law: Text
    section: str
    about: Text
    citation: str
    source: Text
    confirmed: bool

    def citation_in(self, language: str) -> str:
        """`foreldrebetalingsforskriften § 3 b`, the section on one line."""
        section = self.section.replace(" ", "\N{NO-BREAK SPACE}")
        return f"{self.law[language]} {section}".strip()


@dataclass(frozen=True, slots=True)
class Retention:
    """What becomes of the records (Noark: bevares / kasseres): `rule` is `preserve` or `dispose` (after `years`)."""

    rule: str
    years: int | None
    starts: str
    about: Text
    source: Text
    confirmed: bool


@dataclass(frozen=True, slots=True)
class Extension:
    """How a deadline can be extended: to a duration in all, from the same day, by somebody with the role, with reasons."""

    to: str
    role: str


@dataclass(frozen=True, slots=True)
class Deadline:
    """A deadline of the work, with its legal basis (an id) if a law sets it. How it is counted: `catalogue.deadlines`.

    duration: ISO 8601; empty where `measured_by` names the dated or adjustable value that it is.
    starts: received, decided, opened:<phase>, phase:<id> (from when it was concluded), result:<id>, value.<name> (a date in
    the decision) or record.<kind>.<date>; empty where it runs from the day that another, `after`, ends.
    met_by: result, decided, result:<id>, step:<id>, message:<kind>, phase:<id>, record:<kind>; empty: as `met_by_any` says.
    phase: it is only for a case that is in this phase, or has been.
    on_transfer: whether it continues or restarts when the case comes from another municipality.
    """

    id: str
    title: Text
    duration: str
    starts: str
    legal_basis: str | None
    pauses: bool
    measured_by: str | None = None
    after: str | None = None
    when: str | None = None
    extend: Extension | None = None
    met_by: tuple[str, ...] = ()
    repeats: str | None = None
    until: str | None = None
    phase: str | None = None
    shown_to_sender: bool = True
    on_transfer: str = "continues"
    on_working_day: bool = False

    @property
    def met_by_any(self) -> tuple[str, ...]:
        """What meets it. Where the folder says nothing: the decision, and a preliminary reply the deadline of that name; a
        date in a record is met by what happens to that record.
        """
        if self.met_by or self.starts.startswith("record."):
            return self.met_by
        return ("decided", f"message:{self.id}") if self.id == "preliminary-reply" else ("decided",)

    @property
    def waits_for_answer(self) -> bool:
        """Whether it is met by a decision: any, or those that the folder names."""
        return any(word == "decided" or word.startswith("result:") for word in self.met_by_any)

    @property
    def begins_anew(self) -> bool:
        """Whether an appeal or a follow-up begins it again: it is for the answer, and is met by one."""
        return self.starts == "received" and self.waits_for_answer


@dataclass(frozen=True, slots=True)
class Signing:
    """Who the folder proposes may sign; the municipality's own delegation decides."""

    role: str
    unit: str
    second_person: bool


@dataclass(frozen=True, slots=True)
class Adjustable:
    """A value that each municipality may set itself, within bounds.

    `type`: ore, integer, boolean or choice. `default`, `least` and `most` are values, or `dated:<id>`: what a dated
    value is on the day.
    """

    id: str
    title: Text
    help: Text | None
    type: str
    default: Any
    least: Any = None
    most: Any = None
    choices: Mapping[str, Text] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DatedRow:
    """A value from a day (and, when it is known to end, until one), with where it was read."""

    starts: date
    ends: date | None
    value: Any
    source: Text
    confirmed: bool


@dataclass(frozen=True, slots=True)
class Dated:
    """A value that the law or the budget changes over time."""

    id: str
    title: Text
    type: str
    rows: tuple[DatedRow, ...]

    def on(self, day: date) -> DatedRow | None:
        """The row that holds on a day; None before the first one, and when the last one has run out."""
        for row in sorted(self.rows, key=lambda each: each.starts, reverse=True):
            if row.starts <= day:
                return row if row.ends is None or day <= row.ends else None
        return None


@dataclass(frozen=True, slots=True)
class MinutesSaved:
    """How many minutes of work one case saves, and who says so."""

    minutes: int
    source: Text
    confirmed: bool


@dataclass(frozen=True, slots=True)
class Link:
    title: Text
    url: str


@dataclass(frozen=True, slots=True)
class State:
    """A state that a case can be in. `waits_for`: municipality, applicant, other or nobody."""

    id: str
    title: Text
    open: bool
    waits_for: str


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the routine. `role` and `unit` say who does it; `automatic` ones run by themselves.

    `unit` is a kind of unit, or `handling`: the one that the case was routed to. `deadline` is an ISO 8601 duration
    from when the case was received, or None. `when`: an expression on the answers and what the tables give: only then it is there.
    """

    id: str
    title: Text
    automatic: bool
    action: str
    role: str | None
    unit: str | None
    deadline: str | None
    about: Text | None
    when: str | None = None


@dataclass(frozen=True, slots=True)
class PhaseStep:
    """What is done in a phase, by somebody with the role. It begins when the phase is opened, `deadline` too.

    is_required: the phase is not concluded before it was done once. repeats: done as often as it is needed.
    """

    id: str
    title: Text
    role: str
    is_required: bool
    repeats: bool
    deadline: str | None
    about: Text | None


@dataclass(frozen=True, slots=True)
class ForEach:
    """Whom a case of their own is opened for: each line of a list in the form, by its fields with the name and number.

    title: what staff call such a case; without one, as the service.
    """

    each: str
    name: str
    number: str | None = None
    title: Text | None = None


@dataclass(frozen=True, slots=True)
class Phase:
    """A part of the work that a case goes through. How cases move: `catalogue.phases`.

    opened_by, concluded_by: outcome:<id> and result:<id>; opened also by received, and phase:<id> when that was concluded.
    decides: what is decided in it while it goes on. by_hand: the role that may conclude it without a decision, with a
    reason; and whether that closes the case. for_each: it is opened in cases of their own, and not in the one that was sent in.
    """

    id: str
    title: Text
    about: Text | None
    opened_by: tuple[str, ...]
    concluded_by: tuple[str, ...]
    decides: tuple[str, ...]
    by_hand: str | None
    closes: bool
    steps: tuple[PhaseStep, ...]
    for_each: ForEach | None

    @property
    def required(self) -> tuple[PhaseStep, ...]:
        return tuple(each for each in self.steps if each.is_required)


@dataclass(frozen=True, slots=True)
class Appeal:
    """Whether and how an outcome can be appealed. `why` tells why not; `to` receives the appeal, `body` settles it."""

    allowed: bool
    weeks: int | None = None
    to: Text | None = None
    body: Text | None = None
    legal_basis: tuple[str, ...] = ()
    why: Text | None = None


@dataclass(frozen=True, slots=True)
class OutcomeKind:
    """An outcome of the routine. `kind`: individual-decision, answer, hand-over, forwarding or withdrawal.

    An individual decision (enkeltvedtak) can't be issued without reasons, legal basis and appeal notice. When an outcome
    with `hand_over_to` is issued, the application goes to that receiver as one package; `municipality` is the whole case,
    to the one that a value names. sender_follows: whether the sender follows the case there too. `to`: who
    gets the letter, each their own: parties of the service, and `applicant`.

    told_when: an expression on what the tables give; where it does not hold, nothing reaches the sender: no letter, no
    event, no state. None: the sender is always told. shown_as: the title that the sender sees; the outcome's own without it.
    """

    id: str
    title: Text
    kind: str
    closes: bool
    chosen_by: tuple[str, ...]
    requires_second_person: bool
    appeal: Appeal
    legal_basis: tuple[str, ...]
    hand_over_to: str | None = None
    sender_follows: bool = True
    to: tuple[str, ...] = (APPLICANT,)
    told_when: str | None = None
    shown_as: Text | None = None

    @property
    def is_individual_decision(self) -> bool:
        return self.kind == "individual-decision"

    @property
    def told_title(self) -> Text:
        """What the sender reads that it is called."""
        return self.shown_as or self.title


@dataclass(frozen=True, slots=True)
class Promise:
    """That the sender gets an answer by the day that a deadline ends, as it is counted when the case comes.

    when: an expression on the answers and what the tables give: to whom it is promised.
    """

    deadline: str
    when: str


@dataclass(frozen=True, slots=True)
class Sender:
    """What the sender is shown of a case, and may do with it. A sender who is no party is shown and may do less.

    when: an expression on the answers and what the tables give: of which senders this is said; None: of each.
    shows_all: the state and what happens in the case; otherwise only whether they have been answered. due: by when they
    get an answer, which follows what happens. promise: the same, said once and never changed. says: what they are told of the
    answer while they wait, where none is promised. may_copy: whether they can take with them what they sent.
    """

    when: str | None = None
    shows_all: bool = True
    due: bool = True
    promise: Promise | None = None
    says: Text | None = None
    may_withdraw: bool = True
    may_ask_for_access: bool = True
    may_follow_up: bool = True
    may_copy: bool = True

    def in_case(self, *, is_no_party: bool) -> Sender:
        """What holds for who sent a case, where it is known whether the service means them."""
        return self if self.when is None or is_no_party else Sender()


@dataclass(frozen=True, slots=True)
class Contact:
    """Where the sender says how they can be reached safely, in a field of the form: nothing leaves before it is cleared.

    when: an expression on what the tables give; None: always.
    """

    field: str
    when: str | None


@dataclass(frozen=True, slots=True)
class ResultKind:
    """What is decided, apart from what the sender is told: `answers` names the outcome for each `told_as` of the tables.

    The sender is never shown it. `needs_reasons`: it must say why.
    """

    id: str
    title: Text
    needs_reasons: bool
    answers: Mapping[str, str]

    def answers_to(self, told_as: str | None) -> tuple[str, ...]:
        """The outcome that the sender is told; each that there is, where the tables did not say who they are."""
        if told_as is not None and told_as in self.answers:
            return (self.answers[told_as],)
        return tuple(dict.fromkeys(self.answers.values()))


@dataclass(frozen=True, slots=True)
class PartyKind:
    """Somebody whom a case of the service has to do with, besides who sent it: a role, and which answers make one.

    each: the repeating group that makes one for each row. name, number: the fields that they are named by; without a name's
    field, staff add them by hand alone. when, is_party: expressions over `form`, `item` (the row), `values` that are dated, `on` (the day that the
    case was sent, or opened) and `own_case` (whether it was opened for one of the rows).
    applicant_when: who sent it has this role themselves.
    """

    id: str
    title: Text
    is_party: str
    each: str | None = None
    name: str | None = None
    number: str | None = None
    when: str = "true"
    applicant_when: str = "false"


@dataclass(frozen=True, slots=True)
class ConsentKind:
    """Something that somebody may consent to: what it is called, and what it means, in plain words. See `consents.py`.

    given_by: who may give it: `applicant`, and kinds of parties. how_many: an expression: of how many it is needed.
    gives: for each of them, the expression by which an answer gives it; given_on, document: the fields with its day and paper.
    duration, measured_by: how long it holds, as a deadline's; for ever where both are empty. needed_before: `step:<id>`,
    `outcome:<id>` and `letter:<party>`; of those with the same `one_of` one is enough. lets, sees: the kind of party that it lets see what: scopes
    of records.yaml, and `letters`.
    """

    id: str
    title: Text
    about: Text
    given_by: tuple[str, ...]
    how_many: str
    gives: Mapping[str, str]
    given_on: str | None
    document: str | None
    duration: str
    measured_by: str | None
    needed_before: tuple[str, ...]
    one_of: str | None
    lets: str | None
    sees: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NoteKind:
    """A kind of note that the service's journals have besides the common ones."""

    id: str
    title: Text


@dataclass(frozen=True, slots=True)
class ReasonText:
    """The words of a reason. `each` names the list in the result whose rows it is written for."""

    id: str
    text: Text
    each: str | None = None


@dataclass(frozen=True, slots=True)
class ListRow:
    """One line of a list in a letter, shown `when` the expression holds (always, if there is none)."""

    text: Text
    when: str | None = None
    each: str | None = None


@dataclass(frozen=True, slots=True)
class Value:
    """A value that letters may show as `value.<id>`. `source`: `decision` (from the tables), `list` or `caseworker`
    (written at the desk before the letter)."""

    id: str
    title: Text
    source: str
    required: bool = True
    outcomes: tuple[str, ...] = ()
    is_municipality: bool = False


@dataclass(frozen=True, slots=True)
class Comparison:
    """An answer to compare with a register when the form is sent: the field, the register (`skatteetaten:inntekt`) and
    whose entry (`applicant`, `partner`, `organisation`); `number` is the field with that person's identity number.

    The result is what `decide` is told is confirmed or contradicted. It is never shown to the applicant: a partner's
    income is the partner's own.
    """

    field: str
    source: str
    of: str
    number: str | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    """Somebody who may do something. `who`: anyone, resident, organisation, applicant, receipt-code or staff;
    for staff, the role and the unit (a kind of unit, `handling`, or `any`)."""

    who: str
    role: str | None = None
    unit: str | None = None


@dataclass(frozen=True)
class Access:
    """Who may start, read, decide and delegate; `login` is `required` or `optional`."""

    login: str
    start: tuple[Grant, ...]
    read: tuple[Grant, ...]
    decide: tuple[Grant, ...]
    delegate: tuple[Grant, ...]

    def may(self, action: str, actor: Grant, *, handling_unit: str | None = None) -> bool:
        """Whether the folder lets `actor` do it. The municipality's own rules may be narrower, never wider."""
        grants: tuple[Grant, ...] = getattr(self, action)
        return any(_covers(grant, actor, handling_unit) for grant in grants)


def _covers(grant: Grant, actor: Grant, handling_unit: str | None) -> bool:
    if grant.who == "anyone":
        return True
    if grant.who != actor.who:
        return False
    if grant.who != "staff":
        return True
    unit = handling_unit if grant.unit == "handling" else grant.unit
    return grant.role in (None, actor.role) and (unit == "any" or unit is None or unit == actor.unit)


def _sections(sections: list[str], language: str) -> str:
    """`["§ 1", "§ 3 b"]` as `§§ 1 og 3 b`."""
    if len(sections) < 2 or any(not each.startswith("§ ") for each in sections):
        return ", ".join(sections)
    numbers = [each.removeprefix("§ ") for each in sections]
    return f"§§ {', '.join(numbers[:-1])} {'and' if language == 'en' else 'og'} {numbers[-1]}"


@dataclass(frozen=True)
class ServicePackage:
    """A service: everything in its folder. Make it with `load(folder)` or `from_files(files)`; never by hand.

    The texts are `Text` (three languages). `form_schema` and `form_ui` go to `rules.forms.Form`. `decide` is in
    `allmenning.commons.catalogue.package`.
    """

    id: str
    version: str
    title: Text
    summary: Text
    description: Text
    who: Text
    expected_time: Text
    needs: tuple[Text, ...]
    owner: Text
    owner_kind: str
    area: str
    audience: tuple[str, ...]
    sensitivity: str
    los: tuple[str, ...]
    synonyms: Mapping[str, tuple[str, ...]]
    legal_basis: tuple[LegalBasis, ...]
    retention: Retention
    deadlines: tuple[Deadline, ...]
    signing: Signing
    adjustable: tuple[Adjustable, ...]
    dated: tuple[Dated, ...]
    dated_on: str | None
    takes_anything: bool
    minutes_saved: MinutesSaved
    links: tuple[Link, ...]
    notices: tuple[Text, ...]
    states: tuple[State, ...]
    steps: tuple[Step, ...]
    outcomes: tuple[OutcomeKind, ...]
    results: tuple[ResultKind, ...]
    note_kinds: tuple[NoteKind, ...]
    phases: tuple[Phase, ...]
    parties: tuple[PartyKind, ...]
    consents: tuple[ConsentKind, ...]
    sender: Sender
    contact: Contact | None
    reasons: Mapping[str, ReasonText]
    uncertain: Mapping[str, Text]
    missing: Mapping[str, Text]
    values: tuple[Value, ...]
    lists: Mapping[str, tuple[ListRow, ...]]
    compares: tuple[Comparison, ...]
    decides_by_itself: bool
    may_ask_for_a_person: bool
    may_follow_up: bool
    access: Access
    form_schema: Mapping[str, Any]
    form_ui: Mapping[str, Any]
    decision: Mapping[str, Any]
    records: tuple[RecordKind, ...]
    files: Mapping[str, str] = field(repr=False)

    @property
    def asks_what_was_decided(self) -> bool:
        """Whether the tables may read `decided`: what was issued in the case before."""
        return "decided" in self.files["decision.json"]

    @cached_property
    def sha256(self) -> str:
        """The fingerprint of every file in the folder: the same content gives the same one on every machine."""
        canonical = json.dumps(dict(sorted(self.files.items())), ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()

    @cached_property
    def table(self) -> Table:
        return Table(self.decision)

    def outcome(self, outcome: str) -> OutcomeKind:
        """Raises `NoSuchOutcome`."""
        for each in self.outcomes:
            if each.id == outcome:
                return each
        raise NoSuchOutcome(outcome=outcome)

    def result(self, result: str) -> ResultKind | None:
        """What is decided apart from what is told, by its id; None where the service has no such result."""
        return next((each for each in self.results if each.id == result), None)

    def phase(self, phase: str) -> Phase | None:
        """Part of the work, by its id; None where the service has no such phase."""
        return next((each for each in self.phases if each.id == phase), None)

    @property
    def all_steps(self) -> Mapping[str, Step | PhaseStep]:
        """Every step by its id: those that a case begins with, and those of its phases."""
        of_phases = {step.id: step for phase in self.phases for step in phase.steps}
        return {**{step.id: step for step in self.steps}, **of_phases}

    @property
    def answers(self) -> frozenset[str]:
        """The outcomes that are what the sender is told of a result: none is issued without one."""
        return frozenset(outcome for each in self.results for outcome in each.answers.values())

    def record_kind(self, kind: str) -> RecordKind:
        """Raises `NoSuchRecordKind`."""
        for each in self.records:
            if each.id == kind:
                return each
        raise NoSuchRecordKind(kind=kind)

    def state(self, state: str) -> State:
        return next(each for each in self.states if each.id == state)

    def law(self, basis: str) -> LegalBasis:
        return next(each for each in self.legal_basis if each.id == basis)

    def citations(self, outcome: str, language: str) -> str:
        """The legal basis of an outcome in words: `barnehageloven § 20, foreldrebetalingsforskriften §§ 1 og 3 b`."""
        named = [self.law(each) for each in self.outcome(outcome).legal_basis]
        laws = dict.fromkeys(each.law[language] for each in named)
        sections = {law: [each.section for each in named if each.law[language] == law and each.section] for law in laws}
        return ", ".join(f"{law} {_sections(sections[law], language)}".strip() for law in laws)

    def letter_template(self, outcome: str, language: str, party: str = APPLICANT) -> str:
        """The Markdown of a letter, with named fields: a party's own, or the one for all. Raises `NoSuchLetter`."""
        own = self.files.get(f"letters/{outcome}.{party}.{language}.md")
        if own is not None:
            return own
        try:
            return self.files[f"letters/{outcome}.{language}.md"]
        except KeyError:
            raise NoSuchLetter(outcome=outcome, language=language) from None

    def letter_templates(self, outcome: str, language: str) -> tuple[str, ...]:
        """Every letter that an outcome has in a language: the one for all, and those of parties."""
        return tuple(self.letter_template(outcome, language, party) for party in self.outcome(outcome).to)

    def party(self, role: str) -> PartyKind | None:
        """What the service calls somebody with this role in a case; None for one that it does not name."""
        return next((each for each in self.parties if each.id == role), None)

    def consent(self, scope: str) -> ConsentKind | None:
        """What may be consented to, by its id; None where the service asks for no such consent."""
        return next((each for each in self.consents if each.id == scope), None)

    def dated_value(self, name: str, day: date) -> DatedRow | None:
        return next(each for each in self.dated if each.id == name).on(day)

    def entered_values(self, outcome: str) -> tuple[Value, ...]:
        """The values that a caseworker writes before this outcome's letter can be made."""
        return tuple(
            each
            for each in self.values
            if each.source == "caseworker" and (not each.outcomes or outcome in each.outcomes)
        )

    def letter_values(self, outcome: str) -> tuple[Value, ...]:
        """Every value that this outcome's letters show, whether the tables or a caseworker gives it.

        A caseworker may correct what the tables proposed, and must write it where they proposed nothing.
        """
        letters = "".join(each for language in LANGUAGES for each in self.letter_templates(outcome, language))
        used = set(re.findall(r"\{\{\s*value\.([a-z0-9_]+)\s*\}\}", letters))
        return tuple(each for each in self.values if each.id in used)

    @property
    def example_files(self) -> list[str]:
        return sorted(name for name in self.files if name.startswith("examples/"))
