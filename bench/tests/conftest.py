from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.stand import System, stand


@pytest.fixture(scope="session")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """A whole system with one municipality, without a worker, for all tests of a run."""
    folder: Path = tmp_path_factory.mktemp("stand")
    with stand(folder, ["averoy"], workers=1, start=("sandbox", "web")) as system:
        yield system
