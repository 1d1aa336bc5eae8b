"""Nothing that is typed in an address or a header reaches a program's log."""

import io
import logging

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
