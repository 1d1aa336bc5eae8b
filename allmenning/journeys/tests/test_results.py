"""What is decided is kept apart from what the sender is told: they read the answer, and nothing leads to the result."""

import json
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import ProgrammingError, transaction

from allmenning.basics import dates
from allmenning.basics.plain_yaml import read_yaml
from allmenning.commons.catalogue import actions as catalogue
from allmenning.commons.catalogue import package as packages
from allmenning.doors.desk.testing import at_desk
from allmenning.doors.portal.testing import browser_of
from allmenning.journeys import administering, deciding, decision_letters, dialogue, my_data, my_page, outbox
from allmenning.journeys.testing import ALICE, SERVICES, rita
from allmenning.journeys.tests.test_deadlines_of_a_case import VIEW
from allmenning.journeys.tests.test_deciding_by_itself import apply, the_case
from allmenning.journeys.tests.test_deciding_by_itself import registers as registers
from allmenning.journeys.tests.test_main_job import as_resident, desk, send_inquiry, staff_key
from allmenning.municipal.cases.errors import (
    NothingToAppeal,
    OutcomeNotInRoutine,
    ResultMissing,
    ResultReasonsMissing,
)
from allmenning.municipal.cases.models import Appeal, Case, CaseDeadline, Decision, Event, Result
from allmenning.tenancy import use

SECRET = "Naboen drikker, og barnet er redd."
ANSWER = {"answer": "Vi har sett på det du skrev."}


def titled(text):
    return {"nb": text, "nn": text, "en": text}


RESULTS = [
    {
        "id": "dismissed",
        "title": titled("Henlagt i det stille"),
        "reasons": "required",
        "answers": {"private": "answered", "public": "forwarded"},
    },
    {
        "id": "investigation",
        "title": titled("Undersøkelse åpnet i det stille"),
        "reasons": "optional",
        "answers": {"private": "answered", "public": "forwarded"},
    },
]
TOLD_AS = {
    "id": "told",
    "type": "expressionNode",
    "name": "Who is told",
    "content": {
        "passThrough": True,
        "expressions": [
            {"id": "told-as", "key": "told_as", "value": "form.sender == 'self' ? 'private' : 'public'"},
        ],
    },
}


def with_results(results=RESULTS, **changes):
    """The inquiry's files, where what is decided is not what is told."""
    files = dict(packages.read_folder(SERVICES / "inquiry"))
    decision = json.loads(files["decision.json"])
    decision["nodes"].append(TOLD_AS)
    decision["edges"] = [each for each in decision["edges"] if each["targetId"] != "output"] + [
        {"id": "attention-told", "sourceId": "attention", "targetId": "told", "type": "edge"},
        {"id": "told-output", "sourceId": "told", "targetId": "output", "type": "edge"},
    ]
    service = {**read_yaml(files["service.yaml"]), "version": "9.0.0", **changes}
    routine = {**read_yaml(files["routine.yaml"]), "results": results}
    made = {"decision.json": decision, "service.yaml": service, "routine.yaml": routine}
    return {**files, **{name: json.dumps(content) for name, content in made.items()}}


def offer(place, files):
    package = packages.from_files(files)
    catalogue.publish(package, by="test")
    with use(place.id, "administration"):
        administering.adopt(administering.OPERATOR, package.id, "9.0.0", {})


def decide(place, result="dismissed", why=SECRET, outcome="answered", values=None):
    with desk(place):
        case, key = Case.objects.get(), staff_key(place, ALICE)
        drafted = decision_letters.Drafted(outcome, [], values or ANSWER, result=result, result_reasons=why)
        deciding.save_draft(case.id, drafted, place.working("alice"), revision=case.revision, staff_key=key)
        case.refresh_from_db()
        return deciding.issue(case.id, place.working("alice"), revision=case.revision, staff_key=key)


def test_the_folder_is_whole():
    assert [each for each in packages.check_files(with_results()) if each.level == "error"] == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"answers": {"private": "answered"}}, "there is no answer for public"),
        ({"answers": {"private": "withdrawn", "public": "forwarded"}}, "no outcome withdrawn that staff may choose"),
        ({"answers": {"private": "nothing", "public": "forwarded"}}, "no outcome nothing that staff may choose"),
        ({"id": "investigation"}, "the result investigation is there twice"),
    ],
)
def test_a_result_without_its_answers_is_refused(change, said):
    problems = packages.check_files(with_results([{**RESULTS[0], **change}, RESULTS[1]]))
    assert said in " ".join(map(str, problems))


