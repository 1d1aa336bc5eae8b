"""A case goes through the phases of its service, with their steps; and one is opened for each whom it is about."""

import json
import zlib
from datetime import date, timedelta

import pytest
from django.db import ProgrammingError, transaction

from allmenning import vault
from allmenning.basics import dates
from allmenning.basics.plain_yaml import read_yaml
from allmenning.commons.catalogue import actions as catalogue
from allmenning.commons.catalogue import package as packages
from allmenning.commons.identity import queries as identity
from allmenning.journeys import (
    administering,
    applying,
    casework,
    deciding,
    decision_letters,
    dialogue,
    disqualifying,
    my_data,
    my_page,
    outbox,
    own_cases,
    phases,
    readings,
    registering,
)
from allmenning.journeys.testing import ALICE, BOB, SERVICES, number, rita
from allmenning.journeys.tests.counting import statements
from allmenning.journeys.tests.test_main_job import INQUIRY, as_resident, desk, send_inquiry, staff_key
from allmenning.municipal.access.actor import RESIDENT, SYSTEM
from allmenning.municipal.access.errors import NotYours
from allmenning.municipal.access.models import LogEntry
from allmenning.municipal.archive.models import RegistryEntry
from allmenning.municipal.cases.errors import NobodySentIt, NotInThisPhase, PhaseNotGoingOn, StepsLeft, TextMissing
from allmenning.municipal.cases.models import Case, CaseDeadline, Event, Participant, PhaseChange, Task
from allmenning.municipal.forms.actions import open_submission
from allmenning.municipal.forms.models import Submission
from allmenning.municipal.people import protection
from allmenning.municipal.people.protection import Level
from allmenning.municipal.post.models import Delivery, Message
from allmenning.tenancy import use

DAY = date(2026, 5, 4)
ANNA = number(201, date(2018, 3, 1))
SECRET = "Barnet har flyttet til mormor."


def t(text):
    return {"nb": text, "nn": text, "en": text}


def outcome(id, like, *, closes=False):
    return {**like, "id": id, "title": t(id), "closes": closes}


def phase(id, *opened_by, **more):
    return {"id": id, "title": t(id.capitalize()), "opened_by": list(opened_by), **more}


def step(id, **more):
    return {"id": id, "title": t(id), "who": {"role": "caseworker"}, **more}


LINES = [
    phase("look", "received", steps=[step("read")], concluded_by=["outcome:opened", "outcome:answered"]),
    phase(
        "help",
        "outcome:opened",
        steps=[step("talk", required=True, repeats=True, deadline="P2W"), step("visit")],
        decides=["outcome:changed"],
        concluded_by=["outcome:ended"],
        by_hand={"role": "leader"},
    ),
    phase("after", "phase:help", by_hand={"role": "caseworker"}),
]
PLAN = {
    "id": "plan",
    "title": t("Plan"),
    "duration": "P2W",
    "after_event": "opened:help",
    "pauses": False,
    "met_by": ["step:visit"],
    "phase": "help",
}


def with_phases(lines=LINES, deadlines=(PLAN,), **form):
    """The inquiry, whose letter has one text, with phases: it opens, changes and ends help, or just answers."""
    files = dict(packages.read_folder(SERVICES / "inquiry"))
    routine = read_yaml(files["routine.yaml"])
    answered = next(each for each in routine["outcomes"] if each["id"] == "answered")
    more = [outcome(id, answered, closes=id == "ended") for id in ("opened", "changed", "ended")]
    for name in [each for each in files if each.startswith("letters/answered.")]:
        files.update({name.replace("answered", each["id"]): files[name] for each in more})
    for value in routine["values"]:
        if "answered" in value.get("outcomes", ()):
            value["outcomes"] += [each["id"] for each in more]
    routine = {**routine, "outcomes": [*routine["outcomes"], *more], "phases": lines}
    service = {
        **read_yaml(files["service.yaml"]),
        # A version is never another folder: what was read of one is remembered.
        "version": f"9.{zlib.crc32(json.dumps([lines, deadlines, form]).encode())}.0",
        "deadlines": list(deadlines),
    }
    made = {"routine.yaml": routine, "service.yaml": service}
    if form:
        schema = json.loads(files["form.schema.json"])
        made["form.schema.json"] = {**schema, "properties": {**schema["properties"], **form}}
    return {**files, **{name: json.dumps(content) for name, content in made.items()}}


