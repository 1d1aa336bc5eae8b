"""Norwegian words: their order, how they are searched, and the languages we write."""

from __future__ import annotations

import re
import unicodedata

LANGUAGES = ("nb", "nn", "en")

_LANGUAGE_NAMES = {"nb": "Bokmål", "nn": "Nynorsk", "en": "English", "se": "Davvisámegiella"}

# Letters that Unicode does not take apart: the Sami and Nordic ones.
_PLAIN = str.maketrans({"đ": "d", "ð": "d", "ŋ": "n", "ŧ": "t", "ł": "l", "ß": "ss", "þ": "th", "ı": "i"})
# { | } come after z in ASCII, as æ, ø and å come after z in Norwegian.
_ORDER = str.maketrans({"æ": "{", "ä": "{", "ø": "|", "ö": "|", "å": "}", "ü": "y"})
_SEARCH = str.maketrans({"æ": "ae", "ä": "ae", "ø": "o", "ö": "o", "å": "a", "ü": "y"})
_NOT_WORD = re.compile(r"[^0-9a-z]+")


def language_name(code: str) -> str:
    """A language's name in that language: `nb` → `Bokmål`. An unknown code is returned as it is."""
    return _LANGUAGE_NAMES.get(code, code)


def sort_key(text: str) -> str:
    """A key that sorts as a Norwegian reader expects: æ, ø, å last, aa as å, accents and case without effect."""
    return _without_accents(_lower(text).replace("aa", "å").translate(_ORDER))


def fold(text: str) -> str:
    """Fold a text for search, so that `Bostøtte`, `bostotte` and `bostoette` are the same.

    Only a–z, 0–9 and single spaces are left. Apply it to both sides; it is never shown.
    """
    plain = _without_accents(_lower(text).translate(_SEARCH)).replace("aa", "a").replace("oe", "o")
    return _NOT_WORD.sub(" ", plain).strip()


def _lower(text: str) -> str:
    return unicodedata.normalize("NFC", text).lower()


def _without_accents(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text.translate(_PLAIN))
    return "".join(letter for letter in apart if not unicodedata.combining(letter))
