"""Expressions in services: the ZEN language, cut down to a closed list.

A service is data that one municipality writes and another runs, so an expression may only compare, count and reckon.
Everything else the engine could do (assignment, templates, the clock, random numbers, regular expressions) is refused
by reading the tokens before the engine sees them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import zen

from allmenning.basics.errors import AllmenningError

FUNCTIONS = frozenset(
    "abs all ceil contains count d endsWith filter floor len lower map max min none one round some startsWith string"
    " sum trunc upper".split()
)
# What may be asked of a date: `d(born).year()`, `d(start).add(1, 'month')`.
METHODS = frozenset(
    "add day diff endOf format isAfter isBefore isSame isSameOrAfter isSameOrBefore month startOf sub year".split()
)
WORDS = frozenset("and or not in as true false null".split())
SYMBOLS = ("??", "==", "!=", "<=", ">=", "..", *"+-*/%<>?:()[],.{}#$")
LONGEST = 1000
DEEPEST = 20
# The engine reckons in decimals of 28 digits but hands numbers over as floats, exact up to here.
LARGEST_NUMBER = 2**53
# Units of time that the engine adds by the calendar. Not years: 29 February and a year is no date to it, and whatever is
# compared with that is silently false. Twelve months are a year, and end on 28 February.
_UNITS = frozenset(f"{unit}{plural}" for unit in ("day", "week", "month", "quarter") for plural in ("", "s"))
# Texts that the engine's date reader would take from the clock: the same application must always give the same answer.
_CLOCK = frozenset({"now", "today", "yesterday", "tomorrow"})

_TOKEN = re.compile(
    r"""(?P<space>\s+)
      | (?P<number>\d+(?:\.(?!\.)\d+)?)
      | (?P<string>'[^'\\]*'|"[^"\\]*")
      | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
      | (?P<symbol>\?\?|==|!=|<=|>=|\.\.|[-+*/%<>?:()\[\],.{}\#$])""",
    re.VERBOSE,
)


class RefusedExpression(AllmenningError):
    """An expression uses something that services may not use: {reason}."""


class ExpressionFailed(AllmenningError):
    """An expression could not be worked out with the values it was given."""


class Token(NamedTuple):
    kind: str
    text: str


def check(expression: str, *, unary: bool = False) -> None:
    """Raise `RefusedExpression` unless `expression` is well formed and keeps to the closed list.

    `unary` is for a cell in a decision table's input column (`>= 3`, `'a', 'b'`, `[1..5]`).
    """
    if len(expression) > LONGEST:
        raise RefusedExpression(expression[:60], reason=f"longer than {LONGEST} characters")
    _check_tokens(expression, list(_tokens(expression)))
    try:
        (zen.compile_unary_expression if unary else zen.compile_expression)(expression)
    except Exception as error:  # The engine raises RuntimeError with JSON and a stack.
        raise RefusedExpression(expression, reason=_first_line(error)) from None


def evaluate(expression: str, context: Mapping[str, Any] | None = None) -> Any:
    """Work `expression` out in `context`. Whole numbers come back as `int`, so that øre stay øre.

    Raises `RefusedExpression` (closed list) or `ExpressionFailed` (a missing value, a wrong type, a too large number).
    """
    try:
        return exact(_compiled(expression).evaluate(dict(context or {})))
    except RefusedExpression:
        raise
    except Exception as error:
        raise ExpressionFailed(f"{expression}: {_first_line(error)}") from None


def exact(value: Any) -> Any:
    """`value` with every whole float made an `int`, all the way down; raises `ValueError` past 2**53."""
    if isinstance(value, Mapping):
        return {key: exact(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [exact(each) for each in value]
    if isinstance(value, int | float) and not isinstance(value, bool):
        if abs(value) >= LARGEST_NUMBER:
            raise ValueError("number too large to be exact")
        return int(value) if value == int(value) else value
    return value


def names(expression: str) -> set[str]:
    """The outermost names an expression reads (`form`, `values` in `form.income > values.limit`)."""
    tokens = [Token("", ""), *_tokens(expression), Token("", "")]
    return {
        token.text
        for before, token, after in zip(tokens, tokens[1:], tokens[2:], strict=False)
        if token.kind == "name" and token.text not in WORDS and before.text != "." and after.text not in ("(", ":")
    }


@lru_cache(maxsize=2048)
def _compiled(expression: str) -> Any:
    check(expression)
    return zen.compile_expression(expression)


def _tokens(expression: str) -> Iterator[Token]:
    position = 0
    while position < len(expression):
        match = _TOKEN.match(expression, position)
        if match is None:
            raise RefusedExpression(expression, reason=f"{expression[position]!r} is not allowed")
        position = match.end()
        if match.lastgroup != "space":
            yield Token(match.lastgroup or "", match.group())


def _check_tokens(expression: str, tokens: list[Token]) -> None:
    depth = 0
    for index, token in enumerate(tokens):
        before = tokens[index - 1].text if index else ""
        after = tokens[index + 1].text if index + 1 < len(tokens) else ""
        depth += (token.kind == "symbol") * ((token.text in "([{") - (token.text in ")]}"))
        if depth > DEEPEST:
            raise RefusedExpression(expression, reason=f"brackets inside brackets more than {DEEPEST} deep")
        if token.kind == "string" and token.text[1:-1].strip().lower() in _CLOCK:
            raise RefusedExpression(expression, reason=f"{token.text} depends on the day it is run")
        if token.kind == "name":
            _check_name(expression, token.text, before, after)
        if before == "." and token.text in ("add", "sub") and after == "(":
            _check_unit(expression, tokens[index + 2 :])
        if token.text == "d" and after == "(" and tokens[index + 2 : index + 3] == [Token("symbol", ")")]:
            raise RefusedExpression(expression, reason="d() without a date is the clock")
        if token.text == "$" and after not in WORDS and after[:1].isidentifier():
            raise RefusedExpression(expression, reason=f"${after} is not allowed")


def _check_unit(expression: str, arguments: list[Token]) -> None:
    """What is added to a date is a number and a unit that is written out: one that is worked out could be years."""
    depth, last = 1, Token("", "")
    for token in arguments:
        depth += (token.kind == "symbol") * ((token.text in "([{") - (token.text in ")]}"))
        if depth == 0:
            break
        last = token
    if last.kind != "string" or last.text[1:-1] not in _UNITS:
        reason = "a date is added to in days, weeks, months or quarters, by name: a year is 12 months ('month')"
        raise RefusedExpression(expression, reason=reason)


def _check_name(expression: str, name: str, before: str, after: str) -> None:
    if after != "(" or name in WORDS:
        return
    if name not in (METHODS if before == "." else FUNCTIONS):
        raise RefusedExpression(expression, reason=f"the function {name} is not on the list")


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0][:200]
