"""Writing the log. If this fails, nothing may be shown."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from allmenning import vault
from allmenning.basics.identifiers import uuid7
from allmenning.tenancy import current, waking

from .actor import Actor
from .models import LogEntry
from .purposes import legal_basis_of


def log_case(actor: Actor, **about: Any) -> LogEntry:
    """Log that `actor` read or changed something about one case; `about` as `entry_about_case` takes it."""
    entry = entry_about_case(actor, **about)
    entry.save(force_insert=True)
    return entry


def entry_about_case(
    actor: Actor,
    *,
    area: str,
    case_id: UUID,
    action: str,
    purpose: str,
    key: vault.CaseKey | None = None,
    object_kind: str = "case",
    object_id: UUID | None = None,
    field_kinds: Sequence[str] = (),
    shown: Iterable[UUID] = (),
    personal: object = None,
) -> LogEntry:
    """The row that tells that `actor` read or changed something about one case; not saved.

    Args:
        shown: ids of the rows of the case that were shown, beside the object itself.
        personal: what was shown or changed of personal values, JSON-able; kept only as a salted commitment, for which the
            case's key is needed.
    """
    entry = _entry(actor, area=area, action=action, purpose=purpose)
    entry.case_id, entry.object_kind, entry.object_id = case_id, object_kind, object_id or case_id
    entry.field_kinds, entry.shown_ids = list(field_kinds), list(shown)
    if personal is not None:
        assert key is not None
        entry.commitment = commitment(key, entry.id, personal)
    return entry


def log_list(actor: Actor, *, area: str, purpose: str, shown: Iterable[UUID], field_kinds: Sequence[str]) -> LogEntry:
    """Log that a list with names was shown: one row with the ids that were on it."""
    entry = _entry(actor, area=area, action="list", purpose=purpose)
    entry.object_kind, entry.shown_ids, entry.field_kinds = "case", list(shown), list(field_kinds)
    entry.save(force_insert=True)
    return entry


def log_lookup(actor: Actor, *, area: str, purpose: str, owner_key: bytes, field_kinds: Sequence[str]) -> LogEntry:
    """Log that somebody was looked up by their number, before anything is told of them. They see it in their own log."""
    entry = _entry(actor, area=area, action="look-up", purpose=purpose)
    entry.object_kind, entry.shown_ids, entry.field_kinds = "person", [in_lookups(owner_key)], list(field_kinds)
    entry.save(force_insert=True)
    return entry


def log_overview(
    actor: Actor, *, area: str, purpose: str, owner_key: bytes, shown: Iterable[UUID], field_kinds: Sequence[str]
) -> LogEntry:
    """Log that all of somebody's cases here were shown together: one row with the cases, which they see in their own log."""
    entry = _entry(actor, area=area, action="overview", purpose=purpose)
    entry.object_kind, entry.field_kinds = "person", list(field_kinds)
    entry.shown_ids = [in_lookups(owner_key), *shown]
    entry.save(force_insert=True)
    return entry


def in_lookups(owner_key: bytes) -> UUID:
    """Names whoever was looked up, in every area: the first half of their key's SHA-256, by which the database tells them
    and nobody can reckon the key (`tenancy.walls`, which does the same in SQL).
    """
    return UUID(bytes=hashlib.sha256(owner_key).digest()[:16])


def log_object(actor: Actor, *, area: str, action: str, purpose: str, object_kind: str, object_id: UUID) -> LogEntry:
    """Log that something was done that is of no one case: a review, a declaration, a look-up."""
    entry = _entry(actor, area=area, action=action, purpose=purpose)
    entry.object_kind, entry.object_id = object_kind, object_id
    entry.save(force_insert=True)
    return entry


def commitment(key: vault.CaseKey, entry_id: UUID, personal: object) -> bytes:
    """SHA-256 over a salt that only the case's key can make, and the personal values in canonical JSON."""
    canonical = json.dumps(personal, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)
    return hashlib.sha256(key.derive(f"log-salt:{entry_id}") + canonical.encode()).digest()


def _entry(actor: Actor, *, area: str, action: str, purpose: str) -> LogEntry:
    """Its legal basis is the purpose's: `purposes`."""
    waking.written(current().municipality)  # so that it is sealed within a second
    # Who acts for a resident leaves that in every row, whatever it is about.
    behalf = current().behalf
    return LogEntry(
        id=uuid7(),
        area=area,
        actor_kind=actor.kind,
        staff_id=actor.staff_id,
        staff_name=actor.named,
        home_municipality=actor.home_municipality,
        unit_name=actor.unit_name,
        role=actor.role,
        relation=behalf.kind if behalf else actor.relation,
        representation_id=behalf.representation if behalf else None,
        purpose=purpose,
        legal_basis=legal_basis_of(purpose),
        action=action,
    )
