"""`allmenning witness`: a process of its own, that needs neither Django nor a database, and forgets nothing when killed."""

import http.client
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from hashlib import sha256

import pytest

from allmenning.transparency import states
from allmenning.transparency.checkpoints import Checkpoint
from allmenning.transparency.errors import NotAKey, NoWitnessHere, StateDamaged, WitnessExists, WitnessRunning
from allmenning.transparency.notes import Key, Note
from allmenning.transparency.tests.test_witness import LOG, ORIGIN, asked, head

# Whoever imports what a witness must do without, fails.
ALONE = """
import sys
sys.modules.update(dict.fromkeys(["django", "psycopg", "procrastinate", "httpx"]))
from allmenning.doors.cli.__main__ import main
sys.exit(main(sys.argv[1:]))
"""


def free_port():
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def folder(tmp_path):
    states.make_folder(tmp_path / "witness", "witness.example")
    (tmp_path / "logs").write_text(f"# the logs\n{LOG.key}\n")
    return tmp_path / "witness"


@contextmanager
def running(folder):
    """The witness's process, and a connection to it."""
    port = free_port()
    command = [sys.executable, "-c", ALONE, "witness", "run", str(folder), "--logs", str(folder.parent / "logs")]
    process = subprocess.Popen([*command, "--port", str(port)], stderr=subprocess.DEVNULL)
    try:
        yield process, _connected(port)
    finally:
        process.kill()
        process.wait()


def _connected(port):
    until = time.monotonic() + 60
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            connection.connect()
            return connection
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)


def post(connection, body, path="/add-checkpoint"):
    connection.request("POST", path, body)
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


def get(connection, path):
    connection.request("GET", path)
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


def test_it_cosigns_over_http_and_shows_what_it_cosigned(folder):
    with running(folder) as (_, connection):  # one connection for all: it is kept open
        key = Key.parse(get(connection, "/")[1].strip())
        status, said = post(connection, asked(0, 5))
        assert status == 200
        assert Note.parse(f"{head(5).text}\n{said}".encode()).signed_by([key])
        assert [post(connection, body)[0] for body in (asked(0, 9), asked(9, 5), b"nonsense")] == [409, 400, 400]
        assert post(connection, asked(5, 9), "/elsewhere")[0] == 404
        status, note = get(connection, f"/{sha256(ORIGIN.encode()).hexdigest()}/checkpoint")
        assert (status, Checkpoint.parse(Note.parse(note.encode()).text)) == (200, head(5))
        assert get(connection, f"/{'0' * 64}/checkpoint")[0] == get(connection, "/elsewhere")[0] == 404


def test_only_a_post_adds_a_checkpoint(folder):
    with running(folder) as (_, connection):
        assert get(connection, "/add-checkpoint")[0] == 404
        connection.request("PUT", "/add-checkpoint", asked(0, 5))
        assert connection.getresponse().status == 501
    assert states.Heads(folder).last(ORIGIN) is None


@pytest.mark.parametrize("length", [str(10**9), "9" * 5000])
def test_what_is_too_long_is_not_read(folder, length):
    with running(folder) as (_, connection):
        connection.putrequest("POST", "/add-checkpoint")
        connection.putheader("Content-Length", length)
        connection.endheaders()
        assert connection.getresponse().status == 413


def test_a_witness_that_is_killed_while_it_writes_has_the_old_head_or_the_new(folder):
    """It is killed at any moment, again and again; what it answered before stays cosigned."""
    size = 0
    for more in range(4):
        with running(folder) as (process, connection):
            for _ in range(more):
                assert post(connection, asked(size, size + 1))[0] == 200
                size += 1
            connection.request("POST", "/add-checkpoint", asked(size, size + 1))
            time.sleep(more / 1000)
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
        kept = states.Heads(folder).last(ORIGIN)
        at = Checkpoint.parse(Note.parse(kept).text) if kept else head(0)
        assert at in (head(size), head(size + 1))
        size = at.size


def test_two_processes_do_not_share_a_key(folder):
    with states.alone_in(folder), pytest.raises(WitnessRunning), states.alone_in(folder):
        pass


def test_a_key_without_its_memory_is_refused(folder):
    (folder / "heads").rmdir()
    with pytest.raises(NoWitnessHere):
        states.cosigner_in(folder)


def test_a_witness_is_never_written_over(folder):
    with pytest.raises(WitnessExists):
        states.make_folder(folder, "witness.example")


def test_the_key_is_its_owners_alone(folder):
    assert (folder / "key").stat().st_mode & 0o777 == 0o600


def test_a_key_that_is_damaged_is_refused(folder):
    (folder / "key").write_text((folder / "key").read_text().replace("witness.example", "another.example"))
    with pytest.raises(NotAKey):
        states.cosigner_in(folder)


@pytest.mark.parametrize(
    "content", [b"", b"half a no", b"another.example/log\n0\n47DEQpj8\n\n\xe2\x80\x94 a AAAAAAAA\n"]
)
def test_a_memory_that_cant_be_read_does_not_pass_for_none(folder, content):
    heads = states.Heads(folder)
    (folder / "heads" / sha256(ORIGIN.encode()).hexdigest()).write_bytes(content)
    with pytest.raises(StateDamaged):
        heads.last(ORIGIN)


def test_a_log_may_be_added_while_it_runs(folder):
    followed = states.Followed(folder.parent / "logs")
    assert set(followed()) == {ORIGIN}
    more = Key("log.example/smola", LOG.key.public)
    (folder.parent / "logs").write_text(f"{LOG.key}\n{more}\n")
    assert set(followed()) == {ORIGIN, more.name}
