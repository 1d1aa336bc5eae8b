"""Acting for another in the portal: always shown, through the whole journey, and over at once."""

from uuid import UUID

import pytest

from allmenning.basics import dates
from allmenning.doors.portal.testing import browser_of, sent_inquiry
from allmenning.journeys import representing
from allmenning.journeys.testing import OMAR, omar, rita
from allmenning.municipal.people.models import Representation
from allmenning.tenancy import use


@pytest.fixture(autouse=True)
def fresh_register():
    representing.forget()
    yield
    representing.forget()


def give(client, **facts):
    last_day = dates.add_months(dates.today(), 1).isoformat()
    form = {"number": OMAR, "name": "Omar Osp", "scope": "ordinary/inquiry", "last_day": last_day, **facts}
    return client.post("/my/powers/averoy/give/", form)


def only_power(place) -> UUID:
    with use(place.id, "owner"):
        return Representation.objects.get().id


def test_one_gives_a_power_of_attorney_another_acts_and_it_is_always_shown(averoy):
    sent_inquiry(averoy, rita())
    rita_, omar_ = browser_of(rita()), browser_of(omar())
    assert give(rita_)["Location"] == "/my/powers/"
    power = only_power(averoy)
    assert "Rita Rogn" in omar_.get("/act-for/").text
    assert omar_.post("/act-for/", {"power": f"averoy/{power}"})["Location"] == "/my/"
    for address in ("/", "/my/", "/my/log/", "/averoy/services/inquiry/"):
        assert "Du handler for Rita Rogn, med fullmakt." in omar_.get(address).text, address
    begun = omar_.post("/averoy/services/inquiry/start/")["Location"]
    assert omar_.get(begun, follow=True).status_code == 200
    assert "Omar Osp, med fullmakt" in rita_.get("/my/log/").text


def test_it_is_over_when_the_giver_says_so(averoy):
    case_id = sent_inquiry(averoy, rita()).case_id
    rita_, omar_ = browser_of(rita()), browser_of(omar())
    give(rita_)
    power = only_power(averoy)
    omar_.post("/act-for/", {"power": f"averoy/{power}"})
    case = f"/my/averoy/cases/{case_id}/"
    assert omar_.get(case).status_code == 200
    assert rita_.post(f"/my/powers/averoy/{power}/end/")["Location"] == "/my/powers/"
    answer = omar_.get(case, follow=True)
    assert answer.redirect_chain == [("/act-for/", 302)]
    assert "Du kan ikke lenger handle for denne personen" in answer.text
    assert omar_.get(case).status_code == 404


def test_what_was_typed_when_it_ended_is_kept_on_the_page(averoy, registers):
    case_id = sent_inquiry(averoy, rita()).case_id
    rita_, omar_ = browser_of(rita()), browser_of(omar())
    give(rita_)
    power = only_power(averoy)
    omar_.post("/act-for/", {"power": f"averoy/{power}"})
    page = omar_.post("/averoy/services/inquiry/start/", follow=True).redirect_chain[-1][0]
    rita_.post(f"/my/powers/averoy/{power}/end/")
    typed = {"/subject": "Et langt spørsmål", "/topic": "culture", "_present": "/topic"}
    kept = omar_.post(page, typed, headers={"sec-fetch-site": "same-origin"})
    assert kept.status_code == 403
    assert "Et langt spørsmål" in kept.text
    assert "culture" not in kept.text
    assert "Du kan ikke lenger handle for denne personen" in kept.text
    assert "Et langt" not in omar_.post(page, typed, headers={"sec-fetch-site": "cross-site"}).text
    assert "Rita" not in omar_.get("/my/").text
    assert len(rita_.get("/my/").text.split("Fortsett")) > 1, "what was saved is with Rita"
    answer = omar_.post(f"/my/averoy/cases/{case_id}/send-more/", {"text": "Jeg"})
    assert answer.status_code == 404


def test_what_was_typed_while_the_register_was_away_is_sent_again_by_ones_own_hand(averoy, registers):
    rita_, omar_ = browser_of(rita()), browser_of(omar())
    give(rita_)
    omar_.post("/act-for/", {"power": f"averoy/{only_power(averoy)}"})
    page = omar_.post("/averoy/services/inquiry/start/", follow=True).redirect_chain[-1][0]
    representing.forget()
    registers.down.add("folkeregister")
    kept = omar_.post(page, {"/subject": "Et spørsmål"}, headers={"sec-fetch-site": "same-origin"})
    assert kept.status_code == 503
    assert '<input type="hidden" name="/subject" value="Et spørsmål">' in kept.text
    registers.down.clear()
    assert "Du handler for Rita Rogn" in omar_.get("/my/").text


def test_one_press_in_the_banner_and_one_acts_for_oneself(averoy):
    give(browser_of(rita()))
    omar_ = browser_of(omar())
    omar_.post("/act-for/", {"power": f"averoy/{only_power(averoy)}"})
    assert "Slutt, og handle for meg selv" in omar_.get("/my/").text
    omar_.post("/act-for/", {"self": "1"})
    assert "Du handler for" not in omar_.get("/my/").text


def test_the_page_of_powers_names_only_places_where_one_has_something_until_one_seeks(averoy, smola):
    rita_ = browser_of(rita())
    sent_inquiry(averoy, rita())
    give_there = '/my/powers/{}/give/"'
    page = rita_.get("/my/powers/").text
    assert give_there.format("averoy") in page
    assert give_there.format("smola") not in page
    assert give_there.format("smola") in rita_.get("/my/powers/?q=smøla").text
    assert "Ingen kommune heter «Oz»" in rita_.get("/my/powers/?q=Oz").text


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"number": "123"}, "ikke et gyldig nummer"),
        ({"name": "Ola Osp"}, "Vi kan ikke gi denne fullmakten"),
        ({"scope": ""}, "Velg minst én tjeneste"),
        ({"last_day": "i morgen"}, "Velg en siste dag"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field_and_what_was_typed_stays(averoy, wrong, told):
    answer = give(browser_of(rita()), **wrong)
    assert answer.status_code == 422
    assert told in answer.text
    assert wrong.get("number", OMAR) in answer.text
    assert wrong.get("name", "Omar Osp") in answer.text


def test_the_giver_sees_whom_it_was_given_to_also_where_they_have_nothing_else(averoy):
    rita_ = browser_of(rita())
    give(rita_)
    page = rita_.get("/my/powers/").text
    assert "Omar Osp" in page
    assert "Ingen har fullmakt fra deg" not in page


def test_a_power_of_attorney_gives_none_away(averoy):
    give(browser_of(rita()))
    omar_ = browser_of(omar())
    omar_.post("/act-for/", {"power": f"averoy/{only_power(averoy)}"})
    for address in ("/my/powers/", "/my/powers/averoy/give/"):
        assert omar_.get(address)["Location"] == "/act-for/"
    assert give(omar_)["Location"] == "/act-for/"


def test_who_is_nobodys_guardian_is_told_so_and_learns_nothing(averoy):
    for number in (OMAR, "01819012345"):
        answer = browser_of(rita()).post("/act-for/", {"number": number})
        assert answer.status_code == 422
