"""Schemathesis finds nothing, briefly: `bin/fuzz` runs the same at length."""

from allmenning.doors.api import contract
from allmenning.doors.api.testing import served, system
from fuzz.run import run


def test_schemathesis_finds_nothing(averoy):
    ours = system(averoy.id)
    with served() as url:
        tally = run(url, lambda: ours.log_in().token, examples=3, seed=17)

    assert "\n".join(tally.failures.values()) == ""
    assert len(tally.operations) == len(contract.operations())
    assert tally.statuses[201] > 0, "no application got in, so little was tried"
