"""Deciding at the desk: what is proposed, what is missing, who may send it, and who is told that they came second."""

from dataclasses import replace
from datetime import date

import pytest

from allmenning.basics import dates
from allmenning.doors.desk.testing import HOUSING, at_desk, send, send_inquiry
from allmenning.journeys import administering, decision_letters, dialogue, outbox
from allmenning.journeys.testing import ALICE, BOB, RITA, number, rita
from allmenning.municipal.cases.errors import ConsentMissing, RecordMissing
from allmenning.municipal.cases.models import Case, Decision, State
from allmenning.municipal.people import ports
from allmenning.tenancy import use

FEE = {
    "household_kind": "single",
    "children": [
        {
            "name": "Anna",
            "birth_date": "2023-03-04",
            "lives": "here",
            "has_place": True,
            "kindergarten": "Solstua barnehage",
            "place": "full",
        }
    ],
    "all_in_municipality": True,
    "income_basis": "tax-return",
    "applicant_income_ore": 20000000,
    "from_month": "2026-12",
    "declaration": True,
}


@pytest.fixture
def asked(averoy):
    return send_inquiry(averoy).case_id


@pytest.fixture
def applied(averoy):
    case_id = send(averoy, "reduced-kindergarten-fee", FEE).case_id
    outbox.drain(averoy.id, "ordinary")
    return case_id


def case_of(place, case_id):
    with use(place.id, "ordinary"):
        return Case.objects.get(id=case_id)


def address(case_id, *rest):
    return "/".join(["/desk/cases", str(case_id), "decide", *rest, ""])


def save(client, place, case_id, **typed):
    case = case_of(place, case_id)
    return client.post(address(case_id), {"revision": case.revision, **typed})


def issue(client, place, case_id, revision=None):
    revision = case_of(place, case_id).revision if revision is None else revision
    return client.post(address(case_id, "issue"), {"revision": revision})


def opened_by(place, number, case_id):
    client = at_desk(place, number)
    client.post(f"/desk/cases/{case_id}/purpose/", {"purpose": "case-handling"})
    return client


ANSWER = {"outcome": "answered", "value-answered-answer": "Vi fyller hullet i dag."}


def test_an_inquiry_is_answered_and_closed(averoy, asked):
    client = at_desk(averoy, ALICE)
    response = save(client, averoy, asked, **ANSWER)
    assert response["Location"].endswith("?look=1")
    assert "Vi fyller hullet i dag." in client.get(response["Location"]).text
    page = client.post(address(asked, "issue"), {"revision": case_of(averoy, asked).revision}, follow=True)
    assert "brevet er på vei" in page.text
    assert case_of(averoy, asked).state == State.DECIDED


def test_an_empty_answer_is_said_beside_its_field_and_the_draft_is_kept(averoy, asked):
    response = save(at_desk(averoy, ALICE), averoy, asked, outcome="answered")
    assert response.status_code == 422
    assert 'id="value-answered-answer-error"' in response.text


def test_no_outcome_is_an_error_at_the_outcomes(averoy, asked):
    response = save(at_desk(averoy, ALICE), averoy, asked, **{"value-answered-answer": "skrevet"})
    assert response.status_code == 422
    assert 'id="outcome-error"' in response.text


@pytest.mark.parametrize("text", ["a\0b", "turned \u202e around"])
def test_unsafe_text_is_refused_in_words_and_stays(averoy, asked, text):
    response = save(at_desk(averoy, ALICE), averoy, asked, **{**ANSWER, "value-answered-answer": text})
    assert response.status_code == 422
    assert "feil" in response.text.lower()


def test_markup_and_template_syntax_are_only_text(averoy, asked):
    hostile = "<img src=x onerror=alert(1)> {{ 7*7 }} {% raw %} # Overskrift"
    client = at_desk(averoy, ALICE)
    response = save(client, averoy, asked, **{**ANSWER, "value-answered-answer": hostile})
    page = client.get(response["Location"]).text
    assert "<img src=x" not in page
    assert "{{ 7*7 }}" in page
    assert client.get(address(asked, "letter.pdf").rstrip("/")).content.startswith(b"%PDF")


def test_all_that_is_put_right_elsewhere_in_the_case_is_said_at_once(averoy, asked, monkeypatch):
    lacking = [ConsentMissing(consents="At PPT vurderer"), RecordMissing(kind="Plan"), RecordMissing(kind="Tilråding")]
    monkeypatch.setattr(decision_letters, "lacks", lambda *_, **__: lacking)
    page = save(at_desk(averoy, ALICE), averoy, asked, **ANSWER)
    assert "3 ting å rette opp" in page.text
    assert all(each in page.text for each in ("At PPT vurderer.", "Plan.", "Tilråding."))


