"""Who has done too much is told when to try again; an address is believed from our own proxies alone."""

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils import translation

from allmenning.commons.identity.sessions import Resident, Staff
from allmenning.web import limits

factory = RequestFactory()


@pytest.fixture(autouse=True)
def rates(settings, test_databases):
    settings.RATE_LIMITS = {
        "search": {"person": (2, 60), "address": (4, 60)},
        "search by staff": {"person": (3, 60)},
        "submission": {"person": (1, 3600)},
        "upload": {"address": (1, 60)},
    }
    limits._cells.cache_clear()
    yield
    limits._cells.cache_clear()


def asked(kind, *, who=None, staff=None, method="get", address="192.0.2.1", **about):
    request = getattr(factory, method)("/search/", REMOTE_ADDR=address, **about)
    request.session = {}
    if who:
        request.resident = Resident(who, "Rita Rogn", "idporten-loa-high")
    if staff:
        request.staff = Staff(staff, "Alice Alm")
    return limits.limited(kind)(lambda request: HttpResponse("done"))(request)


def statuses(count, *arguments, **about):
    return [asked(*arguments, **about).status_code for _ in range(count)]


def test_a_person_is_held_to_less_than_an_address():
    assert statuses(3, "search", who="1") == [200, 200, 429]
    assert statuses(2, "search", who="2") == [200, 200], "the same address, another person"


def test_an_address_without_login_has_a_limit_of_its_own():
    assert statuses(5, "search") == [200] * 4 + [429]
    assert statuses(1, "search", address="192.0.2.2") == [200]


def test_staff_have_rates_of_their_own():
    assert statuses(4, "search", staff="1") == [200] * 3 + [429]


def test_only_what_is_sent_counts_as_sent():
    assert statuses(3, "submission", who="1") == [200] * 3
    assert statuses(2, "submission", who="1", method="post") == [200, 429]
    assert statuses(3, "upload", method="post") == [200] * 3, "there was no file"


@pytest.mark.parametrize(
    ("language", "words"), [("en", "Try again in"), ("nb", "Prøv igjen om"), ("nn", "Prøv igjen om")]
)
def test_says_when_to_try_again(language, words):
    statuses(2, "search", who="1")
    with translation.override(language):
        refused = asked("search", who="1")
        told = limits.said(int(refused["Retry-After"]))
    assert 0 < int(refused["Retry-After"]) <= 30
    assert told.startswith(words)


def test_another_system_gets_problem_details(settings):
    request = factory.post("/api/v1/token", REMOTE_ADDR="192.0.2.1")
    refused = limits.too_many(request, 7)
    assert (refused.status_code, refused["Retry-After"]) == (429, "7")
    assert refused["Content-Type"] == "application/problem+json"


# --- addresses ---


def address(remote, forwarded=None):
    more = {"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {}
    return limits.address_of(factory.get("/", REMOTE_ADDR=remote, **more))


def test_what_a_stranger_forwards_is_not_believed():
    assert address("192.0.2.7", "198.51.100.1") == "192.0.2.7"


def test_a_proxy_of_ours_is_believed_as_far_as_it_saw(settings):
    settings.PROXIES = ["10.0.0.0/8", "::1/128"]
    assert address("10.0.0.5", "198.51.100.1") == "198.51.100.1"
    assert address("10.0.0.5", "203.0.113.9, 198.51.100.1, 10.0.0.9") == "198.51.100.1", (
        "the rest is the client's own word"
    )
    assert address("10.0.0.5") == "10.0.0.5"
    assert address("::1", "::ffff:198.51.100.1") == "198.51.100.1"


def test_a_network_of_ipv6_is_one_address(settings):
    assert address("2001:db8:1:2::7") == address("2001:db8:1:2:ffff::1") == "2001:db8:1:2::/64"


def test_no_address_is_nobody():
    assert address("") == ""
