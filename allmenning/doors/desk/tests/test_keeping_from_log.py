"""What is kept out of a resident's own log: who says so, what it leaves out, that the omission is recorded and reviewed, and
that it ends.
"""

from datetime import timedelta

import pytest
from django.db import IntegrityError

from allmenning.basics import dates
from allmenning.commons.identity import sessions
from allmenning.doors.desk.testing import at_desk, hire, send_inquiry
from allmenning.journeys import my_log, my_page, standing_out
from allmenning.journeys.testing import ALICE, BOB, NAMES, RITA, number
from allmenning.municipal.access.models import KeptFromLog, LogEntry, Review
from allmenning.municipal.access.resident_log import RULES
from allmenning.municipal.cases.models import Case
from allmenning.municipal.people import protection
from allmenning.municipal.post.models import Message
from allmenning.tenancy import use

from .test_emergencies import DORA, held
from .test_emergencies import REASON as EMERGENCY

WHY = "Hun er redd for mannen sin, som leser posten hennes."
NEXT_WEEK = (dates.today() + timedelta(days=7)).isoformat()


@pytest.fixture
def receipt(averoy):
    receipt = send_inquiry(averoy)
    at_desk(averoy, ALICE).get(f"/desk/cases/{receipt.case_id}/")
    return receipt


def address(receipt, *rest):
    return "/".join(["/desk/cases", str(receipt.case_id), *rest, ""])


def keep(place, receipt, ground="violence", until=NEXT_WEEK, reason=WHY, who=ALICE):
    return at_desk(place, who).post(address(receipt, "kept"), {"ground": ground, "until": until, "reason": reason})


def names_in_log(place):
    """Whom Rita sees in her own log."""
    lines = my_log.my_log(sessions.Resident(RITA, NAMES[RITA], "x")).lines
    return {line.entry.staff_name for line in lines if line.entry.actor_kind == "staff"}


def test_while_somebody_is_in_danger_the_log_tells_nothing_of_staff_and_then_all(averoy, receipt):
    assert names_in_log(averoy) == {"Alice Alm"}
    assert keep(averoy, receipt)["Location"] == address(receipt, "kept")
    assert names_in_log(averoy) == set()
    [omission] = held(averoy, LogEntry, action="left-out")
    assert set(omission.field_kinds) == {"violence"}
    hidden = {row.id for row in held(averoy, LogEntry, actor_kind="staff", case_id=receipt.case_id)}
    assert set(omission.shown_ids) == hidden
    with use(averoy.id, "owner"):
        KeptFromLog.objects.update(at=dates.now() - timedelta(days=9), until=dates.now() - timedelta(days=1))
    assert names_in_log(averoy) == {"Alice Alm"}


@pytest.mark.parametrize(("ground", "seen"), [("police", {"Alice Alm"}), ("child-welfare", set()), ("violence", set())])
def test_each_ground_leaves_out_what_its_rule_says(averoy, receipt, ground, seen):
    bob = at_desk(averoy, BOB)
    bob.post(address(receipt, "purpose"), {"purpose": "supervision"})
    bob.get(address(receipt))
    assert names_in_log(averoy) == {"Alice Alm", "Bob Bjørk"}
    keep(averoy, receipt, ground)
    assert names_in_log(averoy) == seen
    assert {rule for row in held(averoy, LogEntry, action="left-out") for rule in row.field_kinds} <= {
        *(rule.id for rule in RULES),
    }


def test_the_page_of_the_case_leaves_out_the_same_and_records_it(averoy, receipt):
    keys = sessions.Resident(RITA, NAMES[RITA], "x").keys(averoy.id)

    def seen():
        with use(averoy.id, "resident", keys=keys):
            return {row.staff_name for row in my_page.open_mine(receipt.case_id).looked if row.actor_kind == "staff"}

    assert seen() == {"Alice Alm"}
    keep(averoy, receipt)
    assert seen() == set()
    assert held(averoy, LogEntry, action="left-out")


