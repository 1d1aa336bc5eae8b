"""Every row of the log has a purpose of the one table, and with it a legal basis: in code by its name, and in what is written."""

import ast
from pathlib import Path

import allmenning
from allmenning.doors.api.testing import system
from allmenning.doors.desk.testing import at_desk, send_inquiry
from allmenning.journeys.testing import ALICE
from allmenning.municipal.access.models import LogEntry
from allmenning.municipal.access.purposes import PURPOSES
from allmenning.tenancy import use

PACKAGE = Path(allmenning.__file__).parent
LONGEST = LogEntry._meta.get_field("legal_basis").max_length


def named() -> set[str]:
    """The purposes that journeys name: `purpose="archive"`, and `PURPOSE = "review"`."""
    found = set()
    for path in (PACKAGE / "journeys").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.keyword) and node.arg == "purpose" and isinstance(node.value, ast.Constant):
                found.add(node.value.value)
            is_named = isinstance(node, ast.Assign) and any(getattr(t, "id", "") == "PURPOSE" for t in node.targets)
            if is_named and isinstance(node.value, ast.Constant):
                found.add(node.value.value)
    return found


def test_every_purpose_that_is_named_is_in_the_table():
    assert {"case-handling", "review", "integration"} <= named() <= set(PURPOSES)


def test_every_purpose_has_a_legal_basis_that_a_row_holds():
    assert [each.id for each in PURPOSES.values() if not 0 < len(each.legal_basis) <= LONGEST] == []


def test_every_row_has_it_whoever_reads_or_changes(averoy):
    receipt = send_inquiry(averoy)
    alice = at_desk(averoy, ALICE)
    alice.get(f"/desk/cases/{receipt.case_id}/")
    alice.post(f"/desk/cases/{receipt.case_id}/note/", {"note": "Ringte."})
    system(averoy.id).get(f"/cases/{receipt.case_id}")
    with use(averoy.id, "ordinary"):
        rows = list(LogEntry.objects.all())
    assert {row.actor_kind for row in rows} == {"resident", "staff", "client"}
    assert {row.action for row in rows} >= {"submit", "read", "note", "look-up"}
    assert [row for row in rows if row.legal_basis != PURPOSES[row.purpose].legal_basis] == []
