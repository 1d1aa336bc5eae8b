"""What went wrong, in the reader's words."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.translation import get_language, gettext

from allmenning.basics.dates import format_date
from allmenning.basics.errors import AllmenningError, is_ore
from allmenning.basics.money import format_ore


def said(error: AllmenningError) -> str:
    """An expected failure's message in the language of the page."""
    try:
        return gettext(error.template()).format(**{name: _shown(name, value) for name, value in error.params.items()})
    except (KeyError, IndexError, ValueError):
        return gettext(error.template())


def _shown(name: str, value: Any) -> Any:
    """A day, or an amount in øre by its name, as people write it."""
    if type(value) is date:
        return format_date(value, get_language() or "nb")
    return format_ore(value, get_language() or "nb") if is_ore(name, value) else value
