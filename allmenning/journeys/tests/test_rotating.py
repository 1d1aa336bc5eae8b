"""New keys for an area's cases, while everybody works on."""

import shutil
from datetime import timedelta

import pytest
from django.db import connections

from allmenning import vault
from allmenning.basics import dates
from allmenning.journeys import rotating
from allmenning.journeys.testing import NAMES, RITA, rita
from allmenning.journeys.tests.test_main_job import as_resident, desk, send_inquiry
from allmenning.journeys.tests.test_sending import filled, send
from allmenning.municipal.access.queries import home_key, named_key
from allmenning.municipal.cases.models import Case
from allmenning.municipal.forms import actions as forms
from allmenning.municipal.forms.models import Draft
from allmenning.tenancy import use
from allmenning.vault.tests.restorer import exported_keys


@pytest.fixture
def town(averoy, settings, tmp_path):
    """With keys of its own: other tests have the same ones."""
    shutil.copytree(settings.VAULT_DIR, tmp_path / "vault")
    settings.VAULT_DIR = tmp_path / "vault"
    return averoy


def names(town):
    with desk(town):
        return [case.opened_applicant_name for case in Case.objects.all()]


def wrapped_by(town, name):
    with use(town.id, "owner"):
        return sum(bytes(case.wrapped_key).startswith(vault.wrapped_by(town.id, name)) for case in Case.objects.all())


def later(**much):
    return dates.clock.frozen(dates.now() + timedelta(**much))


def test_cases_and_drafts_open_before_and_after_and_new_ones_have_the_new_key(town):
    send_inquiry(town, rita())
    with as_resident(town, rita()):
        draft = filled(town).draft.id
    done = rotating.rotate(town.id, "ordinary")
    assert (done.wrapped, done.kept_until) == (2, None)
    send_inquiry(town, rita())
    assert names(town) == [NAMES[RITA]] * 2
    assert wrapped_by(town, "ordinary.1") == 2
    with as_resident(town, rita()):
        assert vault.open_case_key(town.id, "ordinary", bytes(Draft.objects.get(id=draft).wrapped_key))


def test_a_draft_whose_key_is_wrapped_again_while_it_is_sent_opens_when_the_old_key_is_gone(town, monkeypatch):
    """The request holds it as it was wrapped before, and writes the case when that key is destroyed."""
    rotating.rotate(town.id, "ordinary")
    with as_resident(town, rita()):
        draft = filled(town).draft
        key = forms.draft_key(draft)
        content = forms.open_content(draft)
        monkeypatch.setattr(forms, "draft_key", lambda draft: key)
        monkeypatch.setattr(forms, "open_content", lambda draft: content)
    vault.add_generation(town.id, "ordinary")
    rotating.rotate(town.id, "ordinary")
    vault.remove_generation(town.id, "ordinary.1")
    with as_resident(town, rita()):
        send(draft)
    assert wrapped_by(town, "ordinary.2") == 1
    assert names(town) == [NAMES[RITA]]


def test_a_draft_that_becomes_a_case_while_what_is_old_is_counted_keeps_its_key(town):
    """Counted in two statements, it was no case yet when cases were counted, and no draft any more when drafts were."""
    rotating.rotate(town.id, "ordinary")
    with as_resident(town, rita()):
        draft = filled(town).draft
    vault.add_generation(town.id, "ordinary")
    sent = []

    def is_sent_after_the_first_count(execute, sql, *args):
        found = execute(sql, *args)
        if "count(*)" in sql and not sent:
            sent.append(sql)
            with as_resident(town, rita()):
                send(draft)
        return found

    with (
        later(hours=2),
        use(town.id, "owner") as acting,
        connections[acting.alias].execute_wrapper(is_sent_after_the_first_count),
    ):
        assert rotating._destroy_what_is_old(town.id, "ordinary")
    assert sent
    assert names(town) == [NAMES[RITA]]


