"""The published schemas that messages are held against: by name, and by the SHA-256 of every file that they are made of.

The publishers' files are not part of this project. An operator fetches them (`ks-no/fiks-io-bekymringsmelding-protokoll`,
`navikt/soknadsosialhjelp-filformat`) and says where they lie; a file that is another than the one that the mappings here
were held against (`schemas.sha256`) is not used, so that a new version is met by a person and not by a report of concern.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from threading import Lock
from typing import Any

import jsonschema_rs

PRIVATE_CONCERN = "bekymringsmelding-v2/domain/v2/privat.bekymringsmelding.v2.json"
PUBLIC_CONCERN = "bekymringsmelding-v2/domain/v2/offentlig.bekymringsmelding.v2.json"
FAILURE = "bekymringsmelding-v2/domain/feilmelding.json"
APPLICATION = "sosialhjelp/soknad/soknad.json"
ATTACHMENTS = "sosialhjelp/vedlegg/vedleggSpesifikasjon.json"
APPEAL = "sosialhjelp/klage/klage.json"
STATUS = "sosialhjelp/digisos/soker/digisos-soker.json"

_BASE = "https://schemas.invalid/"  # only ever looked up here: nothing is fetched


class SchemaChanged(Exception):
    """A schema file is missing, or is another than the one that the mappings were held against."""


class NotAsPublished(Exception):
    """A document that the publisher's schema does not take. `places` are paths in it, with nothing of what stands there."""

    def __init__(self, places: list[str]) -> None:
        self.places = places
        super().__init__(", ".join(places[:5]))


@dataclass
class Schemas:
    """The schemas in a folder, each file checked when it is first read. Safe to share between threads."""

    folder: Path
    _known: Mapping[str, str] = field(default_factory=lambda: known())
    _validators: dict[str, Any] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def check(self, name: str, document: Any) -> None:
        """Hold a document against a schema. Raises NotAsPublished, SchemaChanged.

        Formats are not held: the publisher's own examples of `date-time` have no time zone.
        """
        with self._lock:
            if name not in self._validators:
                # What a schema refers to is found beside it, not below its own `$id`.
                self._validators[name] = jsonschema_rs.validator_for(
                    self._read(name), retriever=self._retrieve, base_uri=_BASE + name, validate_formats=False
                )
        if wrong := [_place(each) for each in self._validators[name].iter_errors(document)]:
            raise NotAsPublished(wrong)

    def _retrieve(self, address: str) -> dict[str, Any]:
        return self._read(address.removeprefix(_BASE))

    def _read(self, name: str) -> dict[str, Any]:
        try:
            content = (self.folder / name).read_bytes()
        except OSError as error:
            raise SchemaChanged(f"{name} is not in {self.folder}") from error
        if hashlib.sha256(content).hexdigest() != self._known.get(name):
            raise SchemaChanged(f"{name} is not the file that the mappings were held against")
        schema: dict[str, Any] = json.loads(content)
        schema.pop("$id", None)
        return schema


def known() -> dict[str, str]:
    """SHA-256 (hex) of each schema file, by its path."""
    lines = (resources.files(__package__) / "schemas.sha256").read_text("utf-8").splitlines()
    return {name: digest for digest, name in (line.split(maxsplit=1) for line in lines)}


def _place(error: jsonschema_rs.ValidationError) -> str:
    return "/".join(["", *map(str, error.instance_path)])
