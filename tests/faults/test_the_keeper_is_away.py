"""The keeper of the keys does not answer: what was opened lasts a while, then everybody is told in words, never a 500."""

import pytest

from allmenning.doors.desk.testing import at_desk
from allmenning.doors.portal.testing import browser_of
from allmenning.journeys.testing import ALICE, rita
from allmenning.vault import keys, master

PAGES = [("portal", "/my/"), ("portal", "/nn/my/"), ("portal", "/en/my/"), ("desk", "/desk/"), ("desk", "/en/desk/")]
IN_WORDS = {"nn": "Tenesta er ikkje tilgjengeleg akkurat no", "en": "The service is not available just now"}


@pytest.fixture
def visitors(averoy):
    visitors = {"portal": browser_of(rita()), "desk": at_desk(averoy, ALICE)}
    for client in visitors.values():
        client.raise_request_exception = False
    return visitors


@pytest.fixture
def away(settings, tmp_path, monkeypatch, visitors):
    """From now on nobody listens at the keeper's socket."""
    for door, page in PAGES:
        assert visitors[door].get(page).status_code == 200
    settings.VAULT_MASTER_KEY = "allmenning.vault.keeper.client.KeeperMasterKey"
    settings.KEEPER_SOCKET = tmp_path / "socket"
    master._made.cache_clear()
    yield
    master._made.cache_clear()


@pytest.mark.parametrize(("door", "page"), PAGES)
def test_pages_go_on_with_what_was_opened(visitors, away, door, page):
    assert visitors[door].get(page).status_code == 200


@pytest.mark.parametrize(("door", "page"), PAGES)
def test_then_they_say_so_and_when_to_try_again(visitors, away, door, page, monkeypatch):
    monkeypatch.setattr(keys, "_granted", {})
    answer = visitors[door].get(page)
    assert (answer.status_code, answer["Retry-After"]) == (503, "30")
    assert IN_WORDS.get(page.split("/")[1], "Tjenesten er ikke tilgjengelig akkurat nå") in answer.text
