"""Decision tables (JDM, run by the ZEN engine), and the trail that becomes the reasons for a decision.

A decision is a graph of tables and expressions, never code: function nodes, nodes that fetch other files, and everything
outside the closed list of expressions are refused when the table is read, before anything runs.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import zen

from allmenning.basics.errors import AllmenningError
from allmenning.rules import expressions

# What a node may hold besides its type. Anything else is refused: a key that we don't know is a power we don't know.
_CONTENT = {
    "inputNode": frozenset({"schema"}),
    "outputNode": frozenset({"schema"}),
    "decisionTableNode": frozenset(
        {"hitPolicy", "inputs", "outputs", "rules", "passThrough", "inputField", "outputPath", "executionMode"}
    ),
    "expressionNode": frozenset({"expressions", "passThrough", "inputField", "outputPath", "executionMode"}),
    "switchNode": frozenset({"hitPolicy", "statements"}),
}
_ID = re.compile(r"[a-z][a-z0-9-]{0,79}")
_PATH = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*")
_TEXT_CELL = re.compile(r"'([^'\\]*)'|\"([^\"\\]*)\"")
# An output column with this name names the reason, whose text the service gives in three languages.
REASON = "reason"
LARGEST = 400_000


class RefusedTable(AllmenningError):
    """A decision table holds something that services may not use."""

    @property
    def problems(self) -> list[str]:
        return list(self.params.get("found", ()))


class CannotDecide(AllmenningError):
    """The decision tables could not be applied to what was stated."""


@dataclass(frozen=True)
class TraceRow:
    """One thing the tables did.

    `table` is the node's name; `rule` the matched rule's id (None for an expression node, or where no rule matched);
    `item` the row's place when the table runs once for each row of a list; `inputs` what was looked at, `outputs` what
    came of it, `reasons` the ids of the reasons that the rule gives.
    """

    table: str
    rule: str | None
    inputs: Mapping[str, Any]
    outputs: Mapping[str, Any]
    item: int | None = None
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What the tables answered, and every step on the way, in order."""

    result: Mapping[str, Any]
    trace: tuple[TraceRow, ...] = ()

    @property
    def reasons(self) -> list[tuple[str, int | None]]:
        """The reasons in the order they were given: (id, place in the list or None), each once."""
        return list(dict.fromkeys((reason, row.item) for row in self.trace for reason in row.reasons))


@dataclass(frozen=True)
class Table:
    """A decision, checked. `Table(jdm).evaluate(context) -> Outcome`; raises `RefusedTable` when it is made."""

    jdm: Mapping[str, Any]
    _decision: Any = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        found = problems(self.jdm)
        if found:
            raise RefusedTable("; ".join(found), found=tuple(found))
        object.__setattr__(self, "_decision", zen.ZenEngine().create_decision(json.dumps(self.jdm)))

    def evaluate(self, context: Mapping[str, Any]) -> Outcome:
        """Apply the tables to `context` (JSON values; amounts in whole øre under names ending in `_ore`).

        Raises `CannotDecide` when a value is missing or of the wrong kind, or an amount is not a whole number of øre.
        """
        try:
            expressions.exact(context)
            _only_whole_ore(context)
            answer = self._decision.evaluate(dict(context), {"trace": True})
            result = expressions.exact(answer["result"] or {})
            _only_whole_ore(result)
        except Exception as error:
            # Only the engine's own words: they name the expression and never the values.
            raise CannotDecide(str(error).partition("\n")[0][:300]) from None
        return Outcome(result=result, trace=tuple(self._trace(answer["trace"])))

    def _trace(self, trace: Mapping[str, Any]) -> Iterator[TraceRow]:
        nodes = {node["id"]: node for node in self.jdm["nodes"]}
        for step in sorted(trace.values(), key=lambda each: each["order"]):
            node = nodes[step["id"]]
            if node["type"] == "decisionTableNode":
                yield from _table_rows(node, step)
            elif node["type"] == "expressionNode":
                yield from _expression_rows(node, step)


def problems(jdm: Mapping[str, Any]) -> list[str]:
    """What is wrong with a decision, in sentences; empty when it may be used."""
    try:
        if len(json.dumps(jdm)) > LARGEST:
            return ["the decision is too large"]
        found = list(_graph_problems(jdm))
        for node in jdm["nodes"]:
            found += [f"{node.get('name', node.get('id'))}: {each}" for each in _node_problems(node)]
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        return [f"the decision is not JDM: {type(error).__name__} {error}"]
    return found


def reason_ids(jdm: Mapping[str, Any]) -> set[str]:
    """Every reason that some rule of the decision can give."""
    return {
        reason
        for node in jdm["nodes"]
        if node["type"] == "decisionTableNode"
        for rule in node["content"]["rules"]
        for reason in _reasons(node, rule)
    }


def _graph_problems(jdm: Mapping[str, Any]) -> Iterator[str]:
    nodes, edges = jdm["nodes"], jdm["edges"]
    ids = [node["id"] for node in nodes]
    names = [node["name"] for node in nodes]
    if len(set(ids)) != len(ids) or len(set(names)) != len(names):
        yield "two nodes have the same id or name"
    types = [node["type"] for node in nodes]
    if types.count("inputNode") != 1 or types.count("outputNode") != 1:
        yield "a decision has one input node and one output node"
    following: dict[str, list[str]] = {each: [] for each in ids}
    for edge in edges:
        if edge["sourceId"] not in following or edge["targetId"] not in following:
            yield f"the edge {edge.get('id')} leads to a node that does not exist"
        else:
            following[edge["sourceId"]].append(edge["targetId"])
    if _has_cycle(following):
        yield "the nodes go round in a circle"


