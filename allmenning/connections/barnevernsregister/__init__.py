"""Writes reports to the national child welfare register (Barnevernsregisteret), one XML file for each child.

The format is Statistics Norway's and Bufdir's, version 5.1.0, as read on 22 November 2026 (`catalogue/registers`). There is no call out:
somebody uploads the files. A UUID there is of version 1 to 5, so each is made anew from ours, of version 7, the same each time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime
from uuid import UUID, uuid5

from lxml import etree

from allmenning.basics import dates
from allmenning.journeys.ports import DatedCode, ReportedEntry, ReportedPerson, ReportingMunicipality

_OURS = UUID("6a4d1f0e-6c0b-5d0f-9d1c-3f5b7a2e8c41")  # the space of names of our UUIDs of version 5
_PRIVATE = frozenset({"1", "2", "3", "4", "23"})  # reporters who are private persons; all others report for a body
_SECTION = re.compile(r"(\d+[a-z]*)-(\d+[a-z]*)(?: (\d+))?(?: ([a-z]))?")
LAW = "BVL2021"

Add = Callable[[etree._Element, ReportedEntry], None]


class Barnevernsregister:
    """Implements StateRegister. Config: none. `version`: the platform's, which the register wants to know."""

    name = "barnevernsregister"

    def __init__(self, version: str) -> None:
        self._version = version

    def file(self, person: ReportedPerson, municipality: ReportingMunicipality, at: datetime) -> bytes:
        """The file of one child. Raises ValueError for a section of the law that is written otherwise than `3-1 2 a`."""
        root = etree.Element("BarnevernregisterInnrapportering")
        _text(root, "Id", uuid(uuid5(_OURS, f"{person.id} {at.isoformat()}")))
        _text(root, "DatoUttrekk", at.astimezone(dates.OSLO).replace(microsecond=0).isoformat())
        system = etree.SubElement(root, "Fagsystem")
        for name, value in (("Leverandor", "Allmenning"), ("Navn", "Allmenning"), ("Versjon", self._version)):
            _text(system, name, value)
        sender = etree.SubElement(root, "Avgiver")
        _text(sender, "Organisasjonsnummer", municipality.organisation_number)
        _text(sender, "Kommunenummer", municipality.number)
        _text(sender, "Kommunenavn", municipality.name)
        _case(etree.SubElement(root, "Sak"), person)
        return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def uuid(ours: UUID) -> str:
    """A UUID as the register takes it: of version 5, made from ours."""
    return str(ours if ours.version == 5 else uuid5(_OURS, str(ours)))


def _case(case: etree._Element, person: ReportedPerson) -> None:
    """In the order of the format, in which entries stand by their kind."""
    _text(case, "id", uuid(person.id))
    _text(case, "StartDato", person.begun_on.isoformat())
    _text(case, "Journalnummer", person.reference)
    _person(etree.SubElement(case, "Personalia"), person)
    for kind, (name, day, add) in _KINDS.items():
        for entry in (each for each in person.entries if each.kind == kind):
            element = etree.SubElement(case, name)
            _text(element, "Id", uuid(entry.id))
            _text(element, day, entry.begun_on.isoformat())
            add(element, entry)
    known = {entry.id: entry for entry in person.entries}
    for entry in person.entries:
        if entry.follows in known:
            _relation(case, known[entry.follows], entry)


def _person(element: etree._Element, person: ReportedPerson) -> None:
    _text(element, "Id", uuid(uuid5(_OURS, f"{person.id} person")))
    _text(element, "StartDato", person.begun_on.isoformat())
    if person.number:
        _text(element, "Fodselsnummer", person.number)
    elif person.is_unborn:
        _text(element, "Ufodt", "true")
        _text(element, "Kjonn", "0")
    else:
        _text(element, "Ukjent", "true")


def _relation(case: etree._Element, first: ReportedEntry, second: ReportedEntry) -> None:
    element = etree.SubElement(case, "Relasjon")
    _text(element, "Id", uuid(uuid5(_OURS, f"{first.id} {second.id}")))
    for side, entry in (("Fra", first), ("Til", second)):
        _text(element, f"{side}Id", uuid(entry.id))
        _text(element, f"{side}Kode", _KINDS[entry.kind][0])


