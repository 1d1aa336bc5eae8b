"""Records of a case: written, changed and ended as versions, by who may, and seen by who may."""

from datetime import date, timedelta
from io import BytesIO

import pytest
from pypdf import PdfReader

from allmenning.basics import dates
from allmenning.doors.desk.testing import INQUIRY, hire, send
from allmenning.journeys import (
    casework,
    deciding,
    decision_letters,
    due_list,
    noting,
    paying,
    protecting,
    recording,
    waiting,
    weeks,
)
from allmenning.journeys.decision_letters import Drafted
from allmenning.journeys.hiding import NeedNotStated
from allmenning.journeys.offered import of_case
from allmenning.journeys.recording import Draft
from allmenning.journeys.testing import number, rita
from allmenning.journeys.tests.counting import statements
from allmenning.journeys.tests.keeping import SERVICE, offer
from allmenning.municipal.access.errors import NotYours
from allmenning.municipal.access.models import LogEntry
from allmenning.municipal.access.queries import working_as
from allmenning.municipal.cases.errors import (
    EndNotExplained,
    EndsBeforeItStarts,
    HandedToAccounts,
    NothingToHandOver,
    RecordEndsNot,
    RecordIsOver,
    RecordMissing,
    RecordNotFound,
    RecordThereAlready,
    SomebodyWasFirst,
    TextMissing,
)
from allmenning.municipal.cases.models import AccountLine, Case, CaseDeadline, Event, Record
from allmenning.municipal.forms.errors import NotComplete
from allmenning.tenancy import use

KEY = b"k" * 32
MEASURE = {"what": "Støttekontakt", "aim": "Komme ut", "starts": "2026-11-02", "evaluate_on": "2026-12-01"}
PLAN = {"questions": "Hvordan går det hjemme?", "expert": False}
WEEK = {
    "starts": "2026-11-02",
    "visits": [
        {"weekday": "monday", "time": "08.00", "minutes": 30, "task": "Morgenstell"},
        {"weekday": "monday", "time": "20:00", "minutes": 20, "task": "Kveldsstell"},
        {"weekday": "friday", "time": "12.00", "minutes": 60, "task": "Handle"},
    ],
}
PAYMENT = {
    "amount_ore": 123450,
    "for": "electricity",
    "due_on": "2026-11-20",
    "receiver": "Kraftlaget",
    "account": "12345678903",
}
PLACE = {
    "since": "2026-09-01",
    "need": "Trenger tilsyn",
    "meanwhile": "Besøk",
    "looked_on": "2026-11-01",
    "reasons": "Fullt",
}


@pytest.fixture
def keeping(averoy):
    offer(averoy)
    return averoy


@pytest.fixture
def case_id(keeping):
    return send(keeping, SERVICE, INQUIRY).case_id


@pytest.fixture
def at_work(keeping):
    """Alice at work, with what every call takes."""
    with use(keeping.id, "ordinary"):
        yield working_as(keeping.staff["alice"].id, "ordinary")


def begin(case_id, kind, answers, by, **more):
    return recording.begin(case_id, kind, Draft(answers, **more.pop("draft", {})), by, staff_key=KEY, **more)


def revise(row, answers, by, version=1, **draft):
    return recording.revise(
        row.case_id, row.kind, row.series, Draft(answers, **draft), by, version=version, staff_key=KEY
    )


def end(row, by, status="ended", day=date(2026, 12, 1), why="Målet er nådd", version=1, answer=""):
    ended = {"status": status, "day": day, "why": why, "version": version, "answer": answer}
    return recording.end(row.case_id, row.kind, row.series, by, staff_key=KEY, **ended)


def opened(case_id, kind, by):
    return recording.open_kind(found(case_id, kind, by)).shelf


def found(case_id, kind, by):
    return recording.readable(case_id, kind, by, "case-handling", staff_key=KEY)


