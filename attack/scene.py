"""Who is there to be attacked: two municipalities with residents in two areas, all of whose rows hold canaries.

Some of it was lived (sent, asked, answered, decided, drafted, with files, through the journeys); besides, each model of
each area has rows of two people made from its fields alone, so that the models of tomorrow are there too.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.test import override_settings

from allmenning import vault
from allmenning.basics import dates
from allmenning.commons.catalogue import actions as catalogue
from allmenning.commons.catalogue import package as packages
from allmenning.commons.identity.sessions import Resident
from allmenning.commons.municipalities import actions as municipalities
from allmenning.connections.idporten.errors import LoginUnavailable
from allmenning.doors.portal.testing import sent_inquiry
from allmenning.journeys import (
    administering,
    applying,
    casework,
    consents,
    deciding,
    decision_letters,
    dialogue,
    noting,
    outbox,
    registering,
)
from allmenning.journeys.testing import (
    ALICE,
    AVEROYS,
    CHARLIE,
    NAMES,
    SERVICES,
    SMOLAS,
    Place,
    Registers,
    number,
    place,
)
from allmenning.municipal.access.actor import Working
from allmenning.municipal.access.models import StaffMember
from allmenning.municipal.access.queries import working_as
from allmenning.municipal.cases import actions as cases
from allmenning.municipal.cases.actions import Named, Noted
from allmenning.municipal.cases.models import Case, Participant
from allmenning.municipal.forms.models import Attachment
from allmenning.municipal.people.ports import Name
from allmenning.tenancy import AREAS, use
from allmenning.tenancy.models import SealedField

from .canaries import ADMINISTRATION, PUBLISHED, Canaries, Scope
from .rows import Owner, models_of

CARE = "inquiry-care"  # the inquiry, handled in the area of care
# Models that are published as they stand; of others without an area only the administration shows everything.
_PUBLISHED = {"access.Unit", "access.UnitService", "access.StaffMember", "access.Delegation"} | {
    "profile.Letterhead",
    "profile.AdoptedService",
}
DORA, EVA, FRODE, GRETE, HEGE = (number(serial) for serial in (302, 304, 305, 306, 307))
_STAFF = {DORA: "Dora Dill", EVA: "Eva Einer", FRODE: "Frode Furu", GRETE: "Grete Gran", HEGE: "Hege Hassel"}
# Nobody's: sealed at random, and no word would fit.
# `kind` is a code, which a worker names in its log when it knows none such.
_NOT_MARKED = {"area", "path", "email", "website", "postal_code", "organisation_number", "kind"}
# What pages look up: a service that is not there would hide what they show.
_REAL = {"service": "inquiry", "topic": "culture", "home_municipality": "smola"}
# Sealed under the area's key, since what they hold belongs to no case.
# What a row must say for all of its fields to be filled: a finding that was closed.
_FILLED: dict[str, dict[str, Any]] = {
    "access.Review": {"closed_at": dates.now(), "closed_by": UUID(int=1), "conclusion": "fine"}
}
_OF_NO_CASE = {"people.Person": ("number", "name"), "access.Review": ("comment",)}
# There is one of each already, made as administrators make them.
_THERE = {"profile.Letterhead", "profile.AdoptedService", "access.UnitService"}


@dataclass
class Party:
    """A resident of a municipality, and the ids of what was lived with them, by model and area."""

    resident: Resident
    place: Place
    ids: dict[Scope, dict[str, list[UUID]]] = field(default_factory=dict)
    code: str = ""
    code_case: UUID | None = None

    def key(self) -> bytes:
        return self.resident.keys(self.place.id)[0]


@dataclass
class Scene:
    """Everything that there is to attack."""

    places: dict[str, Place]
    parties: dict[str, Party]
    canaries: Canaries
    registers: Registers
    owners: dict[Scope, Marked]
    ids: dict[Scope, dict[str, list[UUID]]]

    def rows(self) -> Iterator[tuple[Scope, type[models.Model], models.Model]]:
        """Every row that was made from a model's fields."""
        for scope, owner in self.owners.items():
            for model, row in owner.rows.items():
                yield scope, model, row


class NoLogin:
    """A login service that is away: whoever tries, tries with what they have."""

    def __init__(self, portal: str) -> None:
        self.portal = portal

    def start(self, *args: Any) -> Any:
        raise LoginUnavailable

    finish = start

    def logout_url(self, *args: Any, **more: Any) -> None:
        return None


