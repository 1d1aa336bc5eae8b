"""What costs is entered whole or not at all, once, and is taken out again only while nothing is settled by it."""

from __future__ import annotations

import threading
from datetime import date
from pathlib import Path

import pytest
from django.db import DatabaseError, connections, transaction

from allmenning import vault
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
    entering.enter_cost(orkide, cost(ore=1), by=BY)


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
