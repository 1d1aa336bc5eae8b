"""Failures that we expect, with a name and a sentence."""

from __future__ import annotations

import inspect
from typing import Any


class AllmenningError(Exception):
    """Something was not possible.

    Subclass it for each expected failure. The first line of the subclass's docstring is the message for a person, in
    English (the msgid to translate), with parameters as `{name}`. Parameters become attributes. Never pass an
    identity number or other personal data as a parameter: messages reach logs.

        class DeadlinePassed(AllmenningError):
            '''The deadline was {deadline}.'''

        raise DeadlinePassed(deadline=case.deadline)
    """

    def __init__(self, detail: str = "", /, **params: Any) -> None:
        super().__init__(*([detail] if detail else []))
        self.detail = detail
        self.params = params
        for name, value in params.items():
            # A parameter called `code` or `message` stays in `params` alone; one that has a default is given its value.
            if not hasattr(AllmenningError, name):
                setattr(self, name, value)

    @property
    def code(self) -> str:
        """The class's name: stable, for machines."""
        return type(self).__name__

    @classmethod
    def template(cls) -> str:
        """The message before its parameters are filled in: what a page passes to gettext."""
        return (inspect.getdoc(cls) or cls.__name__).partition("\n")[0].strip()

    @property
    def message(self) -> str:
        """The message in English, parameters filled in."""
        try:
            return self.template().format(**{name: _in_english(name, value) for name, value in self.params.items()})
        except (KeyError, IndexError, ValueError):
            return self.template()

    def __str__(self) -> str:
        return f"{self.message} ({self.detail})" if self.detail else self.message

    def __reduce__(self) -> tuple[Any, ...]:
        # Exceptions with keyword parameters do not pickle by themselves, and parallel tests and jobs send them.
        return _rebuild, (type(self), self.detail, self.params)


def is_ore(name: str, value: object) -> bool:
    """Whether a parameter is an amount in øre, by its name (`ore`, `grants_ore`): it is shown as money."""
    return type(value) is int and (name == "ore" or name.endswith("_ore"))


def _in_english(name: str, value: Any) -> Any:
    from .money import format_ore  # which has failures of its own

    return format_ore(value, "en") if is_ore(name, value) else value


def _rebuild(cls: type[AllmenningError], detail: str, params: dict[str, Any]) -> AllmenningError:
    return cls(detail, **params)