def test_results_need_tables_that_say_who_is_told():
    files = with_results()
    files["decision.json"] = packages.read_folder(SERVICES / "inquiry")["decision.json"]
    assert "told_as is missing" in " ".join(map(str, packages.check_files(files)))


def test_a_deadline_may_start_with_a_result_and_no_more_with_an_outcome():
    deadline = {**VIEW, "after_event": "result:investigation", "met_by": ["step:assess"]}
    del deadline["starts"]
    assert "error" not in " ".join(map(str, packages.check_files(with_results(deadlines=[deadline]))))
    wrong = {**deadline, "after_event": "result:answered"}
    assert "there is no result answered" in " ".join(map(str, packages.check_files(with_results(deadlines=[wrong]))))


def test_the_result_and_why_are_kept_sealed_beside_the_answer(averoy):
    offer(averoy, with_results())
    send_inquiry(averoy, rita())
    decision = decide(averoy)
    with desk(averoy):
        result, case = Result.objects.get(), Case.objects.get()
        assert (result.decision_id, result.result, case.outcome) == (decision.id, "dismissed", "answered")
        assert result.issued_at == decision.issued_at
        assert b"Naboen" not in bytes(result.reasons)
        assert case.key.open_text("cases.Result.reasons", bytes(result.reasons), result.id) == SECRET
        assert not Event.objects.get(kind="result").visible_to_resident


def test_nothing_the_sender_reads_tells_the_result(averoy):
    offer(averoy, with_results())
    case_id = send_inquiry(averoy, rita()).case_id
    decide(averoy, "investigation")
    outbox.drain(averoy.id, "ordinary")
    client = browser_of(rita())
    pages = [client.get(each).text for each in ("/my/", "/my/mailbox/", f"/my/averoy/cases/{case_id}/")]
    with as_resident(averoy, rita()):
        view = my_page.open_mine(case_id)
        told = json.dumps(my_data.of_municipality(rita(), SimpleNamespace(put=lambda *_: None)), default=str)
        [letter] = [each for each in view.documents if each.origin == "letter"]
        pdf = my_page.download(case_id, letter.id)[1]
    events = [(each.kind, each.facts) for each in view.timeline]
    for text in (*pages, told, repr(vars(view.case)), repr(view.decisions), repr(events)):
        assert not any(word in text for word in ("i det stille", "investigation", "Naboen"))
    assert "Besvart" in pages[2] or "svar" in pages[2].lower()
    assert b"stille" not in pdf


def test_the_senders_login_can_neither_read_nor_write_it(averoy):
    offer(averoy, with_results())
    case_id = send_inquiry(averoy, rita()).case_id
    decision = decide(averoy)
    with as_resident(averoy, rita()):
        with pytest.raises(ProgrammingError), transaction.atomic():
            Result.objects.exists()
        case = Case.objects.get(id=case_id)
        with pytest.raises(ProgrammingError), transaction.atomic():
            Result.objects.create(area="ordinary", case=case, decision=decision, result="x", reasons=b"x")


def test_once_the_answer_is_issued_nobody_changes_the_result(averoy):
    offer(averoy, with_results())
    send_inquiry(averoy, rita())
    decide(averoy)
    with desk(averoy):
        assert Result.objects.update(result="investigation") == 0


def test_an_answer_is_not_given_without_what_is_decided_and_why(averoy):
    offer(averoy, with_results())
    send_inquiry(averoy, rita())
    with pytest.raises(ResultMissing):
        decide(averoy, result="")
    with pytest.raises(ResultReasonsMissing):
        decide(averoy, why=" ")
    with pytest.raises(OutcomeNotInRoutine):
        decide(averoy, result="nothing")
    decide(averoy, "investigation", why="")


def test_the_result_begins_deadlines_and_not_the_answer(averoy):
    after = {**VIEW, "id": "after", "after_event": "result:investigation", "duration": "P3M"}
    del after["starts"]
    only = {**VIEW, "id": "only", "after": "view", "when": "result == 'investigation' and told_as == 'private'"}
    del only["starts"]
    offer(averoy, with_results(deadlines=[VIEW, after, only]))
    send_inquiry(averoy, rita())
    with desk(averoy):
        assert set(CaseDeadline.objects.values_list("deadline", flat=True)) == {"view"}
    decide(averoy, "investigation")
    with desk(averoy):
        assert set(CaseDeadline.objects.values_list("deadline", flat=True)) == {"view", "after", "only"}
        assert Case.objects.get().due_on is not None


