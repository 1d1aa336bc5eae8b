"""A year of IKT Orkidé from costs to payments, by those who have the roles; and what each of them may not do or see."""

from __future__ import annotations

import os
import random
from datetime import date, timedelta
from functools import cache
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree

import pytest
from django.db import DatabaseError, connections, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from allmenning.basics import dates
from allmenning.basics.typed import FieldsWrong, NotADay, TooLong
from allmenning.commons.costs import actions, entered, errors
from allmenning.commons.costs import billing as details
from allmenning.commons.costs.cost_files import LONGEST
from allmenning.commons.costs.errors import FileWrong, UnknownAgreement
from allmenning.commons.costs.issuing import BillingIncomplete
from allmenning.commons.costs.kid import kid, read_kid
from allmenning.commons.costs.models import CostLine, Grant, IssuedBill, MeasuredUse, Payment
from allmenning.commons.costs.testing import known, organisation
from allmenning.commons.municipalities.testing import loaded_register, register
from allmenning.journeys import billing, entering_costs, offices, settling_periods
from allmenning.journeys.offices import NotInYourRole
from allmenning.journeys.testing import number
from sandbox import standards
from sandbox.schematron import Schematron

__all__ = ["loaded_register", "register"]
ROOT = Path(__file__).resolve().parents[3]
ORKIDE, YEAR = "ikt-orkide", date(2013, 1, 1)
LEDGER = """Dato;Leverandør;Faktura;Tekst;Netto;Mva
15.02.2013;Leverandør AS;1001;Drift;600 000,00;150 000,00
30.11.2013;Kabel AS;77;Linjer;400 000,00;100 000,00
"""
PEOPLE = [number(serial) for serial in (302, 304, 307, 308, 309)]
CHOSEN = {
    "vat": "S", "reason": "Omsetning av IT-tjenester.", "due": "2014-03-03",
    "host_art": "750", "host_function": "290", "payer_art": "350", "payer_function": "290",
}  # fmt: skip


@pytest.fixture
def people(register, monkeypatch):
    """Who does what at the office of IKT Orkidé, each another person; and the treasurers of two members."""
    monkeypatch.setattr(dates, "today", lambda: date(2014, 1, 31))
    for name in ("ikt-orkide", "by-population"):
        path = ROOT / f"agreements/{name}.yaml"
        actions.publish(path.read_text("utf-8"), file=path.name, by="tests")
    asked = {
        "treasurer": {"role": "treasurer", "scope": ORKIDE},
        "approver": {"role": "approver", "scope": ORKIDE},
        "halsa": {"role": "member-treasurer", "party": "halsa"},
        "fraena": {"role": "member-treasurer", "party": "fraena"},
        "stranger": {"role": "treasurer", "scope": "knutepunkt-sorlandet"},
    }
    return {name: acting(who, **each) for who, (name, each) in zip(PEOPLE, asked.items(), strict=True)}


def acting(who, **asked):
    row = offices.let_in(who, **asked, start=date(2010, 1, 1))
    return offices.offices.roles_of(bytes(row.person_key), date(2014, 1, 31))[-1]


@pytest.fixture
def approved(people):
    """The year 2013 with costs of a million, approved."""
    entering_costs.enter_file(people["treasurer"], ORKIDE, LEDGER.encode("latin-1"), "2013.csv")
    found = settling_periods.draft(people["treasurer"], ORKIDE, YEAR)
    settling_periods.approve(people["approver"], ORKIDE, found.row.id)
    return found


@pytest.fixture
def issued(people, approved):
    everybody_known(people)
    return settling_periods.issue(people["treasurer"], ORKIDE, approved.row.id, CHOSEN)


def everybody_known(people):
    parties = billing.parties(people["treasurer"], ORKIDE)
    known(ORKIDE, [(each.id, each.name) for each in parties])


@cache
def schematrons():
    return [Schematron(path) for path in standards.schematrons()]


