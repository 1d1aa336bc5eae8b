"""What the resident's own log leaves out, by rule: a table of rules, each with its reason and ground.

What is left out is recorded in the log itself, for leaders to review (`journeys.my_log` does both). The page says nothing
of it, since that something is hidden can endanger as much as what it is. What one has read oneself is no omission.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet, UUIDField, Value
from django.db.models.expressions import Expression
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact

from allmenning.tenancy.read_together import Asked

from .log_actions import OF_A_PERSON
from .models import LET_SEE, KeptFromLog, LogEntry

LEFT_OUT = "left-out"  # the action of the row that records an omission
OWN_LOG = "own-log"  # its purpose, and that of a representative's reading of the log
OWN_CASE = "own-case"  # the purpose of a resident's own reading
KEEPING = "keep-from-log"  # the purpose of who keeps something out of it, or ends that
OTHER_PARENT = "other-parent"  # the rule of it, by which the database itself shows nothing that another parent began
NOBODY = UUID(int=0)  # the representation of a reader who is the resident
_CONTROL = frozenset(
    {"supervision", "quality-control", "party-inquiry", "break-glass", "review", "disqualification", KEEPING}
)


@dataclass(frozen=True)
class Reader:
    """Who reads the log: the resident (no kind), or somebody who acts for them.

    kept: the cases of which something is kept from the log today, with the grounds (`KeptFromLog`).
    apart: the cases that are about somebody else than who sent them, with their areas.
    """

    kind: str = ""
    representation: UUID | None = None
    kept: Mapping[UUID | None, Collection[str]] = field(default_factory=dict)
    apart: Mapping[UUID | None, str] = field(default_factory=dict)

    def keeps(self, entry: LogEntry, ground: str) -> bool:
        """Whether something is kept of the row's case. A list may have shown any of theirs: which, they are not told."""
        if entry.case_id is None:
            return any(ground in grounds for grounds in self.kept.values())
        return ground in self.kept.get(entry.case_id, ())

    def sent_apart(self, entry: LogEntry) -> bool:
        """Whether the row is of a case that is about somebody else, or of a list in an area where they sent one."""
        return entry.area in self.apart.values() if entry.case_id is None else entry.case_id in self.apart


def keeping_in(case_ids: Any, now: datetime | Asked) -> QuerySet[KeptFromLog]:
    """What is kept from the log today, in some cases."""
    return KeptFromLog.objects.filter(case_id__in=case_ids, until__gt=now, ended_at__isnull=True)


def grounds_by_case(rows: Iterable[KeptFromLog]) -> dict[UUID | None, set[str]]:
    """The same as a reader knows it."""
    found: dict[UUID | None, set[str]] = {}
    for row in rows:
        found.setdefault(row.case_id, set()).add(row.ground)
    return found


def own_readings(by: UUID | Expression) -> Q:
    """The rows of what this reader has read of their own, which is no news to them. `by`: their representation, or NOBODY."""
    representation = Coalesce(F("representation_id"), Value(NOBODY, output_field=UUIDField()))
    is_theirs = Exact(representation, by if isinstance(by, Expression) else Value(by, output_field=UUIDField()))
    is_reading = Q(purpose__in=(OWN_CASE, OWN_LOG)) | Q(action__in=("read", "list"))
    return Q(is_theirs) & Q(actor_kind="resident") & is_reading & ~Q(purpose=LET_SEE)


@dataclass(frozen=True)
class Rule:
    """Rows that are left out, and why. `confirmed`: the ground was seen in a source to reach this far."""

    id: str
    reason: str
    ground: str
    applies: Callable[[LogEntry, Reader], bool]
    confirmed: bool = False
    is_recorded: bool = True


def _anothers(entry: LogEntry, reader: Reader) -> bool:
    return entry.representation_id is not None and entry.representation_id != reader.representation


RULES: tuple[Rule, ...] = (
    Rule(
        "record-of-omission",
        "tells that something was left out",
        "forvaltningsloven § 19",
        lambda entry, reader: entry.action == LEFT_OUT,
        is_recorded=False,
    ),
    Rule(
        "violence",
        "violence or threats by somebody near: that staff, or another system, have to do with the case can endanger",
        "personopplysningsloven § 16 første ledd bokstav c og f; personvernforordningen art. 23 nr. 1 i",
        lambda entry, reader: reader.keeps(entry, "violence") and entry.actor_kind in ("staff", "client"),
    ),
    Rule(
        "police",
        "the police investigate, and who asked or looked into the case would tell of it",
        "personopplysningsloven § 16 første ledd bokstav b; personvernforordningen art. 23 nr. 1 d",
        lambda entry, reader: reader.keeps(entry, "police") and entry.purpose in _CONTROL,
    ),
    Rule(
        "child-welfare",
        "a report of concern or an inquiry by child welfare: who reported, and that they look, can endanger the child",
        "personopplysningsloven § 16 første ledd bokstav c; forvaltningsloven § 19; barnevernsloven",
        lambda entry, reader: (
            reader.keeps(entry, "child-welfare")
            and (entry.purpose in _CONTROL | {"case-handling", "work-list"} or entry.action in OF_A_PERSON)
        ),
    ),
    Rule(
        "keeping",
        "tells that something is kept from the log",
        "forvaltningsloven § 19",
        lambda entry, reader: entry.purpose == KEEPING and bool(reader.kept.get(entry.case_id)),
    ),
    Rule(
        "sender-is-no-party",
        "the case is about somebody else than who sent it: what is done with it tells of them",
        "forvaltningsloven § 13; personvernforordningen art. 15 nr. 4",
        lambda entry, reader: reader.sent_apart(entry) and entry.actor_kind != "resident",
    ),
    Rule(
        "child-welfare-control",
        "in child welfare, who asked about a case, looked into it or looked somebody up can endanger the child or who reported",
        "forvaltningsloven § 19; barnevernsloven",
        lambda entry, reader: (
            entry.area == "child-welfare" and (entry.purpose in _CONTROL or entry.action in OF_A_PERSON)
        ),
    ),
    Rule(
        OTHER_PARENT,
        "one parent is not told of the other's contact with the services",
        "forvaltningsloven § 13",
        lambda entry, reader: (
            reader.kind == "parent" and (_anothers(entry, reader) or entry.purpose == "party-inquiry")
        ),
    ),
    Rule(
        "anothers-reading",
        "one representative is not told what another has done",
        "forvaltningsloven § 13",
        lambda entry, reader: reader.kind in ("guardian", "power-of-attorney") and _anothers(entry, reader),
    ),
)


def rule_for(entry: LogEntry, reader: Reader) -> Rule | None:
    """The rule by which a row is left out, or None when it is shown."""
    return next((rule for rule in RULES if rule.applies(entry, reader)), None)


def shown_to(entries: Iterable[LogEntry], reader: Reader) -> tuple[list[LogEntry], list[tuple[LogEntry, Rule]]]:
    """The rows that are shown, and those that are left out and must be recorded, each with its rule."""
    shown: list[LogEntry] = []
    left_out: list[tuple[LogEntry, Rule]] = []
    for entry in entries:
        rule = rule_for(entry, reader)
        if rule is None:
            shown.append(entry)
        elif rule.is_recorded:
            left_out.append((entry, rule))
    return shown, left_out
