"""The plan, the councils and the roll-out at the office: each role does its own part in its own cooperation, and no other's."""

import html
from contextlib import nullcontext
from datetime import date
from uuid import uuid4

import pytest
from django.test import Client

from allmenning.basics import dates
from allmenning.basics.sharing.errors import NothingToDivideBy
from allmenning.commons.costs import drafting, entering
from allmenning.commons.costs import queries as agreements
from allmenning.commons.costs.errors import NotInForce
from allmenning.commons.costs.models import SettlementIssue
from allmenning.commons.costs.settling import Cost
from allmenning.commons.figures.actions import publish_figure
from allmenning.commons.governance import actions, council_queries, queries, rolling_out
from allmenning.commons.governance.words import Words
from allmenning.commons.identity.offices import OfficeActing
from allmenning.commons.municipalities import queries as municipalities
from allmenning.doors.office.testing import at_office, with_all_agreements
from allmenning.doors.office.tests.refusing import refused_forms
from allmenning.journeys import comparing, own_shares, worth
from allmenning.journeys.testing import number
from allmenning.journeys.tests.counting import statements
from demo import plan as demo_plan

OFFICE = "/en/cooperation/office/"
PLAN, MATTERS, AGENDA, ROLL_OUT = (f"{OFFICE}{each}/" for each in ("plan", "matters", "agenda", "roll-out"))
YEAR = dates.today().year
ARCHIVE = f"{MATTERS}ikt-orkide/{YEAR}/1/"
PROJECT = f"{PLAN}{YEAR}/registers/"


@pytest.fixture
def plan(averoy, once):
    once("agreements", with_all_agreements)
    once("plan", demo_plan.seed)


@pytest.fixture
def planner(plan):
    return at_office("planner", scope="ikt-orkide")


def secretary(party, who=""):
    return at_office("secretary", party=party, who=who)


def node(code):
    return queries.planned(queries.current("ikt-orkide")).node(code)


def archive():
    return council_queries.matter(queries.current("ikt-orkide"), 1)


def text(page):
    return page.content.decode().replace("\u00a0", " ")


def words(name, nb="Bokmål", nn="Nynorsk"):
    return {f"{name}_nb": nb, f"{name}_nn": nn, f"{name}_en": ""}


@pytest.mark.parametrize(
    ("form", "seen"),
    [
        ({"do": "status", "state": "stopped", **words("status")}, lambda: node("registers").status.state == "stopped"),
        (
            {"do": "cost", "year": "2027", "kind": "operation", "amount": "1 234,50"},
            lambda: node("registers").costs[2027, "operation"] == 123450,
        ),
        (
            {"do": "milestone", "due": "2027-05-01", **words("milestone")},
            lambda: node("registers").milestones[-1].title.nn == "Nynorsk",
        ),
        (
            {"do": "reached", "number": "1", "version": "1", "day": "2026-10-20"},
            lambda: node("registers").milestones[0].reached.isoformat() == "2026-10-20",
        ),
        (
            {"do": "moved", "number": "1", "version": "1", "due": "2027-01-15", "why": "Avtaler"},
            lambda: node("registers").milestones[0].why == "Avtaler",
        ),
        (
            {"do": "risk", "likelihood": "3", "consequence": "5", **words("risk")},
            lambda: node("registers").risks[0].weight == 15,
        ),
        (
            {"do": "takes-part", "party": "rindal", "is_in": "in", "day": "2027-01-01"},
            lambda: "rindal" in node("registers").joined,
        ),
        (
            {"do": "estimate", "party": "rindal", "from_year": "2027", "hours": "12", **words("builds_on")},
            lambda: node("registers").estimates["rindal"].hours == 12,
        ),
        (
            {
                "do": "baseline",
                "party": "rindal",
                "gain": "handling-time",
                "figure": "21,5",
                "unit": "days",
                "start": "2025-01-01",
                "end": "2025-12-31",
                **words("source"),
            },
            lambda: str(node("registers").baselines["handling-time", "rindal"].figure) == "21.50",
        ),
        (
            {"do": "reword", "made_from": "1", "services": ["inquiry"], "gains": ["handling-time"], **words("title")},
            lambda: node("registers").text.version == 2 and node("registers").text.services == ["inquiry"],
        ),
        ({"do": "take-out", **words("reason")}, lambda: node("registers").removal is not None),
    ],
    ids=lambda value: value.get("do") if isinstance(value, dict) else "",
)
def test_the_planner_writes_and_it_is_in_the_plan(planner, services, form, seen):
    page = planner.post(PROJECT, form)
    assert page.status_code == 302, text(page)
    assert seen()


