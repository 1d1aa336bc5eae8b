"""New keys for an area's cases, while everybody works on: the keys of cases are wrapped again, what they sealed stays.

A new key of the area wraps new cases at once; both open. Old cases are wrapped again in batches, each a transaction.
When nothing is wrapped by an old key, it is destroyed, an hour after it was replaced: until then a request that was
under way may still write what it wrapped. Safe to interrupt anywhere and to run again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import Model

from allmenning import vault
from allmenning.basics import dates
from allmenning.municipal.cases.models import Case, Participant
from allmenning.municipal.forms.models import Draft
from allmenning.tenancy import use

KEEPERS: tuple[type[Model], ...] = (Case, Participant, Draft)  # what has a key of its own, or the case's besides
AT_ONCE = 2000  # keys in memory, and rows that are locked for some tens of milliseconds
UNDER_WAY_FOR = timedelta(hours=1)
Report = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Rotated:
    """wrapped: how many keys of cases were wrapped again. kept_until: when the old key may go; None: it is gone."""

    area: str
    wrapped: int
    kept_until: datetime | None


def rotate(municipality: str, area: str, report: Report = lambda done, total, what: None) -> Rotated:
    """Give an area a new key for its cases, or go on with what was begun. Run it again later to destroy the old key.

    Raises NoKeys, KeysWithdrawn, KeeperAway; CannotOpen for cases whose keys are damaged: the rest is done then, and the
    old key stays.
    """
    with use(municipality, "owner"):
        if not _is_under_way(municipality, area):
            vault.add_generation(municipality, area)
        wrapped, damaged = _wrap_all_again(municipality, area, report)
        if damaged:
            raise vault.CannotOpen(f"{damaged} keys of cases of {area} are damaged; {wrapped} were wrapped again")
        return Rotated(area, wrapped, _destroy_what_is_old(municipality, area))


def _is_under_way(municipality: str, area: str) -> bool:
    """Whether the newest key is there because of a rotation that has not ended."""
    newest, *older = vault.generations(municipality, area)
    replaced = [name for name in older if "." in name]
    return bool(older) and (bool(replaced) or _count(municipality, area, newest) > 0)


def _wrap_all_again(municipality: str, area: str, report: Report) -> tuple[int, int]:
    """How many were wrapped again, and how many are damaged."""
    newest = vault.generations(municipality, area)[0]
    total = _count(municipality, area, newest)
    done = damaged = 0
    for model in KEEPERS:
        for wrapped, closed in _wrap_again(model, municipality, area, newest):
            done, damaged = done + wrapped, damaged + closed
            report(done, total, area)
    return done, damaged


def _wrap_again(model: type[Model], municipality: str, area: str, newest: str) -> Iterator[tuple[int, int]]:
    """Batch by batch, by id; how many each, and how many don't open. A row that was changed meanwhile is left for the
    next run.
    """
    table, after = model._meta.db_table, None
    begins = vault.wrapped_by(municipality, newest)
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                f"""select id, wrapped_key from {table}
                    where area = %s and length(wrapped_key) > 0 and substr(wrapped_key, 1, %s) <> %s
                      and (%s::uuid is null or id > %s)
                    order by id limit {AT_ONCE}""",  # noqa: S608 (a table of ours)  # nosec B608
                [area, len(begins), begins, after, after],
            )
            rows = [(id, bytes(wrapped)) for id, wrapped in cursor.fetchall()]
            if not rows:
                return
            after = rows[-1][0]
            again = _again(municipality, area, rows)
            cursor.execute(
                f"""update {table} kept set wrapped_key = new.again
                    from unnest(%s::uuid[], %s::bytea[], %s::bytea[]) new (id, before, again)
                    where kept.id = new.id and kept.wrapped_key = new.before""",  # noqa: S608  # nosec B608
                [[each[part] for each in again] for part in range(3)],
            )
            yield cursor.rowcount, len(rows) - len(again)


def _again(municipality: str, area: str, rows: Sequence[tuple[UUID, bytes]]) -> list[tuple[UUID, bytes, bytes]]:
    """(id, key as it was, key wrapped again) of each row whose key opens."""
    try:
        again = vault.wrap_again(municipality, area, [wrapped for _, wrapped in rows])
    except vault.CannotOpen:
        if len(rows) == 1:
            return []
        half = len(rows) // 2
        return _again(municipality, area, rows[:half]) + _again(municipality, area, rows[half:])
    return [(id, before, after) for (id, before), after in zip(rows, again, strict=True)]


def _count(municipality: str, area: str, newest: str) -> int:
    """How many keys of cases and drafts are wrapped by another key than the newest. One statement: between two, a draft
    could become a case and be in neither.
    """
    begins = vault.wrapped_by(municipality, newest)
    of_each = " + ".join(
        f"""(select count(*) from {model._meta.db_table}
             where area = %s and length(wrapped_key) > 0 and substr(wrapped_key, 1, %s) <> %s)"""  # noqa: S608  # nosec B608
        for model in KEEPERS
    )
    with connection.cursor() as cursor:
        cursor.execute(f"select {of_each}", [area, len(begins), begins] * len(KEEPERS))  # nosec B608
        return int(cursor.fetchone()[0])


def _destroy_what_is_old(municipality: str, area: str) -> datetime | None:
    """Destroy replaced keys that wrap nothing. Returns when it can be done, if it is too early."""
    newest, *older = vault.generations(municipality, area)
    replaced = [name for name in older if "." in name]
    if not replaced:
        return None
    settled = vault.made_at(municipality, newest) + UNDER_WAY_FOR
    if dates.now() < settled or _count(municipality, area, newest):
        return max(settled, dates.now())
    for name in replaced:
        vault.remove_generation(municipality, name)
    return None
