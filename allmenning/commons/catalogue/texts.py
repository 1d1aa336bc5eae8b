"""A text in the three languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """A text in the three languages: `text.nb`, or `text["nb"]` when the language is a value."""

    nb: str
    nn: str
    en: str

    def __getitem__(self, language: str) -> str:
        return {"nb": self.nb, "nn": self.nn, "en": self.en}[language]

    @classmethod
    def of(cls, value: Mapping[str, str] | str) -> Text:
        """One text for all languages where it is only one, such as a reference to a law."""
        if isinstance(value, str):
            return cls(value, value, value)
        return cls(value["nb"], value["nn"], value["en"])
