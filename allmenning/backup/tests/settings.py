"""A machine in a folder, as the demo is one (ALLMENNING_HOME), without a keeper, and whose PostgreSQL may crash."""

from functools import cache

from allmenning.project.settings.demo import *  # noqa: F403
from allmenning.project.settings.demo import HOME


@cache
def _server() -> str:
    from allmenning.project import postgres

    return postgres.ensure(HOME / "postgres", throwaway=True).superuser_dsn()


VAULT_MASTER_KEY = "allmenning.vault.master.FileMasterKey"
DATABASE_SERVERS = {"main": _server}
DATABASE_ADMIN = {"main": _server}
