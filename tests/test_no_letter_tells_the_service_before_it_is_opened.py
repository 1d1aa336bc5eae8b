"""Whatever is seen of a letter before it is opened (sender, subject, file name, notice, envelope) never names a sensitive service.

Thousands of letters once showed the child welfare service as their sender, through a window or a print-out.
"""

from dataclasses import replace
from io import BytesIO

import pytest
from pypdf import PdfReader

from allmenning.basics.dates import add_weeks, today
from allmenning.journeys import dialogue, my_page, printing
from allmenning.journeys.casework import staff_resident_key
from allmenning.journeys.testing import ALICE, NAMES, RITA, rita
from allmenning.journeys.tests.test_main_job import as_resident
from allmenning.journeys.tests.test_transferring import AREAS, CARE, CONCERN, HELP, SCHOOL, both, move, sent
from allmenning.municipal.access.queries import working_as
from allmenning.municipal.archive.models import RegistryEntry
from allmenning.municipal.cases.models import Case
from allmenning.tenancy import use

__all__ = ["both"]

EXAMPLES = {
    HELP: ("a-single-renter", "forwarded", {}),
    CONCERN: ("a-teacher-reports-with-login", "moved", {"told_moved": ["Meldingen er vurdert."], "received": "i dag"}),
    CARE: ("alarm-and-practical-help", "moved", {}),
    SCHOOL: ("a-parent-asks-for-help-at-school", "moved", {}),
}
TELLING = (
    *("barnevern", "bekymring", "sosial", "økonomisk", "omsorg", "pleie", "sykehjem", "ppt", "pedagogisk", "psykolog"),
    *("child welfare", "concern", "social", "financial", "care", "nursing", "educational", "psycholog", "nav "),
    *AREAS,
    *AREAS.values(),
)
# Where a window of an envelope may show the letter, in points from the lower left of the sheet: 15–110 mm in, 40–90 mm down.
WINDOW = (42, 312, 587, 729)


def telling(texts):
    return [text for text in texts if any(word in text.casefold() for word in TELLING)]


def written(place, service, example, outcome, values):
    """Rita sends something, is asked about it, and is answered."""
    area, alice = AREAS[service], place.staff["alice"].id
    case_id = sent(place, service, example, rita())
    with use(place.id, area):
        case = Case.objects.get()
        actor = working_as(alice, area).as_actor(case)
        dialogue.ask(case_id, "Når passer det?", add_weeks(today(), 2), actor, revision=case.revision)
    move(place, service, case_id, "smøla", outcome, **values)
    return case_id


@pytest.mark.parametrize("service", EXAMPLES)
def test_subject_file_and_notice_tell_nothing(both, registers, service):
    averoy, _ = both
    case_id = written(averoy, service, *EXAMPLES[service])
    with as_resident(averoy, rita()):
        view = my_page.open_mine(case_id)
        seen = [each.title for each in view.messages] + [each.file_name for each in view.documents]
    notices = [text for each in registers.sent for text in (each["subject"], each["text"])]
    with use(averoy.id, AREAS[service]):
        letters = RegistryEntry.objects.filter(kind=RegistryEntry.Kind.OUTGOING)
        journal = list(letters.values_list("public_title", flat=True))
    assert len(view.messages) >= 2
    assert notices
    assert journal
    assert telling([*seen, *notices, *journal]) == []


@pytest.mark.parametrize("service", EXAMPLES)
def test_an_envelope_shows_whom_it_is_for_and_nothing_else(both, registers, service):
    averoy, _ = both
    registers.contacts[RITA] = replace(registers.contacts[RITA], is_reserved=True)
    written(averoy, service, *EXAMPLES[service])
    area = AREAS[service]
    with use(averoy.id, area):
        working = working_as(averoy.staff["alice"].id, area)
        waiting = printing.queue(working)
        letters = [
            printing.open_letter(each.id, working, staff_key=staff_resident_key(averoy.id, ALICE)) for each in waiting
        ]
    assert len(letters) >= 2
    for letter in letters:
        shown = in_window(letter)
        assert NAMES[RITA] in shown
        assert telling([shown]) == []


def in_window(pdf):
    """The text of the first sheet that stands where the window is."""
    found, (left, right, low, high) = [], WINDOW

    def keep(text, page, line, *_font):
        across, up = (line[4] * page[at] + line[5] * page[at + 2] + page[at + 4] for at in (0, 1))
        if left <= across <= right and low <= up <= high:
            found.append(text)

    PdfReader(BytesIO(pdf)).pages[0].extract_text(visitor_text=keep)
    return "".join(found)
