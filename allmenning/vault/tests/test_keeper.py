"""The keeper, as a process of its own, asked over its socket."""

import json
import os
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from pyrage import x25519

from allmenning import vault
from allmenning.project.supervisor import takes_connections
from allmenning.vault import CannotOpen, KeeperAway, KeeperRefuses, KeysWithdrawn, OtherRecipients, keys, master
from allmenning.vault.keeper import protocol
from allmenning.vault.keeper.grants import Caller, GrantsLog
from allmenning.vault.keeper.policy import Callers, Limits, Rates
from allmenning.vault.keeper.protocol import Answer, Request
from allmenning.vault.keeper.server import Keeper
from allmenning.vault.master import FileMasterKey, KeyName
from allmenning.vault.tests.restorer import PRIVATE, PUBLIC, exported_keys

ROOT = Path(__file__).resolve().parents[3]
ME = str(os.getuid())
SOMEBODY = str(os.getuid() + 1)
EVERYTHING = ("--worker", ME, "--operator", ME, "--restorer", ME, "--backup-recipient", PUBLIC)


class Running:
    """A keeper in a folder; `start` and `stop` as a service manager does."""

    def __init__(self, folder):
        self.home, self.socket, self.process = folder / "keeper", folder / "run" / "socket", None

    def start(self, *options):
        command = [sys.executable, "-m", "allmenning.doors.cli", "keeper"]
        command += ["--home", self.home, "--socket", self.socket, *options]
        self.process = subprocess.Popen(list(map(str, command)), cwd=ROOT, stderr=subprocess.PIPE, text=True)
        while not takes_connections(self.socket):
            assert self.process.poll() is None, self.process.stderr.read()
            time.sleep(0.02)

    def stop(self):
        if self.process is not None:
            self.process.terminate()
            self.process.wait(10)
            self.process.stderr.close()
            self.process = None

    def restart(self, *options):
        self.stop()
        self.start(*options)

    def log(self):
        return [json.loads(line) for line in (self.home / "grants.jsonl").read_text().splitlines()]


