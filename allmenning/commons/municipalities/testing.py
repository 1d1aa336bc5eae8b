"""A register for tests. `from allmenning.commons.municipalities.testing import register` in a room's conftest.py."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from allmenning.basics.memory import forget_everything

from . import actions


@pytest.fixture(scope="module")
def loaded_register(test_databases: Any, django_db_blocker: Any) -> Iterator[None]:
    """The whole register in the commons, for all tests of a module (0.4 s); they must not commit."""
    with django_db_blocker.unblock():
        actions.load_register()
        yield
        test_databases.clean("commons")
        forget_everything()


@pytest.fixture
def register(loaded_register: None, django_db_blocker: Any) -> Iterator[None]:
    """The whole register; what a test writes to the commons is rolled back."""
    forget_everything()
    with django_db_blocker.unblock(), transaction.atomic(using="commons"):
        yield
        transaction.set_rollback(True, using="commons")
    forget_everything()