def test_a_record_is_written_sealed_with_its_dates_and_who(case_id, at_work):
    row = begin(case_id, "measure", MEASURE, at_work)
    assert (row.starts, row.due_on, row.status, row.staff_name) == (
        date(2026, 11, 2),
        date(2026, 12, 1),
        "proposed",
        "Alice Alm",
    )
    assert b"ttekontakt" not in bytes(row.data)
    (found,) = opened(case_id, "measure", at_work).records
    assert found.answers == MEASURE


def test_each_writing_is_logged_and_told_without_what_was_written(case_id, at_work):
    begin(case_id, "measure", MEASURE, at_work)
    begin(case_id, "plan", PLAN, at_work)
    assert LogEntry.objects.filter(action="write-record").count() == 2
    events = {e.facts["record"]: e for e in Event.objects.filter(kind="record-written")}
    assert (events["measure"].visible_to_resident, events["plan"].visible_to_resident) == (True, False)
    assert "Støttekontakt" not in str([e.facts for e in events.values()])


def test_a_change_is_a_new_version_and_the_first_stays(case_id, at_work):
    row = begin(case_id, "measure", MEASURE, at_work)
    revise(row, {**MEASURE, "aim": "Få venner"}, at_work, why="Målet var for lite", status="running")
    view, versions = recording.open_versions(found(case_id, "measure", at_work), row.series)
    assert [each.answers["aim"] for each in versions] == ["Komme ut", "Få venner"]
    assert (versions[1].why, versions[1].row.status) == ("Målet var for lite", "running")
    assert [each.row.version for each in view.shelf.records] == [2]


def test_the_second_of_two_who_change_it_is_told_and_nothing_is_written(case_id, at_work):
    row = begin(case_id, "measure", MEASURE, at_work)
    revise(row, {**MEASURE, "aim": "En"}, at_work)
    with pytest.raises(SomebodyWasFirst):
        revise(row, {**MEASURE, "aim": "To"}, at_work)
    assert Record.objects.filter(series=row.series).count() == 2


def test_the_database_itself_lets_a_version_be_followed_once(case_id, at_work):
    from allmenning.municipal.access.actor import Actor
    from allmenning.municipal.cases import records

    row = begin(case_id, "measure", MEASURE, at_work)
    alice, written = Actor("staff", at_work.staff_id, "Alice Alm"), records.Written("measure", "list", MEASURE)
    records.write(row.case, written, alice, after=row)
    with pytest.raises(SomebodyWasFirst):
        records.write(row.case, written, alice, after=row)


def test_it_is_ended_with_a_state_a_day_and_a_reason(case_id, at_work):
    row = begin(case_id, "measure", MEASURE, at_work)
    for wrong in ({"status": "running"}, {"day": date(2026, 11, 1)}, {"day": None}):
        with pytest.raises(RecordEndsNot):
            end(row, at_work, **wrong)
    with pytest.raises(TextMissing):
        end(row, at_work, why="  ")
    over = end(row, at_work)
    assert (over.is_over, over.ends, over.due_on) == (True, date(2026, 12, 1), None)
    with pytest.raises(RecordIsOver):
        revise(row, MEASURE, at_work, version=2)


def test_what_ends_it_may_ask_for_an_answer_that_is_kept_with_it(case_id, at_work):
    row = begin(case_id, "measure", MEASURE, at_work)
    for wrong in ("", "nobody"):
        with pytest.raises(EndNotExplained):
            end(row, at_work, status="broken-off", answer=wrong)
    end(row, at_work, status="broken-off", answer="family")
    assert opened(case_id, "measure", at_work).records[0].answers == {**MEASURE, "stopped_by": "family"}


def test_of_some_kinds_there_is_one_at_a_time(case_id, at_work):
    row = begin(case_id, "plan", PLAN, at_work)
    with pytest.raises(RecordThereAlready):
        begin(case_id, "plan", PLAN, at_work)
    end(row, at_work, status="concluded")
    begin(case_id, "plan", PLAN, at_work)


