"""Records through what happens to a case's keys: they open after a rotation, and never after the case is erased."""

import shutil
from datetime import date, timedelta

import pytest

from allmenning import vault
from allmenning.basics import dates
from allmenning.doors.desk.testing import INQUIRY, hire, send
from allmenning.doors.portal.testing import answered
from allmenning.journeys import disposing, erasing, outbox, paying, recording, retaining, rotating, waiting
from allmenning.journeys.errors import TooEarlyToErase
from allmenning.journeys.recording import Draft
from allmenning.journeys.testing import ALICE, number
from allmenning.journeys.tests.keeping import SERVICE, offer
from allmenning.municipal.access.queries import working_as
from allmenning.municipal.archive.models import Disposal
from allmenning.municipal.cases.errors import CaseNotFound
from allmenning.municipal.cases.models import Record
from allmenning.municipal.cases.records import open_records
from allmenning.tenancy import use

from .test_recording import KEY, MEASURE, PAYMENT, PLACE, PLAN, WEEK

WRITTEN = {"plan": PLAN, "measure": MEASURE, "weekly-plan": WEEK, "payment": PAYMENT, "nursing-home": PLACE}


@pytest.fixture
def town(averoy, settings, tmp_path):
    """With keys of its own, two archivists, and a service that keeps records."""
    shutil.copytree(settings.VAULT_DIR, tmp_path / "vault")
    settings.VAULT_DIR = tmp_path / "vault"
    hire(averoy, number(307), "archivist", name="Hege Hassel")
    hire(averoy, number(308), "archivist", name="Ida Istre")
    offer(averoy)
    return averoy


@pytest.fixture
def case_id(town):
    case_id = send(town, SERVICE, INQUIRY).case_id
    with use(town.id, "ordinary"):
        alice = working_as(town.staff["alice"].id, "ordinary")
        for kind, answers in WRITTEN.items():
            recording.begin(case_id, kind, Draft(answers), alice, staff_key=KEY)
        paying.make_file(alice, date(2026, 12, 31))
    return case_id


def opened(town):
    with use(town.id, "ordinary"):
        rows = list(Record.objects.select_related("case"))
        return {each.row.kind: each.answers for each in open_records(rows, rows[0].case.key)}


def test_they_open_when_the_keys_are_new_and_the_old_one_is_destroyed(town, case_id):
    before = opened(town)
    rotating.rotate(town.id, "ordinary")
    rotating.rotate(town.id, "ordinary")
    with dates.clock.frozen(dates.now() + timedelta(minutes=61)):
        assert rotating.rotate(town.id, "ordinary").kept_until is None
    assert before.keys() == WRITTEN.keys()
    assert opened(town) == before


def test_the_years_are_counted_from_what_was_written_last(town, case_id):
    answered(town, case_id, ALICE)
    outbox.drain(town.id, "ordinary")
    with use(town.id, "ordinary"):
        retaining.confirm(SERVICE, "dispose", "10", "arkivplanen 3. mars 2026", town.working("hege"))
    with dates.clock.frozen(dates.now() + timedelta(days=366 * 8)), use(town.id, "ordinary"):
        recording.begin(case_id, "measure", Draft(MEASURE), town.working("alice"), staff_key=KEY)
    with dates.clock.frozen(dates.now() + timedelta(days=366 * 12)), use(town.id, "ordinary"):
        assert disposing.due(town.working("hege")) == []
        with pytest.raises(TooEarlyToErase):
            disposing.propose([case_id], town.working("hege"))
    with dates.clock.frozen(dates.now() + timedelta(days=366 * 20)), use(town.id, "ordinary"):
        assert disposing.propose([case_id], town.working("hege")) == 1


def test_nothing_of_them_opens_when_the_case_is_erased(town, case_id):
    answered(town, case_id, ALICE)
    outbox.drain(town.id, "ordinary")
    with use(town.id, "ordinary"):
        hege, ida, alice, bob = (town.working(name) for name in ("hege", "ida", "alice", "bob"))
        assert [row for each in waiting.open_lists(bob) for row in each.waiting]
        retaining.confirm(SERVICE, "dispose", "10", "arkivplanen 3. mars 2026", hege)
    with dates.clock.frozen(dates.now() + timedelta(days=366 * 12)):
        with use(town.id, "ordinary"):
            disposing.propose([case_id], hege)
            disposing.decide([Disposal.objects.get().id], "approved", ida)
        assert erasing.erase_approved(town.id) == 1
        with use(town.id, "ordinary"):
            rows = list(Record.objects.select_related("case"))
            assert len(rows) == len(WRITTEN)
            assert not any(bytes(each.data) for each in rows)
            with pytest.raises(vault.CannotOpen):
                open_records(rows, rows[0].case.key)
            with pytest.raises(CaseNotFound):
                recording.readable(case_id, "plan", alice, "case-handling", staff_key=KEY)
            assert [row for each in waiting.open_lists(bob) for row in each.waiting] == []
            assert paying.files_made(alice) == []
