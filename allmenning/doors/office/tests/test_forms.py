"""What is typed at the office is said at its field where it can't be stored."""

from django.http import QueryDict

from allmenning.basics.text import UnsafeText
from allmenning.doors.office.forms import Typed


def test_what_can_not_be_stored_is_said_at_the_language_it_stands_in():
    form = Typed(QueryDict("title_nb=Fint&title_nn=a%00b"))
    form.words("title")
    assert {name: type(error) for name, error in form.errors.items()} == {"title_nn": UnsafeText}
