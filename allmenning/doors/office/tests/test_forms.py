"""What is typed at the office: said at its field where it can't be stored, and never cut."""

import pytest
from django.http import QueryDict

from allmenning.basics.text import UnsafeText
from allmenning.commons.governance.errors import TooLong
from allmenning.doors.office.forms import IsMissing, Typed


def typed(**values):
    posted = QueryDict(mutable=True)
    posted.update(values)
    return Typed(posted)


@pytest.mark.parametrize(
    ("value", "error"), [("a\u202eb", UnsafeText), ("å" * 11, TooLong), ("  ", IsMissing), ("å" * 10, None)]
)
def test_a_text_is_said_at_its_field_or_kept_whole(value, error):
    form = typed(title=value)
    said = form.text("title", longest=10)
    assert type(form.errors.get("title")) is (error or type(None))
    assert form["title"] == value
    assert error or said == value


def test_what_can_not_be_stored_is_said_at_the_language_it_stands_in():
    form = typed(title_nb="Fint", title_nn="a\0b")
    form.words("title")
    assert {name: type(error) for name, error in form.errors.items()} == {"title_nn": UnsafeText}
