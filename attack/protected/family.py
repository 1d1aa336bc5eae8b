"""Families whose address is protected, in the registers and in every field of every service.

Vera and her little Lun are strictly protected; so is Kaj, her husband, by the household alone. Odd is Lun's father, and lives
elsewhere. Tora and Siv are protected too, not strictly; Sondre lives with Tora by his own word, and Rasmus held a power of
attorney before. Of Hanna the register says nothing: staff set it, and so
Hakon, her husband, is protected. Kim lives with little Pil, and has sent nothing but through another system. Nils lives next
door. Bo is the father of Mie, who lives with her mother Ine, and Gry is the guardian of Ulf: both were protected after somebody had
written for them (see sensitive.py). Nora has named Vera in a form. Gunn leads the unit, and is no role of the crawl: she does
what needs a stated need.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from io import BytesIO
from itertools import islice
from typing import Any
from uuid import UUID, uuid4

import pikepdf
from PIL import Image

from allmenning.basics import dates
from allmenning.basics.identifiers import InvalidIdentifier, OrganisationNumber
from allmenning.commons.identity.sessions import Resident
from allmenning.doors.api.testing import system
from allmenning.doors.desk.testing import at_desk
from allmenning.journeys import (
    administering,
    applying,
    casework,
    deciding,
    decision_letters,
    dialogue,
    noting,
    outbox,
    protecting,
    registering,
    representing,
)
from allmenning.journeys.breaking_glass import break_glass
from allmenning.journeys.testing import NAMES, Place, Registers, number
from allmenning.municipal.access.actor import RESIDENT
from allmenning.municipal.access.queries import working_as
from allmenning.municipal.cases import actions as cases
from allmenning.municipal.cases.actions import Named, Noted
from allmenning.municipal.cases.models import Case, Participant
from allmenning.municipal.people import ports
from allmenning.municipal.people import representing as representations
from allmenning.municipal.people.representing import Kind, Party
from allmenning.rules.forms import Form, declared
from allmenning.rules.forms.declared import Spec
from allmenning.rules.forms.pointers import EACH, MISSING, Path, get, put
from allmenning.tenancy import use

from ..scene import DORA
from .words import Words


def _numbers(first: int, born: date) -> Iterator[str]:
    """Identity numbers; a serial in eleven has none."""
    for serial in range(first, 1000):
        with suppress(InvalidIdentifier):
            yield number(serial, born)


VERA, KAJ, ODD, TORA, HANNA, HAKON, KIM, SONDRE, RASMUS, NILS, GUNN, ARNE, HEDDA, BO, INE, GRY, ULF, NORA = islice(
    _numbers(620, date(1985, 5, 17)), 18
)


def numbers_of_staff() -> Iterator[str]:
    """Numbers of those who work with the families' cases in sensitive areas."""
    return _numbers(660, date(1985, 5, 17))


BORN = {"lun": date(2023, 2, 6), "siv": date(2023, 5, 9), "pil": date(2022, 8, 1), "mie": date(2021, 9, 3)}
LUN, SIV, PIL, MIE = (next(_numbers(510, born)) for born in BORN.values())
NAMES_OF = {
    VERA: "Vera Vier",
    KAJ: "Kaj Kvist",
    ODD: "Odd Older",
    TORA: "Tora Tindved",
    HANNA: "Hanna Hegg",
    HAKON: "Hakon Hyll",
    KIM: "Kim Krekling",
    SONDRE: "Sondre Selje",
    RASMUS: "Rasmus Rips",
    NILS: "Nils Nype",
    LUN: "Lun Vier",
    SIV: "Siv Tindved",
    PIL: "Pil Krekling",
    GUNN: "Gunn Granli",
    ARNE: "Arne Ask",
    HEDDA: "Hedda Hassel",
    BO: "Bo Bjelleklang",
    INE: "Ine Isop",
    MIE: "Mie Isop",
    GRY: "Gry Gullris",
    ULF: "Ulf Ullmose",
    NORA: "Nora Nellik",
}
NAMED = "named"  # the case of a name or a number, which some may see
FAMILY = (
    VERA,
    KAJ,
    LUN,
    TORA,
    SIV,
    HANNA,
    HAKON,
    KIM,
    PIL,
    SONDRE,
    INE,
    MIE,
    ULF,
    NORA,
)  # who live behind a protection
_STRICT, _CONFIDENTIAL = ports.AddressProtection.STRICTLY_CONFIDENTIAL, ports.AddressProtection.CONFIDENTIAL
_COMMON = {"declaration": True, "assist_consent": True, "wants_notice": True}
# For each service: choices that between them ask every question there is.
VARIANTS: dict[str, tuple[dict[str, Any], ...]] = {
    "inquiry": (
        {"topic": "roads-and-water", "is_follow_up": True, "is_urgent_danger": False, "sender": "self"},
        {"topic": "taxes-and-fees", "is_follow_up": False, "sender": "organisation"},
    ),
    "housing-allowance": (
        {"help": "assist", "tenure": "rented", "lives_with_others": True, "situation": "student"}
        | {"student_exception": "child", "own_kitchen": True, "room_for_rest": True},
        {"help": "assist", "tenure": "owned", "lives_with_others": False, "situation": "ordinary"},
    ),
    "reduced-kindergarten-fee": (
        {"household_kind": "spouse", "income_basis": "tax-return"},
        {"household_kind": "cohabitant", "cohabitant_basis": "common-child", "income_basis": "changed"},
    ),
}