def fatal(xml):
    found = schematrons()
    if not found:
        reason = "the published Schematrons are not here (set ALLMENNING_STANDARDS)"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    return {each.id for rules in found for each in rules.failures(bytes(xml)) if each.flag == "fatal"}


def text_of(pdf):
    return " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(bytes(pdf))).pages).split())


COST = {"day": "2013-03-01", "supplier": "A", "invoice": "1", "text": "Drift", "net": "1"}
GRANT = {"day": "2013-03-01", "giver": "Statsforvalteren", "ore": "1"}
USE = {"day": "2013-03-01", "party": "halsa", "measure": "cases", "amount": "7", "source": "Fagsystemet"}


@pytest.mark.parametrize(
    ("enter", "typed", "field", "most"),
    [
        *((entering_costs.enter, COST, field, most) for field, most in LONGEST.items()),
        (entering_costs.enter_grant, GRANT, "giver", 120),
        (entering_costs.enter_grant, GRANT, "text", 300),
        (entering_costs.enter_use, USE, "source", 200),
    ],
)
def test_what_is_too_long_to_be_kept_whole_is_refused_at_its_field(people, enter, typed, field, most):
    with pytest.raises(FieldsWrong) as told:
        enter(people["treasurer"], ORKIDE, {**typed, field: "å" * (most + 1)})
    assert {name: type(error) for name, error in told.value.wrong.items()} == {field: TooLong}
    assert not any(model.objects.exists() for model in (CostLine, Grant, MeasuredUse))
    kept = enter(people["treasurer"], ORKIDE, {**typed, field: "å" * most})
    assert getattr(kept, field) == "å" * most


def test_a_cell_that_is_too_long_is_said_by_its_line(people):
    ledger = LEDGER + f"01.03.2013;{'A' * 121};9;Drift;1;0\n"
    with pytest.raises(FileWrong) as told:
        entering_costs.enter_file(people["treasurer"], ORKIDE, ledger.encode("latin-1"), "2013.csv")
    assert [(each.line, each.error.params) for each in told.value.problems] == [
        (4, {"name": "leverandør", "most": 120})
    ]


def test_what_is_said_of_a_draft_is_kept_whole_or_refused(people):
    entering_costs.enter_file(people["treasurer"], ORKIDE, LEDGER.encode("latin-1"), "2013.csv")
    draft = settling_periods.draft(people["treasurer"], ORKIDE, YEAR).row.id
    with pytest.raises(TooLong):
        settling_periods.comment(people["halsa"], ORKIDE, draft, "å" * 2001)
    with pytest.raises(TooLong):
        settling_periods.approve(people["approver"], ORKIDE, draft, "å" * 301)