def test_every_form_leads_to_what_is_wrong_and_keeps_what_was_typed(planner, services):
    elected, employees = at_office("elected", party="averoy"), at_office("employees", party="averoy")
    planner.post(PROJECT, {"do": "risk", "likelihood": "3", "consequence": "5", **words("risk")})
    ask = {"do": "ask", "scope": "ikt-orkide", "title": "Skolene", "text": "Vi lurer.", "language": "nb"}
    elected.post(AGENDA, ask)
    parts = ("title", "proposal", "background", "alternatives", "budget", "employees")
    basis = {name: value for part in parts for name, value in words(part).items()}
    begun = planner.post(MATTERS, {"item": f"{YEAR}/forms", **basis})["Location"]
    assert refused_forms(planner, PLAN, PROJECT, ROLL_OUT, MATTERS, begun, AGENDA) > 20
    planner.post(begun, {"do": "hearing", "deadline": dates.add_weeks(dates.today(), 2).isoformat()})
    assert refused_forms(employees, begun) == refused_forms(secretary("smola"), ARCHIVE) == 1
    assert refused_forms(elected, AGENDA) == 1


def test_a_planner_begins_a_plan_and_adds_to_it_by_titles_alone(averoy):
    with_all_agreements()
    planner = at_office("planner", scope="vestfold")
    planner.post(PLAN, {"do": "begin", "first_year": "2026", "last_year": "2029", **words("title")})
    planner.post(PLAN, {"do": "add", "under": "", **words("title", "Færre køer")})
    planner.post(PLAN, {"do": "add", "under": "faerre-kor", **words("title", "Færre køer")})
    found = queries.planned(queries.current("vestfold"))
    assert [(each.kind, each.code) for each in found.everything] == [
        ("goal", "faerre-kor"),
        ("measure", "faerre-kor-2"),
    ]


def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(planner):
    page = planner.post(PROJECT, {"do": "status", "state": "done", "status_nb": "", "status_nn": "Berre dette"})
    assert page.status_code == 400
    assert 'id="status-status_nb-error"' in text(page)
    assert "Berre dette" in text(page)


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"do": "estimate", "party": "rindal", "from_year": "99999", "hours": "1", **words("builds_on")}, "from_year"),
        ({"do": "estimate", "party": "rindal", "from_year": "0", "hours": "1", **words("builds_on")}, "from_year"),
        ({"do": "baseline", "gain": "handling-time", "unit": "per-cent", "figure": "5"}, "unit"),
        ({"do": "baseline", "gain": "letters-not-posted", "unit": "days", "figure": "5"}, "unit"),
        ({"do": "baseline", "gain": "handling-time", "unit": "days", "figure": "999999999999,999"}, "figure"),
    ],
)
def test_a_year_a_unit_and_a_figure_that_can_not_be_are_refused_at_their_fields(planner, form, field):
    more = {"party": "rindal", "start": "2025-01-01", "end": "2025-12-31", **words("source")}
    page = planner.post(PROJECT, {**more, **form})
    assert page.status_code == 400
    assert f'id="{form["do"]}-{field}-error"' in text(page)
    assert "rindal" not in node("registers").estimates


def test_what_is_wrong_and_stands_in_no_field_is_said_and_leads_nowhere(planner):
    page = planner.post(PROJECT, {"do": "reached", "number": "x", "version": "1", "day": "2026-10-20"})
    assert page.status_code == 400
    assert "<li>This is no whole number: x.</li>" in text(page)


@pytest.mark.parametrize(("first", "last", "field"), [("99999", "99999", "first_year"), ("2040", "2039", "last_year")])
def test_a_plan_of_years_that_can_not_be_is_refused_at_its_field(planner, first, last, field):
    page = planner.post(PLAN, {"do": "begin", "first_year": first, "last_year": last, **words("title")})
    assert page.status_code == 400
    assert f'id="begin-{field}-error"' in text(page)


