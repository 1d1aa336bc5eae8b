"""What leaders look into: found from the log each night, seen by who may, and closed with a conclusion alone."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connections
from django.db.utils import ProgrammingError

from allmenning import vault
from allmenning.basics import dates
from allmenning.basics.identifiers import uuid7
from allmenning.doors.desk.testing import HOUSING, at_desk, hire, send, send_inquiry
from allmenning.journeys import reviewing, standing_out
from allmenning.journeys.testing import ALICE, BOB, OMAR, RITA, number
from allmenning.journeys.tests.counting import statements
from allmenning.municipal.access.models import LogEntry, Review
from allmenning.municipal.cases.models import Case
from allmenning.municipal.people import ports, protection
from allmenning.tenancy import use

from .test_emergencies import family, held

FRIDA, GURO = number(106), number(108)


def log_rows(place, name, days_ago, cases, **about):
    """Readings by one of the staff, each of another case; or what `about` says."""
    with use(place.id, "ordinary"):
        return LogEntry.objects.bulk_create(
            LogEntry(
                **{
                    **{"area": "ordinary", "actor_kind": "staff", "staff_id": place.staff[name].id, "staff_name": name},
                    **{"purpose": "case-handling", "action": "read", "object_kind": "case", "relation": "unit"},
                    **{"case_id": uuid7(), "at": dates.now() - timedelta(days=days_ago)},
                    **about,
                }
            )
            for _ in range(cases)
        )


def kinds(place):
    standing_out.find(place.id)
    return sorted(row.kind for row in held(place, Review))


def noted(place, who, kind=Review.Kind.BREAK_GLASS, case=None):
    about = str(uuid7())
    with use(place.id, "ordinary"):
        reviewing.note(kind, about=about, working=place.working(who), case=case)
        return Review.objects.get(about=about)


@pytest.mark.parametrize(
    ("what", "far"), [("opened", "Fjordvegen 99"), ("printed", "Fjordvegen 99"), ("opened", "Storgata 1")]
)
def test_any_reading_of_a_neighbours_case_stands_out(averoy, registers, what, far):
    family(registers, ALICE, address=ports.Address(far, "6530", "Averøy"))
    receipt = send(averoy, "housing-allowance", HOUSING)
    alice = at_desk(averoy, ALICE)
    alice.get("/desk/")
    if what == "opened":
        assert alice.get(f"/desk/cases/{receipt.case_id}/").status_code == 200
    else:  # without the case's page: a letter, a file
        log_rows(averoy, "alice", 0, 1, case_id=receipt.case_id, action="print-letter")
    assert kinds(averoy) == kinds(averoy) == (["neighbourhood"] if far.startswith("Fjordvegen") else [])
    assert bool(held(averoy, LogEntry, actor_kind="system", purpose="review")) is True


def test_nobody_reviews_what_they_did_themselves_and_a_leaders_own_goes_to_others(averoy):
    hire(averoy, FRIDA, "leader", unit="Byggesak", name="Frida Furu")
    hire(averoy, GURO, "archivist", name="Guro Gran")
    mine, hers = noted(averoy, "bob"), noted(averoy, "alice")
    with use(averoy.id, "ordinary"):
        seen = {
            name: {row.row.id for row in reviewing.queue(averoy.working(name))} for name in ("bob", "frida", "guro")
        }
        assert seen == {"bob": {hers.id}, "frida": {mine.id}, "guro": {mine.id}}
        for who, review in (("bob", mine), ("frida", hers)):
            with pytest.raises(reviewing.ReviewedAlready):
                reviewing.close(review.id, "fine", "Alt var i orden.", averoy.working(who))
        reviewing.close(mine.id, "followed-up", "Snakket med Bob om det.", averoy.working("frida"))


def test_a_leader_is_told_on_the_work_list(averoy):
    assert "Venter på at du går gjennom" not in at_desk(averoy, BOB).get("/desk/").text
    noted(averoy, "alice")
    assert "Venter på at du går gjennom: 1. Åpnet i en nødssituasjon: 1." in at_desk(averoy, BOB).get("/desk/").text
    assert "Venter på at du går gjennom" not in at_desk(averoy, ALICE).get("/desk/").text


def test_who_leads_nothing_reviews_nothing(averoy):
    noted(averoy, "bob")
    for address in ("/desk/reviews/", "/desk/reviews/left-out/", "/desk/reviews/?state=closed"):
        assert at_desk(averoy, ALICE).get(address).status_code == 403
    assert "Til gjennomgang" not in at_desk(averoy, ALICE).get("/desk/").text


def test_a_leader_reviews_nothing_about_a_case_of_their_own_family(averoy, registers):
    receipt = send_inquiry(averoy)
    [case] = held(averoy, Case, id=receipt.case_id)
    review = noted(averoy, "alice", case=case)
    family(registers, BOB, children=(RITA,))
    bob = at_desk(averoy, BOB)
    assert case.number not in bob.get("/desk/reviews/").text
    assert "Venter på at du går gjennom" not in bob.get("/desk/").text
    closing = {"conclusion": "fine", "comment": "Alt var i orden."}
    assert bob.post(f"/desk/reviews/{review.id}/", closing).status_code == 422
    assert held(averoy, Review, id=review.id)[0].closed_at is None


def test_of_many_cases_who_is_disqualified_in_one_sees_the_rest_and_closes_nothing(averoy, registers):
    hers, his = (send_inquiry(averoy, who).case_id for who in (RITA, OMAR))
    family(registers, BOB, children=(RITA,))
    bob, review = at_desk(averoy, BOB), noted(averoy, "alice", Review.Kind.VOLUME)
    with use(averoy.id, "owner"):
        facts = {"day": "2026-11-20", "per": "day", "count": 2, "cases": [str(hers), str(his)]}
        Review.objects.filter(id=review.id).update(facts={**review.facts, **facts})
    page = bob.get("/desk/reviews/").text
    assert (str(hers) in page, str(his) in page, f"/desk/reviews/{review.id}/" in page) == (False, True, False)
    assert "Du er inhabil i en av disse sakene" in page
    closing = {"conclusion": "fine", "comment": "Alt var i orden."}
    assert bob.post(f"/desk/reviews/{review.id}/", closing).status_code == 422
    assert held(averoy, Review, id=review.id)[0].closed_at is None


def test_what_nobody_in_the_unit_has_closed_in_a_week_is_for_others_too(averoy):
    """Its leader is away or disqualified, or it has none: then other leaders of the area and its archivists look into it."""
    hire(averoy, FRIDA, "leader", unit="Byggesak", name="Frida Furu")
    hire(averoy, GURO, "archivist", name="Guro Gran")
    waits, new = noted(averoy, "alice"), noted(averoy, "alice")
    with use(averoy.id, "owner"):
        Review.objects.filter(id=waits.id).update(found_at=dates.now() - timedelta(days=8))
    with use(averoy.id, "ordinary"):
        seen = {
            name: {row.row.id for row in reviewing.queue(averoy.working(name))} for name in ("frida", "guro", "bob")
        }
        assert seen == {"frida": {waits.id}, "guro": {waits.id}, "bob": {waits.id, new.id}}
        reviewing.close(waits.id, "fine", "Alice hadde grunn til det.", averoy.working("guro"))
        for name, closed in (("guro", {waits.id}), ("frida", set())):
            assert {row.row.id for row in reviewing.queue(averoy.working(name), closed=True)} == closed


def test_what_a_leader_wrote_of_a_protected_ones_case_is_not_shown(averoy, registers):
    receipt, found = send_inquiry(averoy), []
    with use(averoy.id, "ordinary"):
        found.append(noted(averoy, "alice", case=Case.objects.get(id=receipt.case_id)))
    bob = at_desk(averoy, BOB)
    bob.post(f"/desk/reviews/{found[0].id}/", {"conclusion": "fine", "comment": "Hun bor ved skolen."})
    assert "Hun bor ved skolen." in bob.get("/desk/reviews/?state=closed").text
    key = vault.resident_key(averoy.id, "person", RITA)
    with use(averoy.id, "ordinary"):
        protection.raise_by_register(key, protection.Level.CONFIDENTIAL, because="self")
    assert "Hun bor ved skolen." not in bob.get("/desk/reviews/?state=closed").text


def test_many_findings_are_read_in_as_many_statements_as_one(averoy):
    """Also of cases that whoever reviews has no relation to: they are in another unit than hers."""
    leader, counts = at_desk(averoy, BOB), []
    for who in (RITA, OMAR):
        receipt = send_inquiry(averoy, who)
        with use(averoy.id, "ordinary"):
            noted(averoy, "alice", case=Case.objects.get(id=receipt.case_id))
            Case.objects.filter(id=receipt.case_id).update(unit_id=uuid7())
        leader.get("/desk/reviews/")
        with statements() as sent:
            assert leader.get("/desk/reviews/").status_code == 200
        counts.append(len(sent))
    assert counts[0] == counts[1]


def test_broken_glass_waits_first_however_much_else_there_is(averoy):
    noted(averoy, "alice", Review.Kind.VOLUME)
    glass = noted(averoy, "alice")
    with use(averoy.id, "ordinary"):
        assert reviewing.queue(averoy.working("bob"))[0].row.id == glass.id


@pytest.mark.parametrize(
    "statement",
    [
        "delete from access_review",
        "update access_review set found_at = now()",
        "update access_review set closed_at = now()",
        "update access_review set closed_at = now(), closed_by = id, conclusion = 'fine'",
        "update access_review set closed_at = now(), closed_by = id, conclusion = 'skipped', comment = 'x'",
    ],
)
def test_no_login_of_a_request_skips_a_review(averoy, statement):
    noted(averoy, "alice")
    for login in ("ordinary", "care", "administration"):
        assert changes_nothing(averoy, login, statement), login
    assert held(averoy, Review)[0].closed_at is None


def changes_nothing(place, login, statement) -> bool:
    """Whether the statement is refused, or finds no row that the login may change."""
    try:
        with use(place.id, login) as acting, connections[acting.alias].cursor() as cursor:
            cursor.execute(statement)
            return cursor.rowcount == 0
    except (ProgrammingError, IntegrityError):
        return True
