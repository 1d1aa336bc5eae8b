"""The synthetic Norway: people, families, organisations and staff that do not exist.

Everything is made by a fixed recipe, so each start gives the same people. Identity numbers are synthetic (month + 80)
with valid check digits; organisation numbers begin with 3, a range for test data; names are an adjective and a thing,
as in the Tax Administration's test population, so nobody takes them for a real person. Street names are invented too.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache

from stdnum.no import orgnr

from allmenning.basics.identifiers import InvalidIdentifier, NationalIdentityNumber

SEED = 20260101


@dataclass(frozen=True)
class Place:
    """A live municipality of the demo: its number since 2024, a postal place in it, and a point near its town hall."""

    id: str
    name: str
    number: str
    postal_code: str
    city: str
    latitude: float
    longitude: float
    language: str = "nb"


PLACES = {
    place.id: place
    for place in (
        Place("aure", "Aure", "1576", "6690", "Aure", 63.2650, 8.5330, "nn"),
        Place("averoy", "Averøy", "1554", "6530", "Averøy", 63.0600, 7.6300),
        Place("gjemnes", "Gjemnes", "1557", "6631", "Batnfjordsøra", 62.8990, 7.6990, "nn"),
        Place("heim", "Heim", "5055", "7200", "Kyrksæterøra", 63.2900, 9.0900),
        Place("hustadvika", "Hustadvika", "1579", "6440", "Elnesvågen", 62.8540, 7.1450, "nn"),
        Place("kristiansund", "Kristiansund", "1505", "6509", "Kristiansund N", 63.1100, 7.7280),
        Place("molde", "Molde", "1506", "6413", "Molde", 62.7370, 7.1600),
        Place("rindal", "Rindal", "5061", "6657", "Rindal", 63.0550, 9.2100, "nn"),
        Place("smola", "Smøla", "1573", "6570", "Smøla", 63.3900, 8.0200),
        Place("sunndal", "Sunndal", "1563", "6600", "Sunndalsøra", 62.6750, 8.5620, "nn"),
        Place("surnadal", "Surnadal", "1566", "6650", "Surnadal", 62.9700, 8.7260, "nn"),
        Place("tingvoll", "Tingvoll", "1560", "6630", "Tingvoll", 62.9130, 8.2060, "nn"),
        Place("kristiansand", "Kristiansand", "4204", "4612", "Kristiansand S", 58.1470, 7.9950),
        Place("vennesla", "Vennesla", "4223", "4700", "Vennesla", 58.2700, 7.9730),
        Place("lillesand", "Lillesand", "4215", "4790", "Lillesand", 58.2490, 8.3770),
        Place("birkenes", "Birkenes", "4216", "4760", "Birkeland", 58.3310, 8.2330),
        Place("iveland", "Iveland", "4218", "4724", "Iveland", 58.4620, 7.9210),
        Place("tonsberg", "Tønsberg", "3905", "3111", "Tønsberg", 59.2670, 10.4080),
        Place("holmestrand", "Holmestrand", "3903", "3080", "Holmestrand", 59.4890, 10.3150),
        Place("sandefjord", "Sandefjord", "3907", "3210", "Sandefjord", 59.1310, 10.2170),
        Place("bergen", "Bergen", "4601", "5003", "Bergen", 60.3930, 5.3240),
        Place("oygarden", "Øygarden", "4626", "5353", "Straume", 60.3600, 5.1200, "nn"),
        Place("alver", "Alver", "4631", "5914", "Isdalstø", 60.5590, 5.2710, "nn"),
        Place("bjornafjorden", "Bjørnafjorden", "4624", "5200", "Os", 60.1880, 5.4690, "nn"),
    )
}

FIRST_NAMES = (
    "Sprek Varm Rask Stille Blid Kvikk Stø Munter Trygg Lun Ivrig Snill Klar Modig Freidig Nøysom Rolig Lystig "
    "Driftig Solid Vennlig Tålmodig Nysgjerrig Ærlig Øm Åpen Sindig Flittig Glad Livlig Mild Frisk Gild Hendig "
    "Jevn Kløktig Ljos Myndig Netthendt Oppvakt Pålitelig Raus Stødig Tillitsfull Utholdende Vaken Yndig Særegen "
    "Beskjeden Djerv Edru Fornøyd Grei Hjertelig "
).split()
LAST_NAMES = (
    "Bjørk Linerle Tyttebær Furu Havørn Rogn Svale Multe Gran Tjeld Selje Kråkebolle Lyng Ærfugl Osp Hegre Blåbær "
    "Einer Terne Hassel Måltrost Røsslyng Alke Or Spove Pors Rype Hestehov Ugle Kveite Lønn Stær Bregne Skarv "
    "Løvetann Nøtteskrike Torsk Ask Lom Åkerbær Øyenstikker Vipe Kløver Makrell Sisik Barlind Storfugl Mose "
    "Krabbe Geitrams Isfugl Tindved Ørret Solsikke "
).split()
STREETS = (
    "Lerkestien Tjeldvegen Multebakken Rognelia Svalegata Havørnvegen Bregnesvingen Spovehaugen Blåbærstien "
    "Kråkebollegata Lyngtunet Steinspranget Tarevegen Naustsvingen Kveitebakken Geitramsvegen "
).split()


@dataclass(frozen=True)
class Person:
    """Someone in the synthetic population. Identity numbers point at others; amounts are whole kroner a year."""

    number: str
    first: str
    last: str
    born: date
    sex: str  # "kvinne" or "mann"; not to be read out of the number
    municipality: str
    street: str
    house: int
    dwelling: str = "H0101"
    marital_status: str = "ugift"
    spouse: str | None = None
    mother: str | None = None
    father: str | None = None
    protection: str = "ugradert"
    status: str = "bosatt"
    guardian: str | None = None
    wages: int = 0
    capital: int = 0
    language: str = "nb"
    email: str | None = None
    mobile: str | None = None
    is_reserved: bool = False
    can_be_notified: bool = True

    @property
    def name(self) -> str:
        return f"{self.first} {self.last}"

    @property
    def place(self) -> Place:
        return PLACES[self.municipality]

    def age(self, on: date) -> int:
        return on.year - self.born.year - ((on.month, on.day) < (self.born.month, self.born.day))

    def income(self, year: int) -> tuple[int, int]:
        """Wages and capital income of a year: the figures of 2025, moved by 4 % a year."""
        factor = 1.04 ** (year - 2025)
        return round(self.wages * factor), round(self.capital * factor)


@dataclass(frozen=True)
class Organisation:
    """A synthetic unit of the business register. `roles` pairs a role code with an identity number."""

    number: str
    name: str
    form: str
    municipality: str
    street: str
    house: int
    industry: tuple[str, str]
    employees: int = 0
    roles: tuple[tuple[str, str], ...] = ()
    parent: str | None = None
    deleted_on: date | None = None
    is_bankrupt: bool = False
    founded: date = date(2012, 3, 1)


@dataclass(frozen=True)
class Staff:
    """An employment. `roles` are of: caseworker, leader, approver, administrator, archivist."""

    person: Person
    municipality: str
    title: str
    unit: str  # "service", "education", "housing", "archive", "administration", or an area that is kept apart
    roles: tuple[str, ...]
    area: str = "ordinary"
    email: str = ""


@dataclass(frozen=True)
class Official:
    """A role at a cooperation's office: of the cooperation, or of somebody who stands for a party of its agreements."""

    person: Person
    role: str
    scope: str = ""
    party: str = ""


