"""Applications for financial assistance from nav.no (`soknad.json` 1.0.11, `vedlegg.json` 1.2.0) and appeals (`klage.json`), both ways.

Amounts are whole kroner there and øre here. Confirmed by the schemas: the fields and closed lists. The open lists of types
(income, payments, expenses, assets) are those that the publisher names as examples; the types of the two consents
(`CONSENTS`) are **assumed**, since the files do not name them. A type that nobody here knows keeps its title as text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import resources
from typing import Any

import yaml

from .mapping import KRONER, Line, Preface, Rows, Written, back, choice, cleaned, out

VERSION = "1.0.11"
USER, SYSTEM = {"kilde": "bruker"}, {"kilde": "system"}
CORRECTED = "overstyrtAvBruker"
APPLICANT = "applicant"
CONSENTS = {"may_fetch_tax": "inntekt_skatteetaten_samtykke", "may_fetch_allowance": "bostotte_samtykke"}
# Answers of our form that the contract asks nobody for.
UNASKED = (
    "emergency",
    "emergency_kinds",
    "emergency_money_ore",
    "next_money_date",
    "common_child",
    "shares_home",
    "under_thirty",
    "has_income",
    "has_other_costs",
    "declaration",
)

_STUDY = {"full-time-study": "heltid", "part-time-study": "deltid"}
_WORK = {"full-time": "heltid", "part-time": "deltid"}
_CIVIL_STATUS = {
    "married": "gift",
    "single": "ugift",
    "cohabitant": "samboer",
    "widowed": "enke",
    "divorced": "skilt",
    "separated": "separert",
}
_HOME = {
    "owns": "eier",
    "rents": "leier",
    "municipal": "kommunal",
    "none": "ingen",
    "institution": "institusjon",
    "crisis-centre": "krisesenter",
    "prison": "fengsel",
    "friends": "venner",
    "parents": "foreldre",
    "family": "familie",
    "other-home": "annet",
}


def _digits(text: str) -> str:
    return re.sub(r"[ .]", "", text)


def _account(text: str) -> str:
    return f"{text[:4]} {text[4:6]} {text[6:]}" if re.fullmatch(r"\d{11}", text) else text


def _phone_out(text: str) -> str:
    digits = re.sub(r"\s", "", text)
    return digits if digits.startswith("+") else f"+47{digits}"


def _name_out(text: str) -> dict[str, str]:
    """A name in three: the first word, the last, and what is between. One word is a first name."""
    first, *others = text.split() or [""]
    return {"fornavn": first, "mellomnavn": " ".join(others[:-1]), "etternavn": others[-1] if others else ""}


def name_in(name: Mapping[str, str]) -> str:
    """Three names as one."""
    return " ".join(filter(None, (name.get(part, "").strip() for part in ("fornavn", "mellomnavn", "etternavn"))))


_NAME = Written(_name_out, name_in)
_NOT = Written(lambda value: None if value else True, lambda value: not value)

CHILD = [
    Line("name", "barn.navn", _NAME, USER),
    Line("birth_date", "barn.fodselsdato"),
    Line("national_identity_number", "barn.personIdentifikator"),
    Line("lives_with_me", "borSammenMed.verdi", beside=USER),
    Line("shared_residence", "harDeltBosted.verdi", beside=USER),
    Line("contact_percent", "samvarsgrad.verdi", beside=USER),
]
JOB = [
    Line("employer", "arbeidsgivernavn", beside=USER | {CORRECTED: False}),
    Line("from_date", "fom"),
    Line("to_date", "tom"),
    Line("percent", "stillingsprosent"),
]
LINES: list[Line | Rows] = [
    Line("application_type", "soknadstype", choice({"standard": "standard", "short": "kort"})),
    Line("phone", "personalia.telefonnummer.verdi", Written(_phone_out, lambda text: text.removeprefix("+47")), USER),
    Line("account_number", "personalia.kontonummer.verdi", Written(_digits, _account), USER),
    Line("has_account", "personalia.kontonummer.harIkkeKonto", _NOT, USER),
    Line("nordic_citizen", "personalia.nordiskBorger.verdi", beside=USER),
    Line("in_work", "arbeid.situasjon.erIJobb", beside=USER),
    Line("work_extent", "arbeid.situasjon.jobbGrad", choice(_WORK), USER),
    Rows("jobs", "arbeid.forhold", JOB),
    Line("student", "utdanning.erStudent", beside=USER),
    Line("study_extent", "utdanning.studentgrad", choice(_STUDY), USER),
    Line("civil_status", "familie.sivilstatus.status", choice(_CIVIL_STATUS), USER),
    Line("supports_children", "familie.forsorgerplikt.harForsorgerplikt.verdi", beside=USER),
    Line(
        "child_support",
        "familie.forsorgerplikt.barnebidrag.verdi",
        choice({"receives": "mottar", "pays": "betaler", "both": "begge", "none": "ingen"}),
        USER,
    ),
    Rows("children", "familie.forsorgerplikt.ansvar", CHILD),
    Line("applied_for", "begrunnelse.hvaSokesOm", beside=USER),
    Line("reason", "begrunnelse.hvorforSoke", beside=USER),
    Line("anything_changed", "situasjonendring.harNoeEndretSeg", beside=USER),
    Line("what_changed", "situasjonendring.hvaHarEndretSeg", beside=USER),
    Line("home_kind", "bosituasjon.botype", choice(_HOME), USER),
    Line("people_in_home", "bosituasjon.antallPersoner", beside=USER),
]
WORK_COMMENT = Line("work_comment", "arbeid.kommentarTilArbeidsforhold.verdi", beside=USER)  # only sent with jobs
SPOUSE = [  # only of one who is married
    Line("partner_name", "familie.sivilstatus.ektefelle.navn", _NAME),
    Line("partner_birth_date", "familie.sivilstatus.ektefelle.fodselsdato"),
    Line("partner_number", "familie.sivilstatus.ektefelle.personIdentifikator"),
    Line("partner_lives_here", "familie.sivilstatus.borSammenMed"),
    Line("partner_not_here_why", "familie.sivilstatus.borIkkeSammenMedBegrunnelse"),
]
CONFIRMED = {
    "has_payments": "utbetaling",
    "has_savings": "sparing",
    "has_valuables": "verdi",
    "has_housing_costs": "boutgifter",
    "has_child_costs": "barneutgifter",
    **CONSENTS,
}
PREFACE = Preface(
    {
        ("emergency", True): "Det haster: søkeren mangler noe livsnødvendig nå.",
        ("emergency", False): "Søkeren sier at det ikke haster.",
        ("emergency_kinds", ("food",)): "Søkeren mangler mat.",
        ("emergency_kinds", ("medicine",)): "Søkeren mangler medisiner.",
        ("emergency_kinds", ("shelter",)): "Søkeren mangler et sted å sove.",
        ("emergency_kinds", ("power",)): "Søkeren mangler strøm eller varme.",
        ("emergency_kinds", ("other-need",)): "Søkeren mangler noe annet som ikke kan vente.",
        ("shares_home", True): "Søkeren deler bolig med andre.",
        ("shares_home", False): "Søkeren deler ikke bolig med andre.",
        ("under_thirty", True): "Søkeren er under 30 år.",
        ("under_thirty", False): "Søkeren er 30 år eller eldre.",
        ("common_child", True): "Søkeren og samboeren har barn sammen.",
        ("common_child", False): "Søkeren og samboeren har ikke barn sammen.",
        ("housing_allowance", "applied"): "Søkeren har søkt om bostøtte og ikke fått svar.",
    }
)


@dataclass(frozen=True)
class Kinds:
    """Rows of money of one kind: our list and its names, and for each of our kinds the contract's list, type and title."""

    rows: str
    kind: str
    text: str
    amounts: Mapping[str, str]  # ours to theirs
    types: Mapping[str, tuple[str, str, str]]  # kind: (path of the list, type, title)
    other: str
    dates: Mapping[str, str]

    def send(self, data: Mapping[str, Any], lists: dict[str, list[dict[str, Any]]]) -> None:
        for row in data.get(self.rows, []):
            if row.get("whose", APPLICANT) != APPLICANT:
                continue  # the contract's rows are the applicant's own
            place, kind, title = self.types[row[self.kind]]
            sums = {theirs: KRONER.out(row[ours]) for ours, theirs in self.amounts.items() if ours in row}
            days = {theirs: row[ours] for ours, theirs in self.dates.items() if ours in row}
            said = {"type": kind, "tittel": row.get(self.text) or title, CORRECTED: False}
            lists.setdefault(place, []).append({**USER, **said, **sums, **days})

    def receive(self, place: str, row: Mapping[str, Any]) -> dict[str, Any]:
        named = {(where, kind): (ours, title) for ours, (where, kind, title) in self.types.items()}
        ours, title = named.get((place, row["type"]), (self.other, ""))
        data = {self.kind: ours}
        if row["tittel"] not in (title, ""):
            data[self.text] = row["tittel"]
        for name, theirs in self.amounts.items():
            amount = row.get(theirs, row.get("netto") if theirs == "belop" else None)
            if amount is not None:
                data[name] = KRONER.back(amount)
        return data | {name: row[theirs] for name, theirs in self.dates.items() if row.get(theirs)}


