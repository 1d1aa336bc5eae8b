"""What a municipality was before: which ones were, on an earlier day, what it is on a later one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, timedelta

from .errors import Divided
from .facts import KnownMunicipality, KnownSuccession

_DIVIDES = ("split", "restored")


def wholes(
    id: str,
    then: date,
    day: date,
    successions: Iterable[KnownSuccession],
    municipality: Callable[[str], KnownMunicipality],
) -> set[str]:
    """The municipalities that together were, `then`, what this one is on a later day: itself, where nothing was merged into it.

    Raises Divided, where it has a part of one that was divided between several; UnknownMunicipality.
    """
    between = [each for each in successions if then < each.date <= day]
    found = {id}
    for when in sorted({each.date for each in between}, reverse=True):
        changes = [each for each in between if each.date == when]
        found = {before for each in found for before in _before(each, when, changes, municipality)}
    return found


def _before(
    id: str, when: date, changes: Iterable[KnownSuccession], municipality: Callable[[str], KnownMunicipality]
) -> set[str]:
    """What became a municipality on a day, of the changes of that day; itself, if it was there already."""
    of = [each for each in changes if id in (each.successor, each.predecessor)]
    divided = next((each.predecessor for each in of if each.kind in _DIVIDES), "")
    if divided:
        raise Divided(divided=municipality(divided).name_in("nb", when - timedelta(days=1)))
    before = {each.predecessor for each in of if each.successor == id}
    if not before or municipality(id).exists(when - timedelta(days=1)):
        before.add(id)
    return before