# --- at the desk ---


def save(place, case_id, **typed):
    with desk(place):
        revision = Case.objects.get(id=case_id).revision
    return at_desk(place, ALICE).post(f"/desk/cases/{case_id}/decide/", {"revision": revision, **typed})


def test_a_caseworker_chooses_what_is_decided_and_sees_what_the_sender_is_told(averoy):
    offer(averoy, with_results())
    case_id = send_inquiry(averoy, rita()).case_id
    page = at_desk(averoy, ALICE).get(f"/desk/cases/{case_id}/decide/").text
    assert page.count('name="outcome"') == 2  # one for each result, with the answer to this sender
    assert page.count("Innsenderen får vite: Besvart") == 2
    chosen = {"outcome": "result-dismissed-answered", "value-result-dismissed-answered-answer": "Takk."}
    lacking = save(averoy, case_id, **chosen)
    assert lacking.status_code == 422
    assert 'id="result-reasons-error"' in lacking.text
    assert "Takk." in lacking.text
    assert save(averoy, case_id, **chosen, result_reasons=SECRET).status_code == 302
    looked = at_desk(averoy, ALICE).get(f"/desk/cases/{case_id}/decide/?look=1").text
    assert "Henlagt i det stille" in looked
    assert SECRET in looked
    with desk(averoy):
        revision = Case.objects.get().revision
    at_desk(averoy, ALICE).post(f"/desk/cases/{case_id}/decide/issue/", {"revision": revision})
    page = at_desk(averoy, ALICE).get(f"/desk/cases/{case_id}/").text
    assert "Henlagt i det stille" in page
    assert SECRET in page


def test_where_the_tables_cannot_say_who_is_told_each_answer_is_there(averoy):
    results = [{**each, "answers": {"a": "answered", "b": "forwarded"}} for each in RESULTS]
    offer(averoy, with_results(results))
    case_id = send_inquiry(averoy, rita()).case_id
    page = at_desk(averoy, ALICE).get(f"/desk/cases/{case_id}/decide/").text
    assert page.count('name="outcome"') == 4


# --- an individual decision in a case that goes on ---


@pytest.fixture
def going_on(averoy):
    """Rita's application was decided by itself, and the case goes on."""
    files = dict(packages.read_folder(SERVICES / "reduced-kindergarten-fee"))
    routine = read_yaml(files["routine.yaml"])
    routine["outcomes"] = [
        {**each, "closes": each["closes"] and each["kind"] != "individual-decision"} for each in routine["outcomes"]
    ]
    service = {**read_yaml(files["service.yaml"]), "version": "9.0.0"}
    offer(averoy, {**files, "routine.yaml": json.dumps(routine), "service.yaml": json.dumps(service)})
    with dates.clock.frozen(dates.now()):
        case_id = apply(averoy)
        outbox.drain(averoy.id, "ordinary")
    with desk(averoy):
        assert Decision.objects.get().status == "issued"
        assert the_case(averoy).is_open
    return case_id


def appeal(place, text="Jeg er uenig."):
    with desk(place):
        case_id = Case.objects.get().id
    with as_resident(place, rita()):
        return dialogue.appeal(case_id, text)


def test_it_is_appealed_while_the_case_goes_on_and_once(averoy, going_on):
    appeal(averoy)
    with desk(averoy):
        assert Case.objects.get().state == "appealed"
        assert not Appeal.objects.get().late
    with pytest.raises(NothingToAppeal):
        appeal(averoy)


def test_the_page_offers_an_appeal_until_it_is_sent(averoy, going_on):
    with desk(averoy):
        address = f"/my/averoy/cases/{Case.objects.get().id}/"
    assert "Send klage" in browser_of(rita()).get(address).text
    appeal(averoy)
    assert "Send klage" not in browser_of(rita()).get(address).text


def test_an_appeal_that_is_withdrawn_leaves_the_case_going_on(averoy, going_on):
    with dates.clock.frozen(dates.now() + timedelta(days=1)):
        appeal(averoy)
    with dates.clock.frozen(dates.now() + timedelta(days=2)):
        with desk(averoy):
            case_id = Case.objects.get().id
        with as_resident(averoy, rita()):
            dialogue.withdraw(case_id)
        outbox.drain(averoy.id, "ordinary")
    with desk(averoy):
        case = Case.objects.get()
        assert (case.state, case.closed_at) == ("in-progress", None)
        assert {each.met_by for each in CaseDeadline.objects.filter(round=2)} == {"withdrawn"}
