"""A machine in a folder, as the demo is one (ALLMENNING_HOME), whose PostgreSQL may crash; with a keeper if one is named."""

import os
from functools import cache

from allmenning.project.settings.demo import *  # noqa: F403
from allmenning.project.settings.demo import HOME


@cache
def _server() -> str:
    from allmenning.project import postgres

    return postgres.ensure(HOME / "postgres", throwaway=True).superuser_dsn()


KEEPER_SOCKET = os.environ.get("ALLMENNING_KEEPER_SOCKET", "")
if not KEEPER_SOCKET:
    VAULT_MASTER_KEY = "allmenning.vault.master.FileMasterKey"
DATABASE_SERVERS = {"main": _server}
DATABASE_ADMIN = {"main": _server}
