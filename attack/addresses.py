"""Every address × method × role × the ids of another municipality, area or resident.

Nothing of theirs may come out, nothing of theirs may change, and what is theirs must look exactly as what is not there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.converters import IntConverter, UUIDConverter

from allmenning.basics.identifiers import uuid7
from allmenning.tenancy import use

from .canaries import ADMINISTRATION, Scope
from .roles import Role, entitled, roles_of
from .rows import models_of
from .scene import Scene
from .tally import Tally

KIND = "addresses"
METHODS = ("get", "post", "head", "put", "patch", "delete", "options")
# The model that an id in an address is of, where the keyword does not name it.
_MODELS = {"staff": "staffmember", "attachment": "attachment", "series": "record"}
SLUGS = {
    "service": "inquiry",
    "page_id": "you",
    "topic_id": "helse",
    "cooperation": "orkidekommunene",
    "year": "2026",
    "size": "small",
    "kind_id": "measure",
    "first": "1",
    "last": "1",
    "number": "1",
}
# What the forms of the pages send, all at once: enough to come past the first check of each.
TYPED: dict[str, Any] = {
    "purpose": "case-handling",
    "text": "prøve",
    "revision": "1",
    "_revision": "1",
    "to": "",
    "step": "reply",
    "due": "2030-01-01",
    "reason": "returned",
    "outcome": "answered",
    "confirm": "yes",
    "/subject": "prøve",
}
_A_COLLEAGUES = (
    "Whoever works in an area and has the link to a case that another unit of it handles is told so, and nothing of it;"
    " the attempt is refused by the rule table, not by the database."
)
_TOKEN = re.compile(rb'(csrfmiddlewaretoken"? value=")[^"]*|nonce="[^"]*')


def addresses(patterns: list | None = None, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every address of every door, as the resolver knows them, with its pattern."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, prefix + str(pattern.pattern))
        else:
            yield prefix + str(pattern.pattern), pattern


def attack(scene: Scene, tally: Tally, brief: bool = False) -> None:
    """Try them all; `brief`: GET and POST, a few roles, one owner."""
    fill_caches(scene)
    roles = roles_of(scene)
    for role in (roles[1], roles[6], roles[7], roles[12], roles[-1]) if brief else roles:
        before = rows_of(scene, role)
        for address, pattern in addresses():
            _Address(address, pattern, scene, tally, role).try_all(METHODS[:2] if brief else METHODS, brief)
        for table in changed(before, rows_of(scene, role)):
            tally.leaked(KIND, f"{role.name} changed a row of {table}")


def fill_caches(scene: Scene) -> None:
    """Let those whose rows they are see their pages first: a cache that mixes people up would show them to the next."""
    for role in entitled(scene):
        scope = next(each for each in scene.ids if role.sees(each))
        for _, pattern in addresses():
            role.ask("get", filled(pattern, values(scene, pattern, scope, scope.municipality)))


Rows = dict[tuple[str, UUID], str]


def rows_of(scene: Scene, role: Role) -> Rows:
    """Every row that a role has no part in, as text, by table and id."""
    held: Rows = {}
    for municipality in scene.places:
        theirs = {pk for s, by in scene.ids.items() if not role.sees(s, "/desk/") for ids in by.values() for pk in ids}
        with use(municipality, "owner"):
            for model in models_of("area", "own", "shared"):
                for row in model._base_manager.filter(pk__in=theirs).values():
                    held[model._meta.label, row["id"]] = repr(sorted(row.items()))
    return held


def changed(before: Rows, after: Rows) -> list[str]:
    """Tables with a row that was changed or removed."""
    return sorted({label for (label, pk), row in before.items() if after.get((label, pk)) != row})


class _Address:
    """One address, tried by one role."""

    def __init__(self, address: str, pattern: URLPattern, scene: Scene, tally: Tally, role: Role) -> None:
        self.address, self.pattern = address, pattern
        self.scene, self.tally, self.role = scene, tally, role
        self.names = list(pattern.pattern.converters)
        self.uuids = [name for name in self.names if is_id(pattern, name)]

    def try_all(self, methods: tuple[str, ...], brief: bool) -> None:
        told: dict[tuple[Any, ...], tuple[Any, ...]] = {}
        for scope in self._victims(brief):
            for municipality in {scope.municipality, self.role.municipality or scope.municipality}:
                for mixed in self._mixes():
                    for method in methods:
                        self._try(scope, municipality, mixed, method, told)

    def _victims(self, brief: bool) -> list[Scope]:
        if not self.uuids:
            return [next(iter(self.scene.ids))]
        found = [scope for scope in self.scene.ids if not self.role.sees(scope, self.address)]
        held = [scope for scope in found if all(self.scene.ids[scope].get(model_of(n)) for n in self.uuids)]
        # All that was lived, and of the rows that were made one of each area.
        lived = [scope for scope in held if scope.whose in self.scene.parties or scope.area == ADMINISTRATION]
        made = [scope for scope in held if scope.whose == "another"]
        return (lived or made)[:1] if brief else lived + made[:2]

    def _mixes(self) -> list[tuple[str, ...]]:
        """Which ids are the role's own: none, or all but one (an own case with another's document)."""
        own = self._own()
        if own is None or len(self.uuids) < 2:
            return [()]
        return [(), *(tuple(n for n in self.uuids if n != foreign) for foreign in self.uuids)]

    def _own(self) -> Scope | None:
        own = (s for s in self.scene.ids if self.role.sees(s) and s.whose in self.scene.parties)
        return next((s for s in own if all(self.scene.ids[s].get(model_of(n)) for n in self.uuids)), None)

    def _try(self, scope: Scope, municipality: str, mixed: tuple[str, ...], method: str, told: dict) -> None:
        theirs = values(self.scene, self.pattern, scope, municipality)
        own = self._own()
        mine = values(self.scene, self.pattern, own, municipality) if own else {}
        theirs |= {name: mine[name] for name in mixed}
        nothing = theirs | {name: uuid7() for name in self.uuids if name not in mixed}
        answer = self._ask(method, theirs)
        if not self.uuids:
            return
        key = (method, municipality, mixed)
        if key not in told:
            told[key] = _shape(self._ask(method, nothing), nothing)
        if (scope.municipality, scope.area) == (self.role.municipality, self.role.colleagues):
            self.tally.knows(_A_COLLEAGUES)
        elif _shape(answer, theirs) != told[key]:
            self.tally.hinted(KIND, f"{self._who(method, theirs)} looks other than what is not there")

    def _ask(self, method: str, values: dict[str, Any]) -> HttpResponse:
        path = filled(self.pattern, values)
        answer = self.role.ask(method, path, TYPED if method == "post" else None)
        self.tally.tried(KIND)
        seen = answer.content + repr(answer.headers).encode()
        for scope, what in self.scene.canaries.found_in(seen, [path]):
            if not self.role.sees(scope, path):
                self.tally.leaked(KIND, f"{what} of {scope} in {self._who(method, values)}")
        if answer.status_code >= 500 and answer.status_code != 503:
            self.tally.hinted(KIND, f"{self._who(method, values)} failed ({answer.status_code})")
        return answer

    def _who(self, method: str, values: dict[str, Any]) -> str:
        return f"{self.role.name}: {method.upper()} {filled(self.pattern, values)}"


def is_id(pattern: URLPattern, keyword: str) -> bool:
    """Whether a part of an address is a row's id: by its converter, or by its name where the door checks it itself."""
    return isinstance(pattern.pattern.converters[keyword], UUIDConverter) or keyword in ("case", "document", "client")