class Marked(Owner):
    """An owner whose texts are canaries, and whose sealed values are canaries sealed as the journeys seal them."""

    def __init__(self, scope: Scope, key: bytes, canaries: Canaries) -> None:
        super().__init__(scope.municipality, scope.area if scope.area in AREAS else AREAS[0], key)
        self.scope, self.canaries = scope, canaries
        self.case_key, self.wrapped = vault.new_case_key(scope.municipality, self.area)

    def _value(self, field: models.Field, model: type[models.Model]) -> Any:
        if field.name == "wrapped_key":
            return self.wrapped
        if field.name in _REAL:
            return _REAL[field.name]
        if field.name == "version" and isinstance(field, models.CharField):  # a record counts its own
            return _version()
        if field.name == "substitute":
            return None  # nobody stands in for themselves
        if isinstance(field, SealedField):
            # A document keeps what was sealed for the attachment that it was.
            label = "documents.Document" if model is Attachment else model._meta.label
            return self.case_key.seal(f"{label}.{field.name}", self._word(field, model))
        if field.name in _NOT_MARKED or field.choices or not self._takes_words(field):
            return super()._value(field, model)
        if isinstance(field, ArrayField):
            return [self._word(field, model)] if isinstance(field.base_field, models.CharField) else []
        if isinstance(field, models.JSONField):
            return {"marked": self._word(field, model)}
        return self._word(field, model)[: field.max_length]

    def unsaved(self, model: type[models.Model], **given: Any) -> models.Model:
        row = super().unsaved(model, **{**_FILLED.get(model._meta.label, {}), **given})
        for name in _OF_NO_CASE.get(model._meta.label, ()):
            context = f"{model._meta.label}.{name}"
            word = self.canaries.of(self.scope, context)
            setattr(row, name, vault.seal(self.municipality, self.area, f"{context}:{row.pk}", word))
        return row

    def _takes_words(self, field: models.Field) -> bool:
        if isinstance(field, models.JSONField | ArrayField):
            return True
        return isinstance(field, models.CharField) and (field.max_length or 0) >= 16

    def _word(self, field: models.Field, model: type[models.Model]) -> str:
        shown = PUBLISHED if model._meta.label in _PUBLISHED else ADMINISTRATION
        shared = model.walls.kind == "shared"  # type: ignore[attr-defined]
        scope = Scope(self.scope.municipality, shown) if shared else self.scope
        return self.canaries.of(scope, f"{model._meta.label}.{field.name}")


@contextmanager
def set_up(
    registers: Registers, averoy: str = "averoy", smola: str = "smola", *, lived: bool = True
) -> Iterator[Scene]:
    """The scene, in two empty municipalities where the services are published.

    lived: with residents, their cases and a row of each model; else with the staff alone.
    """
    canaries = Canaries()
    municipalities.load_register()
    catalogue.load_los()
    catalogue.load_state_services()
    NAMES.update(_STAFF)
    with _care_published(), override_settings(LOGIN_CLIENT=f"{__name__}.NoLogin"):
        places = {averoy: place(averoy, AVEROYS), smola: place(smola, SMOLAS)}
        for each in places.values():
            _hire(each)
        everybody = (("rita", averoy, 108), ("omar", averoy, 109), ("sigrid", smola, 110))
        parties = {
            name: _party(name, places[at], registers, canaries, number(serial))
            for name, at, serial in (everybody if lived else ())
        }
        scene = Scene(places, parties, canaries, registers, {}, defaultdict(lambda: defaultdict(list)))
        for name, party in parties.items():
            for service, area in (("inquiry", "ordinary"), (CARE, "care")):
                _live(scene, party, Scope(party.place.id, area, name), service)
        if lived:
            _leave_a_code(scene, parties["rita"])
            _leave_a_code(scene, parties["sigrid"])
            _mark(scene)
        yield scene


@contextmanager
def _care_published() -> Iterator[None]:
    """The inquiry as a service of the area of care: the same form in two areas. The areas' own services: `folders.py`."""
    with tempfile.TemporaryDirectory() as held:
        catalogue.publish(packages.load(copied(Path(held) / CARE, "care")), by="attack")
        yield