def test_an_evaluation_belongs_to_a_measure_of_the_same_case(keeping, case_id, at_work):
    measure = begin(case_id, "measure", MEASURE, at_work)
    told = {"evaluated_on": "2026-12-01", "led_to": "Kommer mer ut"}
    begin(case_id, "evaluation", told, at_work, of_series=measure.series)
    view = recording.open_kind(found(case_id, "measure", at_work))
    assert [each.row.of_series for shelf in view.inner for each in shelf.records] == [measure.series]
    for series in (None, at_work.staff_id):
        with pytest.raises(RecordNotFound):
            begin(case_id, "evaluation", told, at_work, of_series=series)
    other = send(keeping, SERVICE, INQUIRY).case_id
    with use(keeping.id, "ordinary"), pytest.raises(RecordNotFound):
        begin(other, "evaluation", told, at_work, of_series=measure.series)


def due(case_id):
    rows = CaseDeadline.objects.filter(case=case_id, deadline="evaluation").order_by("round", "turn")
    return [(each.due_on, each.met_by) for each in rows]


def test_the_day_that_a_measure_is_to_be_evaluated_is_a_deadline_of_the_case(keeping, case_id, at_work):
    first = begin(case_id, "measure", MEASURE, at_work)
    second = begin(case_id, "measure", {**MEASURE, "evaluate_on": "2027-01-10"}, at_work)
    assert due(case_id) == [(date(2026, 12, 1), ""), (date(2027, 1, 10), "")]
    begin(case_id, "evaluation", {"evaluated_on": "2026-12-01", "led_to": "Bra"}, at_work, of_series=first.series)
    assert due(case_id) == [(date(2026, 12, 1), "record:evaluation"), (date(2027, 1, 10), "")]
    revise(second, {**MEASURE, "aim": "Komme mer ut", "evaluate_on": "2027-01-10"}, at_work)
    assert due(case_id)[1:] == [(date(2027, 1, 10), "")]
    revise(second, {**MEASURE, "evaluate_on": "2027-03-01"}, at_work, version=2)
    assert due(case_id)[1:] == [(date(2027, 1, 10), "changed"), (date(2027, 3, 1), "")]
    end(second, at_work, version=3)
    assert due(case_id)[2:] == [(date(2027, 3, 1), "ended")]


def test_what_is_due_stands_in_the_list_of_the_unit(case_id, at_work):
    begin(case_id, "measure", {**MEASURE, "evaluate_on": dates.today().isoformat()}, at_work)
    listed = [each.title["en"] for each in due_list.due_list(at_work).spans["today"]]
    assert "Evaluate the measure" in listed


@pytest.mark.parametrize("wrong", [{"what": "x"}, {**MEASURE, "other": 1}, {**MEASURE, "starts": "i går"}])
def test_what_the_form_refuses_is_not_written(case_id, at_work, wrong):
    with pytest.raises(NotComplete):
        begin(case_id, "measure", wrong, at_work)
    assert not Record.objects.exists()


def test_it_does_not_end_before_it_starts(case_id, at_work):
    with pytest.raises(EndsBeforeItStarts):
        begin(case_id, "measure", {**MEASURE, "ends": "2026-11-01"}, at_work)


def test_a_kind_that_the_service_does_not_keep_is_not_found(case_id, at_work):
    with pytest.raises(RecordNotFound):
        begin(case_id, "nothing", {}, at_work)


def test_an_archivist_reads_and_writes_nothing_and_a_stranger_sees_nothing(keeping, case_id):
    dora, eva = number(110), number(113)
    hire(keeping, dora, "archivist", name="Dora Dill")
    hire(keeping, eva, "caseworker", unit="Byggesak", name="Eva Ek")
    with use(keeping.id, "ordinary"):
        archivist, stranger = (working_as(keeping.staff[each].id, "ordinary") for each in ("dora", "eva"))
        assert not opened(case_id, "measure", archivist).may_write
        for who in (archivist, stranger):
            with pytest.raises(NotYours):
                begin(case_id, "measure", MEASURE, who)
        with pytest.raises(NotYours):
            opened(case_id, "measure", stranger)


