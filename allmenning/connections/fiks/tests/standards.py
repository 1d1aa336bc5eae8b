"""The publishers' schemas, where they lie beside the project."""

import os
from functools import cache
from pathlib import Path

import pytest

from allmenning.connections.fiks.contracts import Schemas


@cache
def folder():
    told = os.environ.get("ALLMENNING_STANDARDS")
    parents = Path(__file__).resolve().parents
    # From a worktree, the shared folder is beside the repository's own parent.
    places = [Path(told)] if told else [parent / "shared" / "standards" for parent in parents]
    return next((place / "fiks" for place in places if (place / "fiks").is_dir()), None)


def schemas():
    """Skips, where they are not here; in CI that is a failure."""
    if folder() is None:
        reason = "the publishers' schemas are not here (set ALLMENNING_STANDARDS)"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    return Schemas(folder())
