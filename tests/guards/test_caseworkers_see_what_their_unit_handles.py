"""One rule says who has to do with a case: in Python for one case, in SQL for lists. For any data they agree."""

from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from allmenning.municipal.access.actor import Working
from allmenning.municipal.access.models import Role
from allmenning.municipal.access.rules import Facts, judge
from allmenning.municipal.cases.models import Case
from allmenning.municipal.cases.queries import VIEWS, Filters, counts, work_list
from allmenning.tenancy import use
from attack.rows import Owner

UNITS = [UUID(int=n) for n in range(1, 5)]
STAFF = [UUID(int=n) for n in range(101, 106)]
ROLES = [role.value for role in Role]

working = some.builds(
    Working,
    staff_id=some.sampled_from(STAFF),
    name=some.just("Alice"),
    area=some.just("care"),
    roles=some.dictionaries(
        some.sampled_from(UNITS), some.frozensets(some.sampled_from(ROLES), min_size=1), max_size=3
    ),
    substitutes_for=some.frozensets(some.sampled_from(STAFF), max_size=2),
)


@pytest.fixture
def cases(municipality_a):
    """A case for every unit (and none) and every assignee (and nobody)."""
    owner = Owner(municipality_a, "care", b"a" * 32)
    rows = [owner.unsaved(Case, unit_id=u, assigned_to=s) for u in [None, *UNITS] for s in [None, *STAFF]]
    with use(municipality_a, "care"):
        return Case.objects.bulk_create(rows)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(somebody=working)
def test_the_list_and_the_rule_agree(cases, municipality_a, somebody):
    by_rule = {case.id for case in cases if somebody.relation_to(case.unit_id, case.assigned_to)}
    with use(municipality_a, "care"):
        assert set(Case.objects.filter(somebody.case_condition()).values_list("id", flat=True)) == by_rule
        for view in VIEWS:
            assert {case.id for case in work_list(somebody, Filters(view=view)).cases} <= by_rule
        for filters in (Filters(words="x"), Filters(number=cases[7].number), Filters(person_ids=(UUID(int=9),))):
            assert {case.id for case in work_list(somebody, filters).cases} <= by_rule
        assert max(counts(somebody).values(), default=0) <= len(by_rule)


@given(somebody=working, unit=some.sampled_from([None, *UNITS]), assigned=some.sampled_from([None, *STAFF]))
def test_nobody_without_a_relation_or_in_their_own_case_gets_a_yes(somebody, unit, assigned):
    relation = somebody.relation_to(unit, assigned)
    for action in ("read", "handle", "decide", "approve"):
        for own in (False, True):
            facts = Facts(action, bool(somebody.roles), relation, somebody.all_roles, "case-handling", is_own_case=own)
            if judge(facts).allowed:
                assert relation
                assert not own