def test_a_role_that_the_kind_does_not_let_write_does_not(keeping, case_id):
    hire(keeping, number(112), "approver", name="Finn Furu")
    with use(keeping.id, "ordinary"):
        finn = working_as(keeping.staff["finn"].id, "ordinary")
        noting.write_note(case_id, "Handles the case", finn, staff_key=KEY)
        with pytest.raises(NotYours) as refused:
            begin(case_id, "measure", MEASURE, finn)
        assert refused.value.params["reason"] == "role-may-not"


def test_an_outcome_waits_for_what_must_be_written_first(case_id, at_work):
    case = Case.objects.get(id=case_id)
    deciding.save_draft(
        case_id, Drafted("answered", [], {"answer": "Ja"}), at_work, revision=case.revision, staff_key=KEY
    )
    case.refresh_from_db()
    with pytest.raises(RecordMissing) as missing:
        deciding.issue(case_id, at_work, revision=case.revision, staff_key=KEY)
    assert missing.value.params["kind"] == "Plan for undersøkelsen"
    begin(case_id, "plan", PLAN, at_work)
    case.refresh_from_db()
    deciding.issue(case_id, at_work, revision=case.revision, staff_key=KEY)


def letter(case_id, as_of=None):
    case = Case.objects.get(id=case_id)
    drafted = Drafted("answered", [], {"answer": "Ja"})
    offered = of_case(case.service, case.version)
    kept = decision_letters.records_for(case, offered, "answered", as_of)
    made = decision_letters.make_letter(case, drafted, offered, on=dates.today(), caseworker="Alice", kept=kept)
    pages = PdfReader(BytesIO(made)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split()), made


def test_a_letter_shows_what_goes_on_as_a_table(case_id, at_work):
    assert "Ingen tiltak er satt i gang." in letter(case_id)[0]
    begin(case_id, "measure", {**MEASURE, "what": "Avlastning"}, at_work)
    over = begin(case_id, "measure", MEASURE, at_work)
    end(over, at_work)
    text, made = letter(case_id)
    assert "Tiltak" in text
    assert "Avlastning Komme ut fra 2. november 2026" in text
    assert "Støttekontakt" not in text
    assert "Ingen tiltak" not in text
    cells = [each["/S"] for each in tagged(PdfReader(BytesIO(made)).trailer["/Root"]["/StructTreeRoot"])]
    assert cells.count("/TH") == 3
    assert cells.count("/TD") == 3


def tagged(node):
    for each in node.get("/K", []) if isinstance(node.get("/K", []), list) else [node["/K"]]:
        found = each.get_object()
        if isinstance(found, dict) and "/S" in found:
            yield found
            yield from tagged(found)


def test_a_letter_that_is_made_again_has_what_stood_when_it_was_decided(case_id, at_work):
    row = begin(case_id, "measure", MEASURE, at_work)
    decided = dates.now()
    revise(row, {**MEASURE, "aim": "Noe annet"}, at_work)
    assert "Støttekontakt Komme ut" in letter(case_id, decided)[0]
    assert "Støttekontakt Noe annet" in letter(case_id)[0]


