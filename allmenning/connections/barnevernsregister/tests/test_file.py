"""Files to the register: held to our own list of its contract, and to its schema where that lies beside the project."""

import re
import tomllib
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from allmenning import VERSION
from allmenning.basics.identifiers import uuid7
from allmenning.basics.xml import parse_xml
from allmenning.commons.catalogue import state_reports
from allmenning.connections.barnevernsregister import Barnevernsregister, uuid
from allmenning.journeys.ports import DatedCode, ReportedEntry, ReportedPerson, ReportingMunicipality

HERE = Path(__file__).resolve().parents[1]
AVEROY = ReportingMunicipality("962378064", "1554", "Averøy")
AT = datetime(2026, 7, 1, 10, 30, tzinfo=UTC)
DAY, LATER = date(2026, 3, 2), date(2026, 3, 6)
CHILD = "02861550123"  # synthetic: month + 80
REGISTER = state_reports.register("barnevernsregister")

# Children of each element in their order; `?` may be missing, `*` any number, `|` one of.
ORDER = {
    "BarnevernregisterInnrapportering": "Id DatoUttrekk Fagsystem Avgiver Sak",
    "Fagsystem": "Leverandor Navn Versjon",
    "Avgiver": "Organisasjonsnummer Kommunenummer Kommunenavn",
    "Sak": "id StartDato Journalnummer Personalia* Henvendelse* Undersokelse* PlanForTiltak* Tiltak* Vedtak*"
    " OversendelseFylkesnemnd* Relasjon*",
    "Personalia": "Id StartDato Fodselsnummer? Ufodt? Ukjent? Kjonn?",
    "Henvendelse": "Id StartDato Kode? Melder* Saksinnhold* Konklusjon?",
    "Melder": "PrivatMelder|OffentligMelder",
    "Undersokelse": "Id StartDato Vedtaksgrunnlag* BarnetsMedvirkning* UtvidetFrist? Konklusjon? Plan?",
    "PlanForTiltak": "Id StartDato SluttDato? Kode",
    "Tiltak": "Id StartDato Lovhjemmel Kode Tiltaksgrunnlag* BarnetsMedvirkning* Evaluering* Konklusjon?",
    "Vedtak": "Id StartDato Lovhjemmel Status Status*",
    "Status": "Id EndretDato Kode",
    "OversendelseFylkesnemnd": "Id DatoOversendtFylkesnemnd Lovhjemmel",
    "Lovhjemmel": "Lov Kapittel Paragraf Ledd? Bokstav?",
    "BarnetsMedvirkning": "StartDato Kode",
    "UtvidetFrist": "StartDato Innvilget?",
    "Evaluering": "Saksinnhold GjennomfortDato",
    "Plan": "StartDato Kode",
    "Relasjon": "Id FraId FraKode TilId TilKode",
    "Henvendelse/Konklusjon": "Sluttdato Kode",
    "Undersokelse/Konklusjon": "SluttDato Kode",
    "Tiltak/Konklusjon": "SluttDato AvslutningAvTiltak",
}
UUIDS = r"[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"


def entry(kind, **more):
    return ReportedEntry(uuid7(), kind, more.pop("begun_on", DAY), **more)


def person(*entries, number=CHILD, is_unborn=False):
    return ReportedPerson(uuid7(), "2026/17", DAY, number, is_unborn, entries)


def written(child):
    return Barnevernsregister(VERSION).file(child, AVEROY, AT)


