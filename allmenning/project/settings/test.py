"""Tests: like the demo, with databases made and cleaned by allmenning.tenancy.testing."""

from __future__ import annotations

import os
import tempfile
from functools import cache
from pathlib import Path

from allmenning.web import configuration as web

from .base import *  # noqa: F403
from .base import INSTALLED_APPS, MUNICIPAL_ROOMS, ROOT

HOME = Path(os.environ.get("ALLMENNING_TEST_HOME") or ROOT / ".test").absolute()


@cache
def _server() -> str:
    """URL of the tests' PostgreSQL as its operator; started on first use, and left running for the next run."""
    from allmenning.project import postgres

    return postgres.ensure(HOME / "postgres", throwaway=True).superuser_dsn()


DEBUG = False
RATE_LIMITS = {}  # one address does everything here; tests of limits set their own
SECRET_KEY = "tests have no secrets"  # noqa: S105 (as it says)  # nosec B105
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
STORAGES = web.storages(web.PLAIN_STATICFILES)
SHOW_COMPONENTS = True
STATIC_ROOT = None  # type: ignore[assignment]  # the finders serve them
INSTALLED_APPS = [*INSTALLED_APPS, "allmenning.tenancy.tests.town"]
MUNICIPAL_ROOMS = [*MUNICIPAL_ROOMS, "allmenning.tenancy.tests.town"]
DATABASE_SERVERS = {"main": _server}
DATABASE_ADMIN = {"main": _server}
TELLS_WHAT_IS_WRITTEN = False  # by a thread; tests that want it start one
# Named anew by allmenning.tenancy.testing for each state of the migrations and each process.
COMMONS_PLACEMENT = ("main", "test_commons")
MUNICIPAL_TEMPLATE = "test_template"
MUNICIPAL_PLACEMENT = "allmenning.tenancy.testing.placement_of"
MUNICIPALITIES = "allmenning.tenancy.testing.municipalities"
VAULT_DIR = HOME / "vault"
FILES_DIR = Path(tempfile.gettempdir()) / f"allmenning-test-files-{os.getpid()}"
ALLOWED_ISSUERS = ["http://localhost:8090/idporten"]
