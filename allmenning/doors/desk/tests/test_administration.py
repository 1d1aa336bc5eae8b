"""The administrator's pages: who gets in, what they may do there, and that no input breaks them."""

import json
import re
from urllib.parse import quote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from joserfc import jwk

from allmenning.commons.catalogue.package import UNIT_KINDS
from allmenning.doors.desk.administration import words
from allmenning.doors.desk.testing import at_desk
from allmenning.journeys import administered, administering
from allmenning.journeys.testing import ALICE, NAMES, OMAR, number
from allmenning.municipal.access.clients import client_id
from allmenning.municipal.access.errors import UnitOfAnotherArea
from allmenning.municipal.access.models import AdministrationChange, ApiClient, Position, StaffMember, Unit, UnitService
from allmenning.municipal.access.queries import forget_routes, routing
from allmenning.municipal.profile.models import AdoptedService
from allmenning.tenancy import use

PAGES = [
    "",
    "changes/",
    "units/",
    "units/new/",
    "units/{unit}/",
    "staff/",
    "staff/?q=a&ended=1",
    "staff/new/",
    "staff/{alice}/",
    "staff/{alice}/roles/new/",
    "mandates/",
    "mandates/new/",
    "absence/",
    "absence/new/",
    "delegations/",
    "delegations/inquiry/new/",
    "systems/",
    "systems/new/",
    "letterhead/",
    "services/",
    "services/inquiry/",
    "services/reduced-kindergarten-fee/",
    "services/inquiry/stop/",
    "services/inquiry/routing/",
]


def address(place, path: str, language: str = "") -> str:
    return f"{language}/desk/administration/" + path.format(
        unit=place.unit.id, alice=next(iter(place.staff.values())).id
    )


@pytest.fixture
def omar(averoy):
    """Omar administers Averøy, and has no position in any unit."""
    administering.add_first_administrator("averoy", OMAR, NAMES[OMAR])
    return at_desk(averoy, OMAR, "administration")


@pytest.mark.parametrize("language", ["", "/nn", "/en"])
def test_the_administrator_sees_every_page(averoy, omar, language):
    for path in PAGES:
        response = omar.get(address(averoy, path, language))
        assert response.status_code == 200, path


def test_a_caseworker_gets_nowhere(averoy):
    alice = at_desk(averoy, ALICE)
    for path in PAGES:
        assert alice.get(address(averoy, path)).status_code == 403, path


def test_the_administrator_without_a_position_sees_no_case(averoy, omar):
    for path in ("/desk/", "/desk/find/?q=a", "/desk/print/"):
        assert omar.get(path)["Location"].startswith("/desk/choose/"), path


def test_averoys_administrator_reaches_nothing_of_smola(averoy, smola, omar):
    charlie = smola.staff["charlie"].id
    for path in (f"staff/{charlie}/", f"units/{smola.unit.id}/", f"staff/{charlie}/roles/new/"):
        assert omar.get("/desk/administration/" + path).status_code == 404, path
    assert "Charlie" not in omar.get("/desk/administration/staff/?q=Charlie").text.split("<main")[1].split("</form>")[1]
    response = omar.post("/desk/choose/", {"place": "smola/administration"})
    assert response["Location"].startswith("/desk/choose/")


def test_one_who_administers_no_more_is_stopped_at_the_next_page(averoy, omar):
    with use("averoy", "administration"):
        Position.objects.filter(role="administrator").delete()
    assert omar.get("/desk/administration/").status_code == 403
    assert omar.post("/desk/administration/units/new/", {"name": "Ny", "area": "ordinary"}).status_code == 403


def test_nobody_outside_gets_in(averoy, client):
    assert client.get("/desk/administration/")["Location"].startswith("/desk/login/")


def test_another_system_is_let_in_and_withdrawn(averoy, omar):
    key = json.dumps(jwk.ECKey.generate_key("P-256").as_dict(private=False))
    sent = {"name": "Sakssystemet", "key": key, "area": "care", "cases": "on"}
    page = omar.post("/desk/administration/systems/new/", sent, follow=True).text
    with use("averoy", "administration"):
        client = ApiClient.objects.get()
    assert (client.scopes, client.areas, client.services) == (["cases"], ["care"], [])
    assert client_id("averoy", client.id) in page

    omar.post(f"/desk/administration/systems/{client.id}/withdraw/")
    with use("averoy", "administration"):
        client.refresh_from_db()
    assert client.withdrawn_at
    assert omar.get(f"/desk/administration/systems/{client.id}/withdraw/").status_code == 404


@pytest.mark.parametrize(
    ("wrong", "said"), [({"key": "x"}, "ikke en offentlig nøkkel"), ({"cases": ""}, "Velg minst én ting")]
)
def test_a_system_that_cannot_be_let_in_is_told_of_in_words(averoy, omar, wrong, said):
    key = json.dumps(jwk.ECKey.generate_key("P-256").as_dict(private=False))
    sent = {"name": "Sakssystemet", "key": key, "area": "care", "cases": "on", **wrong}
    answer = omar.post("/desk/administration/systems/new/", {name: value for name, value in sent.items() if value})

    assert answer.status_code == 422
    assert said in answer.text


