"""What is sent, decided and kept in each folder of the areas that are kept apart is shown to nobody else; and a crawl would find it."""

import pytest

from attack import folders
from attack.roles import Role
from attack.run import run
from attack.scene import set_up
from attack.tally import Tally


@pytest.fixture
def scene(services, registers, municipality_a, municipality_b):
    with set_up(registers) as scene:
        yield scene


def test_nothing_of_the_four_services_is_shown_to_others(scene, record_property):
    tally = run(scene, ["folders", "sweep"], brief=True)
    assert tally.said == []
    told = tally.told["folders"]
    assert all(f"{service}: " in told for service in folders.EXAMPLES)
    record_property("told", f"the four services: {told}; {tally.rows_leaked.total()} hits")


def test_one_who_sees_what_is_not_theirs_is_noticed(scene, monkeypatch):
    """Those who work in an area look at its lists, and are taken for people who may see nothing."""
    monkeypatch.setattr(Role, "sees", lambda self, scope, path="": False)
    tally = Tally()
    shown = folders.attack(scene, tally, brief=True)
    assert tally.rows_leaked[folders.KIND]
    assert all(shown[service] for service in folders.EXAMPLES)
    kept = {scope.whose: ids for scope, ids in scene.ids.items() if scope.whose.startswith("sender of ")}
    assert all(ids["record"] for ids in kept.values())
    assert sum(bool(ids["consent"]) for ids in kept.values()) == 3
    assert {"why there is a result", "a note", "concern"} <= set(shown)