def test_the_year_2013_from_costs_to_payments_and_a_correction_after_a_member_has_left(people, monkeypatch):
    treasurer, approver, halsa = people["treasurer"], people["approver"], people["halsa"]
    entering_costs.enter_file(treasurer, ORKIDE, LEDGER.encode("latin-1"), "2013.csv")
    found = settling_periods.draft(treasurer, ORKIDE, YEAR)
    said = settling_periods.comment(halsa, ORKIDE, found.row.id, "Hvilket folketall er brukt?")
    with pytest.raises(errors.CommentsUnanswered):
        settling_periods.approve(approver, ORKIDE, found.row.id)
    settling_periods.answer(treasurer, ORKIDE, said.id, "Det av 1. januar 2013.")
    settling_periods.approve(approver, ORKIDE, found.row.id)
    everybody_known(people)
    made = settling_periods.issue(treasurer, ORKIDE, found.row.id, CHOSEN)

    by_party = {each.party: each for each in made}
    assert len(made) == 12  # thirteen, and the host bears its own share
    assert by_party["halsa"].net_ore == 3825057
    assert sum(each.net_ore for each in made) + found.by_party["kristiansund"] == 100_000_000
    assert [each.serial for each in made] == list(range(1, 13))
    for each in made:
        row, files = billing.files(treasurer, each.id)
        assert fatal(files.xml) == set()
        assert row.kid in text_of(files.pdf)
    _row, files = billing.files(halsa, by_party["halsa"].id)
    assert "47 813,21" in text_of(files.pdf).replace("\u00a0", " ")  # 38 250,57 and VAT of a fourth

    payments = "KID;Dato;Beløp\n" + "".join(
        f"{each.kid};31.01.2014;{each.gross_ore // 100},{each.gross_ore % 100:02}\n" for each in made[:-1]
    )
    assert len(billing.enter_payments(treasurer, payments.encode(), "bank.csv")) == 11
    monkeypatch.setattr(dates, "today", lambda: date(2014, 4, 1))
    assert [each.bill.party for each in billing.overdue(billing.bills_of(treasurer))] == [made[-1].party]

    # In 2019 Fræna is no longer there, and something of 2013 comes back.
    monkeypatch.setattr(dates, "today", lambda: date(2020, 1, 31))
    wrong = {"project": "", "ore": "-13 000,00", "reason": "Kreditert av leverandøren."}
    settling_periods.correct(treasurer, ORKIDE, found.row.id, wrong)
    cost = {"day": "2019-05-02", "supplier": "A", "invoice": "1", "text": "Drift", "net": "50 000"}
    entering_costs.enter(treasurer, ORKIDE, cost)
    later = settling_periods.draft(treasurer, ORKIDE, date(2019, 1, 1))
    settling_periods.approve(approver, ORKIDE, later.row.id)
    second = settling_periods.issue(treasurer, ORKIDE, later.row.id, {**CHOSEN, "due": "2020-03-02"})
    assert [each.serial for each in second] == list(range(13, 13 + len(second)))
    assert sum(each.net_ore for each in second) + later.by_party["kristiansund"] == 5_000_000 - 1_300_000
    assert "fraena" not in {share.party.id for share in later.content.pots[0].shares}
    back = next(each for each in second if each.party == "fraena")
    assert (back.kind, back.credits_id) == ("credit-note", by_party["fraena"].id)
    monkeypatch.setattr(dates, "today", lambda: date(2020, 12, 31))
    assert back.id not in {each.bill.id for each in billing.overdue(billing.bills_of(treasurer))}
    _row, files = billing.files(people["fraena"], back.id)
    assert fatal(files.xml) == set()
    assert b"CreditNote" in bytes(files.xml)
    assert f">{by_party['fraena'].number}<".encode() in bytes(files.xml)
    assert "Kreditert av leverandøren; Etter folketal: −9 100,00 kr" in text_of(files.pdf).replace("\u00a0", " ")


@pytest.mark.parametrize("role", ["approver", "halsa", "stranger"])
def test_the_treasurer_of_the_cooperation_alone_enters_drafts_and_issues(people, approved, role):
    everybody_known(people)
    by, refused = people[role], (NotInYourRole, UnknownAgreement)
    for act in (
        lambda: entering_costs.enter_file(by, ORKIDE, LEDGER.encode(), "f.csv"),
        lambda: entering_costs.take_out(by, ORKIDE, CostLine.objects.first().id, "Fordi"),
        lambda: entering_costs.set_budget(by, ORKIDE, {"year": "2013", "ore": "1"}),
        lambda: settling_periods.draft(by, ORKIDE, YEAR),
        lambda: settling_periods.correct(by, ORKIDE, approved.row.id, {"ore": "1", "reason": "x"}),
        lambda: settling_periods.answer(by, ORKIDE, 1, "Svar"),
        lambda: settling_periods.issue(by, ORKIDE, approved.row.id, CHOSEN),
    ):
        with pytest.raises(refused):
            act()
    assert not IssuedBill.objects.exists()