def _kinds() -> tuple[Kinds, ...]:
    tables = yaml.safe_load((resources.files(__package__) / "money.yaml").read_text("utf-8"))
    return tuple(
        Kinds(
            rows,
            table["kind"],
            table["text"],
            table["amounts"],
            {ours: tuple(theirs) for ours, theirs in table["types"].items()},
            table["other"],
            table["dates"],
        )
        for rows, table in tables.items()
    )


MONEY = _kinds()
PLACES = {place: each for each in MONEY for place, *_ in each.types.values()}


@dataclass(frozen=True)
class Envelope:
    """What an application says around what was answered."""

    number: str
    name: str
    sent_at: datetime
    municipality_number: str
    office: str = ""  # the Nav office's number
    office_name: str = ""


def to_message(data: Mapping[str, Any], envelope: Envelope) -> dict[str, Any]:
    """Our form's answers as `soknad.json`."""
    reason = PREFACE.before(data.get("reason", ""), data)
    document = out(LINES, dict(data) | ({"reason": reason} if reason else {}))
    if data.get("civil_status") == "married":
        document |= _merged(document, out(SPOUSE, data))
    if data.get("jobs"):
        document = _merged(document, out([WORK_COMMENT], data))
    person = document.setdefault("personalia", {})
    person["personIdentifikator"] = SYSTEM | {"verdi": envelope.number}
    person["navn"] = SYSTEM | _name_out(envelope.name)
    person.setdefault("kontonummer", dict(USER))
    if address := _address_out(data.get("stay_address") or {}):
        person["oppholdsadresse"] = address
    document.setdefault("familie", {}).setdefault("forsorgerplikt", {})
    document["okonomi"] = _economy(data)
    receiver = {
        "kommunenummer": envelope.municipality_number,
        "enhetsnummer": envelope.office,
        "navEnhetsnavn": envelope.office_name,
    }
    return {
        "version": VERSION,
        "data": document,
        "innsendingstidspunkt": moment(envelope.sent_at),
        "mottaker": {name: value for name, value in receiver.items() if value},
        "driftsinformasjon": {
            "utbetalingerFraNavFeilet": False,
            "inntektFraSkatteetatenFeilet": False,
            "stotteFraHusbankenFeilet": False,
        },
        "kompatibilitet": [],
    }


