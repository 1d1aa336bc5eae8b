"""A log that is begun anew after a restored back-up, and a log's key that is changed: told, sealed, verified, witnessed."""

import fcntl
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings

from allmenning import vault
from allmenning.basics import dates
from allmenning.journeys import log_statements, proving, sealing, witnessing
from allmenning.journeys.errors import LogKeyGone, NoReason, NothingToBeginAnew, NoWitnessAnswers, WitnessRefused
from allmenning.journeys.tests.test_sealing import write
from allmenning.journeys.tests.test_witnessing import clients, grow  # noqa: F401
from allmenning.municipal.access.errors import LogNotWhole
from allmenning.municipal.access.models import LogCosignature, LogEntry, LogHead, LogLeaf, LogStatement
from allmenning.tenancy import use
from allmenning.transparency.notes import Key

WHY = "restored from the back-up of 21 November"


@pytest.fixture(autouse=True)
def first_key_alone(municipality_a):
    # All processes that test at once have one vault.
    with (Path(settings.VAULT_DIR) / "log.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
        for name in vault.generations(municipality_a, "log")[:-1]:
            vault.remove_generation(municipality_a, name)


def restored_to(municipality, size):
    """As after a back-up was restored: the rows since then, their seals, heads and cosignatures are gone."""
    with use(municipality, "owner"):
        LogCosignature.objects.filter(head__size__gt=size).delete()
        LogHead.objects.filter(size__gt=size).delete()
        LogLeaf.objects.filter(number__gte=size).delete()
        LogEntry.objects.exclude(id__in=LogLeaf.objects.values("id")).delete()


def followed(clients, municipality):  # noqa: F811
    """The witnesses' operators, who are others, have added the log's key and name of now."""
    for client in clients:
        client.follows.append(sealing.signer_of(municipality).key)


def witnessed(municipality):
    return [witnessing.ask(municipality, each) for each in witnessing.witnesses()]


@pytest.fixture
def rolled_back(municipality_a, clients):  # noqa: F811
    grow(municipality_a, 3)
    grow(municipality_a, 4)
    restored_to(municipality_a, 3)
    return municipality_a


def test_a_log_begun_anew_says_what_was_lost_and_is_whole_again(rolled_back, clients):  # noqa: F811
    write(rolled_back, 1)
    sealing.seal(rolled_back)  # the worker went on before anybody noticed
    stated = log_statements.begin_anew(rolled_back, WHY)
    assert (stated.rows, stated.lost) == (4, 3)
    followed(clients, rolled_back)
    assert witnessed(rolled_back) == [True, True]
    found = proving.verify(rolled_back)
    assert found.whole, found.said
    assert "begun anew after 4 rows" in found.said
    assert f"3 rows that witnesses had seen are not in it: {WHY}" in found.said


def test_witnesses_follow_the_new_name_when_their_operators_say_so(rolled_back, clients):  # noqa: F811
    log_statements.begin_anew(rolled_back, WHY)
    with pytest.raises(WitnessRefused):
        witnessed(rolled_back)
    assert not proving.verify(rolled_back).whole
    followed(clients, rolled_back)
    assert witnessed(rolled_back) == [True, True]
    assert grow(rolled_back, 2) == [True, True]
    assert proving.verify(rolled_back).whole


def test_the_evidence_is_kept_and_a_row_tells_of_it(rolled_back):
    log_statements.begin_anew(rolled_back, WHY)
    with use(rolled_back, "sealer"):
        stated = LogStatement.objects.get()
        entry = LogEntry.objects.get(purpose="log-keeping")
    assert len(stated.evidence) == 2
    assert all("\n7\n" in head for head in stated.evidence)
    assert (entry.action, entry.object_id, entry.actor_kind) == ("begin-log", stated.id, "system")


def test_a_log_may_be_begun_anew_twice(rolled_back, clients):  # noqa: F811
    log_statements.begin_anew(rolled_back, WHY)
    followed(clients, rolled_back)
    witnessed(rolled_back)
    grow(rolled_back, 5)
    restored_to(rolled_back, 4)
    log_statements.begin_anew(rolled_back, "and again")
    followed(clients, rolled_back)
    assert witnessed(rolled_back) == [True, True]
    found = proving.verify(rolled_back)
    assert found.whole, found.said
    assert found.said.count("begun anew") == 2


def test_an_exported_log_has_its_statements(rolled_back, clients, tmp_path):  # noqa: F811
    log_statements.begin_anew(rolled_back, WHY)
    followed(clients, rolled_back)
    witnessed(rolled_back)
    proving.export(rolled_back, tmp_path / "log")
    assert proving.verify(rolled_back, tmp_path / "log").whole
    text = (tmp_path / "log").read_text()
    (tmp_path / "other").write_text(text.replace(WHY, WHY.replace("21", "20")))
    assert "not signed by its key" in proving.verify(rolled_back, tmp_path / "other").said


def test_a_log_that_is_whole_is_not_begun_anew(municipality_a, clients):  # noqa: F811
    grow(municipality_a, 3)
    write(municipality_a, 2)
    with pytest.raises(NothingToBeginAnew):
        log_statements.begin_anew(municipality_a, WHY)


def test_nobody_begins_anew_over_rows_that_were_changed(rolled_back):
    """That would make a new past of them."""
    with use(rolled_back, "owner"):
        LogEntry.objects.filter(id=LogEntry.objects.order_by("id").first().id).update(staff_name="Somebody else")
    with pytest.raises(LogNotWhole):
        log_statements.begin_anew(rolled_back, WHY)


def test_without_witnesses_nobody_can_say_what_was_lost(rolled_back, clients):  # noqa: F811
    for client in clients:
        client.away = True
    with pytest.raises(NoWitnessAnswers):
        log_statements.begin_anew(rolled_back, WHY)


def test_a_reason_is_asked_for(rolled_back):
    with pytest.raises(NoReason):
        log_statements.begin_anew(rolled_back, "  ")


def test_a_new_key_signs_with_the_old_one_until_the_witnesses_know_it(municipality_a, clients):  # noqa: F811
    grow(municipality_a, 3)
    before = sealing.signer_of(municipality_a).key
    stated = log_statements.change_key(municipality_a, "once a year")
    now = sealing.signer_of(municipality_a).key
    assert (stated.key, stated.rows) == (str(now), 3)
    assert now.name == before.name
    assert now.public != before.public
    assert witnessed(municipality_a) == [True, True]  # they know the old one alone
    for client in clients:
        client.follows = [now]
    assert grow(municipality_a, 2) == [True, True]
    found = proving.verify(municipality_a)
    assert found.whole, found.said
    assert "from row 3 on another key signs" in found.said


def test_the_old_key_signs_no_more_after_a_while_or_at_once(municipality_a, clients, monkeypatch):  # noqa: F811
    grow(municipality_a, 3)
    first = sealing.signer_of(municipality_a).key
    log_statements.change_key(municipality_a, "once a year")
    second = sealing.signer_of(municipality_a).key
    with use(municipality_a, "sealer"):
        assert [each.key for each in sealing.signers_of(municipality_a)] == [second, first]
        later = dates.now() + log_statements.BOTH_SIGN_FOR + timedelta(days=1)
        with monkeypatch.context() as patched:
            patched.setattr(dates, "now", lambda: later)
            assert [each.key for each in sealing.signers_of(municipality_a)] == [second]
    log_statements.change_key(municipality_a, "it was shown", at_once=True)
    with use(municipality_a, "sealer"):
        (third,) = sealing.signers_of(municipality_a)
    assert third.key not in (first, second)
    with pytest.raises(WitnessRefused):
        witnessed(municipality_a)


def test_a_change_that_was_interrupted_is_gone_on_with(municipality_a, clients):  # noqa: F811
    grow(municipality_a, 1)
    name = vault.add_generation(municipality_a, "log")
    assert sealing.signer_of(municipality_a).key.public != sealing.signer_by(municipality_a, name, "x").key.public
    log_statements.change_key(municipality_a, "once a year")
    assert vault.generations(municipality_a, "log") == (name, "log")


def test_nothing_is_signed_by_another_key_when_the_logs_own_is_gone(municipality_a, clients):  # noqa: F811
    grow(municipality_a, 1)
    log_statements.change_key(municipality_a, "once a year")
    vault.remove_generation(municipality_a, vault.generations(municipality_a, "log")[0])
    write(municipality_a, 1)
    with pytest.raises(LogKeyGone):
        sealing.seal(municipality_a)


def test_a_key_that_is_changed_after_the_log_was_begun_anew_has_its_new_name(rolled_back, clients):  # noqa: F811
    log_statements.begin_anew(rolled_back, WHY)
    followed(clients, rolled_back)
    witnessed(rolled_back)
    log_statements.change_key(rolled_back, "once a year")
    assert Key.parse(log_statements.change_key(rolled_back, "again").key).name.count("/") == 3
    followed(clients, rolled_back)
    assert witnessed(rolled_back) == [True, True]
    found = proving.verify(rolled_back)
    assert found.whole, found.said
