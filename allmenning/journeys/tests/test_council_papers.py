"""The paper for a council: one basis for all, each municipality's own figures, and what the employees said word for word."""

import io
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import pikepdf
import pytest
from pypdf import PdfReader

from allmenning.basics import dates
from allmenning.basics.sharing.errors import LimitsDoNotFit
from allmenning.commons.costs import actions as costs
from allmenning.commons.costs import queries as costs_queries
from allmenning.commons.costs.errors import Ended, NotInForce
from allmenning.commons.figures.actions import publish_figure
from allmenning.commons.governance import actions, council_actions, council_queries
from allmenning.commons.governance.actions import Said
from allmenning.commons.governance.council_actions import Basis, Decided
from allmenning.commons.governance.council_queries import Which
from allmenning.commons.governance.words import Words
from allmenning.commons.identity.offices import OfficeActing
from allmenning.commons.municipalities import actions as municipalities
from allmenning.commons.municipalities import queries
from allmenning.commons.municipalities.models import Membership, Population
from allmenning.doors.office.benefit_words import measured_lines
from allmenning.journeys import council_papers
from allmenning.journeys.offices import NotInYourRole
from allmenning.journeys.own_shares import NothingAgreed
from allmenning.web.said import said

ROOT = Path(__file__).resolve().parents[3]
BY = "planner, ikt-orkide"
SAYING = council_papers.Saying(measured=measured_lines, refused=said)
MARCH, APRIL, MAY, JUNE = (date(2026, month, 10) for month in (3, 4, 5, 6))
SAID = "Vi støtter forslaget.\n\nOpplæringen må skje i arbeidstiden – ikke «ved siden av»."


def published(*changes):
    """The agreement, or its next version with some texts in place of others."""
    text = (ROOT / "agreements/ikt-orkide.yaml").read_text("utf-8")
    for one, other in changes:
        assert one in text
        text = text.replace(one, other)
    costs.publish(text, file="ikt-orkide.yaml", by="tests")


@pytest.fixture
def matter(commons_db, request, once):
    """A matter before two councils. A parameter: changes of the agreement, or None where nothing is agreed."""
    once("register", municipalities.load_register)
    changes = getattr(request, "param", ())
    costs_queries.forget()
    if changes is not None:
        published(*changes)
    with dates.clock.frozen(MARCH):
        plan = actions.make_plan(scope="ikt-orkide", title=Words("Plan"), first_year=2026, last_year=2029, by=BY)
        goal = actions.add_item(plan=plan, kind="goal", code="goal", said=Said(Words("Mål")), by=BY)
        said = Said(
            Words("Felles skjema", "Felles skjema"),
            Words("Ett skjema for alle.", "Eitt skjema for alle."),
            services=["reduced-kindergarten-fee"],
            gains=["handling-time"],
        )
        item = actions.add_item(plan=plan, kind="measure", code="m", said=said, under=goal, by=BY)
        for year in (2027, 2028):
            actions.plan_cost(item=item, year=year, kind="operation", amount_ore=100_000_000, by=BY)
        gains = {"amount_ore": 30_000_000, "hours": 1200, "quality": Words("Raskere svar", "Raskare svar")}
        estimated(item, "averoy", **gains)
        actions.state_baseline(
            item=item,
            party="averoy",
            gain="handling-time",
            figure=Decimal(24),
            unit="days",
            start=date(2025, 1, 1),
            end=date(2025, 12, 31),
            source=Words("Sakssystemet"),
            by=BY,
        )
        texts = {
            name: Words(f"{name} på bokmål", f"{name} på nynorsk")
            for name in ("title", "proposal", "background", "alternatives", "budget", "employees")
        }
        found = council_actions.draft(item=item, basis=Basis(**texts), by=BY)
        council_actions.open_hearing(matter=found, deadline=APRIL, by=BY)
        council_actions.give_statement(
            matter=found, party="averoy", body="Fagforbundet", text=SAID, language="nb", by="employees, averoy"
        )
    with dates.clock.frozen(MAY):
        council_actions.submit(matter=found, parties=["averoy", "smola"], decide_by=JUNE, by=BY)
    return found


def estimated(item, party, **gains):
    actions.estimate(item=item, party=party, from_year=2028, builds_on=Words("Tre måneder i 2025"), by=BY, **gains)


def read(matter, party, language="nb"):
    basis = council_queries.decision_basis(matter.plan, matter.number, party)
    pdf = council_papers.paper(basis, language, SAYING)
    return pdf, " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())


def kroner(ore):
    return f"{round(ore / 100):,}".replace(",", " ")


