"""What holds in every installation. What differs comes from the module that stands on this one."""

from __future__ import annotations

import os
from pathlib import Path

from allmenning.web import configuration as web

PACKAGE = Path(__file__).resolve().parents[2]
ROOT = PACKAGE.parent


def rooms(*rows: str) -> list[str]:
    """The Django apps among the rooms: a room that has an apps.py is one."""
    found = [path for row in rows for path in sorted(PACKAGE.glob(f"{row}/apps.py"))]
    return [".".join(path.parent.relative_to(ROOT).parts) for path in found]


# --- rooms ---
INSTALLED_APPS = [
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "procrastinate.contrib.django",
    *rooms("tenancy", "commons/*", "municipal/*", "journeys", "web", "doors/*"),
]
MIDDLEWARE = ["allmenning.doors.api.metrics.Measured", *web.MIDDLEWARE]
ROOT_URLCONF = "allmenning.project.urls"
WSGI_APPLICATION = "allmenning.project.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- databases: see allmenning/tenancy/README.md ---
DATABASES = {
    # Only says that no municipality is chosen; inside tenancy.use() this is the municipality's own.
    "default": {"ENGINE": "allmenning.tenancy.none"},
    "commons": {"ENGINE": "allmenning.tenancy.postgres"},
}
DATABASE_ROUTERS = ["allmenning.tenancy.routing.Router"]
# Server's name -> its URL (host, port, TLS), or a function that returns it. The first takes new databases.
DATABASE_SERVERS: dict = {}
# Server's name -> URL of the operator, who may create databases. Commands alone have it; workers run without.
DATABASE_ADMIN: dict = {}
DATABASE_SECRET = "allmenning.vault.secret"  # noqa: S105 (a dotted path)  # nosec B105
DATABASE_KEYS = "allmenning.vault.create_keys"  # makes those that are missing
# Each process: a connection for each municipality and login that it serves at once, about.
DATABASE_POOL_CAP = 64
TELLS_WHAT_IS_WRITTEN = True  # see tenancy/waking.py
# A statement that is not answered by then is given up: the visitor is told, and others are not kept waiting behind it.
DATABASE_PATIENCE_SECONDS = 20
COMMONS_PLACEMENT = ("main", "commons")
MUNICIPAL_ROOMS = ["allmenning.municipal"]
MUNICIPAL_TEMPLATE = "municipal_template"
MUNICIPAL_PLACEMENT = "allmenning.commons.municipalities.queries.placement_of"
MUNICIPALITIES = "allmenning.commons.municipalities.queries.live_municipalities"

# --- jobs: in the commons, ids alone ---
PROCRASTINATE_DATABASE_ALIAS = "commons"
PROCRASTINATE_IMPORT_PATHS = ["allmenning.journeys.jobs"]

# --- languages and time ---
USE_TZ = True
TIME_ZONE = "Europe/Oslo"
USE_I18N = True
LANGUAGE_CODE = web.LANGUAGE_CODE
LANGUAGES = web.LANGUAGES
LOCALE_PATHS = web.LOCALE_PATHS

# --- pages ---
TEMPLATES = web.TEMPLATES
CSRF_FAILURE_VIEW = web.CSRF_FAILURE_VIEW
SHOW_COMPONENTS = False  # the page that shows every component
STATIC_URL = web.STATIC_URL
STORAGES = web.storages(web.HASHED_STATICFILES)
WHITENOISE_ALLOW_ALL_ORIGINS = False
STATIC_ROOT = ROOT / ".demo" / "static"

# --- what is left behind ---

# --- sessions and cookies ---
SESSION_ENGINE = "allmenning.commons.identity.sessions"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"  # the login provider sends the browser back to us
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_AGE = None  # until the browser is closed
CSRF_COOKIE_SAMESITE = "Strict"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# --- limits on what is sent to us ---
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024**2  # bytes, without files
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000
DATA_UPLOAD_MAX_NUMBER_FILES = 20
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
FILE_UPLOAD_MAX_MEMORY_SIZE = 50 * 1024**2  # bytes: files are sealed before they touch a disk