STAFF = {"number": number(202), "name": "Eva Einer", "title": "Rådgiver", "start": "1.2.2026", "end": ""}


def test_staff_are_registered_and_given_a_role(averoy, omar):
    response = omar.post("/desk/administration/staff/new/", STAFF)
    with use("averoy", "administration"):
        eva = StaffMember.objects.get(name="Eva Einer")
    assert response["Location"] == f"/desk/administration/staff/{eva.id}/roles/new/"
    omar.post(response["Location"], {"role": "caseworker", "unit_id": str(averoy.unit.id), "start": "1.2.2026"})
    with use("averoy", "administration"):
        assert eva.positions.get().role == "caseworker"


def test_what_is_wrong_is_beside_its_field_and_all_that_was_typed_stays(averoy, omar):
    response = omar.post("/en/desk/administration/staff/new/", {**STAFF, "number": "12345678901", "end": "1.1.2025"})
    assert response.status_code == 422
    page = response.text
    assert 'id="number-error"' in page
    for typed in ("12345678901", "Eva Einer", "Rådgiver", "1.2.2026", "1.1.2025"):
        assert f'value="{typed}"' in page
    response = omar.post("/en/desk/administration/staff/new/", {**STAFF, "end": "1.1.2025"})
    assert "The end date is before the start date." in response.text
    assert 'id="end-error"' in response.text


def test_one_who_is_staff_already_is_not_registered_again(averoy, omar):
    page = omar.post("/en/desk/administration/staff/new/", {**STAFF, "number": ALICE}).text
    assert "registered as staff here already" in page
    assert 'id="number-error"' in page


def test_a_change_is_in_the_log_with_before_and_after(averoy, omar):
    told = {"name": "Innbyggertorget", "phone": "71 51 44 00", "email": "", "opening_hours": "", "active": "true"}
    omar.post(f"/desk/administration/units/{averoy.unit.id}/", told)
    with use("averoy", "administration"):
        change = AdministrationChange.objects.order_by("-at").first()
        assert (change.staff_name, change.action) == (NAMES[OMAR], "change-unit")
        assert (change.before["name"], change.after["name"]) == ("Servicetorget", "Innbyggertorget")
    page = omar.get("/en/desk/administration/changes/").text
    assert "Servicetorget</del>" in page
    assert "Innbyggertorget</ins>" in page


def test_a_unit_is_told_of_which_kind_it_is(averoy, omar):
    page = f"/en/desk/administration/units/{averoy.unit.id}/"
    assert "None of these" in omar.get(page).text
    omar.post(page, {"name": "Skolekontoret", "kind": "school", "active": "true"})
    with use("averoy", "administration"):
        assert routing("ordinary", "inquiry").of_kind("school").id == averoy.unit.id
    assert "Schools" in omar.get("/en/desk/administration/units/").text
    omar.post(page, {"name": "Skolekontoret", "kind": "", "active": "true"})
    with use("averoy", "administration"):
        assert Unit.objects.get(id=averoy.unit.id).kind == ""


def test_cases_go_to_no_unit_of_another_area(averoy, omar):
    with use("averoy", "administration"):
        care = administering.add_unit(administering.OPERATOR, name="Heimetenesta", area="care")
        with pytest.raises(UnitOfAnotherArea):
            administering.route(administering.OPERATOR, "inquiry", "", care.id)
    page = "/en/desk/administration/services/inquiry/routing/"
    assert "Heimetenesta" not in omar.get(page).text
    assert "Heimetenesta" not in omar.post(page, {"topic-all": str(care.id)}).text
    with use("averoy", "administration"):
        assert not UnitService.objects.filter(unit=care).exists()


def test_every_kind_of_unit_has_words():
    assert set(words.unit_kinds()) == UNIT_KINDS


def test_the_log_says_what_each_change_is_about(averoy, omar):
    with use("averoy", "administration"):
        other = administering.add_unit(administering.OPERATOR, name="Bygg", area="ordinary")
        administering.route(administering.OPERATOR, "inquiry", "building", averoy.unit.id)
        administering.route(administering.OPERATOR, "inquiry", "building", other.id)
        administering.stop_routing(administering.OPERATOR, "inquiry", "building")
    page = omar.get("/en/desk/administration/changes/").text
    assert page.count("Inquiry to the municipality, Building and property") == 3
    assert "Omar Osp, Administrator" in page