def test_the_letter_is_seen_before_anything_is_saved(averoy, asked):
    response = at_desk(averoy, ALICE).post(address(asked, "letter.pdf").rstrip("/"), ANSWER)
    assert response.content.startswith(b"%PDF")
    assert response["Content-Disposition"].startswith("inline")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"].endswith("sandbox")
    with use(averoy.id, "ordinary"):
        assert not Decision.objects.exists()


def test_a_letter_that_can_not_be_made_says_what_is_missing(averoy, asked):
    response = at_desk(averoy, ALICE).post(address(asked, "letter.pdf").rstrip("/"), {"outcome": "answered"})
    assert response.status_code == 422
    assert "Svaret" in response.text


def test_the_rules_propose_and_say_what_they_are_not_sure_of(averoy, applied):
    page = at_desk(averoy, ALICE).get(address(applied)).text
    assert "Foreslått av reglene" in page
    assert "ikke bekreftet" in page
    assert "Seks prosent av inntekten" in page


def test_a_decision_without_reasons_is_not_issued(averoy, applied):
    client = at_desk(averoy, ALICE)
    values = {"outcome": "rejected", "reasons": "  "}
    response = save(client, averoy, applied, **values)
    assert response.status_code == 422
    assert 'id="reasons-error"' in response.text
    issue(client, averoy, applied)
    assert case_of(averoy, applied).state != State.DECIDED


def propose(client, averoy, case_id):
    """Save what the rules propose, as the form shows it."""
    page = client.get(address(case_id) + "?edit=1").text
    return save(client, averoy, case_id, **fields_of(page))


def fields_of(page):
    """What a browser would post of the form."""
    from lxml import html

    form = html.fromstring(page).xpath("//form[contains(@class, 'decide-form')]")[0]
    return {k: v for k, v in form.form_values() if k != "revision"}


def test_a_decision_is_issued_as_proposed(averoy, applied):
    client = at_desk(averoy, ALICE)
    looked = client.get(propose(client, averoy, applied)["Location"]).text
    assert "Innen 3 uker, til kommunen. Blir vedtaket stående, går den videre til statsforvalteren." in looked
    issue(client, averoy, applied)
    with use(averoy.id, "ordinary"):
        decision = Decision.objects.get()
    assert (decision.status, decision.drafted_name) == ("issued", "Alice Alm")


def ask_for_two(averoy):
    with use(averoy.id, "administration"):
        for role in ("caseworker", "leader"):
            administering.delegate(
                administering.OPERATOR,
                service="reduced-kindergarten-fee",
                outcome="",
                role=role,
                second_person=True,
                source="Delegeringsreglement § 4",
                start=averoy.staff["alice"].start,
            )


def test_where_two_are_asked_for_one_is_not_enough_and_never_the_same(averoy, applied):
    ask_for_two(averoy)
    alice, bob = at_desk(averoy, ALICE), opened_by(averoy, BOB, applied)
    propose(alice, averoy, applied)
    assert issue(alice, averoy, applied).status_code == 409
    alice.post(address(applied, "send"), {"revision": case_of(averoy, applied).revision})
    assert case_of(averoy, applied).state == State.FOR_APPROVAL
    assert "En annen må godkjenne" in alice.get(address(applied)).text
    assert issue(alice, averoy, applied).status_code == 409
    issue(bob, averoy, applied)
    with use(averoy.id, "ordinary"):
        decision = Decision.objects.get()
    assert (decision.drafted_name, decision.approved_name) == ("Alice Alm", "Bob Bjørk")


def test_the_approver_of_the_unit_approves_what_only_caseworkers_may_decide(averoy, applied):
    with use(averoy.id, "administration"):
        administering.delegate(
            administering.OPERATOR,
            service="reduced-kindergarten-fee",
            outcome="",
            role="caseworker",
            second_person=True,
            source="Delegeringsreglement § 4",
            start=averoy.staff["alice"].start,
        )
    alice, bob = at_desk(averoy, ALICE), opened_by(averoy, BOB, applied)
    propose(alice, averoy, applied)
    alice.post(address(applied, "send"), {"revision": case_of(averoy, applied).revision})
    assert "Godkjenn og send brevet" in bob.get(address(applied)).text
    issue(bob, averoy, applied)
    assert case_of(averoy, applied).state == State.DECIDED