# --- how often: see allmenning/web/limits.py ---
# (times, seconds) for one person, and for one address, which a library or a town hall shares. Machines by their client.
RATE_LIMITS: dict[str, dict[str, tuple[int, float]]] = {
    "login": {"person": (20, 600), "address": (600, 600)},
    "receipt code": {"address": (20, 600)},  # wrong ones
    "submission": {"person": (30, 3600), "address": (600, 3600)},
    "upload": {"person": (120, 600), "address": (1200, 600)},
    "acting for another": {"person": (30, 600), "address": (600, 600)},
    "preview": {"person": (600, 600), "address": (6000, 600)},
    "search": {"person": (120, 60), "address": (1200, 60)},
    "login by staff": {"person": (20, 600), "address": (6000, 600)},
    "submission by staff": {"person": (600, 3600), "address": (12_000, 3600)},
    "upload by staff": {"person": (600, 600), "address": (12_000, 600)},
    "preview by staff": {"person": (3000, 600), "address": (60_000, 600)},
    "search by staff": {"person": (240, 60), "address": (12_000, 60)},
    "api login": {"address": (600, 60)},
    "api": {"person": (120_000, 60)},
}
# Networks of the proxies before us, whose X-Forwarded-For is believed.
PROXIES: list[str] = []
RATE_LIMITS_FILE = os.environ.get("ALLMENNING_RATE_LIMITS_FILE", "")  # told by `allmenning serve` to its processes

# --- the vault ---
VAULT_MASTER_KEY = "allmenning.vault.master.FileMasterKey"
KEEPER_SOCKET: Path | str = ""  # for "allmenning.vault.keeper.client.KeeperMasterKey"
VAULT_FILES = "allmenning.vault.files.Folder"

# --- back-ups: see allmenning/backup ---
BACKUP_RECIPIENTS: list[str] = []  # public keys of age; whoever has one of the private keys can open the back-up
BACKUP_GENERATIONS = 30  # how many of them are kept
POSTGRES_TOOL = "allmenning.project.postgres.tool"
# The database of a restored copy: this process shows it instead of its municipality's own.
RESTORED_COPY = os.environ.get("ALLMENNING_COPY", "")
if RESTORED_COPY:
    MUNICIPAL_PLACEMENT = "allmenning.backup.copies.placement_of"
    VAULT_FILES = "allmenning.backup.copies.Files"

# --- the log: see allmenning/transparency and docs/log.md ---
# What the origins of its logs begin with, and never again anything else; the portal's host if left out.
LOG_ORIGIN = os.environ.get("ALLMENNING_LOG_ORIGIN", "")
# Who cosigns its heads: a key and an address on each line.
LOG_WITNESSES_FILE: Path | str = os.environ.get("ALLMENNING_LOG_WITNESSES", "")
LOG_WITNESS = "allmenning.connections.witness.Witness"

# The format of bills between public bodies: makes bytes of a `commons.costs.documents.Document`.
INVOICE_FORMAT = "allmenning.connections.peppol.bis.as_xml"

# --- outside systems: see project/wiring.py ---
# Told by the operator; the sandbox writes it in the demo.
CONNECTIONS_FILE: Path | str = ""
OUTSIDE_SYSTEMS = "allmenning.project.wiring.outside_systems"
LOGIN_CLIENT = "allmenning.project.wiring.login_client"
# Where people read what e-mails tell of.
PORTAL_URL = "http://localhost:8000/"

# --- who people are ---
ALLOW_SYNTHETIC_NUMBERS = True

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "allmenning.web.logs.Line",
            "fmt": "{asctime} {levelname} {name} {message}",
            "style": "{",
        }
    },
    "filters": {"nothing typed": {"()": "allmenning.web.logs.NothingTyped"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["nothing typed"]},
    },
    "root": {"handlers": ["console"], "level": "WARNING"},
}
