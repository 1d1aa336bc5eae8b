"""What the sandbox remembers: keys, clients, codes, messages, packages, and how it has been told to misbehave.

All of it is in memory; what somebody may want to look at after a restart (messages, packages) is in one JSON file too.
"""

from __future__ import annotations

import json
import os
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from joserfc.jwk import RSAKey

LOOPBACK = {"localhost", "127.0.0.1", "::1"}
CLIENTS = {"allmenning-portal": "idporten", "allmenning-desk": "ansattporten", "allmenning-machine": "maskinporten"}
KEPT_MESSAGES = 2_000


@dataclass
class Fault:
    """One way to misbehave, for a number of calls (None: until it is cleared)."""

    mode: str
    times: int | None = None
    seconds: float = 1.0


@dataclass
class Code:
    """An authorization code: used once, within a minute."""

    client_id: str
    redirect_uri: str
    challenge: str
    nonce: str
    person: str
    acr: str
    locale: str
    authorization_details: list[dict[str, Any]] = field(default_factory=list)
    made_at: float = field(default_factory=time.time)


class State:
    """Everything that changes. Methods may be called from several threads."""

    def __init__(self, folder: Path, base_url: str, origins: tuple[str, ...] = ()) -> None:
        """`folder` is made if needed; `origins` are where clients other than on this machine may be."""
        self.folder, self.base_url, self.origins = folder, base_url.rstrip("/"), origins
        self.lock = threading.RLock()
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.key = _key(folder / "sandbox-key.json")
        self.client_keys = {client: _key(folder / "clients" / f"{client}.json") for client in CLIENTS}
        self.codes: dict[str, Code] = {}
        self.used_jtis: dict[str, float] = {}
        self.faults: dict[str, Fault] = {}
        kept = _read(folder / "state.json")
        self.messages: list[dict[str, Any]] = kept.get("messages", [])
        self.packages: dict[str, dict[str, Any]] = kept.get("packages", {})
        # Published keys by account, messages in the order they were sent, and the cases that nav.no follows.
        self.fiks: dict[str, Any] = {"keys": {}, "messages": [], "cases": {}} | kept.get("fiks", {})

    def save(self) -> None:
        with self.lock:
            kept = {"messages": self.messages, "packages": self.packages, "fiks": self.fiks}
            text = json.dumps(kept, ensure_ascii=False)
            write_private(self.folder / "state.json", text)

    def allows_redirect_to(self, uri: str) -> bool:
        """Loopback addresses and the origins that were named at start; the real ones know each address exactly."""
        parts = urlsplit(uri)
        if parts.scheme not in ("http", "https") or parts.fragment or not parts.hostname:
            return False
        return parts.hostname in LOOPBACK or f"{parts.scheme}://{parts.netloc}" in self.origins

    def forget_codes(self, older_than: float) -> None:
        with self.lock:
            limit = time.time() - older_than
            self.codes = {code: held for code, held in self.codes.items() if held.made_at > limit}

    def first_use(self, jti: str) -> bool:
        """Whether this id has not been seen in the last ten minutes."""
        with self.lock:
            now = time.time()
            self.used_jtis = {known: at for known, at in self.used_jtis.items() if now - at < 600}
            return self.used_jtis.setdefault(jti, now) == now

    def fault(self, target: str, *modes: str) -> Fault | None:
        """The fault that `target` has been told to make, if it is one of `modes`; counted as made."""
        with self.lock:
            fault = self.faults.get(target)
            if fault is None or (modes and fault.mode not in modes):
                return None
            if fault.times is not None:
                fault.times -= 1
                if fault.times <= 0:
                    del self.faults[target]
            return fault

    def keep_message(self, message: dict[str, Any]) -> None:
        """Keep an e-mail or SMS; the same id replaces what was there, as a mailbox that knows its Message-ID would.

        `handed_over` counts how often it came.
        """
        with self.lock:
            before = next((kept for kept in self.messages if kept["id"] == message["id"]), {})
            self.messages = [kept for kept in self.messages if kept["id"] != message["id"]]
            message = {**message, "handed_over": before.get("handed_over", 0) + 1}
            self.messages = [*self.messages, message][-KEPT_MESSAGES:]
            self.save()


def _key(path: Path) -> RSAKey:
    if path.exists():
        return RSAKey.import_key(json.loads(path.read_text()))
    key = RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"}, auto_kid=True)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_private(path, json.dumps(key.as_dict(private=True)))
    return key


def _read(path: Path) -> dict[str, Any]:
    try:
        return json.loads(path.read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return {}


def write_private(path: Path, text: str) -> None:
    """Whole or not at all, and for the owner alone."""
    partial = path.with_suffix(".partial")
    with open(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    partial.replace(path)
