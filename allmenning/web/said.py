"""What went wrong, in the reader's words."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.translation import get_language, gettext

from allmenning.basics.dates import format_date
from allmenning.basics.errors import AllmenningError


def said(error: AllmenningError) -> str:
    """An expected failure's message in the language of the page."""
    try:
        return gettext(error.template()).format(**{name: _shown(value) for name, value in error.params.items()})
    except (KeyError, IndexError, ValueError):
        return gettext(error.template())


def _shown(value: Any) -> Any:
    """A day as people write it."""
    return format_date(value, get_language() or "nb") if type(value) is date else value
