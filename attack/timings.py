"""Does the time of an answer tell what is there? Asked in turn, compared by ranks, and only what repeats counts.

A difference is called a hint when the ranks differ (Mann-Whitney, two-sided p < 0.0001), the medians differ by more than
5 % and 0.2 ms, and a second round agrees in the same direction. Smaller differences drown in the noise of a network.
"""

from __future__ import annotations

import gc
import math
import time
from collections.abc import Callable
from statistics import median
from typing import Any

from allmenning.basics.identifiers import uuid7

from .canaries import Scope
from .roles import Role, roles_of
from .scene import Scene
from .tally import Tally

KIND = "timings"
ROUNDS, BRIEF = 200, 12
_SURE, _SHARE, _SECONDS = 0.0001, 0.05, 0.0002


def attack(scene: Scene, tally: Tally, brief: bool = False) -> None:
    """What is another's beside what is not there, for residents, staff, codes and searches."""
    roles = {role.name: role for role in roles_of(scene)}
    rounds = BRIEF if brief else ROUNDS
    averoy = next(iter(scene.places))
    ordinary, care = (scene.ids[Scope(averoy, area, "rita")] for area in ("ordinary", "care"))
    resident, staff, other = roles["resident"], roles["staff of another unit"], roles["staff elsewhere"]
    name = scene.parties["rita"].resident.name
    pairs: list[tuple[str, Callable[[], Any], Callable[[], Any]]] = [
        _pages("a case of another resident", resident, f"/my/{averoy}/cases/{{}}/", ordinary["case"][0]),
        _pages("a draft of another resident", resident, f"/{averoy}/drafts/{{}}/", ordinary["draft"][0]),
        _pages("a case of another area", staff, "/desk/cases/{}/", care["case"][0]),
        _pages("a case of another municipality", other, "/desk/cases/{}/", ordinary["case"][0]),
        _searches("a name of another area's", staff, name, "Kanarifugl Rogne"),
        _searches("a number of another municipality's", other, scene.parties["rita"].resident.number, "17858510961"),
        _codes("a receipt code", roles["stranger"], averoy, scene.parties["rita"].code),
    ]
    for what, there, nothing in pairs:
        compare(tally, what, there, nothing, rounds)


def compare(tally: Tally, what: str, there: Callable[[], Any], nothing: Callable[[], Any], rounds: int) -> None:
    """Two rounds; only what both show in the same direction is a hint."""
    first = _difference(tally, there, nothing, rounds)
    if first and math.copysign(1, first) == math.copysign(1, _difference(tally, there, nothing, rounds) or -first):
        tally.hinted(KIND, f"{what}: {first * 1000:+.2f} ms where it is there")


def _pages(what: str, role: Role, address: str, known: Any) -> tuple[str, Callable[[], Any], Callable[[], Any]]:
    return (
        what,
        lambda: role.ask("get", address.format(known)),
        lambda: role.ask("get", address.format(uuid7())),
    )


def _searches(what: str, role: Role, known: str, unknown: str) -> tuple[str, Callable[[], Any], Callable[[], Any]]:
    def seek(text: str) -> Any:
        there = role.ask("post", "/desk/find/", {"text": text})
        return role.ask("get", there.get("Location", "/desk/"))

    return what, lambda: seek(known), lambda: seek(unknown)


def _codes(what: str, role: Role, municipality: str, code: str) -> tuple[str, Callable[[], Any], Callable[[], Any]]:
    """A right code for another municipality, and one for nothing."""
    elsewhere = "smola" if municipality != "smola" else "averoy"
    wrong = code[:-1] + ("2" if code[-1] != "2" else "3")
    return (
        what,
        lambda: role.ask("post", "/receipt-code/", {"code": code, "municipality": elsewhere}),
        lambda: role.ask("post", "/receipt-code/", {"code": wrong, "municipality": elsewhere}),
    )


def _difference(tally: Tally, there: Callable[[], Any], nothing: Callable[[], Any], rounds: int) -> float | None:
    """Seconds by which the medians differ, where that is sure and large enough to see; else None."""
    times: tuple[list[float], list[float]] = ([], [])
    gc.collect()
    for number in range(rounds + 5):
        # In turn, and each first every other time: what drifts hits both.
        for which in (0, 1) if number % 2 else (1, 0):
            begun = time.perf_counter()
            (there, nothing)[which]()
            if number >= 5:  # warm
                times[which].append(time.perf_counter() - begun)
            tally.tried(KIND)
    apart = median(times[0]) - median(times[1])
    is_large = abs(apart) > max(_SECONDS, _SHARE * median(times[1]))
    return apart if is_large and _probability(*times) < _SURE else None


def _probability(one: list[float], other: list[float]) -> float:
    """That two samples differ so much by chance (Mann-Whitney's U, normal approximation, two-sided)."""
    ranked = sorted([(value, 0) for value in one] + [(value, 1) for value in other])
    ranks = sum(place for place, (_, which) in enumerate(ranked, 1) if which == 0)
    n, m = len(one), len(other)
    u = ranks - n * (n + 1) / 2
    z = abs(u - n * m / 2) / math.sqrt(n * m * (n + m + 1) / 12)
    return math.erfc(z / math.sqrt(2))