def from_message(message: Mapping[str, Any]) -> dict[str, Any]:
    """`soknad.json`, valid against its schema, as our form's answers: those that it holds."""
    document = _without_outdated(cleaned(message["data"]))
    data = back([*LINES, WORK_COMMENT, *SPOUSE], document)
    if "account_number" in data:
        data.setdefault("has_account", True)
    status = document.get("familie", {}).get("sivilstatus", {})
    if "partner_lives_here" not in data and "folkeregistrertMedEktefelle" in status:
        data["partner_lives_here"] = status["folkeregistrertMedEktefelle"]
    data |= _money(document["okonomi"]) | _confirmed(document["okonomi"]) | _stay(document["personalia"])
    said, reason = PREFACE.apart(data.pop("reason", ""))
    return data | said | ({"reason": reason} if reason else {})


def applicant(message: Mapping[str, Any]) -> tuple[str, str]:
    """Identity number and name of whom it is from, in an application and in an appeal."""
    person = message["data"]["personalia"] if "data" in message else message
    return str(person["personIdentifikator"]["verdi"]), name_in(cleaned(person["navn"]))


def sent_at(message: Mapping[str, Any]) -> datetime | None:
    """When it was sent. None when it is not said, or can't be read."""
    try:
        return datetime.fromisoformat(message["innsendingstidspunkt"]).astimezone(UTC)
    except (KeyError, ValueError, TypeError):
        return None