PARTIES = """\
parties:
  - {id: guardian, title: {nb: Verge, nn: Verje, en: Guardian}, is_party: true}
  - {id: kin, title: {nb: Pårørende, nn: Pårørande, en: Next of kin}}
consents:
  - id: ask
    title: {nb: Spørre fastlegen, nn: Spørje fastlegen, en: Asking the GP}
    about: {nb: Vi spør., nn: Vi spør., en: We ask.}
    given_by: [applicant]
  - id: see
    title: {nb: Se vedtaket, nn: Sjå vedtaket, en: Seeing the decision}
    about: {nb: De ser det., nn: Dei ser det., en: They see it.}
    given_by: [applicant]
    lets: kin
    sees: [letters]
"""


def copied(folder: Path, area: str) -> Path:
    """The folder of a service that is the inquiry, in another area, and called as its folder is."""
    shutil.copytree(SERVICES / "inquiry", folder)
    about = folder / "service.yaml"
    text = re.sub(r"(?m)^id: inquiry$", f"id: {folder.name}", about.read_text("utf-8"))
    about.write_text(re.sub(r"(?m)^area: ordinary$", f"area: {area}", text), "utf-8")
    routine = folder / "routine.yaml"
    routine.write_text(f"{routine.read_text('utf-8')}{PARTIES}", "utf-8")
    return folder


def _hire(at: Place) -> None:
    """More people at work: another unit of the same area, other areas, an administrator, an archivist."""
    by, start = administering.OPERATOR, dates.today().replace(month=1, day=1)
    with use(at.id, "administration"):
        other = administering.add_unit(by, name="Plan og bygg", area="ordinary")
        care = administering.add_unit(by, name="Omsorg", area="care")
        school = administering.add_unit(by, name="PPT", area="educational-psychology")
        administering.adopt(by, CARE, _version(), {})
        administering.route(by, CARE, "", care.id)
        for who, unit, role in (
            (DORA, other, "caseworker"),
            (EVA, care, "leader"),
            (FRODE, school, "leader"),
            (GRETE, None, "administrator"),
            (HEGE, other, "archivist"),
        ):
            name = _STAFF[who]
            member = administering.add_staff(by, number=who, name=name, title="", email="", start=start)
            administering.add_position(by, member.id, unit.id if unit else None, role, start=start)
            at.staff[name.split()[0].lower()] = member


@cache
def _version() -> str:
    return packages.load(SERVICES / "inquiry").version


def _party(whose: str, at: Place, registers: Registers, canaries: Canaries, who: str) -> Party:
    """A resident with a name, a number and an address that stand nowhere else."""
    scope = Scope(at.id, "any", whose)
    name = f"{canaries.of(scope, 'a name').capitalize()} Rogn"
    canaries.numbers[who] = scope
    NAMES[who] = name
    first, last = name.split()
    found = next(iter(registers.people.values()))
    registers.people[who] = replace(found, identity_number=who, name=Name(first, last))
    email = f"{canaries.of(scope, 'an e-mail address')}@example.test"
    contact = next(iter(registers.contacts.values()))
    registers.contacts[who] = replace(contact, identity_number=who, email=email)
    return Party(Resident(who, name, "idporten-loa-high"), at)


def _live(scene: Scene, party: Party, scope: Scope, service: str) -> None:
    """A case that waits for an answer, one that is decided, and a draft: with texts, files, notes and letters."""
    at, words = party.place, scene.canaries

    def word(what: str) -> str:
        return words.of(scope, what)

    def answers() -> dict[str, str]:
        return {"subject": word("a subject"), "message": word("a message")}

    first = sent_inquiry(at, party.resident, service=service, **answers())
    second = sent_inquiry(at, party.resident, service=service, **answers())
    file = dialogue.Upload(f"{word('a file name')}.txt", "text/plain", f"{word('content of a file')}\n".encode())
    with use(at.id, "resident", keys=(party.key(),)):
        dialogue.send_more(first.case_id, word("a message"), [file])
    with use(at.id, scope.area):
        who, staff = _handler(at, scope.area)
        working = working_as(staff.id, scope.area)
        key = casework.staff_resident_key(at.id, who)
        case = Case.objects.get(id=first.case_id)
        actor = working.as_actor(case)
        dialogue.ask(case.id, word("a question"), dates.today(), actor, revision=case.revision)
        noted = Noted(word("a note"), whom=word("whom a note is about"), about_them=word("about another"))
        noting.write_note(case.id, noted, working, staff_key=key)
        with_part = cases.new_participant(
            case, Named("guardian", word("a guardian")), Participant.Known.HAND, dates.today(), actor
        )
        with_part.save(force_insert=True)
        if service == CARE:
            _consented(case, working, key, word)
        case = Case.objects.get(id=second.case_id)
        drafted = decision_letters.Drafted("answered", [], {"answer": word("a letter")})
        deciding.save_draft(case.id, drafted, working, revision=case.revision, staff_key=key)
        case.refresh_from_db()
        deciding.issue(case.id, working, revision=case.revision, staff_key=key)
    _draft(party, service, answers(), file)
    outbox.drain(at.id, scope.area)
    _note_ids(scene, scope, party)