@dataclass
class Sent:
    """A case of one of the family: `label` is what its words are known by."""

    label: str
    whose: str
    service: str
    id: UUID
    area: str = "ordinary"


@dataclass
class Family:
    """What was planted where: each place is a field, a file, a name of a file, a register's answer or something said."""

    place: Place
    registers: Registers
    words: Words
    cases: list[Sent] = field(default_factory=list)
    asked: set[tuple[str, ...]] = field(default_factory=set)  # fields of forms that take a free value,
    answered: set[tuple[str, ...]] = field(default_factory=set)  # and those that were answered with a word
    power: UUID | None = None  # of attorney: Tora's to Rasmus

    def of(self, who: str) -> list[Sent]:
        return [each for each in self.cases if each.whose == who]

    def of_in(self, who: str, area: str) -> list[Sent]:
        return [each for each in self.of(who) if each.area == area]

    def telling(self, who: str, area: str = "ordinary") -> list[Sent]:
        """The cases of somebody in which most has happened: one that was answered, one that has the draft of an answer."""
        return [each for each in self.of_in(who, area) if each.service.startswith("inquiry")][:2]


def resident(who: str) -> Resident:
    return Resident(who, NAMES_OF[who], "idporten-loa-high")


def plant(place: Place, registers: Registers, words: Words, brief: bool = False) -> Family:
    """Everything there is about the families, as it comes to be in life. `brief`: one variant for all but Vera."""
    NAMES.update(NAMES_OF)
    family = Family(place, registers, words)
    _hire_gunn(place)
    _in_the_registers(family)
    representing.forget()
    for who in FAMILY:
        words.whose, words.case = NAMES_OF[who], NAMED
        words.also(who, "identity number")
        words.also(NAMES_OF[who], "name")
    family.power = _power_from_before(family)
    for service, variants in VARIANTS.items():
        for number_, choices in enumerate(variants):
            send(family, resident(VERA), service, choices)
            if not brief or number_ == 0:
                send(family, resident(TORA), service, choices)
    send(family, resident(KAJ), "reduced-kindergarten-fee", VARIANTS["reduced-kindergarten-fee"][0])
    lives_with_her = VARIANTS["reduced-kindergarten-fee"][1] | {"partner_number": TORA}
    send(family, resident(SONDRE), "reduced-kindergarten-fee", lives_with_her)
    send(family, resident(HANNA), "inquiry", VARIANTS["inquiry"][0])
    send(family, resident(HAKON), "housing-allowance", VARIANTS["housing-allowance"][1])
    for who in (KAJ, TORA, KIM):
        by_another_system(family, who)
    _is_set_by_hand(family)
    outbox.drain(place.id, "ordinary")
    for sent in list(family.cases):
        is_handled(family, sent)
    for who in (VERA, TORA):
        answered, drafted = family.telling(who)
        is_drafted(family, answered)
        is_answered(family, answered)
        is_drafted(family, drafted)
    _is_opened_in_an_emergency(family, family.telling(VERA)[1])
    _drafts(family)
    outbox.drain(place.id, "ordinary")
    return family


def _hire_gunn(place: Place) -> None:
    by, start = administering.OPERATOR, dates.today().replace(month=1, day=1)
    with use(place.id, "administration"):
        member = administering.add_staff(by, number=GUNN, name=NAMES_OF[GUNN], title="", email="", start=start)
        for role in ("leader", "approver"):
            administering.add_position(by, member.id, place.unit.id, role, start=start)
        place.staff["gunn"] = member  # and in each sensitive area: see sensitive.py


