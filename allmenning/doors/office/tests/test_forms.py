"""A form of the office keeps what was typed, and says what is wrong with it in the form that was sent and in no other."""

import pytest
from django.http import Http404
from django.test import RequestFactory

from allmenning.basics.text import UnsafeText
from allmenning.basics.typed import FieldsWrong, IsMissing, NotOffered
from allmenning.commons.costs.errors import FileWrong, NothingInFile, Problem
from allmenning.doors.office.forms import ALL, Form
from allmenning.journeys.offices import NotInYourRole


def sent(proposed=None, **values):
    return Form(RequestFactory().post("/", values), **(proposed or {}))


def refusing(error):
    def act():
        raise error

    return act


def test_what_can_not_be_stored_is_said_at_the_language_it_stands_in():
    form = sent(title_nb="Fint", title_nn="a\0b")
    form.words("title")
    assert {name: type(error) for name, error in form.errors.items()} == {"title_nn": UnsafeText}


def test_what_was_typed_stands_in_the_form_that_was_sent_and_what_is_proposed_in_the_others():
    form = sent(
        {"day": "2026-01-01", "parties": ["aure"]}, do="move", at="move-7-", day="x", parties=["halsa", "smola"]
    )
    form.day("day")
    assert (form.shown("day", "move-7-"), form.shown("day", "move-8-")) == ("x", "2026-01-01")
    assert (form.ticked("parties", "move-7-"), form.ticked("parties", "move-8-")) == (["halsa", "smola"], ["aure"])
    assert form.wrong("day", "move-7-")
    assert not form.wrong("day", "move-8-")


@pytest.mark.parametrize(
    ("error", "field"),
    [
        (FieldsWrong({"day": IsMissing()}), "day"),
        (IsMissing("reason"), "reason"),
        (IsMissing("title"), "title_nb"),
        (IsMissing("nowhere"), ALL),
    ],
)
def test_what_is_refused_is_said_at_its_field_or_of_all(error, field):
    form = sent(day="", reason="", title_nb="")
    assert not form.do(refusing(error))
    assert (list(form.errors), form.status) == ([field], 400)


def test_what_is_wrong_with_a_file_is_said_by_its_lines():
    form = sent()
    assert not form.do(refusing(FileWrong([Problem(0, NothingInFile())] * 60, "f.csv")))
    assert (form.status, len(form.problems), len(form.shown_problems)) == (400, 60, 50)


def test_what_is_another_roles_is_not_found():
    with pytest.raises(Http404):
        sent().do(refusing(NotInYourRole()))


def test_nothing_is_done_with_a_form_that_is_wrong_or_was_not_sent():
    form = sent(day="x")
    form.day("day")
    assert not form.do(lambda: pytest.fail("it was done"))
    assert not Form(RequestFactory().get("/")).do(lambda: pytest.fail("it was done"))


def test_a_form_does_one_of_the_things_that_are_offered():
    assert sent(do="add").choose({"add": lambda: "Added."}) == "Added."
    form = sent(do="steal")
    assert form.choose({"add": lambda: "Added."}) == ""
    assert type(form.errors[ALL]) is NotOffered