def test_the_board_reads_and_writes_nothing(plan):
    board = at_office("board", scope="ikt-orkide")
    assert "One portal in place of paper forms" in text(board.get(PLAN))
    for address in (PLAN, ROLL_OUT):
        page = board.post(
            address, {"do": "add", "party": "rindal", "service": "inquiry", "due": "2027-01-01", **words("title")}
        )
        assert page.status_code == 404
    assert board.get(PROJECT).status_code == 403
    assert "rindal" not in {each.row.party for each in rolling_out.roll_outs(queries.current("ikt-orkide"))}


def test_another_cooperations_planner_reaches_nothing_of_this_one(plan):
    other = at_office("planner", scope="vestfold")
    assert "One portal" not in text(other.get(PLAN))
    assert other.get(PROJECT).status_code == 404
    assert other.get(ARCHIVE).status_code == 404
    assert "Utleige av rom" not in text(other.get(AGENDA))


# --- the roll-out ---


def test_a_service_is_rolled_out_step_by_step(planner, services):
    which = {"party": "rindal", "service": "inquiry"}
    first = {"training_due": "2026-10-01", **words("training")}
    assert planner.post(ROLL_OUT, {"do": "add", "due": "2026-11-01", **which, **first}).status_code == 302
    assert planner.post(ROLL_OUT, {"do": "in-use", "on": "2026-11-20", **which}).status_code == 400
    planner.post(ROLL_OUT, {"do": "done", "number": "1", "version": "1", "on": "2026-10-20", **which})
    planner.post(ROLL_OUT, {"do": "in-use", "on": "2026-11-20", **which})
    found = rolling_out.roll_out(queries.current("ikt-orkide"), "rindal", "inquiry")
    assert found.now.in_use.isoformat() == "2026-11-20"
    assert (
        planner.post(ROLL_OUT, {"do": "in-use", "on": "2026-11-20", "party": "bergen", "service": "x"}).status_code
        == 404
    )


# --- the councils ---


def test_a_secretary_registers_the_councils_decision_and_the_municipality_takes_part(plan):
    smola = secretary("smola")
    assert "What waits for your council" in text(smola.get(MATTERS))
    decided = {
        "do": "decide",
        "outcome": "adopted",
        "decided_on": dates.today().isoformat(),
        "case_reference": "PS 55/26",
        "votes_for": "12",
        "votes_against": "5",
        "text": "Vedtatt.",
        "language": "nb",
        "joins_on": "2027-02-01",
    }
    wrong = smola.post(ARCHIVE, {**decided, "votes_for": "mange"})
    assert (wrong.status_code, archive().stands("smola")) == (400, "waits")
    assert smola.post(ARCHIVE, decided).status_code == 302
    assert archive().stands("smola") == "adopted"
    assert node("joint-archive").joined["smola"][0].is_decided
    assert "What waits for your council" not in text(smola.get(MATTERS))
    assert 'value="2027-02-01"' in text(smola.get(ARCHIVE))
    assert smola.post(ARCHIVE, {"do": "join", "joins_on": "2027-02-01"}).status_code == 400
    assert smola.post(ARCHIVE, {"do": "join", "joins_on": "2028-01-01"}).status_code == 302
    assert node("joint-archive").joined["smola"][0].start == date(2028, 1, 1)


def test_each_role_does_its_own_part_alone(plan):
    form = {"do": "decide", "outcome": "adopted", "text": "X", "body": "X", "language": "nb", "case_reference": "1"}
    form |= {
        "votes_for": "1",
        "votes_against": "0",
        "decided_on": dates.today().isoformat(),
        "deadline": "2030-01-01",
        "joins_on": "2030-01-01",
    }
    form |= {"decide_by": "2030-01-01", "made_from": "1", **words("title"), **words("proposal")}
    for role in ("elected", "employees", "board"):
        whose = {"scope": "ikt-orkide"} if role == "board" else {"party": "aure"}
        client = at_office(role, **whose)
        for act in {"decide", "join", "state", "hearing", "rewrite", "submit"} - (
            {"state"} if role == "employees" else set()
        ):
            assert client.post(ARCHIVE, {**form, "do": act}).status_code == 404, (role, act)
    assert archive().stands("aure") == "waits"


