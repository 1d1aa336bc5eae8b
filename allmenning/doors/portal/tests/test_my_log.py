"""My log: everything, day by day, few enough lines to be read; and a picture is no reading of its own."""

import json
import re
import zipfile
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from django.db import ProgrammingError, connections

from allmenning import journeys
from allmenning.basics import dates
from allmenning.commons.identity import actions as presence
from allmenning.doors.desk.testing import at_desk
from allmenning.doors.portal import telling_log
from allmenning.doors.portal.testing import browser_of, let_act, sent_image, sent_inquiry
from allmenning.journeys import asking_anew, casework, my_data, my_log, my_page, representing
from allmenning.journeys.testing import ALICE, RITA, omar, rita
from allmenning.municipal import access
from allmenning.municipal.access import actions as access_log
from allmenning.municipal.access import actor, log_actions
from allmenning.municipal.access.models import KeptFromLog, LogEntry
from allmenning.municipal.cases.queries import Filters
from allmenning.municipal.documents.models import Document
from allmenning.municipal.documents.tests import files
from allmenning.tenancy import Behalf, use


@pytest.fixture(autouse=True)
def fresh_register():
    representing.forget()
    yield
    representing.forget()


def opened_by_alice(place, case_id, times=1):
    key = casework.staff_resident_key(place.id, ALICE)
    with use(place.id, "ordinary"):
        for _ in range(times):
            casework.open_case(case_id, place.working("alice"), "case-handling", staff_key=key)


def test_what_one_did_on_a_day_is_one_line_with_how_many_times(averoy):
    case_id = sent_inquiry(averoy, rita()).case_id
    opened_by_alice(averoy, case_id, times=3)
    page = browser_of(rita()).get("/my/log/").text
    assert page.count("Saksbehandler, Servicetorget") == 1
    assert "Åpnet saken (3 ganger) – For å behandle saken" in " ".join(page.split())


def test_what_the_platform_does_each_night_is_one_line_however_many_nights(averoy):
    sent_inquiry(averoy, rita())
    now = dates.now()
    for nights in (1, 5, 10):
        with dates.clock.frozen(now + timedelta(days=nights)):
            asking_anew.ask_anew(averoy.id)
    page = " ".join(browser_of(rita()).get("/my/log/").text.split())
    assert page.count("For å se om en adresse er beskyttet") == 1
    assert "(3 ganger)" in page
    assert f"siden {dates.format_date(now + timedelta(days=1), 'nb')}" in page


