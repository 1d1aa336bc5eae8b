"""What went wrong, in the reader's words."""

from __future__ import annotations

from django.utils.translation import gettext

from allmenning.basics.errors import AllmenningError


def said(error: AllmenningError) -> str:
    """An expected failure's message in the language of the page."""
    try:
        return gettext(error.template()).format(**error.params)
    except (KeyError, IndexError, ValueError):
        return gettext(error.template())
