"""A machine is backed up, and what was on it is found again on another one: all of it, by the right key, and only so."""

import errno
import json
import os
import shutil
import subprocess
import sys
import time
from io import BytesIO
from pathlib import Path

import pytest

from allmenning.backup.errors import Damaged, DiskFull, NotAKeyFile, NotAPublicKey, SignedByAnother
from allmenning.backup.restoring import Restoring
from allmenning.backup.sealing import Sealer, make_key
from allmenning.project import postgres

ROOT = Path(__file__).resolve().parents[3]
CANARIES = (b"Kanarifuglen", b"Rita Rogn", b"Alice Alm", b"Servicetorget")


class Machine:
    """A server room of its own: PostgreSQL, keys and files in one folder."""

    def __init__(self, home):
        self.home = home
        self.files = home / "files"

    def run(self, *words, **environment):
        return self.module("allmenning.doors.cli", *words, **environment)

    def module(self, *words, **environment):
        return subprocess.run(
            [sys.executable, "-m", *map(str, words)], cwd=ROOT, env=self.environment(**environment),
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip

    def kill_when(self, happened, *words):
        """Begin a command, and kill it at the moment that something has happened."""
        running = subprocess.Popen(
            [sys.executable, "-m", "allmenning.doors.cli", *map(str, words)], cwd=ROOT, env=self.environment(),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        while not happened():
            assert running.poll() is None, "it was done before it could be killed"
            time.sleep(0.002)
        running.kill()
        running.wait()

    def environment(self, **more):
        return os.environ | {
            "DJANGO_SETTINGS_MODULE": "allmenning.backup.tests.settings",
            "ALLMENNING_HOME": str(self.home),
            **more,
        }

    def do(self, *words, **environment):
        """A command that has to succeed; what it printed."""
        done = self.run(*words, **environment)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def refuses(self, *words, **environment):
        """A command that has to fail, in one line."""
        done = self.run(*words, **environment)
        assert done.returncode == 1, done.stderr
        assert done.stderr.count("\n") == 1, done.stderr
        return done.stderr

    def town(self, *words, **environment):
        done = self.module("allmenning.backup.tests.town", *words, **environment)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) if done.stdout else None

    def copies(self):
        return json.loads(self.do("copy", "list", "--json"))


class Backup:
    """A machine with two municipalities, backed up twice into one folder, and what it held the second time."""

    def __init__(self, home):
        self.home, self.machine = home, Machine(home / "live")
        self.folder, self.key = home / "backup", home / "private.key"
        self.public = self.machine.do("backup-key", self.key).strip()
        self.machine.town("found")
        self.machine.town("fill", "3")
        self.first = self.back_up()
        self.machine.town("fill", "2")
        self.second = self.back_up()
        self.held = self.machine.town("look")

    def back_up(self, *options):
        return json.loads(self.machine.do("backup", self.folder, "--to", self.public, "--json", *options))


@pytest.fixture(scope="module")
def backup(tmp_path_factory):
    home = tmp_path_factory.mktemp("back-up æøå")
    try:
        yield Backup(home)
    finally:
        postgres.forget(home / "live" / "postgres")


@pytest.fixture
def empty(backup, tmp_path):
    """A machine with nothing on it."""
    machine = Machine(tmp_path / "elsewhere")
    yield machine
    postgres.forget(machine.home / "postgres")


def test_only_new_files_are_added_and_nothing_readable_is_written(backup):
    assert backup.first["new_files"] > 3
    assert 0 < backup.second["new_files"] < backup.first["new_files"]
    written = b"".join(path.read_bytes() for path in backup.folder.rglob("*") if path.is_file())
    assert [canary for canary in CANARIES if canary in written] == []
    identity = backup.key.read_text().split()[-1].encode()
    assert identity not in written


def test_everything_is_restored_on_an_empty_machine(backup, empty):
    signer = backup.second["signer"]
    said = empty.refuses("restore", backup.folder, "--key", backup.key)
    assert signer in said

    empty.do("restore", backup.folder, "--key", backup.key, "--signed-by", signer)

    assert empty.town("look") == backup.held
    assert empty.town("open") == {
        "applicant": "Rita Rogn", "subject": "Kanarifuglen Kvitter", "document": True, "care": 0, "omar": 0, "rita": True,
    }  # fmt: skip
    assert empty.copies() == []
    assert "already" in empty.refuses("restore", backup.folder, "--key", backup.key)


def test_a_municipality_is_restored_beside_the_running_one_and_takes_its_place(backup):
    machine, (earlier, _) = backup.machine, sorted(path.stem for path in backup.folder.glob("generations/*"))
    before = machine.town("look")
    machine.do(
        "restore", backup.folder, "--key", backup.key, "--municipality", "averoy", "--generation", earlier
    )  # fmt: skip

    (copy,) = machine.copies()
    assert machine.town("look") == before, "the running one is as it was"
    shown = {"ALLMENNING_COPY": copy["database"]}
    assert machine.town("open", **shown)["applicant"] == "Rita Rogn"
    assert len(machine.town("look", **shown)["averoy"]["rows"]) == len(before["averoy"]["rows"])
    assert "looking at" in machine.refuses("work", **shown)

    machine.do("copy", "use", copy["database"])
    after = machine.town("look")
    assert after["averoy"]["rows"]["public.cases_case"] != before["averoy"]["rows"]["public.cases_case"]
    assert after["averoy"]["rights"] == before["averoy"]["rights"]
    assert after["smola"] == before["smola"]
    (old,) = machine.copies()
    machine.do("copy", "use", old["database"])
    assert machine.town("look")["averoy"]["rows"] == before["averoy"]["rows"]
    (left,) = machine.copies()
    machine.do("copy", "drop", left["database"])
    assert machine.copies() == []


def test_another_key_opens_nothing(backup, tmp_path):
    other = tmp_path / "other.key"
    backup.machine.do("backup-key", other)
    assert "does not open" in backup.machine.refuses("restore", backup.folder, "--key", other, "--check")
    assert "written over" in backup.machine.refuses("backup-key", other)


def test_a_byte_changed_anywhere_is_refused(backup, tmp_path):
    copied = tmp_path / "changed"
    shutil.copytree(backup.folder, copied)
    newest = max(copied.glob("generations/*"))

    def check():
        return Restoring(copied, backup.key, signer=backup.second["signer"]).check()

    parts = check()
    needed = [newest, *(path for path in copied.glob("parts/??/*") if path.name in newest.read_text())]
    assert len(needed) == 1 + parts
    for path in needed:
        was = path.read_bytes()
        for at in (0, len(was) // 2, len(was) - 1):
            path.write_bytes(was[:at] + bytes([was[at] ^ 1]) + was[at + 1 :])
            with pytest.raises(Damaged):
                check()
        path.write_bytes(was)
    needed[-1].unlink()
    with pytest.raises(Damaged):
        check()


def test_what_somebody_else_made_is_refused(backup):
    with pytest.raises(SignedByAnother):
        Restoring(backup.folder, backup.key, signer="0" * 64)


def test_a_backup_that_is_killed_is_no_backup_and_can_be_run_again(backup):
    pages = sorted(backup.folder.glob("generations/*"))
    backup.machine.town("fill", "1")
    backup.machine.kill_when(
        lambda: any(backup.folder.glob("writing/*")), "backup", backup.folder, "--to", backup.public
    )
    assert sorted(backup.folder.glob("generations/*")) == pages
    backup.back_up()
    assert not any(backup.folder.glob("writing/packs"))
    backup.machine.do("restore", backup.folder, "--key", backup.key, "--check")


def test_a_restore_that_is_killed_leaves_the_running_system_as_it_was(backup):
    machine, before = backup.machine, backup.machine.town("look")
    what = ("restore", backup.folder, "--key", backup.key, "--municipality", "averoy")
    machine.kill_when(lambda: any(machine.files.glob(".restored/*/copy.json")), *what)
    assert machine.town("look") == before
    (half,) = machine.copies()
    assert "not restored to its end" in machine.refuses("copy", "use", half["database"])

    machine.do(*what)
    (whole,) = machine.copies()
    assert whole["whole"]
    assert whole["database"] != half["database"]
    machine.do("copy", "drop", whole["database"])


KEEPS = """
import os, sys
ROOTS = tuple(os.path.join(os.environ["KEPT"], each) + os.sep for each in ("parts", "generations"))

def is_kept(path):
    return isinstance(path, (str, os.PathLike)) and os.fspath(path).startswith(ROOTS) and os.path.exists(path)

def refuse(event, arguments):
    removes = event == "os.remove" and is_kept(arguments[0])
    covers = event == "os.rename" and is_kept(arguments[1])
    if removes or covers or (event == "open" and arguments[1] and "w" in arguments[1] and is_kept(arguments[0])):
        raise PermissionError(1, "Operation not permitted", os.fspath(arguments[0]))

sys.addaudithook(refuse)
"""


def test_a_folder_that_lets_nobody_remove_or_replace_is_backed_up_to_and_says_that_nothing_was_thinned(
    backup, tmp_path
):
    (tmp_path / "sitecustomize.py").write_text(KEEPS)
    held = {path: path.read_bytes() for path in backup.folder.glob("[pg]*/**/*") if path.is_file()}
    refusing = {"PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)]), "KEPT": str(backup.folder)}
    words = ("backup", backup.folder, "--to", backup.public, "--generations", "1")

    made = json.loads(backup.machine.do(*words, "--json", **refusing))
    again = backup.machine.run(*words, **refusing)

    assert (made["not_pruned"], made["removed"]) == ("refused", 0)
    assert again.returncode == 0
    assert "The folder lets this machine remove nothing" in again.stderr
    assert {path: path.read_bytes() for path in held} == held
    assert len(list(backup.folder.glob("generations/*"))) >= 4
    backup.machine.do("restore", backup.folder, "--key", backup.key, "--check")


def test_old_generations_go_and_what_is_left_is_whole(backup):
    backup.back_up("--generations", "1")
    (page,) = backup.folder.glob("generations/*")
    assert all(path.name in page.read_text() for path in backup.folder.glob("parts/??/*"))
    backup.machine.do("restore", backup.folder, "--key", backup.key, "--check")


def test_a_full_disk_is_said_in_a_line(tmp_path, monkeypatch):
    def full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    sealer = Sealer([make_key(tmp_path / "key")])
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DiskFull, match="is full"):
        sealer.seal(BytesIO(b"content"), tmp_path)


def test_a_key_that_is_none_is_refused(tmp_path):
    with pytest.raises(NotAPublicKey):
        Sealer(["age1nonsense"])
    (tmp_path / "key").write_text("nonsense")
    with pytest.raises(NotAKeyFile):
        Restoring(tmp_path, tmp_path / "key")