def _has_cycle(following: Mapping[str, list[str]]) -> bool:
    """Take away, again and again, the nodes that lead to nothing more; what remains leads in a circle."""
    left = {node: set(targets) for node, targets in following.items()}
    while ends := [node for node, targets in left.items() if not targets & left.keys()]:
        for node in ends:
            del left[node]
    return bool(left)


def _node_problems(node: Mapping[str, Any]) -> Iterator[str]:
    kind, content = node["type"], node.get("content") or {}
    if kind not in _CONTENT:
        yield f"a {kind} is not allowed (only tables, expressions and switches)"
        return
    for key in content.keys() - _CONTENT[kind]:
        yield f"{key} is not allowed here"
    if content.get("executionMode", "single") not in ("single", "loop"):
        yield "executionMode is single or loop"
    if content.get("inputField"):
        yield from _expression_problems(content["inputField"])
    if content.get("outputPath") and not _PATH.fullmatch(content["outputPath"]):
        yield f"{content['outputPath']!r} is not a name"
    if kind == "decisionTableNode":
        yield from _table_problems(content)
    elif kind == "expressionNode":
        for each in content["expressions"]:
            if not _PATH.fullmatch(each["key"]):
                yield f"{each['key']!r} is not a name"
            yield from _expression_problems(each["value"])
    elif kind == "switchNode":
        for each in content["statements"]:
            yield from _expression_problems(each.get("condition") or "true")


def _table_problems(content: Mapping[str, Any]) -> Iterator[str]:
    if content.get("hitPolicy") not in ("first", "collect"):
        yield "hitPolicy is first or collect"
    for column in content["inputs"]:
        if column.get("field"):
            yield from _expression_problems(column["field"])
    for column in content["outputs"]:
        if not _PATH.fullmatch(column["field"]):
            yield f"{column['field']!r} is not a name"
    seen = set()
    columns = {column["id"] for column in [*content["inputs"], *content["outputs"]]}
    for rule in content["rules"]:
        name = rule.get("_id", "")
        if not _ID.fullmatch(name) or name in seen:
            yield f"the rule {name!r} needs an id of its own, in small letters with hyphens"
        seen.add(name)
        for key in rule.keys() - columns - {"_id", "_description"}:
            yield f"rule {name}: {key} is not a column"
        yield from (f"rule {name}: {each}" for each in _rule_problems(content, rule))


def _rule_problems(content: Mapping[str, Any], rule: Mapping[str, Any]) -> Iterator[str]:
    for column in content["inputs"]:
        if cell := rule.get(column["id"]):
            yield from _expression_problems(cell, unary=bool(column.get("field")))
    for column in content["outputs"]:
        cell = rule.get(column["id"])
        if not cell:
            continue
        yield from _expression_problems(cell)
        if column["field"] == REASON and not _TEXT_CELL.fullmatch(cell):
            yield "a reason is an id in quotes"


def _expression_problems(expression: str, *, unary: bool = False) -> Iterator[str]:
    try:
        expressions.check(expression, unary=unary)
    except expressions.RefusedExpression as error:
        yield str(error)


def _table_rows(node: Mapping[str, Any], step: Mapping[str, Any]) -> Iterator[TraceRow]:
    content = node["content"]
    loop = content.get("executionMode") == "loop"
    rules = {rule["_id"]: rule for rule in content["rules"]}
    for item, hit in enumerate(_hits(step["traceData"], loop)):
        for each in hit if isinstance(hit, list) else [hit]:
            if not each:
                continue
            name = each["rule"]["_id"]
            yield TraceRow(
                table=node["name"],
                rule=name,
                inputs=expressions.exact(each.get("reference_map") or {}),
                outputs=_outputs(content, step["output"], item if loop else None),
                item=item if loop else None,
                reasons=_reasons(node, rules[name]),
            )


def _hits(data: Any, loop: bool) -> list[Any]:
    """The engine's trace: one hit (first), a list of hits (collect), or a list of these for each row (loop)."""
    if data is None:
        return []
    if loop:
        return list(data)
    return [data]


def _outputs(content: Mapping[str, Any], output: Any, item: int | None) -> dict[str, Any]:
    """The values that the table's output columns got (an empty dict when the table collects into a list)."""
    at = output or {}
    for part in filter(None, (content.get("outputPath") or "").split(".")):
        at = at.get(part) if isinstance(at, Mapping) else None
    if item is not None:
        at = at[item] if isinstance(at, list) and item < len(at) else {}
    if not isinstance(at, Mapping):
        return {}
    found = {column["field"]: _follow(at, column["field"]) for column in content["outputs"]}
    return expressions.exact(found)


def _follow(value: Any, path: str) -> Any:
    for part in path.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _expression_rows(node: Mapping[str, Any], step: Mapping[str, Any]) -> Iterator[TraceRow]:
    data = step["traceData"] or {}
    loop = isinstance(data, list)
    for item, each in enumerate(data if loop else [data]):
        outputs = {key: expressions.exact((value or {}).get("result")) for key, value in each.items()}
        yield TraceRow(node["name"], None, {}, outputs, item if loop else None)


def _reasons(node: Mapping[str, Any], rule: Mapping[str, Any]) -> tuple[str, ...]:
    found = []
    for column in node["content"]["outputs"]:
        match = _TEXT_CELL.fullmatch(rule.get(column["id"]) or "")
        if column["field"] == REASON and match:
            found.append(match[1] or match[2] or "")
    return tuple(filter(None, found))


def _only_whole_ore(value: Any) -> None:
    if isinstance(value, Mapping):
        for key, each in value.items():
            if str(key).endswith("_ore") and isinstance(each, float):
                raise ValueError(f"{key} is not a whole number of øre")
            _only_whole_ore(each)
    elif isinstance(value, list | tuple):
        for each in value:
            _only_whole_ore(each)
