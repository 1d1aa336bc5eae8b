"""HTTP/1.1 over one connection, as cheap as Python can: what measures must not cost what it measures.

No redirects, no cookies, no TLS, no compression: for a server on this machine that is known to answer in plain HTTP/1.1.
"""

from __future__ import annotations

import contextlib
import json
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

_END_OF_HEAD = b"\r\n\r\n"


class ConnectionLost(Exception):
    """The server went away before the whole answer was here: whether it did what it was asked is not known."""


@dataclass(frozen=True)
class Answer:
    """What came back. headers: names in lower case; of a name that came twice, the values joined by line breaks."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class Wire:
    """One connection to one server, opened when it is first needed and again after it was lost.

    kept: for the next request too. A proxy opens one for each (nginx does unless told otherwise), so that the server's
    processes share the work evenly however few its clients are.
    """

    def __init__(self, url: str, timeout: float = 60, *, kept: bool = True) -> None:
        parts = urlsplit(url)
        self._address = (parts.hostname or "localhost", parts.port or 80)
        self._host = parts.netloc
        self._timeout, self._kept = timeout, kept
        self._socket: socket.socket | None = None
        self._left = b""

    def __enter__(self) -> Wire:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
        self._socket, self._left = None, b""

    def request(self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Answer:
        """Send, and wait for the whole answer. Raises ConnectionLost; the next request opens a new connection."""
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self._host}", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        if not self._kept:
            lines.append("Connection: close")
        try:
            connected = self._connected()
            connected.sendall("\r\n".join(lines).encode("latin-1") + _END_OF_HEAD + body)
            return self._answer(method)
        except (OSError, ConnectionLost) as error:
            self.close()
            raise ConnectionLost(f"{method} {path}: {error}") from error

    def _connected(self) -> socket.socket:
        if self._socket is None:
            self._socket = socket.create_connection(self._address, self._timeout)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self._socket

    def _answer(self, method: str) -> Answer:
        head, self._left = self._until(_END_OF_HEAD)
        status, headers = _parsed(head)
        if method == "HEAD" or status in (204, 304):
            body = b""
        elif headers.get("transfer-encoding") == "chunked":
            body = self._chunks()
        elif "content-length" in headers:
            body = self._exactly(int(headers["content-length"]))
        else:
            body = self._rest()
        if not self._kept or headers.get("connection", "").lower() == "close":
            self.close()
        return Answer(status, headers, body)

    def _receive(self) -> bytes:
        assert self._socket is not None
        received = self._socket.recv(262_144)
        if not received:
            raise ConnectionLost("the server closed the connection")
        return received

    def _until(self, mark: bytes) -> tuple[bytes, bytes]:
        while mark not in self._left:
            self._left += self._receive()
        before, _, after = self._left.partition(mark)
        return before, after

    def _exactly(self, length: int) -> bytes:
        parts, have = [self._left], len(self._left)
        while have < length:
            parts.append(self._receive())
            have += len(parts[-1])
        whole = b"".join(parts)
        self._left = whole[length:]
        return whole[:length]

    def _chunks(self) -> bytes:
        body = b""
        while True:
            size, self._left = self._until(b"\r\n")
            length = int(size.split(b";")[0], 16)
            body += self._exactly(length)
            _, self._left = self._until(b"\r\n")
            if length == 0:
                return body

    def _rest(self) -> bytes:
        """To the end of the connection, for an answer that does not say how long it is."""
        with contextlib.suppress(ConnectionLost):
            while True:
                self._left += self._receive()
        body = self._left
        self.close()
        return body


def _parsed(head: bytes) -> tuple[int, dict[str, str]]:
    first, *lines = head.decode("latin-1").split("\r\n")
    headers: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(":")
        name = name.lower()
        headers[name] = f"{headers[name]}\n{value.strip()}" if name in headers else value.strip()
    return int(first.split(" ", 2)[1]), headers
