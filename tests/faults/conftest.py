"""What can be made to fail: the line to the database, the room on a disk, the state's services."""

import contextlib
import subprocess
from urllib.parse import urlsplit

import pytest
from django.conf import settings as django_settings
from django.db import connections
from django.test import Client

from allmenning.tenancy import placement
from allmenning.tenancy.pool import pool

from .line import Line


@pytest.fixture
def as_served(monkeypatch):
    """Give connections back after each request, as the server does and Django's test client does not."""
    request = Client.request

    def served(self, **environ):
        try:
            return request(self, **environ)
        finally:
            connections.close_all()

    monkeypatch.setattr(Client, "request", served)


@pytest.fixture
def line(settings, commons_db, as_served):
    """The application's way to PostgreSQL, for this test alone. It gives up after half a second."""
    server = urlsplit(placement._resolved(django_settings.DATABASE_SERVERS["main"]))
    held = Line(server.hostname, server.port)
    connections.close_all()
    pool().close()
    settings.DATABASE_PATIENCE_SECONDS = 0.5
    settings.DATABASE_SERVERS = {"main": f"postgresql://127.0.0.1:{held.port}/"}
    yield held
    held.close()
    connections.close_all()
    pool().close()


@pytest.fixture
def small_disk(settings, tmp_path):
    """Half a megabyte for the files of cases."""
    folder = tmp_path / "small"
    folder.mkdir()
    with _mounted(folder, "512k"):
        settings.FILES_DIR = folder
        yield folder


@contextlib.contextmanager
def _mounted(folder, size):
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    done = subprocess.run(mount, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"a small disk can't be mounted here: {done.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)