def offer(place, files):
    package = packages.from_files(files)
    catalogue.publish(package, by="test")
    with use(place.id, "administration"):
        administering.adopt(administering.OPERATOR, package.id, package.version, {})


def send(place, files=None, **answers):
    offer(place, files or with_phases())
    with dates.clock.frozen(DAY):
        return send_inquiry(place, rita(), **answers).case_id


def decide(place, outcome, case_id, *, day=DAY, by="alice"):
    with desk(place), dates.clock.frozen(day):
        case, key = Case.objects.get(id=case_id), staff_key(place, ALICE if by == "alice" else BOB)
        drafted = decision_letters.Drafted(outcome, [], {"answer": "Vi hjelper."})
        deciding.save_draft(case_id, drafted, place.working(by), revision=case.revision, staff_key=key)
        case.refresh_from_db()
        return deciding.issue(case_id, place.working(by), revision=case.revision, staff_key=key)


def tick(place, case_id, step, day=DAY):
    with desk(place), dates.clock.frozen(day):
        casework.finish_task(case_id, step, place.working("alice"), staff_key=staff_key(place, ALICE))


def conclude(place, case_id, phase, reasons=SECRET, by="bob", day=DAY):
    with desk(place), dates.clock.frozen(day):
        key = staff_key(place, ALICE if by == "alice" else BOB)
        phases.conclude(case_id, phase, reasons, place.working(by), staff_key=key)


def story(place, case_id):
    with desk(place):
        rows = PhaseChange.objects.filter(case=case_id).order_by("at", "kind", "id")
        return [(each.phase, each.round, each.kind, each.because, each.staff_name) for each in rows]


def left(place, case_id):
    with desk(place):
        return [each.step for each in Task.objects.filter(case=case_id, done_at=None).order_by("position")]


def opened(place, case_id, by="alice", who=ALICE):
    with desk(place):
        return casework.open_case(case_id, place.working(by), "case-handling", staff_key=staff_key(place, who))


def test_the_folder_is_whole():
    said = [str(each) for each in packages.check_files(with_phases()) if each.level == "error"]
    assert said == [f"error: examples: no example has the outcome {each}" for each in ("opened", "changed", "ended")]


def test_a_case_begins_in_its_first_phase_with_its_steps(averoy):
    case_id = send(averoy)
    assert story(averoy, case_id) == [("look", 1, "opened", "received", "")]
    assert "read" in left(averoy, case_id)


def test_sending_is_one_statement_with_phases_too(averoy):
    offer(averoy, with_phases())
    with as_resident(averoy, rita()):
        draft = applying.begin(rita(), "inquiry", "nb", owner_key=rita().keys(averoy.id)[0])
        filling = applying.open_draft(draft.id)
        applying.save_page(filling, {**filling.content.data, **INQUIRY}, {}, page=1, revision=draft.revision)
        draft = applying.open_draft(draft.id).draft
        with statements() as sent:
            registering.submit(
                draft, registering.Applicant("person", rita().number, rita().name), RESIDENT, submitted_by="Rita"
            )
    assert len([each for each in sent if "insert_together" in each]) == 1
    assert not [each for each in sent if "phasechange" in each]


def test_a_decision_leads_from_one_phase_to_the_next_with_its_steps_and_deadline(averoy):
    case_id = send(averoy)
    decide(averoy, "opened", case_id, day=DAY + timedelta(2))
    assert story(averoy, case_id)[1:] == [
        ("look", 1, "concluded", "outcome:opened", "Alice Alm"),
        ("help", 1, "opened", "outcome:opened", "Alice Alm"),
    ]
    assert left(averoy, case_id) == ["talk", "visit"]  # the routine until its letter belonged to what is concluded
    with desk(averoy):
        task, plan = Task.objects.get(step="talk"), CaseDeadline.objects.get()
        assert task.due_on == plan.due_on == date(2026, 5, 20)
        assert Task.objects.get(step="read").skipped
        assert not Event.objects.filter(kind__startswith="phase-", visible_to_resident=True).exists()