CONTACT = entry(
    "contact",
    concluded_on=LATER,
    facts={"kind": ("2",), "reporter": ("11", "2"), "grounds": ("8", "2.1.02"), "conclusion": ("2",)},
)
INVESTIGATION = entry(
    "investigation",
    begun_on=LATER,
    concluded_on=date(2026, 6, 5),
    facts={"grounds": ("8",), "conclusion": ("1",)},
    dated={
        "participation": (DatedCode(date(2026, 4, 1), "1.1"),),
        "extended": (DatedCode(date(2026, 5, 1)),),
        "plan": (DatedCode(LATER, "7"),),
    },
    follows=CONTACT.id,
)
PLAN = entry("plan", concluded_on=date(2026, 6, 30), facts={"kind": ("1",)})
MEASURE = entry(
    "measure",
    concluded_on=date(2026, 6, 30),
    facts={"law": ("3-1 1 a",), "kind": ("12.10",), "grounds": ("8",), "conclusion": ("8",)},
    dated={"evaluation": (DatedCode(date(2026, 6, 20), "2.1.02"),), "participation": (DatedCode(DAY, "2.2"),)},
)
DECISION = entry(
    "decision",
    begun_on=date(2026, 6, 5),
    concluded_on=date(2026, 6, 30),
    facts={"law": ("3-1",), "status": ("1",), "conclusion": ("4",)},
    follows=INVESTIGATION.id,
)
BOARD = entry("board", begun_on=date(2026, 6, 8), facts={"law": ("5-1 1 a",)})
WHOLE = person(CONTACT, INVESTIGATION, PLAN, MEASURE, DECISION, BOARD)


def held(content):
    """Hold a file to our list of the contract: order, what must be there, codes, days and UUIDs."""
    root = parse_xml(content)
    for element in root.iter():
        inner = [child.tag for child in element]
        order = ORDER.get(f"{element.getparent().tag}/{element.tag}") if element.getparent() is not None else None
        order = order or ORDER.get(element.tag)
        if order is None:
            assert not inner, element.tag
            assert element.text
            continue
        pattern = "".join(f"(?:(?:{each.rstrip('?*')}) ){each[len(each.rstrip('?*')) :]}" for each in order.split())
        assert re.fullmatch(pattern, "".join(f"{tag} " for tag in inner)), (element.tag, inner)
    for each in root.iter():
        if each.tag in ("Id", "id", "FraId", "TilId"):
            assert re.fullmatch(UUIDS, each.text)
        if each.tag.endswith(("Dato", "Sluttdato")):
            assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", each.text), each.tag
    for path, kind, fact in (
        ("Henvendelse/Kode", "contact", "kind"),
        ("Henvendelse/Melder/*", "contact", "reporter"),
        ("Henvendelse/Saksinnhold", "contact", "grounds"),
        ("Henvendelse/Konklusjon/Kode", "contact", "conclusion"),
        ("Undersokelse/Konklusjon/Kode", "investigation", "conclusion"),
        ("Undersokelse/Plan/Kode", "investigation", "plan"),
        ("PlanForTiltak/Kode", "plan", "kind"),
        ("Tiltak/Kode", "measure", "kind"),
        ("Vedtak/Status/Kode", "decision", "status"),
    ):
        codes = REGISTER.kinds[kind].facts[fact].codes
        assert {each.text for each in root.iterfind(f"Sak/{path}")} <= set(codes), path
    return root


def test_a_file_is_as_our_list_of_the_contract_says():
    root = held(written(WHOLE))
    assert root.findtext("Avgiver/Kommunenavn") == "Averøy"
    assert root.findtext("Sak/Journalnummer") == "2026/17"
    assert root.findtext("Sak/Henvendelse/Konklusjon/Sluttdato") == "2026-03-06"
    assert [each.text for each in root.iterfind("Sak/Henvendelse/Melder/*")] == ["11", "2"]
    assert [each.tag for each in root.iterfind("Sak/Henvendelse/Melder/*")] == ["OffentligMelder", "PrivatMelder"]
    assert root.findtext("Sak/Undersokelse/UtvidetFrist/Innvilget") == "true"
    law = [(each.tag, each.text) for each in root.find("Sak/Tiltak/Lovhjemmel")]
    assert law == [("Lov", "BVL2021"), ("Kapittel", "3"), ("Paragraf", "1"), ("Ledd", "1"), ("Bokstav", "a")]


