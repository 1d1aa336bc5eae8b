"""Production: everything that can hurt must be said in the environment, and is refused when it is missing or unsafe.

docs/operations.md lists the variables. Workers get no ALLMENNING_DATABASE_ADMIN; only operators' commands do.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from .base import *  # noqa: F403


def _required(name: str) -> str:
    value = os.environ.get(name, "").strip()
    if not value:
        raise ImproperlyConfigured(f"{name} must be set in production")
    return value


def _listed(name: str) -> list[str]:
    return [each.strip() for each in _required(name).split(",") if each.strip()]


def _https_only(name: str) -> list[str]:
    addresses = _listed(name)
    if unsafe := [address for address in addresses if not address.startswith("https://")]:
        raise ImproperlyConfigured(f"{name} takes only https addresses, not {unsafe[0]}")
    return addresses


def _hosts(name: str) -> list[str]:
    hosts = _listed(name)
    if any("*" in host or host.startswith(".") for host in hosts):
        raise ImproperlyConfigured(f"{name} must list each host by its whole name")
    return hosts


DEBUG = False
SECRET_KEY = _required("ALLMENNING_SECRET_KEY")
if len(SECRET_KEY) < 50:
    raise ImproperlyConfigured("ALLMENNING_SECRET_KEY must be at least 50 random characters")
ALLOWED_HOSTS = _hosts("ALLMENNING_HOSTS")
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS]

# {"main": "postgresql://db1.example:5432/?sslmode=verify-full"}: no login in it
DATABASE_SERVERS = json.loads(_required("ALLMENNING_DATABASE_SERVERS"))
DATABASE_ADMIN = json.loads(os.environ.get("ALLMENNING_DATABASE_ADMIN", "{}"))
DATABASE_POOL_CAP = int(os.environ.get("ALLMENNING_POOL_CAP", "128"))
VAULT_DIR = Path(_required("ALLMENNING_VAULT_DIR"))
# The master key is the keeper's alone: see docs/operations.md.
VAULT_MASTER_KEY = "allmenning.vault.keeper.client.KeeperMasterKey"
KEEPER_SOCKET = Path(_required("ALLMENNING_KEEPER_SOCKET"))
if (VAULT_DIR / "master.key").exists():
    raise ImproperlyConfigured(f"move {VAULT_DIR / 'master.key'} into the keeper's folder: nothing else should have it")
FILES_DIR = Path(_required("ALLMENNING_FILES_DIR"))
STATIC_ROOT = Path(_required("ALLMENNING_STATIC_DIR"))

BACKUP_RECIPIENTS = [key.strip() for key in os.environ.get("ALLMENNING_BACKUP_KEY", "").split(",") if key.strip()]
BACKUP_GENERATIONS = int(os.environ.get("ALLMENNING_BACKUP_GENERATIONS", "30"))

ALLOW_SYNTHETIC_NUMBERS = False
# How outside systems are reached: see project/wiring.py.
CONNECTIONS_FILE = Path(_required("ALLMENNING_CONNECTIONS_FILE"))
PORTAL_URL = _required("ALLMENNING_PORTAL_URL")
ALLOWED_ISSUERS = _https_only("ALLMENNING_ISSUERS")

SECURE_SSL_REDIRECT = True
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = 2 * 365 * 24 * 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Host-session"
CSRF_COOKIE_SECURE = True
CSRF_COOKIE_NAME = "__Host-csrf"

# Networks, with commas; and rates that differ from those of base.py, as JSON: {"login": {"address": [2000, 600]}}.
PROXIES = [each.strip() for each in os.environ.get("ALLMENNING_PROXIES", "").split(",") if each.strip()]
RATE_LIMITS = RATE_LIMITS | json.loads(os.environ.get("ALLMENNING_RATE_LIMITS", "{}"))  # noqa: F405

# Who may read /metrics: this machine, and who has the token or asks from one of the networks.
MACHINE_TOKEN = os.environ.get("ALLMENNING_MACHINE_TOKEN", "")
MACHINE_NETWORKS = os.environ.get("ALLMENNING_MACHINE_NETWORKS", "127.0.0.0/8,::1/128").split(",")
