"""The school's own letter on paper: the address is written on the envelope, and nothing is printed after consent to it is gone."""

from io import BytesIO

import pytest
import yaml
from pypdf import PdfReader

from allmenning.basics import dates
from allmenning.journeys import casework, consents, deciding, decision_letters, outbox, printing
from allmenning.journeys.testing import ALICE, SERVICES, rita
from allmenning.journeys.tests.test_transferring import AREAS, SCHOOL, both, keep, sent
from allmenning.municipal.access.queries import working_as
from allmenning.municipal.cases.models import Case, Consent
from allmenning.tenancy import use

__all__ = ["both"]
EXAMPLE = "the-school-gets-the-assessment"


@pytest.fixture
def waiting(both):
    """The expert assessment is sent, and the school's letter waits to be printed: the case, and who works with it."""
    averoy, _ = both
    case_id = sent(averoy, SCHOOL, EXAMPLE, rita(), consent_date=dates.today().isoformat())
    granted = yaml.safe_load((SERVICES / SCHOOL / "examples/granted-at-school.yaml").read_text("utf-8"))["records"]
    keep(averoy, SCHOOL, case_id, assessment=granted["assessment"][0], recommendation=granted["recommendation"][0])
    example = yaml.safe_load((SERVICES / SCHOOL / f"examples/{EXAMPLE}.yaml").read_text("utf-8"))
    with use(averoy.id, AREAS[SCHOOL]):
        working, key = working_as(next(iter(averoy.staff.values())).id, AREAS[SCHOOL]), key_of(averoy)
        values = {"about": ["Brevet gjelder Bo Prøve."], **example["decided"]["values"]}
        drafted = decision_letters.Drafted("assessed", [], values)
        deciding.save_draft(case_id, drafted, working, revision=Case.objects.get().revision, staff_key=key)
        deciding.issue(case_id, working, revision=Case.objects.get().revision, staff_key=key)
    outbox.drain(averoy.id, AREAS[SCHOOL])
    with use(averoy.id, AREAS[SCHOOL]):
        yield working, key


def key_of(place):
    return casework.staff_resident_key(place.id, ALICE)


def of_the_school(working):
    return next(each for each in printing.queue(working) if each.recipient == "Prøve skole")


def test_it_is_printed_for_an_envelope_that_somebody_addresses(waiting):
    working, key = waiting
    letter = of_the_school(working)
    assert letter.needs_address
    pdf = printing.open_letter(letter.id, working, staff_key=key)
    assert "Til Prøve skole" in PdfReader(BytesIO(pdf)).pages[0].extract_text()


def test_it_is_not_printed_after_the_consent_to_it_is_taken_back(waiting):
    working, key = waiting
    letter = of_the_school(working)
    given = Consent.objects.filter(scope="talk-to-the-place", withdraws=None).first()
    consents.note_withdrawn(given.case_id, given.id, "oral", working, staff_key=key)
    with pytest.raises(printing.ConsentIsGone):
        printing.open_letter(letter.id, working, staff_key=key)
    printing.mark_failed(letter.id, "consent-gone", working, staff_key=key)