def _in_the_registers(family: Family) -> None:
    homes = {who: _home(family, who) for who in (VERA, TORA, HANNA, KIM, INE, ULF, NORA)}
    _register(family, VERA, homes[VERA], _STRICT, spouse=KAJ, children=(LUN,))
    _register(family, KAJ, homes[VERA], spouse=VERA)
    _register(family, LUN, homes[VERA], _STRICT, parents=(VERA, ODD), birth_date=BORN["lun"])
    elsewhere = ports.Address("Fjordvegen 1", "6530", "Averøy", "1554")
    _register(family, ODD, elsewhere, children=(LUN,), contact=False)
    _register(family, TORA, homes[TORA], _CONFIDENTIAL, children=(SIV,))
    _register(family, SIV, homes[TORA], _CONFIDENTIAL, parents=(TORA,), birth_date=BORN["siv"])
    _register(family, SONDRE, homes[TORA])
    _register(family, HANNA, homes[HANNA], spouse=HAKON)
    _register(family, HAKON, homes[HANNA], spouse=HANNA)
    _register(family, KIM, homes[KIM], children=(PIL,))
    _register(family, PIL, homes[KIM], _CONFIDENTIAL, parents=(KIM,), birth_date=BORN["pil"])
    _register(family, RASMUS, elsewhere, contact=False)
    _register(family, NILS, elsewhere, contact=False)
    _register(family, BO, elsewhere, children=(MIE,), contact=False)
    _register(family, INE, homes[INE], children=(MIE,))
    _register(family, MIE, homes[INE], parents=(INE, BO), birth_date=BORN["mie"])
    _register(family, GRY, elsewhere, contact=False)
    for_all = ports.Guardianship(GRY, "voksen", "personligeOgOekonomiskeInteresser")
    _register(family, ULF, homes[ULF], guardians=(for_all,))
    _register(family, NORA, homes[NORA])
    for child, parents in ((LUN, (VERA, ODD)), (MIE, (INE, BO))):
        responsible = tuple(ports.ParentalResponsibility(child, each, "felles") for each in parents)
        for who in (child, *parents):
            becomes(family, who, parental_responsibility=responsible)


def becomes(family: Family, who: str, **facts: Any) -> None:
    """What the population register says of somebody now."""
    family.registers.people[who] = replace(family.registers.people[who], **facts)


def _home(family: Family, who: str) -> ports.Address:
    words = family.words
    words.whose, words.case = NAMES_OF[who], ""
    return ports.Address(
        street=f"{words.word('the street in the register').capitalize()} 3",
        postal_code="6530",
        city=words.word("the place in the register").capitalize(),
        municipality_number="1554",
        dwelling=words.digits("h", 5, "the dwelling in the register"),
        care_of=words.word("c/o in the register"),
    )


def _register(
    family: Family,
    who: str,
    home: ports.Address,
    protection: ports.AddressProtection = ports.AddressProtection.NONE,
    *,
    contact: bool = True,
    **facts: Any,
) -> None:
    first, last = NAMES_OF[who].split()
    facts = {"birth_date": date(1985, 5, 17), "status": "bosatt", **facts}
    family.registers.people[who] = ports.Person(
        who, dates.now(), name=ports.Name(first, last), address=home, protection=protection, **facts
    )
    if contact:
        words = family.words
        words.whose, words.case = NAMES_OF[who], ""
        family.registers.contacts[who] = ports.ContactDetails(
            who,
            dates.now(),
            email=words.email("e-mail in the register"),
            mobile=words.digits("4", 8, "telephone in the register"),
            is_reserved=who in (VERA, HANNA),  # who gets paper
            can_be_notified=who not in (VERA, HANNA),
        )


def _power_from_before(family: Family) -> UUID:
    """Rasmus was let in when nothing was protected yet."""
    giver, holder = resident(TORA), resident(RASMUS)
    with use(family.place.id, "resident", keys=giver.keys(family.place.id)):
        row = representations.write(
            Kind.POWER_OF_ATTORNEY,
            Party(giver.number, giver.name),
            Party(holder.number, holder.name),
            [*(f"ordinary/{service}" for service in VARIANTS), "care", "social-services", "educational-psychology"],
            dates.add_months(dates.today(), 12),
        )
    return row.id


