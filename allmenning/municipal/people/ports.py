"""What this room needs from the state's registers, as small protocols and plain values.

A connection implements a protocol; `project/` wires it. Nothing here knows HTTP, JSON or a register's field names.
Values say when they were fetched and, where the register tells, when it last changed them, so that a form can show
both.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from allmenning.basics.errors import AllmenningError


class RegisterUnavailable(AllmenningError):
    """{register} did not answer. Try again later, or go on without it."""

    register: str  # the connection's name, "folkeregister"
    retry_after: int | None = None  # the seconds that the register asked us to wait, if it did


class RegisterRefused(AllmenningError):
    """{register} refused our access. An operator must look at the agreement, the scopes or the keys."""

    register: str
    reason: str = ""  # the register's own code; it never holds personal data


class PersonNotFound(AllmenningError):
    """The population register knows no person by this number."""


class OrganisationNotFound(AllmenningError):
    """The business register knows no organisation by this number."""


class IncomeNotFound(AllmenningError):
    """The Tax Administration holds no income for this person and year."""


class AddressProtection(StrEnum):
    """The population register's own values for `adressebeskyttelse`; the last two are what staff call code 7 and 6."""

    NONE = "ugradert"
    CONFIDENTIAL = "fortrolig"
    STRICTLY_CONFIDENTIAL = "strengtFortrolig"


class MaritalStatus(StrEnum):
    """The population register's own values for `sivilstand`."""

    UNKNOWN = "uoppgitt"
    UNMARRIED = "ugift"
    MARRIED = "gift"
    WIDOWED = "enkeEllerEnkemann"
    DIVORCED = "skilt"
    SEPARATED = "separert"
    PARTNER = "registrertPartner"
    SEPARATED_PARTNER = "separertPartner"
    DIVORCED_PARTNER = "skiltPartner"
    SURVIVING_PARTNER = "gjenlevendePartner"


class Part(StrEnum):
    """A part of a person's record. Ask only for the parts that the purpose needs."""

    IDENTITY = "identifikasjonsnummer"
    NAME = "navn"
    BIRTH = "foedsel"
    STATUS = "status"
    ADDRESS = "bostedsadresse"
    PROTECTION = "adressebeskyttelse"
    MARITAL_STATUS = "sivilstand"
    FAMILY = "familierelasjon"
    PARENTAL_RESPONSIBILITY = "foreldreansvar"
    GUARDIANSHIP = "vergemaalEllerFremtidsfullmakt"


BASIC_PARTS = frozenset({Part.IDENTITY, Part.NAME, Part.ADDRESS, Part.PROTECTION, Part.STATUS})
FAMILY_PARTS = BASIC_PARTS | {Part.BIRTH, Part.MARITAL_STATUS, Part.FAMILY, Part.PARENTAL_RESPONSIBILITY}


@dataclass(frozen=True, slots=True)
class Address:
    """A Norwegian postal or residential address. `municipality_number` is of the day it was fetched, so never a key."""

    street: str  # "Kårvågvegen 12 B"
    postal_code: str  # four digits
    city: str
    municipality_number: str = ""  # four digits
    dwelling: str = ""  # bruksenhetsnummer, "H0101"
    care_of: str = ""
    country: str = "NO"

    def one_line(self) -> str:
        """`Kårvågvegen 12 B, 6530 Averøy`."""
        return ", ".join(part for part in (self.street, f"{self.postal_code} {self.city}".strip()) if part)


@dataclass(frozen=True, slots=True)
class Name:
    first: str
    last: str
    middle: str = ""

    def full(self) -> str:
        return " ".join(part for part in (self.first, self.middle, self.last) if part)


@dataclass(frozen=True, slots=True)
class ParentalResponsibility:
    """Who has it for whom; `kind` is `felles`, `mor`, `far`, `medmor`, `andre` or `ukjent` in the register's words."""

    child: str
    responsible: str
    kind: str


@dataclass(frozen=True, slots=True)
class Guardianship:
    """A guardian of an adult or a minor: who, what kind, and which matters it covers, in the register's words."""

    guardian: str
    kind: str
    scope: str


@dataclass(frozen=True, slots=True)
class Person:
    """A person as the population register has them now. A part that was not asked for is empty or None.

    When `protection` is not NONE, `address` may be missing, and nothing about where the person is may be shown.
    """

    identity_number: str
    fetched_at: datetime
    name: Name | None = None
    birth_date: date | None = None
    address: Address | None = None
    protection: AddressProtection = AddressProtection.NONE
    marital_status: MaritalStatus | None = None
    spouse: str | None = None  # identity numbers here and below
    children: tuple[str, ...] = ()
    parents: tuple[str, ...] = ()
    parental_responsibility: tuple[ParentalResponsibility, ...] = ()
    guardians: tuple[Guardianship, ...] = ()
    status: str = ""  # "bosatt", "utflyttet", "doed", … in the register's words
    updated: Mapping[Part, datetime] | None = None  # when the register last changed each part

    @property
    def is_protected(self) -> bool:
        return self.protection is not AddressProtection.NONE

    @property
    def is_dead(self) -> bool:
        return self.status == "doed"


