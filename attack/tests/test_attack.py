"""What `bin/attack` does at length, briefly; and that it would notice."""

import pytest

from attack.canaries import Scope
from attack.roles import Role
from attack.run import KINDS, run
from attack.scene import set_up


@pytest.fixture
def scene(services, registers, municipality_a, municipality_b):
    with set_up(registers) as scene:
        yield scene


def test_whatever_is_tried_nothing_leaks_and_nothing_tells(scene, record_property):
    kinds = [kind for kind in KINDS if kind not in ("protected", "folders")]  # which have tests of their own
    tally = run(scene, kinds, brief=True)
    assert tally.said == []
    assert tally.attempts.total() > 1000
    assert all(tally.attempts[kind] for kind in kinds)
    leaked = f"{tally.rows_leaked.total()} rows leaked, {tally.hints.total()} hints"
    record_property("told", f"what is another's: {tally.attempts.total():,} attempts of {len(kinds)} kinds, {leaked}")


def test_one_who_sees_what_is_not_theirs_is_noticed(scene, monkeypatch):
    """The same attack, told that nobody may see anything: every page that shows somebody their own is then a leak."""
    sees = Role.sees
    monkeypatch.setattr(Role, "sees", lambda self, scope, path="": not path and sees(self, scope))
    tally = run(scene, ["addresses"], brief=True)
    assert tally.rows_leaked["addresses"]
    assert not tally.is_clean


def test_a_canary_is_found_wherever_it_stands(scene):
    scope = Scope("averoy", "care", "someone")
    word = scene.canaries.of(scope, "a text")
    assert scene.canaries.found_in(f"<p>{word.upper()}</p>") == [(scope, "a text")]
    assert scene.canaries.found_in(f"<p>{word}</p>", [f"/search/?q={word}"]) == []
