"""Reading settlements: what stands, what each was made of, and what is not settled yet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.db.models import Prefetch, QuerySet

from . import frozen
from .errors import NoSuchSettlement
from .frozen import Content
from .models import Answer, Comment, Correction, Settlement

DRAFT, WITHDRAWN, APPROVED, ISSUED = "draft", "withdrawn", "approved", "issued"


@dataclass(frozen=True)
class Known:
    """A settlement as it stands, with what it was made of."""

    row: Settlement

    @property
    def status(self) -> str:
        """draft, withdrawn, approved or issued."""
        for name, status in (("issue", ISSUED), ("withdrawal", WITHDRAWN), ("approval", APPROVED)):
            if hasattr(self.row, name):
                return status
        return DRAFT

    @property
    def stands(self) -> bool:
        """Whether it is a draft that waits: neither withdrawn nor issued."""
        return self.status in (DRAFT, APPROVED)

    @cached_property
    def content(self) -> Content:
        return frozen.from_data(self.row.content)

    @property
    def by_party(self) -> dict[str, int]:
        """Øre by party's id, without VAT."""
        return self.content.by_party


def of_agreement(agreement: str) -> list[Known]:
    """Every settlement of an agreement without its content, the newest period and draft first."""
    return [Known(row) for row in _of(agreement).defer("content")]


def standing_of(agreement: str) -> list[Known]:
    """Those that were not withdrawn, with what each was made of; in the same order."""
    return [Known(row) for row in _of(agreement).filter(withdrawal=None)]


def waiting_in(agreements: Sequence[str]) -> list[Known]:
    """The drafts that wait in some agreements: neither withdrawn nor issued; the newest period first."""
    rows = _rows().filter(agreement__in=agreements, withdrawal=None, issue=None)
    return [Known(row) for row in rows.order_by("-start", "-number")]


def periods_in(agreements: Sequence[str]) -> set[tuple[str, date]]:
    """The agreement and first day of each period that is settled, or has a draft that waits."""
    rows = Settlement.objects.filter(agreement__in=agreements, withdrawal=None)
    return set(rows.values_list("agreement", "start").distinct())


def unanswered_in(drafts: Sequence[Known]) -> dict[int, int]:
    """How many comments nobody has answered of each draft's period, as approving it counts: said of whichever of its drafts."""
    rows = Comment.objects.filter(settlement__agreement__in={each.row.agreement for each in drafts}, answers=None)
    of_period = Counter(rows.values_list("settlement__agreement", "settlement__start"))
    return {each.row.id: of_period[each.row.agreement, each.row.start] for each in drafts}


def _of(agreement: str) -> QuerySet[Settlement]:
    return _rows().filter(agreement=agreement).order_by("-start", "-number")


def settlement(id: int, *, agreement: str | None = None) -> Known:
    """One of them, of that agreement alone where one is named. Raises NoSuchSettlement."""
    row = _rows().filter(id=id, **({"agreement": agreement} if agreement else {})).first()
    if row is None:
        raise NoSuchSettlement()
    return Known(row)


def newest(agreement: str, start: date) -> Known | None:
    """The last draft of a period, issued or not."""
    row = _rows().filter(agreement=agreement, start=start).order_by("-number").first()
    return Known(row) if row else None


def comments(agreement: str, start: date) -> list[Comment]:
    """What was said of every draft of a period, the oldest first, with the answers."""
    answers = Prefetch("answers", Answer.objects.order_by("id"))
    rows = Comment.objects.filter(settlement__agreement=agreement, settlement__start=start)
    return list(rows.select_related("settlement").defer("settlement__content").prefetch_related(answers).order_by("id"))


def unanswered(found: Iterable[Comment]) -> list[Comment]:
    """Those that nobody has answered."""
    return [each for each in found if not each.answers.all()]


def corrections(agreement: str) -> list[Correction]:
    """Every correction of an agreement that counts, the newest first."""
    return list(_counting(agreement).order_by("-id"))


def waiting_corrections(agreement: str) -> list[Correction]:
    """Those that no issued settlement has yet, as they came."""
    return list(_counting(agreement).filter(settled=None).order_by("id"))


def settled_before(settlement_ids: Sequence[int]) -> dict[tuple[int, str], int]:
    """Øre of the corrections that all share and issued settlements have, by the settlement that was wrong and the project."""
    found: dict[tuple[int, str], int] = {}
    for each in Correction.objects.filter(settlement__in=settlement_ids, party="", settled__isnull=False):
        key = each.settlement_id, each.project
        found[key] = found.get(key, 0) + each.ore
    return found


def _counting(agreement: str) -> QuerySet[Correction]:
    """But for those that were taken out again, or whose cost or grant was."""
    rows = Correction.objects.filter(agreement=agreement, taken_out=None, cost__taken_out=None, grant__taken_out=None)
    return rows.select_related("settlement", "settled").defer("settlement__content")


def _rows() -> QuerySet[Settlement]:
    return Settlement.objects.select_related("issue", "withdrawal", "approval")
