"""Production starts with what is safe, or not at all."""

import importlib
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured

SAFE = {
    "ALLMENNING_SECRET_KEY": "x" * 50,
    "ALLMENNING_HOSTS": "allmenning.example.no",
    "ALLMENNING_DATABASE_SERVERS": '{"main": "postgresql://db.example.no/?sslmode=verify-full"}',
    "ALLMENNING_VAULT_DIR": "/srv/vault",
    "ALLMENNING_KEEPER_SOCKET": "/run/allmenning-keeper/socket",
    "ALLMENNING_FILES_DIR": "/srv/files",
    "ALLMENNING_STATIC_DIR": "/srv/static",
    "ALLMENNING_CONNECTIONS_FILE": "/etc/allmenning/connections.json",
    "ALLMENNING_PORTAL_URL": "https://kommune.example/",
    "ALLMENNING_ISSUERS": "https://idporten.no,https://ansattporten.no",
}


@pytest.fixture
def production(monkeypatch):
    def load(**changes):
        for name, value in {**SAFE, **changes}.items():
            monkeypatch.setenv(name, value)
        sys.modules.pop("allmenning.project.settings.production", None)
        return importlib.import_module("allmenning.project.settings.production")

    yield load
    sys.modules.pop("allmenning.project.settings.production", None)


def test_synthetic_people_and_plain_http_are_refused(production):
    settings = production()
    assert settings.ALLOW_SYNTHETIC_NUMBERS is False
    assert settings.SECURE_SSL_REDIRECT
    assert settings.SECURE_HSTS_SECONDS > 365 * 24 * 3600
    assert settings.SESSION_COOKIE_SECURE
    assert settings.CSRF_COOKIE_SECURE
    assert not settings.DEBUG
    assert settings.DATABASE_ADMIN == {}


@pytest.mark.parametrize("name", SAFE)
def test_what_is_missing_is_named(production, name):
    with pytest.raises(ImproperlyConfigured, match=name):
        production(**{name: ""})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ALLMENNING_HOSTS", "*"),
        ("ALLMENNING_HOSTS", ".example.no"),
        ("ALLMENNING_ISSUERS", "https://idporten.no,http://localhost:8090"),
        ("ALLMENNING_SECRET_KEY", "short"),
    ],
)
def test_what_is_unsafe_is_refused(production, name, value):
    with pytest.raises(ImproperlyConfigured, match=name):
        production(**{name: value})