def test_who_is_no_member_sees_no_matter_of_the_cooperation(plan):
    bergen = secretary("bergen")
    assert "joint archive" not in text(bergen.get(MATTERS))
    assert bergen.get(ARCHIVE).status_code == 404


def test_from_a_draft_by_hearing_to_the_councils(planner):
    basis = {**words("title"), **words("proposal")}
    assert planner.post(MATTERS, {"item": f"{YEAR}/forms", **basis}).status_code == 302
    address = f"{MATTERS}ikt-orkide/{YEAR}/2/"
    assert secretary("averoy").get(address).status_code == 404
    more = {
        name: value
        for each in ("background", "alternatives", "budget", "employees")
        for name, value in words(each).items()
    }
    assert planner.post(address, {"do": "rewrite", "made_from": "1", **basis, **more}).status_code == 302
    today = dates.today()
    assert (
        planner.post(address, {"do": "hearing", "deadline": dates.add_weeks(today, 2).isoformat()}).status_code == 302
    )
    employees = at_office("employees", party="averoy")
    said = {"do": "state", "body": "Fagforbundet", "text": "Vi er <enige>.", "language": "nb"}
    assert employees.post(address, said).status_code == 302
    submit = {"do": "submit", "parties": ["averoy", "smola"], "decide_by": dates.add_months(today, 6).isoformat()}
    assert planner.post(address, submit).status_code == 400
    with dates.clock.frozen(dates.add_weeks(today, 3)):
        later = at_office("planner", scope="ikt-orkide", who=number(313))
        assert later.post(address, submit).status_code == 302
        page = text(later.get(address))
    assert "Vi er &lt;enige&gt;." in page
    assert council_queries.matter(queries.current("ikt-orkide"), 2).submission.parties == ["averoy", "smola"]


@pytest.fixture
def next_plan(planner):
    """The plan of the years after the demo's, with a goal, a measure and a matter about it."""
    first = YEAR + 4
    begun = {"do": "begin", "first_year": str(first), "last_year": str(first + 3), **words("title", "Neste plan")}
    assert planner.post(PLAN, begun)["Location"] == f"{PLAN}?plan={first}"
    planner.post(f"{PLAN}?plan={first}", {"do": "add", "under": "", **words("title", "Nytt mål")})
    planner.post(f"{PLAN}?plan={first}", {"do": "add", "under": "nytt-mal", **words("title", "Nytt tiltak")})
    basis = {**words("title", "Ny sak"), **words("proposal")}
    assert planner.post(MATTERS, {"item": f"{first}/nytt-tiltak", **basis}).status_code == 302
    return first


@pytest.mark.parametrize("years", [0, 4])
def test_a_matter_is_the_same_one_when_the_next_plan_holds(planner, next_plan, years):
    # Not frozen at noon today: what was written this afternoon would not be there yet.
    with dates.clock.frozen(dates.add_months(dates.today(), 12 * years)) if years else nullcontext():
        smola = secretary("smola", number(315))
        assert "joint archive" in text(smola.get(MATTERS))
        assert "joint archive" in text(smola.get(ARCHIVE))
        assert smola.get(ARCHIVE + "paper/smola.pdf").status_code == 200
        later = at_office("planner", scope="ikt-orkide", who=number(313))
        assert "Ny sak" in text(later.get(f"{MATTERS}ikt-orkide/{next_plan}/1/"))
        assert "Ny sak" not in text(later.get(ARCHIVE))
        assert later.get(f"{PLAN}{next_plan}/nytt-tiltak/").status_code == 200
        assert later.get(PROJECT).status_code == 200
        assert later.get(f"{PLAN}{next_plan}/registers/").status_code == 404


def test_the_next_plan_is_kept_beside_the_one_that_holds(planner, next_plan, services):
    form = {"do": "status", "state": "on-track", **words("status", "I gang")}
    assert planner.post(f"{PLAN}{next_plan}/nytt-tiltak/", form).status_code == 302
    found = queries.planned(queries.beginning("ikt-orkide", next_plan))
    assert found.node("nytt-tiltak").status.text.nb == "I gang"
    which = {"party": "rindal", "service": "inquiry"}
    rolled = planner.post(f"{ROLL_OUT}?plan={next_plan}", {"do": "add", "due": f"{next_plan}-11-01", **which})
    assert rolled.status_code == 302
    assert [each.row.party for each in rolling_out.roll_outs(found.plan)] == ["rindal"]
    page = text(Client().get(f"/en/cooperation/ikt-orkide/plan/?plan={next_plan}"))
    assert f"plan/nytt-tiltak/?plan={next_plan}" in page
    assert Client().get(f"/en/cooperation/ikt-orkide/plan/nytt-tiltak/?plan={next_plan}").status_code == 200


