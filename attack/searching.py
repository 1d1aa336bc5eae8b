"""Search, lists and exports: another's words and numbers must find nothing, and no filter may exhaust the server."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from django.http import HttpResponse

from allmenning.municipal.cases.models import Case
from allmenning.tenancy import use

from .addresses import addresses, filled
from .canaries import Scope
from .roles import Role, roles_of
from .scene import Scene
from .tally import Tally

KIND = "search"
_SEALED = re.compile(rb'find=[^"&]+|(csrfmiddlewaretoken"? value=")[^"]*')
_EXAMPLE = b"2026/17"  # in the help text of the desk's search
PARAMETERS = (
    "q",
    "for",
    "in",
    "view",
    "sort",
    "after",
    "before",
    "service",
    "state",
    "year",
    "measure",
    "page",
    "next",
)
GUESSED = (
    "limit",
    "offset",
    "fields",
    "include",
    "expand",
    "filter",
    "ordering",
    "area",
    "municipality",
    "owner",
    "id",
)
# Between them they come to every list that there is.
_MANY_PAGES = ("stranger", "resident", "staff elsewhere", "administrator", "machine client elsewhere")
SECONDS, BYTES = 2.0, 1_500_000
_EXHAUSTING = (
    "%" * 20_000,
    "a" * 100_000,
    "(a+)+$" * 500,
    "æ" * 5_000,
    " ".join(["kommune"] * 5_000),
    " ".join(chr(97 + n % 26) for n in range(5_000)),
    "9" * 5_000,
    "-1",
    "1e308",
    "' or 1=1 --",
    "*",
    "__all__",
    "../" * 1_000,
    "\u0301" * 5_000,
    "ﷺ" * 2_000,
)


def attack(scene: Scene, tally: Tally, brief: bool = False) -> None:
    """Each role searches for what is another's; then asks for too much."""
    roles = roles_of(scene)
    for role in roles[6:8] if brief else roles:
        for scope, word in list(_words(scene, role))[:: 40 if brief else 1]:
            _seek(scene, tally, role, scope, word)
    for role in [role for role in roles if role.name in _MANY_PAGES][: 2 if brief else None]:
        _exhaust(scene, tally, role, brief)


def _words(scene: Scene, role: Role) -> Iterator[tuple[Scope, str]]:
    """Names, numbers, case numbers and words of those whose cases this role does not see."""
    for number, scope in scene.canaries.numbers.items():
        if not role.sees(scope):
            yield scope, number
    for word, (scope, what) in scene.canaries.planted.items():
        if "." not in what and not role.sees(scope):  # what was lived; other words stand in no index
            yield scope, word
    for municipality in scene.places:
        with use(municipality, "owner"):
            cases = list(Case.objects.exclude(sequence=None))
        for case in cases:
            scope = Scope(municipality, case.area, "somebody's")
            if role.area not in (None, "ordinary", "care"):  # the others have a case of that number themselves
                yield scope, case.number
            if case.area != role.area or municipality != role.municipality:
                yield scope, str(case.id)


def _seek(scene: Scene, tally: Tally, role: Role, scope: Scope, word: str) -> None:
    nothing = f"{word}9876" if "/" in word else "kanarifugl" + word[-8:][::-1]
    for ask in (
        lambda text: role.ask("post", "/desk/find/", {"text": text}),
        lambda text: _found(role, text),
        lambda text: role.ask("get", "/search/", {"q": text}),
        lambda text: role.ask("get", "/desk/", {"after": text, "service": text, "state": text}),
    ):
        tally.tried(KIND)
        answer, empty = ask(word), ask(nothing)
        for whose, what in scene.canaries.found_in(answer.content, [word]):
            if not role.sees(whose, "/desk/"):
                tally.leaked(KIND, f"{what} of {whose} found by {role.name}")
        if shape(answer, word) != shape(empty, nothing):
            tally.hinted(KIND, f"{role.name} seeks {word!r} of {scope}, and it looks other than a word of nobody's")


def _found(role: Role, text: str) -> HttpResponse:
    """The page that a search of the desk leads to."""
    there = role.ask("post", "/desk/find/", {"text": text})
    return role.ask("get", there.get("Location", "/desk/"))


def shape(answer: HttpResponse, word: str) -> tuple[Any, ...]:
    """What an answer to a search tells, whichever word was sought."""
    text = _SEALED.sub(b"", answer.content).replace(_EXAMPLE, b"")
    once = quote(word, safe="")
    for written in (quote(once), once, quote(word), word):  # in an address within an address, and so on
        text = text.replace(written.encode(), b"WORD")
    return answer.status_code, text, answer.get("Location", "").partition("?")[0]


def _exhaust(scene: Scene, tally: Tally, role: Role, brief: bool) -> None:
    """Filters that a user supplies: however large or odd, an answer within a time and of a size."""
    lists = [pattern for _, pattern in addresses() if not pattern.pattern.converters]
    for pattern in lists[:: 12 if brief else 1]:
        path = filled(pattern, {})
        if any(word in path for word in ("logout", "login", "metrics")):
            continue
        for hostile in _EXHAUSTING[:: 5 if brief else 1]:
            # A server takes no address above 64 kB: one long value, or many shorter ones.
            _in_time(scene, tally, role, path, {"q": hostile[:20_000]})
            _in_time(scene, tally, role, path, dict.fromkeys((*PARAMETERS, *GUESSED), hostile[:800]))
        _in_time(scene, tally, role, path, {"q": ["x"] * 900, "service": ["inquiry"] * 900})


def _in_time(scene: Scene, tally: Tally, role: Role, path: str, asked: dict[str, Any]) -> None:
    tally.tried(KIND)
    begun = time.process_time()
    answer = role.ask("get", path, asked)
    used = time.process_time() - begun
    what = f"{role.name}: {path} with {next(iter(asked.values()))!r:.40}"
    if used > SECONDS:
        tally.hinted(KIND, f"{what} used {used:.1f} s")
    if len(answer.content) > BYTES:
        tally.hinted(KIND, f"{what} answered with {len(answer.content):,} bytes")
    if answer.status_code >= 500:
        tally.hinted(KIND, f"{what} failed ({answer.status_code})")
    for scope, seen in scene.canaries.found_in(answer.content):
        if not role.sees(scope, path):
            tally.leaked(KIND, f"{seen} of {scope} in {what}")
