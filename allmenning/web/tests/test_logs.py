"""Nothing that is typed in an address or a header reaches a program's log."""

import io
import logging
import re

import pytest

from allmenning.web.logs import NothingTyped

SECRET = "Hemmeligveien"


@pytest.fixture
def said(monkeypatch):
    """What the program writes to standard error, by the handler that the settings made."""
    (handler,) = [
        each for each in logging.getLogger().handlers if any(isinstance(f, NothingTyped) for f in each.filters)
    ]
    monkeypatch.setattr(handler, "stream", io.StringIO())  # the one that it began with may be closed
    return handler.stream


@pytest.mark.parametrize("address", [f"/averoy/{SECRET}/", f"/desk/cases/{SECRET}/", f"/nn/x/%0AERROR {SECRET}/"])
def test_an_address_that_is_not_there_is_logged_without_what_was_typed(client, commons_db, said, address):
    assert client.get(address).status_code == 404
    assert "404" in said.getvalue()
    assert SECRET not in said.getvalue()
    assert said.getvalue().count("\n") == said.getvalue().count("WARNING")


def test_a_host_that_is_not_ours_is_logged_without_its_name(client, commons_db, said):
    assert client.get("/", headers={"host": f"{SECRET}.example"}).status_code == 400
    assert "DisallowedHost" in said.getvalue()
    assert SECRET.lower() not in said.getvalue().lower()


def test_a_method_that_is_not_allowed_is_logged_by_its_pattern(client, commons_db, said):
    client.delete(f"/search/?q={SECRET}")
    assert "405" in said.getvalue()
    assert SECRET not in said.getvalue()


FORGED = "x\r\n2026-11-22 08:00:00,000 ERROR forged\u2028\x1b[2J"
A_RECORD = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} [A-Z]+ \S+ ")


def forged_in(said):
    """Lines that look like a record and are none of ours."""
    lines = said.getvalue().splitlines()
    assert all(A_RECORD.match(line) or line.startswith("    ") for line in lines), lines
    return [line for line in lines if A_RECORD.match(line) and " ERROR forged" in line[:40]]


@pytest.mark.parametrize(
    "header",
    ["host", "origin", "referer", "user-agent", "accept-language", "x-forwarded-for", "x-forwarded-host", "authorization",
     "cookie", "idempotency-key"],
)  # fmt: skip
def test_a_line_break_in_a_header_begins_no_line(client, commons_db, said, header):
    client.raise_request_exception = False
    for address in ("/", "/not-there/", "/api/v1/changes"):
        client.get(address, headers={header: FORGED})
    assert said.getvalue()
    assert forged_in(said) == []


def test_a_line_break_that_is_typed_begins_no_line(client, commons_db, said):
    client.raise_request_exception = False
    for address in ("/not-there/", "/api/v1/token", "/search/"):
        client.post(address, {"q": FORGED, FORGED: FORGED})
    assert said.getvalue()
    assert forged_in(said) == []


@pytest.mark.parametrize(
    "quoted", [FORGED, "x\x852026-11-22 08:00:00,000 ERROR forged", "\x0c2026-11-22 08:00:00,000 ERROR"]
)
def test_what_a_message_or_a_traceback_quotes_begins_no_line(said, quoted):
    log = logging.getLogger("allmenning.test")
    log.warning("it said %s", quoted)
    try:
        raise ValueError(quoted)
    except ValueError:
        log.exception("it failed")
    assert forged_in(said) == []
    assert sum(bool(A_RECORD.match(line)) for line in said.getvalue().splitlines()) == 2
    assert "Traceback" in said.getvalue()
    assert "\x1b" not in said.getvalue()