def test_whoever_drafted_does_not_approve_in_another_role(people):
    treasurer = people["treasurer"]
    entering_costs.enter_file(treasurer, ORKIDE, LEDGER.encode(), "2013.csv")
    found = settling_periods.draft(treasurer, ORKIDE, YEAR)
    with pytest.raises(NotInYourRole):
        settling_periods.approve(treasurer, ORKIDE, found.row.id)
    herself = acting(PEOPLE[0], role="approver", scope=ORKIDE)
    assert herself.role in ("approver", "treasurer")
    also = next(
        each for each in offices.offices.roles_of(key_of(herself), date(2014, 1, 31)) if each.role == "approver"
    )
    with pytest.raises(errors.SamePerson):
        settling_periods.approve(also, ORKIDE, found.row.id)


def key_of(by):
    return bytes(offices.OfficeRole.objects.get(id=by.id).person_key)


def test_nothing_is_issued_before_it_is_approved(people):
    entering_costs.enter_file(people["treasurer"], ORKIDE, LEDGER.encode(), "2013.csv")
    found = settling_periods.draft(people["treasurer"], ORKIDE, YEAR)
    everybody_known(people)
    with pytest.raises(errors.NotApproved):
        settling_periods.issue(people["treasurer"], ORKIDE, found.row.id, CHOSEN)


def test_what_is_missing_is_told_for_everybody_at_once(people, approved):
    with pytest.raises(BillingIncomplete) as told:
        settling_periods.issue(people["treasurer"], ORKIDE, approved.row.id, CHOSEN)
    assert len(told.value.lacking) == 13
    assert "account" in told.value.lacking[0].fields
    assert not IssuedBill.objects.exists()


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"vat": ""}, "vat"),
        ({"reason": " "}, "reason"),
        ({"due": "31.02.2014"}, "due"),
        ({"host_art": "75"}, "host_art"),
        ({"payer_function": ""}, "payer_function"),
    ],
)
def test_what_the_treasurer_must_choose_is_asked_for_by_field(people, approved, changed, field):
    everybody_known(people)
    with pytest.raises(FieldsWrong) as told:
        settling_periods.issue(people["treasurer"], ORKIDE, approved.row.id, {**CHOSEN, **changed})
    assert field in told.value.wrong


@pytest.mark.parametrize(
    ("today", "due"), [(date(2014, 2, 3), date(2014, 3, 5)), (date(2014, 1, 31), date(2014, 3, 3))]
)
def test_a_bill_is_due_in_thirty_days_or_the_first_working_day_after(people, approved, monkeypatch, today, due):
    monkeypatch.setattr(dates, "today", lambda: today)
    assert settling_periods.asked(people["treasurer"], ORKIDE, approved.row.id).due == due


def test_a_seller_that_is_not_registered_says_nothing_of_vat(people, approved):
    everybody_known(people)
    unregistered(people)
    with pytest.raises(errors.SellerNotRegistered):
        settling_periods.issue(people["treasurer"], ORKIDE, approved.row.id, CHOSEN)
    for each in settling_periods.issue(people["treasurer"], ORKIDE, approved.row.id, OUTSIDE):
        assert (each.vat_ore, fatal(each.files.xml)) == (0, set())


def unregistered(people):
    """The host leaves the VAT register."""
    host = details.details(ORKIDE, ["kristiansund"])["kristiansund"]
    typed = {name: getattr(host, name) for name in details.Details.__dataclass_fields__}
    details.enter(ORKIDE, "kristiansund", details.Details(**{**typed, "is_registered": False}), by="test")


OUTSIDE = {**CHOSEN, "vat": "O", "reason": "Fordeling av kostnader er ikke omsetning."}


def corrected_in_2014(people, approved, ore="-13 000", net="50 000"):
    """Something of 2013 comes back in the settlement of 2014, which is approved."""
    wrong = {"project": "", "ore": ore, "reason": "Kreditert av leverandøren."}
    settling_periods.correct(people["treasurer"], ORKIDE, approved.row.id, wrong)
    cost = {"day": "2014-05-02", "supplier": "A", "invoice": "2", "text": "Drift", "net": net}
    entering_costs.enter(people["treasurer"], ORKIDE, cost)
    found = settling_periods.draft(people["treasurer"], ORKIDE, date(2014, 1, 1))
    settling_periods.approve(people["approver"], ORKIDE, found.row.id)
    return found