def test_three_hundred_rows_are_all_there_and_none_twice(averoy, smola, monkeypatch):
    monkeypatch.setattr(my_log, "MOST_READ", 50)
    monkeypatch.setattr(my_log, "_LOG", my_log.Together(my_log._log))
    now = dates.now()
    for place, name in ((averoy, "alice"), (smola, "charlie")):
        case_id = sent_inquiry(place, rita()).case_id
        with use(place.id, "ordinary"):
            working = place.working(name)
            LogEntry.objects.bulk_create(
                LogEntry(
                    at=now - timedelta(hours=each // 2),  # two at each moment
                    area="ordinary",
                    actor_kind="staff",
                    staff_id=working.staff_id,
                    staff_name=working.name,
                    role="caseworker",
                    purpose="case-handling",
                    action="read",
                    object_kind="case",
                    object_id=case_id,
                    case_id=case_id,
                )
                for each in range(150)
            )
    seen, before = [], my_log.NEWEST
    while before:
        read = my_log.my_log(rita(), before)
        places = [my_log._place(line.entry) for line in read.lines]
        assert places == sorted(places, reverse=True)
        assert not seen or places[0] < seen[-1]
        seen += places
        before = read.older
    assert len(seen) == len(set(seen)) == 300 + 2  # and the two that were sent
    assert browser_of(rita()).get("/my/log/").text.count("looked__who") < 40


def test_the_next_part_is_found_by_a_link_and_a_made_up_place_shows_the_newest(averoy, monkeypatch):
    monkeypatch.setattr(my_log, "MOST_READ", 2)
    monkeypatch.setattr(my_log, "_LOG", my_log.Together(my_log._log))
    case_id = sent_inquiry(averoy, rita()).case_id
    opened_by_alice(averoy, case_id, times=3)
    client = browser_of(rita())
    older = re.search(r'href="([^"]*/my/log/\?before=[^"]+)"', client.get("/my/log/").text)[1]
    assert "Sendte inn" in client.get(older.replace("&amp;", "&")).text
    for made_up in ("1/2", "2026-01-01/x", "2026-01-01T00:00:00/00000000-0000-0000-0000-000000000000"):
        assert client.get(f"/my/log/?before={made_up}").status_code == 200


WRITES = re.compile(
    r'(?:\b_?log|_log_change|log_case|entry_about_case)\(\s*[\w.()]+,\s*(?:[\w.()]+,\s*)?"([a-z]+(?:-[a-z]+)*)"'
    r'|\baction="([a-z]+(?:-[a-z]+)*)"'
)
# By rule; what kinds of fields a system read; what is about no case.
NOT_SHOWN = {"kept-from-log", "timeline", "documents", "export-log", "confirm-retention"}


def test_whatever_is_written_in_the_log_has_words():
    """A new action must not be told as «worked with the case»."""
    rooms = [Path(journeys.__file__).parent, Path(access.__file__).parent]
    texts = [path.read_text("utf-8") for room in rooms for path in room.glob("*.py") if path.name != "testing.py"]
    written = {next(filter(None, match.groups())) for text in texts for match in WRITES.finditer(text)}
    assert len(written) > 20
    assert written - NOT_SHOWN <= set(telling_log.ACTIONS)
    assert written | set(telling_log.ACTIONS) <= log_actions.LOOKS | log_actions.CHANGES, (
        "say whether it changes anything"
    )


@pytest.fixture
def photos(averoy):
    """A case of Rita's with two photographs, and their addresses."""
    case_id = sent_inquiry(averoy, rita()).case_id
    for name in ("hull.jpg", "kant.jpg"):
        sent_image(averoy, case_id, rita(), files.photo(), name)
    with use(averoy.id, "ordinary"):
        ids = Document.objects.filter(case_id=case_id, media_type="image/jpeg").values_list("id", flat=True)
        return case_id, [f"/my/averoy/cases/{case_id}/previews/{each}/small.jpg" for each in ids]


def test_the_pictures_of_a_page_are_no_rows_of_their_own_for_a_representative(averoy, photos):
    case_id, pictures = photos
    rita_, omar_ = browser_of(rita()), browser_of(omar())
    power = let_act(averoy, rita_, omar_)
    for address in (f"/my/averoy/cases/{case_id}/", *pictures):
        assert omar_.get(address).status_code == 200
    with use(averoy.id, "owner"):
        assert LogEntry.objects.filter(representation_id=power, action="read").count() == 1
    assert my_page.OWN_CASE not in rita_.get("/my/log/").text


def test_what_one_read_of_ones_own_is_no_news(averoy):
    case_id = sent_inquiry(averoy, rita()).case_id
    client = browser_of(rita())
    client.get(f"/my/averoy/cases/{case_id}/")
    client.get("/my/log/")
    assert {line.entry.action for line in my_log.my_log(rita()).lines} == {"submit"}


def list_seen(place, name="alice"):
    with use(place.id, "ordinary"):
        return casework.list_cases(place.working(name), Filters(view="unit"))


def test_lists_that_showed_my_case_are_a_line_a_day_and_unit_and_in_the_export(averoy):
    sent_inquiry(averoy, rita())
    sent_inquiry(averoy, omar())
    for _ in range(14):
        assert len(list_seen(averoy).rows) == 2
    page = browser_of(rita()).get("/my/log/").text
    assert page.count("Så saken i en liste") == 1
    assert "Saksbehandler, Servicetorget" in page
    assert "Så saken i en liste (14 ganger) – For å finne sakene å arbeide med" in " ".join(page.split())
    with zipfile.ZipFile(BytesIO(my_data.at_once(rita(), lambda told: ""))) as archive:
        [told] = json.loads(archive.read(my_data.JSON_NAME))["municipalities"]
    assert sum(row["action"] == "list" and row["unit"] == "Servicetorget" for row in told["log"]) == 14


def test_a_list_tells_nobody_of_the_others_in_it_and_who_was_not_in_it_nothing(averoy):
    sent_inquiry(averoy, rita())
    list_seen(averoy)
    sent_inquiry(averoy, omar())
    seen = {}
    for resident in (rita(), omar()):
        with use(averoy.id, "resident", keys=resident.keys(averoy.id)) as acting:
            seen[resident.name] = LogEntry.objects.filter(action="list", case_id=None).count()
            for question in (
                "select shown_ids from access_logentry",
                "select 1 from access_logentry where shown_ids <> '{}'",
            ):
                with (
                    pytest.raises(ProgrammingError, match="permission denied"),
                    connections[acting.alias].cursor() as cursor,
                ):
                    cursor.execute(question)
    assert seen == {rita().name: 1, omar().name: 0}


def test_lists_are_found_by_their_index_among_thousands(averoy):
    sent_inquiry(averoy, rita())
    list_seen(averoy)
    with use(averoy.id, "ordinary") as staff, connections[staff.alias].cursor() as cursor:
        cursor.execute(
            "insert into access_logentry (id, at, area, actor_kind, staff_name, home_municipality, unit_name, role, relation,"
            " purpose, legal_basis, action, object_kind, shown_ids, field_kinds)"
            " select gen_random_uuid(), now(), 'ordinary', 'staff', '', '', '', '', '', 'work-list', '', 'list', 'case',"
            " array(select gen_random_uuid() from generate_series(1, 20 + n % 2)), '{}' from generate_series(1, 20000) n"
        )
    with use(averoy.id, "owner") as owner, connections[owner.alias].cursor() as cursor:
        cursor.execute("select gin_clean_pending_list('log_lists')")  # as its vacuum does
        cursor.execute("analyze access_logentry")
    with (
        use(averoy.id, "resident", keys=rita().keys(averoy.id)) as acting,
        connections[acting.alias].cursor() as cursor,
    ):
        cursor.execute("explain select id from access_logentry")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "log_lists" in plan, plan
    assert "Seq Scan on access_logentry" not in plan, plan
    assert "Så saken i en liste" in browser_of(rita()).get("/my/log/").text


def test_a_list_may_have_shown_what_is_kept_from_the_log_so_it_is_left_out_and_that_is_recorded(averoy):
    case_id = sent_inquiry(averoy, rita()).case_id
    list_seen(averoy)
    now = dates.now()
    with use(averoy.id, "ordinary"):
        KeptFromLog.objects.create(
            area="ordinary",
            case_id=case_id,
            ground="violence",
            reason=b"sealed",
            staff_id=averoy.working("alice").staff_id,
            staff_name="Alice",
            until=now + timedelta(days=2),
        )
    assert "Så saken i en liste" not in browser_of(rita()).get("/my/log/").text
    with use(averoy.id, "owner"):
        listed, omitted = LogEntry.objects.get(purpose="work-list"), LogEntry.objects.get(action="left-out")
    assert (omitted.case_id, omitted.field_kinds) == (case_id, ["violence"])
    assert listed.id in omitted.shown_ids


def looks_rita_up(place):
    """A caseworker seeks her by her number, and asks the register of her at the counter."""
    alice = at_desk(place, ALICE)
    alice.get(alice.post("/desk/find/", {"text": RITA})["Location"])
    person = {"service": "inquiry", "channel": "counter", "kind": "person", "number": RITA, "language": "nb"}
    assert "Rita Rogn" in alice.post("/desk/register/", person).text


def test_who_looks_me_up_by_my_number_is_in_my_log_also_where_i_have_no_case(averoy):
    sent_inquiry(averoy, omar())
    presence.mark_presence(rita().person_key, averoy.id)
    looks_rita_up(averoy)
    told = " ".join(browser_of(rita()).get("/my/log/").text.split())
    assert "Slo deg opp på fødselsnummeret – For å finne sakene å arbeide med" in told
    assert "Slo deg opp på fødselsnummeret – For å registrere for noen" in told
    assert "Slo deg opp" not in browser_of(omar()).get("/my/log/").text


def test_who_acts_for_somebody_is_not_told_who_looked_these_up(averoy):
    case_id = sent_inquiry(averoy, rita()).case_id
    looks_rita_up(averoy)
    behalf = Behalf(case_id, "power-of-attorney", ("ordinary",))
    for acting, count in ((None, 2), (behalf, 0)):
        with use(averoy.id, "resident", keys=rita().keys(averoy.id), behalf=acting):
            assert LogEntry.objects.filter(action="look-up").count() == count


def test_that_child_welfare_looked_somebody_up_is_not_told(averoy):
    with use(averoy.id, "child-welfare"):
        access_log.log_lookup(
            actor.SYSTEM,
            area="child-welfare",
            purpose="work-list",
            owner_key=rita().keys(averoy.id)[0],
            field_kinds=["applicant-name"],
        )
    sent_inquiry(averoy, rita())
    assert "Slo deg opp" not in browser_of(rita()).get("/my/log/").text