def test_each_municipality_has_its_own_figures_of_the_same_matter(matter):
    _, averoys = read(matter, "averoy")
    _, smolas = read(matter, "smola")
    figures = {
        party: council_papers.figures_of(council_queries.decision_basis(matter.plan, matter.number, party))
        for party in ("averoy", "smola")
    }
    owns = {party: each.own(100_000_000) for party, each in figures.items()}
    assert sum(owns.values()) == 100_000_000
    people = {party: queries.population_of(party).number for party in owns}
    exact = 0.7 * people["averoy"] / sum(people.values()) + 0.3 / 2
    assert owns["averoy"] == pytest.approx(100_000_000 * exact, abs=1)
    assert kroner(owns["averoy"]) in averoys.replace("\u00a0", " ")
    assert kroner(owns["smola"]) in smolas.replace("\u00a0", " ")
    assert "1 200" in averoys.replace("\u00a0", " ")
    assert "ikke anslått hva den får igjen" in smolas
    for text in (averoys, smolas):
        assert "proposal på bokmål" in text
        assert "70 %" in text.replace("\u00a0", " ")


def test_gain_less_share_is_told_for_the_four_years_of_the_economic_plan(matter):
    basis = council_queries.decision_basis(matter.plan, matter.number, "averoy")
    figures = council_papers.figures_of(basis)
    own = figures.own(100_000_000)
    assert figures.economic_plan() == [
        (2027, 0, own, 0),
        (2028, 0, own, 30_000_000),
        (2029, 0, 0, 30_000_000),
        (2030, None, None, 30_000_000),  # the plan ends in 2029
    ]
    assert [(each.year, each.net_ore) for each in figures.years] == [
        (2027, -own),
        (2028, 30_000_000 - own),
        (2029, 30_000_000),
    ]


def test_the_employees_statement_stands_unchanged_in_every_paper(matter):
    for party, language in (("averoy", "nb"), ("smola", "nn")):
        _, text = read(matter, party, language)
        assert " ".join(SAID.split()) in text
        assert "Fagforbundet" in text


def test_it_is_written_as_the_municipality_writes(matter):
    _, text = read(matter, "smola", "nn")
    assert "proposal på nynorsk" in text
    assert "Kva det kostar, og kva det gir" in text


def test_it_is_an_archivable_and_accessible_file(matter):
    pdf, _ = read(matter, "averoy")
    with pikepdf.open(io.BytesIO(pdf)) as opened, opened.open_metadata() as metadata:
        assert metadata.pdfa_status == "2A"
        assert metadata["pdfuaid:part"] == "1"
        assert str(opened.Root.Lang) == "nb-NO" or str(opened.Root.Lang).startswith("nb")


def test_what_other_councils_decide_is_told(matter):
    decided = Decided("rejected", JUNE, "PS 41/26", 8, 9, "Avvist.")
    with dates.clock.frozen(JUNE):
        council_actions.register_decision(
            matter=matter, party="smola", decided=decided, joins_on=None, by="secretary, smola"
        )
    _, text = read(matter, "averoy")
    assert "PS 41/26" in text
    assert "Ikke vedtatt" in text


def test_what_is_measured_already_is_told_beside_how_it_was(matter):
    _, before = read(matter, "averoy")
    assert "færre enn 5" in before
    facts = {"municipality": "averoy", "service": "reduced-kindergarten-fee", "period": str(dates.today().year)}
    publish_figure(measure="median-days", value=12, count=40, **facts)
    _, text = read(matter, "averoy")
    assert "24 dager (2025)" in text
    assert "omtrent 12 dager" in text
    assert "omtrent \u221212 dager" in text
    _, smolas = read(matter, "smola")
    assert "24 dager" not in smolas


def figures(matter, party="averoy"):
    return council_papers.figures_of(council_queries.decision_basis(matter.plan, matter.number, party))


PARTS = "- {part: 70 %, by: population}\n      - {part: 30 %, by: equal}"
EQUALLY = (PARTS, "- {part: rest, by: equal}")
PRICED = (PARTS, PARTS + "\n    prices:\n      - {per: party, every: period, kroner: 500}")
LIMITED = (PARTS, PARTS + "\n    minimum: {kroner: 500}")
BEGINS = "- from: 2013-01-01"


def test_the_figures_are_of_the_day_it_was_put_forward_whatever_becomes_of_members_and_agreement(matter):
    before = figures(matter)
    own, share = before.own(100_000_000), before.shared(100_000_000)
    with dates.clock.frozen(date(2027, 1, 10)):
        Population.objects.create(municipality_id="averoy", date=date(2027, 1, 1), number=99_000, source="tests")
        Population.objects.create(municipality_id="smola", date=date(2027, 1, 1), number=1_000, source="tests")
        Population.objects.create(municipality_id="kristiansund", date=date(2027, 1, 1), number=1, source="tests")
        Membership.objects.filter(municipality_id="averoy").update(end=date(2026, 12, 31))
        published(EQUALLY)
        queries.forget()
        after = figures(matter)
        assert (after.own(100_000_000), after.shared(100_000_000).party) == (own, share.party)
        assert after.day == MAY
        draft = council_actions.draft(item=matter.item, basis=Basis(Words("Ny"), Words("Ny")), by=BY)
        assert figures(draft).own(100_000_000) == 100_000_000  # alone, by today's agreement
        assert figures(draft).day == date(2027, 1, 10)