def test_an_investigation_is_related_to_what_it_follows():
    root = held(written(WHOLE))
    relation = root.find("Sak/Relasjon")
    assert (relation.findtext("FraKode"), relation.findtext("TilKode")) == ("Henvendelse", "Undersokelse")
    assert relation.findtext("FraId") == root.findtext("Sak/Henvendelse/Id")
    assert relation.findtext("TilId") == root.findtext("Sak/Undersokelse/Id")


def test_a_decision_has_a_status_of_each_day_and_is_related_to_the_investigation():
    root = held(written(WHOLE))
    told = [(each.findtext("EndretDato"), each.findtext("Kode")) for each in root.iterfind("Sak/Vedtak/Status")]
    assert told == [("2026-06-05", "1"), ("2026-06-30", "4")]
    related = [(each.findtext("FraKode"), each.findtext("TilKode")) for each in root.iterfind("Sak/Relasjon")]
    assert related == [("Henvendelse", "Undersokelse"), ("Undersokelse", "Vedtak")]
    assert root.findtext("Sak/OversendelseFylkesnemnd/DatoOversendtFylkesnemnd") == "2026-06-08"
    assert root.findtext("Sak/OversendelseFylkesnemnd/Lovhjemmel/Kapittel") == "5"


def test_a_decision_that_holds_has_one_status():
    root = held(written(person(entry("decision", facts={"law": ("3-1",), "status": ("1",)}))))
    assert [each.findtext("Kode") for each in root.iterfind("Sak/Vedtak/Status")] == ["1"]


def test_the_list_would_find_what_is_wrong():
    content = written(WHOLE).decode()
    for wrong in (
        content.replace("Sluttdato", "SluttDato"),
        content.replace("<Kode>12.10</Kode>", "<Kode>99.9</Kode>"),
        re.sub(r"\s*<Lovhjemmel>.*?</Lovhjemmel>", "", content, flags=re.DOTALL),
        content.replace(uuid(WHOLE.id), str(WHOLE.id)),
    ):
        assert wrong != content
        with pytest.raises(AssertionError):
            held(wrong.encode())


def test_what_is_not_concluded_or_not_told_has_no_conclusion():
    for unfinished in (entry("contact", facts={"conclusion": ("2",)}), entry("contact", concluded_on=LATER)):
        assert held(written(person(unfinished))).find("Sak/Henvendelse/Konklusjon") is None


def test_the_same_is_written_the_same_and_our_ids_do_not_show():
    assert written(WHOLE) == written(WHOLE)
    assert UUID(uuid(WHOLE.id)).version == 5
    assert str(WHOLE.id).encode() not in written(WHOLE)


def test_a_section_that_is_no_section_is_refused():
    with pytest.raises(ValueError, match="not a section"):
        written(person(entry("measure", facts={"law": ("§ 3",), "kind": ("12.10",)})))


def test_our_version_is_the_platforms():
    project = tomllib.loads((HERE.parents[2] / "pyproject.toml").read_text("utf-8"))
    assert project["project"]["version"] == VERSION
    assert re.fullmatch(r"\d+(\.\d+){0,3}", VERSION)


def codes(kind, fact):
    return st.sampled_from(sorted(REGISTER.kinds[kind].facts[fact].codes))


days = st.dates(date(2026, 1, 1), date(2026, 6, 30))
contacts = st.builds(
    lambda begun, ended, kind, reporters, grounds, conclusion: entry(
        "contact",
        begun_on=begun,
        concluded_on=ended,
        facts={"kind": (kind,), "reporter": reporters, "grounds": grounds, "conclusion": conclusion},
    ),
    days,
    st.none() | days,
    codes("contact", "kind"),
    st.lists(codes("contact", "reporter"), max_size=3).map(tuple),
    st.lists(codes("contact", "grounds"), max_size=3).map(tuple),
    st.lists(codes("contact", "conclusion"), max_size=1).map(tuple),
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(contacts, max_size=4))
def test_whatever_is_reported_is_as_the_list_says(found):
    held(written(person(*found)))
