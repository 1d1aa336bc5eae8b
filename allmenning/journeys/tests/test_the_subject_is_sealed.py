"""What a resident types as a subject is sealed, opened for those who may see the case, and found by its words."""

import importlib

import pytest
from django.db import connections

from allmenning.doors.portal.testing import answered
from allmenning.journeys import casework
from allmenning.journeys.testing import ALICE, rita
from allmenning.journeys.tests.test_main_job import send_inquiry
from allmenning.municipal.archive.models import CaseFile, RegistryEntry
from allmenning.municipal.cases.models import Case
from allmenning.tenancy import use

SERVICE = "Henvendelse til kommunen"
SUBJECT = "Blåbærtyver i Øvregården"
OLD = importlib.import_module("allmenning.municipal.cases.migrations.0009_sealed_subject")


@pytest.fixture
def case_id(averoy):
    return send_inquiry(averoy, rita(), subject=SUBJECT).case_id


def public_titles():
    return [*CaseFile.objects.values_list("public_title", flat=True), *journal()]


def journal():
    return list(RegistryEntry.objects.order_by("sequence").values_list("public_title", flat=True))


def titles_on_record():
    """As who may see the case reads them in its journal."""
    key = Case.objects.get().key
    rows = RegistryEntry.objects.order_by("sequence")
    return [key.open_text("archive.RegistryEntry.title", bytes(row.title), row.id) for row in rows]


def test_the_row_names_the_service_and_who_may_see_the_case_reads_the_rest(averoy, case_id):
    with use(averoy.id, "ordinary"):
        case = Case.objects.get(id=case_id)
        assert case.title == SERVICE
        assert (case.opened_subject, case.opened_title) == (SUBJECT, f"{SERVICE}: {SUBJECT}")


def test_the_public_journal_says_nothing_that_was_typed_and_the_record_does(averoy, case_id):
    answered(averoy, case_id, ALICE)
    with use(averoy.id, "ordinary"):
        assert journal() == [SERVICE, f"Besvart: {SERVICE}"]
        incoming, outgoing = titles_on_record()
        assert incoming == f"{SERVICE}: {SUBJECT} – Rita Rogn"
        assert outgoing == f"Besvart: {SERVICE}: {SUBJECT}"


@pytest.mark.parametrize("text", ["blabaertyver", "ØVREGÅRDEN", "i øvregården blåbærtyver", "kommunen øvregården"])
def test_it_is_found_by_whole_words(averoy, case_id, text):
    assert found(averoy, text) == [case_id]


@pytest.mark.parametrize("text", ["blåbær", "øvregården solgården", "' or 1=1"])
def test_it_is_not_found_by_other_words(averoy, case_id, text):
    assert found(averoy, text) == []


def found(place, text):
    with use(place.id, "ordinary"):
        page = casework.list_cases(place.working("alice"), casework.find_filters(text, "ordinary"))
        return [row.case.id for row in page.rows]


def test_words_are_in_no_order_and_another_area_has_others(averoy, case_id):
    from allmenning.municipal.cases.subjects import word_indexes

    with use(averoy.id, "ordinary"):
        kept = Case.objects.get(id=case_id).subject_words
        assert kept == sorted(kept)
        assert len(kept) == 3
    with use(averoy.id, "care"):
        assert not set(word_indexes("care", SUBJECT)) & set(kept)


def test_what_stood_in_clear_before_is_taken_out(averoy, case_id):
    answered(averoy, case_id, ALICE)
    with use(averoy.id, "owner") as acting:
        title = f"{SERVICE}: {SUBJECT}"
        Case.objects.update(title=title)
        CaseFile.objects.update(public_title=title)
        RegistryEntry.objects.filter(kind="Inngående dokument").update(public_title=title)
        RegistryEntry.objects.filter(kind="Utgående dokument").update(public_title=f"Besvart: {title}")
        with connections[acting.alias].cursor() as cursor:
            for operation in OLD.Migration.operations[:3]:
                cursor.execute(operation.sql)
        assert Case.objects.get().title == SERVICE
        assert set(public_titles()) == {SERVICE}
