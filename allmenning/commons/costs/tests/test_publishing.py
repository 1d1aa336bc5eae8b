"""A new version of an agreement leaves what is settled as it is: no day that is billed can be billed again."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from allmenning.commons.costs import actions, entering, errors, queries
from allmenning.commons.costs.errors import FileWrong

from .test_drafting import BY, cost, draft, issue

TEXT = (Path(__file__).resolve().parents[4] / "agreements/ikt-orkide.yaml").read_text("utf-8")


def publish(text):
    actions.publish(text, file="ikt-orkide.yaml", by="tests")
    return queries.agreement("ikt-orkide").agreement


@pytest.fixture
def issued_2013(orkide):
    entering.enter_cost(orkide, cost(100_000_000), by=BY)
    issue(draft())


@pytest.mark.parametrize("period", ["half", "month"])
def test_costs_that_are_settled_are_not_settled_again_by_another_period(issued_2013, period):
    with pytest.raises(FileWrong) as told:
        publish(TEXT.replace("period: year", f"period: {period}"))
    (problem,) = told.value.problems
    assert (problem.line, type(problem.error)) == (
        TEXT[: TEXT.index("period: year")].count("\n") + 1,
        errors.PeriodsSettled,
    )
    assert problem.error.params == {"start": date(2013, 1, 1), "last": date(2013, 12, 31)}
    assert queries.agreement("ikt-orkide").agreement.period == "year"


def test_nor_by_a_longer_one(orkide):
    agreed = publish(TEXT.replace("period: year", "period: month"))
    entering.enter_cost(agreed, cost(1_000), by=BY)
    issue(draft())
    with pytest.raises(FileWrong):
        publish(TEXT)


def test_another_period_is_nothing_wrong_while_nothing_is_issued_and_so_is_another_rule_afterwards(orkide):
    entering.enter_cost(orkide, cost(1_000), by=BY)
    draft()
    assert publish(TEXT.replace("period: year", "period: half")).period == "half"
    issue(draft())
    publish(TEXT.replace("period: year", "period: half").replace("70 %", "60 %").replace("30 %", "40 %"))


def test_everybody_whom_the_register_lacks_is_said_each_by_the_line(orkide):
    parties = TEXT.replace(
        "{members_of: ikt-orkide}",
        """
  - {municipality: sunndalen, from: 2013-01-01}
  - {municipality: heim, from: 2013-01-01}
  - {county: "99", from: 2013-01-01}
  - {state: Husbanken, from: 2013-01-01}""",
    ).replace("host: kristiansund", "host: kristianssund")
    with pytest.raises(FileWrong) as told:
        publish(parties)
    lines = parties.splitlines()
    assert [(lines[each.line - 1].split(",")[0].strip(), type(each.error)) for each in told.value.problems] == [
        ("host: kristianssund", errors.NoSuchMunicipality),
        ("- {municipality: sunndalen", errors.NoSuchMunicipality),
        ("- {municipality: heim", errors.DidNotExist),
        ('- {county: "99"', errors.NoSuchCounty),
    ]
