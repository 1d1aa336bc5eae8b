"""`allmenning witness run`: a witness over HTTP, on its own: no Django, no database. Put TLS before it.

POST /add-checkpoint                           C2SP tlog-witness
GET  /<SHA-256 of the origin, hex>/checkpoint  the last head that was cosigned
GET  /                                         the witness's own key
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from .errors import NotAKey, StateDamaged
from .notes import MOST_BYTES
from .states import Followed, Heads, alone_in, cosigner_in
from .witness import Reply, Witness

log = logging.getLogger(__name__)

SECONDS_TO_SPEAK = 15
_DIGITS = 9  # of a length, at most: Python refuses to read thousands of them as a number


def run(folder: Path, logs: Path, host: str, port: int) -> None:
    """Answer until told to stop. Raises NoWitnessHere, WitnessRunning, NotAKey, OSError."""
    cosigner, followed = cosigner_in(folder), Followed(logs)
    followed()  # a file that can't be read is told of now
    witness = Witness(cosigner, followed, Heads(folder), lambda: int(time.time()))
    with alone_in(folder), Server((host, port), witness, followed, str(cosigner.key)) as server:
        server.serve_forever()


class Server(ThreadingHTTPServer):
    """One witness at one address."""

    daemon_threads = True

    def __init__(self, address: tuple[str, int], witness: Witness, followed: Followed, key: str) -> None:
        super().__init__(address, Handler)
        self.witness, self.followed, self.key = witness, followed, key

    def checkpoint_of(self, hashed: str) -> Reply:
        """The last head of the log whose origin has this hash."""
        origins = (origin for origin in self.followed() if sha256(origin.encode()).hexdigest() == hashed)
        origin = next(origins, None)
        return self.witness.last_note(origin) if origin else Reply(404, "This witness does not follow the log.\n")


class Handler(BaseHTTPRequestHandler):
    """One connection, kept open between requests."""

    server: Server
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "allmenning-witness", ""
    timeout = SECONDS_TO_SPEAK

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdecimal()) or len(length) > _DIGITS or int(length) > MOST_BYTES:
            self.close_connection = True  # the body that was not read would pass for the next request
            self._answer(Reply(413 if length.isdecimal() else 411, f"At most {MOST_BYTES} bytes, and say how many.\n"))
            return
        body = self.rfile.read(int(length))
        if self.path.rstrip("/") != "/add-checkpoint":
            self._answer(Reply(404, "There is nothing here.\n"))
            return
        self._answer(self._asked(lambda: self.server.witness.add_checkpoint(body)))

    def do_GET(self) -> None:
        match self.path.strip("/").split("/"):
            case [""]:
                self._answer(Reply(200, f"{self.server.key}\n"))
            case [hashed, "checkpoint"]:
                self._answer(self._asked(lambda: self.server.checkpoint_of(hashed)))
            case _:
                self._answer(Reply(404, "There is nothing here.\n"))

    def _asked(self, answer: Callable[[], Reply]) -> Reply:
        """The answer; 500 when what was cosigned before, or the list of logs, can't be read or the disk be written."""
        try:
            return answer()
        except (StateDamaged, NotAKey, OSError) as error:
            log.error("%s", error)
            return Reply(500, "This witness can't answer now; its operator is told.\n")

    def _answer(self, reply: Reply) -> None:
        content = reply.body.encode()
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.content_type)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *arguments: object) -> None:
        """A line for each answer that is not 200, which may tell of a log's misbehaviour."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        if str(code) not in ("200", "409"):
            log.warning("%s %r: %s", self.address_string(), self.requestline[:200], code)
