"""Texts that people write in one, two or three languages: bokmål always, the others as they come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models

LANGUAGES = ("nb", "nn", "en")


@dataclass(frozen=True, slots=True)
class Words:
    """A text in bokmål, and in nynorsk and English where somebody has written it."""

    nb: str = ""
    nn: str = ""
    en: str = ""

    def __bool__(self) -> bool:
        return bool(self.nb)

    def __getitem__(self, language: str) -> str:
        return self.within(language)[0]

    def within(self, language: str) -> tuple[str, str]:
        """The text in a language, or in bokmål where that is missing; and which language it is in, for the page's `lang`."""
        found = getattr(self, language if language in LANGUAGES else "nb")
        return (found, language) if found else (self.nb, "nb")

    @classmethod
    def of(cls, data: Mapping[str, str] | None) -> Words:
        """From what the database or a file has. What is said in no language is empty."""
        return cls(**{language: (data or {}).get(language, "").strip() for language in LANGUAGES})

    def as_data(self) -> dict[str, str]:
        return {language: getattr(self, language) for language in LANGUAGES if getattr(self, language)}


class WordsField(models.JSONField):
    """A column of `Words`, as JSON by language."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"default": Words, **options})

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Words:
        return Words.of(super().from_db_value(value, expression, connection))

    def get_prep_value(self, value: Any) -> Any:
        return super().get_prep_value(value.as_data() if isinstance(value, Words) else value)