def _contact(element: etree._Element, entry: ReportedEntry) -> None:
    _codes(element, "Kode", entry.facts.get("kind", ()))
    for code in entry.facts.get("reporter", ()):
        reporter = etree.SubElement(element, "Melder")
        _text(reporter, "PrivatMelder" if code in _PRIVATE else "OffentligMelder", code)
    _codes(element, "Saksinnhold", entry.facts.get("grounds", ()))
    _conclusion(element, entry, day="Sluttdato")  # with a small d here, and here alone


def _investigation(element: etree._Element, entry: ReportedEntry) -> None:
    _codes(element, "Vedtaksgrunnlag", entry.facts.get("grounds", ()))
    _dated(element, "BarnetsMedvirkning", entry.dated.get("participation", ()))
    for each in entry.dated.get("extended", ())[:1]:
        extended = etree.SubElement(element, "UtvidetFrist")
        _text(extended, "StartDato", each.on.isoformat())
        _text(extended, "Innvilget", "true")
    _conclusion(element, entry)
    _dated(element, "Plan", entry.dated.get("plan", ())[:1])


def _plan(element: etree._Element, entry: ReportedEntry) -> None:
    if entry.concluded_on:
        _text(element, "SluttDato", entry.concluded_on.isoformat())
    _codes(element, "Kode", entry.facts["kind"])


def _measure(element: etree._Element, entry: ReportedEntry) -> None:
    _law(element, entry.facts["law"][0])
    _codes(element, "Kode", entry.facts["kind"])
    _codes(element, "Tiltaksgrunnlag", entry.facts.get("grounds", ()))
    _dated(element, "BarnetsMedvirkning", entry.dated.get("participation", ()))
    for each in entry.dated.get("evaluation", ()):
        evaluation = etree.SubElement(element, "Evaluering")
        _text(evaluation, "Saksinnhold", each.code)
        _text(evaluation, "GjennomfortDato", each.on.isoformat())
    _conclusion(element, entry, code="AvslutningAvTiltak")


def _decision(element: etree._Element, entry: ReportedEntry) -> None:
    _law(element, entry.facts["law"][0])
    _status(element, entry, entry.begun_on, entry.facts["status"][0])
    if entry.concluded_on and entry.facts.get("conclusion"):
        _status(element, entry, entry.concluded_on, entry.facts["conclusion"][0])


def _status(element: etree._Element, entry: ReportedEntry, day: date, code: str) -> None:
    status = etree.SubElement(element, "Status")
    _text(status, "Id", uuid(uuid5(_OURS, f"{entry.id} status {code}")))
    _text(status, "EndretDato", day.isoformat())
    _text(status, "Kode", code)


def _board(element: etree._Element, entry: ReportedEntry) -> None:
    _law(element, entry.facts["law"][0])


# The name of each kind, and of the day that it began.
_KINDS: dict[str, tuple[str, str, Add]] = {
    "contact": ("Henvendelse", "StartDato", _contact),
    "investigation": ("Undersokelse", "StartDato", _investigation),
    "plan": ("PlanForTiltak", "StartDato", _plan),
    "measure": ("Tiltak", "StartDato", _measure),
    "decision": ("Vedtak", "StartDato", _decision),
    "board": ("OversendelseFylkesnemnd", "DatoOversendtFylkesnemnd", _board),
}


def _conclusion(element: etree._Element, entry: ReportedEntry, *, day: str = "SluttDato", code: str = "Kode") -> None:
    """Only where both the day and the code are known: the format takes neither alone."""
    if entry.concluded_on is None or not entry.facts.get("conclusion"):
        return
    conclusion = etree.SubElement(element, "Konklusjon")
    _text(conclusion, day, entry.concluded_on.isoformat())
    _text(conclusion, code, entry.facts["conclusion"][0])


def _law(element: etree._Element, section: str) -> None:
    found = _SECTION.fullmatch(section)
    if not found:
        raise ValueError(f"not a section: {section}")
    law = etree.SubElement(element, "Lovhjemmel")
    for name, value in zip(("Lov", "Kapittel", "Paragraf", "Ledd", "Bokstav"), (LAW, *found.groups()), strict=True):
        if value:
            _text(law, name, value)


def _codes(element: etree._Element, name: str, codes: Iterable[str]) -> None:
    for code in codes:
        _text(element, name, code)


def _dated(element: etree._Element, name: str, told: Iterable[DatedCode]) -> None:
    for each in told:
        inner = etree.SubElement(element, name)
        _text(inner, "StartDato", each.on.isoformat())
        _text(inner, "Kode", each.code)


def _text(element: etree._Element, name: str, text: str | date) -> None:
    etree.SubElement(element, name).text = str(text)
