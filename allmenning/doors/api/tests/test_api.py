"""What machines are told: as little as possible, and the same as an operator."""

import pytest
from django.db import OperationalError, connections

from allmenning.journeys import health


@pytest.fixture(autouse=True)
def _look_anew():
    with health.nothing_remembered():
        yield


def test_is_alive_without_asking_the_database(client):
    answer = client.get("/healthz")

    assert (answer.status_code, answer.content) == (200, b"ok\n")


def test_is_ready_when_the_commons_answer(client, commons_db):
    assert client.get("/readyz").content == b"ready\n"


def test_names_what_is_missing_and_nothing_else(client, commons_db, monkeypatch):
    def down(*_):
        raise OperationalError("connection to server at 10.1.2.3 failed: secret detail")

    monkeypatch.setattr(type(connections["commons"]), "cursor", down)
    answer = client.get("/readyz")

    assert (answer.status_code, answer.content) == (503, b"not ready: database commons\n")


def test_measures_say_what_check_says(client, commons_db):
    said = client.get("/metrics").content.decode()

    for finding in health.examine():
        assert f'allmenning_fine{{of="{finding.of}",what="{finding.what}"}}' in said


def test_measures_name_views_never_paths(client, commons_db):
    client.get("/cases/0195c1d2-secret/")
    said = client.get("/metrics").content.decode()

    assert 'view="none"' in said
    assert "secret" not in said


@pytest.mark.parametrize("sign", [{"REMOTE_ADDR": "192.0.2.1"}, {"HTTP_X_FORWARDED_FOR": "192.0.2.1"}])
def test_measures_are_not_for_strangers(client, sign):
    assert client.get("/metrics", **sign).status_code == 403


def test_measures_are_for_who_knows_the_token(client, commons_db, settings):
    settings.MACHINE_TOKEN = "long and random"
    stranger = {"REMOTE_ADDR": "192.0.2.1"}

    assert client.get("/metrics", **stranger, HTTP_AUTHORIZATION="Bearer long and random").status_code == 200
    assert client.get("/metrics", **stranger, HTTP_AUTHORIZATION="Bearer guess").status_code == 403
