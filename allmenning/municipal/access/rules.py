"""Who may do what in a case, and why: one table of rules over facts.

The caller gathers the facts; the table answers with yes or no and the reason. `Working.case_condition` is the same rule
as SQL for lists, and a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Facts:
    """What is known of one person, one action and one case."""

    action: str  # read, handle, decide, approve
    works_here: bool  # employed, or under a dated mandate stored here
    relation: str  # assigned, substitute, leader, unit, archive, or nothing
    roles: frozenset[str]
    purpose: str
    is_own_case: bool = False
    is_delegated: bool = True
    is_drafter: bool = False


@dataclass(frozen=True)
class Verdict:
    allowed: bool
    reason: str


@dataclass(frozen=True)
class Rule:
    reason: str
    refuses: Callable[[Facts], bool]
    actions: frozenset[str] = frozenset({"read", "handle", "decide", "approve"})


RULES: tuple[Rule, ...] = (
    Rule("not-staff-here", lambda f: not f.works_here),
    Rule("own-case", lambda f: f.is_own_case),  # disqualification, forvaltningsloven § 6
    Rule("no-relation", lambda f: not f.relation),
    Rule("no-purpose", lambda f: not f.purpose),
    Rule(
        "only-reads",
        lambda f: f.relation == "archive" or f.roles <= {"archivist"},
        frozenset({"handle", "decide", "approve"}),
    ),
    Rule("not-delegated", lambda f: not f.is_delegated, frozenset({"decide", "approve"})),
    Rule("same-person", lambda f: f.is_drafter, frozenset({"approve"})),
)


def judge(facts: Facts) -> Verdict:
    """The first rule that refuses decides; otherwise the relation is the reason for yes."""
    for rule in RULES:
        if facts.action in rule.actions and rule.refuses(facts):
            return Verdict(False, rule.reason)
    return Verdict(True, facts.relation)
