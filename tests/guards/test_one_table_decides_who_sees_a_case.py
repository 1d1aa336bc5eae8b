"""Access to cases is decided by `municipal/access/rules.py` and nowhere else: no page, query, export, job or call of the API
compares roles, keys, units or scopes for itself, and each function that finds a case asks the table, or says whose case it is.
"""

import ast
import re
from collections.abc import Iterator
from enum import StrEnum
from functools import cache

import pytest
from django.apps import apps

from .calls import defined, definitions, modules, named_in, resolved, users, uses

# What tells who somebody is. Reading one of these is the beginning of a rule of one's own.
TELLING = {
    *("roles", "all_roles", "roles_in", "units_with", "near", "near_addresses", "named_as", "partial_in"),
    *("home_keys", "named_keys"),
    *("broken_glass", "own_key", "covered_units", "substitutes_for", "is_strictly_protected", "scopes"),
    *("followed_services", "lent", "mandate"),
}
KNOWN = {
    "journeys/concerned.py": "keeps with a case what the rules ask of it",
    "journeys/due_list.py": "shows what was met too late to who leads the unit, in cases that the rules let them see",
    "journeys/leading.py": "counts for who leads a unit, in cases that the rules let them see",
    "journeys/own_cases.py": "gives a case that is opened from another what the rules ask of that one",
    "journeys/printing.py": "counts nothing for who has no position",
    "journeys/reporting.py": "reports from the units that one leads, in cases that the rules let them report",
    "journeys/reviewing.py": "notes whether it was a leader who did it",
    "municipal/access/queries.py": "puts together what the rules ask of a person",
    "municipal/access/relations.py": "the rules' relations, in Python and in SQL",
    "municipal/access/rules.py": "the table",
    "municipal/cases/models.py": "answers what the rules ask of a case",
    "municipal/cases/queries.py": "the view `mine`: filters within what the rules let one see",
}

# How the table is asked: its own functions, and those that ask it for others, each of which is held to that.
TABLE = {f"municipal.access.rules.{name}" for name in ("judge", "condition", "reviewable", "may_review")}
ASK_FOR_OTHERS = {
    *("journeys.casework.verdict", "journeys.casework.require", "journeys.casework._document"),
    *("journeys.deciding.may_issue", "journeys.disqualifying.may_be_given", "journeys.protecting._may_open"),
    *("journeys.following.may", "journeys.following._its", "journeys.printing._theirs", "journeys.printing._visible"),
    *("journeys.printing._waiting", "journeys.paying._theirs"),
    *("journeys.recording.readable", "journeys.recording._writable"),
    "municipal.cases.queries.theirs",
}


class Reason(StrEnum):
    """Why something that finds rows of a case need not ask the table. There are no others."""

    OWN = "shows residents their own, by their keys: the database shows them no others"
    NOTHING_SHOWN = "does what a case itself makes necessary, and shows nothing to anybody"
    RECEIPT = "tells who has sent or registered something its number and what comes next, by the id of their draft"
    FOR_THE_RULES = "tells the rules who somebody is, and them alone"
    ID_ALONE = "tells a case's id alone, and the glass is broken by the rules"


# Where a way in begins at which nobody of the staff, and no other system, is shown anything.
BEGINS = {
    "doors.portal.": Reason.OWN,
    "doors.cli.": Reason.NOTHING_SHOWN,
    "journeys.jobs.": Reason.NOTHING_SHOWN,
}
BEGINS_BY = {  # a function that is given to it: a job for one case, and what moves a case's deadlines
    "journeys.outbox.handles": Reason.NOTHING_SHOWN,
    "journeys.deadlines.tells_deadlines": Reason.NOTHING_SHOWN,
}
NEED_NOT_ASK = {
    "journeys.breaking_glass.case_by_number": Reason.ID_ALONE,
    "journeys.disqualifying._look_back": Reason.NOTHING_SHOWN,
    "journeys.disqualifying.tell_of_refusal": Reason.NOTHING_SHOWN,
    "journeys.participants._told_by_consent": Reason.NOTHING_SHOWN,  # of a case that was opened: whether a letter goes
    "journeys.participants.role_of_sender": Reason.NOTHING_SHOWN,  # of the same: which letter it is
    "journeys.reviewing.note": Reason.NOTHING_SHOWN,
    "municipal.access.queries._at_work": Reason.FOR_THE_RULES,
    "journeys.registering.receipt_for": Reason.RECEIPT,
    "journeys.registering.what_happens_next": Reason.RECEIPT,
}


def sources():
    for name, tree in modules().items():
        yield f"{name.replace('.', '/')}.py", tree


def of_working(node: ast.Attribute) -> bool:
    """`working.roles`, `at.working.roles`, `case.is_strictly_protected`; not `each.roles` of a register."""
    held = node.value
    return (isinstance(held, ast.Name) and held.id in ("working", "colleague", "case", "w", "c")) or (
        isinstance(held, ast.Attribute) and held.attr == "working"
    )