def test_a_case_that_was_wrapped_by_the_old_key_meanwhile_opens_and_is_taken_by_the_next_run(town):
    send_inquiry(town, rita())
    vault.add_generation(town.id, "ordinary")
    assert names(town) == [NAMES[RITA]]
    assert rotating.rotate(town.id, "ordinary").wrapped == 1
    assert vault.generations(town.id, "ordinary") == ("ordinary.1", "ordinary")


def test_what_was_interrupted_goes_on_where_it_was(town, monkeypatch):
    for _ in range(3):
        send_inquiry(town, rita())
    monkeypatch.setattr(rotating, "AT_ONCE", 1)

    def stop(done, total, area):
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rotating.rotate(town.id, "ordinary", stop)
    assert names(town) == [NAMES[RITA]] * 3
    assert wrapped_by(town, "ordinary.1") == 2
    assert rotating.rotate(town.id, "ordinary").wrapped == 1
    assert names(town) == [NAMES[RITA]] * 3


def test_a_damaged_key_holds_up_no_other_and_keeps_the_old_one(town):
    for _ in range(5):
        send_inquiry(town, rita())
    with use(town.id, "owner"):
        damaged = Case.objects.order_by("id")[2]
        whole = bytes(damaged.wrapped_key)
        Case.objects.filter(id=damaged.id).update(wrapped_key=whole[:-1] + bytes([whole[-1] ^ 1]))
    with pytest.raises(vault.CannotOpen, match="1 keys of cases of ordinary are damaged; 4"):
        rotating.rotate(town.id, "ordinary")
    with later(minutes=61), pytest.raises(vault.CannotOpen):
        rotating.rotate(town.id, "ordinary")
    with use(town.id, "owner"):
        Case.objects.filter(id=damaged.id).update(wrapped_key=whole)
    assert names(town) == [NAMES[RITA]] * 5


def test_a_replaced_key_is_destroyed_when_no_request_can_be_using_it(town):
    send_inquiry(town, rita())
    rotating.rotate(town.id, "ordinary")
    again = rotating.rotate(town.id, "ordinary")
    assert again.kept_until is not None
    assert vault.generations(town.id, "ordinary") == ("ordinary.2", "ordinary.1", "ordinary")
    with later(minutes=61):
        assert rotating.rotate(town.id, "ordinary").kept_until is None
    assert vault.generations(town.id, "ordinary") == ("ordinary.2", "ordinary")
    assert names(town) == [NAMES[RITA]]


def test_passwords_and_indexes_stay_and_other_areas_too(town):
    before = [vault.secret(town.id, "ordinary", "x"), vault.blind_index(town.id, "ordinary", "person", RITA)]
    _, wrapped = vault.new_case_key(town.id, "care")
    rotating.rotate(town.id, "ordinary")
    after = [vault.secret(town.id, "ordinary", "x"), vault.blind_index(town.id, "ordinary", "person", RITA)]
    assert before == after
    assert vault.open_case_key(town.id, "care", wrapped)


def test_withdrawing_takes_every_key_of_every_time(town, settings):
    rotating.rotate(town.id, "ordinary")
    vault.withdraw(town.id)
    assert not list((settings.VAULT_DIR / town.id).glob("*.key"))


def test_a_back_up_has_every_key_and_puts_it_back(town, settings, tmp_path):
    send_inquiry(town, rita())
    rotating.rotate(town.id, "ordinary")
    taken = exported_keys(town.id)
    assert "ordinary.1" in taken
    for path in (settings.VAULT_DIR / town.id).glob("*.key"):
        path.unlink()
    vault.put_back(town.id, taken)
    assert names(town) == [NAMES[RITA]]


def test_whom_a_case_concerns_is_found_after_the_old_key_is_destroyed(town):
    """Indexes are of the area's first key, which wraps nothing any more and stays."""
    with desk(town):
        before = home_key("ordinary", b"f" * 32), named_key("ordinary", b"o" * 32)
    for _ in range(2):
        rotating.rotate(town.id, "ordinary")
    with later(hours=2):
        assert rotating.rotate(town.id, "ordinary").kept_until is None
        with desk(town):
            assert (home_key("ordinary", b"f" * 32), named_key("ordinary", b"o" * 32)) == before
