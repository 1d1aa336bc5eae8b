"""Caches: of the process, of templates, of browsers and of what stands between. Personal pages are kept by nobody."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import resolve

from .addresses import addresses, filled, values
from .roles import Role, entitled, roles_of
from .scene import Scene
from .tally import Tally

KIND = "caches"
_PAGES = {"", "text/html", "application/json", "application/problem+json", "text/plain", "text/csv"} | {
    "application/yaml",
    "application/vnd.oai.openapi",
}
# Drawn by us from text or from an image drawn anew: a letter, a sample of one, a logo.
_MADE_HERE = {"desk:letter", "desk:print-letter", "desk:administration-sample", "desk:administration-logo"} | {
    "desk:picture",
    "desk:attached-picture",
    "portal:my-case-picture",
    "portal:code-case-picture",
    "portal:attached-picture",
}
# What a cache on the way might believe that an answer depends on.
_POISON = {
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Prefix": "/evil",
    "X-Original-URL": "/desk/",
    "X-Rewrite-URL": "/desk/",
    "X-HTTP-Method-Override": "DELETE",
    "Forwarded": "host=evil.example",
    "X-Forwarded-Proto": "https",
    "Accept-Language": "evil",
    "Origin": "https://evil.example",
}


def attack(scene: Scene, tally: Tally, brief: bool = False) -> None:
    """Each page as its owner, then as everybody else, in the same process; and what its headers let others keep."""
    others = roles_of(scene)
    for owner in entitled(scene):
        scopes = [scope for scope in scene.ids if owner.sees(scope) and scope.whose in scene.parties]
        for _, pattern in list(addresses())[:: 8 if brief else 1]:
            for scope in scopes[:1]:
                path = filled(pattern, values(scene, pattern, scope, scope.municipality))
                _judge(scene, tally, owner, path, owner.ask("get", path))
                for other in (others[1], others[6]) if brief else others:
                    _judge(scene, tally, other, path, other.ask("get", path))
    _poison(scene, tally, others[0], brief)


def _judge(scene: Scene, tally: Tally, role: Role, path: str, answer: HttpResponse) -> None:
    tally.tried(KIND)
    _judge_file(tally, path, answer)
    shown = scene.canaries.found_in(answer.content)
    for scope, what in shown:
        if not role.sees(scope, path):
            tally.leaked(KIND, f"{what} of {scope} shown to {role.name} after its owner at {path}")
    kept = answer.get("Cache-Control", "")
    personal = [what for scope, what in shown if scope.area not in ("published", "administration")]
    if personal and "no-store" not in kept:
        tally.hinted(KIND, f"{path} shows {personal[0]} and may be kept: {kept!r}")
    if not kept:
        tally.hinted(KIND, f"{path} does not say whether it may be kept")
    if "public" in kept and answer.cookies:
        tally.hinted(KIND, f"{path} sets a cookie and may be kept by all")


def _judge_file(tally: Tally, path: str, answer: HttpResponse) -> None:
    """What somebody sent is a download that no browser runs or guesses at; only what we make ourselves is shown."""
    kind = answer.get("Content-Type", "").partition(";")[0]
    if answer.status_code != 200 or kind in _PAGES:
        return
    tally.tried(KIND)
    if answer.get("X-Content-Type-Options") != "nosniff":
        tally.hinted(KIND, f"{path} lets its type be guessed")
    is_kept_apart = answer.get("Content-Disposition", "").startswith("attachment") and "sandbox" in answer.get(
        "Content-Security-Policy", ""
    )
    made_here = resolve(path).view_name in _MADE_HERE
    if not is_kept_apart and not made_here:
        tally.hinted(KIND, f"{path} is a file that a browser may show as ours")


def _poison(scene: Scene, tally: Tally, stranger: Role, brief: bool) -> None:
    """Headers of one visitor that would stand in the page of the next."""
    for _, pattern in list(addresses())[:: 10 if brief else 1]:
        if pattern.pattern.converters:
            continue
        path = filled(pattern, {})
        for name, value in _POISON.items():
            tally.tried(KIND)
            answer = stranger.client.get(path, headers={name: value})
            if b"evil" in answer.content or "evil" in repr(answer.headers):
                tally.hinted(KIND, f"{path} takes over {name}")
