"""Programs that run as one leave nothing behind, however it ends."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from dataclasses import replace
from pathlib import Path

import pytest

from allmenning.project.supervisor import NotHealthy, Program, ProgramEnded, StopAsked, Supervisor, stopping_on_signals

ROOT = Path(__file__).resolve().parents[3]


def program(source, **more):
    return Program("thing", [sys.executable, "-c", textwrap.dedent(source)], **more)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def is_gone(pid, seconds=5):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with contextlib.suppress(FileNotFoundError):
            if Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z":
                time.sleep(0.02)
                continue
        return True
    return False


def test_waits_for_health_and_stops_what_it_started(tmp_path):
    port = free_port()
    server = program(
        f"""
        import http.server, time
        class Fine(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200); self.end_headers()
        time.sleep(0.3)
        http.server.HTTPServer(("127.0.0.1", {port}), Fine).serve_forever()
        """,
        health=(port, "/healthz"),
    )
    with Supervisor(tmp_path) as supervisor:
        supervisor.start(server)
        supervisor.wait_until_healthy(20)
        ((_, process),) = supervisor._running

    assert is_gone(process.pid)


def test_says_which_program_ended_and_why(tmp_path):
    with Supervisor(tmp_path) as supervisor:
        supervisor.start(program("print('no such table', flush=True); raise SystemExit(3)"))
        with pytest.raises(ProgramEnded, match=r"thing ended .*code 3.*no such table"):
            supervisor.watch()


def test_what_has_ended_by_itself_can_be_started_again(tmp_path):
    with Supervisor(tmp_path) as supervisor:
        supervisor.start(replace(program("import time; time.sleep(60)"), name="goes on"))
        supervisor.start(replace(program("pass"), name="gives up"))
        deadline = time.monotonic() + 20
        while not supervisor.ended() and time.monotonic() < deadline:
            time.sleep(0.02)
        assert supervisor.ended() == ["gives up"]
        supervisor.end("gives up")
        assert supervisor.ended() == []


def test_says_which_program_does_not_answer(tmp_path):
    with Supervisor(tmp_path) as supervisor:
        supervisor.start(program("import time; time.sleep(60)", health=(free_port(), "/")))
        with pytest.raises(NotHealthy, match="thing does not answer"):
            supervisor.wait_until_healthy(0.3)


def test_ends_grandchildren_too(tmp_path):
    note = tmp_path / "pid"
    with Supervisor(tmp_path) as supervisor:
        supervisor.start(
            program(
                f"""
                import pathlib, subprocess, time
                child = subprocess.Popen(["sleep", "60"])
                pathlib.Path({str(note)!r}).write_text(str(child.pid))
                time.sleep(60)
                """
            )
        )
        while not (note.exists() and note.read_text()):
            time.sleep(0.02)

    assert is_gone(int(note.read_text()))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_asks_to_stop(number):
    with stopping_on_signals(), pytest.raises(StopAsked):
        signal.raise_signal(number)


def test_programs_end_even_when_we_are_killed(tmp_path):
    source = f"""
        import pathlib, time
        from allmenning.project.supervisor import Program, Supervisor
        supervisor = Supervisor(pathlib.Path({str(tmp_path)!r})).__enter__()
        supervisor.start(Program("sleeper", ["sleep", "60"]))
        print(supervisor._running[0][1].pid, flush=True)
        time.sleep(60)
        """
    command = [sys.executable, "-c", textwrap.dedent(source)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(ROOT)}) as parent:
        child = int(parent.stdout.readline())
        parent.kill()

    assert is_gone(child)


def test_one_program_is_ended_with_its_children_and_started_again(tmp_path):
    source = """
        import subprocess, sys, time
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
        print(child.pid, flush=True)
        time.sleep(60)
        """
    with Supervisor(tmp_path) as supervisor:
        for kill in (True, False):
            supervisor.start(program(source))
            deadline = time.monotonic() + 20
            while len((tmp_path / "thing.log").read_text().split()) < 1 + (not kill) and time.monotonic() < deadline:
                time.sleep(0.02)
            first, child = supervisor.pids["thing"], int((tmp_path / "thing.log").read_text().split()[-1])
            supervisor.end("thing", kill=kill)
            assert is_gone(first)
            assert is_gone(child)
            assert supervisor.pids == {}
        supervisor.check()  # what we ended ourselves is nothing to complain of