# --- forms ---


def send(
    family: Family, sender: Resident, service: str, choices: dict[str, Any], area: str = "ordinary", files: bool = True
) -> Sent:
    """A case of a service in the portal, with a word in each field that takes one, and in each file."""
    at, who = family.place.id, sender.acting_number
    words, keys = _begin_case(family, who, service), sender.keys(family.place.id)
    with representing.working_for(at, sender):
        draft = applying.begin(sender, service, "nb", owner_key=keys[0])
        filling = applying.open_draft(draft.id)
        data = {**filling.content.data, **_COMMON, **choices}
        form = filling.offered.form
        data = filled(family, service, form, data)
        for pointer in _file_fields(form, data) if files else ():
            for name, kind, content in _files(words):
                file = applying.attach_file(filling, pointer, name, kind, content)
                data = form.attach(data, pointer, str(file.id))
        applying.save_page(filling, data, {}, page=1, revision=draft.revision)
        applicant = registering.Applicant("person", who, sender.acting_name)
        receipt = registering.submit(applying.open_draft(draft.id).draft, applicant, RESIDENT, submitted_by=sender.name)
    return _noted(family, Sent(words.case, who, service, receipt.case_id, area))


def _noted(family: Family, sent: Sent) -> Sent:
    family.cases.append(sent)
    return sent


def _begin_case(family: Family, who: str, service: str) -> Words:
    words = family.words
    words.whose, words.case = NAMES_OF[who], f"{NAMES_OF[who]}: {service} {len(family.cases) + 1}"
    return words


def filled(family: Family, service: str, form: Form, given: dict[str, Any]) -> dict[str, Any]:
    """The answers with a word in every field that takes a free value and that these answers ask for."""
    data = {name: value for name, value in given.items() if name in form.schema["properties"] and name != "name"}
    shown = dict[str, Any]()
    for _ in range(2):  # an answer of the first round may ask for more in the second
        for path, spec in form.specs.items():
            _fill(family, data, path, spec)
        shown = form.visible(data)
    wrong = [(each.pointer, each.code) for each in form.errors(shown, "nb") if each.code != "required"]
    assert not wrong, wrong
    kind = service.partition("-in-")[0]  # the inquiry of each area asks the same
    for path in [path for path, spec in form.specs.items() if _takes_words(spec)]:
        told = get(shown, _first(path))
        family.asked.add((kind, *path))
        if told in family.words.amounts or str(told).lower() in family.words:
            family.answered.add((kind, *path))
    return shown


def _fill(family: Family, data: dict[str, Any], path: tuple[str, ...], spec: Spec) -> None:
    if get(data, _first(path)) in (MISSING, None, "", [], {}):
        value = _value(family.words, spec, "/".join(path))
        if value is not None:
            with suppress(KeyError, TypeError):
                put(data, _first(path), value)


def _first(path: tuple[str, ...]) -> Path:
    return tuple(0 if part == EACH else part for part in path)


def _takes_words(spec: Spec) -> bool:
    return spec.kind in (declared.TEXT, declared.LONG_TEXT, declared.INTEGER, declared.NUMBER, declared.ORE)


def _value(words: Words, spec: Spec, what: str) -> Any:
    """A value for a field: a word where it takes one, else the first choice there is."""
    if spec.options:
        return [spec.options[0].value] if spec.kind == declared.CHECKBOXES else spec.options[0].value
    if spec.kind in (declared.YES_NO, declared.CONSENT):
        return True
    if spec.kind in (declared.INTEGER, declared.NUMBER, declared.ORE):
        return words.ore(what)
    if not _takes_words(spec):
        return {"date": "2023-02-06", "year-month": f"{dates.add_months(dates.today(), 1):%Y-%m}"}.get(spec.kind)
    if spec.format == "national-identity-number":
        return words.also(next(_numbers(700 + len(words.planted) % 200, date(1985, 5, 17))), what)
    if spec.format == "organisation-number":
        return words.also(
            next(each for each in map(str, range(310_000_000, 320_000_000)) if _is_new(each, words)), what
        )
    first, length = {"phone": ("4", 8), "postal-code": ("97", 4)}.get(spec.format, ("86", 11))
    if spec.format in ("phone", "postal-code") or "[0-9]{5}" in spec.schema.get("pattern", ""):
        return words.digits(first, length, what)
    return words.email(what) if spec.format == "email" else words.word(what)


