"""Copies of cases: every column of every table about a case is known, and what is copied opens."""

from __future__ import annotations

import psycopg
from django.apps import apps
from django.db import models

from allmenning.basics.identifiers import uuid7
from allmenning.journeys.testing import Place, rita
from allmenning.journeys.tests.test_main_job import send_inquiry
from allmenning.municipal.archive.models import RegistryEntry
from allmenning.municipal.cases.models import Case
from allmenning.municipal.forms.models import Submission
from allmenning.tenancy import use
from allmenning.tenancy.models import MunicipalModel
from allmenning.tenancy.placement import admin_dsn, placement_of
from bench import cases
from bench.people import people

# Ids that lead from a row about a case to another row about it; ids in KEPT lead elsewhere.
WITHIN = set(
    "id case_id case_file_id entry_id document_id message_id decision_id object_id source_id answers_id"
    " signed_off_by_id answer_id complains_of_id deadline_id opened_from_id corrects_id participant_id series of_series"
    " record_id outside_id withdraws_id to_id".split()
)


def test_every_id_of_a_table_about_cases_is_the_copys_own_or_kept() -> None:
    ids = {
        str(field.column)
        for table in cases.tables()
        for field in table.columns
        if isinstance(field, models.UUIDField | models.ForeignKey)
    }
    assert ids - WITHIN <= cases.KEPT
    assert ids >= WITHIN


def test_no_table_about_a_case_is_forgotten() -> None:
    copied = {table.name for table in cases.tables()}
    for model in apps.get_models():
        if issubclass(model, MunicipalModel) and any(f.column == "case_id" for f in model._meta.concrete_fields):
            assert model._meta.db_table in copied | cases.OF_STAFF
    assert cases.tables()[0].name == "cases_case"


def test_a_copy_has_numbers_and_ids_of_its_own() -> None:
    entries = next(table for table in cases.tables() if table.name == RegistryEntry._meta.db_table)
    text = cases.statement(entries).as_string(None)
    assert 'pg_temp.copied(o."case_file_id", p.copy)' in text
    assert "o.sequence + 1000 * (p.copy + 1)," in text
    assert 'o."title",' in text  # sealed under the case's key, which is copied with it


def test_thousands_of_people_none_of_whom_exists() -> None:
    numbers = [number for number, _ in zip(people(), range(5000), strict=False)]
    assert len({number for number, _ in numbers}) == 5000
    assert all(number[2] in "89" for number, _ in numbers)


def test_what_is_sealed_in_a_lived_case_opens_in_a_copys_rows(averoy: Place) -> None:
    send_inquiry(averoy, rita())
    placed = placement_of(averoy.id)
    with psycopg.connect(admin_dsn(placed.server, placed.database), autocommit=True) as connection:
        cases.seal_without_rows(averoy.id, connection, "ordinary")
    with use(averoy.id, "owner"):
        submission, case = Submission.objects.get(), Case.objects.get()
        for row in (submission.id, uuid7()):
            assert case.key.open_text("forms.Submission.content", submission.content, row)
