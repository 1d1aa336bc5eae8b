"""The treasurer's, the approver's and a member's pages of costs, settlements and bills, from a ledger to a payment."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from allmenning.basics import dates
from allmenning.commons.costs import actions
from allmenning.commons.costs.models import Correction, CostLine, IssuedBill, Settlement
from allmenning.commons.costs.testing import known
from allmenning.commons.identity import offices as roles
from allmenning.doors.office.testing import ROOT, at_office, with_all_agreements
from allmenning.doors.office.tests.refusing import refused_forms
from allmenning.journeys import billing
from allmenning.journeys.tests.counting import statements
from allmenning.municipal.documents.tests.files import image

OFFICE = "/en/cooperation/office/"
COSTS, SETTLEMENTS, BILLS = f"{OFFICE}costs/ikt-orkide/", f"{OFFICE}settlements/ikt-orkide/", f"{OFFICE}bills/"
LEDGER = """Dato;Leverandør;Faktura;Tekst;Netto;Mva
15.02.2013;Leverandør AS;1001;Drift;600 000,00;150 000,00
30.11.2013;Kabel AS;77;Linjer;400 000,00;100 000,00
"""
CHOSEN = {
    "vat": "S", "reason": "Salg av IT-tjenester.", "due": "2030-03-03",
    "host_art": "750", "host_function": "290", "payer_art": "350", "payer_function": "290",
}  # fmt: skip


@pytest.fixture
def agreements(commons_db, registers, once):
    once("agreements", with_all_agreements)


@pytest.fixture
def treasurer(agreements):
    return at_office("treasurer", scope="ikt-orkide")


@pytest.fixture
def halsa(agreements):
    return at_office("member-treasurer", party="halsa")


def csv(text, name="f.csv"):
    return {"file": SimpleUploadedFile(name, text.encode("latin-1"), "text/csv")}


def said(answer):
    return answer.content.decode().replace("\u00a0", " ")


def entered(treasurer):
    treasurer.post(f"{COSTS}file/", csv(LEDGER))


def drafted(treasurer):
    entered(treasurer)
    treasurer.post(SETTLEMENTS, {"day": "2013-01-01"})
    return Settlement.objects.order_by("-id")[0].id


def approved(treasurer):
    id = drafted(treasurer)
    approve(id)
    return id


def approve(id):
    at_office("approver", scope="ikt-orkide").post(f"{SETTLEMENTS}{id}/", {"approve": "1"})


def issued(treasurer):
    id = approved(treasurer)
    everybody_known()
    treasurer.post(f"{SETTLEMENTS}{id}/issue/", CHOSEN)
    return id


def everybody_known():
    held = next(each for each in roles.held(dates.today()) if each.role == "treasurer")
    by = roles.OfficeActing(held.id, held.role, held.scope)
    known("ikt-orkide", [(each.id, each.name) for each in billing.parties(by, "ikt-orkide")])


def test_from_the_ledger_to_a_payment(treasurer, halsa):
    assert treasurer.post(f"{COSTS}file/", csv(LEDGER)).status_code == 302
    page = said(treasurer.get(COSTS))
    assert "Kabel AS" in page
    assert "NOK 1,000,000.00" in page
    treasurer.post(SETTLEMENTS, {"day": "2013-01-01"})
    id = Settlement.objects.get().id
    page = said(treasurer.get(f"{SETTLEMENTS}{id}/"))
    assert "Kristiansund: NOK 251,068.93" in page
    assert "24 131 inhabitants on 1 January 2013" in page
    assert "Statistics Norway" in page
    assert halsa.post(f"{SETTLEMENTS}{id}/", {"text": "Why so much?"}).status_code == 302
    approver = at_office("approver", scope="ikt-orkide")
    assert "Comments that are not answered: 1" in said(approver.post(f"{SETTLEMENTS}{id}/", {"approve": "1"}))
    comment = re.search(r'name="comment" value="(\d+)"', said(treasurer.get(f"{SETTLEMENTS}{id}/")))[1]
    treasurer.post(f"{SETTLEMENTS}{id}/", {"comment": comment, "text": "Population."})
    assert approver.post(f"{SETTLEMENTS}{id}/", {"approve": "1"}).status_code == 302
    refused = treasurer.post(f"{SETTLEMENTS}{id}/issue/", CHOSEN)
    assert refused.status_code == 400
    assert "Halsa</a>: organisation number, name" in said(refused)
    everybody_known()
    assert treasurer.post(f"{SETTLEMENTS}{id}/issue/", CHOSEN).status_code == 302
    bill = IssuedBill.objects.get(party="halsa")
    page = said(treasurer.get(f"{BILLS}{bill.id}/"))
    assert "NOK 47,813.21" in page
    assert (
        treasurer.post(f"{BILLS}{bill.id}/", {"day": dates.today().isoformat(), "ore": "47 813,21"}).status_code == 302
    )
    assert "Paid" in said(halsa.get(f"{BILLS}{bill.id}/"))
    assert halsa.get(f"{BILLS}{bill.id}/pdf/").content.startswith(b"%PDF")
    assert halsa.get(f"{BILLS}{bill.id}/ehf/")["Content-Disposition"].startswith("attachment")


def test_payments_of_two_hosts_are_asked_about_and_of_one_are_not(treasurer):
    id = issued(treasurer)
    assert 'name="host"' not in said(treasurer.get(f"{BILLS}payments/"))
    text = (ROOT / "agreements/ikt-orkide.yaml").read_text("utf-8").replace("host: kristiansund", "host: averoy")
    actions.publish(text.replace("id: ikt-orkide\n", "id: also-orkide\n"), file="also.yaml", by="test")
    page = said(treasurer.get(f"{BILLS}payments/"))
    assert '<option value="averoy">Averøy</option>' in page
    bill = IssuedBill.objects.get(settlement=id, party="halsa")
    paid = f"KID;Dato;Beløp\n{bill.kid};{dates.today()};1\n"
    assert 'id="host-error"' in said(treasurer.post(f"{BILLS}payments/", csv(paid)))
    wrong = treasurer.post(f"{BILLS}payments/", {**csv(paid + "1;1;1\n"), "host": "kristiansund"})
    assert '<option value="kristiansund" selected>' in said(wrong)
    assert treasurer.post(f"{BILLS}payments/", {**csv(paid), "host": "kristiansund"}).status_code == 302
    assert bill.payments.count() == 1


def test_what_is_wrong_in_a_file_is_said_by_line_and_nothing_is_entered(treasurer):
    answer = treasurer.post(f"{COSTS}file/", csv(LEDGER + "31.11.2013;A;1;B;1;0\n"))
    assert answer.status_code == 400
    assert "Line 4:" in said(answer)
    assert not CostLine.objects.exists()


def test_a_cost_by_hand_with_the_suppliers_invoice(treasurer):
    typed = {"day": "2013-05-02", "supplier": "A", "invoice": "1", "text": "Wire", "net": "100", "vat": ""}
    assert treasurer.post(f"{COSTS}enter/", {**typed, "net": "1.23.4"}).status_code == 400
    file = SimpleUploadedFile("invoice.jpg", image(), "image/jpeg")
    answer = treasurer.post(f"{COSTS}enter/", {**typed, "file": file})
    assert answer.status_code == 302
    page = said(treasurer.get(answer["Location"]))
    assert "invoice.jpg" in page
    where = re.search(r'href="([^"]*attached/\d+/)"', page)[1]
    assert treasurer.get(where)["Content-Type"] == "image/jpeg"
    assert treasurer.post(answer["Location"], {"reason": ""}).status_code == 400
    treasurer.post(answer["Location"], {"reason": "Wrong"})
    assert "Taken out" in said(treasurer.get(answer["Location"]))


def test_a_file_that_is_no_invoice_is_refused_and_so_is_the_cost(treasurer):
    typed = {"day": "2013-05-02", "supplier": "A", "invoice": "1", "text": "Wire", "net": "100", "vat": ""}
    file = SimpleUploadedFile("invoice.pdf", b"MZ\x90\x00" + b"\0" * 200, "application/pdf")
    assert treasurer.post(f"{COSTS}enter/", {**typed, "file": file}).status_code == 400
    assert not CostLine.objects.exists()


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ({"do": "budget", "year": "2013", "ore": "900 000"}, "NOK 900,000.00"),
        ({"do": "grant", "day": "2013-03-01", "giver": "The county governor", "ore": "800 000"}, "The county governor"),
        ({"do": "use", "day": "2013-03-01", "party": "halsa", "measure": "cases", "amount": "7", "source": "The platform"}, "The platform"),
    ],
)  # fmt: skip
def test_budget_grants_and_use_stand_beside_the_costs(treasurer, typed, shown):
    assert treasurer.post(f"{COSTS}besides/", typed).status_code == 302
    assert shown in said(treasurer.get(f"{COSTS}?year=2013"))
    for name in ("ore", "amount"):
        if name in typed:
            assert treasurer.post(f"{COSTS}besides/", {**typed, name: "x"}).status_code == 400


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"do": "budget", "year": "13", "ore": "1"}, "budget-year"),
        ({"do": "budget", "year": "2013", "ore": "x"}, "budget-ore"),
        ({"do": "grant", "day": "2013-02-30", "giver": "The county governor", "ore": "1"}, "grant-day"),
        ({"do": "grant", "day": "2012-02-03", "giver": "The county governor", "ore": "1"}, "grant-day"),
        ({"do": "grant", "day": "2013-02-03", "giver": "The county governor", "ore": "-1"}, "grant-ore"),
        ({"do": "use", "day": "9999-02-03", "party": "halsa", "measure": "cases", "amount": "7", "source": "x"}, "use-day"),
        ({"do": "use", "day": "2013-02-03", "party": "halsa", "measure": "x", "amount": "7", "source": "x"}, "use-measure"),
        ({"do": "use", "day": "2013-02-03", "party": "halsa", "measure": "cases", "amount": "-7", "source": "x"}, "use-amount"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_them_is_said_beside_its_field_which_the_summary_leads_to(treasurer, typed, field):
    answer = treasurer.post(f"{COSTS}besides/", typed)
    page = said(answer)
    assert answer.status_code == 400
    assert f'href="#{field}"' in page
    assert page.count(f'id="{field}"') == page.count(f'id="{field}-error"') == 1
    assert re.search(rf'id="{field}"[^>]*aria-invalid="true" aria-describedby="{field}-error"', page)
    for name, value in typed.items():
        assert f'value="{value}"' in page, name


def test_a_correction_that_waits_is_taken_out_by_the_treasurer_with_why_it_was_wrong(treasurer, halsa):
    id = issued(treasurer)
    treasurer.post(f"{SETTLEMENTS}{id}/correct/", {"project": "", "ore": "-52 000", "reason": "Credited"})
    row = Correction.objects.get()
    take_out = {"at": f"out-{row.id}-", "correction": str(row.id), "reason": "Typed wrongly"}
    assert "Credited" in said(treasurer.get(SETTLEMENTS))
    assert halsa.post(SETTLEMENTS, take_out).status_code == 404
    refused = treasurer.post(SETTLEMENTS, {**take_out, "reason": ""})
    assert (refused.status_code, f'id="out-{row.id}-reason-error"' in said(refused)) == (400, True)
    assert treasurer.post(SETTLEMENTS, take_out).status_code == 302
    page = said(treasurer.get(SETTLEMENTS))
    assert ("The correction is taken out." in page, "Credited" in page) == (True, False)
    assert treasurer.post(SETTLEMENTS, {**take_out, "correction": "999"}).status_code == 404


@pytest.mark.parametrize("day", ["9999-01-01", "2013-02-30", ""])
def test_a_draft_of_no_day_and_of_the_last_year_of_the_calendar_is_refused_at_its_field(treasurer, day):
    answer = treasurer.post(SETTLEMENTS, {"day": day})
    assert answer.status_code == 400
    assert 'id="day-error"' in said(answer)
    assert '<details class="ds-details" open' in said(answer)
    assert not Settlement.objects.exists()


def test_every_form_leads_to_what_is_wrong_and_keeps_what_was_typed(treasurer, halsa):
    id = approved(treasurer)
    treasurer.post(SETTLEMENTS, {"day": "2014-01-01"})
    everybody_known()
    forms = refused_forms(treasurer, f"{COSTS}enter/", f"{COSTS}besides/", SETTLEMENTS, f"{SETTLEMENTS}{id}/issue/")
    treasurer.post(f"{SETTLEMENTS}{id}/issue/", CHOSEN)
    grant = {"do": "grant", "day": "2013-03-01", "giver": "The county governor", "ore": "1"}
    treasurer.post(f"{COSTS}besides/", grant)
    late = {"day": "2014-05-02", "supplier": "A", "invoice": "1", "text": "Wire", "net": "100"}
    cost = treasurer.post(f"{COSTS}enter/", late)["Location"]
    treasurer.post(SETTLEMENTS, {"day": "2014-01-01"})
    draft = f"{SETTLEMENTS}{Settlement.objects.order_by('-id')[0].id}/"
    halsa.post(draft, {"text": "Why so much?"})
    bill = f"{BILLS}{IssuedBill.objects.get(party='halsa').id}/"
    treasurer.post(bill, {"day": dates.today().isoformat(), "ore": "1"})
    pages = (
        f"{COSTS}?year=2013",
        cost,
        draft,
        f"{SETTLEMENTS}{id}/correct/",
        bill,
        f"{BILLS}parties/ikt-orkide/halsa/",
    )
    assert forms + refused_forms(treasurer, *pages) == 13
    assert refused_forms(halsa, draft) == 1
    approver = at_office("approver", scope="ikt-orkide")
    assert refused_forms(approver, draft) == 1
    page = said(approver.get(f"{BILLS}parties/ikt-orkide/halsa/"))  # who may not keep it has nothing to type in
    assert ("Buyer reference" in page, 'method="post"><input' in page.split("<main")[1]) == (True, False)


def test_a_member_sees_its_own_share_and_bill_and_nobody_elses(treasurer, halsa):
    id = issued(treasurer)
    page = said(halsa.get(f"{SETTLEMENTS}{id}/"))
    assert "Halsa: NOK 38,250.57" in page
    assert "Kristiansund: NOK" not in page
    assert "Averøy" not in page
    theirs = IssuedBill.objects.get(party="averoy").id
    for address in (
        f"{BILLS}{theirs}/",
        f"{BILLS}{theirs}/pdf/",
        f"{BILLS}{theirs}/ehf/",
        f"{BILLS}parties/ikt-orkide/averoy/",
    ):
        assert halsa.get(address).status_code == 404
    assert "Averøy" not in said(halsa.get(BILLS))
    rows = halsa.get(f"{SETTLEMENTS}{id}/shares.csv").content.decode("utf-8-sig")
    assert "Halsa" in rows
    assert "Averøy" not in rows
    assert "Averøy" not in halsa.get(f"{SETTLEMENTS}{id}/vouchers.csv").content.decode("utf-8-sig")


def test_vouchers_as_a_file_balance(treasurer):
    id = issued(treasurer)
    lines = treasurer.get(f"{SETTLEMENTS}{id}/vouchers.csv").content.decode("utf-8-sig").splitlines()[1:]
    sums = [[cell and float(cell) for cell in line.split(";")[-2:]] for line in lines]
    assert round(sum(debit or 0 for debit, _ in sums), 2) == round(sum(credit or 0 for _, credit in sums), 2) > 0


def test_a_correction_of_one_party_is_its_own_and_a_late_grant_is_everybodys(treasurer, halsa):
    id = issued(treasurer)
    typed = {"project": "", "party": "halsa", "ore": "100", "reason": "Its own server"}
    assert 'id="party-error"' in said(treasurer.post(f"{SETTLEMENTS}{id}/correct/", {**typed, "party": "x"}))
    assert treasurer.post(f"{SETTLEMENTS}{id}/correct/", typed).status_code == 302
    grant = {"do": "grant", "day": "2013-03-01", "giver": "The county governor", "ore": "130 000"}
    page = said(treasurer.post(f"{COSTS}besides/", grant, follow=True))
    assert "The period is settled, so the grant is a correction" in page
    page = said(treasurer.get(f"{COSTS}?year=2013"))
    assert "Take it out" in page
    page = said(treasurer.get(SETTLEMENTS))
    assert "Halsa" in page
    assert "The county governor" in page
    treasurer.post(SETTLEMENTS, {"day": "2014-01-01"})
    later = Settlement.objects.order_by("-id")[0].id
    page = said(treasurer.get(f"{SETTLEMENTS}{later}/"))
    assert "Its own server. For Halsa alone." in page
    assert "Halsa: NOK 100.00" in page
    assert "Halsa: NOK 100.00" in said(halsa.get(f"{SETTLEMENTS}{later}/"))
    approve(later)
    assert treasurer.post(f"{SETTLEMENTS}{later}/issue/", CHOSEN).status_code == 302
    assert "Take it out" not in said(treasurer.get(f"{COSTS}?year=2013"))


def test_what_is_corrected_may_be_treated_otherwise_than_it_was(treasurer):
    id = issued(treasurer)
    page = said(treasurer.get(f"{SETTLEMENTS}{id}/issue/"))
    assert "corrected_vat" not in page
    treasurer.post(f"{SETTLEMENTS}{id}/correct/", {"project": "", "ore": "-13 000", "reason": "Credited"})
    treasurer.post(SETTLEMENTS, {"day": "2014-01-01"})
    later = Settlement.objects.order_by("-id")[0].id
    approve(later)
    typed = {**CHOSEN, "corrected_vat": "O"}
    page = said(treasurer.post(f"{SETTLEMENTS}{later}/issue/", typed))
    assert 'href="#corrected_reason"' in page
    assert treasurer.post(f"{SETTLEMENTS}{later}/issue/", {**typed, "corrected_reason": "No sale."}).status_code == 302
    assert all(each.is_outside for each in IssuedBill.objects.filter(settlement=later))


def test_a_correction_waits_for_the_next_settlement(treasurer):
    id = issued(treasurer)
    answer = treasurer.post(f"{SETTLEMENTS}{id}/correct/", {"project": "", "ore": "-13 000", "reason": "Credited"})
    assert answer.status_code == 302
    assert "Credited" in said(treasurer.get(SETTLEMENTS))
    assert treasurer.post(f"{SETTLEMENTS}{id}/correct/", {"project": "", "ore": "", "reason": ""}).status_code == 400


def test_payments_from_a_file_and_what_is_overdue(treasurer, monkeypatch):
    issued(treasurer)
    bill = IssuedBill.objects.get(party="halsa")
    row = f"KID;Dato;Beløp\n{bill.kid};{dates.today()};47813,21\n"
    assert treasurer.post(f"{BILLS}payments/", csv(row)).status_code == 302
    assert "Line 2:" in said(treasurer.post(f"{BILLS}payments/", csv(row)))
    monkeypatch.setattr(dates, "today", lambda: date(2031, 1, 1))
    assert "11 invoices are overdue" in said(treasurer.get(BILLS))


@pytest.mark.parametrize("role", ["planner", "elected", "secretary"])
def test_other_roles_have_no_way_to_money(agreements, role):
    whose = {"scope": "ikt-orkide"} if role == "planner" else {"party": "halsa"}
    client = at_office(role, **whose)
    for address in (COSTS, SETTLEMENTS, BILLS):
        assert client.get(address).status_code in (302, 403, 404)


def test_the_board_follows_a_bill_from_the_settlement_and_changes_nothing(treasurer):
    id = issued(treasurer)
    board = at_office("board", scope="ikt-orkide")
    bill = re.search(r'href="([^"]*/bills/\d+/)"', said(board.get(f"{SETTLEMENTS}{id}/")))[1]
    assert board.get(bill).status_code == 200
    assert "parties/" not in said(board.get(BILLS))
    assert board.post(bill, {"day": dates.today().isoformat(), "ore": "1"}).status_code == 404
    assert board.get(f"{COSTS}enter/").status_code != 200


def test_another_cooperations_treasurer_finds_nothing(treasurer):
    id = issued(treasurer)
    client = at_office("board", scope="knutepunkt-sorlandet")
    for address in (COSTS, f"{COSTS}{CostLine.objects.first().id}/", SETTLEMENTS, f"{SETTLEMENTS}{id}/"):
        assert client.get(address).status_code == 404


@pytest.mark.parametrize("language", ["", "nn/", "en/"])
def test_every_page_is_there_in_each_language(treasurer, language):
    id = issued(treasurer)
    office = f"/{language}cooperation/office/"
    cost, bill = CostLine.objects.first().id, IssuedBill.objects.first().id
    for page in (
        "costs/ikt-orkide/", "costs/ikt-orkide/enter/", "costs/ikt-orkide/file/", "costs/ikt-orkide/besides/", f"costs/ikt-orkide/{cost}/",
        "settlements/ikt-orkide/", f"settlements/ikt-orkide/{id}/", f"settlements/ikt-orkide/{id}/correct/", f"settlements/ikt-orkide/{id}/issue/",
        "bills/", f"bills/{bill}/", "bills/payments/", "bills/parties/ikt-orkide/", "bills/parties/ikt-orkide/halsa/",
    ):  # fmt: skip
        assert treasurer.get(office + page).status_code == 200, page
    assert treasurer.get(f"{office}bills/999999999999999999999/").status_code == 404


def test_the_pages_of_a_settlement_ask_the_database_as_often_however_much_there_is(treasurer, halsa):
    id = issued(treasurer)
    cost, bill = CostLine.objects.first().id, IssuedBill.objects.get(party="halsa").id
    later = LEDGER.replace(".2013", ".2014").replace("Drift", "Drift 2014")
    more = "".join(f"01.03.2014;B;{n};Kabel;1;0\n" for n in range(30))
    treasurer.post(f"{COSTS}file/", csv(later.replace("1001", "2001").replace("77", "88") + more))
    treasurer.post(SETTLEMENTS, {"day": "2014-01-01"})
    draft = Settlement.objects.order_by("-id")[0].id
    for text in ("One", "Two"):
        halsa.post(f"{SETTLEMENTS}{draft}/", {"text": text})
    for client, address, most in (
        (treasurer, f"{COSTS}{cost}/", 5),
        (treasurer, f"{COSTS}?year=2014", 9),
        (treasurer, f"{SETTLEMENTS}{id}/", 6),
        (treasurer, f"{SETTLEMENTS}{draft}/", 6),
        (treasurer, f"{SETTLEMENTS}{draft}/issue/", 6),
        (treasurer, f"{SETTLEMENTS}{id}/correct/", 6),
        (treasurer, f"{BILLS}{bill}/", 5),
        (treasurer, BILLS, 3),
        (halsa, SETTLEMENTS, 2),
        (halsa, f"{SETTLEMENTS}{draft}/", 4),
    ):
        client.get(address)
        with statements() as sent:
            assert client.get(address).status_code == 200
        assert len(sent) <= most, (address, sent)
