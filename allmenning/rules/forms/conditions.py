"""Rules of the layout: when something is shown, hidden, enabled or disabled (JSON Forms).

A condition tests the value at `scope` with a JSON Schema; `AND` and `OR` join several. As in JSON Forms, a schema that
says nothing against it holds for an unanswered question too, unless `failWhenUndefined` is set.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import jsonschema_rs

from allmenning.rules.forms.declared import InvalidForm
from allmenning.rules.forms.pointers import EACH, MISSING, Path, concrete, get

EFFECTS = ("SHOW", "HIDE", "ENABLE", "DISABLE")
# The engine without backtracking: no pattern can take more than linear time.
PATTERNS = jsonschema_rs.RegexOptions(size_limit=1_000_000)


def compiled(schema: Mapping[str, Any]) -> jsonschema_rs.Draft202012Validator:
    """A validator for the schema. Raises `InvalidForm`. Nothing is fetched from anywhere."""
    try:
        return jsonschema_rs.Draft202012Validator(
            dict(schema), validate_formats=True, pattern_options=PATTERNS, offline=True
        )
    except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError, TypeError) as error:
        raise InvalidForm(reason=f"the JSON Schema can't be used: {str(error)[:300]}") from error


@dataclass(frozen=True, eq=False)
class Leaf:
    """One test of one value."""

    path: tuple[str, ...]
    validator: jsonschema_rs.Draft202012Validator
    fails_when_undefined: bool

    def holds(self, data: Any, at: Path) -> bool:
        where = concrete(self.path, at)
        value = MISSING if where is None else get(data, where)
        if value is MISSING:
            return not self.fails_when_undefined and self.validator.is_valid(None)
        return self.validator.is_valid(value)

    def paths(self) -> Iterator[tuple[str, ...]]:
        yield self.path


@dataclass(frozen=True, eq=False)
class Several:
    """Conditions that must all hold, or of which one must."""

    parts: tuple[Leaf | Several, ...]
    test: Callable[[Iterator[bool]], bool]

    def holds(self, data: Any, at: Path) -> bool:
        return self.test(part.holds(data, at) for part in self.parts)

    def paths(self) -> Iterator[tuple[str, ...]]:
        for part in self.parts:
            yield from part.paths()


@dataclass(frozen=True, eq=False)
class Rule:
    """What happens when the condition holds."""

    effect: str
    condition: Leaf | Several

    def shows(self, data: Any, at: Path) -> bool:
        if self.effect in ("SHOW", "HIDE"):
            return self.condition.holds(data, at) is (self.effect == "SHOW")
        return True

    def enables(self, data: Any, at: Path) -> bool:
        if self.effect in ("ENABLE", "DISABLE"):
            return self.condition.holds(data, at) is (self.effect == "ENABLE")
        return True


def scope_path(scope: Any) -> tuple[str, ...]:
    """`#/properties/a/items/properties/b` as `("a", "*", "b")`. Raises `InvalidForm`."""
    parts = scope.split("/") if isinstance(scope, str) else [""]
    if parts[0] != "#":
        raise InvalidForm(reason=f"{scope!r} is not a scope")
    path: list[str] = []
    rest = iter(parts[1:])
    for part in rest:
        name = next(rest, None) if part == "properties" else EACH if part == "items" else None
        if not name:
            raise InvalidForm(reason=f"{scope!r} is not a scope")
        path.append(name.replace("~1", "/").replace("~0", "~"))
    return tuple(path)


Locate = Callable[[tuple[str, ...]], tuple[str, ...] | None]


def rule_of(declared: Any, locate: Locate) -> Rule | None:
    """The rule of an element. `locate` says where in the whole form a scope of this element leads."""
    if declared is None:
        return None
    if not isinstance(declared, Mapping) or declared.get("effect") not in EFFECTS:
        raise InvalidForm(reason=f"a rule's effect is one of {', '.join(EFFECTS)}")
    return Rule(declared["effect"], _condition(declared.get("condition"), locate, 0))


def _condition(declared: Any, locate: Locate, depth: int) -> Leaf | Several:
    if not isinstance(declared, Mapping) or depth > 8:
        raise InvalidForm(reason="a rule needs a condition")
    if declared.get("type") in ("AND", "OR"):
        parts = tuple(_condition(part, locate, depth + 1) for part in declared.get("conditions") or ())
        return Several(parts, all if declared["type"] == "AND" else any)
    path = locate(scope_path(declared.get("scope")))
    if path is None:
        raise InvalidForm(reason=f"a condition asks about {declared.get('scope')}, which is not in the form")
    schema = declared.get("schema", {"const": declared.get("expectedValue")})
    return Leaf(path, compiled(schema), bool(declared.get("failWhenUndefined", False)))