def _is_new(text: str, words: Words) -> bool:
    with suppress(InvalidIdentifier):
        return OrganisationNumber.parse(text).value not in words
    return False


def _file_fields(form: Form, data: dict[str, Any]) -> list[str]:
    """Where these answers ask for files. An answer to a question that is not asked would be dropped."""
    names = [path[0] for path, spec in form.specs.items() if spec.kind == declared.FILES and len(path) == 1]
    return [f"/{name}" for name in names if name in form.visible({**data, name: ["x"]})]


def _files(words: Words) -> Iterator[tuple[str, str, bytes]]:
    yield f"{words.word('the name of a photograph')}.jpg", "image/jpeg", photo(words)
    yield f"{words.word('the name of a PDF')}.pdf", "application/pdf", pdf(words)


def photo(words: Words) -> bytes:
    """A photograph that tells where it was taken, by whom, and what it shows."""
    exif, out = Image.Exif(), BytesIO()
    exif[0x010E], exif[0x013B] = words.word("EXIF, description"), words.word("EXIF, artist")
    exif[0x9C9B] = words.word("EXIF, Windows title").encode("utf-16-le")
    exif.get_ifd(0x8825).update({1: "N", 2: (63.0, 7.0, 12.0), 3: "E", 4: (7.0, 31.0, 5.0)})
    exif.get_ifd(0x8825)[29] = words.word("EXIF, GPS date")
    Image.new("RGB", (40, 30)).save(out, "JPEG", exif=exif, comment=words.word("JPEG, comment").encode())
    return out.getvalue()


def pdf(words: Words) -> bytes:
    """A PDF that tells it in its text, its metadata and its attachment."""
    made, out = pikepdf.new(), BytesIO()
    page = made.add_blank_page(page_size=(400, 200))
    page.Resources = pikepdf.Dictionary(
        Font=pikepdf.Dictionary(
            F1=pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
        )
    )
    text = f"BT /F1 12 Tf 20 100 Td ({words.word('PDF, text')}) Tj ET"
    page.Contents = made.make_stream(text.encode())
    with made.open_metadata(set_pikepdf_as_editor=False) as told:
        told["dc:description"] = words.word("PDF, XMP")
    made.docinfo["/Title"], made.docinfo["/Author"] = words.word("PDF, title"), words.word("PDF, author")
    made.save(out)
    return out.getvalue()


def by_another_system(family: Family, who: str, service: str = "inquiry", area: str = "ordinary") -> Sent:
    """The same inquiry, sent by another system: nothing was asked of any register when it came."""
    words = _begin_case(family, who, service)
    client = system(family.place.id, areas=[area])
    name, kind, content = next(_files(words))
    body = {
        "service": service,
        "applicant": {"kind": "person", "number": who, "name": NAMES_OF[who]},
        "submitted_by": NAMES_OF[who],
        "answers": {
            "topic": "roads-and-water",
            "subject": words.word("API, subject"),
            "message": words.word("API, message"),
            "place": words.word("API, place"),
            "is_urgent_danger": False,
            "is_follow_up": False,
            "sender": "self",
            "name": words.word("API, name"),
            "wants_notice": True,
            "email": words.email("API, e-mail"),
        },
        "attachments": [
            {"field": "attachments", "name": name, "media_type": kind, "content": base64.b64encode(content).decode()}
        ],
    }
    answer = client.post("/applications", body, Idempotency_Key=str(uuid4()))
    assert answer.status_code == 201, answer.content
    return _noted(family, Sent(words.case, who, service, UUID(answer.json()["case_id"]), area))


# --- what comes after ---


def _working(place: Place, name: str, area: str = "ordinary") -> Any:
    return working_as(place.staff[name].id, area)


def _key(place: Place) -> bytes:
    return casework.staff_resident_key(place.id, GUNN)


def _is_set_by_hand(family: Family) -> None:
    """Gunn protects Hanna, and notes how letters reach her and Vera."""
    words, place = family.words, family.place
    for who in (HANNA, VERA):
        sent = family.of(who)[0]
        words.whose, words.case = NAMES_OF[who], ""
        address = f"{words.word('a postal address noted by staff')} 1\n6530 {words.word('a place noted by staff')}"
        with use(place.id, "ordinary"):
            level = "fortrolig" if who == HANNA else "strengt-fortrolig"
            protecting.set_level(sent.id, level, "threat", address, _working(place, "gunn"), staff_key=_key(place))


