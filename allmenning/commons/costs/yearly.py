"""What each party has borne by year, as issued settlements say: for who compares costs with what they gave."""

from __future__ import annotations

from collections.abc import Collection

from django.db import connections, router

from .models import Settlement

# Shares of issued settlements, in øre without VAT, by the year that each pot is of: what was corrected later is at the year that was
# wrong. The host's own share too, which no bill has. Read from what was frozen, so that no rule is reckoned again.
_BORNE = """
    with issued as (
        select s.start, s.content
        from costs_settlement s join costs_settlementissue i on i.settlement_id = s.id
        where s.agreement = any(%s)),
    pots as (
        select start, jsonb_array_elements(content -> 'pots') as pot from issued
        union all
        select (wrong ->> 'start')::date, wrong -> 'pot'
        from issued, jsonb_array_elements(content -> 'corrected') as wrong)
    select extract(year from start)::int, share #>> '{party,id}', sum((share ->> 'ore')::bigint)::bigint
    from pots, jsonb_array_elements(pot -> 'shares') as share
    group by 1, 2
    order by 1, 2
"""


def borne(agreements: Collection[str]) -> dict[int, dict[str, int]]:
    """Øre by year and party's id, of all these agreements together; years with nothing issued are left out. One statement."""
    found: dict[int, dict[str, int]] = {}
    with connections[router.db_for_read(Settlement)].cursor() as cursor:
        cursor.execute(_BORNE, [list(agreements)])
        for year, party, ore in cursor.fetchall():
            found.setdefault(year, {})[party] = ore
    return found
