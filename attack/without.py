"""A pytest plugin that takes one guard out of this process, before the tests are collected: `ATTACK_WITHOUT=<name>`.

Used by `attack/taken_out.py` alone. Databases are named after the guard, so that no other run meets them.
"""

from __future__ import annotations

import hashlib
import os

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session: pytest.Session) -> None:
    from allmenning.tenancy import testing

    from .guards import GUARDS

    name = os.environ["ATTACK_WITHOUT"]
    state = f"without {name} {testing.state_of_the_code()}"
    testing.state_of_the_code = lambda: hashlib.sha256(state.encode()).hexdigest()[:12]  # type: ignore[assignment]
    next(guard for guard in GUARDS if guard.name == name).take_out()
