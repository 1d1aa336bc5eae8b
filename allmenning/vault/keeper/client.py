"""Asks the keeper. Named in settings.VAULT_MASTER_KEY; settings.KEEPER_SOCKET says where it is."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings

from ..errors import CannotOpen, KeeperAway, KeeperRefuses, KeysWithdrawn, OtherRecipients, VaultError
from ..master import KeyName
from . import protocol
from .protocol import Answer, Malformed, Request


class KeeperMasterKey:
    """The master key of a process that does not have it.

    Every method raises KeeperAway (not running, too slow, asked too often), KeeperRefuses, KeysWithdrawn, CannotOpen, and
    export() OtherRecipients.
    """

    def __init__(self) -> None:
        self._socket = Path(settings.KEEPER_SOCKET)

    def wrap(self, key: bytes, of: KeyName) -> bytes:
        return self._ask(protocol.WRAP, of, key)

    def make(self, of: KeyName) -> bytes:
        return self._ask(protocol.MAKE, of, b"")

    def export(self, wrapped: bytes, of: KeyName, recipients: Sequence[str]) -> bytes:
        return self._ask(protocol.EXPORT, of, wrapped, recipients)

    def derive(self, wrapped: bytes, of: KeyName, purpose: Sequence[str]) -> bytes:
        return self._ask(protocol.DERIVE, of, wrapped, purpose)

    def withdraw(self, municipality: str) -> None:
        self._send(Request(protocol.WITHDRAW, program(), municipality))

    def renew(self) -> bytes:
        return self._send(Request(protocol.RENEW, program(), ""))

    def wrap_again(self, wrapped: bytes, of: KeyName) -> bytes:
        return self._ask(protocol.WRAP_AGAIN, of, wrapped)

    def retire(self, newest: bytes) -> None:
        self._send(Request(protocol.RETIRE, program(), "", identity=newest))

    def _ask(self, operation: str, of: KeyName, content: bytes, purpose: Sequence[str] = ()) -> bytes:
        return self._send(Request(operation, program(), of.municipality, of.name, of.identity, content, tuple(purpose)))

    def _send(self, request: Request) -> bytes:
        try:
            answer = self._exchange(request.encode())
        except (OSError, Malformed) as error:
            raise KeeperAway(type(error).__name__) from error
        if answer.error:
            raise _failure(answer.error, request)
        return answer.content

    def _exchange(self, framed: bytes) -> Answer:
        with socket.socket(socket.AF_UNIX) as connection, protocol.short(self._socket) as path:
            connection.settimeout(protocol.PATIENCE)
            connection.connect(path)
            connection.sendall(framed)
            return Answer.decode(protocol.receive(connection))


def program() -> str:
    """What this process says that it is: the words of its command (doors/cli), or the name of its script."""
    return os.environ.get("ALLMENNING_PROGRAM") or Path(sys.argv[0]).name or "python"


def _failure(word: str, request: Request) -> VaultError:
    if word == protocol.WITHDRAWN:
        return KeysWithdrawn(municipality=request.municipality)
    if word == protocol.CANNOT_OPEN:
        return CannotOpen(f"the key {request.name} of {request.municipality}")
    if word == protocol.OTHER_RECIPIENTS:
        return OtherRecipients(wanted=", ".join(request.purpose))
    if word == protocol.REFUSED:
        return KeeperRefuses(f"{request.operation} {request.name}")
    return KeeperAway(word)
