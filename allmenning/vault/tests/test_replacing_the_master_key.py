"""The master key itself is replaced while everybody works: in a file, in a module, and from the one to the other."""

import itertools
import json
import threading

import pytest

from allmenning import vault
from allmenning.vault import CannotOpen, KeeperRefuses, keys, master
from allmenning.vault.master import FileMasterKey

from .restorer import exported_keys
from .test_keeper import EVERYTHING, ME, SOMEBODY, asked, running  # noqa: F401 (fixtures)
from .test_pkcs11 import MODULE, module  # noqa: F401

TOWNS = (vault.COMMONS, "averoy", "smola")


class Stopped(Exception):
    """The command was killed here."""


def everything(settings):
    """What each key of each municipality makes: passwords, indexes, seals, the log's and the back-ups' signatures."""
    files = sorted(settings.VAULT_DIR.glob("*/*.key"))
    return {(f.parent.name, f.stem): vault.secret(f.parent.name, f.stem, "x") for f in files}


def on_disk(settings):
    return {f: f.read_bytes() for f in settings.VAULT_DIR.glob("*/*.key")}


def masters(settings):
    """Ids of the master keys that keys on the disk are wrapped by."""
    return {content[:8] for content in on_disk(settings).values()}


@pytest.fixture
def town(asked):  # noqa: F811
    vault.create_keys(vault.COMMONS)
    vault.add_generation("averoy", "care")
    return asked


def test_every_key_is_wrapped_by_the_new_one_and_opens_what_it_opened(town, settings):
    before, copies, [old] = everything(settings), on_disk(settings), masters(settings)
    number = len(vault.keys._names("averoy")) * 2 + len(vault.keys._names(vault.COMMONS)) + 1
    assert vault.replace_master_key() == number == len(copies)
    assert len(masters(settings)) == 1
    assert old not in masters(settings)
    assert everything(settings) == before
    assert sorted(f.name for f in town.home.iterdir()) == ["grants.jsonl", "master.key", "withdrawn"]


def test_the_old_one_is_refused_afterwards_also_by_a_keeper_that_is_started_again(town, settings):
    of, wrapped = keys.key_of("averoy", "care").of, keys.key_of("averoy", "care").wrapped
    vault.replace_master_key()
    for _ in range(2):
        with pytest.raises(CannotOpen):
            master.master_key().derive(wrapped, of, ["x"])
        town.restart(*EVERYTHING)


@pytest.mark.parametrize("after", [0, 1, 17, 10_000])
def test_who_is_killed_on_the_way_goes_on_the_next_time(town, settings, monkeypatch, after):
    before, count = everything(settings), itertools.count()
    write, retire = vault.disk.write, keys.master_key().__class__.retire

    def killed(path, content):
        if next(count) == after:
            raise Stopped
        write(path, content)

    def never(*args):
        raise Stopped

    monkeypatch.setattr(keys.disk, "write", killed)
    monkeypatch.setattr(keys.master_key().__class__, "retire", never)
    with pytest.raises(Stopped):
        vault.replace_master_key()
    monkeypatch.setattr(keys.disk, "write", write)
    assert everything(settings) == before
    town.restart(*EVERYTHING)
    assert everything(settings) == before
    vault.create_keys("hitra")
    monkeypatch.setattr(keys.master_key().__class__, "retire", retire)
    vault.replace_master_key()
    assert len(masters(settings)) == 1
    assert {name: made for name, made in everything(settings).items() if name[0] != "hitra"} == before
    assert not (town.home / "master.next.key").exists()


def test_whoever_works_meanwhile_notices_nothing(town, settings, monkeypatch):
    """Readers that remember nothing, and one who makes new keys all the time."""
    monkeypatch.setattr(keys, "RENEWED_AFTER", 0.0)
    before, stop, failed, asked_for = everything(settings), threading.Event(), [], itertools.count()

    def work():
        while not stop.is_set():
            try:
                for (town_, name), value in before.items():
                    assert vault.secret(town_, name, "x") == value
                    next(asked_for)
                _, wrapped = vault.new_case_key("smola", "care")
                vault.open_case_key("smola", "care", wrapped)
            except Exception as error:
                failed.append(error)

    def makes():
        for area in ("ordinary", "care", "ordinary", "care"):
            vault.add_generation("smola", area)

    threads = [threading.Thread(target=work), threading.Thread(target=work), threading.Thread(target=makes)]
    for each in threads:
        each.start()
    for _ in range(3):
        vault.replace_master_key()
    threads[2].join()
    stop.set()
    for each in threads:
        each.join()
    assert failed == []
    assert next(asked_for) > 100
    vault.replace_master_key()
    assert len(masters(settings)) == 1