def test_an_application_to_husbanken_is_explained_in_the_letter(averoy):
    case_id = send(averoy, "housing-allowance", HOUSING).case_id
    outbox.drain(averoy.id, "ordinary")
    alice = at_desk(averoy, ALICE)
    assert "Forklaring i brevet" in alice.get(address(case_id)).text
    typed = {"outcome": "assisted", "value-assisted-entries": "Husleie: 7 000 kr", "value-assisted-still_missing": "-"}
    assert "Fyll ut «Forklaring i brevet»" in save(alice, averoy, case_id, **typed).text
    assert save(alice, averoy, case_id, **typed, reasons="Du fyller vilkårene.").status_code == 302
    issue(alice, averoy, case_id)
    assert not case_of(averoy, case_id).is_open


def test_a_draft_is_given_back_with_a_reason(averoy, applied):
    ask_for_two(averoy)
    alice, bob = at_desk(averoy, ALICE), opened_by(averoy, BOB, applied)
    propose(alice, averoy, applied)
    alice.post(address(applied, "send"), {"revision": case_of(averoy, applied).revision})
    without = bob.post(address(applied, "give-back"), {"revision": case_of(averoy, applied).revision, "why": " "})
    assert without.status_code == 409
    revision = case_of(averoy, applied).revision
    bob.post(address(applied, "give-back"), {"revision": revision, "why": "Inntekten er ikke dokumentert."})
    assert "Inntekten er ikke dokumentert." in alice.get(f"/desk/cases/{applied}/").text


def test_the_second_of_two_who_decide_at_once_is_told(averoy, asked):
    alice, bob = at_desk(averoy, ALICE), opened_by(averoy, BOB, asked)
    save(alice, averoy, asked, **ANSWER)
    revision = case_of(averoy, asked).revision
    issue(alice, averoy, asked, revision)
    second = bob.post(address(asked, "issue"), {"revision": revision}, follow=True)
    assert "avsluttet" in second.text or "avgjort" in second.text
    with use(averoy.id, "ordinary"):
        assert Decision.objects.filter(status="issued").count() == 1


def test_what_was_written_on_an_old_page_stays_and_is_not_saved(averoy, asked):
    client = at_desk(averoy, ALICE)
    response = client.post(address(asked), {"revision": 99, **ANSWER})
    assert response.status_code == 409
    assert "Vi fyller hullet i dag." in response.text


def test_an_appeal_opens_the_case_for_another_round(averoy, applied):
    client = at_desk(averoy, ALICE)
    propose(client, averoy, applied)
    issue(client, averoy, applied)
    with use(averoy.id, "resident", keys=rita().keys(averoy.id)):
        dialogue.appeal(applied, "Inntekten min er lavere.")
    page = client.get(address(applied)).text
    assert "Inntekten min er lavere." in page
    propose(client, averoy, applied)
    issue(client, averoy, applied)
    with use(averoy.id, "ordinary"):
        assert list(Decision.objects.order_by("round").values_list("round", "status")) == [(1, "issued"), (2, "issued")]


def test_a_follow_up_to_an_answer_can_be_answered(averoy, asked):
    client = at_desk(averoy, ALICE)
    save(client, averoy, asked, **ANSWER)
    issue(client, averoy, asked)
    with use(averoy.id, "resident", keys=rita().keys(averoy.id)):
        dialogue.send_more(asked, "Det kom et nytt hull.", [])
    save(client, averoy, asked, **ANSWER)
    issue(client, averoy, asked)
    assert case_of(averoy, asked).state == State.DECIDED
    page = client.get(
        f"/desk/cases/{asked}/"
    ).text  # two answers of one name are two regions, each with when it was given
    assert all(f'aria-labelledby="decision-{each} decided-{each}"' in page for each in (1, 2))
    assert all(f'id="decided-{each}"' in page for each in (1, 2))


def test_a_case_that_decided_itself_is_shown_with_its_reasons(averoy, registers):
    """Registers confirm the child and the income, so nobody needs to look at it."""
    anna = number(115, date(2023, 3, 4))
    mother, now = registers.people[RITA], dates.now()
    registers.people[RITA] = replace(mother, children=(anna,))
    registers.people[anna] = ports.Person(
        anna, now, name=ports.Name("Anna", "Rogn"), birth_date=date(2023, 3, 4), address=mother.address
    )
    registers.incomes[RITA] = 20000000
    children = [{**FEE["children"][0], "name": "Anna Rogn"}]
    case_id = send(averoy, "reduced-kindergarten-fee", {**FEE, "children": children}).case_id
    outbox.drain(averoy.id, "ordinary")
    page = at_desk(averoy, ALICE).get(f"/desk/cases/{case_id}/").text
    assert "Avgjort automatisk" in page
    assert "Seks prosent av inntekten" in page
