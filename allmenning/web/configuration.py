"""What the settings take from this room, in the order that it must have. Imports nothing that needs settings."""

from __future__ import annotations

from allmenning.web import i18n

TEMPLATES = [
    {
        "BACKEND": "allmenning.web.jinja.Templates",
        "APP_DIRS": True,
        "OPTIONS": {"environment": "allmenning.web.jinja.environment"},
    }
]

# Outermost first: what is refused early, and every error page, must have the security headers and the language too.
MIDDLEWARE = [
    "allmenning.web.middleware.SecurityHeaders",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "allmenning.web.middleware.Language",
    "allmenning.web.middleware.ErrorPages",
    "allmenning.web.middleware.SafeInput",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]

LANGUAGE_CODE = i18n.DEFAULT
LANGUAGES = i18n.LANGUAGES
LOCALE_PATHS = i18n.locale_paths()
CSRF_FAILURE_VIEW = "allmenning.web.errors.csrf_failure"

STATIC_URL = "/static/"
# Hashed names, so that a browser may keep a file for good and still gets the new one after an upgrade.
HASHED_STATICFILES = "whitenoise.storage.CompressedManifestStaticFilesStorage"
PLAIN_STATICFILES = "django.contrib.staticfiles.storage.StaticFilesStorage"


def storages(staticfiles: str) -> dict[str, dict[str, str]]:
    """The setting `STORAGES`. The default is never used: uploaded files are sealed by the vault."""
    return {
        "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
        "staticfiles": {"BACKEND": staticfiles},
    }


# The largest request with files, and without.
REQUEST_MAX_UPLOAD_BYTES = 60_000_000
REQUEST_MAX_BYTES = 2_500_000