def test_a_value_outside_its_bounds_is_refused_in_words(averoy, omar):
    page = "/en/desk/administration/services/reduced-kindergarten-fee/"
    response = omar.post(page, {"value-maximum_price_ore": "99 999", "value-full_time_hours": "x"})
    assert response.status_code == 422
    assert "The value must be from NOK\xa00 to" in response.text
    assert "Write a whole number." in response.text
    assert 'value="99 999"' in response.text


def test_a_value_within_its_bounds_is_kept_and_an_empty_one_is_the_default(averoy, omar):
    page = "/desk/administration/services/reduced-kindergarten-fee/"
    omar.post(page, {"value-full_time_hours": "50", "value-first_child": "oldest"})
    with use("averoy", "administration"):
        kept = AdoptedService.objects.get(service="reduced-kindergarten-fee").values
    assert kept == {"full_time_hours": 50, "first_child": "oldest"}
    omar.post(page, {"value-maximum_price_ore": "900"})
    assert "Kommunens pris for en heltidsplass per måned: 900" in omar.get("/desk/administration/changes/").text


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("", "Kilde: Gratis fra og med tredje barn er kjent, men ikke lest i kilden. Ikke bekreftet"),
        ("nn/", "Kjelde: Gratis frå og med tredje barn er kjent, men ikkje lese i kjelda. Ikkje stadfesta"),
        ("en/", "Source: Free from the third child on is known, but not read in its source. Not confirmed"),
    ],
)
def test_where_a_national_value_was_read_is_said_in_the_language_of_the_page(averoy, omar, language, said):
    assert said in omar.get(f"/{language}desk/administration/services/reduced-kindergarten-fee/").text


def test_cases_of_a_topic_go_where_they_are_sent(averoy, omar):
    with use("averoy", "administration"):
        other = administering.add_unit(administering.OPERATOR, name="Bygg", area="ordinary")
    page = "/desk/administration/services/inquiry/routing/"
    omar.post(page, {"topic-all": str(averoy.unit.id), "topic-building": str(other.id)})
    with use("averoy", "ordinary"):
        assert routing("ordinary", "inquiry", "building").routed.name == "Bygg"
        assert routing("ordinary", "inquiry", "school").routed.name == "Servicetorget"


def test_a_row_that_leads_to_a_unit_of_another_area_routes_nothing(averoy):
    with use(averoy.id, "administration"):
        apart = Unit.objects.create(name="Barnevernsvakta", area="child-welfare", kind="child-welfare-emergency")
        with pytest.raises(UnitOfAnotherArea):
            administering.route(administering.OPERATOR, "inquiry", "", apart.id)
        with use(averoy.id, "owner"):
            UnitService.objects.update(unit=apart)
        forget_routes()
        assert routing("ordinary", "inquiry").routed is None
        assert [unit.name for unit in routing("child-welfare", "inquiry").units] == ["Barnevernsvakta"]


def test_a_logo_is_drawn_anew_and_a_wrong_one_leaves_the_rest_as_it_was(averoy, omar):
    page = "/en/desk/administration/letterhead/"
    good = SimpleUploadedFile("l.svg", b'<svg xmlns="http://www.w3.org/2000/svg"><circle r="9"/></svg>')
    assert omar.post(page, {"name": "Averøy kommune", "logo": good}).status_code == 302
    assert omar.get(page + "logo.png").content.startswith(b"\x89PNG")
    bad = SimpleUploadedFile("l.svg", b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>')
    response = omar.post(page, {"name": "Noe annet", "logo": bad})
    assert 'id="logo-error"' in response.text
    assert omar.get(page + "sample.pdf").content.startswith(b"%PDF")
    with use("averoy", "administration"):
        assert administered.letterhead().name == "Averøy kommune"


HOSTILE = [
    "\x00",
    "\u202eabc",
    "<script>alert(1)</script>",
    "{{ 7*7 }}{% raise %}",
    "' OR 1=1 --",
    "x" * 100_000,
    "99999999999999999999999999",
    "-1",
    "𝟙𝟚𝟛",
    "٣١.١٢.٢٠٢٦",
    "../../etc/passwd",
    "\ud7ff\uffff",
    "null",
    "1.1.99999",
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_no_input_breaks_a_page(averoy, omar, text):
    for path in PAGES:
        if path == "services/inquiry/stop/":
            continue
        page = omar.get(address(averoy, path)).text
        fields = set(re.findall(r'<(?:input|select|textarea)[^>]* name="([^"]+)"', page)) - {"csrfmiddlewaretoken"}
        response = omar.post(address(averoy, path), dict.fromkeys(fields, text))
        assert response.status_code in (302, 405, 422, 400, 413), (path, response.status_code)
        assert "<script>alert(1)" not in response.text
        assert "49" not in re.findall(r'value="([^"]*)"', response.text)
    for query in ("staff/?q=", "staff/?page=", "changes/?before=", "services/inquiry/?version="):
        asked = f"/desk/administration/{query}{quote(text[:500], errors='surrogatepass')}"
        assert omar.get(asked).status_code in (200, 400), query
