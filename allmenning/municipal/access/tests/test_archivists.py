"""An archivist reads every case of the area, and changes none outside the units where they also are caseworkers."""

from uuid import UUID

from allmenning.municipal.access.actor import Working
from allmenning.municipal.access.rules import Facts, judge

ARCHIVE, ELSEWHERE = UUID(int=1), UUID(int=2)


def told(somebody: Working, action: str) -> bool:
    relation = somebody.relation_to(ELSEWHERE, None)
    return judge(Facts(action, True, relation, somebody.roles_in(ELSEWHERE), "archive")).allowed


def test_an_archivist_reads_a_case_of_another_unit():
    assert told(Working(UUID(int=9), "Dora", "ordinary", {ARCHIVE: frozenset({"archivist"})}), "read")


def test_one_who_is_a_caseworker_too_still_only_reads_there():
    dora = Working(UUID(int=9), "Dora", "ordinary", {ARCHIVE: frozenset({"archivist", "caseworker"})})
    assert told(dora, "read")
    assert not told(dora, "handle")
    assert not told(dora, "decide")


def test_a_caseworker_of_one_unit_does_not_read_another_units_case():
    assert not told(Working(UUID(int=9), "Eli", "ordinary", {ARCHIVE: frozenset({"caseworker"})}), "read")
