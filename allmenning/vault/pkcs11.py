"""The master key in a hardware module (PKCS#11 v2.40): it is made there, and never leaves it. For the keeper."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pkcs11
from pkcs11 import Attribute, GCMParams, KeyType, Mechanism, ObjectClass

from .errors import CannotOpen, KeeperAway, VaultError
from .master import IDENTITY_BYTES, HeldMasterKey, KeyName

_VERSION = b"\x01"
_NEXT = ".next"  # after the label of a key that is to take the place of the one before it
_NONCE_BYTES = 12
_TAG_BITS = 128
_T = TypeVar("_T")


@dataclass(frozen=True)
class Token:
    """Where the key is. module: path of the maker's library. label: of the key, which is made on first use."""

    module: Path
    token: str
    label: str
    pin_file: Path


class Pkcs11MasterKey(HeldMasterKey):
    """AES-256-GCM done by the module; sealed values look as those of a master key in a file.

    Every method raises KeeperAway while the module does not answer, CannotOpen for what it did not seal.
    """

    def __init__(self, where: Token) -> None:
        self._where = where
        self._lock = threading.Lock()  # a session is one thread's at a time
        self._open()

    def wrap(self, key: bytes, of: KeyName) -> bytes:
        nonce = os.urandom(_NONCE_BYTES)
        with self._lock:
            return self._again(lambda: self._wrap(key, nonce, of))

    def unwrap(self, wrapped: bytes, of: KeyName) -> bytes:
        master, version, rest = wrapped[:IDENTITY_BYTES], wrapped[IDENTITY_BYTES:][:1], wrapped[IDENTITY_BYTES + 1 :]
        if master not in self._keys or version != _VERSION:
            raise CannotOpen(f"the key {of.name} of {of.municipality} was wrapped by another master key")
        nonce, sealed = rest[:_NONCE_BYTES], rest[_NONCE_BYTES:]
        with self._lock:
            return self._again(
                lambda: self._keys[master].decrypt(
                    sealed, mechanism=Mechanism.AES_GCM, mechanism_param=_params(nonce, of)
                )
            )

    def withdraw(self, municipality: str) -> None:
        """Nothing: the keeper itself notes it."""

    def renew(self) -> bytes:
        with self._lock:
            self._again(self._renew)
        return self._newest

    def retire(self, newest: bytes) -> None:
        if newest != self._newest:
            raise CannotOpen("that is not the newest master key")
        with self._lock:
            self._again(self._retire)

    def _wrap(self, key: bytes, nonce: bytes, of: KeyName) -> bytes:
        newest = self._keys[self._newest]
        sealed = newest.encrypt(key, mechanism=Mechanism.AES_GCM, mechanism_param=_params(nonce, of))
        return bytes(self._newest + _VERSION + nonce + sealed)

    def _renew(self) -> None:
        if self._find(self._where.label + _NEXT) is None:
            self._make(self._where.label + _NEXT)
        self._read_keys()

    def _retire(self) -> None:
        newer = self._find(self._where.label + _NEXT)
        if newer is not None:
            old = self._find(self._where.label)
            if old is not None:
                old.destroy()
            newer[Attribute.LABEL] = self._where.label
        self._read_keys()

    def _read_keys(self) -> None:
        found = [self._find(self._where.label), self._find(self._where.label + _NEXT)]
        keys = [key for key in found if key is not None] or [self._make(self._where.label)]
        self._keys = {bytes(key[Attribute.ID]): key for key in keys}
        self._newest = list(self._keys)[-1]

    def _open(self) -> None:
        where = self._where
        try:
            token = pkcs11.lib(str(where.module)).get_token(token_label=where.token)
            self._session = token.open(rw=True, user_pin=where.pin_file.read_text().strip())
            self._read_keys()
        except (pkcs11.PKCS11Error, RuntimeError) as error:
            raise VaultError(f"the token {where.token} can't be used ({type(error).__name__})") from error

    def _find(self, label: str) -> Any | None:  # the library types its keys without what they can do
        wanted = {Attribute.CLASS: ObjectClass.SECRET_KEY, Attribute.LABEL: label}
        found = list(self._session.get_objects(wanted))
        if len(found) > 1:
            raise VaultError(f"the token {self._where.token} has {len(found)} keys called {label}")
        return found[0] if found else None

    def _make(self, label: str) -> Any:
        never_out = {Attribute.SENSITIVE: True, Attribute.EXTRACTABLE: False, Attribute.PRIVATE: True}
        return self._session.generate_key(
            KeyType.AES, 256, id=os.urandom(IDENTITY_BYTES), label=label, store=True, template=never_out
        )

    def _again(self, work: Callable[[], _T]) -> _T:
        """Do it; log in once more if the module has forgotten us."""
        try:
            return work()
        except _NOT_SEALED_HERE as error:
            raise CannotOpen from error
        except pkcs11.PKCS11Error:
            pass
        try:
            self._open()
            return work()
        except _NOT_SEALED_HERE as error:
            raise CannotOpen from error
        except (pkcs11.PKCS11Error, VaultError) as error:
            raise KeeperAway(type(error).__name__) from error


# What modules say of a tag that does not fit; SoftHSM 2.6 says CKR_GENERAL_ERROR, others what the standard asks for.
_NOT_SEALED_HERE = (
    pkcs11.exceptions.EncryptedDataInvalid,
    pkcs11.exceptions.EncryptedDataLenRange,
    pkcs11.exceptions.GeneralError,
)


def _params(nonce: bytes, of: KeyName) -> GCMParams:
    return GCMParams(nonce, _VERSION + of.context(), _TAG_BITS)
