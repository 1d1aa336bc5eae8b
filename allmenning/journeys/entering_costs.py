"""What a cooperation costs, as its treasurer enters it: from the ledger or by hand, with the supplier's invoice beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from allmenning.basics import dates
from allmenning.basics.errors import AllmenningError
from allmenning.basics.text import clean_text
from allmenning.basics.typed import FieldsWrong, Typed
from allmenning.commons.costs import entered, entering, errors
from allmenning.commons.costs.agreement import Agreement
from allmenning.commons.costs.cost_files import LONGEST
from allmenning.commons.costs.entered import Spent
from allmenning.commons.costs.locks import costs_of, writing
from allmenning.commons.costs.models import Budget, CostAttachment, CostBatch, CostLine, Grant, MeasuredUse, TakenOut
from allmenning.commons.costs.queries import Published
from allmenning.commons.costs.settling import Cost
from allmenning.commons.identity.offices import OfficeActing

from .offices import NotInYourRole, agreement_for
from .receiving import Upload, receive

AT_ONCE = 100  # lines on a page


@dataclass(frozen=True)
class Costs:
    """What was entered of a year: lines of a page, grants, and each project's sum beside its budget."""

    published: Published
    year: int
    lines: tuple[CostLine, ...]
    count: int
    page: int
    grants: tuple[Grant, ...]
    used: tuple[MeasuredUse, ...]
    spent: tuple[Spent, ...]
    attachments: dict[int, list[CostAttachment]]
    settled: frozenset[date]

    @property
    def agreement(self) -> Agreement:
        return self.published.agreement

    @property
    def pages(self) -> int:
        return max(1, -(-self.count // AT_ONCE))

    @property
    def by_use(self) -> bool:
        """Whether anything of it is shared by use."""
        return any(dated.rule.measures for dated in self.agreement.rules)

    def is_settled(self, day: date) -> bool:
        """Whether the period of a day is settled: what is entered of it now is a correction."""
        return self.agreement.period_of(day)[0] in self.settled

    def may_take_out(self, grant: Grant) -> bool:
        """Whether a grant may be a mistake still: its period is not settled, or it came after that."""
        return not self.is_settled(grant.day) or _waits(grant)


def _waits(row: CostLine | Grant) -> bool:
    """Whether it came too late for its period, and no settlement has it yet."""
    return hasattr(row, "correction") and not hasattr(row.correction, "settled")


def costs(by: OfficeActing, agreement: str, *, year: int, page: int = 1) -> Costs:
    """A year of an agreement. Raises UnknownAgreement."""
    published = agreement_for(by, agreement)
    start, end = date(year, 1, 1), date(year + 1, 1, 1)
    rows = entered.costs(agreement, start, end).order_by("-day", "-id")
    count = rows.count()
    page = max(1, min(page, -(-count // AT_ONCE)))
    grants = tuple(entered.grants(agreement, start, end))
    lines = tuple(rows[(page - 1) * AT_ONCE : page * AT_ONCE])
    return Costs(
        published=published,
        year=year,
        lines=lines,
        count=count,
        page=page,
        grants=grants,
        used=tuple(entered.used_in_year(agreement, start, end)),
        spent=tuple(entered.spent(agreement, year, grants)),
        attachments=entered.attachments([line.id for line in lines]),
        settled=frozenset(entered.issued_starts(agreement)),
    )


def newest_year(by: OfficeActing, agreement: str) -> int:
    """The last year that something was entered of; this year where nothing was. Raises UnknownAgreement."""
    agreement_for(by, agreement)
    day = entered.last_day(agreement)
    return (day or dates.today()).year


@dataclass(frozen=True)
class One:
    """A cost with its files; taken_out: if it no longer counts."""

    agreement: Agreement
    line: CostLine
    attachments: tuple[CostAttachment, ...]
    taken_out: TakenOut | None
    is_settled: bool


def one(by: OfficeActing, agreement: str, cost_id: int) -> One:
    """Raises UnknownAgreement, NoSuchCost."""
    agreed = agreement_for(by, agreement).agreement
    line = entered.cost(cost_id, agreement)
    files = tuple(entered.attachments([line.id]).get(line.id, ()))
    taken_out = TakenOut.objects.filter(cost=line).first()
    settled = agreed.period_of(line.day)[0] in entered.issued_starts(agreement)
    return One(agreed, line, files, taken_out, settled and not _waits(line))


def enter_file(by: OfficeActing, agreement: str, raw: bytes, file: str, *, late: bool = False) -> CostBatch:
    """Enter a ledger: all of it or none. Raises NotInYourRole, UnknownAgreement, FileWrong."""
    return entering.enter_file(of_treasurer(by, agreement), raw, file=clean_text(file), by=by.said, late=late)


def enter(by: OfficeActing, agreement: str, typed: Mapping[str, str], upload: Upload | None = None) -> CostLine:
    """Enter one cost, and the supplier's invoice beside it if it is there.

    Raises NotInYourRole, UnknownAgreement, FieldsWrong, UnacceptableFile, ScannerUnavailable, and what `entering.enter_cost` raises.
    """
    agreed = of_treasurer(by, agreement)
    cost = _cost(typed)
    received = receive(upload) if upload else None
    if received:
        entering.check_attachment(received.media_type, received.content)
    with beside({errors.NotMoreThanNothing: "net"}), writing(costs_of(agreement)):
        line = entering.enter_cost(
            agreed, cost, by=by.said, another_line=bool(typed.get("another_line")), late=bool(typed.get("late"))
        )
        if received:
            _attach(by, agreement, line.id, received.name, received.media_type, received.content)
    return line


def attach(by: OfficeActing, agreement: str, cost_id: int, upload: Upload) -> CostAttachment:
    """Put the supplier's invoice beside a cost. Raises as `enter`, and NoSuchCost."""
    of_treasurer(by, agreement)
    received = receive(upload)
    return _attach(by, agreement, cost_id, received.name, received.media_type, received.content)


def _attach(
    by: OfficeActing, agreement: str, cost_id: int, name: str, media_type: str, content: bytes
) -> CostAttachment:
    return entering.attach(cost_id, agreement=agreement, name=name, media_type=media_type, content=content, by=by.said)


def attachment(by: OfficeActing, agreement: str, id: int) -> tuple[CostAttachment, bytes]:
    """A supplier's invoice, opened. Raises UnknownAgreement, NoSuchCost."""
    agreement_for(by, agreement)
    found = entered.attachment(id, agreement)
    return found, entering.attached(found)


def take_out(by: OfficeActing, agreement: str, cost_id: int, reason: str) -> TakenOut:
    """A line was a mistake. Raises NotInYourRole, UnknownAgreement, NoSuchCost, IsMissing, TooLong, AlreadyTakenOut, PeriodSettled."""
    of_treasurer(by, agreement)
    return entering.take_out_cost(cost_id, reason, agreement=agreement, by=by.said)


def take_out_grant(by: OfficeActing, agreement: str, grant_id: int, reason: str) -> TakenOut:
    """A grant was a mistake. Raises as `take_out`."""
    of_treasurer(by, agreement)
    return entering.take_out_grant(grant_id, reason, agreement=agreement, by=by.said)


def enter_grant(by: OfficeActing, agreement: str, typed: Mapping[str, str]) -> Grant:
    """Raises NotInYourRole, UnknownAgreement, FieldsWrong, and what `entering.enter_grant` raises."""
    agreed = of_treasurer(by, agreement)
    read = Typed(typed)
    day, ore, giver = read.day("day"), read.ore("ore"), read.text("giver", longest=120)
    text, project = read.text("text", longest=300, optional=True), read["project"]
    read.done()
    with beside():
        return entering.enter_grant(agreed, day=day, giver=giver, text=text, ore=ore, project=project, by=by.said)


def enter_use(by: OfficeActing, agreement: str, typed: Mapping[str, str]) -> MeasuredUse:
    """Raises NotInYourRole, UnknownAgreement, FieldsWrong."""
    agreed = of_treasurer(by, agreement)
    read = Typed(typed)
    day, amount, measure = read.day("day"), read.number("amount", digits=12), read["measure"]
    source, party = read.text("source", longest=200), read.text("party", longest=120)
    read.done()
    with beside():
        return entering.enter_use(agreed, day, party=party, measure=measure, amount=amount, source=source, by=by.said)


def set_budget(by: OfficeActing, agreement: str, typed: Mapping[str, str]) -> Budget:
    """Raises NotInYourRole, UnknownAgreement, FieldsWrong."""
    agreed = of_treasurer(by, agreement)
    read = Typed(typed)
    year, ore = read.number("year"), read.ore("ore")
    read.done()
    with beside():
        return entering.set_budget(agreed, year=year, project=read["project"], ore=ore, by=by.said)


def of_treasurer(by: OfficeActing, agreement: str) -> Agreement:
    """The agreement, for its treasurer. Raises NotInYourRole, UnknownAgreement."""
    if by.role != "treasurer":
        raise NotInYourRole()
    return agreement_for(by, agreement).agreement


_BESIDE: Mapping[type[AllmenningError], str] = {
    **dict.fromkeys((errors.PeriodSettled, errors.NotInForce, errors.Ended, errors.TooFarAhead), "day"),
    **dict.fromkeys((errors.NoSuchProject, errors.NoSuchProjectThen, errors.NobodyHasJoined), "project"),
    **dict.fromkeys((errors.NotMoreThanNothing, errors.GrantsExceed, errors.PaidTwice, errors.PaidTooMuch), "ore"),
    **dict.fromkeys((errors.InvoiceEntered, errors.CostEntered), "invoice"),
    **dict.fromkeys((errors.PartyMissing, errors.NotInThisSettlement), "party"),
    errors.NoYear: "year",
    errors.NotOneOf: "measure",
}


@contextmanager
def beside(fields: Mapping[type[AllmenningError], str] | None = None) -> Iterator[None]:
    """What is refused because of what stands in one field is said beside it. fields: where a form calls them otherwise.

    Raises FieldsWrong.
    """
    try:
        yield
    except AllmenningError as error:
        field = {**_BESIDE, **(fields or {})}.get(type(error))
        if field is None:
            raise
        raise FieldsWrong({field: error}) from error


def code(read: Typed, name: str) -> str:
    """A KOSTRA code, or nothing."""
    said = read[name].strip()
    if said and not (len(said) == 3 and said.isdecimal() and said.isascii()):
        read.errors[name] = errors.NotACode(value=said[:20])
    return said


def _cost(typed: Mapping[str, str]) -> Cost:
    """Raises FieldsWrong."""
    read = Typed(typed)
    cost = Cost(
        day=read.day("day"),
        supplier=read.text("supplier", longest=LONGEST["supplier"]),
        invoice=read.text("invoice", longest=LONGEST["invoice"]),
        text=read.text("text", longest=LONGEST["text"]),
        ore=read.ore("net"),
        vat_ore=read.ore("vat", optional=True),
        project=read["project"],
        art=code(read, "art"),
        function=code(read, "function"),
    )
    read.done()
    return cost
