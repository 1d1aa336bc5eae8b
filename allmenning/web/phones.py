"""Emergency numbers that a text names, as links to call: whoever is in danger should not have to copy a number."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

# Fire, police, ambulance; the emergency line for children and young people; the emergency primary health care service.
# Nkom's numbering plan for telephone numbers (nkom.no).
NUMBERS = ("110", "112", "113", "116 111", "116 117")
_DIGITS = "|".join(number.replace(" ", "[ \u00a0]?") for number in reversed(NUMBERS))
_NAMED = re.compile(rf"(?<![\d/-])(?<!\d )(?:{_DIGITS})(?![\d/-]| \d)")


def with_calls(text: str) -> Markup:
    """The text, escaped, with each emergency number in it as a link to call that does not break between lines."""
    return Markup(_NAMED.sub(_link, str(escape(text))))  # noqa: S704 (escaped, and digits)  # nosec B704


def _link(named: re.Match[str]) -> str:
    digits = re.sub(r"\D", "", named[0])
    shown = f"{digits[:3]}\u00a0{digits[3:]}".rstrip("\u00a0")
    return f'<a class="ds-link" href="tel:{digits}">{shown}</a>'
