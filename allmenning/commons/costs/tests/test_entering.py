"""What costs is entered whole or not at all, once, and is taken out again only while nothing is settled by it."""

from __future__ import annotations

import threading
from datetime import date
from pathlib import Path

import pytest
from django.db import DatabaseError, connections, transaction

from allmenning import vault
from allmenning.basics.identifiers import NationalIdentityNumber
from allmenning.basics.money import UnclearAmount
from allmenning.basics.typed import IsMissing, NotADay
from allmenning.commons.costs import actions, entered, entering, errors, queries
from allmenning.commons.costs.errors import FileWrong
from allmenning.commons.costs.models import CostBatch, CostLine
from allmenning.commons.costs.settling import Cost

BY = "treasurer, ikt-orkide"
ROOT = Path(__file__).resolve().parents[4]
HEAD = "Dato;Leverandør;Faktura;Tekst;Netto;Mva\n"
FILE = HEAD + "31.12.2013;Leverandør AS;1;Drift;600 000;150 000\n15.06.2013;Kabel AS;7;Linjer;400 000,00;100 000\n"
START, END = date(2013, 1, 1), date(2014, 1, 1)


def cost(**more):
    of = {"day": date(2013, 5, 1), "supplier": "Leverandør AS", "invoice": "4711", "text": "Drift"}
    return Cost(**{**of, "ore": 100_000, "vat_ore": 25_000, **more})


def enter(agreed, text, **more):
    return entering.enter_file(agreed, text.encode(), file="kostnader.csv", by=BY, **more)


def wrong_in(agreed, text):
    with pytest.raises(FileWrong) as wrong:
        enter(agreed, text)
    return [(each.line, type(each.error)) for each in wrong.value.problems]


def test_a_file_is_entered_whole_and_told_of_in_one_row(orkide):
    batch = enter(orkide, FILE)
    assert (batch.lines, batch.net_ore, batch.entered_by) == (2, 100_000_000, BY)
    assert [(each.line, each.supplier) for each in entered.costs("ikt-orkide", START, END)] == [
        (2, "Leverandør AS"),
        (3, "Kabel AS"),
    ]


def test_one_wrong_line_and_nothing_is_entered(orkide):
    assert wrong_in(orkide, FILE + "31.11.2013;A;1;B;1;0\n01.06.2012;A;2;B;1;0\n") == [(4, NotADay)]
    assert wrong_in(orkide, FILE + "01.06.2012;A;2;B;1;0\n") == [(4, errors.NotInForce)]
    assert wrong_in(orkide, HEAD) == [(0, errors.NothingInFile)]
    assert not CostLine.objects.exists()


def test_the_same_file_twice_is_said_line_by_line(orkide):
    enter(orkide, FILE)
    assert wrong_in(orkide, FILE) == [(2, errors.InvoiceEntered), (3, errors.InvoiceEntered)]


def test_an_invoice_is_entered_once_by_hand_too_and_another_line_of_it_is_asked_for(orkide):
    entering.enter_cost(orkide, cost(), by=BY)
    with pytest.raises(errors.InvoiceEntered):
        entering.enter_cost(orkide, cost(text="Lisenser"), by=BY)
    entering.enter_cost(orkide, cost(text="Lisenser"), by=BY, another_line=True)
    with pytest.raises(errors.CostEntered):
        entering.enter_cost(orkide, cost(), by=BY, another_line=True)


A_PERSON = NationalIdentityNumber.synthetic(date(1990, 3, 2), 5).value


def test_an_invoice_is_the_same_in_other_letters_and_spacing(orkide):
    enter(orkide, HEAD + "01.05.2013;Åsgård Drift AS;A1;Drift;100;25\n")
    assert wrong_in(orkide, HEAD + "01.05.2013;Åsgård  drift as;a 1;Lisens;100;25\n") == [(2, errors.InvoiceEntered)]
    with pytest.raises(errors.InvoiceEntered):
        entering.enter_cost(orkide, cost(supplier="åsgård drift AS", invoice="a1"), by=BY)
    again = {"supplier": "åsgård drift AS", "invoice": "a1", "ore": 10_000, "vat_ore": 2500, "text": "drift"}
    with pytest.raises(errors.CostEntered):
        entering.enter_cost(orkide, cost(**again), by=BY, another_line=True)
    twice = HEAD + "01.05.2013;Kabel AS;B2;Drift;100;25\n01.05.2013;KABEL AS;b2;drift;100;25\n"
    assert wrong_in(orkide, twice) == [(3, errors.InvoiceTwice)]


def test_an_invoice_has_one_date(orkide):
    lines = "01.05.2013;Kabel AS;B2;Drift;100;25\n01.05.2013;Kabel AS;B2;Lisens;100;25\n"
    assert wrong_in(orkide, HEAD + lines + "02.05.2013;Kabel AS;b2;Drift;100;25\n") == [(4, errors.InvoiceOnTwoDays)]
    assert enter(orkide, HEAD + lines).lines == 2


def test_a_cost_names_nobody(orkide):
    assert wrong_in(orkide, HEAD + f"01.05.2013;Kabel AS;1;Til {A_PERSON};100;25\n") == [(2, errors.NamesAPerson)]
    with pytest.raises(errors.NamesAPerson):
        entering.enter_cost(orkide, cost(text=f"Til {A_PERSON[:6]} {A_PERSON[6:]}"), by=BY)
    row = entering.enter_cost(orkide, cost(), by=BY)
    with pytest.raises(errors.NamesAPerson):
        entering.take_out_cost(row.id, A_PERSON, agreement="ikt-orkide", by=BY)