@pytest.mark.parametrize("then_and_now", [(CHOSEN, OUTSIDE), (OUTSIDE, CHOSEN)])
def test_what_is_outside_vat_has_an_invoice_of_its_own(people, approved, then_and_now):
    then, now = then_and_now
    everybody_known(people)
    before = settling_periods.issue(people["treasurer"], ORKIDE, approved.row.id, then)
    found = corrected_in_2014(people, approved)
    made = settling_periods.issue(people["treasurer"], ORKIDE, found.row.id, now)
    of_halsa = {each.kind: each for each in made if each.party == "halsa"}
    assert {kind: each.is_outside for kind, each in of_halsa.items()} == {
        "invoice": now["vat"] == "O",
        "credit-note": then["vat"] == "O",
    }
    assert of_halsa["credit-note"].credits == next(each for each in before if each.party == "halsa")
    assert of_halsa["invoice"].credits is None
    assert sum(each.net_ore for each in of_halsa.values()) == found.by_party["halsa"]
    assert [each.serial for each in made] == list(range(13, 13 + 24))
    for each in made:
        assert fatal(each.files.xml) == set()


def test_a_correction_is_treated_as_it_was_then_unless_the_treasurer_chooses_otherwise(people, approved, issued):
    found = corrected_in_2014(people, approved)
    unregistered(people)
    with pytest.raises(errors.SellerNotRegistered):
        settling_periods.issue(people["treasurer"], ORKIDE, found.row.id, OUTSIDE)
    with pytest.raises(FieldsWrong) as told:
        settling_periods.issue(people["treasurer"], ORKIDE, found.row.id, {**OUTSIDE, "corrected_vat": "O"})
    assert set(told.value.wrong) == {"corrected_reason"}
    chosen = {**OUTSIDE, "corrected_vat": "O", "corrected_reason": "Verten er ikke lenger i registeret."}
    made = settling_periods.issue(people["treasurer"], ORKIDE, found.row.id, chosen)
    assert len(made) == len({each.party for each in made})
    for each in made:
        assert (each.vat_ore, fatal(each.files.xml)) == (0, set())


def test_a_member_sees_its_own_share_bills_and_comments_and_nobody_elses(people, approved, issued):
    halsa = settling_periods.opened(people["halsa"], ORKIDE, approved.row.id)
    assert set(halsa.by_party) == {"halsa"}
    assert [share.party.id for pot in halsa.pots for share in pot.shares] == ["halsa"]
    assert "Statistics Norway" in halsa.source(halsa.pots[0].shares[0])
    theirs = next(each for each in issued if each.party == "averoy")
    with pytest.raises(errors.NoSuchBill):
        billing.bill(people["halsa"], theirs.id)
    with pytest.raises(errors.NoSuchBill):
        billing.files(people["halsa"], theirs.id)
    (of_halsa,) = [rows for _agreed, rows in billing.bills_of(people["halsa"])]
    assert [each.bill.party for each in of_halsa] == ["halsa"]
    assert {row.party for row in billing.vouchers(people["halsa"], ORKIDE, approved.row.id)} == {"halsa"}
    with pytest.raises(NotInYourRole):
        billing.details(people["halsa"], ORKIDE, "averoy")


def test_a_member_sees_all_bills_where_the_agreement_says_so(people, issued):
    path = ROOT / "agreements/ikt-orkide.yaml"
    text = path.read_text("utf-8").replace("period: year", "period: year\nbills: shown-to-all")
    actions.publish(text, file=path.name, by="tests")
    (of_halsa,) = [rows for _agreed, rows in billing.bills_of(people["halsa"])]
    assert len(of_halsa) == 12