def _consented(case: Case, working: Working, key: bytes, word: Callable[[str], str]) -> None:
    """Consents in a case whose service asks for them: to what others are asked, and to what a next of kin sees."""
    actor = working.as_actor(case)
    whom = cases.new_participant(
        case, Named("kin", word("a next of kin")), Participant.Known.HAND, dates.today(), actor
    )
    whom.save(force_insert=True)
    for scope, to in (("ask", None), ("see", whom.id)):
        heard = consents.Heard([scope], dates.today(), "oral", to=to, heard_by=word("who heard a consent"))
        consents.register(case.id, heard, working, staff_key=key)


def _handler(at: Place, area: str) -> tuple[str, StaffMember]:
    """Who handles an area's cases: Eva those of care, else whoever was there first."""
    if area == "care":
        return EVA, at.staff["eva"]
    return (CHARLIE, at.staff["charlie"]) if "charlie" in at.staff else (ALICE, at.staff["alice"])


def _draft(party: Party, service: str, answers: dict[str, str], file: dialogue.Upload) -> None:
    with use(party.place.id, "resident", keys=(party.key(),)):
        draft = applying.begin(party.resident, service, "nb", owner_key=party.key())
        filling = applying.open_draft(draft.id)
        applying.save_page(filling, {**filling.content.data, **answers}, {}, page=1, revision=draft.revision)
        applying.attach_file(applying.open_draft(draft.id), "/attachments/0", file.name, "text/plain", file.content)


def _note_ids(scene: Scene, scope: Scope, party: Party) -> None:
    """Every id of what was lived, as the owner of the tables finds it."""
    with use(scope.municipality, "owner"):
        cases = set(Case.objects.filter(area=scope.area, owner_key=party.key()).values_list("id", flat=True))
        for model in models_of("area", "own"):
            columns = {each.column for each in model._meta.local_concrete_fields}
            rows = model._base_manager.filter(area=scope.area)
            if "case_id" in columns:
                rows = rows.filter(case_id__in=cases)
            elif "owner_key" in columns:
                rows = rows.filter(owner_key=party.key())
            else:
                continue
            found = rows.filter(id__in=cases) if model is Case else rows
            scene.ids[scope][model._meta.model_name or ""].extend(found.order_by("id").values_list("id", flat=True))


def _leave_a_code(scene: Scene, party: Party) -> None:
    party.code = registering.new_code()
    scope = Scope(party.place.id, "ordinary", f"code of {party.place.id}")
    words = {"subject": scene.canaries.of(scope, "a subject"), "message": scene.canaries.of(scope, "a message")}
    party.code_case = sent_inquiry(party.place, None, code=party.code, **words).case_id
    scene.ids[scope]["case"].append(party.code_case)


def _mark(scene: Scene) -> None:
    """A row of each model for two people in each area, and of each shared model, in both municipalities."""
    for municipality in scene.places:
        for area in AREAS:
            for whose in ("someone", "another"):
                scope = Scope(municipality, area, whose)
                key = vault.resident_key(municipality, "person", f"{whose} of nowhere")
                owner = scene.owners[scope] = Marked(scope, key, scene.canaries)
                for model in models_of("area", "own"):
                    owner.row(model)
        shared = scene.owners[Scope(municipality, ADMINISTRATION)] = Marked(
            Scope(municipality, ADMINISTRATION), b"k" * 32, scene.canaries
        )
        for model in models_of("shared"):
            if model._meta.label not in _THERE:
                shared.row(model)
    for scope, model, row in scene.rows():
        scene.ids[scope][model._meta.model_name or ""].append(row.pk)