def test_a_damaged_key_keeps_the_old_one_until_somebody_has_looked(town, settings):
    file = settings.VAULT_DIR / "averoy" / "care.key"
    whole = file.read_bytes()
    file.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    with pytest.raises(CannotOpen):
        vault.replace_master_key()
    assert len(masters(settings)) == 2
    file.write_bytes(whole)
    vault.replace_master_key()
    assert len(masters(settings)) == 1


def test_a_withdrawn_municipality_does_not_come_back_by_it(town, settings):
    copy = (settings.VAULT_DIR / "averoy" / "care.key").read_bytes()
    vault.withdraw("averoy")
    vault.replace_master_key()
    assert not list((settings.VAULT_DIR / "averoy").glob("*.key"))
    (settings.VAULT_DIR / "averoy" / "care.key").write_bytes(copy)
    vault.replace_master_key()


def test_only_an_operator_replaces_it_and_each_step_is_a_line_in_the_log(town):
    vault.replace_master_key()
    done = [line["operation"] for line in town.log()]
    assert (done.count("renew-master"), done.count("retire-master")) == (1, 1)
    for role in ("--user", "--worker"):
        town.restart(role, ME, "--operator", SOMEBODY)
        for wrong in (
            master.master_key().renew,
            lambda: master.master_key().retire(b"x" * 8),
            lambda: master.master_key().wrap_again(b"x", keys.key_of("averoy", "care").of),
        ):
            with pytest.raises(KeeperRefuses):
                wrong()


def test_the_wrong_one_is_not_destroyed(town, settings):
    before = everything(settings)
    master.master_key().renew()
    with pytest.raises(CannotOpen):
        master.master_key().retire(next(iter(masters(settings))))
    assert everything(settings) == before


@pytest.mark.skipif(MODULE is None, reason="SoftHSM is not installed (Debian: apt install softhsm2)")
def test_from_a_file_into_a_module_and_anew_in_the_module(town, settings, module, monkeypatch):  # noqa: F811
    before = everything(settings)
    for times in range(3):
        town.restart(*module)
        monkeypatch.setattr(keys, "_granted", {})
        assert everything(settings) == before
        vault.replace_master_key()
        monkeypatch.setattr(keys, "_granted", {})
        assert everything(settings) == before, times
        assert not FileMasterKey.is_in(town.home)
        assert len(masters(settings)) == 1


@pytest.mark.skipif(MODULE is None, reason="SoftHSM is not installed (Debian: apt install softhsm2)")
def test_a_module_that_was_stopped_on_the_way_goes_on(town, settings, module, monkeypatch):  # noqa: F811
    town.restart(*module)
    vault.replace_master_key()
    before, [old] = everything(settings), masters(settings)
    newest = master.master_key().renew()
    keys._wrap_again(settings.VAULT_DIR / "averoy" / "care.key", newest)
    town.restart(*module)
    monkeypatch.setattr(keys, "_granted", {})
    assert everything(settings) == before
    assert master.master_key().renew() == newest
    vault.replace_master_key()
    assert masters(settings) == {newest} != {old}


def test_the_command_says_how_many(town, capsys):
    from allmenning.doors.cli.__main__ import main

    assert main(["keys", "rotate-master", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["wrapped"] > 20


def test_a_back_up_from_before_there_were_protected_addresses_gets_that_key(town, settings):
    taken = exported_keys("averoy")
    assert "protection" in taken
    for path in (settings.VAULT_DIR / "averoy").glob("*.key"):
        path.unlink()
    vault.put_back("averoy", {name: key for name, key in taken.items() if name != "protection"})
    assert vault.has_keys("averoy")
    assert exported_keys("averoy")["protection"] != taken["protection"]
    (settings.VAULT_DIR / "averoy" / "protection.key").unlink()
    vault.put_back("averoy", taken)
    assert exported_keys("averoy") == taken


def test_a_folder_that_several_users_share_is_shared_in_all_of_it(asked, settings, tmp_path):  # noqa: F811
    """Web server, worker and operator are three users: the operator makes keys that the others read, wrapped."""
    settings.VAULT_DIR = tmp_path / "shared"
    settings.VAULT_DIR.mkdir()
    settings.VAULT_DIR.chmod(0o2750)
    vault.create_keys("averoy")
    vault.replace_master_key()
    assert {f.stat().st_mode & 0o7777 for f in settings.VAULT_DIR.glob("averoy")} == {0o2750}
    assert {f.stat().st_mode & 0o7777 for f in settings.VAULT_DIR.glob("averoy/*.key")} == {0o640}
    settings.VAULT_DIR.chmod(0o755)
    vault.create_keys("smola")
    assert {f.stat().st_mode & 0o7777 for f in settings.VAULT_DIR.glob("smola/*.key")} == {0o600}
