"""The plan for preserving and disposing (bevarings- og kassasjonsplan), service by service.

A service's folder proposes what becomes of its records, and says whether its source was read. It erases nothing: that takes
an archivist of the municipality, who confirms a rule here with the source that it stands on. The newest rule counts; without
one everything is kept, since public records are disposed of by authority of law alone (arkivlova).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from allmenning.basics.dates import OSLO
from allmenning.basics.text import clean_text
from allmenning.commons.catalogue import queries as catalogue
from allmenning.commons.catalogue.content import ServicePackage
from allmenning.municipal.access import actions as access
from allmenning.municipal.access.actor import Working
from allmenning.municipal.access.rules import confirms_retention
from allmenning.municipal.archive.models import MOST_YEARS, RetentionRule
from allmenning.municipal.forms.errors import ServiceNotOffered
from allmenning.municipal.profile.models import AdoptedService

from .errors import NotArchivist, RuleIncomplete, SourceMissing, SourceTooLong

PURPOSE = "archive"
SHORTEST_SOURCE, LONGEST_SOURCE = 10, 300  # characters


@dataclass(frozen=True)
class Line:
    """One service of the plan: what its folder proposes, what stands, and what stood before (newest first)."""

    package: ServicePackage
    rule: RetentionRule | None
    before: tuple[RetentionRule, ...] = ()


def plan(working: Working) -> list[Line]:
    """The plan of an area: every service that the municipality has offered there, in the order of their names."""
    rules: dict[str, list[RetentionRule]] = {}
    for rule in RetentionRule.objects.order_by("-confirmed_at", "-id"):
        rules.setdefault(rule.service, []).append(rule)
    lines = []
    for adopted in AdoptedService.objects.order_by("service"):
        package = catalogue.service_version(adopted.service, adopted.version)
        if package.area == working.area:
            confirmed = rules.get(adopted.service, [])
            lines.append(Line(package, confirmed[0] if confirmed else None, tuple(confirmed[1:])))
    return lines


def line_of(service: str, working: Working) -> Line:
    """One service of the plan. Raises ServiceNotOffered for one that is not of this area, or never was offered."""
    for line in plan(working):
        if line.package.id == service:
            return line
    raise ServiceNotOffered()


def confirm(service: str, rule: str, years: str, source: str, working: Working) -> RetentionRule:
    """An archivist confirms what becomes of a service's records, from now on, and what that stands on.

    Args:
        years: as it was typed; whole years after the one in which a case was closed. Asked for by "dispose" alone.

    Raises:
        NotArchivist, ServiceNotOffered.
        RuleIncomplete: neither of the two, or not 1 to 200 years.
        SourceMissing, SourceTooLong, UnsafeText: where it stands is not said, or not as it can be kept.
    """
    if not confirms_retention(working):
        raise NotArchivist()
    line_of(service, working)
    source = clean_text(source).strip()
    if rule not in RetentionRule.Rule.values:
        raise RuleIncomplete()
    if len(source) < SHORTEST_SOURCE:
        raise SourceMissing()
    if len(source) > LONGEST_SOURCE:
        raise SourceTooLong(most=LONGEST_SOURCE)
    with transaction.atomic():
        made = RetentionRule.objects.create(
            area=working.area,
            service=service,
            rule=rule,
            years=_years(years) if rule == RetentionRule.Rule.DISPOSE else None,
            source=source,
            staff_id=working.staff_id,
            staff_name=working.name,
        )
        access.log_object(
            working.as_actor(),
            area=working.area,
            action="confirm-retention",
            purpose=PURPOSE,
            object_kind="retention-rule",
            object_id=made.id,
        )
    return made


def standing(area: str, services: Iterable[str]) -> dict[str, RetentionRule]:
    """The rules that stand for the records of an area's services; none for one of which no archivist has confirmed any."""
    rows = RetentionRule.objects.filter(area=area, service__in=set(services)).order_by("confirmed_at", "id")
    return {rule.service: rule for rule in rows}  # the newest is the last


def first_day(closed_at: datetime, years: int) -> date:
    """The first day that a case may be erased. Years are counted from the end of the one in which it was closed."""
    return date(closed_at.astimezone(OSLO).year + years + 1, 1, 1)


def _years(typed: str) -> int:
    typed = typed.strip()
    if not (typed.isascii() and typed.isdecimal() and len(typed) <= len(str(MOST_YEARS))):
        raise RuleIncomplete()
    years = int(typed)
    if not 1 <= years <= MOST_YEARS:
        raise RuleIncomplete()
    return years
