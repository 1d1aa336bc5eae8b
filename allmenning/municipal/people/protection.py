"""Protected addresses («kode 6/7»): who has one, and how it is set. Folkeregisterloven § 10-4, forskriften § 11-2.

A person is protected when the population register says it of them or of anybody in the household, or when staff have set it.
The strictest of what was said stands. Only a hand lowers: its row names those that it knew of and sets aside, so that what
was said at the same time, by a register or by a hand in another case or area, is lowered by nobody. Each time is kept.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from uuid import UUID

from django.db.models import Q, QuerySet

from allmenning import vault
from allmenning.basics.identifiers import uuid7
from allmenning.tenancy import current
from allmenning.tenancy.read_together import Asked

from .models import Protection
from .ports import AddressProtection

KEY = "protection"  # the vault's key; no area has it
SELF, HOUSEHOLD, NAMED = "self", "household", "named"  # of whom the register says it (`Detail.because`)


class Level(StrEnum):
    """How an address is protected, from not at all to strictly (graderingsnivå; «kode 7» and «kode 6» among staff)."""

    NONE = ""
    CONFIDENTIAL = "fortrolig"
    STRICT = "strengt-fortrolig"

    @classmethod
    def of_register(cls, said: AddressProtection) -> Level:
        """The register's value as ours."""
        return _OF_REGISTER[said]


_OF_REGISTER = {
    AddressProtection.NONE: Level.NONE,
    AddressProtection.CONFIDENTIAL: Level.CONFIDENTIAL,
    AddressProtection.STRICTLY_CONFIDENTIAL: Level.STRICT,
}
_STRENGTH = {level: strength for strength, level in enumerate(Level)}


def strictest(levels: Iterable[Level]) -> Level:
    """The strictest of some levels; NONE of none."""
    return max(levels, key=_STRENGTH.__getitem__, default=Level.NONE)


@dataclass(frozen=True)
class Detail:
    """What lies behind a protection, opened for a stated need alone.

    because: of whom the register says it: "self", "household", or "named" (only named in a form as one they live with); a
        reason's code when it was set by hand.
    postal_address: how letters reach the person, in lines, where the register gives no address.
    """

    because: str = ""
    staff_id: str = ""
    staff_name: str = ""
    postal_address: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class Said:
    """Once that a protection was set, for the history."""

    at: datetime
    source: str
    level: Level
    detail: Detail


def levels_of_owners(owner_keys: Iterable[bytes]) -> dict[bytes, Level]:
    """The level of those who are protected, by the key that is on their cases. One statement."""
    rows: dict[bytes, list[Protection]] = {}
    for row in Protection.objects.filter(owner_key__in=list(owner_keys)).order_by("at", "id"):
        rows.setdefault(bytes(row.owner_key), []).append(row)
    return {key: level for key, said in rows.items() if (level := standing(said)) is not Level.NONE}


def said_of(owner_key: bytes | Asked) -> QuerySet[Protection]:
    """The rows about one person, oldest first, as `standing` takes them."""
    return Protection.objects.filter(owner_key=owner_key).order_by("at", "id")


def said_of_any(owner_keys: QuerySet, besides: bytes | Asked | None = None) -> QuerySet[Protection]:
    """The same of whose keys another query finds, and of one besides. `standing` takes those of several: the strictest stands."""
    found = Q(owner_key__in=owner_keys) if besides is None else Q(owner_key__in=owner_keys) | Q(owner_key=besides)
    return Protection.objects.filter(found).order_by("at", "id")


def standing(rows: Sequence[Protection]) -> Level:
    """The level that stands after these rows of one person: the strictest of those that no other set aside."""
    set_aside = {each for row in rows for each in row.lowers}
    return strictest(_level(row) for row in rows if row.id not in set_aside)


def standing_but_named(owner_key: bytes) -> Level:
    """The level without what was raised by whom the person named in a form.

    That protects them towards staff and everybody else. It must change nothing that they can try themselves, or naming
    somebody would tell whether that one is protected.
    """
    return _but_named(list(said_of(owner_key)))


def _but_named(rows: Sequence[Protection]) -> Level:
    """What staff have noted, with a postal address, is not opened for it: they name nobody in a form."""
    by_hand = Protection.Source.HAND
    return standing([row for row in rows if row.source == by_hand or _detail(row).because != NAMED])


def raise_by_register(owner_key: bytes, said: Level, *, because: str) -> Level:
    """Note what the register says, if that is stricter than what stands. Returns what stands then.

    Args:
        because: `SELF`; `HOUSEHOLD` when it is said of somebody whom the person lives with by the register; `NAMED` when
            they live together by the person's own word alone, which never stands in for what the register says.
    """
    rows = list(said_of(owner_key))
    stands = standing(rows)
    if _STRENGTH[said] <= _STRENGTH[stands if because == NAMED else _but_named(rows)]:
        return stands
    _say(owner_key, Protection.Source.REGISTER, said, Detail(because))
    return strictest([stands, said])


def set_by_hand(owner_key: bytes, level: Level, detail: Detail, *, lowers: Iterable[Protection] = ()) -> None:
    """Set the level by hand. Who may, and the log, are the caller's (`journeys.protecting`).

    Args:
        lowers: what this sets aside: rows that the caller has read. Without, the level only raises.
    """
    _say(owner_key, Protection.Source.HAND, level, detail, [row.id for row in lowers])


def is_known_to_the_person(owner_key: bytes, said: Level) -> bool:
    """Whether to tell somebody on their own page that their address is protected: the register says it of them (`said`),
    or staff have set it. Not when it stands by the household alone: it may be kept from them that a child has one.
    """
    by_hand = [row for row in said_of(owner_key) if row.source == Protection.Source.HAND]
    return said is not Level.NONE or standing(by_hand) is not Level.NONE


def history(owner_key: bytes) -> list[Said]:
    """Everything that was said of one person's protection, oldest first. For a stated need alone: the caller logs it."""
    return [Said(row.at, row.source, _level(row), _detail(row)) for row in said_of(owner_key)]


def postal_address(owner_key: bytes) -> tuple[str, ...]:
    """How letters reach a protected person, as staff last set it; empty when nobody has. The caller logs it."""
    said = [each.detail.postal_address for each in history(owner_key) if each.source == Protection.Source.HAND]
    return said[-1] if said else ()


def _say(
    owner_key: bytes, source: Protection.Source, level: Level, detail: Detail, lowers: Sequence[UUID] = ()
) -> None:
    municipality, pk = current().municipality, uuid7()
    Protection.objects.create(
        id=pk,
        owner_key=owner_key,
        source=source,
        level=vault.seal(municipality, KEY, f"people.Protection.level:{pk}", level.value),
        detail=vault.seal(municipality, KEY, f"people.Protection.detail:{pk}", json.dumps(vars(detail))),
        lowers=list(lowers),
    )
    from .queries import forget_protected  # which asks what stands, here

    forget_protected()


def _level(row: Protection) -> Level:
    return _opened(current().municipality, row.id, bytes(row.level))


@lru_cache(maxsize=10_000)
def _opened(municipality: str, row_id: UUID, sealed: bytes) -> Level:
    """A row never changes, so its level is opened once. Neither the row's id nor its level tells whose it is."""
    return Level(vault.open_text(municipality, KEY, f"people.Protection.level:{row_id}", sealed))


def _detail(row: Protection) -> Detail:
    sealed = bytes(row.detail)
    held = json.loads(vault.open_text(current().municipality, KEY, f"people.Protection.detail:{row.id}", sealed))
    return Detail(**{**held, "postal_address": tuple(held["postal_address"])})
