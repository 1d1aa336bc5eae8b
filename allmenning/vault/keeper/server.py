"""The keeper's side of the socket.

keeper = Keeper(home, master, callers)
serve(keeper, socket)       # until SIGTERM
"""

from __future__ import annotations

import asyncio
import ctypes
import logging
import os
import resource
import signal
import socket
import stat
import struct
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from .. import disk
from ..errors import CannotOpen, VaultError
from ..master import KeyName, MasterKey
from . import protocol
from .grants import Caller, GrantsLog
from .policy import Callers, Limits
from .protocol import Answer, Malformed, Request

log = logging.getLogger("allmenning.keeper")

GRANTED = "granted"
_OF_KEYS = (protocol.DERIVE, protocol.MAKE, protocol.EXPORT, protocol.WRAP, protocol.WRAP_AGAIN)
AT_ONCE = 128  # connections; more are closed unanswered
_REFUSALS_LOGGED = 60  # a minute, of each user: so that nobody fills the disk by asking
_PEER = struct.Struct("3i")  # struct ucred: pid, uid, gid (unix(7))
_PR_SET_DUMPABLE = 4


class CannotKeep(VaultError):
    """The keeper can't start: {why}."""


@dataclass
class Keeper:
    """Decides about each request, and logs it.

    home: the keeper's own folder, which no other user may enter. recipients: public keys of age, of those who may restore
    back-ups; keys are exported to them and to nobody else.
    """

    home: Path
    master: MasterKey
    callers: Callers
    limits: Limits = field(default_factory=Limits)
    recipients: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        disk.make_private_folder(self._withdrawn)
        self._log = GrantsLog(self.home / "grants.jsonl")
        self._refusals: dict[int, tuple[float, int]] = {}

    def answer(self, caller: Caller, body: bytes) -> Answer:
        """What to answer a caller. Never raises: what goes wrong is an answer, too."""
        try:
            return self._answer(caller, body)
        except OSError as error:  # a line that can't be written: nothing is granted
            log.error("a request can't be answered: %s", error.strerror or error)
            return Answer(error=protocol.FAILED)

    def _answer(self, caller: Caller, body: bytes) -> Answer:
        if not self.callers.knows(caller.uid):
            return self._refuse(caller, protocol.REFUSED)
        try:
            request = Request.decode(body)
        except Malformed as error:
            return self._refuse(caller, protocol.MALFORMED, why=str(error))
        asked = {
            "operation": request.operation,
            "program": request.program,
            "municipality": request.municipality,
            "name": request.name,
            "purpose": " ".join(request.purpose),
        }
        if not self.limits.allow(caller.uid, request.municipality, request.name):
            return self._refuse(caller, protocol.TOO_OFTEN, **asked)
        if not self.callers.may(caller.uid, request.operation, request.name, request.purpose):
            return self._refuse(caller, protocol.REFUSED, **asked)
        if request.operation in _OF_KEYS and self.has_withdrawn(request.municipality):
            return self._refuse(caller, protocol.WITHDRAWN, **asked)
        if request.operation == protocol.EXPORT and not self.recipients == frozenset(request.purpose) != frozenset():
            return self._refuse(caller, protocol.OTHER_RECIPIENTS, **asked)
        changes = request.operation not in _OF_KEYS
        if changes:  # nothing is destroyed of which there is no line
            self._log.write(caller, GRANTED, **asked)
        try:
            content = self._do(request)
        except CannotOpen:
            return self._refuse(caller, protocol.CANNOT_OPEN, **asked)
        except VaultError as error:
            log.error("the master key can't be used: %s", error)
            return self._refuse(caller, protocol.FAILED, **asked)
        if not changes:
            self._log.write(caller, GRANTED, **asked)  # on the disk before the answer leaves
        return Answer(content)

    def has_withdrawn(self, municipality: str) -> bool:
        """Whether a municipality has taken its keys back. Remembered here, whatever becomes of the vault's folder."""
        return (self._withdrawn / municipality).exists()

    def _do(self, request: Request) -> bytes:
        if request.operation == protocol.WITHDRAW:
            disk.write(self._withdrawn / request.municipality, datetime.now(UTC).isoformat().encode())
            return b""
        if request.operation == protocol.RENEW:
            return self.master.renew()
        if request.operation == protocol.RETIRE:
            self.master.retire(request.identity)
            return b""
        of = KeyName(request.municipality, request.name, request.identity)
        if request.operation == protocol.DERIVE:
            return self.master.derive(request.content, of, request.purpose)
        if request.operation == protocol.MAKE:
            return self.master.make(of)
        if request.operation == protocol.EXPORT:
            return self.master.export(request.content, of, sorted(self.recipients))
        if request.operation == protocol.WRAP_AGAIN:
            return self.master.wrap_again(request.content, of)
        return self.master.wrap(request.content, of)

    def _refuse(self, caller: Caller, word: str, **asked: object) -> Answer:
        minute, count = self._refusals.get(caller.uid, (0.0, 0))
        now = self.limits.clock() // 60
        count = count + 1 if minute == now else 1
        self._refusals[caller.uid] = (now, count)
        if count <= _REFUSALS_LOGGED:
            self._log.write(caller, word, **asked)
        return Answer(error=word)

    @property
    def _withdrawn(self) -> Path:
        return self.home / "withdrawn"


