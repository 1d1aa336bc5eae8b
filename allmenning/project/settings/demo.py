"""The demo: everything on this machine, with the sandbox for the outside world and people who do not exist."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from .base import *  # noqa: F403
from .base import ROOT

HOME = Path(os.environ.get("ALLMENNING_HOME") or ROOT / ".demo").absolute()


@cache
def _server() -> str:
    """URL of the demo's PostgreSQL as its operator; started on first use."""
    from allmenning.project import postgres

    return postgres.ensure(HOME / "postgres").superuser_dsn()


DEBUG = False
# A bench stands in for a proxy, to come from many addresses.
PROXIES = [each for each in os.environ.get("ALLMENNING_PROXIES", "").split(",") if each]
SECRET_KEY = "the demo has no secrets"  # noqa: S105 (as it says)  # nosec B105
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
DATABASE_SERVERS = {"main": _server}
DATABASE_ADMIN = {"main": _server}
SHOW_COMPONENTS = True
VAULT_DIR = HOME / "vault"
VAULT_MASTER_KEY = "allmenning.vault.keeper.client.KeeperMasterKey"
KEEPER_SOCKET = HOME / "keeper" / "socket"
FILES_DIR = HOME / "files"
STATIC_ROOT = HOME / "static"
CONNECTIONS_FILE = HOME / "sandbox" / "connections.json"
LOG_WITNESSES_FILE = HOME / "witnesses" / "asked"
PORTAL_URL = os.environ.get("ALLMENNING_URL", "http://localhost:8000") + "/"
SANDBOX_URL = os.environ.get("ALLMENNING_SANDBOX", "http://localhost:8090")
ALLOWED_ISSUERS = [f"{SANDBOX_URL}/idporten", f"{SANDBOX_URL}/ansattporten", f"{SANDBOX_URL}/maskinporten"]
