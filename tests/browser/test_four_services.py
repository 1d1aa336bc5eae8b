"""The four services of the sensitive areas in a real browser, from their real folders and in each language: what a resident
meets from the service's page to the case, and what a caseworker sees of it with one record of every kind."""

from __future__ import annotations

import re
from datetime import date

import pytest
import yaml
from playwright.sync_api import Page

from allmenning.basics import dates
from allmenning.commons.catalogue import package as packages
from allmenning.journeys import administering, applying, casework, offering, outbox, recording
from allmenning.journeys.decision_letters import Drafted
from allmenning.journeys.recording import Draft
from allmenning.journeys.testing import ALICE, SERVICES, offers, rita
from allmenning.journeys.tests.test_transferring import FILES, PICTURE, answers, decide
from allmenning.municipal.access.queries import working_as
from allmenning.municipal.cases.models import Case
from allmenning.tenancy import use
from allmenning.web.assets import ROOT
from tests.browser.harness import assert_good_at_every_width
from tests.browser.test_desk import come_in
from tests.browser.test_resident import login_client, portal  # noqa: F401

TOLD = yaml.safe_load((ROOT / "tests/browser/four_services.yaml").read_text("utf-8"))
DAY = date(2026, 11, 24)  # the examples were written for this time
LANGUAGES = {"nb": "", "nn": "/nn", "en": "/en"}
# Words of the other languages that are none of this one. Laws have Norwegian names in English too, so no "og" there.
FOREIGN = {
    "nb": r"ikkje|korleis|kva|kven|eg|noko|the|and|not",
    "nn": r"ikke|hvordan|hva|hvem|jeg|noe|the|and|not",
    "en": r"ikke|ikkje|hvordan|korleis|hva|kva|jeg|eg",
}
# What stands on no page. (English has an answer "None", so there the other languages tell of a value that is missing.)
NEVER = {
    language: re.compile(r"\bundefined\b|\{\{|\{%|%\(|&[a-z]+;" + (r"|\bNone\b" if language != "en" else ""))
    for language in LANGUAGES
}


@pytest.fixture(autouse=True)
def _the_day():
    with dates.clock.frozen(DAY):
        yield


@pytest.fixture(params=TOLD)
def package(request, averoy):
    """A folder as it is; Averøy offers the service, and Alice handles it."""
    found = packages.load(SERVICES / request.param)
    unit, alice = offers(averoy, found.id, found.title.nb), averoy.staff["alice"]
    with use(averoy.id, "administration"):
        for role in ("caseworker", "leader"):
            administering.add_position(administering.OPERATOR, alice.id, unit.id, role, start=date(2026, 1, 1))
    offering.publish_offered(averoy.id)
    return found


class Looking:
    """Looks at one page in each language, wide and at 320 px, and reads it."""

    def __init__(self, page: Page, site: str, service: str) -> None:
        self.page, self.site, self.service = page, site, service

    def at(self, name: str, address: str, *, answers: bool = False) -> None:
        """answers: what somebody wrote stands there too, in the language that they wrote."""
        for language, prefix in LANGUAGES.items():
            response = self.page.goto(f"{self.site}{prefix}/{address}")
            assert response is None or response.status == 200, (address, response.status)
            assert self.page.url.endswith(f"/{address}"), f"{address} led to {self.page.url}"
            self.page.evaluate("document.querySelectorAll('main details').forEach(each => { each.open = true })")
            assert_good_at_every_width(self.page, f"four-{self.service}-{name}-{language}")
            said = self.page.locator("main").inner_text()
            assert not NEVER[language].findall(said), (language, address, said)
            if not answers:
                assert not re.findall(rf"(?i)\b(?:{FOREIGN[language]})\b", said), (language, address, said)


def filled_in(place, package):
    """Rita's draft with the answers of the folder's example, and a picture."""
    keys = rita().keys(place.id)
    with use(place.id, "resident", keys=keys):
        draft = applying.begin(rita(), package.id, "nb", owner_key=keys[0])
        filling = applying.open_draft(draft.id)
        told = {**answers(package.id, TOLD[package.id]["example"]), FILES[package.id]: ["file-1"]}
        for name, given in told.items():
            if isinstance(given, list) and str(given[0]).startswith(
                "file-"
            ):  # the examples name files that are not there
                told[name] = [str(applying.attach_file(filling, f"/{name}", "bilde.png", "image/png", PICTURE).id)]
        data = {**filling.content.data, **told}
        applying.save_page(filling, data, {}, filling.content.sources, page=1, revision=draft.revision)
        return applying.open_draft(draft.id)


def take(place, package, case_id):
    """Alice takes the case."""
    alice, key = place.staff["alice"].id, casework.staff_resident_key(place.id, ALICE)
    with use(place.id, package.area):
        revision, working = Case.objects.get(id=case_id).revision, working_as(alice, package.area)
        casework.assign(case_id, working, to=alice, unit_id=None, revision=revision, staff_key=key)


def written(place, package, case_id):
    """A record of every kind that the folder has, in the case, or in the child's own where the folder opens one.

    Returns the id of that case, and the series of each record by its kind.
    """
    take(place, package, case_id)
    if any(kind.is_of_own_case for kind in package.records):
        told = {"told_investigation": ["Meldingen er vurdert."], "received": "24. november 2026"}
        decide(place, case_id, Drafted("investigation", [], told, result="investigation", result_reasons="Uro."))
        with use(place.id, package.area):
            case_id = Case.objects.get(opened_from=case_id, opened_for=0).id
        take(place, package, case_id)
    series = {}
    with use(place.id, package.area):
        working = working_as(place.staff["alice"].id, package.area)
        key = casework.staff_resident_key(place.id, ALICE)
        for kind, told in TOLD[package.id]["kept"].items():
            draft = Draft(told["answers"], told.get("status", ""))
            row = recording.begin(case_id, kind, draft, working, staff_key=key, of_series=series.get(told.get("of")))
            series[kind] = row.series
    assert set(series) == {kind.id for kind in package.records}, "a kind of the folder is not written here"
    return case_id, series


def test_a_service_from_its_page_to_its_case_in_each_language(page: Page, portal: str, averoy, package):  # noqa: F811
    page.goto(f"{portal}/login/?next=/my/")
    look = Looking(page, portal, package.id)
    look.at("service", f"averoy/services/{package.id}/")
    filling = filled_in(averoy, package)
    draft = f"averoy/drafts/{filling.draft.id}"
    for each in filling.offered.form.pages(filling.content.data):
        look.at(f"page-{each.id}", f"{draft}/page/{each.id}/")
    look.at("review", f"{draft}/review/", answers=True)
    page.goto(f"{portal}/{draft}/review/")
    with page.expect_navigation():
        page.get_by_role("button", name="Send til kommunen").click()
    look.at("receipt", f"{draft}/receipt/")
    outbox.drain(averoy.id, package.area)
    with use(averoy.id, package.area):
        sent = Case.objects.get().id
    handled, series = written(averoy, package, sent)
    look.at("my-case", f"my/averoy/cases/{sent}/", answers=True)
    come_in(page, portal, ALICE, f"averoy/{package.area}")
    for number, case in enumerate(dict.fromkeys((sent, handled))):
        look.at(f"desk-{number}", f"desk/cases/{case}/#everything", answers=True)
    for kind in series:
        look.at(f"desk-{kind}", f"desk/cases/{handled}/records/{kind}/", answers=True)
        look.at(f"desk-{kind}-form", f"desk/cases/{handled}/records/{kind}/{series[kind]}/change/", answers=True)
