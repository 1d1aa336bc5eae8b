"""All addresses, from the doors that are there: bokmål without a prefix, the others under `/nn/` and `/en/`."""

from __future__ import annotations

from pathlib import Path

from django.conf.urls.i18n import i18n_patterns
from django.urls import URLPattern, URLResolver, include, path

_DOORS = Path(__file__).resolve().parents[1] / "doors"
# The portal last: its addresses begin at the root.
_PREFIXES = {"desk": "desk/", "office": "cooperation/", "portal": ""}


def _is_there(door: str) -> bool:
    return (_DOORS / door / "urls.py").exists()


_pages = [
    path(prefix, include(f"allmenning.doors.{door}.urls")) for door, prefix in _PREFIXES.items() if _is_there(door)
]
_machines = [path("", include("allmenning.doors.api.urls"))] if _is_there("api") else []

urlpatterns: list[URLPattern | URLResolver] = [
    *_machines,
    *i18n_patterns(path("", include("allmenning.web.urls")), *_pages, prefix_default_language=False),
]

handler400 = "allmenning.web.errors.bad_request"
handler403 = "allmenning.web.errors.permission_denied"
handler404 = "allmenning.web.errors.not_found"
handler500 = "allmenning.web.errors.server_error"
