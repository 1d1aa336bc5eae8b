"""Each job says which municipality and area it is for, each queue has a worker, and what is put in the outbox is done."""

import ast
import inspect
import re
from pathlib import Path

from procrastinate.contrib.django import app

from allmenning.journeys import delivering, jobs, outbox, rendering  # noqa: F401  (they register their handlers)

PACKAGE = Path(__file__).resolve().parents[2] / "allmenning"
# Looks in every municipality for what was not woken. Carries nothing but the time.
SWEEPS = {"sweep", "figures", "look", "tidy", "export", "receive"}
_KIND = re.compile(r"[a-z]+(-[a-z]+)*")


def tasks():
    # Procrastinate's own housekeeping tasks are not ours.
    return {name: task for name, task in app.tasks.items() if task.func.__module__.startswith("allmenning.")}


def sources():
    paths = [path for path in PACKAGE.rglob("*.py") if not {"tests", "migrations"} & set(path.parts)]
    return [ast.parse(path.read_text("utf-8")) for path in paths]


def kinds_put_in_the_outbox():
    """The first of each (kind, id) pair in a function that puts something in the outbox."""
    for tree in sources():
        # `_what_remains` and the like make pairs for another function of their module.
        called = {getattr(n, "attr", getattr(n, "id", "")) for n in ast.walk(tree)}
        if not {"put_in_outbox", "remaining", "send_letter"} & called:
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Tuple) and len(node.elts) == 2 and isinstance(node.elts[1], ast.Attribute):
                first, second = node.elts
                if isinstance(first, ast.Constant) and isinstance(first.value, str) and second.attr.endswith("id"):
                    yield first.value


def test_every_job_names_its_municipality_and_area_or_is_a_sweep():
    assert tasks()
    for name, task in tasks().items():
        expected = ["timestamp"] if name in SWEEPS else ["municipality", "area"]
        assert list(inspect.signature(task.func).parameters) == expected, name


def test_a_job_carries_nothing_else():
    """Rows are the queue; a job with a name or a number in it would put a person into the commons."""
    for name, task in tasks().items():
        assert task.queueing_lock in (None, name)
        assert not task.pass_context


def test_every_queue_has_a_worker():
    assert {task.queue for task in tasks().values()} == {*jobs.QUEUES, *jobs.EXPORTS}
    assert jobs.export.lock == "export", "one at a time, however long it takes"


def test_whatever_is_put_in_the_outbox_has_a_handler_and_every_handler_is_used():
    kinds = set(kinds_put_in_the_outbox())
    assert all(_KIND.fullmatch(kind) for kind in kinds)
    assert kinds == set(outbox.kinds())


def test_a_row_of_an_unknown_kind_waits_and_stops_nobody(municipality_a):
    from allmenning.basics.identifiers import uuid7
    from allmenning.municipal.post.models import Outbox
    from allmenning.tenancy import use

    with use(municipality_a, "care"):
        Outbox.objects.create(area="care", kind="from-a-newer-version", object_id=uuid7())
    assert outbox.drain(municipality_a, "care") == 0
    with use(municipality_a, "care"):
        assert Outbox.objects.get().last_error == "KeyError"
