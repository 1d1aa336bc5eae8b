"""What is kept in a case, in a real browser: written, changed, ended; weeks, charts, payments and who waits."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from allmenning.basics import dates
from allmenning.doors.desk.testing import INQUIRY, send
from allmenning.journeys import recording, weeks
from allmenning.journeys.recording import Draft
from allmenning.journeys.testing import ALICE, BOB
from allmenning.journeys.tests.keeping import SERVICE, offer
from allmenning.journeys.tests.test_recording import KEY, MEASURE, PAYMENT, PLACE, PLAN, WEEK
from allmenning.municipal.access.queries import working_as
from allmenning.municipal.cases.models import Record
from allmenning.tenancy import use
from tests.browser.harness import assert_good_at_every_width
from tests.browser.pages import visits
from tests.browser.test_desk import come_in
from tests.browser.test_resident import login_client, portal  # noqa: F401

LANGUAGES = {"nb": "", "nn": "/nn", "en": "/en"}
SAVE = {"nb": "Lagre", "nn": "Lagre", "en": "Save"}


def planted(place):
    """A case in which there is something of every kind."""
    offer(place)
    case_id = send(place, SERVICE, INQUIRY).case_id
    monday = weeks.monday_of(dates.today())
    days = {
        day: (monday.fromordinal(monday.toordinal() + n)).isoformat() for n, day in enumerate(("mon", "tue", "wed"))
    }
    with use(place.id, "ordinary"):
        alice = working_as(place.staff["alice"].id, "ordinary")

        def begin(kind, answers, of=None):
            return recording.begin(case_id, kind, Draft(answers), alice, staff_key=KEY, of_series=of).series

        measure = begin("measure", {**MEASURE, "aim": "Komme ut av huset hver uke, og få noen å snakke med."})
        begin("evaluation", {"evaluated_on": "2026-11-20", "led_to": "Er ute to ganger i uken."}, measure)
        begin("measure", {**MEASURE, "what": "Avlastning annenhver helg"})
        begin("plan", PLAN)
        for day, scores in (("2025-11-03", (2, 3, 9)), ("2026-03-12", (3, 3, 1)), ("2026-11-10", (4, 2, 2))):
            begin(
                "functioning", {"assessed_on": day, **dict(zip(("hygiene", "cooking", "memory"), scores, strict=True))}
            )
        every_day = [
            {"weekday": day, "time": time, "minutes": 30, "task": task}
            for day in ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
            for time, task in (("08.00", "Morgenstell og frokost"), ("20.30", "Kveldsstell"))
        ]
        plan = begin("weekly-plan", {**WEEK, "visits": every_day})
        begin(
            "visit",
            {"day": days["mon"], "time": "08.00", "given": "given", "minutes": 35, "note": "Spiste godt."},
            plan,
        )
        begin(
            "visit",
            {"day": days["mon"], "time": "20.30", "given": "not-given", "reason": "Var hos datteren, ringte selv fra."},
            plan,
        )
        begin("visit", {"day": days["mon"], "time": "13.00", "given": "moved", "minutes": 20}, plan)
        begin("payment", PAYMENT)
        begin("payment", {**PAYMENT, "for": "living", "amount_ore": 780000, "due_on": "2026-12-01"})
        begin("nursing-home", PLACE)
    return case_id


@visits(
    *("desk:records", "desk:new-record", "desk:record", "desk:change-record", "desk:end-record"),
    *("desk:waiting", "desk:payments"),
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_kept_in_a_case(page: Page, portal: str, averoy, language):  # noqa: F811
    case_id = planted(averoy)
    come_in(page, portal, ALICE)
    desk = f"{portal}{LANGUAGES[language]}/desk"
    case = f"{desk}/cases/{case_id}"
    page.goto(f"{case}/")
    assert_good_at_every_width(page, f"records-case-{language}")
    for kind in ("measure", "plan", "functioning", "weekly-plan", "payment", "nursing-home"):
        page.goto(f"{case}/records/{kind}/")
        assert_good_at_every_width(page, f"records-{kind}-{language}")
    for kind in ("weekly-plan", "functioning"):
        page.goto(f"{case}/records/{kind}/new/")
        assert_good_at_every_width(page, f"records-new-{kind}-{language}")
    with use(averoy.id, "ordinary"):
        series = Record.objects.filter(kind="measure").first().series
        payment = Record.objects.filter(kind="payment").first().series
    page.goto(f"{case}/records/measure/{series}/change/")
    page.locator("textarea").first.fill("Komme ut hver dag.")
    page.locator("#status-running").check()
    page.locator("#why").fill("Det første målet er nådd.")
    page.get_by_role("button", name=SAVE[language], exact=True).click()
    page.goto(f"{case}/records/measure/{series}/")
    assert_good_at_every_width(page, f"records-versions-{language}")
    page.goto(f"{case}/records/payment/{payment}/end/")
    page.locator("main form button").last.click()
    assert_good_at_every_width(page, f"records-end-error-{language}")
    page.goto(f"{desk}/payments/?until=2026-12-31")
    assert_good_at_every_width(page, f"records-to-pay-{language}")
    page.locator('form[action$="hand-over/"] button').click()
    expect(page.locator('a[href$=".csv"]')).to_have_count(1)
    assert_good_at_every_width(page, f"records-handed-over-{language}")
    come_in(page, portal, BOB)
    page.goto(f"{desk}/waiting/")
    assert_good_at_every_width(page, f"records-waiting-{language}")


@visits("portal:my-case")
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_party_sees_what_is_kept_in_their_case(page: Page, portal: str, averoy, language):  # noqa: F811
    case_id = planted(averoy)
    page.goto(f"{portal}/login/?next=/my/")
    page.goto(f"{portal}{LANGUAGES[language]}/my/averoy/cases/{case_id}/")
    expect(page.locator(".kept h3")).to_have_count(6)
    for each in page.locator(".kept details").all():
        each.locator("summary").click()
    assert_good_at_every_width(page, f"records-portal-{language}")
