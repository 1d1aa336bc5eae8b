import pytest

from sandbox.app import Sandbox
from sandbox.testing import BASE, Norway


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory):
    return Sandbox(tmp_path_factory.mktemp("sandbox"), BASE)


@pytest.fixture
def norway(sandbox):
    """The sandbox, well-behaved at the start of each test."""
    sandbox.state.faults.clear()
    sandbox.state.messages.clear()
    sandbox.state.packages.clear()
    return Norway(sandbox)
