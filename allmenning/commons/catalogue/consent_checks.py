"""What must be true of the consents that a service asks for: what they name is there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from allmenning.commons.catalogue.consents import LETTERS
from allmenning.commons.catalogue.content import APPLICANT, ConsentKind, ServicePackage

Lint = Callable[[str], Iterator[str]]  # what is wrong with an expression
Measure = Callable[[ServicePackage, str], Iterator[str]]


def consent_problems(package: ServicePackage, lint: Lint, measure: Measure) -> Iterator[tuple[str, str]]:
    """Each problem as (where, message)."""
    for kind in package.consents:
        yield from ((f"/consents/{kind.id}", message) for message in _problems(package, kind, lint, measure))


def _problems(package: ServicePackage, kind: ConsentKind, lint: Lint, measure: Measure) -> Iterator[str]:
    parties = {each.id for each in package.parties}
    for name in sorted({*kind.given_by, *kind.gives} - parties - {APPLICANT}):
        yield f"there is no party {name}"
    for name in sorted(set(kind.gives) - set(kind.given_by)):
        yield f"{name} is not among those who may give it (given_by)"
    for expression in (kind.how_many, *kind.gives.values()):
        yield from lint(expression)
    yield from _form_problems(package, kind)
    for word in kind.needed_before:
        what, _, name = word.partition(":")
        there = {"step": package.all_steps, "outcome": {each.id for each in package.outcomes}, "letter": parties}
        if name not in there[what]:
            yield f"there is no {'party' if what == 'letter' else what} {name}"
        elif what == "step" and getattr(package.all_steps[name], "automatic", False):
            yield f"the step {name} is done by itself, so nobody could be told that it needs a consent"
        elif what == "outcome" and package.decides_by_itself:
            yield "a service that decides by itself asks nobody whether there is a consent"
    if kind.lets and kind.lets not in parties:
        yield f"there is no party {kind.lets}"
    scopes = {scope for record in package.records for scope in record.seen_by} | {LETTERS}
    for scope in sorted(set(kind.sees) - scopes):
        yield f"records.yaml lets nobody see {scope} (seen_by)"
    if kind.measured_by:
        yield from measure(package, kind.measured_by)


def _form_problems(package: ServicePackage, kind: ConsentKind) -> Iterator[str]:
    fields: dict[str, Any] = dict(package.form_schema.get("properties", {}))
    if kind.given_on and "date" not in (
        fields.get(kind.given_on, {}).get("x-format"),
        fields.get(kind.given_on, {}).get("format"),
    ):
        yield f"the form has no date {kind.given_on}"
    if kind.document and fields.get(kind.document, {}).get("items", {}).get("x-format") != "file":
        yield f"the form has no files {kind.document}"