class PopulationRegister(Protocol):
    """Folkeregisteret, asked on behalf of one municipality."""

    def person(self, identity_number: str, *, municipality: str, parts: Collection[Part] = BASIC_PARTS) -> Person:
        """Raises PersonNotFound, RegisterUnavailable, RegisterRefused."""
        ...

    def persons(
        self, identity_numbers: Collection[str], *, municipality: str, parts: Collection[Part] = BASIC_PARTS
    ) -> dict[str, Person]:
        """Several in one question, by identity number; whom the register does not know is left out.

        At most 1,000. Raises RegisterUnavailable, RegisterRefused.
        """
        ...


@dataclass(frozen=True, slots=True)
class Organisation:
    """A unit of the business register (Enhetsregisteret)."""

    number: str
    name: str
    form: str  # code: "AS", "ENK", "KOMM", …
    fetched_at: datetime
    form_name: str = ""
    address: Address | None = None
    employees: int | None = None
    deleted_on: date | None = None
    is_bankrupt: bool = False
    is_winding_up: bool = False
    parent: str | None = None  # of a sub-unit
    updated: date | None = None

    @property
    def is_active(self) -> bool:
        return self.deleted_on is None and not self.is_bankrupt


@dataclass(frozen=True, slots=True)
class OrganisationRole:
    """Somebody holds a role in an organisation. `code` is the register's: DAGL manager, LEDE chair, INNH owner, …"""

    organisation_number: str
    organisation_name: str
    code: str
    person_name: str = ""
    birth_date: date | None = None


# Roles that let a person act alone for the organisation in matters with the municipality: manager, chair of the board,
# owner of a sole proprietorship. Everybody else needs a power of attorney from one of these.
ACTING_ROLES = ("DAGL", "LEDE", "INNH")


class BusinessRegister(Protocol):
    """Enhetsregisteret: the organisation and who holds its roles."""

    def organisation(self, number: str) -> Organisation:
        """A main unit or sub-unit; a deleted one has `deleted_on`. Raises OrganisationNotFound, RegisterUnavailable."""
        ...

    def roles(self, number: str) -> list[OrganisationRole]:
        """Everyone who holds a role there, without identity numbers. Raises as `organisation`."""
        ...

    def search(self, name: str, *, limit: int = 20) -> list[Organisation]:
        """By name, best match first. Raises RegisterUnavailable."""
        ...


class Representation(Protocol):
    """Which organisations a person may act for: Altinn answers, since Enhetsregisteret has no such question."""

    def roles_of(self, identity_number: str) -> list[OrganisationRole]:
        """Every role that the person holds in organisations of today. Raises RegisterUnavailable, RegisterRefused."""
        ...


@dataclass(frozen=True, slots=True)
class ContactDetails:
    """What the contact and reservation register knows. One who is reserved or can't be notified gets paper."""

    identity_number: str
    fetched_at: datetime
    email: str | None = None
    mobile: str | None = None
    language: str | None = None  # "nb", "nn", "se", "en"
    is_reserved: bool = False
    can_be_notified: bool = False

    @property
    def gets_paper(self) -> bool:
        return self.is_reserved or not self.can_be_notified


class ContactRegister(Protocol):
    """Kontakt- og reservasjonsregisteret."""

    def contact_details(self, identity_numbers: Collection[str]) -> dict[str, ContactDetails]:
        """By identity number; one who is not in it is left out. Raises RegisterUnavailable, RegisterRefused."""
        ...


@dataclass(frozen=True, slots=True)
class Income:
    """A year's assessed or preliminary income, whole kroner in the register, øre here.

    `total_ore` is what foreldrebetalingsforskriften counts: personal income plus taxable capital income.
    """

    identity_number: str
    year: int
    personal_ore: int
    capital_ore: int
    fetched_at: datetime
    is_settled: bool = True  # the tax settlement is done; otherwise the draft of the tax return
    settled_on: date | None = None

    @property
    def total_ore(self) -> int:
        return self.personal_ore + self.capital_ore


class IncomeRegister(Protocol):
    """The Tax Administration (Skatteetaten)."""

    def income(self, identity_number: str, year: int, *, municipality: str) -> Income:
        """Raises IncomeNotFound, PersonNotFound, RegisterUnavailable, RegisterRefused."""
        ...


@dataclass(frozen=True, slots=True)
class FoundAddress:
    """An official address with its point (EPSG:4258, degrees). Never look up one who has a protected address."""

    address: Address
    latitude: float | None
    longitude: float | None
    cadastral: str = ""  # "gårdsnummer/bruksnummer"
    metres_away: float | None = None


class AddressRegister(Protocol):
    """Kartverket's addresses."""

    def search(self, text: str, *, municipality_number: str | None = None, limit: int = 10) -> list[FoundAddress]:
        """Raises RegisterUnavailable."""
        ...

    def near(self, latitude: float, longitude: float, *, radius_metres: int, limit: int = 10) -> list[FoundAddress]:
        """Nearest first. Raises RegisterUnavailable."""
        ...