def serve(keeper: Keeper, path: Path, group: int | None = None) -> None:
    """Answer at a socket until SIGTERM or SIGINT. Raises CannotKeep when another keeper answers there.

    Args:
        group: id of the group that may connect besides the keeper's own user; None: every user may connect, and who is
            not among the callers is refused.
    """
    _keep_memory_to_ourselves()
    listening = _listen(path, group)
    try:
        asyncio.run(_serve(keeper, listening))
    finally:
        path.unlink(missing_ok=True)


async def _serve(keeper: Keeper, listening: socket.socket) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    at_once = 0

    async def met(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal at_once
        at_once += 1
        try:
            if at_once <= AT_ONCE:
                async with asyncio.timeout(protocol.PATIENCE):
                    await _converse(keeper, reader, writer)
        except (TimeoutError, OSError, asyncio.IncompleteReadError):
            pass  # the caller's own affair
        finally:
            at_once -= 1
            writer.close()

    server = await asyncio.start_unix_server(met, sock=listening, limit=protocol.LARGEST + protocol.LENGTH_BYTES)
    async with server:
        await stopped.wait()


async def _converse(keeper: Keeper, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    caller = _caller(writer.get_extra_info("socket"))
    try:
        body = await reader.readexactly(protocol.length_of(await reader.readexactly(protocol.LENGTH_BYTES)))
    except Malformed:
        body = b""  # and is answered as such
    writer.write(keeper.answer(caller, body).encode())
    await writer.drain()


def _caller(connection: socket.socket) -> Caller:
    return Caller(*_PEER.unpack(connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size)))


def _listen(path: Path, group: int | None) -> socket.socket:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
    if _answers(path):
        raise CannotKeep(why=f"another one answers at {path}")
    if path.exists() and not stat.S_ISSOCK(path.stat().st_mode):
        raise CannotKeep(why=f"{path} is something else")
    path.unlink(missing_ok=True)
    listening = socket.socket(socket.AF_UNIX)
    before = os.umask(0o177)
    try:
        with protocol.short(path) as name:
            listening.bind(name)
    finally:
        os.umask(before)
    if group is not None:
        os.chown(path, -1, group)
    path.chmod(0o660 if group is not None else 0o666)
    listening.listen(AT_ONCE)
    return listening


def _answers(path: Path) -> bool:
    if not path.parent.exists():
        return False
    with socket.socket(socket.AF_UNIX) as probe, protocol.short(path) as name:
        return probe.connect_ex(name) == 0


def _keep_memory_to_ourselves() -> None:
    """No core dumps, and no other process of this user may look into this one (root may)."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0) != 0:
        raise CannotKeep(why=os.strerror(ctypes.get_errno()))