def test_a_protected_address_hides_records_until_a_need_is_stated(keeping, case_id, at_work):
    begin(case_id, "measure", MEASURE, at_work)
    begin(case_id, "nursing-home", PLACE, at_work)
    begin(case_id, "payment", PAYMENT, at_work)
    protecting.set_level(case_id, "fortrolig", "threat", "", at_work, staff_key=KEY)
    assert casework.open_case(case_id, at_work, "case-handling", staff_key=KEY).records == []
    with pytest.raises(NeedNotStated):
        opened(case_id, "measure", at_work)
    with pytest.raises(NeedNotStated):
        begin(case_id, "measure", MEASURE, at_work)
    bob = working_as(keeping.staff["bob"].id, "ordinary")
    assert [each.place for each in waiting.open_lists(bob)[0].waiting] == [None]
    assert [each.opened for each in paying.to_pay(at_work, date(2026, 12, 1))] == [None]
    with pytest.raises(NothingToHandOver):
        paying.make_file(at_work, date(2026, 12, 1))
    protecting.state_need(case_id, "visit", at_work, staff_key=KEY)
    assert len(opened(case_id, "measure", at_work).records) == 1
    assert len(casework.open_case(case_id, at_work, "case-handling", staff_key=KEY).records) == 3


def test_opening_a_case_with_records_takes_no_more_statements(case_id, at_work):
    def counted():
        with statements() as asked:
            casework.open_case(case_id, at_work, "case-handling", staff_key=KEY)
        return len(asked)

    counted()
    before = counted()
    for kind, answers in (("measure", MEASURE), ("plan", PLAN), ("weekly-plan", WEEK)):
        begin(case_id, kind, answers, at_work)
    assert counted() == before


def test_the_log_tells_that_records_were_shown(case_id, at_work):
    begin(case_id, "measure", MEASURE, at_work)
    casework.open_case(case_id, at_work, "case-handling", staff_key=KEY)
    shown = LogEntry.objects.filter(action="read").latest("at")
    assert "records" in shown.field_kinds
    assert set(Record.objects.values_list("id", flat=True)) <= set(shown.shown_ids)


# --- a week ---


def visit(case_id, plan, by, day, time, given="given", **more):
    told = {"day": day, "time": time, "given": given, **more}
    return begin(case_id, "visit", told, by, of_series=plan.series)


def slots(view):
    return [
        (slot.time, slot.minutes, slot.given.answers["given"] if slot.given else None, slot.minutes_given)
        for slot in view.week.days[0].slots
    ]


def week(case_id, by, day):
    return weeks.open_week(found(case_id, "weekly-plan", by), day)


def test_a_week_holds_what_was_granted_against_what_was_given(case_id, at_work):
    plan = begin(case_id, "weekly-plan", WEEK, at_work)
    visit(case_id, plan, at_work, "2026-11-16", "08:00", minutes=25)
    visit(case_id, plan, at_work, "2026-11-16", "20.00", "not-given", reason="Syk pleier")
    visit(case_id, plan, at_work, "2026-11-16", "13.00", "moved", minutes=15)
    found = week(case_id, at_work, date(2026, 11, 18))
    assert slots(found) == [("08.00", 30, "given", 25), ("13.00", 0, "moved", 15), ("20:00", 20, "not-given", 0)]
    assert (found.week.granted, found.week.given) == (110, 40)
    assert found.week.before == date(2026, 11, 9)


def test_a_plan_that_is_changed_leaves_the_weeks_before_it(case_id, at_work):
    plan = begin(case_id, "weekly-plan", WEEK, at_work)
    less = {"starts": "2026-11-16", "visits": WEEK["visits"][:1]}
    changed = revise(plan, less, at_work)
    assert week(case_id, at_work, date(2026, 11, 9)).week.granted == 110
    assert week(case_id, at_work, date(2026, 11, 16)).week.granted == 30
    end(changed, at_work, day=date(2026, 11, 22), version=2)
    assert week(case_id, at_work, date(2026, 11, 23)).week.granted == 0
    assert week(case_id, at_work, date(2026, 10, 26)).week.granted == 0


