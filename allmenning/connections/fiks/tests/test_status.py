"""What nav.no is told: each way that a case of the folder may go is valid as the publisher's JSON, and says how it went."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from allmenning.commons.catalogue import package as packages
from allmenning.connections.fiks import contracts, status
from allmenning.journeys.testing import SERVICES
from allmenning.municipal.post.ports import Happening, Kept

from .standards import schemas

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
FILE = UUID(int=1)
PACKAGE = packages.load(SERVICES / "financial-assistance")


def document(*happenings):
    told = status.to_document([Happening("received", AT), *happenings], "1554")
    schemas().check(contracts.STATUS, told)
    return told["hendelser"]


# What is stopped was neither granted nor refused: the contract has no word for it.
TOLD = [each.id for each in PACKAGE.outcomes if each.is_individual_decision and each.id != "stopped"]


@pytest.mark.parametrize("outcome", TOLD)
def test_every_decision_of_the_folder_says_how_it_went(outcome):
    told = document(Happening("decision", AT, "case", "Sak", outcome, FILE), Happening("done", AT))
    [decided] = [each for each in told if each["type"] == "vedtakFattet"]
    expected = {"granted": "INNVILGET", "partly": "DELVIS_INNVILGET", "refused": "AVSLATT", "emergency-help": "INNVILGET",
                "emergency-refused": "AVSLATT"}  # fmt: skip
    assert decided["utfall"] == expected[outcome]
    assert decided["vedtaksfil"]["referanse"] == {"type": "dokumentlager", "id": str(FILE)}


def test_an_outcome_that_is_not_known_is_told_without_saying_how_it_went():
    assert "utfall" not in document(Happening("decision", AT, "case", "Sak", "others", FILE))[-1]


def test_a_deadline_for_documents_is_the_last_second_of_the_day_in_norway():
    asked = document(Happening("asked", AT, "question", file=FILE, due=date(2026, 12, 1)))[-1]
    assert asked["dokumenter"][0]["innsendelsesfrist"] == "2026-12-01T22:59:59.000Z"


def kept(kind, shows, **changes):
    one = Kept(kind, shows, "ref", "", {}, {}, "Kari Prøve")
    return Happening("kept", AT, "case", kept=replace(one, **changes))


@pytest.mark.parametrize("state", [each.id for each in PACKAGE.record_kind("payment").states])
def test_every_state_of_a_payment_is_one_of_the_formats(state):
    answers = {"amount_ore": 100, "receiver": "kari  prøve", "account": "12345678903"}
    [told] = [each for each in document(kept("payment", "payments", status=state, answers=answers, ends=date(2026, 12, 2)))
              if each["type"] == "utbetaling"]  # fmt: skip
    assert told["status"] == {
        "planned": "PLANLAGT_UTBETALING", "paid": "UTBETALT", "stopped": "STOPPET", "cancelled": "ANNULLERT"
    }[state]  # fmt: skip
    assert (told["annenMottaker"], told["kontonummer"]) == (False, "12345678903")
    assert ("utbetalingsdato" in told) == (state == "paid")


@pytest.mark.parametrize("state", [each.id for each in PACKAGE.record_kind("condition").states])
def test_every_state_of_a_condition_is_one_that_the_format_has_not_given_up(state):
    told = document(kept("condition", "list", status=state, words={"what": "Møt opp."}))[-1]
    assert told["status"] == ("ANNULLERT" if state == "dropped" else "RELEVANT")


def test_a_payment_of_which_little_is_known_is_told_as_what_is_known():
    assert document(kept("payment", "payments", answers={"receiver": "Utleier"}))[-1].keys() == {
        "type", "utbetalingsreferanse", "saksreferanse", "annenMottaker", "mottaker", "hendelsestidspunkt"
    }  # fmt: skip


def test_the_whole_is_made_anew_each_time():
    history = [Happening("handling", AT, "case", "Sak"), Happening("asked", AT, "q", due=date(2026, 12, 1)),
               Happening("answered", AT + timedelta(days=1)), Happening("preliminary-reply", AT, file=FILE),
               Happening("not-handled", AT + timedelta(days=2))]  # fmt: skip
    whole = document(*history)
    for number in range(len(history)):
        some = document(*history[:number])
        assert whole[: len(some)] == some