def moment(at: datetime) -> str:
    """A time as the formats want it: UTC, with milliseconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def unavailable(message: Mapping[str, Any]) -> tuple[str, ...]:
    """The registers that did not answer when it was filled in, by the platform's names of them."""
    told = message["driftsinformasjon"]
    named = {
        "utbetalingerFraNavFeilet": "nav",
        "inntektFraSkatteetatenFeilet": "skatteetaten",
        "stotteFraHusbankenFeilet": "husbanken",
    }
    return tuple(name for theirs, name in named.items() if told.get(theirs))


def remarks(message: Mapping[str, Any]) -> Iterator[str]:
    """What a caseworker must be shown besides the answers: compatibility texts (the contract demands it), what the applicant
    confirmed that we have no question for, and what a register said that the applicant corrected."""
    yield from (str(each["text"]) for each in cleaned(message["kompatibilitet"]) if each.get("text"))
    economy = _without_outdated(cleaned(message["data"]))["okonomi"]
    known = {"bostotte", *CONFIRMED.values()}
    for each in economy["opplysninger"].get("bekreftelse", []):
        if each["type"] not in known:
            said = {True: ": ja", False: ": nei"}.get(each.get("verdi"), "")
            yield f"{each['tittel']}{said}"
    for place in PLACES:
        part, name = place.split(".")
        for row in economy.get(part, {}).get(name, []):
            if row[CORRECTED]:
                yield f"{row['tittel']}: rettet av søkeren"


# Which of our questions for documents an attachment answers, by the contract's type; every other is other documents.
DOCUMENTS = {
    "lonnslipp": "documents_income",
    "skattemelding": "documents_income",
    "student": "documents_income",
    "barnebidrag": "documents_income",
    "bostotte": "documents_income",
    "salgsoppgjor": "documents_income",
    "kontooversikt": "documents_account",
    "husleiekontrakt": "documents_costs",
    "faktura": "documents_costs",
    "nedbetalingsplan": "documents_costs",
    "kjopekontrakt": "documents_costs",
    "oppholdstillatel": "residence_permit",
}
ALREADY_SENT = "VedleggAlleredeSendt"


@dataclass(frozen=True)
class Attached:
    """A file that `vedlegg.json` names. `sha512` (hex) is what it says of it; `about`, what kind of document it is."""

    name: str
    sha512: str
    field: str
    about: str
    appeal: str = ""


def attachments(listed: Mapping[str, Any]) -> list[Attached]:
    """What `vedlegg.json` says has been sent."""
    return [
        Attached(
            str(file.get("filnavn", "")),
            str(file.get("sha512", "")).lower(),
            DOCUMENTS.get(each.get("type", ""), "documents_other"),
            " ".join(filter(None, (each.get("type"), each.get("tilleggsinfo")))),
            each.get("klageId", ""),
        )
        for each in cleaned(listed).get("vedlegg", [])
        for file in each.get("filer", [])
    ]


def was_sent_before(listed: Mapping[str, Any]) -> bool:
    """Whether something of what is asked for had been sent before."""
    return any(each.get("status") == ALREADY_SENT for each in listed.get("vedlegg", []))


@dataclass(frozen=True)
class Appeal:
    """`klage.json`: which decision is appealed, in which application's case, and why."""

    id: str
    decision: str
    application: str
    text: str


def appeal(message: Mapping[str, Any]) -> Appeal:
    """An appeal, valid against its schema."""
    told = cleaned(message)
    text = told.get("begrunnelse", {}).get("klageTekst", "")
    return Appeal(told["klageId"], told["vedtakId"], told["digisosId"], text)


def _economy(data: Mapping[str, Any]) -> dict[str, Any]:
    lists: dict[str, list[dict[str, Any]]] = {"opplysninger.utbetaling": [], "oversikt.inntekt": []}
    for each in MONEY:
        each.send(data, lists)
    economy: dict[str, Any] = {"opplysninger": {"bekreftelse": list(_confirmations(data))}, "oversikt": {}}
    for place, rows in lists.items():
        part, name = place.split(".")
        economy[part][name] = rows
    return economy