def test_visits_are_not_among_what_opens_with_the_case_and_make_no_events(case_id, at_work):
    plan = begin(case_id, "weekly-plan", WEEK, at_work)
    visit(case_id, plan, at_work, "2026-11-16", "08:00")
    view = casework.open_case(case_id, at_work, "case-handling", staff_key=KEY)
    assert [each.row.kind for each in view.records] == ["weekly-plan"]
    assert Event.objects.filter(kind="record-written").count() == 1


def test_not_given_without_a_reason_is_refused(case_id, at_work):
    plan = begin(case_id, "weekly-plan", WEEK, at_work)
    with pytest.raises(NotComplete):
        visit(case_id, plan, at_work, "2026-11-16", "08:00", "not-given")


# --- payments ---


def test_a_payment_goes_to_the_accounts_once(case_id, at_work):
    row = begin(case_id, "payment", PAYMENT, at_work)
    begin(case_id, "payment", {**PAYMENT, "due_on": "2027-03-01"}, at_work)
    until = date(2026, 12, 1)
    assert [each.amount_ore for each in paying.to_pay(at_work, until)] == [123450]
    file_id = paying.make_file(at_work, until)
    told = paying.file_of(file_id, at_work)
    assert f"{row.series};2026-11-20;1234,50;Kraftlaget;12345678903;Strøm;" in told
    assert told == paying.file_of(file_id, at_work)
    with pytest.raises(NothingToHandOver):
        paying.make_file(at_work, until)
    assert paying.to_pay(at_work, until) == []
    assert [(each.id, each.lines) for each in paying.files_made(at_work)] == [(file_id, 1)]


def test_what_was_handed_over_is_stopped_and_never_changed(case_id, at_work):
    row = begin(case_id, "payment", PAYMENT, at_work)
    file_id = paying.make_file(at_work, date(2026, 12, 1))
    with pytest.raises(HandedToAccounts):
        revise(row, {**PAYMENT, "amount_ore": 1}, at_work)
    end(row, at_work, status="stopped", why="Flyttet")
    assert "1234,50" in paying.file_of(file_id, at_work)
    assert AccountLine.objects.count() == 1


def test_a_payment_that_is_stopped_in_time_is_not_handed_over(case_id, at_work):
    row = begin(case_id, "payment", PAYMENT, at_work)
    end(row, at_work, status="cancelled", why="Feil")
    with pytest.raises(NothingToHandOver):
        paying.make_file(at_work, date(2026, 12, 1))


def test_the_database_itself_lets_a_payment_be_handed_over_once(case_id, at_work):
    from allmenning.municipal.access.actor import Actor
    from allmenning.municipal.cases import records

    row = begin(case_id, "payment", PAYMENT, at_work)
    alice = Actor("staff", at_work.staff_id, "Alice Alm")
    records.hand_over([row], at_work.staff_id, alice, dates.now())
    with pytest.raises(SomebodyWasFirst):
        records.hand_over([row], at_work.staff_id, alice, dates.now())


def test_nobody_pays_in_a_case_that_is_not_theirs(keeping, case_id, at_work):
    begin(case_id, "payment", PAYMENT, at_work)
    file_id = paying.make_file(at_work, date(2026, 12, 1))
    hire(keeping, number(113), "caseworker", unit="Byggesak", name="Eva Ek")
    with use(keeping.id, "ordinary"):
        eva = working_as(keeping.staff["eva"].id, "ordinary")
        assert paying.to_pay(eva, date(2026, 12, 1)) == []
        with pytest.raises(NothingToHandOver):
            paying.file_of(file_id, eva)


# --- waiting ---


def test_the_leader_sees_who_waits_and_it_is_logged_as_one_list(keeping, case_id, at_work):
    begin(case_id, "nursing-home", PLACE, at_work)
    with pytest.raises(NotYours):
        waiting.open_lists(at_work)
    bob = working_as(keeping.staff["bob"].id, "ordinary")
    (found,) = waiting.open_lists(bob)
    assert [(each.applicant_name, each.place.answers["need"]) for each in found.waiting] == [
        ("Rita Rogn", "Trenger tilsyn")
    ]
    entry = LogEntry.objects.get(action="list", purpose="waiting-list")
    assert (entry.shown_ids, entry.field_kinds) == ([case_id], ["applicant-name", "records"])


