"""The four services of the areas that are kept apart, as their folders are: sent, handled and kept, and then looked for by everybody.

Of each folder an example is sent in both municipalities, with a word in each answer that takes one. A record of each kind is
written; in child welfare an investigation is opened first, so that the child has a case of its own, with a letter to a parent.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

import yaml
from django.test import Client

from allmenning.basics import dates
from allmenning.commons.catalogue import package as packages
from allmenning.commons.identity.sessions import Resident
from allmenning.doors.desk.testing import at_desk
from allmenning.journeys import (
    administering,
    applying,
    casework,
    deciding,
    decision_letters,
    noting,
    outbox,
    recording,
    registering,
)
from allmenning.journeys.testing import NAMES, SERVICES, Place, number, offers
from allmenning.municipal.access.actor import RESIDENT
from allmenning.municipal.access.queries import working_as
from allmenning.municipal.cases.actions import Named, Noted, new_participant
from allmenning.municipal.cases.models import Case, Participant
from allmenning.municipal.documents.tests.files import image
from allmenning.municipal.post.actions import write_message
from allmenning.municipal.post.models import Message
from allmenning.tenancy import use

from .addresses import addresses, filled, is_id, model_of, values
from .canaries import Scope
from .roles import Role, roles_of
from .rows import models_of
from .scene import Scene
from .tally import Tally

KIND = "folders"
# The example of each folder that is sent; the result after which there is a case of the child's own.
EXAMPLES = {
    "child-welfare-concern": "a-teacher-reports-with-login",
    "financial-assistance": "a-single-renter",
    "care-services": "alarm-and-practical-help",
    "educational-psychology-referral": "a-parent-asks-for-help-at-school",
}
_INVESTIGATED = {"child-welfare-concern": "investigation"}
INGA, PARENT = number(313), number(314)  # who handles all of it; a parent, to whom a letter goes
_SENDERS = [number(serial) for serial in (315, 317, 318, 319)]
Word = Callable[[str], str]


@dataclass
class Lived:
    """What was lived of one folder in one municipality: the ids of its rows by model, those of each of its cases."""

    service: str
    scope: Scope
    place: Place
    cases: list[dict[str, list[UUID]]] = field(default_factory=list)


def attack(scene: Scene, tally: Tally, brief: bool = False) -> Counter[str]:
    """Plant, see that who handles it is shown it, and let every role look. `brief`: one municipality's cases, read alone.

    Returns how often who handles a folder was shown a word of it, by folder and by what was planted.
    """
    tried, shown = Counter[str](), Counter[str]()
    lived = [each for place in list(scene.places.values())[: 1 if brief else 2] for each in plant(scene, place)]
    for each in lived:
        seen = _shown_to_who_handles(scene, each)
        if not seen:
            tally.hinted(KIND, f"who handles {each.service} is shown nothing of it: the crawl looks at nothing")
        shown.update({each.service: seen.total(), **seen})
    for role in roles_of(scene):
        asked = set[str]()
        for each in lived:
            for how, content in _asked(scene, role, each, asked, brief):
                tally.tried(KIND)
                tried[each.service] += 1
                for scope, what in scene.canaries.found_in(content):
                    if not role.sees(scope, how.partition(" ")[2]):
                        tally.leaked(KIND, f"{what} of {each.service}, {scope}, in {role.name}: {how}")
    tally.tells(KIND, ", ".join(f"{service}: {count:,} answers" for service, count in tried.items()))
    return shown


def _asked(scene: Scene, role: Role, lived: Lived, asked: set[str], brief: bool) -> Iterator[tuple[str, bytes]]:
    """Every address that the role has not asked for: those with ids with those of each case."""
    for path in [each for each in _paths(scene, lived) if each not in asked]:
        asked.add(path)
        for method in ("get",) if brief else ("get", "post"):
            answer = role.ask(method, path, {} if method == "post" else None)
            yield f"{method} {path}", answer.getvalue() + repr(answer.headers).encode()


def _paths(scene: Scene, lived: Lived) -> Iterator[str]:
    for _, pattern in addresses():
        names = list(pattern.pattern.converters)
        uuids = [name for name in names if is_id(pattern, name)]
        for ids in lived.cases if uuids else lived.cases[:1]:
            if not all(ids.get(model_of(name)) for name in uuids) or "logout" in str(pattern.pattern):
                continue
            known = values(scene, pattern, lived.scope, lived.scope.municipality)
            known |= {name: ids[model_of(name)][0] for name in uuids}
            if "service" in known:
                known["service"] = lived.service
            yield filled(pattern, known)


def _shown_to_who_handles(scene: Scene, lived: Lived) -> Counter[str]:
    """What is shown to Inga, who handles these cases and has said what for: words of this folder, by what was planted."""

    def come_in() -> Client:
        desk = at_desk(lived.place, INGA, lived.scope.area)
        for ids in lived.cases:
            desk.post(f"/desk/cases/{ids['case'][0]}/purpose/", {"purpose": "case-handling"})
        return desk

    seen = Counter[str]()
    inga = Role("who handles it", come_in, lived.scope.municipality, area=lived.scope.area)
    for path in [f"/desk/cases/{ids['case'][0]}/" for ids in lived.cases]:
        found = scene.canaries.found_in(inga.ask("get", path).getvalue())
        seen.update(what for scope, what in found if scope == lived.scope)
    return seen


# --- what there is ---


def plant(scene: Scene, place: Place) -> Iterator[Lived]:
    """Each folder in one municipality, offered, sent, handled and kept."""
    NAMES[INGA] = "Inga Ivers"
    by, start = administering.OPERATOR, dates.today().replace(month=1, day=1)
    with use(place.id, "administration"):
        inga = administering.add_staff(by, number=INGA, name=NAMES[INGA], title="", email="", start=start)
    place.staff["inga"] = inga
    for who, service in zip(_SENDERS, EXAMPLES, strict=True):
        unit = offers(place, service, f"Enheten for {service}")
        with use(place.id, "administration"):
            for role in ("caseworker", "leader"):
                administering.add_position(by, inga.id, unit.id, role, start=start)
        yield _live(scene, place, service, who)


def _live(scene: Scene, place: Place, service: str, who: str) -> Lived:
    package = packages.load(SERVICES / service)
    scope = Scope(place.id, package.area, f"sender of {service}")
    lived = Lived(service, scope, place)

    def word(what: str) -> str:
        return scene.canaries.of(scope, what)

    name = f"{word('a name').capitalize()} Rogn"
    scene.registers.people[who] = replace(next(iter(scene.registers.people.values())), identity_number=who)
    found = [_send(place, package, Resident(who, name, "idporten-loa-high"), word)]
    outbox.drain(place.id, package.area)
    if service in _INVESTIGATED:
        found.append(_investigated(place, package, found[0], word))
    with use(place.id, package.area):
        working = working_as(place.staff["inga"].id, package.area)
        key = casework.staff_resident_key(place.id, INGA)
        for case_id in found:
            noted = Noted(word("a note"), whom=word("whom a note is about"), about_them=word("about another"))
            noting.write_note(case_id, noted, working, staff_key=key)
        rows: dict[str, Any] = {}
        for kind in package.records:  # in the child's own case, where there is one
            draft = recording.Draft(_answers(kind.schema, word, f"record {kind.id}"))
            series = rows[kind.of].series if kind.of else None
            rows[kind.id] = recording.begin(found[-1], kind.id, draft, working, staff_key=key, of_series=series)
    outbox.drain(place.id, package.area)
    lived.cases = [_ids(place.id, case_id) for case_id in found]
    for ids in lived.cases:
        for model, pks in ids.items():
            scene.ids[scope][model].extend(pks)
    return lived


def _send(place: Place, package: packages.ServicePackage, sender: Resident, word: Word) -> UUID:
    folder = SERVICES / package.id
    form = yaml.safe_load((folder / f"examples/{EXAMPLES[package.id]}.yaml").read_text("utf-8"))["form"]
    schema = json.loads((folder / "form.schema.json").read_text("utf-8"))
    answers = {name: _marked(value, schema["properties"][name], word, name) for name, value in form.items()}
    keys = sender.keys(place.id)
    with use(place.id, "resident", keys=keys):
        draft = applying.begin(sender, package.id, "nb", owner_key=keys[0])
        for name, value in answers.items():
            if isinstance(value, list) and value and str(value[0]).startswith("file-"):
                filling = applying.open_draft(draft.id)
                file = applying.attach_file(
                    filling, f"/{name}", f"{word('a file name')}.png", "image/png", image("PNG")
                )
                answers[name] = [str(file.id)]
        filling = applying.open_draft(draft.id)
        applying.save_page(filling, {**filling.content.data, **answers}, {}, page=1, revision=filling.draft.revision)
        applicant = registering.Applicant("person", sender.number, sender.name)
        draft = applying.open_draft(draft.id).draft
        return registering.submit(draft, applicant, RESIDENT, submitted_by=sender.name).case_id


def _investigated(place: Place, package: packages.ServicePackage, case_id: UUID, word: Word) -> UUID:
    """The id of the child's own case, after it was decided that the report is looked into; a letter goes to a parent."""
    result = _INVESTIGATED[package.id]
    with use(place.id, package.area):
        working = working_as(place.staff["inga"].id, package.area)
        key, case = casework.staff_resident_key(place.id, INGA), Case.objects.get(id=case_id)
        told = {"told_investigation": [word("what the sender is told")], "received": "1. november 2026"}
        drafted = decision_letters.Drafted(
            result, [], told, result=result, result_reasons=word("why there is a result")
        )
        deciding.save_draft(case.id, drafted, working, revision=case.revision, staff_key=key)
        case.refresh_from_db()
        deciding.issue(case.id, working, revision=case.revision, staff_key=key)
        own = Case.objects.get(opened_from=case_id)
        named = Named("guardian", word("a parent"), PARENT, is_party=True)
        party = new_participant(own, named, Participant.Known.HAND, dates.today())
        party.save(force_insert=True)
        write_message(
            area=own.area,
            case_id=own.id,
            key=own.key,
            kind=Message.Kind.LETTER,
            direction=Message.Direction.OUT,
            at=dates.now(),
            title=word("a letter's title"),
            body=word("a letter to a parent"),
            participant_id=party.id,
            party_key=bytes(party.owner_key or b""),
        )
    return own.id