def test_it_is_logged_and_told_to_the_leader_who_reviews_and_may_end_it(averoy, receipt):
    keep(averoy, receipt)
    [kept], [review] = held(averoy, KeptFromLog), held(averoy, Review)
    assert [row.legal_basis for row in held(averoy, LogEntry, action="keep-from-log")] == [
        "personopplysningsloven § 16"
    ]
    bob = at_desk(averoy, BOB)
    assert WHY in bob.get("/desk/reviews/left-out/").text
    assert WHY not in bob.get("/desk/reviews/").text
    ending = address(receipt, "kept", str(kept.id))
    assert at_desk(averoy, ALICE).post(ending).status_code == 403
    assert bob.post(ending)["Location"] == address(receipt, "kept")
    assert names_in_log(averoy) >= {"Alice Alm", "Bob Bjørk"}
    assert [row.staff_name for row in held(averoy, LogEntry, action="show-in-log")] == ["Bob Bjørk"]
    closing = {"conclusion": "followed-up", "comment": "Faren er over, og det er avsluttet."}
    assert bob.post(f"/desk/reviews/{review.id}/", closing)["Location"] == "/desk/reviews/left-out/"


def test_what_rules_left_out_is_found_each_night_and_reviewed_by_the_archive_too(averoy, receipt):
    hire(averoy, number(108), "archivist", name="Guro Gran")
    keep(averoy, receipt)
    names_in_log(averoy)
    assert (standing_out.find(averoy.id), standing_out.find(averoy.id)) == (1, 0)
    page = at_desk(averoy, number(108)).get("/desk/reviews/left-out/").text
    assert "Alice Alm" in page
    assert "personopplysningsloven § 16" in page


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"ground": "shame"}, 422),
        ({"reason": "fare"}, 422),
        ({"until": dates.today().isoformat()}, 422),
        ({"until": (dates.today() + timedelta(days=200)).isoformat()}, 422),
        ({"until": ""}, 422),
        ({"who": DORA}, 403),
    ],
)
def test_without_a_ground_an_end_and_words_or_by_others_nothing_is_kept(averoy, receipt, said, status):
    hire(averoy, DORA, "caseworker", unit="Byggesak")
    assert keep(averoy, receipt, **said).status_code == status
    assert not held(averoy, KeptFromLog)
    assert not held(averoy, Review, kind="left-out")


def test_of_one_whose_address_is_protected_nothing_that_was_written_is_shown_before_a_need_is_stated(averoy, receipt):
    keep(averoy, receipt)
    [case] = held(averoy, Case)
    with use(averoy.id, "ordinary"):
        protection.set_by_hand(bytes(case.owner_key), protection.Level.CONFIDENTIAL, protection.Detail("threat"))
    alice = at_desk(averoy, ALICE)
    assert alice.get(address(receipt, "kept"))["Location"] == address(receipt, "protected")
    alice.post(address(receipt, "protected"), {"need": "danger"})
    assert WHY in alice.get(address(receipt, "kept")).text


def test_no_login_keeps_it_for_longer_than_half_a_year(averoy, receipt):
    [case], now = held(averoy, Case), dates.now()
    row = KeptFromLog(area="ordinary", case_id=case.id, ground="police", staff_id=case.id, reason=b"x", at=now)
    row.until = now + timedelta(days=181)
    with use(averoy.id, "ordinary"), pytest.raises(IntegrityError, match="half_a_year_at_most"):
        row.save(force_insert=True)


def test_who_is_in_danger_is_not_written_to_when_the_glass_is_broken(averoy, receipt):
    hire(averoy, DORA, "caseworker", unit="Byggesak")
    keep(averoy, receipt)
    at_desk(averoy, DORA).post(address(receipt, "break-glass"), {"reason": EMERGENCY, "minutes": "15"})
    assert not held(averoy, Message, kind="emergency")
    assert "ikke fått beskjed" in at_desk(averoy, BOB).get("/desk/reviews/").text
