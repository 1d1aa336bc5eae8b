"""A worker of the web server is warm before its first request, and starts without a database too."""

import logging

import pytest
from django.db import OperationalError

from allmenning.commons.catalogue import queries as catalogue
from allmenning.journeys import offered
from allmenning.journeys.tests.counting import statements
from allmenning.project import warming


@pytest.fixture
def cold(services):
    catalogue.forget()
    offered._form.cache_clear()


def test_a_warm_worker_asks_nothing_about_its_services(cold):
    warming.warm()
    with statements() as sent:
        for each in catalogue.published_services():
            offered.at_version(each.id, each.version)
        assert catalogue.search("barnehage", "nb", None, "resident", offered=None)
    assert sent == []


def test_a_database_that_is_away_keeps_no_worker_from_starting(cold, monkeypatch, caplog):
    def away():
        raise OperationalError("away")

    monkeypatch.setattr(catalogue, "warm", away)
    with caplog.at_level(logging.WARNING):
        warming.warm()
    assert "first requests" in caplog.text