@dataclass(frozen=True)
class Character:
    """Someone that the demo tells a story about: shown first on the login page and printed by `bin/demo`."""

    key: str
    number: str
    name: str
    kind: str  # "resident" or "staff"
    story: str  # English msgid; the sandbox translates it


@dataclass
class World:
    people: dict[str, Person] = field(default_factory=dict)
    organisations: dict[str, Organisation] = field(default_factory=dict)
    staff: list[Staff] = field(default_factory=list)
    officials: list[Official] = field(default_factory=list)
    characters: dict[str, Character] = field(default_factory=dict)
    newcomers: set[str] = field(default_factory=set)  # numbers of families that have moved in: see `Town.measured`

    @property
    def residents(self) -> list[Person]:
        """Everyone who is not there only as staff."""
        employed = {each.person.number for each in self.staff} | {each.person.number for each in self.officials}
        return [person for person in self.people.values() if person.number not in employed]

    def children_of(self, number: str) -> list[Person]:
        return [person for person in self.people.values() if number in (person.mother, person.father)]

    def employer(self, municipality: str) -> Organisation:
        """The municipality itself, as a unit of the business register."""
        units = self.organisations.values()
        return next(unit for unit in units if unit.form == "KOMM" and unit.municipality == municipality)

    def employments_of(self, number: str) -> list[Staff]:
        return [member for member in self.staff if member.person.number == number]

    def in_municipality(self, municipality: str) -> list[Person]:
        """Those who have lived there for long; newcomers have cases of their own."""
        here = [person for person in self.residents if person.municipality == municipality]
        return [person for person in here if person.number not in self.newcomers]

    def newcomers_in(self, municipality: str) -> list[Person]:
        """The parents of families that have moved in."""
        found = [self.people[number] for number in sorted(self.newcomers)]
        return [person for person in found if person.municipality == municipality and not person.mother]

    def organisations_of(self, number: str) -> list[tuple[Organisation, str]]:
        """Organisations where this person holds a role, with the role's code."""
        held = [(unit, code) for unit in self.organisations.values() for code, holder in unit.roles if holder == number]
        return [(unit, code) for unit, code in held if unit.deleted_on is None]