def test_a_paper_is_dated_by_the_day_in_norway(matter):
    late = datetime(2026, 6, 30, 22, 30, tzinfo=UTC)  # half past midnight on the first of July
    with dates.clock.frozen(late):
        draft = council_actions.draft(item=matter.item, basis=Basis(Words("Ny"), Words("Ny")), by=BY)
        assert figures(draft).day == date(2026, 7, 1)
        _, text = read(draft, "averoy")
    assert "1. juli 2026" in text


@pytest.mark.parametrize("matter", [None], indirect=True)
def test_a_share_that_nobody_could_reckon_is_not_said_to_be_nothing(matter):
    found = figures(matter)
    assert (found.own(100_000_000), found.own(0)) == (None, 0)
    assert isinstance(found.why_not, NothingAgreed)
    assert [(each.own_ore, each.net_ore) for each in found.years] == [(None, None), (None, None), (0, 30_000_000)]
    assert found.economic_plan()[0] == (2027, 0, None, 0)
    _, text = read(matter, "averoy")
    assert "ikke avtalt" in text
    assert "1 000 000" in text.replace("\u00a0", " ")


def test_what_nobody_has_estimated_is_not_said_to_be_nothing(matter):
    assert {each.gain_ore for each in figures(matter, "smola").years} == {None}
    assert {gain for *_, gain in figures(matter, "smola").economic_plan()} == {None}


def test_what_costs_nothing_is_said_to_and_the_estimates_stand_all_the_same(matter):
    with dates.clock.frozen(APRIL):
        for year in (2027, 2028):
            actions.plan_cost(item=matter.item, year=year, kind="operation", amount_ore=0, by=BY)
    _, text = read(matter, "averoy")
    assert "Det er ikke planlagt at noe skal koste noe" in text
    assert "1 200" in text.replace("\u00a0", " ")
    assert "ikke avtalt" not in text
    _, text = read(matter, "smola")
    assert "Det er ikke planlagt at noe skal koste noe" in text
    assert "ikke anslått hva den får igjen" in text


@pytest.mark.parametrize("matter", [[PRICED]], indirect=True)
def test_prices_are_not_paid_again_with_what_is_planned(matter):
    with dates.clock.frozen(APRIL):
        actions.plan_cost(item=matter.item, year=2027, kind="operation", amount_ore=100, by=BY)
    found = figures(matter)
    assert found.why_not is None
    assert sum(each.shared(100).ore for each in (found, figures(matter, "smola"))) == 100


@pytest.mark.parametrize("matter", [[LIMITED]], indirect=True)
def test_why_sharing_refuses_is_said_in_the_paper(matter):
    with dates.clock.frozen(APRIL):
        actions.plan_cost(item=matter.item, year=2027, kind="operation", amount_ore=100, by=BY)
    found = figures(matter)
    assert isinstance(found.why_not, LimitsDoNotFit)
    assert [each.own_ore is None for each in found.years] == [True, False, False]
    _, text = read(matter, "averoy")
    assert "1 000" in text.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("matter", "error"),
    [
        ([(BEGINS, "- from: 2031-01-01")], NotInForce),
        ([(BEGINS, f"{BEGINS}\n    to: 2020-01-01")], Ended),
        ([("population: start-of-year", "population: 1990-01-01")], None),
    ],
    indirect=["matter"],
)
def test_an_agreement_that_does_not_hold_then_is_said_not_to(matter, error):
    assert isinstance(figures(matter).why_not, error or type(None))
    _, text = read(matter, "averoy")
    assert ("Vår del kan ikke regnes ut" in text) == (error is not None)


def acting(role, **whose):
    return OfficeActing(uuid4(), role, **whose)


def paper_for(*asked):
    return council_papers.paper_for(*asked, saying=SAYING)


def test_who_stands_for_a_party_gets_its_own_paper_and_no_others(matter):
    _, name = paper_for(acting("elected", party="averoy"), Which("ikt-orkide", 2026, matter.number), "averoy")
    assert name == f"ikt-orkide-2026-{matter.number}-averoy-nb.pdf"
    with pytest.raises(NotInYourRole):
        paper_for(acting("elected", party="averoy"), Which("ikt-orkide", 2026, matter.number), "smola")
    paper_for(acting("board", scope="ikt-orkide"), Which("ikt-orkide", 2026, matter.number), "smola")
    with pytest.raises(NotInYourRole):
        paper_for(acting("board", scope="digifin"), Which("ikt-orkide", 2026, matter.number), "smola")
