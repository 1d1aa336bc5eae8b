"""What is written where a thief would most like to read it, and the API brings nothing: sensitive areas, drafts, notes, why the
glass was broken, what a leader found, to whom somebody is partial, how letters reach a protected one.

`python -m attack.living <municipality>` writes it in a system that runs: words as JSON on standard input. The short search
(`tests/hostile/test_a_dump_tells_nothing.py`) calls `live_in`.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from demo import prepare

if TYPE_CHECKING:
    from allmenning.commons.identity.sessions import Resident

ALL_AREAS = ("care", "child-welfare", "social-services", "educational-psychology")
OF_AREA = (
    "subject",
    "message",
    "file",
    "note",
    "neighbour",
    "guardian",
    "emergency",
    "conclusion",
    "postal address",
    "draft",
    "record",
    "phase",
)
# What the inquiry of an area has besides the ordinary one: a phase that somebody concludes by hand, and something that is kept.
_WORDS = {"nb": "Arbeid", "nn": "Arbeid", "en": "Work"}
_PHASES = [{"id": "work", "title": _WORDS, "opened_by": ["received"], "by_hand": {"role": "leader"}}]
_KINDS = [
    {
        **{"id": "told", "title": _WORDS, "about": _WORDS, "many": True, "shows": "list"},
        **{"writes": ["caseworker"], "seen_by": "nobody"},
    }
]
_TOLD = {
    "type": "object",
    "additionalProperties": False,
    "required": ["what"],
    "properties": {"what": {"type": "string", "x-title": _WORDS, "maxLength": 400}},
}


@dataclass(frozen=True)
class Here:
    """A municipality, as the helpers of tests take it."""

    id: str
    staff: dict[str, object] = field(default_factory=dict)


def words_of(area: str) -> dict[str, str]:
    """What is looked for of an area, each a word that stands nowhere else."""
    stem = area.replace("-", "")
    return {f"{what} in {area}": f"{what.replace(' ', '')}skvett{stem}" for what in OF_AREA}


def live_in(
    municipality: str,
    resident: Resident,
    partial_to: str,
    words: Mapping[str, str],
    areas: Iterable[str],
    staff: list[str],
) -> None:
    """Somebody sends and drafts in each area; staff write of it.

    Args:
        partial_to: the identity number of whom a caseworker declares themselves partial to.
        words: as `words_of` each of the areas makes them.
        staff: identity numbers of people who are hired: three for each area.
    """
    numbers = iter(staff)
    for area in areas:
        written = {what: words[f"{what} in {area}"] for what in OF_AREA}
        _of_area(municipality, area, resident, partial_to, written, [next(numbers) for _ in range(3)])


def _of_area(
    municipality: str, area: str, resident: Resident, partial_to: str, word: Mapping[str, str], staff: list[str]
) -> None:
    from allmenning.basics import dates
    from allmenning.doors.portal.testing import sent_image, sent_inquiry
    from allmenning.journeys import (
        applying,
        breaking_glass,
        casework,
        consents,
        disqualifying,
        noting,
        participants,
        phases,
        protecting,
        recording,
        reviewing,
    )
    from allmenning.journeys.testing import Place
    from allmenning.municipal.access.models import Review
    from allmenning.municipal.access.queries import working_as
    from allmenning.municipal.cases.actions import Named, Noted
    from allmenning.municipal.documents.tests.files import image
    from allmenning.tenancy import use

    here: Place = Here(municipality)  # type: ignore[assignment]
    service, members = _at_work(municipality, area, staff)
    who = {"name": resident.name, "email": f"{word['message']}@eksempel.example"}  # whom no register need know
    answers = {**who, "subject": word["subject"], "message": f"Om {word['message']}"}
    case_id = sent_inquiry(here, resident, service=service, **answers).case_id
    sent_image(here, case_id, resident, image("PNG"), f"{word['file']}.png")
    keys = resident.keys(municipality)
    with use(municipality, "resident", keys=keys):
        draft = applying.begin(resident, service, "nb", owner_key=keys[0])
        filling = applying.open_draft(draft.id)
        data = {**filling.content.data, "subject": word["draft"], "message": f"Ikke sendt: {word['draft']}"}
        applying.save_page(filling, data, {}, page=1, revision=draft.revision)
    with use(municipality, area):
        (caseworker, own), (leader, leads), (other, elsewhere) = [
            (working_as(member, area), casework.staff_resident_key(municipality, number))
            for member, number in zip(members, staff, strict=True)
        ]
        whom, about_them = f"Nabo {word['neighbour']}", f"Fortalte om {word['neighbour']}"
        noted = Noted(f"Internt: {word['note']}", whom=whom, about_them=about_them)
        written = noting.write_note(case_id, noted, caseworker, staff_key=own)
        named = Named("guardian", f"Verge {word['guardian']}", is_party=True)
        participants.add(case_id, named, caseworker, staff_key=own)
        heard = consents.Heard(["ask"], dates.today(), "oral", heard_by=f"Hørt av {word['guardian']}")
        consents.register(case_id, heard, caseworker, staff_key=own)
        noting.correct_note(case_id, written.id, replace(noted, kind="phone"), caseworker, staff_key=own)
        kept = recording.Draft({"what": f"Ført: {word['record']}"})
        recording.begin(case_id, "told", kept, caseworker, staff_key=own)
        phases.conclude(case_id, "work", f"Ferdig: {word['phase']}", leader, staff_key=leads)
        address = f"Postboks 1 {word['postal address']}"
        protecting.set_level(case_id, "fortrolig", "threat", address, leader, staff_key=leads)
        reason = f"Legen ringte og sa {word['emergency']}"
        broken = breaking_glass.break_glass(case_id, reason, 60, other, staff_key=elsewhere)
        found = Review.objects.get(about=str(broken.id))
        reviewing.close(found.id, "fine", f"Snakket om {word['conclusion']}", leader)
        disqualifying.declare_towards(partial_to, None, other)


def _at_work(municipality: str, area: str, staff: list[str]) -> tuple[str, list[UUID]]:
    """An inquiry of the area, published and handled: a caseworker, a leader, and a caseworker of another unit."""
    from allmenning.basics import dates
    from allmenning.commons.catalogue import actions as catalogue
    from allmenning.commons.catalogue import package as packages
    from allmenning.journeys import administering
    from allmenning.tenancy import use

    from .scene import copied

    by, start = administering.OPERATOR, dates.today().replace(month=1, day=1)
    with tempfile.TemporaryDirectory() as held:
        package = packages.load(_with_more(copied(Path(held) / f"told-in-{area}", area)))
        catalogue.publish(package, by="attack")
    members: list[UUID] = []
    with use(municipality, "administration"):
        units = [administering.add_unit(by, name=f"{name} {area}", area=area) for name in ("Mottak", "Vakt")]
        administering.adopt(by, package.id, package.version, {})
        administering.route(by, package.id, "", units[0].id)
        for number, role, unit in zip(
            staff, ("caseworker", "leader", "caseworker"), (units[0], units[0], units[1]), strict=True
        ):
            member = administering.add_staff(by, number=number, name=f"Ansatt {role}", title="", email="", start=start)
            administering.add_position(by, member.id, unit.id, role, start=start)
            members.append(member.id)
    return package.id, members


def _with_more(folder: Path) -> Path:
    """A copied service with a phase and a kind of record of its own."""
    with (folder / "routine.yaml").open("a") as routine:
        routine.write(f"\nphases: {json.dumps(_PHASES)}\n")
    (folder / "records.yaml").write_text(json.dumps({"kinds": _KINDS}))
    (folder / "records").mkdir()
    (folder / "records/told.schema.json").write_text(json.dumps(_TOLD))
    return folder


def main(municipality: str) -> int:
    prepare.set_up_django()
    from allmenning.commons.identity.sessions import Resident

    told = json.load(sys.stdin)
    resident = Resident(told["number"], told["name"], "idporten-loa-high")
    live_in(municipality, resident, told["partial_to"], told["words"], ALL_AREAS, told["staff"])
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
