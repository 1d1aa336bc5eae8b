"""Reading a pool: its members, applications, and the account, which balances by how it is written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from .models import Adoption, Application, Entry, GrantDecision, Pool, PoolMember


@dataclass(frozen=True)
class Account:
    """How a pool stands, in øre. Both sides are the same: what it has and is owed, and whose that is.

    promised: granted, not yet paid out. granted: of all time, less what was given up.
    """

    bank: int
    claims: dict[str, int]
    promised: int
    contributions: int
    state: int
    adopters: int
    granted: int

    @property
    def free(self) -> int:
        """What has come in and nobody is promised."""
        return self.bank - self.promised

    @property
    def has(self) -> int:
        """Money and claims."""
        return self.bank + sum(self.claims.values())

    @property
    def whose(self) -> int:
        """What is promised, and what came from anybody and is not granted: always as much as it has."""
        return self.promised + self.contributions + self.state + self.adopters - self.granted


@dataclass(frozen=True)
class Applied:
    """An application with its answer, what is paid of it, and who adopted the result."""

    application: Application
    decision: GrantDecision | None
    paid_ore: int
    given_up_ore: int
    adoptions: tuple[Adoption, ...]

    @property
    def is_granted(self) -> bool:
        return self.decision is not None and self.decision.granted_ore > 0

    @property
    def rest_ore(self) -> int:
        """Granted, and neither paid out nor given up."""
        return (self.decision.granted_ore if self.decision else 0) - self.paid_ore - self.given_up_ore


def pool(id: str) -> Pool | None:
    return Pool.objects.filter(id=id).first()


def account(pool: str) -> Account:
    """How a pool stands: one statement."""
    return account_of(entries(pool))


def account_of(rows: Iterable[Entry]) -> Account:
    """The account that lines make."""
    sums: dict[str, int] = {}
    for row in rows:
        sums[row.debit] = sums.get(row.debit, 0) + row.ore
        sums[row.credit] = sums.get(row.credit, 0) - row.ore
    return Account(
        bank=sums.get("bank", 0),
        claims={_whose(name): ore for name, ore in sums.items() if name.startswith("claim:") and ore},
        promised=-sum(ore for name, ore in sums.items() if name.startswith("owed:")),
        contributions=-sums.get("contributions", 0),
        state=-sums.get("state", 0),
        adopters=-sums.get("adopters", 0),
        granted=sums.get("grants", 0),
    )


def balance(pool: str, account: str) -> int:
    """An account's balance in øre: above zero is what the pool has or is owed, or has used."""
    among = Entry.objects.filter(pool_id=pool)
    return sum(row.ore if row.debit == account else -row.ore for row in among if account in (row.debit, row.credit))


def free(pool: str) -> int:
    """Øre in the bank that nobody is promised."""
    return account(pool).free


def entries(pool: str) -> list[Entry]:
    """Every line of the account, the oldest first."""
    return list(Entry.objects.filter(pool_id=pool).order_by("day", "id"))


def members(pool: str) -> list[PoolMember]:
    return list(PoolMember.objects.filter(pool_id=pool).order_by("joined", "party"))


def applications(pool: str) -> list[Applied]:
    """All of them, the newest first: three statements and the account's lines."""
    rows = Application.objects.filter(pool_id=pool).select_related("decision").prefetch_related("adoptions")
    moved = _moved(pool)
    return [_applied(row, moved) for row in rows.order_by("-at")]


def undecided(pool: str) -> list[Application]:
    """Those that nobody has decided on, the oldest first: one statement."""
    return list(Application.objects.filter(pool_id=pool, decision=None).order_by("at"))


def application(id: UUID) -> Applied | None:
    row = Application.objects.filter(id=id).select_related("decision").prefetch_related("adoptions").first()
    return _applied(row, _moved(row.pool_id)) if row else None


def _moved(pool: str) -> dict[tuple[UUID, str], int]:
    """Øre that were paid out and given up, by application and kind."""
    found: dict[tuple[UUID, str], int] = {}
    rows = Entry.objects.filter(pool_id=pool, kind__in=[Entry.Kind.PAID_OUT, Entry.Kind.GIVEN_UP])
    for id, kind, ore in rows.values_list("application_id", "kind", "ore"):
        found[id, kind] = found.get((id, kind), 0) + ore
    return found


def _applied(row: Application, moved: dict[tuple[UUID, str], int]) -> Applied:
    adoptions = tuple(sorted(row.adoptions.all(), key=lambda each: (each.day, each.party)))
    paid = moved.get((row.id, Entry.Kind.PAID_OUT), 0)
    return Applied(row, getattr(row, "decision", None), paid, moved.get((row.id, Entry.Kind.GIVEN_UP), 0), adoptions)


def _whose(claim: str) -> str:
    return claim.partition(":")[2]
