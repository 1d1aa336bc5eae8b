"""Reports of concern (`no.ks.fiks.bekymringsmelding.v2`) and our form's answers, both ways.

Confirmed by the schemas: the fields. By KS's text on the protocol: message types, the two file names, that the time is Norwegian
without a zone, that `leveringskanal` is the sender's name, `00` for a municipality without districts. Assumed: that a
reporter who does not say a name is written «Anonym» or «Ukjent», and that a child that reports is «barnet selv».
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allmenning.basics import dates

from . import contracts
from .mapping import Line, Preface, Rows, back, cleaned, out

PRIVATE, PUBLIC = "no.ks.fiks.bekymringsmelding.privat.v2", "no.ks.fiks.bekymringsmelding.offentlig.v2"
RECEIVED, FAILED = "no.ks.fiks.bekymringsmelding.mottatt.v1", "no.ks.fiks.bekymringsmelding.feilet.v1"
JSON_FILE, PDF_FILE = "bekymringsmelding.json", "bekymringsmelding.pdf"
SCHEMAS = {PRIVATE: contracts.PRIVATE_CONCERN, PUBLIC: contracts.PUBLIC_CONCERN}
# Answers of our form that the contract asks nobody for.
UNASKED = ("immediate_danger", "urgency", "family_may_know", "safe_contact", "reporter_sector")

NAMELESS, ANONYMOUS, THE_CHILD = "Ukjent", "Anonym", "barnet selv"


def _address(ours: str, theirs: str, line: str = "line") -> list[Line]:
    """An address in parts. `ours` is put before our names, as in an object of a list where it stands flat."""
    return [
        *(Line(f"{ours}{line}{n}", f"{theirs}adresselinje{n}") for n in (1, 2, 3)),
        Line(f"{'' if line != 'line' else ours}postal_code", f"{theirs}postnummer"),
        Line(f"{'' if line != 'line' else ours}city", f"{theirs}poststed"),
    ]


ADDRESS = _address("", "")
CHILD_ADDRESS = _address("", "adresse.", "address_line")
PRIVATE_CHILD = [
    Line("name", "personnavn"),
    Line("assumed_age", "antattAlder"),
    Line("relation", "relasjon"),
    *CHILD_ADDRESS,
]
PUBLIC_CHILD = [
    Line("name", "personnavn"),
    Line("unborn", "ufoedt"),
    Line("national_identity_number", "fnr"),
    Line("phone", "telefonnummer"),
    Line("informed", "orientert"),
    Line("informed_why", "orientertGrunn"),
    *CHILD_ADDRESS,
]
GUARDIAN = [
    Line("name", "personnavn"),
    Line("phone", "telefonnummer"),
    Line("informed", "orientert"),
    Line("informed_why", "orientertGrunn"),
]
PRIVATE_LINES: list[Line | Rows] = [
    Line("reporter_name", "privatMelder.personnavn"),
    Line("reporter_phone", "privatMelder.telefonnummer"),
    Rows("children", "privatBarn", PRIVATE_CHILD),
    Line("concern", "melding"),
]
PUBLIC_LINES: list[Line | Rows] = [
    Line("reporter_name", "offentligMelder.personnavn"),
    Line("reporter_position", "offentligMelder.rolle"),
    Line("reporter_phone", "offentligMelder.telefonnummer"),
    Line("reporter_email", "offentligMelder.epost"),
    Line("workplace_name", "offentligMelder.virksomhet.navn"),
    Line("workplace_number", "offentligMelder.virksomhet.orgnr"),
    Rows("children", "offentligBarn", PUBLIC_CHILD),
    Rows("guardians", "foresatte", GUARDIAN),
    Line("interpreter", "behovForTolk"),
    Line("other_services", "andreHjelpeinstanser"),
    Line("concern", "melding.melding"),
    Line("history", "melding.historie"),
    Line("other_views", "melding.andreSynspunkter"),
]
PREFACE = Preface(
    {
        ("immediate_danger", True): "Melderen sier at noen er i fare akkurat nå.",
        ("immediate_danger", False): "Melderen sier at ingen er i fare akkurat nå.",
        ("urgency", "same-day"): "Melderen mener at noen bør se på det i dag.",
        ("urgency", "this-week"): "Melderen mener at det kan vente noen dager.",
        ("urgency", "not-urgent"): "Melderen mener at det ikke haster.",
        ("family_may_know", True): "Familien kan få vite hvem som har meldt.",
        ("family_may_know", False): "Melderen vil ikke at familien skal få vite hvem som har meldt.",
    }
)


@dataclass(frozen=True)
class Envelope:
    """What a report says around what was reported. `number`, `name`: the municipality's; `channel`: the sending system's."""

    number: str
    name: str
    sent_at: datetime
    channel: str


def message_type(data: Mapping[str, Any]) -> str:
    """By who reports."""
    return PUBLIC if data.get("reporter_kind") == "public" else PRIVATE


def to_message(data: Mapping[str, Any], envelope: Envelope) -> dict[str, Any]:
    """Our form's answers as the contract's JSON."""
    sent = dict(data) | {"concern": PREFACE.before(_with_safe_contact(data), data)}
    head = {
        "kommunenummer": envelope.number,
        "kommunenavn": envelope.name,
        "bydelsnummer": "00",
        "bydelsnavn": "",
        "sendingstidspunkt": envelope.sent_at.astimezone(dates.OSLO).strftime("%Y-%m-%dT%H:%M:%S"),
        "leveringskanal": envelope.channel,
    }
    return head | (_public(sent) if message_type(data) == PUBLIC else _private(sent))


def from_message(message: Mapping[str, Any]) -> dict[str, Any]:
    """The contract's JSON, valid against its schema, as our form's answers: those that it holds."""
    message = cleaned(message)
    is_public = "offentligMelder" in message
    data = back(PUBLIC_LINES if is_public else PRIVATE_LINES, message)
    reporter = message["offentligMelder" if is_public else "privatMelder"]
    if is_public:
        data["reporter_kind"] = "public"
        data |= _if_any("workplace_address", back(ADDRESS, reporter["virksomhet"]["adresse"]))
    else:
        data |= _if_any("reporter_address", back(ADDRESS, reporter.get("adresse", {})))
        data |= _private_reporter(data)
        if data["reporter_kind"] in ("anonymous", "child") and data.get("reporter_name") in (ANONYMOUS, NAMELESS):
            del data["reporter_name"]
    said, data["concern"] = PREFACE.apart(data.get("concern", ""))
    return said | data


def sent_at(message: Mapping[str, Any]) -> datetime | None:
    """When it was sent: Norwegian time where no zone is written. None when it can't be read."""
    try:
        told = datetime.fromisoformat(message["sendingstidspunkt"])
    except (ValueError, TypeError, KeyError):
        return None
    return told if told.tzinfo else told.replace(tzinfo=dates.OSLO)


