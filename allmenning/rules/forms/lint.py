"""What is wrong with a form before anybody fills it in: missing fields, missing languages, unknown keywords."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from allmenning.rules.forms import declared, limits
from allmenning.rules.forms.conditions import EFFECTS, compiled, scope_path
from allmenning.rules.forms.declared import LANGUAGES, InvalidForm, Spec, find, resolved
from allmenning.rules.forms.layout import CONTROL, LABEL, PAGE, Element, Reader

_ASSERTIONS = set(
    "type properties required additionalProperties items minItems maxItems uniqueItems minimum maximum "
    "exclusiveMinimum exclusiveMaximum multipleOf minLength maxLength pattern format enum const oneOf anyOf allOf not "
    "if then else "
    "dependentRequired dependentSchemas contains minContains maxContains minProperties maxProperties".split()
)
_ANNOTATIONS = set("$schema $id $defs $ref $comment title description readOnly examples".split())
_OURS = set("x-title x-help x-error x-enum-labels x-source x-format x-login".split())
SCHEMA_KEYWORDS = _ASSERTIONS | _ANNOTATIONS | _OURS
UI_KEYWORDS = set(
    "type id elements label text scope rule options x-label x-intro x-help x-text $schema $comment".split()
)
OPTIONS = set(
    "detail multi format readonly autocomplete rows width accept x-item-title x-add-label id inputmode".split()
)
CONDITION_KEYWORDS = set("type scope schema conditions failWhenUndefined expectedValue".split())
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


@dataclass(frozen=True)
class Problem:
    """Something to correct in a form, and where: `schema:/properties/x` or `ui:/elements/0`."""

    where: str
    message: str

    def __str__(self) -> str:
        return f"{self.where}: {self.message}"


def lint(schema: Mapping[str, Any], ui: Mapping[str, Any]) -> list[Problem]:
    """Every problem of the form. An empty list: it can be published."""
    problems: list[Problem] = []
    try:
        for found in _problems(schema, ui):
            problems.append(found)
    except InvalidForm as error:
        problems.append(Problem("form", str(error.params.get("reason", error))))
    except (TypeError, AttributeError, ValueError, KeyError, RecursionError) as error:
        problems.append(Problem("form", f"it can't be read: {error}"))
    return list(dict.fromkeys(problems))


def _problems(schema: Mapping[str, Any], ui: Mapping[str, Any]) -> Iterator[Problem]:
    yield from _schema(schema, "schema:", 0)
    yield from _ui(ui, "ui:", 0)
    whole = resolved(schema, schema)
    compiled(whole)
    yield from _scopes(whole, ui)
    reader = Reader(schema, ui)
    yield from _visible_texts(reader)
    yield from _unanswerable(reader)
    yield from _circles(reader)
    yield from _logins(reader)


def _schema(schema: Any, where: str, depth: int) -> Iterator[Problem]:
    if isinstance(schema, bool):
        return
    if not isinstance(schema, Mapping):
        yield Problem(where, "a schema is an object")
        return
    if depth > limits.DEPTH * 3:
        yield Problem(where, "the schema is too deep")
        return
    for keyword in schema.keys() - SCHEMA_KEYWORDS:
        yield Problem(f"{where}/{keyword}", "this keyword is not one that forms use")
    yield from _own_keywords(schema, where)
    for name, inner, inner_where in _inner_schemas(schema, where):
        if name and not _NAME.fullmatch(name):
            yield Problem(inner_where, "a field's name has letters, digits and _ only, and starts with a letter")
        yield from _schema(inner, inner_where, depth + 1)


def _inner_schemas(schema: Mapping[str, Any], where: str) -> Iterator[tuple[str, Any, str]]:
    for keyword in ("items", "not", "if", "then", "else", "contains"):
        if keyword in schema:
            yield "", schema[keyword], f"{where}/{keyword}"
    for keyword in ("properties", "$defs", "dependentSchemas"):
        found = schema.get(keyword)
        for name, inner in found.items() if isinstance(found, Mapping) else ():
            yield name if keyword == "properties" else "", inner, f"{where}/{keyword}/{name}"
    for keyword in ("allOf", "anyOf", "oneOf"):
        found = schema.get(keyword)
        for number, inner in enumerate(found if isinstance(found, list) else ()):
            yield "", inner, f"{where}/{keyword}/{number}"


def _own_keywords(schema: Mapping[str, Any], where: str) -> Iterator[Problem]:
    for keyword in ("x-title", "x-help"):
        yield from _languages(schema.get(keyword), f"{where}/{keyword}")
    error = schema.get("x-error")
    if isinstance(error, Mapping) and not set(error) & set(LANGUAGES):
        for code, text in error.items():
            yield from _languages(text, f"{where}/x-error/{code}")
    else:
        yield from _languages(error, f"{where}/x-error")
    for value, label in (schema.get("x-enum-labels") or {}).items():
        yield from _languages(label, f"{where}/x-enum-labels/{value}")
    if "x-format" in schema and schema["x-format"] not in declared.FORMATS:
        yield Problem(f"{where}/x-format", f"is one of {', '.join(sorted(declared.FORMATS))}")
    if len(str(schema.get("pattern", ""))) > limits.PATTERN:
        yield Problem(f"{where}/pattern", f"is longer than {limits.PATTERN} characters")
    if "x-source" in schema and not re.fullmatch(r"[a-z0-9-]+:[A-Za-z0-9_.-]+", str(schema["x-source"])):
        yield Problem(f"{where}/x-source", "is written register:field")


def _languages(text: Any, where: str) -> Iterator[Problem]:
    if text is None:
        return
    if not isinstance(text, Mapping):
        yield Problem(where, "is a text in nb, nn and en")
        return
    missing = [language for language in LANGUAGES if not str(text.get(language) or "").strip()]
    if missing:
        yield Problem(where, f"is missing in {', '.join(missing)}")


def _ui(element: Any, where: str, depth: int) -> Iterator[Problem]:
    if not isinstance(element, Mapping) or depth > limits.DEPTH * 2:
        yield Problem(where, "an element of the layout is an object, and not too deep")
        return
    for keyword in element.keys() - UI_KEYWORDS:
        yield Problem(f"{where}/{keyword}", "this keyword is not one that layouts use")
    for keyword in ("x-label", "x-intro", "x-help", "x-text"):
        yield from _languages(element.get(keyword), f"{where}/{keyword}")
    options = element.get("options") or {}
    for option in options.keys() - OPTIONS:
        yield Problem(f"{where}/options/{option}", "this option is not one that layouts use")
    for option in ("x-item-title", "x-add-label"):
        yield from _languages(options.get(option), f"{where}/options/{option}")
    if "rule" in element:
        yield from _rule(element["rule"], f"{where}/rule")
    if isinstance(options.get("detail"), Mapping):
        yield from _ui(options["detail"], f"{where}/options/detail", depth + 1)
    for number, child in enumerate(element.get("elements") or ()):
        yield from _ui(child, f"{where}/elements/{number}", depth + 1)


def _rule(rule: Any, where: str) -> Iterator[Problem]:
    if not isinstance(rule, Mapping) or rule.get("effect") not in EFFECTS:
        yield Problem(where, f"a rule's effect is one of {', '.join(EFFECTS)}")
        return
    waiting: list[tuple[Any, str]] = [(rule.get("condition"), f"{where}/condition")]
    while waiting:
        condition, here = waiting.pop()
        if not isinstance(condition, Mapping):
            yield Problem(here, "a rule needs a condition")
            continue
        for keyword in condition.keys() - CONDITION_KEYWORDS:
            yield Problem(f"{here}/{keyword}", "this keyword is not one that conditions use")
        waiting += [(part, f"{here}/conditions/{n}") for n, part in enumerate(condition.get("conditions") or ())]
        yield from _open_condition(condition, here)


def _open_condition(condition: Mapping[str, Any], where: str) -> Iterator[Problem]:
    """A test that an unanswered question passes surprises most authors: they should say that they mean it."""
    schema = condition.get("schema")
    if not isinstance(schema, Mapping) or "failWhenUndefined" in condition or "not" in schema:
        return
    if condition.get("scope") != "#" and compiled(schema).is_valid(None):
        yield Problem(where, "holds also for an unanswered question; say failWhenUndefined true or false")


def _scopes(schema: Mapping[str, Any], ui: Mapping[str, Any]) -> Iterator[Problem]:
    """Each control outside repeating groups whose scope leads nowhere (inside them the reader says it)."""
    waiting: list[tuple[Any, str]] = [(ui, "ui:")]
    while waiting:
        element, where = waiting.pop()
        if not isinstance(element, Mapping):
            continue
        waiting += [(part, f"{where}/elements/{n}") for n, part in enumerate(element.get("elements") or ())]
        if element.get("type") == "Control":
            path = scope_path(element.get("scope"))
            if not path or not find(schema, path):
                yield Problem(f"{where}/scope", f"there is no {element.get('scope')} in the schema")


def _visible_texts(reader: Reader) -> Iterator[Problem]:
    for page in reader.pages:
        if not page.title and len(reader.pages) > 1:
            yield Problem(f"ui:{page.id}", "the page has no x-label")
        for element in page.walk():
            if element.spec:
                yield from _field_texts(element.spec, element)
            elif element.type != CONTROL:
                yield from _block_texts(element)


def _block_texts(element: Element) -> Iterator[Problem]:
    where = f"ui:{element.id}"
    if element.type == LABEL and not element.title:
        yield Problem(where, "the text is empty: give it x-text")
    if element.title and (len(set(element.title.values())) == 1 and element.type in (PAGE, "group", LABEL)):
        yield Problem(where, f"«{next(iter(element.title.values()))}» is not in three languages: give it x-label")
    yield from _languages(element.title or None, where)


def _field_texts(spec: Spec, element: Element) -> Iterator[Problem]:
    where = "schema:/" + "/".join(spec.path)
    written = spec.schema.get("x-title")
    if not isinstance(written, Mapping) and len(set(spec.title.values())) == 1:
        yield Problem(where, "has no x-title in nb, nn and en")
    if spec.kind == declared.UNSUPPORTED:
        yield Problem(where, "is of a kind that no control shows")
    if spec.kind in (declared.CHOICE, declared.CHECKBOXES):
        labels = {**spec.schema.get("x-enum-labels", {}), **_item_labels(spec)}
        for option in spec.options:
            if option.key not in labels and len(set(option.label.values())) == 1 and not option.key.isdecimal():
                yield Problem(where, f"{option.key!r} has no label in nb, nn and en")
    if spec.kind == declared.REPEAT and spec.path.count("*") > 1:
        yield Problem(where, "repeating groups go two deep at most")
    if spec.kind == declared.REPEAT and not element.children:
        yield Problem(where, "an item has no fields")


def _item_labels(spec: Spec) -> Mapping[str, Any]:
    items = spec.schema.get("items")
    inner = items if isinstance(items, Mapping) else {}
    branches = [*(spec.schema.get("oneOf") or ()), *(inner.get("oneOf") or ())]
    named = {declared._key(b["const"]): b["x-title"] for b in branches if "const" in b and "x-title" in b}
    return {**inner.get("x-enum-labels", {}), **named}


def _unanswerable(reader: Reader) -> Iterator[Problem]:
    """A required field that no page shows can never be answered, unless a register fills it in."""
    shown = set(reader.specs)
    waiting: list[tuple[tuple[str, ...], Any]] = [((), reader.schema)]
    while waiting:
        path, schema = waiting.pop()
        properties = schema.get("properties") or {}
        for name in schema.get("required", ()):
            inner = properties.get(name)
            where = "schema:/" + "/".join((*path, name))
            if inner is None:
                yield Problem(where, "is required, and not declared")
            elif not any(known[: len(path) + 1] == (*path, name) for known in shown) and "x-source" not in inner:
                yield Problem(where, "is required, and no page asks for it")
        waiting += [((*path, name), part) for name, part in properties.items() if isinstance(part, Mapping)]
        if isinstance(schema.get("items"), Mapping):
            waiting.append(((*path, "*"), schema["items"]))


def _logins(reader: Reader) -> Iterator[Problem]:
    """One question at most may ask for a login or for none, and it stands in no list: it holds for the whole form."""
    asking = [spec for spec in reader.specs.values() if "x-login" in spec.schema]
    for spec in asking:
        where = "schema:/" + "/".join((*spec.path, "x-login"))
        answers = {option.key for option in spec.options} if spec.kind == declared.CHOICE else set()
        wanted = spec.login if isinstance(spec.login, Mapping) else {}
        if not wanted or not wanted.keys() <= answers or not set(wanted.values()) <= declared.LOGINS:
            yield Problem(where, f"gives some of the answers of a choice one of {', '.join(sorted(declared.LOGINS))}")
        if len(spec.path) > 1 or len(asking) > 1:
            yield Problem(where, "stands on one question of the form, in no list and no object")


def _circles(reader: Reader) -> Iterator[Problem]:
    """Fields whose rules wait for each other would never come to rest."""
    asks: dict[tuple[str, ...], set[tuple[str, ...]]] = {}
    for page in reader.pages:
        _asked(page, set(), asks)
    for start in asks:
        seen: set[tuple[str, ...]] = set()
        waiting = list(asks[start])
        while waiting:
            path = waiting.pop()
            if path == start:
                yield Problem("schema:/" + "/".join(start), "is shown by a rule that depends on itself")
                break
            if path not in seen:
                seen.add(path)
                waiting += asks.get(path, ())


def _asked(element: Element, around: set[tuple[str, ...]], asks: dict[tuple[str, ...], set[tuple[str, ...]]]) -> None:
    if element.rule and element.rule.effect in ("SHOW", "HIDE"):
        around = around | set(element.rule.condition.paths())
    if element.spec:
        asks.setdefault(element.spec.path, set()).update(around)
    for child in element.children:
        _asked(child, around, asks)