def who_tells() -> set[str]:
    """The modules that read what tells who somebody is."""
    return {
        name
        for name, tree in sources()
        for node in ast.walk(tree)
        if (isinstance(node, ast.Attribute) and node.attr in TELLING and of_working(node))
        or (isinstance(node, ast.FunctionDef) and node.name == "is_strictly_protected")
    }


@cache
def of_cases() -> dict[str, str]:
    """The models whose rows are of a case, and their tables."""
    return {
        f"{model.__module__}.{model.__name__}".removeprefix("allmenning."): model._meta.db_table
        for model in apps.get_models()
        if model.__module__.startswith("allmenning.municipal.")
        and (model.__name__ == "Case" or any(each.attname == "case_id" for each in model._meta.concrete_fields))
    }


def finds(module: str, code: ast.AST) -> bool:
    """Whether some code asks for rows of cases: by a model, or by a table in SQL."""
    tables = re.compile(rf"\b(?:from|join|update)\s+(?:{'|'.join(of_cases().values())})\b", re.IGNORECASE)
    return any(
        (isinstance(node, ast.Attribute) and node.attr == "objects" and resolved(module, node.value) in of_cases())
        or (isinstance(node, ast.Constant) and isinstance(node.value, str) and tables.search(node.value))
        for node in ast.walk(code)
    )


@cache
def finders() -> frozenset[str]:
    return frozenset(name for module, name, code in definitions() if finds(module, code))


def asks(name: str) -> bool:
    """Whether it names the table, or one that asks for others; at a door, also one that asks by itself."""
    asked = TABLE | ASK_FOR_OTHERS
    if name.startswith("doors."):
        return any(each in asked or bool(uses().get(each, frozenset()) & asked) for each in uses()[name])
    return bool(uses()[name] & asked)


def need_not_ask(name: str) -> bool:
    module, _, last = name.rpartition(".")
    given_to = {resolved(module, each) for each in ast.walk(defined(module)[last])}
    return name in NEED_NOT_ASK or name.startswith(tuple(BEGINS)) or bool(given_to & set(BEGINS_BY))


def ways_in(name: str, below: tuple[str, ...] = ()) -> Iterator[str]:
    """The ways to it, from below, on which nobody asks: each to where it begins."""
    if asks(name) or need_not_ask(name):
        return
    above = {each for each in users().get(name, ()) if not each.endswith("urls.urlpatterns") and each not in below}
    if not above and not users().get(name, frozenset()) & set(below):
        yield " < ".join((*below, name))
    for each in sorted(above):
        yield from ways_in(each, (*below, name))


def test_nobody_else_decides():
    assert who_tells() == set(KNOWN), "let the table in municipal/access/rules.py decide, and take the verdict"


def test_whoever_finds_a_case_asks_the_table_or_says_whose_it_is(record_property):
    """It asks, or everybody who uses it does; or the way in to it begins where no rule is needed, with the reason. That it
    heeds the answer is tried in `test_every_journey_refuses_who_may_not`.
    """
    unasked = {way for name in finders() for way in ways_in(name)}
    assert not unasked, "ask the rules, or say here why not"
    asking = sum(asks(name) for name in finders())
    record_property(
        "told",
        f"who finds rows of a case: {len(finders())} definitions, of {len(of_cases())} models; {asking} ask the table, the rest"
        f" are used by who asks, or by {len(NEED_NOT_ASK)} that say why not",
    )


@pytest.mark.parametrize("name", sorted(ASK_FOR_OTHERS))
def test_who_asks_for_others_does_ask(name):
    assert uses()[name] & (TABLE | ASK_FOR_OTHERS)


@pytest.mark.parametrize("name", sorted(NEED_NOT_ASK))
def test_nothing_is_excused_that_needs_no_excuse(name):
    """It is there, it does not ask, and it finds something or uses what does."""
    assert not asks(name)
    assert name in finders() or uses()[name] & finders()


def test_no_other_code_lets_a_system_in_by_itself():
    """`Client.handles` says which services a system is told of. Of cases the table decides."""
    named = {name for name, tree in sources() if "client.handles(" in ast.unparse(tree)}
    assert named == {"journeys/published.py"}


def test_the_guard_sees_a_rule_of_ones_own():
    tree = ast.parse("def f(at, case):\n    return 'leader' in at.working.all_roles or case.is_strictly_protected")
    assert sum(isinstance(n, ast.Attribute) and n.attr in TELLING and of_working(n) for n in ast.walk(tree)) == 2


def test_the_guard_sees_who_finds_and_is_not_told_that_somebody_asks():
    """A word in a text, or another's function of the same name, is no question to the table."""
    code = ast.parse('def f(client):\n    """condition("""\n    client.may("x")\n    return Note.objects.all()')
    assert finds("municipal.cases.queries", code)
    assert not named_in("municipal.cases.queries", code) & (TABLE | ASK_FOR_OTHERS)
    assert finds("journeys.reviewing", ast.parse("'select * from access_logentry'"))
    assert "municipal.access.rules.judge" in named_in("journeys.reviewing", ast.parse("judge(Facts())"))
    assert {"Document", "Submission", "Message", "Note", "Decision", "LogEntry", "RegistryEntry", "Case"} <= {
        name.rpartition(".")[2] for name in of_cases()
    }