def test_vouchers_balance_for_host_and_payer(people, approved, issued):
    rows = billing.vouchers(people["treasurer"], ORKIDE, approved.row.id)
    for side in ("host", "payer"):
        for bill in issued:
            of_it = [row for row in rows if (row.side, row.document) == (side, bill.number)]
            assert sum(row.debit for row in of_it) == sum(row.credit for row in of_it) == bill.gross_ore
    assert {(row.account.art, row.account.function) for row in rows if row.kind == "income"} == {("750", "290")}
    assert {(row.account.art, row.account.function) for row in rows if row.kind == "cost"} == {("350", "290")}


# --- payments ---


def payments(people, text, **more):
    return billing.enter_payments(people["treasurer"], ("KID;Dato;Beløp\n" + text).encode(), "bank.csv", **more)


def test_what_is_wrong_with_payments_is_said_by_line_and_nothing_is_taken(people, issued):
    first = issued[0]
    line = f"{first.kid};31.01.2014;100,00\n"
    with pytest.raises(FileWrong) as told:
        payments(people, line + line + "123456782;31.01.2014;1\n" + f"{first.kid};31.01.2014;99999999\n" + "x;1;1\n")
    assert [(each.line, type(each.error)) for each in told.value.problems] == [
        (3, errors.PaidTwice),
        (4, errors.UnknownKid),
        (5, errors.PaidTooMuch),
        (6, NotADay),
    ]
    assert not Payment.objects.exists()


@pytest.mark.parametrize(
    ("day", "error"),
    [
        ("0001-01-01", errors.PaidBeforeIssued),
        ("2014-01-30", errors.PaidBeforeIssued),
        ("2014-02-01", errors.PaidAhead),
        ("9013-01-01", errors.PaidAhead),
    ],
)
def test_a_payment_is_of_a_day_from_the_bill_until_today(people, issued, day, error):
    with pytest.raises(FileWrong) as told:
        payments(people, f"{issued[0].kid};{day};1,00\n")
    assert [(each.line, type(each.error)) for each in told.value.problems] == [(2, error)]
    with pytest.raises(error) as refused:
        billing.enter_payment(people["treasurer"], issued[0].id, {"day": day, "ore": "1"})
    assert refused.value.detail == "day"


def test_a_comment_names_nobody(people):
    entering_costs.enter_file(people["treasurer"], ORKIDE, LEDGER.encode("latin-1"), "2013.csv")
    found = settling_periods.draft(people["treasurer"], ORKIDE, YEAR)
    with pytest.raises(errors.NamesAPerson) as refused:
        settling_periods.comment(people["halsa"], ORKIDE, found.row.id, f"Gjelder {number(302)}")
    assert refused.value.detail == "text"


def test_the_treasurer_of_two_hosts_is_asked_whose_account_the_payments_came_to(people, issued):
    text = (ROOT / "agreements/ikt-orkide.yaml").read_text("utf-8")
    theirs = text.replace("id: ikt-orkide\n", "id: also-orkide\n").replace("host: kristiansund", "host: averoy")
    actions.publish(theirs, file="also.yaml", by="tests")
    also = issued_too(people, "also-orkide", "averoy")
    assert also[0].kid == issued[0].kid
    assert set(billing.hosts(people["treasurer"])) == {"averoy", "kristiansund"}
    line = f"{also[0].kid};31.01.2014;1\n"
    for host in ("", "halsa"):
        with pytest.raises(FieldsWrong) as told:
            payments(people, line, host=host)
        assert set(told.value.wrong) == {"host"}
    assert [each.bill_id for each in payments(people, line, host="averoy")] == [also[0].id]
    assert [each.bill_id for each in payments(people, line, host="kristiansund")] == [issued[0].id]


def issued_too(people, agreement, host):
    """The year 2013 of another agreement of the same treasurer."""
    everybody_known(people)
    entering_costs.enter_file(people["treasurer"], agreement, LEDGER.encode("latin-1"), "2013.csv")
    found = settling_periods.draft(people["treasurer"], agreement, YEAR)
    settling_periods.approve(people["approver"], agreement, found.row.id)
    return settling_periods.issue(people["treasurer"], agreement, found.row.id, CHOSEN)


