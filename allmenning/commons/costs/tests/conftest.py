from pathlib import Path

import pytest

from allmenning.commons.costs import actions, queries
from allmenning.commons.municipalities.testing import loaded_register, register

__all__ = ["loaded_register", "orkide", "register"]
ROOT = Path(__file__).resolve().parents[4]


@pytest.fixture
def orkide(register: None):
    """The agreement of IKT Orkidé, published: thirteen share the year 2013."""
    path = ROOT / "agreements/ikt-orkide.yaml"
    actions.publish(path.read_text("utf-8"), file=path.name, by="tests")
    return queries.agreement("ikt-orkide").agreement
