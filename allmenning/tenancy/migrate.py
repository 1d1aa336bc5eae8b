"""Migrating every database: the commons, the template of each server, then all municipalities side by side.

Each database records what it has been given, so a run may be interrupted and repeated at any point, and two runs wait
for each other: a migration and its record are one transaction, and the walls are put up in one more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager, nullcontext
from typing import Any

from django.conf import settings
from django.db import connections, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.migration import Migration
from django.db.migrations.state import ProjectState
from django.utils.module_loading import import_string

from . import create, placement, server, statistics, together, walls
from .context import OWNER, use
from .errors import MigrationFailed, NotPlaced
from .pool import pool
from .routing import COMMONS, municipal_labels, owning_commons

Progress = Callable[[int, int, str], None]  # how many are done, of how many, and which one was done last
WORKERS = 4
_LOCK = 3_721_001


def migrate_all(progress: Progress | None = None, municipalities: Iterable[str] | None = None) -> int:
    """Bring every database up to date, making the commons and the templates where they are missing.

    municipalities: their ids; None asks settings.MUNICIPALITIES for those of the register that have a database.
    Returns how many databases were looked at. Raises MigrationFailed when some could not be migrated, after all the
    others have been.
    """
    tell = progress or _quiet
    migrate_commons()
    tell(1, 0, COMMONS)
    servers = list(settings.DATABASE_SERVERS)
    for name in servers:
        migrate_template(name)
    ids = sorted(_registered() if municipalities is None else set(municipalities))
    return _migrate_side_by_side(ids, 1 + len(servers), tell)


def migrate_commons() -> None:
    """Make and migrate the database of what the municipalities own together."""
    create.create_commons()
    with owning_commons() as alias, _alone_in(alias) as connection:
        _give(connection, "nb_sort_key", _sort_key_alone(server.read_sql("functions.sql")), needs_table=False)
        _migrate(connection, lambda label: label not in municipal_labels())


def migrate_template(server_name: str) -> None:
    """Make and migrate the database that a server's new municipal databases are copied from."""
    create.create_template(server_name)
    migrate_municipality(placement.template_id(server_name))


def migrate_municipality(municipality: str) -> None:
    """Migrate one municipality's database and put up its walls, if anything of it has changed."""
    shut = server.read_sql("shut.sql")
    with use(municipality, OWNER) as owner, _alone_in(owner.alias) as connection:
        given = _given(connection)
        functions = server.read_sql("functions.sql")
        if given.get("functions") != walls.digest(functions):
            _give(connection, "functions", functions)
        _migrate(connection, municipal_labels().__contains__)
        built = walls.sql()
        if given.get("walls") != walls.digest(built):
            _give(connection, "walls", built)
        for what, text in (
            ("together", together.sql(walls.municipal_models())),
            ("statistics", statistics.sql(walls.municipal_models())),
        ):
            if given.get(what) != walls.digest(text):
                _give(connection, what, text)
        harden = given.get("shut") != walls.digest(shut)
    if harden and settings.DATABASE_ADMIN:
        _shut(placement.placement_of(municipality), shut)


def _migrate_side_by_side(ids: list[str], done: int, tell: Progress) -> int:
    total = done + len(ids)
    tell(done, total, "template")
    failed: dict[str, BaseException] = {}
    with ThreadPoolExecutor(WORKERS, thread_name_prefix="migrate") as threads:
        waiting = {threads.submit(_migrate_live, municipality): municipality for municipality in ids}
        try:
            for future in as_completed(waiting):
                done += 1
                if error := future.exception():
                    failed[waiting[future]] = error
                tell(done, total, waiting[future])
        except BaseException:
            # Interrupted: those that run end their transaction, the others are not begun.
            threads.shutdown(wait=True, cancel_futures=True)
            raise
    if failed:
        names = "; ".join(f"{name}: {error}" for name, error in sorted(failed.items()))
        raise MigrationFailed(names, failed=len(failed), total=total) from next(iter(failed.values()))
    return total


def _migrate_live(municipality: str) -> None:
    """One that is at work already: a login that came with a new version is let in, too."""
    migrate_municipality(municipality)
    if settings.DATABASE_ADMIN:
        create.let_new_logins_in(municipality)


def _registered() -> set[str]:
    found = {getattr(each, "id", each) for each in import_string(settings.MUNICIPALITIES)()}
    return {municipality for municipality in found if _is_placed(municipality)}


def _is_placed(municipality: str) -> bool:
    try:
        placement.placement_of(municipality)
    except NotPlaced:
        return False
    return True


@contextmanager
def _alone_in(alias: str) -> Iterator[Any]:
    """The owner's connection to a database, while no other run migrates it. Closed afterwards, not kept."""
    connection = connections[alias]
    try:
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_lock(%s::bigint)", [_LOCK])
        yield connection
    finally:
        # Closing gives the lock back, and leaves a template free to be copied.
        connection.close()
        pool().close(lambda key: key[0] == alias)  # type: ignore[index]


def _given(connection: Any) -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute("select to_regclass('tenancy.applied') is not null")
        if not cursor.fetchone()[0]:
            return {}
        cursor.execute("select what, hash from tenancy.applied")
        return dict(cursor.fetchall())


def _give(connection: Any, what: str, text: str, needs_table: bool = True) -> None:
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        # Without parameters, so that the driver sends the statements as they are, all at once.
        cursor.cursor.execute(text.encode(), prepare=False)
        if needs_table:
            cursor.execute(_RECORD, [what, walls.digest(text)])


_RECORD = """
    insert into tenancy.applied (what, hash) values (%s, %s)
    on conflict (what) do update set hash = excluded.hash, at = now()"""


def _shut(placed: placement.Placement, text: str) -> None:
    with server.connected(placed.server, placed.database) as inside, inside.transaction():
        inside.execute(text.encode())
        inside.execute(_RECORD, ["shut", walls.digest(text)])


def _sort_key_alone(functions: str) -> str:
    """The commons sort names too, and have nothing else of the municipal functions."""
    begin = functions.index("create or replace function public.nb_sort_key")
    return functions[begin : functions.index(";", begin) + 1]


class _Executor(MigrationExecutor):
    """Records a migration in its own transaction, so that an interruption can't come between the two."""

    def apply_migration(
        self, state: ProjectState, migration: Migration, fake: bool = False, fake_initial: bool = False
    ) -> ProjectState:
        together = transaction.atomic(using=self.connection.alias) if migration.atomic else nullcontext()
        with together:
            return super().apply_migration(state, migration, fake, fake_initial)


def _migrate(connection: Any, wanted: Callable[[str], bool]) -> None:
    if _on_disk(wanted) <= _recorded(connection):
        return  # the usual case: one short query, no graph
    executor = _Executor(connection)
    leaves = [leaf for leaf in executor.loader.graph.leaf_nodes() if wanted(leaf[0])]
    executor.migrate(leaves)


def _on_disk(wanted: Callable[[str], bool]) -> set[tuple[str, str]]:
    return {key for key in _loader().disk_migrations if wanted(key[0])}


def _loader() -> MigrationLoader:
    loader = MigrationLoader(None, load=False)
    loader.load_disk()
    return loader


def _recorded(connection: Any) -> set[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute("select to_regclass('django_migrations') is not null")
        if not cursor.fetchone()[0]:
            return set()
        cursor.execute("select app, name from django_migrations")
        return set(cursor.fetchall())


def _quiet(done: int, total: int, name: str) -> None:
    pass
