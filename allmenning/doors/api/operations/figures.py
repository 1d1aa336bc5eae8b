"""A municipality's own figures, never about fewer than five people."""

from __future__ import annotations

from typing import Any

from allmenning.commons.figures.queries import Cell
from allmenning.journeys import published

from ..answering import Answer, Call, answers


@answers("getFigures")
def get_figures(call: Call) -> Answer:
    """The figures of a year, by service."""
    year, services = published.figures_for(call.by, call.parameters.get("year"))
    told = [
        {"service": each.service, **{name.replace("-", "_"): _cell(cell) for name, cell in each.cells.items()}}
        for each in services
    ]
    return Answer({"municipality": call.by.municipality, "year": year, "services": told})


def _cell(cell: Cell) -> dict[str, Any] | None:
    """None for fewer than five people, which is also what nobody at all looks like."""
    if cell.value is None:
        return None
    at = cell.published_at.isoformat() if cell.published_at else None
    return {"value": float(cell.value), "people": cell.count, "published_at": at}