def model_of(keyword: str) -> str:
    """The name of the model that an id in an address is of."""
    name = keyword.removesuffix("_id")
    return _MODELS.get(name, name)


def values(scene: Scene, pattern: URLPattern, scope: Scope, municipality: str) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, converter in pattern.pattern.converters.items():
        if is_id(pattern, name):
            values[name] = next(iter(scene.ids[scope].get(model_of(name), [])), UUID(int=0))
        elif name == "municipality":
            values[name] = municipality
        else:
            values[name] = slug(name, converter)
    return values


def slug(name: str, converter: object) -> str:
    """What stands in an address for a part that is no row's id: a known one, or one that its converter takes."""
    return SLUGS.get(name, "1" if isinstance(converter, IntConverter) else "x")


def filled(pattern: URLPattern, values: dict[str, Any]) -> str:
    """The address with these values in it, in bokmål."""
    from django.urls import reverse

    view = _names_of_views()[pattern]
    return reverse(view, kwargs=values)


_known: dict[URLPattern, str] = {}


def _names_of_views() -> dict[URLPattern, str]:
    if not _known:
        _known.update(_named(get_resolver().url_patterns, ""))
    return _known


def _named(patterns: list, space: str) -> Iterator[tuple[URLPattern, str]]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from _named(pattern.url_patterns, inner)
        else:
            yield pattern, f"{space}{pattern.name}"


def _shape(answer: HttpResponse, values: dict[str, Any]) -> tuple[Any, ...]:
    """What an answer tells, whichever ids were asked for."""
    content, headers = answer.content, repr(sorted(answer.headers.items())).encode()
    for value in values.values():
        if isinstance(value, UUID):
            for text in (str(value).encode(), value.hex.encode()):
                content, headers = content.replace(text, b"ID"), headers.replace(text, b"ID")
    return answer.status_code, _TOKEN.sub(b"", content), headers