def is_handled(family: Family, sent: Sent, files: bool = True) -> None:
    """What is said in a case: more files, a question and its answer, a note, word that it takes time."""
    words, place = family.words, family.place
    words.whose, words.case = NAMES_OF[sent.whose], sent.label
    later = dates.today() + timedelta(days=14)
    with use(place.id, sent.area):
        gunn, key, case = _working(place, "gunn", sent.area), _key(place), Case.objects.get(id=sent.id)
        if not case.is_open:
            return
        actor = gunn.as_actor(case)
        dialogue.send_preliminary_reply(case.id, words.word("word meanwhile"), later, actor, revision=case.revision)
        case.refresh_from_db()
        dialogue.ask(case.id, words.word("a question"), later, actor, revision=case.revision)
        noted = Noted(
            words.word("a note"), whom=words.word("whom a note is about"), about_them=words.word("about another")
        )
        noting.write_note(case.id, noted, gunn, staff_key=key)
        named = Named("guardian", words.word("a participant"))
        cases.new_participant(case, named, Participant.Known.HAND, dates.today(), actor).save(force_insert=True)
    with use(place.id, "resident", keys=resident(sent.whose).keys(place.id)):
        uploads = [dialogue.Upload(*next(_files(words)))] if files else []
        dialogue.answer(sent.id, words.word("an answer"), uploads)
        dialogue.send_more(sent.id, words.word("more"), [])


def is_drafted(family: Family, sent: Sent) -> None:
    words, place = family.words, family.place
    words.whose, words.case = NAMES_OF[sent.whose], sent.label
    with use(place.id, sent.area):
        case, gunn = Case.objects.get(id=sent.id), _working(place, "gunn", sent.area)
        drafted = decision_letters.Drafted("answered", [], {"answer": words.word("a letter")})
        deciding.save_draft(case.id, drafted, gunn, revision=case.revision, staff_key=_key(place))


def is_answered(family: Family, sent: Sent) -> None:
    """The letter is issued, and something more is sent about it."""
    words, place = family.words, family.place
    words.whose, words.case = NAMES_OF[sent.whose], sent.label
    with use(place.id, sent.area):
        case, gunn = Case.objects.get(id=sent.id), _working(place, "gunn", sent.area)
        deciding.issue(case.id, gunn, revision=case.revision, staff_key=_key(place))
    with use(place.id, "resident", keys=resident(sent.whose).keys(place.id)):
        name, kind, content = next(_files(words))
        dialogue.send_more(sent.id, words.word("a follow-up"), [dialogue.Upload(name, kind, content)])


def _is_opened_in_an_emergency(family: Family, sent: Sent) -> None:
    """Dora, of another unit, breaks the glass, and says why."""
    words, place = family.words, family.place
    words.whose, words.case = NAMES_OF[sent.whose], sent.label
    with use(place.id, "ordinary"):
        reason, dora = f"Legen ringte om {words.word('why the glass was broken')}", _working(place, "dora")
        break_glass(sent.id, reason, 60, dora, staff_key=casework.staff_resident_key(place.id, DORA))


def _drafts(family: Family) -> None:
    """What is begun and not sent: by Vera in the portal, and by Gunn at the counter for Tora."""
    words, place = family.words, family.place
    for who in (VERA, TORA):
        sender = resident(who)
        words.whose, words.case = NAMES_OF[who], ""
        with use(place.id, "resident", keys=sender.keys(place.id)):
            draft = applying.begin(sender, "inquiry", "nb", owner_key=sender.keys(place.id)[0])
            filling = applying.open_draft(draft.id)
            data = {**filling.content.data, "subject": words.word("a draft"), "message": words.word("a draft")}
            file = applying.attach_file(filling, "/attachments", *next(_files(words)))
            data = filling.offered.form.attach(data, "/attachments", str(file.id))
            applying.save_page(filling, data, {}, page=1, revision=draft.revision)
    desk = at_desk(place, GUNN)
    words.whose, words.case = NAMES_OF[TORA], ""
    person = {"service": "inquiry", "channel": "counter", "kind": "person", "number": TORA, "language": "nb"}
    there = desk.post("/desk/register/", {**person, "confirmed": f"person {TORA} {NAMES_OF[TORA]}"})
    at = desk.get(there["Location"])["Location"] if there.status_code == 302 else ""
    assert at, there.content[:2000]
    desk.post(
        at, {"/subject": words.word("at the counter"), "/message": words.word("at the counter"), "_revision": "0"}
    )