def _is_free(spec: dict[str, Any]) -> bool:
    """Whether an answer is a text of one's own: any word is valid."""
    return spec.get("type") == "string" and not {"enum", "oneOf", "format", "x-format", "pattern"} & set(spec)


def _marked(value: Any, spec: dict[str, Any], word: Word, what: str) -> Any:
    """An answer of an example, with a word instead of each text."""
    if isinstance(value, dict):
        inner = spec.get("properties", {})
        return {name: _marked(each, inner.get(name, {}), word, name) for name, each in value.items()}
    if isinstance(value, list):
        return [_marked(each, spec.get("items", {}), word, what) for each in value]
    return word(what) if _is_free(spec) and not str(value).startswith("file-") else value


def _answers(spec: Any, word: Word, what: str) -> Any:
    """Valid answers to what a record asks: a word in each text, else the first choice there is."""
    if "enum" in spec or "oneOf" in spec:
        return spec["enum"][0] if "enum" in spec else spec["oneOf"][0]["const"]
    if spec["type"] == "object":
        return {name: _answers(each, word, f"{what}, {name}") for name, each in spec["properties"].items()}
    if spec["type"] == "array":
        return [_answers(spec["items"], word, what)]
    if _is_free(spec):
        return word(what)
    if spec["type"] == "string":
        known = {"account-number": "12345678903", "date": dates.today().isoformat()}
        fits = (each for each in ("08.00", "3-4", "1234567") if re.search(spec.get("pattern", ""), each))
        return known.get(spec.get("x-format") or spec.get("format", "")) or next(fits)
    return True if spec["type"] == "boolean" else max(1, spec.get("minimum", 1))


def _ids(municipality: str, case_id: UUID) -> dict[str, list[UUID]]:
    """Every row of a case, by the name of its model."""
    found: dict[str, list[UUID]] = {}
    with use(municipality, "owner"):
        for model in models_of("area", "own"):
            columns = {each.column for each in model._meta.local_concrete_fields}
            if model is Case or "case_id" in columns:
                rows = model._base_manager.filter(**{"id" if model is Case else "case_id": case_id})
                found[model._meta.model_name or ""] = list(rows.order_by("id").values_list("id", flat=True))
    return found
