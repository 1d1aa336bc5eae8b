"""A service that keeps records of every kind, for tests: the inquiry's folder with `tests/keeping` in it."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

from allmenning.commons.catalogue import actions as catalogue
from allmenning.commons.catalogue.content import ServicePackage
from allmenning.commons.catalogue.reading import from_files, read_folder
from allmenning.tenancy import use

from .. import administering
from ..testing import SERVICES, Place

KEEPING = Path(__file__).resolve().parents[3] / "tests" / "keeping"
SERVICE = "keeping"
# A measure is to be evaluated on the day that it says, and what belongs to it meets that day.
EVALUATION = """deadlines:
  - id: evaluation
    title: {nb: Evaluere tiltaket, nn: Evaluere tiltaket, en: Evaluate the measure}
    duration: P0D
    starts: record.measure.due_on
    pauses: false
    met_by: [record:evaluation]
    shown_to_sender: false
"""


def files() -> dict[str, str]:
    """The folder's files: what `check_files` takes."""
    own = {path.relative_to(KEEPING).as_posix(): path.read_text("utf-8") for path in sorted(KEEPING.rglob("*.*"))}
    folder = read_folder(SERVICES / "inquiry")
    # One service alone takes whatever no other does.
    about = re.sub(r"(?m)^takes_anything:.*\n", "", folder["service.yaml"]).replace("deadlines:\n", EVALUATION)
    return {**folder, "service.yaml": re.sub(r"(?m)^id: inquiry$", f"id: {SERVICE}", about), **own}


@cache
def package() -> ServicePackage:
    return from_files(files())


def offer(place: Place) -> None:
    """The place offers the service, and its one unit handles it."""
    catalogue.publish(package(), by="test")
    by: Any = administering.OPERATOR
    with use(place.id, "administration"):
        administering.adopt(by, SERVICE, package().version, {})
        administering.route(by, SERVICE, "", place.unit.id)
