"""The first page tells each role what waits for it, and nothing that is another's to do."""

from datetime import date

import pytest

from allmenning.basics import dates
from allmenning.commons.costs.models import IssuedBill, Settlement
from allmenning.commons.identity import offices
from allmenning.commons.identity.offices import OfficeActing
from allmenning.doors.office.testing import at_office
from allmenning.journeys.testing import number
from allmenning.journeys.waiting_at_office import OVERDUE, TO_DRAFT, TO_PAY, TO_PAY_BACK, waits_for

from .test_settlement_pages import BILLS, CHOSEN, OFFICE, SETTLEMENTS, approved, drafted, entered, issued, said
from .test_settlement_pages import agreements as agreements
from .test_settlement_pages import halsa as halsa
from .test_settlement_pages import treasurer as treasurer


@pytest.fixture
def approver(agreements):
    return at_office("approver", scope="ikt-orkide", who=number(321))


def front(client):
    return said(client.get(OFFICE))


def test_nothing_waits_for_anybody_before_there_is_anything(treasurer, approver, halsa):
    for client in (treasurer, approver, halsa):
        assert "Nothing just now." in front(client)


def test_a_draft_waits_for_the_approver_and_for_each_member(treasurer, approver, halsa):
    id = drafted(treasurer)
    assert "Approve a settlement" in front(approver)
    assert "Look at your share" in front(halsa)
    assert f"{SETTLEMENTS}{id}/" in front(halsa)
    assert "Nothing just now." in front(treasurer)


def test_costs_of_a_period_that_is_over_wait_for_a_draft(treasurer, approver, halsa):
    entered(treasurer)
    assert "Make a draft of a settlement" in front(treasurer)
    assert "NOK 1,000,000.00 entered" in front(treasurer)
    for client in (approver, halsa):
        assert "Nothing just now." in front(client)

    treasurer.post(SETTLEMENTS, {"day": "2013-01-01"})
    assert "Nothing just now." in front(treasurer)


def test_costs_of_a_period_that_is_not_over_wait_for_nobody(treasurer, monkeypatch):
    entered(treasurer)
    (role,) = offices.held(dates.today())
    by = OfficeActing(role.id, role.role, role.scope, role.party)
    monkeypatch.setattr(dates, "today", lambda: date(2013, 12, 31))
    assert waits_for(by) == []
    monkeypatch.setattr(dates, "today", lambda: date(2014, 1, 1))
    assert [each.what for each in waits_for(by)] == [TO_DRAFT]


def test_a_comment_waits_for_the_treasurer_until_it_is_answered(treasurer, halsa):
    id = drafted(treasurer)
    halsa.post(f"{SETTLEMENTS}{id}/", {"text": "Vi er færre."})
    assert "Answer 1 comment" in front(treasurer)


def test_a_comment_on_an_older_draft_waits_too_since_approving_counts_it(treasurer, halsa):
    id = drafted(treasurer)
    halsa.post(f"{SETTLEMENTS}{id}/", {"text": "Vi er færre."})
    newer = treasurer.post(SETTLEMENTS, {"day": "2013-01-01"})["Location"]
    assert "Answer 1 comment" in front(treasurer)
    approver = at_office("approver", scope="ikt-orkide")
    assert "Comments that are not answered: 1" in approver.post(newer, {"approve": "1"}).content.decode()


def test_an_approved_settlement_waits_to_be_issued(treasurer, halsa):
    approved(treasurer)
    assert "Issue an approved settlement" in front(treasurer)
    assert "Nothing just now." in front(halsa)


def test_an_invoice_waits_for_who_pays_it_and_for_the_treasurer_when_it_is_late(treasurer, halsa):
    issued(treasurer)
    bill = IssuedBill.objects.get(party="halsa")
    page = front(halsa)
    assert f"Pay invoice {bill.number}" in page
    assert f"{BILLS}{bill.id}/" in page
    assert "Late" not in page
    assert "Nothing just now." in front(treasurer)


def test_an_invoice_that_is_late_waits_for_both(treasurer, halsa):
    issued(treasurer)
    by = {role.role: OfficeActing(role.id, role.role, role.scope, role.party) for role in offices.held(dates.today())}
    with dates.clock.frozen(date(2030, 3, 4)):
        treasurers, halsas = waits_for(by["treasurer"]), waits_for(by["member-treasurer"])
        assert [(each.what, each.is_late) for each in halsas] == [(TO_PAY, True)]
    assert {each.what for each in treasurers} == {OVERDUE}
    assert len(treasurers) == IssuedBill.objects.count()


def test_a_credit_note_waits_for_the_treasurer_until_it_is_paid_back(treasurer, halsa):
    id = issued(treasurer)
    treasurer.post(f"{SETTLEMENTS}{id}/correct/", {"project": "", "party": "", "ore": "-1 000,00", "reason": "Wrong"})
    treasurer.post(SETTLEMENTS, {"day": "2014-01-01"})
    next_one = Settlement.objects.order_by("-id")[0].id
    at_office("approver", scope="ikt-orkide").post(f"{SETTLEMENTS}{next_one}/", {"approve": "yes"})
    treasurer.post(f"{SETTLEMENTS}{next_one}/issue/", CHOSEN)
    note = IssuedBill.objects.get(party="halsa", kind="credit-note")
    assert f"Pay back credit note {note.number}" in front(treasurer)
    assert f"credit note {note.number}" not in front(halsa)
    by = {role.role: OfficeActing(role.id, role.role, role.scope, role.party) for role in offices.held(dates.today())}
    with dates.clock.frozen(date(2030, 3, 4)):
        waits = {(each.what, each.is_late) for each in waits_for(by["treasurer"])}
    assert waits == {(OVERDUE, True), (TO_PAY_BACK, True)}
    treasurer.post(f"{BILLS}{note.id}/", {"day": dates.today().isoformat(), "ore": f"{-note.gross_ore / 100:.2f}"})
    assert f"credit note {note.number}" not in front(treasurer)


def test_a_member_that_has_no_share_is_asked_nothing(treasurer):
    drafted(treasurer)
    hustadvika = at_office("member-treasurer", party="hustadvika", who=number(322))
    assert "Nothing just now." in front(hustadvika)