def test_who_was_offered_a_place_waits_no_more(keeping, case_id, at_work):
    row = begin(case_id, "nursing-home", PLACE, at_work)
    end(row, at_work, status="offered", why="Plass fra mandag")
    bob = working_as(keeping.staff["bob"].id, "ordinary")
    assert [each.waiting for each in waiting.open_lists(bob)] == [[]]


# --- the party ---


def test_the_party_sees_what_the_kind_lets_them_and_nothing_else(keeping, case_id, at_work):
    for kind, answers in (("measure", MEASURE), ("plan", PLAN), ("nursing-home", PLACE), ("weekly-plan", WEEK)):
        begin(case_id, kind, answers, at_work)
    with use(keeping.id, "resident", keys=rita().keys(keeping.id)):
        assert {row.kind for row in Record.objects.all()} == {"measure", "weekly-plan"}
    with use(keeping.id, "resident", keys=(b"x" * 32,)):
        assert not Record.objects.exists()


def test_a_visit_of_long_ago_is_not_looked_for_by_the_page(keeping, case_id, at_work):
    from allmenning.municipal.cases import records

    plan = begin(case_id, "weekly-plan", WEEK, at_work)
    for days in (1, 100):
        visit(case_id, plan, at_work, (dates.today() - timedelta(days=days)).isoformat(), "08:00")
    assert [row.kind for row in records.visible_in(case_id)] == ["visit", "weekly-plan"]


def test_the_partys_page_export_and_access_hold_what_they_should(keeping, case_id, at_work):
    from allmenning.journeys import my_data, my_page
    from allmenning.journeys.giving_access import GIVE, CaseForParty

    row = begin(case_id, "measure", MEASURE, at_work)
    revise(row, {**MEASURE, "aim": "Få venner"}, at_work)
    plan = begin(case_id, "weekly-plan", WEEK, at_work)
    visit(case_id, plan, at_work, "2026-11-16", "08:00", note="Spiste godt")
    begin(case_id, "plan", PLAN, at_work)
    parts = CaseForParty(casework.open_case(case_id, at_work, "case-handling", staff_key=KEY)).parts
    of_records = {part.text: part.proposed for part in parts if part.id.startswith("record:")}
    assert of_records["Få venner"] == GIVE
    assert of_records["Hvordan går det hjemme?"] != GIVE
    assert any("Spiste godt" in text for text in of_records)
    assert any("Komme ut" in text for text in of_records)  # the version before
    with use(keeping.id, "resident", keys=rita().keys(keeping.id)):
        page = my_page.open_mine(case_id)
        assert [shelf.kind.id for shelf in page.shelves] == ["measure", "weekly-plan", "visit"]
        told = my_data.of_municipality(rita(), my_data.Zip())["cases"][0]["kept"]
        assert [each["kind"] for each in told] == ["measure", "measure", "visit", "weekly-plan"]


def test_what_is_erased_opens_for_nobody(keeping, case_id, at_work):
    from allmenning.journeys import erasing

    begin(case_id, "measure", MEASURE, at_work)
    assert Record in set(erasing._about_cases())
    assert AccountLine in set(erasing._about_cases())


def test_a_row_of_a_list_is_told_as_one(case_id, at_work):
    from allmenning.journeys import recorded

    begin(case_id, "weekly-plan", WEEK, at_work)
    shelf = opened(case_id, "weekly-plan", at_work)
    told = [tuple(row) for row in recorded.rows_of(shelf.form, shelf.records[0])]
    assert told[1] == ("Besøk 1", "Dag: mandag, Klokken: 08.00, Minutter: 30, Oppgave: Morgenstell")
    assert len(told) == 4
