import fcntl
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connections

from allmenning import vault
from allmenning.tenancy import create, testing


@pytest.fixture
def fresh_database(test_databases, commons_db, monkeypatch):
    """A municipality that has joined this moment."""
    # Its database has the same name in every process that tests at once.
    with (Path(settings.VAULT_DIR) / "hitra.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        vault.create_keys("hitra")
        placed = create.create_database("hitra")
        monkeypatch.setitem(testing._places, "hitra", placed)
        yield placed
        connections.close_all()
        create.drop_database(placed)