@pytest.mark.parametrize(("net", "vat"), [("100", "95"), ("100", "-25"), ("-100", "25"), ("0", "25"), ("100", "25,06")])
def test_vat_that_cannot_be_is_refused(orkide, net, vat):
    assert wrong_in(orkide, HEAD + f"01.05.2013;Kabel AS;1;Drift;{net};{vat}\n") == [(2, errors.VatCannotBe)]


def test_vat_may_be_rounded_and_goes_back_with_what_goes_back(orkide):
    lines = "01.05.2013;Kabel AS;1;A;100;25,05\n01.05.2013;Kabel AS;1;B;-100;-25\n01.05.2013;Kabel AS;1;C;100;12\n"
    assert enter(orkide, HEAD + lines).lines == 3


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("01.05.2013;Kabel AS;1;Drift;1,234;0", UnclearAmount),
        ("01.05.2013;Kabel AS;1;Drift;99 999 999 999 999,00;0", errors.TooMuch),
        ("01.02.9013;Kabel AS;1;Drift;1;0", errors.TooFarAhead),
    ],
)
def test_a_slip_of_the_keyboard_is_refused(orkide, line, error):
    assert wrong_in(orkide, HEAD + line + "\n") == [(2, error)]


def test_a_slip_is_refused_by_hand_too(orkide):
    for slip in ({"ore": 10**12 + 1, "vat_ore": 0}, {"ore": 100, "vat_ore": 95}, {"day": date(2099, 1, 1)}):
        with pytest.raises((errors.TooMuch, errors.VatCannotBe, errors.TooFarAhead)):
            entering.enter_cost(orkide, cost(**slip), by=BY)


def test_a_project_that_is_not_in_the_agreement_is_refused(orkide):
    with pytest.raises(errors.NoSuchProject):
        entering.enter_cost(orkide, cost(project="portal"), by=BY)


def test_what_is_taken_out_does_not_count_and_may_be_entered_anew(orkide):
    row = entering.enter_cost(orkide, cost(), by=BY)
    with pytest.raises(IsMissing):
        entering.take_out_cost(row.id, " ", agreement="ikt-orkide", by=BY)
    entering.take_out_cost(row.id, "Feil beløp", agreement="ikt-orkide", by=BY)
    with pytest.raises(errors.AlreadyTakenOut):
        entering.take_out_cost(row.id, "Igjen", agreement="ikt-orkide", by=BY)
    assert not entered.costs("ikt-orkide", START, END)
    entering.enter_cost(orkide, cost(ore=1, vat_ore=0), by=BY)


def test_a_line_of_another_agreement_is_not_found(orkide):
    row = entering.enter_cost(orkide, cost(), by=BY)
    with pytest.raises(errors.NoSuchCost):
        entering.take_out_cost(row.id, "Feil", agreement="by-population", by=BY)


@pytest.mark.parametrize(
    "statement",
    ["update costs_costline set net_ore = 1", "delete from costs_costline", "truncate costs_costline cascade"],
)
def test_the_database_refuses_to_change_or_remove_a_line(orkide, statement):
    entering.enter_cost(orkide, cost(), by=BY)
    with pytest.raises(DatabaseError, match=r"never changed|permission denied"), transaction.atomic(using="commons"):
        connections["commons"].cursor().execute(statement)


def test_a_budget_stands_beside_what_was_spent_less_grants_and_the_newest_holds(orkide):
    entering.set_budget(orkide, year=2013, project="", ore=1, by=BY)
    entering.set_budget(orkide, year=2013, project="", ore=900_000, by=BY)
    entering.enter_cost(orkide, cost(), by=BY)
    entering.enter_grant(orkide, day=date(2013, 3, 1), giver="Fylkesmannen", text="", ore=40_000, project="", by=BY)
    (row,) = entered.spent("ikt-orkide", 2013)
    assert (row.budget_ore, row.net_ore, row.grants_ore, row.left_ore) == (900_000, 100_000, 40_000, 840_000)


def test_what_was_used_is_what_was_told_last(orkide):
    for amount in (5, 7):
        entering.enter_use(orkide, START, party="aure", measure="cases", amount=amount, source="Plattformen", by=BY)
    assert entered.use("ikt-orkide", START) == {"aure": {"cases": 7}}


def test_an_attachment_is_sealed_for_its_cost_and_no_other(orkide):
    first, second = (entering.enter_cost(orkide, cost(invoice=each), by=BY) for each in "12")
    kept = entering.attach(
        first.id, agreement="ikt-orkide", name="faktura.pdf", media_type="application/pdf", content=b"%PDF-", by=BY
    )
    assert b"%PDF-" not in bytes(kept.content)
    assert entering.attached(kept) == b"%PDF-"
    kept.cost = second
    with pytest.raises(vault.CannotOpen):
        entering.attached(kept)


@pytest.mark.parametrize(
    ("media_type", "size", "error"),
    [("application/pdf", 5_000_001, errors.AttachmentTooLarge), ("text/plain", 1, errors.AttachmentOfAnotherType)],
)
def test_an_attachment_is_a_picture_or_a_pdf_of_no_great_size(orkide, media_type, size, error):
    row = entering.enter_cost(orkide, cost(), by=BY)
    with pytest.raises(error):
        entering.attach(row.id, agreement="ikt-orkide", name="f", media_type=media_type, content=b"x" * size, by=BY)


def test_two_treasurers_at_once_enter_an_invoice_once(commons_db):
    from allmenning.commons.municipalities import actions as municipalities

    municipalities.load_register()
    path = ROOT / "agreements/ikt-orkide.yaml"
    actions.publish(path.read_text("utf-8"), file=path.name, by="tests")
    agreed = queries.agreement("ikt-orkide").agreement
    start, said = threading.Barrier(2), []

    def work():
        start.wait()
        try:
            enter(agreed, FILE)
        except FileWrong as error:
            said.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(said) == 1
    assert CostBatch.objects.count() == 1