def test_a_step_that_repeats_is_there_again_until_the_phase_is_concluded(averoy):
    case_id = send(averoy)
    decide(averoy, "opened", case_id)
    tick(averoy, case_id, "talk", DAY + timedelta(3))
    tick(averoy, case_id, "visit", DAY + timedelta(3))
    with desk(averoy):
        turns = Task.objects.filter(step="talk").order_by("turn")
        assert [(each.turn, each.due_on) for each in turns] == [(1, date(2026, 5, 18)), (2, date(2026, 5, 21))]
        assert Task.objects.filter(step="visit").count() == 1
        assert CaseDeadline.objects.get().met_by == "step:visit"
    decide(averoy, "ended", case_id, day=DAY + timedelta(4))
    assert left(averoy, case_id) == []


def test_a_phase_is_not_concluded_before_what_it_requires_is_done(averoy):
    case_id = send(averoy)
    decide(averoy, "opened", case_id)
    with pytest.raises(StepsLeft) as refused:
        decide(averoy, "ended", case_id)
    assert refused.value.steps == "talk"
    with pytest.raises(StepsLeft):
        conclude(averoy, case_id, "help")
    tick(averoy, case_id, "talk")
    decide(averoy, "ended", case_id)
    assert ("help", 1, "concluded", "outcome:ended", "Alice Alm") in story(averoy, case_id)


def test_what_belongs_in_another_phase_is_not_decided(averoy):
    case_id = send(averoy)
    for wrong in ("changed", "ended"):
        with pytest.raises(NotInThisPhase):
            decide(averoy, wrong, case_id)
    decide(averoy, "opened", case_id)
    decide(averoy, "changed", case_id)
    with pytest.raises(NotInThisPhase):
        decide(averoy, "answered", case_id)
    assert story(averoy, case_id)[-1][:3] == ("help", 1, "opened")


def test_a_leader_concludes_one_by_hand_with_reasons_that_are_sealed_and_the_next_is_opened(averoy):
    case_id = send(averoy)
    decide(averoy, "opened", case_id)
    tick(averoy, case_id, "talk")
    conclude(averoy, case_id, "help")
    assert {
        ("help", 1, "concluded", "by-hand", "Bob Bjørk"),
        ("after", 1, "opened", "phase:help", "Bob Bjørk"),
    } < set(story(averoy, case_id))
    with desk(averoy):
        row = PhaseChange.objects.get(because="by-hand")
        assert b"mormor" not in bytes(row.reasons)
        assert LogEntry.objects.filter(action="conclude-phase", case_id=case_id).count() == 1
    shown = {each.id: each for each in opened(averoy, case_id).phases}
    assert shown["help"].reasons == SECRET
    assert shown["after"].may_conclude


def test_only_who_may_concludes_one_by_hand_and_says_why(averoy):
    case_id = send(averoy)
    with pytest.raises(PhaseNotGoingOn):
        conclude(averoy, case_id, "look")  # a decision concludes it
    decide(averoy, "opened", case_id)
    tick(averoy, case_id, "talk")
    with pytest.raises(NotYours):
        conclude(averoy, case_id, "help", by="alice")
    with pytest.raises(TextMissing):
        conclude(averoy, case_id, "help", " ")
    conclude(averoy, case_id, "help")
    with pytest.raises(PhaseNotGoingOn):
        conclude(averoy, case_id, "help")
    conclude(averoy, case_id, "after", by="alice")


def test_who_concludes_the_last_one_by_hand_closes_the_case_where_the_service_says_so(averoy):
    case_id = send(
        averoy, with_phases([LINES[0], {**LINES[1], "by_hand": {"role": "leader", "closes": True}}, LINES[2]])
    )
    decide(averoy, "opened", case_id)
    tick(averoy, case_id, "talk")
    conclude(averoy, case_id, "help")
    with desk(averoy):
        case = Case.objects.get()
        assert (case.state, case.outcome) == ("decided", "opened")
        assert not Task.objects.filter(done_at=None).exists()
    assert {each[0] for each in story(averoy, case_id)} == {"look", "help"}


