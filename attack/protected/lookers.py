"""Who looks for where a protected family lives: everybody there is, and what each may see of it (nothing, but their own)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from django.test import Client

from allmenning.commons.identity.sessions import Represented, Resident
from allmenning.doors.api.testing import system
from allmenning.doors.desk.testing import at_desk, hire
from allmenning.doors.portal.testing import BAKERY, browser_of
from allmenning.journeys.testing import ALICE, BOB, CHARLIE, Place
from allmenning.municipal.access.clients import SCOPES

from ..scene import DORA, EVA, FRODE, GRETE, HEGE, Scene
from . import kept
from .family import (
    ARNE,
    BO,
    FAMILY,
    GRY,
    HAKON,
    HANNA,
    HEDDA,
    INE,
    KAJ,
    KIM,
    LUN,
    MIE,
    NAMES_OF,
    NILS,
    NORA,
    ODD,
    PIL,
    RASMUS,
    SIV,
    SONDRE,
    TORA,
    ULF,
    VERA,
    Family,
    Sent,
    resident,
)
from .sensitive import BOS, GRYS, SENSITIVE, staff_of

_CONFIDENTIAL_ONES = frozenset({TORA, SIV, HANNA, HAKON, KIM, PIL, SONDRE})
_EVERYONE = _CONFIDENTIAL_ONES | {VERA, KAJ, LUN, ODD}
# Of whom a sensitive area has cases, or reads in them.
_CONFIDENTIAL_IN = frozenset({TORA, SIV, MIE, INE, ULF})
_EVERYONE_IN = _CONFIDENTIAL_IN | {VERA, LUN, NORA}
# Left out of the short form: another of the same kind looks.
_LIKE_ANOTHER = {
    "an archivist of another unit",
    "a leader of a third area",
    "one who held a power of attorney",
    "an organisation",
    "a system of another municipality",
    "a system for one service",
    *(f"the leader of {area}" for area in SENSITIVE if area != "care"),
    *(f"a caseworker of {area}" for area in SENSITIVE if area != "child-welfare"),
    "the other parent, who wrote for Mie",
    "a system of care with every scope",
    "a system of social-services with every scope",
    "a system of educational-psychology with every scope",
    *(f"a system for {scope} alone" for scope in SCOPES),
}
STAFF, RESIDENT, SYSTEM = "staff", "resident", "system"


@dataclass
class Looker:
    """Somebody with a browser or a key. `is_one` of the family sees their own; `knows`: of whom they may see the name."""

    name: str
    client: Client
    kind: str = ""
    is_one: str = ""
    knows: frozenset[str] = frozenset()
    works_with: bool = False  # may open the cases, and so has a purpose to state
    area: str = "ordinary"

    def __post_init__(self) -> None:
        self.client.raise_request_exception = False


def lookers(scene: Scene, family: Family, brief: bool = False) -> Iterator[Looker]:
    """Everybody. `brief`: one of each kind that sees something else than the others."""
    here, there = scene.places.values()
    yield Looker("anonymous", Client())
    everybody = [*_at_the_desk(here, there), *_residents(family), *_systems(here, there)]
    yield from (each for each in everybody if not (brief and each.name in _LIKE_ANOTHER))


def with_a_need(family: Family, brief: bool = False) -> Iterator[tuple[Looker, Sent]]:
    """Who handles a case and states a need in it: a caseworker, and of a strictly protected one the leader.

    `brief`: one case of each, and one of the two in each sensitive area.
    """
    here = family.place
    for who, says, of, knows in (
        (ALICE, "a caseworker", TORA, _CONFIDENTIAL_ONES),
        (BOB, "the leader", VERA, _EVERYONE),
    ):
        for sent in family.telling(of)[: 1 if brief else None]:
            yield Looker(says, at_desk(here, who), STAFF, knows=knows, works_with=True), sent
        for sent in kept.of(family, of):
            yield Looker(f"{says}, of records", at_desk(here, who), STAFF, knows=knows, works_with=True), sent
    for number, area in enumerate(SENSITIVE):
        caseworker, leader = _of_area(here, area)
        if not brief or number % 2:
            yield caseworker, family.telling(TORA, area)[0]
        if not brief or number % 2 == 0:
            yield leader, (family.telling(VERA, area) if number else family.of_in(LUN, area))[0]


def _of_area(here: Place, area: str) -> Iterator[Looker]:
    staff = staff_of(area)
    yield Looker(
        f"a caseworker of {area}", at_desk(here, staff.caseworker, area), STAFF, "", _CONFIDENTIAL_IN, True, area
    )
    yield Looker(f"the leader of {area}", at_desk(here, staff.leader, area), STAFF, "", _EVERYONE_IN, True, area)


def _at_the_desk(here: Place, there: Place) -> Iterator[Looker]:
    hire(here, ARNE, "archivist", name=NAMES_OF[ARNE])
    hire(here, HEDDA, "caseworker", "Servicekontoret", name=NAMES_OF[HEDDA])
    yield Looker("a caseworker of the unit", at_desk(here, ALICE), STAFF, knows=_CONFIDENTIAL_ONES, works_with=True)
    yield Looker("the leader of the unit", at_desk(here, BOB), STAFF, knows=_EVERYONE, works_with=True)
    yield Looker("an archivist", at_desk(here, ARNE), STAFF, knows=_CONFIDENTIAL_ONES, works_with=True)
    broke = frozenset({VERA})
    yield Looker("one of another unit who broke the glass", at_desk(here, DORA), STAFF, knows=broke, works_with=True)
    yield Looker("a caseworker of another unit", at_desk(here, HEDDA), STAFF)
    yield Looker("an archivist of another unit", at_desk(here, HEGE), STAFF, knows=_CONFIDENTIAL_ONES, works_with=True)
    yield Looker("a leader of another area", at_desk(here, EVA, "care"), STAFF, area="care")
    psychology = "educational-psychology"
    yield Looker("a leader of a third area", at_desk(here, FRODE, psychology), STAFF, area=psychology)
    for area in SENSITIVE:
        yield from _of_area(here, area)
    yield Looker("an administrator", at_desk(here, GRETE, "administration"), STAFF)
    yield Looker("a leader of another municipality", at_desk(there, CHARLIE), STAFF)


def _residents(family: Family) -> Iterator[Looker]:
    def logged_in(who: str, says: str, *knows: str, acting: Resident | None = None) -> Looker:
        one = NAMES_OF[who] if who in FAMILY else ""
        return Looker(says, browser_of(acting or resident(who)), RESIDENT, one, frozenset({who, *knows}))

    yield logged_in(VERA, "Vera, who is strictly protected", KAJ, LUN)
    yield logged_in(KAJ, "Kaj, who lives with her", VERA)
    yield logged_in(ODD, "the other parent", LUN)
    child = replace(resident(ODD), represented=Represented(LUN, NAMES_OF[LUN], "parent"))
    yield logged_in(ODD, "the other parent for the child", LUN, acting=child)
    yield logged_in(TORA, "Tora, who is protected", SIV, RASMUS)
    yield logged_in(RASMUS, "one who held a power of attorney", TORA)
    power = Represented(TORA, NAMES_OF[TORA], "power-of-attorney", family.place.id, str(family.power))
    yield logged_in(RASMUS, "the same, acting by it", TORA, acting=replace(resident(RASMUS), represented=power))
    yield logged_in(SONDRE, "Sondre, who lives with Tora", TORA)
    yield logged_in(HANNA, "Hanna, whom staff protected")
    yield logged_in(BO, "the other parent, who wrote for Mie", MIE)
    yield logged_in(BO, "the same, acting for her", MIE, acting=BOS)
    yield logged_in(GRY, "a guardian, acting for Ulf", ULF, acting=GRYS)
    yield logged_in(NORA, "Nora, who named Vera", VERA)
    yield logged_in(NILS, "the neighbour")
    yield logged_in(NILS, "an organisation", acting=replace(resident(NILS), organisation=BAKERY))


def _systems(here: Place, there: Place) -> Iterator[Looker]:
    def client(says: str, at: Place, knows: frozenset[str] = frozenset(), **may: object) -> Looker:
        token = system(at.id, **may).token  # type: ignore[arg-type]
        return Looker(says, Client(headers={"Authorization": f"Bearer {token}"}), SYSTEM, knows=knows)

    yield client("a system with every scope", here, _CONFIDENTIAL_ONES, areas=["ordinary"])
    for area in SENSITIVE:
        yield client(f"a system of {area} with every scope", here, _CONFIDENTIAL_IN, areas=[area])
    yield client("a system of another municipality", there, areas=["ordinary"])
    for scope in SCOPES:
        yield client(f"a system for {scope} alone", here, _CONFIDENTIAL_ONES, areas=["ordinary"], scopes=[scope])
    yield client("a system for one service", here, _CONFIDENTIAL_ONES, areas=["ordinary"], services=["inquiry"])
