"""YAML as people write data in it, without its surprises: the one way in which the platform reads YAML that is not its own code's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml

DEEPEST = 60  # YAML within YAML
Path = tuple[str | int, ...]


class _Loader(yaml.CSafeLoader):
    """Dates stay texts, `no` and `on` stay words (`no` is also a language), `0100` and `1:30` are texts and not 64 and 90, and
    neither repeated keys nor aliases (which can make a small file enormous) are taken. Read by libyaml, five times as fast."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        doubled = {str(key) for key in keys if keys.count(key) > 1}
        if doubled:
            raise yaml.YAMLError(f"written twice: {', '.join(sorted(doubled))}")
        return super().construct_mapping(node, deep)


_Loader.yaml_implicit_resolvers = {
    first: [
        (tag, pattern)
        for tag, pattern in resolvers
        if tag not in {f"tag:yaml.org,2002:{kind}" for kind in ("timestamp", "bool", "int", "float")}
    ]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:int", re.compile(r"^[-+]?(?:0|[1-9][0-9]{0,99})$"), list("-+0123456789")
)
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"^[-+]?(?:0|[1-9][0-9]*)\.[0-9]*(?:[eE][-+][0-9]+)?$"), list("-+0123456789")
)


def read_yaml(text: str) -> Any:
    """Read YAML as plain data. Raises `yaml.YAMLError`."""
    _look_through(text)
    return yaml.load(text, Loader=_Loader)  # noqa: S506 (a safe loader)  # nosec B506


def lines_of(text: str) -> dict[Path, int]:
    """The line, from 1, on which each value stands, by the way to it: `("rules", 0, "from")`. For text that `read_yaml` took."""
    return dict(_lines(yaml.compose(text, Loader=_Loader), ()))


def _lines(node: Any, path: Path) -> Iterator[tuple[Path, int]]:
    if node is None:
        return
    yield path, node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from _lines(value, (*path, key.value))
            yield (*path, key.value), key.start_mark.line + 1
    elif isinstance(node, yaml.SequenceNode):
        for place, each in enumerate(node.value):
            yield from _lines(each, (*path, place))


def _look_through(text: str) -> None:
    """Refuse aliases, and what is nested so deep that libyaml's own stack would not hold it."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.AliasEvent):
            raise yaml.YAMLError("aliases are not allowed")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise yaml.YAMLError("nested too deep")
