"""My page and the mailbox: everything in all municipalities, in one list each."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from allmenning.journeys import my_page as journey
from allmenning.web.access import resident_only

from ..showing import language, show
from ..telling import package_of, titled, told

LETTERS_SHOWN = 5


@resident_only
@require_safe
def my_page(request: HttpRequest) -> HttpResponse:
    """What waits for me first, then what is going on, then what is over; drafts; unread letters."""
    page = journey.my_page(request.resident)  # type: ignore[attr-defined]
    cases = [told(each) for each in page.cases]
    letters = _named(page.letters)
    unread = [each for each in letters if each[0].message.read_at is None]
    context = {
        "waiting": [each for each in cases if each.case.waits_for_me],
        "open": [each for each in cases if each.is_open and not each.case.waits_for_me],
        "over": [each for each in cases if not each.is_open],
        "drafts": [(each, package_of(each.service, each.version).title[language()]) for each in page.drafts],
        "unread": unread[:LETTERS_SHOWN],
        "unread_count": len(unread),
        "letters_count": len(page.letters),
        "other_parts": page.parts,
        "unreachable": page.unreachable,
    }
    return show(request, "portal/my_page.html", context)


@resident_only
@require_safe
def mailbox(request: HttpRequest) -> HttpResponse:
    """Every letter and question from every municipality, newest first."""
    page = journey.my_page(request.resident)  # type: ignore[attr-defined]
    context = {"letters": _named(page.letters), "unreachable": page.unreachable}
    return show(request, "portal/mailbox.html", context)


def _named(letters: list[journey.MyLetter]) -> list[tuple[journey.MyLetter, str]]:
    """Each letter with the name of its case."""
    return [(each, _name_of(each)) for each in letters]


def _name_of(letter: journey.MyLetter) -> str:
    """The name of its case; of one to a party of somebody else's, no more than that."""
    if letter.participant_id:
        return _("To you as a party")
    return titled(package_of(letter.service, letter.version), letter.subject)