def running_beside(first):
    """Start one more keeper in the same place."""
    command = [sys.executable, "-m", "allmenning.doors.cli", "keeper"]
    command += ["--home", first.home, "--socket", first.socket, "--user", ME]
    done = subprocess.run(list(map(str, command)), cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture
def running(tmp_path):
    keeper = Running(tmp_path)
    yield keeper
    keeper.stop()


@pytest.fixture
def asked(running, settings, tmp_path, monkeypatch):
    """A vault whose keys the keeper opens; this process may do everything."""
    monkeypatch.setattr(keys, "_granted", {})
    settings.VAULT_DIR = tmp_path / "vault"
    settings.VAULT_MASTER_KEY = "allmenning.vault.keeper.client.KeeperMasterKey"
    settings.KEEPER_SOCKET = running.socket
    running.start(*EVERYTHING)
    for municipality in ("averoy", "smola"):
        vault.create_keys(municipality)
    return running


@pytest.fixture
def clock(monkeypatch):
    """What the vault takes for the time, in seconds."""
    now = [time.monotonic()]
    monkeypatch.setattr(keys, "_next_sweep", [now[0] + 60])
    monkeypatch.setattr(keys.time, "monotonic", lambda: now[0])
    return now


def test_fields_passwords_and_indexes_come_by_way_of_the_keeper(asked, settings):
    key, wrapped = vault.new_case_key("averoy", "care")
    assert vault.open_case_key("averoy", "care", wrapped).open_text("title", key.seal("title", "Støtte")) == "Støtte"
    password = vault.secret("averoy", "care", "database-password")
    assert password != vault.secret("smola", "care", "database-password")
    assert not (settings.VAULT_DIR / "master.key").exists()


def test_the_key_itself_stays_with_the_keeper_and_what_is_derived_is_the_same(asked):
    name, opened = "care", exported_keys("averoy")["care"]
    assert vault.secret("averoy", name, "x") == vault.sealing.derive(opened.value, "x") != opened.value


def test_each_grant_is_a_line_that_tells_who_whose_and_why(asked):
    before = len(asked.log())
    vault.secret("averoy", "care", "database-password")
    vault.secret("averoy", "care", "database-password")
    [line] = asked.log()[before:]
    assert (line["uid"], line["pid"], line["outcome"]) == (os.getuid(), os.getpid(), "granted")
    assert (line["municipality"], line["name"], line["purpose"]) == ("averoy", "care", "database-password")


def test_no_key_is_in_the_log_and_nobody_else_may_read_it(asked):
    secret = vault.secret("averoy", "care", "x")
    file = asked.home / "grants.jsonl"
    whole = [key.value for key in exported_keys("averoy").values()]
    written = file.read_bytes()
    for key in (secret, (asked.home / "master.key").read_bytes(), *whole):
        assert key not in written
        assert key.hex().encode() not in written
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_who_only_serves_gets_no_owner_no_whole_key_and_withdraws_nothing(asked):
    asked.restart("--user", ME, "--operator", SOMEBODY)
    assert vault.secret("averoy", "care", "x")
    for wrong in (
        lambda: vault.secret("averoy", "owner", "database-password"),
        lambda: vault.secret("averoy", "sealer", "database-password"),
        lambda: vault.secret("averoy", "log", "log-signing"),
        lambda: exported_keys("averoy"),
        lambda: vault.create_keys("hitra"),
        lambda: master.master_key().withdraw("averoy"),
    ):
        with pytest.raises(KeeperRefuses):
            wrong()
    assert vault.secret("averoy", "care", "y")


def test_a_worker_has_what_the_owner_has_and_no_whole_key(asked):
    asked.restart("--worker", ME)
    assert vault.secret("averoy", "owner", "database-password")
    with pytest.raises(KeeperRefuses):
        exported_keys("averoy")


def test_an_operator_is_told_no_key_and_nothing_that_opens_signs_or_finds(asked):
    asked.restart("--operator", ME, "--backup-recipient", PUBLIC)
    vault.create_keys("hitra")
    assert vault.secret("hitra", "owner", "database-password")
    key = keys.key_of("hitra", "care")
    for wrong in (
        lambda: vault.seal("hitra", "care", "a name", "Rita"),
        lambda: vault.new_case_key("hitra", "care"),
        lambda: vault.blind_index("hitra", "care", "person", "13897248098"),
        lambda: vault.secret("hitra", "log", "log-signing"),
        lambda: master.master_key().derive(key.wrapped, key.of, []),
        # One that they knew would open what comes to be sealed by it.
        lambda: master.master_key().wrap(b"k" * 32, key.of._replace(name="care.1")),
    ):
        with pytest.raises(KeeperRefuses):
            wrong()
    assert not hasattr(master.master_key(), "unwrap")
    assert asked_for("unwrap", key, asked).error == protocol.MALFORMED


def asked_for(operation, key, running):
    """What the keeper answers to an operation that its client may not have."""
    framed = Request(operation, "stranger", *key.of, key.wrapped).encode()
    with socket.socket(socket.AF_UNIX) as connection, protocol.short(running.socket) as path:
        connection.connect(path)
        connection.sendall(framed)
        return Answer.decode(protocol.receive(connection))


def test_keys_leave_for_a_back_up_sealed_to_whom_the_keeper_was_told_of_and_to_nobody_else(asked):
    stranger = x25519.Identity.generate()
    asked.restart("--operator", ME, "--backup-recipient", PUBLIC)
    sealed = vault.exported("averoy", [PUBLIC])
    assert sorted(sealed) == sorted(keys.NAMES)
    assert (
        vault.open_exported(sealed["care"], "averoy", "care", [PRIVATE]).identity
        == keys.key_of("averoy", "care").identity
    )
    for wrong in (("averoy", "care", [stranger]), ("smola", "care", [PRIVATE]), ("averoy", "ordinary", [PRIVATE])):
        with pytest.raises(CannotOpen):
            vault.open_exported(sealed["care"], *wrong)
    for theirs in ([str(stranger.to_public())], [PUBLIC, str(stranger.to_public())], []):
        with pytest.raises(OtherRecipients):
            vault.exported("averoy", theirs)
    asked.restart("--operator", ME)
    for anybody in ([PUBLIC], []):
        with pytest.raises(OtherRecipients):
            vault.exported("averoy", anybody)


def test_who_restores_puts_keys_back_and_an_operator_can_not(asked, settings):
    asked.restart("--user", ME, "--operator", ME, "--backup-recipient", PUBLIC)
    taken, secret = exported_keys("averoy"), vault.secret("averoy", "care", "x")
    for path in (settings.VAULT_DIR / "averoy").glob("*.key"):
        path.unlink()
    keys._forget()
    with pytest.raises(KeeperRefuses):
        vault.put_back("averoy", taken)
    asked.restart("--user", ME, "--restorer", ME)
    vault.put_back("averoy", taken)
    assert vault.secret("averoy", "care", "x") == secret
    vault.put_back("averoy", taken)  # those that are here are compared, and told to nobody
    with pytest.raises(CannotOpen, match="another key care"):
        vault.put_back("averoy", taken | {"care": taken["care"]._replace(value=b"k" * 32)})


def test_a_keeper_does_not_start_with_a_recipient_that_is_none(running):
    with pytest.raises(AssertionError, match="no public key of age"):
        running.start("--operator", ME, "--backup-recipient", "age1nobody")


def test_a_user_whom_the_keeper_does_not_know_gets_nothing(asked):
    asked.restart("--user", SOMEBODY)
    with pytest.raises(KeeperRefuses):
        vault.secret("averoy", "care", "x")
    assert asked.log()[-1]["outcome"] == "refused"


def test_a_municipality_that_has_withdrawn_is_refused_at_once_and_for_good(asked, settings, tmp_path):
    copy = {path.name: path.read_bytes() for path in (settings.VAULT_DIR / "averoy").iterdir()}
    vault.secret("averoy", "care", "x")
    vault.withdraw("averoy")
    with pytest.raises(KeysWithdrawn):
        vault.secret("averoy", "care", "x")
    # Even for one who had kept a copy of the vault's folder.
    (settings.VAULT_DIR / "averoy" / "withdrawn").unlink()
    for name, content in copy.items():
        (settings.VAULT_DIR / "averoy" / name).write_bytes(content)
    asked.restart("--user", ME)
    with pytest.raises(KeysWithdrawn):
        vault.secret("averoy", "care", "x")
    assert vault.secret("smola", "care", "x")


def test_withdrawing_acts_at_once_where_the_keeper_is_away(asked):
    vault.secret("averoy", "care", "x")
    asked.stop()
    with pytest.raises(KeeperAway):
        vault.withdraw("averoy")
    with pytest.raises(KeysWithdrawn):
        vault.secret("averoy", "care", "x")


def test_while_the_keeper_is_away_what_was_opened_lasts_a_while_and_no_longer(asked, clock):
    value = vault.secret("averoy", "care", "x")
    asked.stop()
    clock[0] += keys.KEPT_FOR - 1
    assert vault.secret("averoy", "care", "x") == value
    with pytest.raises(KeeperAway):
        vault.secret("averoy", "care", "another")
    clock[0] += 1
    with pytest.raises(KeeperAway):
        vault.secret("averoy", "care", "x")


def test_nothing_stays_in_memory_after_its_time(asked, clock):
    vault.secret("averoy", "care", "x")
    clock[0] += keys.KEPT_FOR
    vault.secret("averoy", "care", "y")
    assert [purpose for _, purpose in keys._granted] == [("y",)]


def test_what_was_opened_is_asked_for_again_in_time(asked, clock):
    vault.secret("averoy", "care", "x")
    clock[0] += keys.RENEWED_AFTER
    before = len(asked.log())
    vault.secret("averoy", "care", "x")
    assert len(asked.log()) == before + 1


def test_a_crowd_of_questions_is_stopped_for_one_municipality_alone(asked):
    asked.restart("--user", ME, "--operator", ME, "--municipality-rate", "20")
    for number in range(20):
        vault.secret("averoy", "care", f"purpose {number}")
    with pytest.raises(KeeperAway, match="too-often"):
        vault.secret("averoy", "care", "one more")
    assert vault.secret("smola", "care", "x")


def test_a_key_that_follows_another_is_guarded_as_the_first_was():
    callers, limits = Callers(users=frozenset({1})), Limits(Rates(protection=1), clock=lambda: 0.0)
    assert not any(callers.may(1, protocol.DERIVE, name) for name in ("owner.1", "sealer.2", "log.1"))
    assert [limits.allow(1, "averoy", name) for name in ("protection", "protection.1")] == [True, False]


def test_the_key_of_protected_addresses_is_asked_for_seldom(asked):
    """Whoever asks for it often wants to know where those live who must not be found: it stops, and the rest goes on."""
    asked.restart("--user", ME, "--operator", ME, "--protection-rate", "5")
    for number in range(5):
        vault.secret("averoy", "protection", f"purpose {number}")
    with pytest.raises(KeeperAway, match="too-often"):
        vault.secret("averoy", "protection", "one more")
    assert vault.secret("averoy", "care", "x")
    assert vault.secret("smola", "protection", "x")
    assert [line["outcome"] for line in asked.log() if line["name"] == "protection"].count("too-often") == 1


def test_a_grant_is_on_the_disk_before_the_answer_leaves(tmp_path, monkeypatch):
    keeper = Keeper(tmp_path, FileMasterKey(tmp_path), Callers(users=frozenset({1})))
    of = KeyName("averoy", "care", b"x" * 8)
    body = Request(protocol.DERIVE, "web", *of, keeper.master.wrap(b"k" * 32, of), ("p",)).encode()[4:]

    def never(descriptor):
        raise OSError("the disk is gone")

    monkeypatch.setattr(os, "fdatasync", never)
    assert keeper.answer(Caller(1, 1, 1), body) == Answer(error=protocol.FAILED)


def test_another_key_or_another_name_does_not_open(asked):
    of, wrapped = keys.key_of("averoy", "care").of, keys.key_of("averoy", "care").wrapped
    for wrong in (of._replace(name="ordinary"), of._replace(municipality="smola"), of._replace(identity=b"x" * 8)):
        with pytest.raises(CannotOpen):
            master.master_key().derive(wrapped, wrong, ["x"])


@pytest.mark.parametrize(
    "sent",
    [b"", b"\0\0\0\0", b"\xff\xff\xff\xff", b"GET / HTTP/1.1\r\n\r\n", b"\0\0\0\2{}", b"\0\0\0\4null", b"\0\0\0\1[",
     b"\0\0\x1f\xf4" + b"[" * 8180],
)  # fmt: skip
def test_what_is_no_request_harms_nothing(asked, sent):
    with socket.socket(socket.AF_UNIX) as connection, protocol.short(asked.socket) as path:
        connection.settimeout(10)
        connection.connect(path)
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        answer = connection.recv(protocol.LARGEST)
    assert answer == b"" or Answer.decode(answer[4:]).error == protocol.MALFORMED
    assert vault.secret("averoy", "care", "x")


@pytest.mark.parametrize("operation", protocol.OPERATIONS)
@pytest.mark.parametrize("field", ["program", "municipality", "name", "purpose"])
def test_whatever_stands_in_a_field_is_answered(tmp_path, operation, field):
    keeper = Keeper(tmp_path, FileMasterKey(tmp_path), Callers(operators=frozenset({1})))
    held = json.loads(Request(operation, "ops", "averoy", "care", b"x" * 8).encode()[4:])
    for wrong in ([], [[]], [1], {}, None, 7, "\n"):
        answer = keeper.answer(Caller(1, 1, 1), json.dumps({**held, field: wrong}).encode())
        assert answer.error == protocol.MALFORMED or (field, wrong) == ("purpose", [])


def test_a_second_keeper_does_not_take_the_firsts_place(asked):
    with pytest.raises(AssertionError, match="another one answers"):
        running_beside(asked)
    assert vault.secret("averoy", "care", "x")


def test_the_keepers_memory_is_not_for_others_of_its_user(asked):
    status = Path(f"/proc/{asked.process.pid}/environ").stat()
    assert status.st_uid == 0


def test_no_line_is_ever_two(tmp_path):
    keeper = Keeper(tmp_path, FileMasterKey(tmp_path), Callers(users=frozenset({1})))
    evil = Request(protocol.DERIVE, "x\n{}", "averoy", "care", b"x" * 8, b"", ("p",)).encode()[4:]
    keeper.answer(Caller(1, 1, 1), evil)
    lines = (tmp_path / "grants.jsonl").read_text().splitlines()
    assert [json.loads(line)["outcome"] for line in lines] == ["malformed"]


def test_nothing_is_granted_that_is_not_logged(tmp_path):
    keeper = Keeper(tmp_path, FileMasterKey(tmp_path), Callers(users=frozenset({1})))
    of = KeyName("averoy", "care", b"x" * 8)
    wrapped = keeper.master.wrap(b"k" * 32, of)
    body = Request(protocol.DERIVE, "web", *of, wrapped, ("p",)).encode()[4:]
    assert len(keeper.answer(Caller(1, 1, 1), body).content) == 32
    (tmp_path / "grants.jsonl").unlink()
    (tmp_path / "grants.jsonl").mkdir()
    assert keeper.answer(Caller(1, 1, 1), body) == Answer(error=protocol.FAILED)


def test_a_line_that_a_full_disk_cut_short_spoils_no_other(tmp_path, monkeypatch):
    log, whole = GrantsLog(tmp_path / "grants.jsonl"), os.write
    log.write(Caller(1, 2, 3), "granted", purpose="first")
    with monkeypatch.context() as full:
        full.setattr(os, "write", lambda descriptor, written: whole(descriptor, written[:20]))
        with pytest.raises(OSError, match="could not be logged"):
            log.write(Caller(1, 2, 3), "granted", purpose="never granted")
    log.write(Caller(1, 2, 3), "granted", purpose="second")
    first, cut, second = (tmp_path / "grants.jsonl").read_text().splitlines()
    assert (json.loads(first)["purpose"], len(cut), json.loads(second)["purpose"]) == ("first", 20, "second")


def test_refusals_do_not_fill_the_disk(tmp_path):
    keeper = Keeper(tmp_path, FileMasterKey(tmp_path), Callers())
    for _ in range(500):
        assert keeper.answer(Caller(1, 7, 7), b"{}").error == protocol.REFUSED
    assert 60 <= len((tmp_path / "grants.jsonl").read_text().splitlines()) <= 120


def test_a_minute_later_it_may_be_asked_again():
    now = [0.0]
    limits = Limits(Rates(user=5, municipality=2), clock=lambda: now[0])
    assert [limits.allow(1, "averoy") for _ in range(3)] == [True, True, False]
    assert limits.allow(1, "smola")
    assert limits.allow(2, "averoy")
    now[0] = 60.0
    assert limits.allow(1, "averoy")
