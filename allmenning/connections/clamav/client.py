"""A client of clamd's own protocol."""

from __future__ import annotations

import socket
from dataclasses import dataclass

from allmenning.municipal.documents.ports import ScannerUnavailable, ScanResult

_CHUNK = 1 << 16
_LONGEST_ANSWER = 4096


@dataclass(frozen=True)
class Clamd:
    """A `MalwareScanner`. `address` is `host:port`, `[ipv6]:port` or `unix:/path`; times in seconds."""

    address: str
    connect_seconds: float = 3
    # A daemon may scan a large document for a while; within this it must have said something.
    answer_seconds: float = 60

    def scan(self, content: bytes) -> ScanResult:
        """Let clamd look through a whole file. Raises `ScannerUnavailable`."""
        answer = self._ask(b"zINSTREAM\0", content)
        if answer == "stream: OK":
            return ScanResult(clean=True)
        if answer.startswith("stream: ") and answer.endswith(" FOUND"):
            return ScanResult(clean=False, finding=answer.removeprefix("stream: ").removesuffix(" FOUND")[:200])
        raise ScannerUnavailable(answer[:200])

    def ping(self) -> bool:
        """Whether the daemon answers: for the operator's health check."""
        try:
            return self._ask(b"zPING\0") == "PONG"
        except ScannerUnavailable:
            return False

    def _ask(self, command: bytes, content: bytes | None = None) -> str:
        try:
            with self._connected() as connection:
                connection.settimeout(self.answer_seconds)
                connection.sendall(command)
                if content is not None:
                    self._send(connection, content)
                return self._answer(connection)
        except (OSError, ValueError) as error:
            raise ScannerUnavailable(type(error).__name__) from error

    def _send(self, connection: socket.socket, content: bytes) -> None:
        """In pieces with their lengths, ended by one of length nothing."""
        try:
            for start in range(0, len(content), _CHUNK):
                piece = content[start : start + _CHUNK]
                connection.sendall(len(piece).to_bytes(4, "big") + piece)
            connection.sendall(bytes(4))
        except (BrokenPipeError, ConnectionResetError):
            pass  # it stops listening when the file is larger than it takes, and says so in its answer

    def _answer(self, connection: socket.socket) -> str:
        received = b""
        while b"\0" not in received and len(received) < _LONGEST_ANSWER:
            piece = connection.recv(_LONGEST_ANSWER)
            if not piece:
                break
            received += piece
        text, ended, _ = received.partition(b"\0")
        if not ended:
            raise ScannerUnavailable("the answer was cut off")
        return text.decode("utf-8", "replace").strip()

    def _connected(self) -> socket.socket:
        if self.address.startswith("unix:"):
            connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            connection.settimeout(self.connect_seconds)
            try:
                connection.connect(self.address.removeprefix("unix:"))
            except OSError:
                connection.close()
                raise
            return connection
        host, _, port = self.address.rpartition(":")
        return socket.create_connection((host.strip("[]"), int(port)), self.connect_seconds)
