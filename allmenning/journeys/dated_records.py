"""What a case's records tell its deadlines: that one was written, and each date in one, until it is changed or ends."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from allmenning.commons.catalogue.content import ServicePackage
from allmenning.commons.catalogue.deadlines import CHANGED, ENDED, Dated
from allmenning.municipal.cases.models import Record

DATES = ("starts", "ends", "due_on")


def follow_records(package: ServicePackage) -> bool:
    """Whether any deadline of the service runs from a record, lasts until one or is met by one."""
    words = (word for each in package.deadlines for word in (each.starts, each.until or "", *each.met_by))
    return any(word.startswith(("record.", "record:")) for word in words)


def told_by(
    rows: Sequence[Record], package: ServicePackage
) -> tuple[Mapping[str, list[datetime]], Mapping[str, list[Dated]]]:
    """The events and dates of a case's records.

    Args:
        rows: every version, in the order of when it was written, which no later version changes: a round of a deadline
            stays the round that it was.
    """
    events: dict[str, list[datetime]] = defaultdict(list)
    found: dict[str, list[Dated]] = defaultdict(list)
    by_series: dict[object, list[Record]] = defaultdict(list)
    for row in rows:
        by_series[row.series].append(row)
        if row.version == 1 or (row.shows == "versions" and not row.is_over):
            events[f"record:{row.kind}"].append(row.at)
    for row in rows:
        if row.is_over:
            continue
        versions = by_series[row.series]
        for name in DATES:
            before = getattr(versions[row.version - 2], name) if row.version > 1 else None
            day = getattr(row, name)
            if day is not None and day != before:
                own = _own(row, name, versions[row.version :], rows, package)
                found[f"record.{row.kind}.{name}"].append(Dated(row.at, day, own))
    return events, found


def _own(
    row: Record, name: str, later: Sequence[Record], rows: Sequence[Record], package: ServicePackage
) -> Mapping[str, Sequence[datetime]]:
    """What happens to a date of one record: what is written that belongs to it, and that it is changed or ends."""
    changed = [each.at for each in later if not each.is_over and getattr(each, name) != getattr(row, name)]
    return {
        CHANGED: changed[:1],
        ENDED: [each.at for each in later if each.is_over],
        **{
            f"record:{kind.id}": [
                each.at for each in rows if each.version == 1 and each.kind == kind.id and each.of_series == row.series
            ]
            for kind in package.records
            if kind.of == row.kind
        },
    }
