"""The sealer's login: it reads the log and adds seals, heads and cosignatures. Nothing else, whatever SQL it runs."""

import pytest
from django.db import connections
from django.db.utils import ProgrammingError

from allmenning import vault
from allmenning.journeys import sealing
from allmenning.journeys.tests.test_sealing import write
from allmenning.municipal.access.models import LogCosignature, LogEntry, LogHead, LogLeaf, LogStatement
from allmenning.tenancy import LOGINS, use, walls
from allmenning.vault.keeper import protocol
from allmenning.vault.keeper.policy import Callers

SEALED = (LogLeaf, LogHead, LogCosignature, LogStatement)


def run(acting, statement):
    with connections[acting.alias].cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else cursor.rowcount


def is_refused(acting, statement):
    with pytest.raises(ProgrammingError, match=r"permission denied|row-level security"):
        run(acting, statement)
    return True


def test_it_sees_the_log_of_every_area_and_seals_it(municipality_a):
    written = write(municipality_a, 2) + write(municipality_a, 2, "child-welfare")
    with use(municipality_a, "sealer"):
        assert LogEntry.objects.count() == len(written)
    assert sealing.seal(municipality_a) == 4


def test_it_changes_and_removes_nothing(municipality_a):
    write(municipality_a, 3)
    sealing.seal(municipality_a)
    with use(municipality_a, "sealer") as acting:
        for model in (LogEntry, *SEALED):
            table = model._meta.db_table
            for statement in (f"delete from {table}", f"truncate {table}", f"drop table {table}"):
                with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"):
                    run(acting, statement)
            for field in model._meta.local_concrete_fields:
                assert is_refused(acting, f"update {table} set {field.column} = {field.column}")


def test_it_adds_no_row_to_the_log(municipality_a):
    write(municipality_a, 1)
    with use(municipality_a, "sealer") as acting:
        columns = ", ".join(f.column for f in LogEntry._meta.local_concrete_fields if f.column != "id")
        copied = f"insert into access_logentry (id, {columns}) select gen_random_uuid(), {columns} from access_logentry"
        assert is_refused(acting, copied)


def test_it_sees_nothing_of_any_other_table(municipality_a):
    """Also of a model that somebody adds tomorrow."""
    with use(municipality_a, "sealer") as acting:
        for model in walls.municipal_models():
            if model not in (LogEntry, *SEALED):
                assert is_refused(acting, f'select 1 from "{model._meta.db_table}"'), model


def test_no_other_login_sees_a_seal_or_adds_one(municipality_a):
    write(municipality_a, 1)
    sealing.seal(municipality_a)
    for login in LOGINS:
        with use(municipality_a, login) as acting:
            for model in SEALED:
                assert is_refused(acting, f"select 1 from {model._meta.db_table}")
                assert is_refused(acting, f"insert into {model._meta.db_table} default values")


def test_its_password_and_the_logs_key_are_no_web_servers():
    """The keeper gives both to workers alone."""
    callers = Callers(users=frozenset({1}), workers=frozenset({2}))
    for name in ("sealer", "log"):
        assert name in vault.NAMES
        assert not callers.may(1, protocol.DERIVE, name)
        assert callers.may(2, protocol.DERIVE, name)
