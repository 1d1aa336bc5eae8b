"""Small service packages for tests of any room."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from .content import ServicePackage
from .reading import from_files


def text(nb: str, nn: str = "", en: str = "") -> dict[str, str]:
    return {"nb": nb, "nn": nn or nb, "en": en or nb}


def a_package(
    id: str = "inquiry", version: str = "1.0.0", routine: Mapping[str, Any] | None = None, **changes: Any
) -> ServicePackage:
    """The least package that can be published and read back; `changes` go into service.yaml, `routine` into that file."""
    service = {
        "id": id,
        "version": version,
        "title": text("Henvendelse", "Førespurnad", "Inquiry"),
        "summary": text("Spør kommunen om noe"),
        "description": text("Beskrivelse"),
        "who": text("Alle"),
        "expected_time": text("En uke"),
        "needs": [],
        "owner": {"name": text("Kommunen"), "kind": "municipality"},
        "area": "ordinary",
        "audience": ["resident"],
        "sensitivity": "ordinary",
        "los": [],
        "synonyms": {"nb": [], "nn": [], "en": []},
        "legal_basis": [],
        "retention": {
            "rule": "preserve",
            "starts": "closed",
            "about": text("Bevares"),
            "source": text("Kilde"),
            "confirmed": False,
        },
        "deadlines": [],
        "signing": {"role": "caseworker", "unit": "handling", "second_person": False},
        "minutes_saved": {"minutes": 0, "source": text("Kilde"), "confirmed": False},
        **changes,
    }
    least = {
        "states": [],
        "steps": [],
        "outcomes": [],
        "reasons": {},
        "decides_by_itself": False,
        "may_ask_for_a_person": False,
        "may_follow_up": False,
    }
    access = {"login": "optional", "start": [], "read": [], "decide": [], "delegate": []}
    form = {"type": "object", "properties": {}}
    files: Mapping[str, Any] = {
        "service.yaml": service,
        "routine.yaml": {**least, **(routine or {})},
        "access.yaml": access,
        "form.schema.json": form,
        "form.ui.json": {"type": "Categorization", "elements": []},
        "decision.json": {"nodes": [], "edges": []},
        "CHANGELOG.md": version,
    }
    return from_files({name: json.dumps(content, ensure_ascii=False) for name, content in files.items()})
