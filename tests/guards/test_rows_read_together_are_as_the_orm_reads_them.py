"""Rows that are asked for in one statement are the very rows that the ORM would give one query at a time."""

from datetime import date

import pytest
from django.db import models

from allmenning.basics import dates
from allmenning.basics.identifiers import uuid7
from allmenning.journeys import casework
from allmenning.municipal.access import queries as access
from allmenning.municipal.cases import queries as cases
from allmenning.municipal.cases.models import Event
from allmenning.tenancy import use
from allmenning.tenancy.read_together import Asked, Together
from attack.rows import Owner, models_of

ALICE = b"a" * 32


@pytest.fixture
def alice(municipality_a):
    return Owner(municipality_a, "ordinary", ALICE)


def values(row):
    """Every value as it is, kind and all: True is no 1 here."""
    return [(f.attname, type(v := getattr(row, f.attname)), v) for f in row._meta.concrete_fields]


@pytest.mark.parametrize("model", models_of("area", "own", "shared", "person"), ids=lambda model: model._meta.label)
def test_every_column_of_every_model(municipality_a, alice, model):
    row = alice.row(model)
    together = Together(lambda: {"rows": model.objects.filter(pk=Asked("pk"))})
    with use(municipality_a, "owner"):
        (read,) = together.read(pk=row.pk)["rows"]
        known = model.objects.get(pk=row.pk)
        assert values(read) == values(known)
        assert (read._state.db, read._state.adding) == (known._state.db, False)


def test_several_in_one_statement_each_in_its_own_order(municipality_a, alice, django_assert_num_queries):
    first = alice.row(Event)
    with use(municipality_a, "owner") as acting:
        Event.objects.bulk_create(
            [
                Event(area="ordinary", case_id=first.case_id, at=first.at, kind=f"k{n}", actor="system")
                for n in (2, 1, 3)
            ]
        )
        by_kind = Event.objects.filter(case=Asked("case")).order_by("-kind")
        together = Together(lambda: {"falling": by_kind[:2], "none": by_kind.filter(id=Asked("id"))})
        from django.db import connections

        with django_assert_num_queries(1, connection=connections[acting.alias]):
            found = together.read(case=first.case_id, id=uuid7())
        assert [event.kind for event in found["falling"]] == [e.kind for e in by_kind_of(first)[:2]]
        assert found["none"] == []


def by_kind_of(first):
    return list(Event.objects.filter(case=first.case_id).order_by("-kind"))


def test_what_json_cannot_tell_is_refused():
    class Sum(models.Model):
        amount = models.DecimalField(max_digits=9, decimal_places=2)

        class Meta:
            app_label = "journeys"
            managed = False

    with pytest.raises(TypeError, match="DecimalField"):
        _ = Together(lambda: {"sums": Sum.objects.all()})._models


def test_everything_about_a_case_as_its_queries_tell_it(averoy):
    """Each part that the desk reads at once gives what its own query gives."""
    asked = {"case": uuid7(), "unit": averoy.unit.id, "area": "ordinary", "service": "inquiry", "today": date.today()}
    with use(averoy.id, "ordinary"):
        found = casework._PARTS.read(
            **asked, log_of=None, opened_from=None, owner=b"o" * 32, staff=uuid7(), since=dates.now()
        )
        assert [each.id for each in found["units"]] == [averoy.unit.id]
        assert [each.id for each in found["colleagues"]] == [each.id for each in access.colleagues((averoy.unit.id,))]
        assert [each.service for each in found["adopted"]] == ["inquiry"]
        assert (
            found["submission"] == found["timeline"] == found["looked"] == found["protections"] == found["needs"] == []
        )
        with pytest.raises(cases.CaseNotFound):
            cases.case_for(asked["case"])