def _public(data: Mapping[str, Any]) -> dict[str, Any]:
    message = out(PUBLIC_LINES, data)
    message["offentligMelder"].setdefault("virksomhet", {})["adresse"] = out(ADDRESS, data.get("workplace_address", {}))
    for child in message["offentligBarn"]:
        child.setdefault("fnr", "")  # required, and empty where nobody knows it
    return message


def _private(data: Mapping[str, Any]) -> dict[str, Any]:
    kind = data.get("reporter_kind")
    nameless = ANONYMOUS if kind == "anonymous" else NAMELESS
    message = out(PRIVATE_LINES, {"reporter_name": nameless, **data})
    if (address := out(ADDRESS, data.get("reporter_address") or {})).get("adresselinje1"):
        message["privatMelder"]["adresse"] = address
    if kind == "child":
        for child in message["privatBarn"]:
            child["relasjon"] = THE_CHILD
    return message


def _private_reporter(data: dict[str, Any]) -> dict[str, Any]:
    children = data.get("children", [])
    if children and all(child.get("relation", "").casefold() == THE_CHILD for child in children):
        for child in children:
            del child["relation"]
        return {"reporter_kind": "child"}
    name = data.get("reporter_name", "").strip().casefold()
    nameless = {"", ANONYMOUS.casefold(), NAMELESS.casefold()}
    return {"reporter_kind": "anonymous" if name in nameless else "private"}


def _if_any(name: str, value: Mapping[str, Any]) -> dict[str, Any]:
    return {name: dict(value)} if value else {}


def _with_safe_contact(data: Mapping[str, Any]) -> str:
    """The concern with how the reporter may be reached under it: a text of theirs, so it is read by a person alone."""
    contact = data.get("safe_contact")
    return f"{data['concern']}\n\nTrygg kontakt: {contact}" if contact else data["concern"]


@dataclass(frozen=True)
class Sender:
    """Who sent a report, as they wrote it, and when."""

    name: str
    at: datetime | None


def sender(message: Mapping[str, Any]) -> Sender:
    """What stands around a report, in a message that is valid against its schema."""
    reporter = cleaned(message.get("offentligMelder") or message["privatMelder"])
    return Sender(reporter["personnavn"].strip() or ANONYMOUS, sent_at(message))