def test_an_elected_member_asks_and_is_answered(planner):
    elected = at_office("elected", party="averoy")
    ask = {"do": "ask", "scope": "ikt-orkide", "title": "Hva med skolene", "text": "Vi lurer.", "language": "nb"}
    assert elected.post(AGENDA, ask).status_code == 302
    assert elected.post(AGENDA, {**ask, "scope": "vestfold"}).status_code == 404
    asked = next(each for each in council_queries.agenda(["ikt-orkide"]) if each.proposal.title == "Hva med skolene")
    reply = {"do": "answer", "proposal": str(asked.proposal.pk), "outcome": "matter", "text": "Ja.", "language": "nb"}
    assert planner.post(AGENDA, {**reply, "matter": "777777"}).status_code == 400
    assert planner.post(AGENDA, {**reply, "matter": str(archive().matter.pk)}).status_code == 302
    assert "Taken up as a matter" in text(elected.get(AGENDA))
    assert "Hva med skolene" not in text(at_office("elected", party="smola", who=number(314)).get(AGENDA))


def test_who_stands_for_a_municipality_sees_its_share_and_its_paper(plan):
    page = text(at_office("elected", party="averoy").get(ARCHIVE))
    assert "Share of this municipality" in page
    assert f"/office/matters/ikt-orkide/{YEAR}/1/paper/averoy.pdf" in page
    assert f"/office/matters/ikt-orkide/{YEAR}/1/paper/smola.pdf" not in page


def settle(year, ore):
    agreed, day = agreements.agreement("ikt-orkide").agreement, date(year, 3, 1)
    entering.enter_cost(agreed, Cost(day, "Leverandør AS", str(year), "Drift", ore, 0), by="test")
    row = drafting.draft("ikt-orkide", day, municipalities, by="test").row
    drafting.approve(row.id, by="approver, ikt-orkide")
    issued = {"agreement": row.agreement, "start": row.start, "due": day, "at": row.drafted_at, "by": "test"}
    SettlementIssue.objects.create(settlement=row, **issued, accounts={}, treatments={})


def test_elected_members_see_what_it_cost_and_gave_their_own_municipality(plan, services):
    settle(2013, 100_000_000)
    for measure, value in (("forms", 60), ("digital", 45), ("letters-digital", 30)):
        about = {
            "municipality": "averoy",
            "service": "reduced-kindergarten-fee",
            "period": str(YEAR),
            "version": "1.0.1",
        }
        publish_figure(**about, measure=measure, value=value, count=value)
    elected = at_office("elected", party="averoy")
    page = text(elected.get(MATTERS))
    own = comparing.costs("ikt-orkide")[2013]["averoy"]
    assert f"NOK {own / 100:,.2f}" in page  # settled
    assert "NOK 95,000" in page  # 30 000 and 65 000, estimated in all
    assert "440 hours" in page  # 60, 260 and 120
    assert "at least 30 hours" in page  # 45 forms of 40 minutes
    assert "at least NOK 540" in page  # 30 letters of 18 kroner
    found = worth.worth_for(OfficeActing(id=uuid4(), role="elected", party="averoy"))[0]
    assert [each.takes_part for each in found.measures] == [True, True, False]
    assert found.planned == sum(each.planned for each in found.measures) > 0
    assert found.measures[-1].planned == 0
    smolas = text(at_office("elected", party="smola", who=number(314)).get(MATTERS))
    assert f"NOK {own / 100:,.2f}" not in smolas
    for role in ("secretary", "employees"):
        assert "What it cost and gave" not in text(at_office(role, party="averoy").get(MATTERS))


