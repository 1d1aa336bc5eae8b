"""Access to cases is decided by `municipal/access/rules.py` and nowhere else: no page, query, export, job or call of the API
compares roles, keys, units or scopes for itself, and each function that finds a case asks the table, or says whose case it is.
"""

import ast
import re
from pathlib import Path

import allmenning

PACKAGE = Path(allmenning.__file__).parent

# What tells who somebody is. Reading one of these is the beginning of a rule of one's own.
TELLING = {
    *("roles", "all_roles", "roles_in", "units_with", "near", "near_addresses", "near_streets", "partial_in"),
    *("broken_glass", "own_key", "covered_units", "substitutes_for", "is_strictly_protected", "scopes"),
    *("followed_services", "lent", "mandate"),
}
KNOWN = {
    "journeys/casework.py": "asks where an applicant lives only for who has a home that is known",
    "journeys/disqualifying.py": "the same, of who a case is given to",
    "journeys/printing.py": "counts nothing for who has no position",
    "journeys/reviewing.py": "notes whether it was a leader who did it",
    "municipal/access/relations.py": "the rules' relations, in Python and in SQL",
    "municipal/access/rules.py": "the table",
    "municipal/cases/models.py": "answers what the rules ask of a case",
    "municipal/cases/queries.py": "the view `mine`: filters within what the rules let one see",
}

# How a case is found, and how the table is asked.
FINDS = re.compile(r"\bCase\.objects\b|\bcase_for\(|\b(cases|case_actions)\.locked\(|\bcases_of_owner\(|\bcases_case\b")
ASKS = re.compile(
    r"\b(_?require(_telling)?|verdict|judge|theirs|may|may_issue|may_be_given|_may_open|condition|reviewable)\("
)

OWN = "a resident's own, by their keys: the database shows them no others"
JOB = "a job does what the case itself makes necessary, and shows it to nobody"
INNER = "is called by who has asked"
FINDS_WITHOUT_ASKING = {
    OWN: """
        doors/portal/views/receipt_code.py:_open journeys/my_data.py:of_municipality journeys/my_data.py:size_of journeys/my_log.py:_log
        journeys/my_page.py:_mine journeys/my_page.py:open_mine journeys/my_page.py:read_letter
        journeys/my_page.py:_document journeys/registering.py:receipt_for journeys/registering.py:what_happens_next
        journeys/dialogue.py:answer journeys/dialogue.py:send_more journeys/dialogue.py:withdraw
        journeys/asking_for_access.py:ask journeys/asking_for_access.py:complain
        journeys/dialogue.py:appeal journeys/dialogue.py:ask_for_a_person journeys/applying_at_once.py:_receipt_of
        municipal/cases/queries.py:cases_of_owner""",
    JOB: """
        journeys/deadlines.py:recount_after journeys/deciding.py:is_untouched journeys/deciding.py:decide_by_itself
        journeys/delivering.py:note_presence journeys/delivering.py:deliver journeys/delivering.py:notify
        journeys/delivering.py:_back_to_a_person journeys/rendering.py:render_waiting journeys/protecting.py:protect
        journeys/proposing.py:confirm_with_registers journeys/disqualifying.py:_look_back
        journeys/standing_out.py:_homes_of journeys/standing_out.py:_left_out
        journeys/erasing.py:erase_case journeys/erasing.py:_destroy journeys/erasing.py:_fall_away journeys/sweeping.py:forget_people
        journeys/stuck.py:_paths journeys/asking_anew.py:_owners journeys/asking_anew.py:_raise""",
    INNER: """
        journeys/dialogue.py:ask journeys/dialogue.py:send_preliminary_reply journeys/printing.py:queue
        journeys/protecting.py:hide_subjects municipal/cases/actions.py:change
        municipal/cases/actions.py:set_deadline municipal/cases/actions.py:locked municipal/cases/queries.py:case_for
        municipal/cases/queries.py:changes
        journeys/disqualifying.py:tell_of_refusal journeys/disposing.py:_found""",
    "records that what another parent began was left out, and shows it to nobody": "journeys/my_log.py:_record_other_parents",
    "tells the id alone, and the glass is broken by the rules": "journeys/breaking_glass.py:case_by_number",
}


def sources():
    for path in sorted(PACKAGE.rglob("*.py")):
        if not {"tests", "migrations"} & set(path.parts) and path.name != "testing.py":
            yield str(path.relative_to(PACKAGE)), ast.parse(path.read_text("utf-8"))


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


def finders() -> dict[str, bool]:
    """Each function that finds a case, and whether it asks the table."""
    return {
        f"{name}:{function.name}": bool(ASKS.search(text))
        for name, tree in sources()
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef) and FINDS.search(text := ast.unparse(function))
    }


def test_nobody_else_decides():
    assert who_tells() == set(KNOWN), "let the table in municipal/access/rules.py decide, and take the verdict"


def test_whoever_finds_a_case_asks_the_table_or_says_whose_it_is(record_property):
    found, known = finders(), {name for names in FINDS_WITHOUT_ASKING.values() for name in names.split()}
    assert {name for name, asks in found.items() if not asks} == known, "ask the rules, or say here whose case it is"
    asking = sum(found.values())
    record_property(
        "told", f"who finds a case: {len(found)} functions, {asking} ask the table, {len(known)} say why not"
    )


def test_no_other_code_lets_a_system_in_by_itself():
    """`Client.handles` says which services a system is told of. Of cases the table decides."""
    named = {name for name, tree in sources() if "client.handles(" in ast.unparse(tree)}
    assert named == {"journeys/published.py"}


def test_the_guard_sees_a_rule_of_ones_own():
    tree = ast.parse("def f(at, case):\n    return 'leader' in at.working.all_roles or case.is_strictly_protected")
    assert sum(isinstance(n, ast.Attribute) and n.attr in TELLING and of_working(n) for n in ast.walk(tree)) == 2
    assert FINDS.search("Case.objects.get(id=1)")
    assert not ASKS.search("may_send_more(case)")
