"""Held against a small daemon that reads INSTREAM as clamd(8) describes it."""

import socket
import socketserver
import threading
from contextlib import contextmanager

import pytest

from allmenning.connections.clamav import Clamd
from allmenning.municipal.documents.ports import MalwareScanner, ScannerUnavailable, ScanResult

# The antivirus trade's harmless test file, in two halves so that no scanner takes this source for it.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-" + rb"ANTIVIRUS-TEST-FILE!$H+H*"
MOST = 1_000_000


class Daemon(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        command = b""
        while not command.endswith(b"\0"):
            command += self.rfile.read(1)
        self.wfile.write({b"zPING\0": lambda: b"PONG\0", b"zINSTREAM\0": self.scanned}[command]())

    def scanned(self) -> bytes:
        content = b""
        while size := int.from_bytes(self.rfile.read(4), "big"):
            content += self.rfile.read(size)
            if len(content) > MOST:
                return b"INSTREAM size limit exceeded. ERROR\0"
        return b"stream: Eicar-Test-Signature FOUND\0" if EICAR in content else b"stream: OK\0"


class Hasty(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        self.request.sendall(self.server.says)


@contextmanager
def listening(server):
    with server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def daemon():
    with listening(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Daemon)) as server:
        yield Clamd(f"127.0.0.1:{server.server_address[1]}", answer_seconds=5)


def test_a_clean_file_is_clean(daemon):
    scanner: MalwareScanner = daemon

    assert scanner.scan(b"x" * 200_000) == ScanResult(clean=True)


def test_a_bad_file_is_found_across_pieces(daemon):
    found = daemon.scan(b"x" * (65_536 - 10) + EICAR)

    assert found == ScanResult(clean=False, finding="Eicar-Test-Signature")


def test_a_socket_file_works_too(tmp_path):
    path = str(tmp_path / "clamd.ctl")
    with listening(socketserver.ThreadingUnixStreamServer(path, Daemon)):
        assert Clamd(f"unix:{path}").scan(b"hei").clean
        assert Clamd(f"unix:{path}").ping()


def test_a_file_larger_than_the_daemon_takes_is_not_called_clean(daemon):
    with pytest.raises(ScannerUnavailable):
        daemon.scan(b"x" * (MOST * 8))


@pytest.mark.parametrize("says", [b"", b"stream: OK", b"\0", b"stream: lstat() failed ERROR\0", b"OK\0", b"x" * 9000])
def test_an_unclear_answer_is_no_answer(says):
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Hasty)
    server.says = says
    with listening(server), pytest.raises(ScannerUnavailable):
        Clamd(f"127.0.0.1:{server.server_address[1]}", answer_seconds=2).scan(b"hei")


def test_no_daemon_is_unavailable_and_said_at_once():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    assert not Clamd(address).ping()
    with pytest.raises(ScannerUnavailable):
        Clamd(address).scan(b"hei")
    with pytest.raises(ScannerUnavailable):
        Clamd("unix:/nowhere/at/all").scan(b"hei")
    with pytest.raises(ScannerUnavailable):
        Clamd("not-an-address").scan(b"hei")


def test_a_daemon_that_says_nothing_is_not_waited_for_for_ever():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        scanner = Clamd(f"127.0.0.1:{silent.getsockname()[1]}", answer_seconds=0.2)
        with pytest.raises(ScannerUnavailable):
            scanner.scan(b"hei")