def test_what_has_been_is_never_changed(averoy):
    case_id = send(averoy)
    with desk(averoy), pytest.raises(ProgrammingError), transaction.atomic():
        PhaseChange.objects.filter(case=case_id).update(because="by-hand")
    with as_resident(averoy, rita()), pytest.raises(ProgrammingError), transaction.atomic():
        PhaseChange.objects.count()


def test_a_resident_begins_a_case_in_its_first_phase_and_moves_it_nowhere(averoy):
    case_id = send(averoy)
    with as_resident(averoy, rita()), pytest.raises(ProgrammingError), transaction.atomic():
        PhaseChange.objects.bulk_create(
            [PhaseChange(area="ordinary", case_id=case_id, phase="help", kind="opened", because="x", at=dates.now())]
        )


def test_the_case_says_where_it_is_and_what_comes_next(averoy):
    case_id = send(averoy)
    decide(averoy, "opened", case_id)
    before, now = opened(averoy, case_id).phases
    assert (before.id, before.concluded.because, before.next) == ("look", "outcome:opened", ())
    assert [title["nb"] for title in now.left] == ["talk"]
    assert [(word, [title["nb"] for title in titles]) for word, titles in now.next] == [("outcome:ended", ["After"])]


def test_where_the_address_is_protected_it_is_not_said_why_a_phase_was_concluded(averoy):
    case_id = send(averoy)
    decide(averoy, "opened", case_id)
    tick(averoy, case_id, "talk")
    conclude(averoy, case_id, "help")
    with desk(averoy):
        protection.raise_by_register(bytes(Case.objects.get().owner_key), Level.CONFIDENTIAL, because="household")
    assert {each.reasons for each in opened(averoy, case_id).phases} == {""}


def test_a_phase_that_is_opened_again_has_its_steps_again(averoy):
    lines = [
        {**LINES[0], "concluded_by": ["outcome:opened"]},
        {**LINES[1], "by_hand": {"role": "caseworker"}},
        phase("rest", "phase:help", concluded_by=["outcome:opened"]),
    ]
    case_id = send(averoy, with_phases(lines))
    decide(averoy, "opened", case_id)
    tick(averoy, case_id, "talk", DAY + timedelta(1))
    conclude(averoy, case_id, "help", day=DAY + timedelta(2))
    decide(averoy, "opened", case_id, day=DAY + timedelta(3))
    assert story(averoy, case_id)[-1][:3] == ("help", 2, "opened")
    with pytest.raises(StepsLeft):
        conclude(averoy, case_id, "help", day=DAY + timedelta(4))


# --- a case for each ---

CHILDREN = {
    "type": "array",
    "x-title": t("Barn"),
    "items": {
        "type": "object",
        "x-title": t("Barn"),
        "properties": {
            "name": {"type": "string", "x-title": t("Navn"), "maxLength": 80},
            "number": {"type": "string", "x-title": t("Nummer"), "x-format": "national-identity-number"},
            "place": {"type": "string", "x-title": t("Sted"), "maxLength": 80},
        },
    },
}
APART = [
    LINES[0],
    {**LINES[1], "for": {"each": "children", "name": "name", "number": "number", "title": t("Saken til en")}},
    LINES[2],
]
SIBLINGS = [{"name": "Anna Eksempel", "number": ANNA, "place": "Prøveveien 2"}, {"name": "Bo Eksempel"}]
AFTER = {
    "id": "tell",
    "title": t("Si fra"),
    "duration": "P3W",
    "after_event": "phase:help",
    "pauses": False,
    "met_by": ["message:letter"],
    "phase": "look",
}


def report(place, children=SIBLINGS, **routine):
    """A report about children is sent, and it is decided that each is helped. The report's own id."""
    files = with_phases(APART, (PLAN, AFTER), children=CHILDREN)
    if routine:
        version = f"9.{zlib.crc32(json.dumps(routine).encode())}.1"
        files["routine.yaml"] = json.dumps({**read_yaml(files["routine.yaml"]), **routine})
        files["service.yaml"] = json.dumps({**read_yaml(files["service.yaml"]), "version": version})
    ui = json.loads(files["form.ui.json"])
    ui["elements"][0]["elements"].append({"type": "Control", "scope": "#/properties/children"})
    case_id = send(place, {**files, "form.ui.json": json.dumps(ui)}, children=children)
    decide(place, "opened", case_id)
    outbox.drain(place.id, "ordinary")
    return case_id


