"""What can be made to fail: the line to the database, the room on a disk, the state's services."""

import contextlib
import os
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings as django_settings
from django.db import connections
from django.test import Client
from psycopg import sql

from allmenning.tenancy import placement, server
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


class SmallDisk:
    """Half a megabyte, that can be filled and emptied."""

    def __init__(self, folder):
        self.folder, self._filler = folder, folder / "filler"

    def fill(self):
        with contextlib.suppress(OSError), self._filler.open("ab", buffering=0) as filler:
            while True:
                filler.write(bytes(4096))

    def make_room(self):
        self._filler.unlink(missing_ok=True)

    def files(self):
        """What the application has on it."""
        return [path for path in self.folder.rglob("*") if path.is_file() and path != self._filler]


@contextlib.contextmanager
def small_disk_at(folder):
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", str(folder)]
    try:
        subprocess.run(mount, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        folder.rmdir()
        pytest.skip(f"a small disk can't be mounted here: {getattr(error, 'stderr', error)}")
    try:
        yield SmallDisk(folder)
    finally:
        subprocess.run(["umount", str(folder)], check=True)
        folder.rmdir()


@pytest.fixture
def files_disk(settings, tmp_path):
    """The disk that the files of cases are on."""
    with small_disk_at(tmp_path / "small") as disk:
        settings.FILES_DIR = disk.folder
        yield disk


@pytest.fixture
def database_disk(municipality_a):
    """The disk that the municipality's submissions are on: a table space of its own."""
    placed = placement.placement_of(municipality_a)
    with server.connected(placed.server, placed.database) as operator:
        data = Path(operator.execute("show data_directory").fetchone()[0])
        with small_disk_at(data.parent / f"small-{os.getpid()}") as disk:
            os.chown(disk.folder, data.stat().st_uid, data.stat().st_gid)
            name = sql.Identifier(f"small_{os.getpid()}")
            place = sql.Literal(str(disk.folder))
            operator.execute(sql.SQL("create tablespace {} location {}").format(name, place))
            try:
                # Room that earlier tests left inside the table would be used first.
                operator.execute("truncate forms_submission")
                operator.execute(sql.SQL("alter table forms_submission set tablespace {}").format(name))
                yield disk
            finally:
                disk.make_room()
                operator.execute("alter table forms_submission set tablespace pg_default")
                operator.execute(sql.SQL("drop tablespace {}").format(name))
