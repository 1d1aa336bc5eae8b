"""Whatever is seen of a letter before it is opened (sender, subject, file name, notice, envelope) never names a sensitive service.

Thousands of letters once showed the child welfare service as their sender, through a window or a print-out.
"""

from dataclasses import replace
from io import BytesIO

import pytest
from pypdf import PdfReader

from allmenning.basics.dates import add_weeks, today
from allmenning.basics.norwegian import LANGUAGES
from allmenning.commons.catalogue import package as packages
from allmenning.commons.catalogue.content import APPLICANT
from allmenning.journeys import deciding, decision_letters, dialogue, my_page, outbox, printing, recording
from allmenning.journeys.casework import staff_resident_key
from allmenning.journeys.letterheads import letter_metadata, letterhead_for
from allmenning.journeys.offered import of_case
from allmenning.journeys.testing import ALICE, NAMES, OMAR, RITA, SERVICES, number, rita
from allmenning.journeys.tests.test_main_job import as_resident
from allmenning.journeys.tests.test_transferring import (
    AREAS,
    CARE,
    CONCERN,
    HELP,
    SCHOOL,
    both,
    move,
    own_case,
    sent,
)
from allmenning.letters import fields_used, render_letter
from allmenning.municipal.access.queries import working_as
from allmenning.municipal.archive.models import RegistryEntry
from allmenning.municipal.cases.actions import Named, new_participant
from allmenning.municipal.cases.models import Case, Participant
from allmenning.municipal.documents.queries import documents_of
from allmenning.municipal.post.models import Message
from allmenning.municipal.post.queries import open_message
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
# What is decided, in a case of each, to others than who sent it; and who they are, where the answers do not say.
TO_OTHERS = {
    HELP: ("a-single-renter", "emergency-refused", {}, {"spouse": OMAR, "guardian": number(81)}),
    CARE: ("from-the-gp", "moved", {}, {"patient": OMAR, "representative": number(81)}),
    SCHOOL: ("the-school-gets-the-assessment", "assessed", {}, {"child": OMAR}),
    CONCERN: ("", "case-moved", {}, {}),
}
DONE = {"assessment": "finished"}
KEPT = {
    "assessment": {
        **{"finished_on": "2026-11-20", "by": "Alice Alm", "finding": "Leser sakte.", "child_view": "Vil øve."},
        **{"goals": "Lese enkle tekster.", "ordinary": "Ikke alene."},
    },
    "recommendation": {
        **{"advised": "help", "hours_a_year": 76, "organisation": "Liten gruppe.", "competence": "Lærer"},
        **{"help": "To timer i uka.", "starts": "2027-01-01", "ends": "2027-06-20"},
    },
}
PARTIES = {
    HELP: {"spouse", "guardian"},
    CARE: {"patient", "representative"},
    SCHOOL: {"child", "guardian", "place"},
    CONCERN: {"child", "guardian"},
}
RECIPIENT = ("Prøve Prøvesen", "Prøveveien 4", "6530 AVERØY")
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


@pytest.mark.parametrize("service", TO_OTHERS)
def test_a_letter_to_another_party_tells_nothing_either(both, registers, service):
    averoy, _ = both
    for reached in (OMAR, number(81)):
        registers.contacts[reached] = replace(registers.contacts[RITA], identity_number=reached)
    case_id = decided_for_others(averoy, service)
    area = AREAS[service]
    with use(averoy.id, area):
        case = Case.objects.get(id=case_id)
        rows = Message.objects.filter(case_id=case_id, direction="out", participant_id__isnull=False)
        roles = set(Participant.objects.filter(id__in=rows.values("participant_id")).values_list("role", flat=True))
        seen = [open_message(row, case.key).title for row in rows]
        files = documents_of(case_id, case.key)
        seen += [text for each in files if each.origin == "letter" for text in (each.title, each.file_name)]
        seen += [each.title for each in printing.queue(working_as(averoy.staff["alice"].id, area))]
        journal = RegistryEntry.objects.filter(case_id=case_id, kind=RegistryEntry.Kind.OUTGOING)
        seen += journal.values_list("public_title", flat=True)
    notices = [text for each in registers.sent for text in (each["subject"], each["text"])]
    assert roles == PARTIES[service]
    assert notices
    assert telling([*seen, *notices]) == []


def decided_for_others(place, service):
    """The id of a case in which something is decided that goes to others than who sent it."""
    example, outcome, values, by_hand = TO_OTHERS[service]
    if not example:
        case_id = own_case(place)
        move(place, service, case_id, "Smøla", outcome)
        return case_id
    case_id, area = sent(place, service, example, rita()), AREAS[service]
    key = staff_resident_key(place.id, ALICE)
    with use(place.id, area):
        case, working = Case.objects.get(id=case_id), working_as(place.staff["alice"].id, area)
        for role, theirs in by_hand.items():
            named = Named(role, f"Prøve {role}", theirs, is_party=True)
            new_participant(case, named, Participant.Known.HAND, today()).save(force_insert=True)
    if outcome == "moved":
        move(place, service, case_id, "Smøla", outcome)
        return case_id
    with use(place.id, area):
        for kind, answers in KEPT.items() if service == SCHOOL else ():
            recording.begin(case_id, kind, recording.Draft(answers, DONE.get(kind, "")), working, staff_key=key)
        case.refresh_from_db()
        shown = decision_letters.values_shown(of_case(case.service, case.version), outcome, "nb")
        drafted = decision_letters.Drafted(
            outcome, ["Derfor."], {each.id: "31. januar 2027" for each in shown} | values
        )
        deciding.save_draft(case_id, drafted, working, revision=case.revision, staff_key=key)
        case.refresh_from_db()
        deciding.issue(case_id, working, revision=case.revision, staff_key=key)
    outbox.drain(place.id, area)
    return case_id


@pytest.mark.parametrize("service", EXAMPLES)
def test_neither_the_heading_nor_the_window_of_any_letter_tells_it(both, service):
    averoy, _ = both
    example, *_rest = EXAMPLES[service]
    case_id = sent(averoy, service, example, rita())
    with use(averoy.id, AREAS[service]):
        case = Case.objects.get(id=case_id)
        letters = dict(every_letter(packages.load(SERVICES / service), case))
    assert len(letters) >= 3 * len(LANGUAGES)
    for name, (heading, pdf) in letters.items():
        assert in_window(pdf).split("\n")[1:] == list(RECIPIENT), name
        assert telling([heading, *(PdfReader(BytesIO(pdf)).metadata or {}).values()]) == [], name


def every_letter(package, case):
    """Each letter that a service has, to each whom it may go to, in each language, as it goes in an envelope."""
    on_paper = letter_metadata(case, on=today(), handler="Alice Alm", address=RECIPIENT[1:], recipient=RECIPIENT[0])
    for outcome in package.outcomes:
        for party in dict.fromkeys((APPLICANT, *outcome.to)):
            for language in LANGUAGES:
                template = package.letter_template(outcome.id, language, party)
                fields = dict.fromkeys(fields_used(template), "…")
                pdf = render_letter(template, fields, letterhead_for(case), language, on_paper)
                yield (outcome.id, party, language), (template.partition("\n")[0], pdf)


def in_window(pdf):
    """The text of the first sheet that stands where the window is."""
    found, (left, right, low, high) = [], WINDOW

    def keep(text, page, line, *_font):
        across, up = (line[4] * page[at] + line[5] * page[at + 2] + page[at + 4] for at in (0, 1))
        if left <= across <= right and low <= up <= high:
            found.append(text)

    PdfReader(BytesIO(pdf)).pages[0].extract_text(visitor_text=keep)
    return "".join(found)