def own(place, case_id):
    with desk(place):
        return list(Case.objects.filter(opened_from=case_id).order_by("opened_for"))


def test_the_others_of_a_report_are_in_each_childs_case_with_the_child_and_no_sibling(averoy):
    parties = [
        {
            "id": "child",
            "title": t("Barnet"),
            "from": {"each": "children", "name": "name", "number": "number"},
            "is_party": "own_case and item.name == 'Anna Eksempel'",
        },
        {"id": "neighbour", "title": t("Naboen"), "from": {"name": "subject"}},
    ]
    case_id = report(averoy, parties=parties)
    with desk(averoy):
        assert list(Participant.objects.filter(case=case_id).values_list("is_party", flat=True)) == [False] * 3
    for child in own(averoy, case_id):
        with desk(averoy):
            themselves, row = Participant.objects.filter(case=child.id).order_by("role")
            names = [
                child.key.open_text("cases.Participant.name", bytes(each.name), each.id) for each in (themselves, row)
            ]
            assert (themselves.role, row.role) == ("child", "neighbour")
            assert names == [child.opened_applicant_name, INQUIRY["subject"]]
            assert themselves.is_party == (child.opened_applicant_name == "Anna Eksempel")


def test_each_child_gets_a_case_of_its_own(averoy):
    case_id = report(averoy)
    anna, bo = own(averoy, case_id)
    assert story(averoy, anna.id) == [("help", 1, "opened", "outcome:opened", "Alice Alm")]
    assert [each[0] for each in story(averoy, case_id)] == ["look", "look"]
    assert left(averoy, anna.id) == ["talk", "visit"]
    with desk(averoy):
        sent = [open_submission(Submission.objects.get(case_id=each.id), each.key).data for each in (anna, bo)]
        assert sent == [{"children": [SIBLINGS[0]]}, {"children": [SIBLINGS[1]]}]
        assert [each.opened_applicant_name for each in (anna, bo)] == ["Anna Eksempel", "Bo Eksempel"]
        assert {each.sequence for each in (anna, bo)} == {2, 3}
        assert LogEntry.objects.filter(action="open-own-case").count() == 2
        numbers = list(RegistryEntry.objects.order_by("sequence").values_list("sequence", flat=True))
        assert numbers == [1, 2]  # what came in and the answer: no number was lost
    with use(averoy.id, "ordinary"):
        received = Case.objects.get(id=case_id)
        assert (anna.received_at, anna.unit_id) == (received.received_at, received.unit_id)


def test_the_case_is_of_the_child_whose_near_ones_are_refused(averoy):
    anna, bo = own(averoy, report(averoy))
    assert bytes(anna.owner_key) == own_cases_key(averoy, ANNA)
    assert anna.applicant_id
    assert bo.applicant_id is None
    with desk(averoy), pytest.raises(NotYours):
        casework.open_case(anna.id, averoy.working("alice"), "case-handling", staff_key=staff_key(averoy, ANNA))


def test_neither_the_sender_nor_the_child_nor_a_parent_sees_it(averoy):
    case_id = report(averoy)
    anna, _ = own(averoy, case_id)
    keys = (own_cases_key(averoy, ANNA), *rita().keys(averoy.id))
    with use(averoy.id, "resident", keys=keys):
        assert [each.id for each in Case.objects.all()] == [case_id]
        assert set(Submission.objects.values_list("case_id", flat=True)) == {case_id}
        assert not LogEntry.objects.filter(case_id=anna.id).exists()
        assert {each.case_id for each in Event.objects.all()} == {case_id}
        assert not Task.objects.filter(case_id=anna.id).exists()


def own_cases_key(place, number):
    with desk(place):
        return own_cases.person_key(number)