def test_a_payment_is_taken_once_and_may_be_taken_out_with_a_reason(people, issued):
    first = issued[0]
    typed = {"day": "2014-01-31", "ore": "100"}
    row = billing.enter_payment(people["treasurer"], first.id, typed)
    assert billing.bill(people["treasurer"], first.id).standing.left_ore == first.gross_ore - 10_000
    with pytest.raises(FieldsWrong) as told:
        billing.enter_payment(people["treasurer"], first.id, typed)
    assert isinstance(told.value.wrong["ore"], errors.PaidTwice)
    billing.take_out_payment(people["treasurer"], first.id, row.id, "Gjaldt en annen")
    billing.enter_payment(people["treasurer"], first.id, typed)
    with pytest.raises(NotInYourRole):
        billing.enter_payment(people["halsa"], next(each.id for each in issued if each.party == "halsa"), typed)


def test_a_bill_is_never_changed_by_any_login(people, issued):
    for statement in ("update costs_issuedbill set net_ore = 1", "delete from costs_billfile", "update costs_payment set ore = 1"):  # fmt: skip
        if statement.endswith("ore = 1") and "payment" in statement:
            billing.enter_payment(people["treasurer"], issued[0].id, {"day": "2014-01-31", "ore": "1"})
        with pytest.raises(DatabaseError, match="never changed"), transaction.atomic(using="commons"):
            connections["commons"].cursor().execute(statement)


def test_a_kid_has_a_check_digit_that_finds_one_wrong_digit():
    made = kid("100001")
    assert read_kid(f"{made[:3]} {made[3:]}") == made
    for place in range(len(made)):
        wrong = made[:place] + str((int(made[place]) + 1) % 10) + made[place + 1 :]
        assert read_kid(wrong) is None


def test_what_is_typed_of_a_party_is_looked_at(people):
    for field, value in (
        ("organisation", "123456789"),
        ("account", "12345678901"),
        ("postcode", "65"),
        ("language", "en"),
    ):
        with pytest.raises(FieldsWrong) as told:
            billing.keep_details(people["treasurer"], ORKIDE, "halsa", details.Details(**{field: value}))
        assert set(told.value.wrong) == {field}
    billing.keep_details(people["halsa"], ORKIDE, "halsa", details.Details(organisation=organisation(7)))
    assert billing.details(people["treasurer"], ORKIDE, "halsa").details.entered_by == "member-treasurer, halsa"


# --- to the øre ---


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(-(10**6), 10**9), min_size=1, max_size=6), st.sampled_from(["S", "Z", "E", "O"]))
def test_the_bills_are_the_settlement_to_the_ore(people, sums, category):
    with transaction.atomic(using="commons"):
        for place, ore in enumerate(sums):
            typed = {
                "day": "2013-03-01",
                "supplier": "A",
                "invoice": str(place),
                "text": "Drift",
                "net": f"{ore / 100:.2f}",
            }
            entering_costs.enter(people["treasurer"], ORKIDE, typed)
        found = settling_periods.draft(people["treasurer"], ORKIDE, YEAR)
        settling_periods.approve(people["approver"], ORKIDE, found.row.id)
        everybody_known(people)
        made = settling_periods.issue(people["treasurer"], ORKIDE, found.row.id, {**CHOSEN, "vat": category})
        owed = {each.party: each.net_ore for each in made}
        assert owed == {id: ore for id, ore in found.by_party.items() if id != "kristiansund" and ore}
        assert (
            sum(owed.values()) + found.by_party["kristiansund"]
            == sum(sums)
            == sum(line.net_ore for line in entered.costs(ORKIDE, YEAR, YEAR + timedelta(365)))
        )
        for each in made:
            said = ElementTree.fromstring(bytes(each.files.xml)).find(".//{*}PayableAmount").text
            assert round(float(said) * 100) == abs(each.gross_ore)
        if made:
            assert fatal(random.Random(0).choice(made).files.xml) == set()
        transaction.set_rollback(True, using="commons")