def identity_number(born: date, serial: int) -> str | None:
    """The synthetic number for a birth date and serial; None for the few serials that have no check digits."""
    try:
        return NationalIdentityNumber.synthetic(born, serial).value
    except InvalidIdentifier:
        return None


def organisation_number(serial: int) -> str | None:
    """The number 3ddddddd + check digit for a serial below ten million; None when that serial has no check digit."""
    candidates = (f"3{serial:07}{check}" for check in range(10))
    return next((number for number in candidates if orgnr.is_valid(number)), None)


@cache
def world() -> World:
    """The whole synthetic Norway, the same at every call and every start."""
    return _Maker().make()


_NEWCOMERS = {"averoy": 6, "smola": 6}


class _Maker:
    """Builds the world once. Every draw comes from one seeded generator, so add new people at the end."""

    def __init__(self) -> None:
        self.world = World()
        self.random = random.Random(SEED)  # noqa: S311 - repeatable on purpose, nothing secret
        self.names = self._names()
        self.serials = iter(range(1_000_000, 9_999_999, 37_139))

    def make(self) -> World:
        self._main_characters()
        for place in PLACES.values():
            self._households(place)
        self._protected_and_guarded()
        self._organisations()
        self._employ()
        self._who_act_for_others()  # last: what comes before it stays as it was
        self._officials()
        self._newcomers()
        return self.world

    # People

    def _names(self) -> Iterator[tuple[str, str]]:
        pairs = [(first, last) for first in FIRST_NAMES for last in LAST_NAMES]
        self.random.shuffle(pairs)
        return iter(pairs)

    def _add(self, born: date, municipality: str, **facts) -> Person:
        first, last = next(self.names)
        facts = {"first": first, "last": last, "sex": self.random.choice(("kvinne", "mann")), **facts}
        facts.setdefault("street", self.random.choice(STREETS))
        facts.setdefault("house", self.random.randint(1, 88))
        facts.setdefault("language", PLACES[municipality].language)
        person = Person(number=self._number(born), born=born, municipality=municipality, **facts)
        if person.age(date(2026, 1, 1)) >= 15 and person.can_be_notified and person.email is None:
            person = replace(person, email=_email(person), mobile=self._mobile())
        self.world.people[person.number] = person
        return person

    def _number(self, born: date) -> str:
        century = range(500, 1000) if born.year >= 2000 else range(0, 500)
        while True:
            number = identity_number(born, self.random.choice(century))
            if number and number not in self.world.people:
                return number

    def _mobile(self) -> str:
        # 99999xxx would be somebody's: numbers that begin with 0 are allocated to nobody in E.164 for Norway.
        return f"+470{self.random.randint(1_000_000, 9_999_999)}"

    def _update(self, person: Person, **facts) -> Person:
        changed = replace(person, **facts)
        self.world.people[person.number] = changed
        return changed

    def _marry(self, one: Person, other: Person) -> tuple[Person, Person]:
        return (
            self._update(one, marital_status="gift", spouse=other.number),
            self._update(other, marital_status="gift", spouse=one.number),
        )

    def _child(self, born: date, mother: Person, father: Person | None = None, **facts) -> Person:
        home = {"street": mother.street, "house": mother.house, "dwelling": mother.dwelling}
        father_number = father.number if father else None
        named = {"last": mother.last, "mother": mother.number, "father": father_number, **home, **facts}
        return self._add(born, mother.municipality, **named)

    def _born(self, first_year: int, last_year: int) -> date:
        return date(self.random.randint(first_year, last_year), self.random.randint(1, 12), self.random.randint(1, 28))

    def _story(self, key: str, person: Person, kind: str, story: str) -> None:
        self.world.characters[key] = Character(key, person.number, person.name, kind, story)

    def _main_characters(self) -> None:
        self._the_kindergarten_family()
        self._the_one_in_three_municipalities()
        tenant = self._add(
            date(1958, 2, 11),
            "smola",
            first="Stille",
            last="Skarv",
            sex="mann",
            street="Naustsvingen",
            house=3,
            wages=236_000,
        )
        self._story(
            "tenant", tenant, "resident", "Rents a flat in Smøla on a small pension and asks for housing allowance"
        )
        paper = self._add(
            date(1947, 6, 24), "averoy", first="Nøysom", last="Einer", sex="mann", wages=262_000, is_reserved=True
        )
        self._story("paper", paper, "resident", "Has said no to digital mail and gets letters on paper")
        silent = self._add(
            date(1951, 10, 2), "smola", first="Rolig", last="Lom", sex="kvinne", wages=248_000, can_be_notified=False
        )
        self._story("silent", silent, "resident", "Has no e-mail or telephone in the contact register")

    def _the_kindergarten_family(self) -> None:
        home = {"street": "Linerlevegen", "house": 12, "dwelling": "H0101"}
        mother = self._add(
            date(1992, 4, 17),
            "averoy",
            first="Varm",
            last="Linerle",
            sex="kvinne",
            wages=318_000,
            capital=1_200,
            **home,
        )
        father = self._add(date(1990, 9, 3), "averoy", first="Stø", last="Linerle", sex="mann", wages=164_000, **home)
        mother, father = self._marry(mother, father)
        self._child(date(2022, 5, 9), mother, father, first="Kvikk", sex="kvinne")
        self._child(date(2024, 8, 21), mother, father, first="Blid", sex="mann")
        self._child(date(2017, 1, 30), mother, father, first="Ivrig", sex="mann")
        self._story(
            "parent",
            mother,
            "resident",
            "Mother in Averøy with two children in kindergarten and a low household income",
        )
        self._story("father", father, "resident", "Father in the same family; sees only what is his own")

    def _the_one_in_three_municipalities(self) -> None:
        home = {"street": "Tjeldvegen", "house": 7}
        mover = self._add(
            date(1985, 11, 5), "kristiansund", first="Rask", last="Tjeld", sex="kvinne", wages=541_000, **home
        )
        self._story("three", mover, "resident", "Lives in Kristiansund and has cases in Averøy and Smøla too")

    def _households(self, place: Place) -> None:
        """A family with small children, a couple or single, and an elderly person: four to six in each municipality."""
        mother = self._add(self._born(1985, 1999), place.id, sex="kvinne", wages=self._wages())
        family = {"street": mother.street, "house": mother.house, "last": mother.last}
        father = self._add(self._born(1983, 1998), place.id, sex="mann", wages=self._wages(), **family)
        if self.random.random() < 0.6:
            mother, father = self._marry(mother, father)
        self._child(self._born(2021, 2025), mother, father)
        if self.random.random() < 0.5:
            self._child(self._born(2012, 2020), mother, father)
        self._add(self._born(1940, 1960), place.id, wages=self.random.randint(210, 390) * 1000)

    def _newcomers(self) -> None:
        """A mother and her child in kindergarten, so many that figures about them are about five people or more."""
        for place, families in _NEWCOMERS.items():
            for _ in range(families):
                mother = self._add(
                    self._born(1988, 1998), place, sex="kvinne", wages=self.random.randint(210, 300) * 1000
                )
                child = self._child(self._born(2022, 2023), mother)
                self.world.newcomers |= {mother.number, child.number}

    def _wages(self) -> int:
        return self.random.randint(180, 780) * 1000

    def _protected_and_guarded(self) -> None:
        hidden = self._add(
            date(1988, 3, 14),
            "tonsberg",
            first="Vaken",
            last="Ugle",
            sex="kvinne",
            wages=455_000,
            protection="fortrolig",
        )
        self._child(date(2023, 2, 6), hidden, first="Lun", protection="fortrolig")
        self._story("protected", hidden, "resident", "Has a confidential address: nothing may show where she lives")
        strict = self._add(
            date(1979, 12, 1),
            "bergen",
            first="Stødig",
            last="Barlind",
            sex="mann",
            protection="strengtFortrolig",
            wages=498_000,
        )
        self._story("strictly-protected", strict, "resident", "Has a strictly confidential address")
        guardian = self._add(
            date(1971, 5, 19), "kristiansand", first="Pålitelig", last="Ask", sex="kvinne", wages=612_000
        )
        ward = self._add(date(2001, 7, 8), "kristiansand", first="Mild", last="Ask", sex="mann", wages=232_000)
        self._update(ward, guardian=guardian.number)
        self._story("guardian", guardian, "resident", "Is the guardian of a grown man in Kristiansand")
        self._add(date(1933, 1, 15), "sandefjord", first="Sindig", last="Lønn", status="doed")

    def _who_act_for_others(self) -> None:
        giver = self._add(date(1942, 9, 3), "averoy", first="Lun", last="Brosme", sex="kvinne", wages=241_000)
        self._story("giver", giver, "resident", "Has given her grown son a power of attorney in Averøy")
        holder = self._add(date(1969, 4, 11), "averoy", first="Rask", last="Brosme", sex="mann", wages=588_000)
        self._story("holder", holder, "resident", "Acts for his mother by a power of attorney, and can do so now")
        ward = next(one for one in self.world.people.values() if one.guardian)
        self._story("ward", ward, "resident", "Has a guardian, who has written to Kristiansand for him")
        home = {"street": holder.street, "house": holder.house}
        teenager = self._add(
            date(2010, 3, 8), "averoy", first="Modig", last="Brosme", sex="kvinne", father=holder.number, **home
        )
        self._story("teenager", teenager, "resident", "Is sixteen, and a party herself when a case is about her")

    # Organisations

    def _organisations(self) -> None:
        for place in PLACES.values():
            self._unit(f"{place.name} kommune", "KOMM", place.id, ("84.110", "Generell offentlig administrasjon"), 400)
        manager = self._add(
            date(1976, 8, 30), "kristiansund", first="Driftig", last="Kveite", sex="kvinne", wages=712_000
        )
        chair = self._add(date(1968, 1, 22), "averoy", first="Myndig", last="Torsk", sex="mann", wages=655_000)
        quay = self._unit(
            "Kveite & Kråkebolle AS",
            "AS",
            "kristiansund",
            ("03.111", "Hav- og kystfiske"),
            14,
            (("DAGL", manager.number), ("LEDE", chair.number)),
        )
        self._unit(
            "Kveite & Kråkebolle AS avd. Averøy",
            "BEDR",
            "averoy",
            ("03.111", "Hav- og kystfiske"),
            5,
            parent=quay.number,
        )
        self._story("manager", manager, "resident", "Manager of Kveite & Kråkebolle AS, and can act for it")
        adults = [person for person in self.world.residents if 25 < person.age(date(2026, 1, 1)) < 66 and person.wages]
        adults = [person for person in adults if person.number not in {manager.number, chair.number}]
        for number, place in enumerate(PLACES.values()):
            here = [person for person in adults if person.municipality == place.id]
            owner, other = here[0], here[-1]
            kind = _TRADES[number % len(_TRADES)]
            roles = (("INNH", owner.number),) if kind[1] == "ENK" else (("DAGL", owner.number), ("LEDE", other.number))
            self._unit(f"{owner.last} {kind[0]}", kind[1], place.id, kind[2], self.random.randint(0, 22), roles)
        self._unit("Nedlagt Naust AS", "AS", "smola", ("55.201", "Drift av vandrerhjem"), deleted_on=date(2024, 9, 30))
        self._unit("Konkurs Krabbe AS", "AS", "molde", ("10.209", "Bearbeiding av fisk"), 2, is_bankrupt=True)

    def _unit(
        self,
        name: str,
        form: str,
        municipality: str,
        industry: tuple[str, str],
        employees: int = 0,
        roles: tuple[tuple[str, str], ...] = (),
        **facts,
    ) -> Organisation:
        number = next(number for number in map(organisation_number, self.serials) if number)
        unit = Organisation(
            number=number,
            name=name,
            form=form,
            municipality=municipality,
            street=self.random.choice(STREETS),
            house=self.random.randint(1, 60),
            industry=industry,
            employees=employees,
            roles=roles,
            **facts,
        )
        self.world.organisations[number] = unit
        return unit

    # Staff

    def _employ(self) -> None:
        for place in PLACES.values():
            self._hire(place, "Saksbehandler", "service", ("caseworker",))
            has_own_administrator = place.id in _LARGER
            leader_roles = ("leader", "approver") if has_own_administrator else ("leader", "approver", "administrator")
            self._hire(place, "Enhetsleder", "service", leader_roles)
            if has_own_administrator:
                self._hire(place, "Systemansvarlig", "administration", ("administrator",))
        for municipality in ("averoy", "kristiansund", "kristiansand"):
            self._hire(PLACES[municipality], "Arkivar", "archive", ("archivist",))
        averoy = PLACES["averoy"]
        self._hire(averoy, "Rådgiver barnehage", "education", ("caseworker",))
        self._hire(averoy, "Boligrådgiver", "housing", ("caseworker",))
        for area, (works, leads) in _SENSITIVE.items():
            self._hire(averoy, works, area, ("caseworker",), area)
            self._hire(averoy, leads, area, ("leader", "approver"), area)
        self._name_staff()

    def _officials(self) -> None:
        """Who bills, approves, plans and decides in IKT Orkidé. Halsa has been a part of Heim since 2020."""
        for role, home, whose in _OFFICIALS:
            person = self._add(self._born(1958, 1990), home, wages=self.random.randint(560, 900) * 1000)
            official = Official(person, role, **whose)
            self.world.officials.append(official)
            if role == "treasurer":
                self.world.officials.append(Official(person, role, POOL))
            key = "-".join(filter(None, (role, official.party)))
            self._story(key, person, "staff", _OFFICIALS_DO[role].format(place=_CALLED.get(official.party, "")))

    def _hire(self, place: Place, title: str, unit: str, roles: tuple[str, ...], area: str = "ordinary") -> None:
        person = self._add(self._born(1966, 1998), place.id, wages=self.random.randint(480, 820) * 1000)
        name = f"{person.first}.{person.last}".lower().translate(_ASCII)
        self.world.staff.append(Staff(person, place.id, title, unit, roles, area, f"{name}@{place.id}.example"))

    def _name_staff(self) -> None:
        stories = (
            ("caseworker-averoy", "averoy", "caseworker", "Caseworker in Averøy"),
            ("approver-averoy", "averoy", "approver", "Leads the unit in Averøy and approves what others decide"),
            ("administrator", "averoy", "administrator", "Administrator of Averøy: units, staff, delegations"),
            ("archivist-averoy", "averoy", "archivist", "Archivist in Averøy"),
            ("caseworker-smola", "smola", "caseworker", "Caseworker in Smøla; sees nothing of Averøy's"),
            ("administrator-smola", "smola", "administrator", "Leads the unit in Smøla and is its administrator"),
        )
        for key, municipality, role, story in stories:
            member = next(m for m in self.world.staff if m.municipality == municipality and role in m.roles)
            self._story(key, member.person, "staff", story)
        for area in _SENSITIVE:
            for role, does in (("caseworker", "Works with"), ("leader", "Leads")):
                member = next(m for m in self.world.staff if m.area == area and role in m.roles)
                story = f"{does} {_IN_WORDS[area]} in Averøy, and in Smøla by a mandate: one municipality at a time"
                self._story(f"{area}-{role}", member.person, "staff", story)