def test_nobody_is_told_that_there_is_something_here(averoy):
    report(averoy)
    assert identity.municipalities_of(vault.person_key(f"person:{ANNA}")) == []
    with use(averoy.id, "resident", keys=(own_cases_key(averoy, ANNA),)):
        assert list(my_data._known_as()) == []


def test_the_sender_reads_the_report_alone(averoy):
    case_id = report(averoy)
    with as_resident(averoy, rita()):
        shown = my_page.open_mine(case_id)
        assert [each.kind for each in shown.timeline] == ["received", "decided"]


def test_its_letters_go_on_paper(averoy, registers):
    case_id = report(averoy)
    anna, _ = own(averoy, case_id)
    tick(averoy, anna.id, "talk")
    decide(averoy, "ended", anna.id)
    outbox.drain(averoy.id, "ordinary")
    with desk(averoy):
        deliveries = Delivery.objects.filter(case_id=anna.id)
        assert [(each.channel, each.reason) for each in deliveries] == [("print", "not-in-the-portal")]
    assert ANNA not in str(registers.sent)


def test_nobody_is_asked_in_it(averoy):
    anna, _ = own(averoy, report(averoy))
    with desk(averoy), pytest.raises(NobodySentIt):
        casework.ask(
            anna.id,
            "Hvem er du?",
            dates.today() + timedelta(7),
            averoy.working("alice"),
            revision=anna.revision,
            staff_key=staff_key(averoy, ALICE),
        )
    with desk(averoy):
        assert not Message.objects.filter(case_id=anna.id).exists()


def test_deadlines_of_the_phase_run_in_the_childs_case_and_the_report_hears_of_the_last(averoy):
    case_id = report(averoy)
    anna, bo = own(averoy, case_id)
    with desk(averoy):
        assert {each.case_id for each in CaseDeadline.objects.filter(deadline="plan")} == {anna.id, bo.id}
    for child, day in ((anna, 10), (bo, 20)):
        tick(averoy, child.id, "talk", DAY + timedelta(day))
        with desk(averoy):
            assert not CaseDeadline.objects.filter(case=case_id, deadline="tell").exists()
        decide(averoy, "ended", child.id, day=DAY + timedelta(day))
    with desk(averoy):
        told = CaseDeadline.objects.get(case=case_id, deadline="tell")
        assert (told.began_on, told.due_on) == (date(2026, 5, 24), date(2026, 6, 14))


def test_deciding_again_opens_no_case_twice(averoy):
    case_id = report(averoy)
    with desk(averoy), transaction.atomic():
        case, package = Case.objects.get(id=case_id), packages.from_files(with_phases(APART, children=CHILDREN))
        again = own_cases.open_for_each(case, package.phase("help"), "outcome:opened", SYSTEM, dates.now())
    assert again == []
    assert len(own(averoy, case_id)) == 2


def test_each_case_leads_to_the_other_for_who_may_find_it(averoy):
    case_id = report(averoy)
    anna, bo = own(averoy, case_id)
    shown = opened(averoy, case_id)
    assert [each.case.id for each in shown.own_cases] == [anna.id, bo.id]
    assert [title["nb"] for title in shown.own_cases[0].phases] == ["Help"]
    assert opened(averoy, anna.id).opened_from.id == case_id
    with desk(averoy):
        disqualifying.declare_in_case(anna.id, averoy.working("alice"), staff_key=staff_key(averoy, ALICE))
    assert [each.case.id for each in opened(averoy, case_id).own_cases] == [bo.id]


def test_what_was_shown_of_phases_can_be_told_afterwards(averoy):
    case_id = send(averoy)
    decide(averoy, "opened", case_id)
    opened(averoy, case_id)
    with desk(averoy):
        entry = LogEntry.objects.filter(action="read").latest("at")
        assert readings.is_as_shown(entry, Case.objects.get())


def test_a_case_that_is_withdrawn_stays_in_its_phase_where_it_ended(averoy):
    case_id = send(averoy)
    decide(averoy, "opened", case_id)
    with as_resident(averoy, rita()):
        dialogue.withdraw(case_id)
    assert [each.concluded for each in opened(averoy, case_id).phases][-1] is None