def test_shares_of_what_is_planned_come_to_what_is_planned(plan):
    measure = node("kindergarten-fee")
    parties = sorted({id for child in measure.children for id in child.joined})
    found = [worth.worth_for(OfficeActing(id=uuid4(), role="elected", party=each))[0] for each in parties]
    assert sum(each.measures[0].planned for each in found) == measure.cost_ore(YEAR)


def test_a_share_that_can_not_be_worked_out_is_said_so_to_elected_members(plan):
    with dates.clock.frozen(date(2012, 5, 1)):
        found = worth.worth_for(OfficeActing(id=uuid4(), role="elected", party="averoy"))
    assert all(each.planned is not None for each in found)  # nobody took part then
    dated = own_shares.Dated(agreements.agreement("ikt-orkide").agreement, date(2012, 5, 1))
    assert isinstance(own_shares.OwnShare(dated, ("averoy",), "averoy").shared(100), NotInForce)
    assert own_shares.OwnShare(dated, ("averoy",), "averoy").own(100) is None


def test_elected_members_are_told_why_their_share_is_not_known(plan, monkeypatch):
    def refuse(*_):
        raise NothingToDivideBy(measure="cases")

    monkeypatch.setattr(own_shares, "divide", refuse)
    found = worth.worth_for(OfficeActing(id=uuid4(), role="elected", party="averoy"))[0]
    assert found.planned is None
    assert isinstance(found.why_not, NothingToDivideBy)
    page = text(at_office("elected", party="averoy").get(MATTERS))
    assert "The share can't be worked out" in html.unescape(page)
    assert "not agreed" not in page


def test_the_page_of_an_elected_member_asks_a_few_times(plan):
    client = at_office("elected", party="averoy")
    client.get(MATTERS)
    with statements() as sent:
        assert client.get(MATTERS).status_code == 200
    assert len(sent) <= 32, [str(each)[:90] for each in sent]


@pytest.mark.parametrize(
    ("role", "address", "most"),
    [
        ("planner", PLAN, 12),
        ("planner", PROJECT, 12),
        ("planner", ROLL_OUT, 16),
        ("planner", MATTERS, 20),
        ("planner", ARCHIVE, 20),
        ("planner", AGENDA, 11),
    ],
)
def test_a_page_asks_the_database_a_few_times(plan, role, address, most):
    client = at_office(role, scope="ikt-orkide")
    client.get(address)
    with statements() as sent:
        assert client.get(address).status_code == 200
    assert len(sent) <= most, [str(each)[:90] for each in sent]


@pytest.mark.parametrize("role", ["planner", "board"])
def test_an_agreement_of_no_cooperation_is_said_to_have_no_plan(plan, role):
    client = at_office(role, scope="equal-shares")
    for address in (PLAN, ROLL_OUT):
        assert "A joint plan is a cooperation" in text(client.get(address))
        assert "Begin a plan" not in text(client.get(address))
    for address in (MATTERS, AGENDA):
        assert client.get(address).status_code == 200
    assert client.get(f"{PLAN}{YEAR}/registers/").status_code in (403, 404)
    begun = {"do": "begin", "first_year": str(YEAR), "last_year": str(YEAR), **words("title")}
    assert client.post(PLAN, begun).status_code == 400
    assert not queries.plans("equal-shares")
    actions.make_plan(scope="equal-shares", title=Words("Plan"), first_year=YEAR, last_year=YEAR, by="test")
    for address in (PLAN, ROLL_OUT, MATTERS, AGENDA):
        assert client.get(address).status_code == 200


def test_a_county_and_the_state_may_expect_something_and_take_part_in_nothing(planner):
    told = {"do": "estimate", "from_year": "2027", "amount": "1000", **words("builds_on")}
    for party in ("15", "state"):
        assert planner.post(PROJECT, {**told, "party": party}).status_code == 302
        assert (
            planner.post(PROJECT, {"do": "takes-part", "party": party, "is_in": "in", "day": "2027-01-01"}).status_code
            == 400
        )
    for party in ("03", "bergen", "nobody"):
        assert planner.post(PROJECT, {**told, "party": party}).status_code == 400
    page = text(planner.get(PROJECT))
    assert "Møre og Romsdal" in page
    assert "The state" in page
    public = text(Client().get("/en/cooperation/ikt-orkide/plan/"))
    assert "The state" not in public