def _email(person: Person) -> str:
    return f"{person.first}.{person.last}".lower().translate(_ASCII) + "@example.no"


_ASCII = str.maketrans({"æ": "ae", "ø": "o", "å": "a"})
# Who works in the areas that are kept apart, and who leads them.
_SENSITIVE = {
    "child-welfare": ("Kontaktperson barnevern", "Barnevernleder"),
    "social-services": ("Veileder sosiale tjenester", "Leder for sosiale tjenester"),
    "care": ("Saksbehandler tildeling", "Leder for tildelingskontoret"),
    "educational-psychology": ("PP-rådgiver", "Leder for PP-tjenesten"),
}
_IN_WORDS = {
    "child-welfare": "child welfare",
    "social-services": "social services",
    "care": "health and care",
    "educational-psychology": "educational psychology",
}
_OFFICIALS: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("treasurer", "kristiansund", {"scope": "ikt-orkide"}),  # and of the pool
    ("approver", "kristiansund", {"scope": "ikt-orkide"}),
    ("board", "tingvoll", {"scope": "ikt-orkide"}),
    ("planner", "kristiansund", {"scope": "ikt-orkide"}),
    ("member-treasurer", "averoy", {"party": "averoy"}),
    ("member-treasurer", "smola", {"party": "smola"}),
    ("member-treasurer", "heim", {"party": "halsa"}),
    ("secretary", "averoy", {"party": "averoy"}),
    ("secretary", "smola", {"party": "smola"}),
    ("elected", "averoy", {"party": "averoy"}),
    ("elected", "smola", {"party": "smola"}),
    ("employees", "averoy", {"party": "averoy"}),
)
POOL = "digifin"
_CALLED = {"averoy": "Averøy", "smola": "Smøla", "halsa": "Halsa"}
_OFFICIALS_DO = {
    "treasurer": "Treasurer of IKT Orkidé (costs, settlements, bills, payments) and of the national pool",
    "approver": "Approves IKT Orkidé's settlements for its host, Kristiansund",
    "board": "On the board of IKT Orkidé",
    "planner": "Keeps the joint plan of IKT Orkidé",
    "member-treasurer": "Treasurer of {place}: its share, comments and bills",
    "secretary": "Secretary of the council of {place}",
    "elected": "Elected member of the council of {place}",
    "employees": "Representative of the employees of {place}",
}
_LARGER = ("averoy", "kristiansund", "molde", "kristiansand", "tonsberg", "sandefjord", "bergen")
_TRADES = (
    ("Snekkeri", "ENK", ("43.320", "Snekkerarbeid")),
    ("Bakeri AS", "AS", ("10.710", "Produksjon av brød og ferske konditorvarer")),
    ("Gårdsdrift", "ENK", ("01.410", "Melkeproduksjon på storfe")),
    ("Rør og Varme AS", "AS", ("43.221", "Rørleggerarbeid")),
    ("Kafé AS", "AS", ("56.101", "Drift av restauranter og kafeer")),
    ("Naturbarnehage AS", "AS", ("88.911", "Barnehager")),
)
