"""Access to cases is decided by `municipal/access/rules.py` and nowhere else: no other code compares roles, keys or units."""

import ast
from pathlib import Path

import allmenning

PACKAGE = Path(allmenning.__file__).parent
ROOMS = ("journeys", "doors", "municipal/cases", "municipal/documents", "municipal/post", "municipal/forms")

# What tells who somebody is. Reading one of these is the beginning of a rule of one's own.
TELLING = {"roles", "all_roles", "roles_in", "units_with", "near", "near_addresses", "near_streets", "partial_in"} | {
    "broken_glass",
    "own_key",
    "covered_units",
    "substitutes_for",
    "is_strictly_protected",
}
KNOWN = {
    "doors/desk/views/deciding.py": "shows which outcomes have been delegated to one's roles",
    "journeys/deciding.py": "who may decide what (kommuneloven § 13-1): whose roles the delegations name",
    "journeys/disqualifying.py": "gathers what the rules ask for: whose address is one's own",
    "journeys/printing.py": "counts nothing for who has no position",
    "journeys/protecting.py": "who lowers a protection, and opens a strict one",
    "journeys/reviewing.py": "notes whether it was a leader who did it",
    "municipal/cases/models.py": "answers what the rules ask of a case",
    "municipal/cases/queries.py": "the view `mine`: filters within what the rules let one see",
}


def sources():
    for room in ROOMS:
        for path in sorted((PACKAGE / room).rglob("*.py")):
            if not {"tests", "migrations"} & set(path.parts) and path.name != "testing.py":
                yield str(path.relative_to(PACKAGE)), ast.parse(path.read_text("utf-8"))


def of_working(node: ast.Attribute) -> bool:
    """`working.roles`, `at.working.roles`, `view.working.roles`; not `each.roles` of a register."""
    held = node.value
    return (isinstance(held, ast.Name) and held.id in ("working", "case")) or (
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


def test_nobody_else_decides():
    assert who_tells() == set(KNOWN), "let the table in municipal/access/rules.py decide, and take the verdict"


def test_cases_are_listed_for_staff_by_the_rules_alone():
    """Where a function is given who works (`working`) and asks for cases, it takes the condition from the rules."""
    by_id = {"get", "in_bulk", "select_for_update", "filter_by_id"}
    wrong = []
    for name, tree in sources():
        for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
            given = {each.arg for each in (*function.args.args, *function.args.kwonlyargs)}
            text = ast.unparse(function)
            lists = "Case.objects" in text and not any(f"Case.objects.{way}(" in text for way in by_id)
            if "working" in given and lists and "theirs(working" not in text and "require" not in text:
                wrong.append(f"{name}:{function.name}")
    assert [each for each in wrong if each not in LISTED_OTHERWISE] == []


LISTED_OTHERWISE = {"journeys/printing.py:queue"}  # the cases of letters that `_visible` found, by the rules


def test_the_guard_sees_a_rule_of_ones_own():
    tree = ast.parse("def f(at, case):\n    return 'leader' in at.working.all_roles or case.is_strictly_protected")
    assert sum(isinstance(n, ast.Attribute) and n.attr in TELLING and of_working(n) for n in ast.walk(tree)) == 2
