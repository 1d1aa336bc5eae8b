"""My page: what can be reached is shown, what can't is named, and the resident's own reading is in the log."""

from unittest.mock import patch

from allmenning.journeys import my_page, outbox
from allmenning.journeys.testing import rita
from allmenning.journeys.tests.test_main_job import as_resident, desk, send_inquiry
from allmenning.municipal.access.models import LogEntry
from allmenning.vault.errors import KeysWithdrawn


def test_a_municipality_that_has_withdrawn_its_keys_is_named_and_the_others_are_shown(averoy, smola):
    send_inquiry(averoy, rita())
    send_inquiry(smola, rita())
    for place in (averoy, smola):
        outbox.drain(place.id, "ordinary")
    collect = my_page._collect

    def withdrawn(page, municipality, keys):
        collect(page, municipality, keys)
        if municipality == "smola":
            raise KeysWithdrawn(municipality=municipality)

    with patch.object(my_page, "_collect", withdrawn):
        page = my_page.my_page(rita())
    assert page.unreachable == ["smola"]
    assert [case.municipality for case in page.cases] == ["averoy"]


def test_reading_one_s_own_case_is_logged_and_is_not_shown_as_somebody_who_looked(averoy):
    receipt = send_inquiry(averoy, rita())
    with as_resident(averoy, rita()):
        view = my_page.open_mine(receipt.case_id)
    assert not [entry for entry in view.looked if entry.action == "read"]
    with desk(averoy):
        read = LogEntry.objects.get(action="read")
    assert (read.actor_kind, read.purpose) == ("resident", "own-case")