def _confirmations(data: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    said = {theirs: data[ours] for ours, theirs in CONFIRMED.items() if ours in data}
    if "housing_allowance" in data:
        said["bostotte"] = data["housing_allowance"] != "no"
    for kind, value in said.items():
        yield USER | {"type": kind, "tittel": kind, "verdi": value}


def _confirmed(economy: Mapping[str, Any]) -> dict[str, Any]:
    said = {each["type"]: each.get("verdi") for each in economy["opplysninger"].get("bekreftelse", [])}
    data = {ours: said[theirs] for ours, theirs in CONFIRMED.items() if said.get(theirs) is not None}
    if said.get("bostotte") is not None:
        data["housing_allowance"] = "receives-allowance" if said["bostotte"] else "no"
    return data


def _money(economy: Mapping[str, Any]) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for place, kinds in PLACES.items():
        part, name = place.split(".")
        for row in economy.get(part, {}).get(name, []):
            if not row[CORRECTED]:  # what the applicant corrected is in the original, beside what they wrote instead
                data.setdefault(kinds.rows, []).append(kinds.receive(place, row))
    for row in data.get("incomes", []):
        row["whose"] = APPLICANT
    # Questions of ours alone, that the rows answer.
    if data.get("incomes"):
        data["has_income"] = True
    if any(row["expense_kind"] in ("child-support-paid", "other-expense") for row in data.get("expenses", [])):
        data["has_other_costs"] = True
    return data


def _stay(person: Mapping[str, Any]) -> dict[str, Any]:
    address = person.get("oppholdsadresse")
    if address is None:
        return {}
    if address.get("adresseValg") != "soknad":
        return {"stays_elsewhere": False}
    return {"stays_elsewhere": True, "stay_address": _address_in(address)}


def _address_out(address: Mapping[str, str]) -> dict[str, Any]:
    lines = [address.get("street", ""), " ".join(filter(None, (address.get("postal_code"), address.get("city"))))]
    if not any(lines):
        return {}
    return USER | {"type": "ustrukturert", "adresseValg": "soknad", "adresse": [line for line in lines if line]}


_PLACE = re.compile(r"(\d{4})\s+(.+)")


def _address_in(address: Mapping[str, Any]) -> dict[str, str]:
    """An address of any of the contract's types as a street and a place."""
    if address["type"] == "ustrukturert":
        *street, last = address.get("adresse") or [""]
        found = _PLACE.fullmatch(last)
        if not found:
            street, found = [*street, last], None
        place = {"postal_code": found[1], "city": found[2]} if found else {}
        return {name: value for name, value in ({"street": ", ".join(street)} | place).items() if value}
    house = f"{address.get('husnummer', '')}{address.get('husbokstav', '')}"
    street = {
        "gateadresse": [*address.get("adresselinjer", []), f"{address.get('gatenavn', '')} {house}".strip()],
        "postboks": [address.get("postboks", "")],
        "matrikkeladresse": [
            "/".join(filter(None, (address.get(part) for part in ("gaardsnummer", "bruksnummer", "festenummer"))))
        ],
    }[address["type"]]
    held = {
        "street": ", ".join(filter(None, street)),
        "postal_code": address.get("postnummer"),
        "city": address.get("poststed"),
    }
    return {name: value for name, value in held.items() if value}


def _without_outdated(value: Any) -> Any:
    """A document without what its source calls outdated: the contract says that nobody may be shown it."""
    if isinstance(value, Mapping):
        return (
            {name: kept for name, part in value.items() if (kept := _without_outdated(part)) is not _OUTDATED}
            if (value.get("kilde") != "utdatert")
            else _OUTDATED
        )
    if isinstance(value, list):
        return [kept for each in value if (kept := _without_outdated(each)) is not _OUTDATED]
    return value


_OUTDATED = object()


def _merged(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    both = dict(one)
    for name, value in other.items():
        mine = both.get(name)
        both[name] = _merged(mine, value) if isinstance(mine, Mapping) and isinstance(value, Mapping) else value
    return both
