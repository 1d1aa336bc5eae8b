"""Dumps of databases by PostgreSQL's own tools, as streams.

As the operator, not as a database's owner: pg_dump asks for names that no municipality's login may read (sql/shut.sql
takes them from everybody), and those walls are worth more than a login less.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

from django.conf import settings
from django.utils.module_loading import import_string
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from allmenning.tenancy import placement
from allmenning.tenancy.placement import Placement

from .errors import NoOperator, ToolFailed


@contextmanager
def dumped(placed: Placement) -> Iterator[BinaryIO]:
    """A database as one archive (pg_dump, custom format), as it was at one moment. Raises ToolFailed on leaving."""
    # Little is gained by pressing harder: most of it is sealed.
    how = ("--format=custom", "--compress=gzip:1")
    with _running("pg_dump", *how, database=placed, stdout=subprocess.PIPE) as process:
        yield process.stdout


def restore(archive: BinaryIO, placed: Placement, owner: str) -> None:
    """Fill an empty database; everything in it is `owner`'s. Rights are given afterwards, from what the code says.

    Raises ToolFailed: then the database is not whole.
    """
    how = ("--exit-on-error", "--no-owner", "--no-acl", f"--role={owner}")
    with _running("pg_restore", *how, database=placed, stdin=archive):
        pass


def read_through(archive: BinaryIO) -> None:
    """Let pg_restore list and read an archive to its end, without any database. Raises ToolFailed."""
    with _running("pg_restore", "--file=/dev/null", stdin=archive):
        pass


@contextmanager
def _running(tool: str, *how: str, database: Placement | None = None, **streams: Any) -> Iterator[Any]:
    """A tool at work; ended with whatever goes wrong here."""
    connection, password = _connection(database) if database else ((), "")
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(  # noqa: S603 (PostgreSQL's own tools, no shell)
            [import_string(settings.POSTGRES_TOOL)(tool), *how, *connection],
            stderr=said,
            env=os.environ | {"LC_ALL": "C", "PGPASSWORD": password},
            **{"stdin": subprocess.DEVNULL, **streams},
        )
        try:
            yield process
        except BaseException:
            process.kill()
            raise
        finally:
            if process.stdout is not None:
                process.stdout.close()
            process.wait()
        if process.returncode:
            said.seek(0)
            lines = said.read().decode(errors="replace").strip().splitlines()
            raise ToolFailed(tool=tool, said=lines[0] if lines else f"exit code {process.returncode}")


def _connection(placed: Placement) -> tuple[tuple[str, ...], str]:
    """Where to connect to, and the password apart: arguments can be read by everybody on the machine."""
    if placed.server not in settings.DATABASE_ADMIN:
        raise NoOperator
    parameters: dict[str, Any] = conninfo_to_dict(placement.admin_dsn(placed.server, placed.database))
    password = str(parameters.pop("password", "") or os.environ.get("PGPASSWORD", ""))
    return ("--dbname=" + make_conninfo("", **parameters),), password
