"""Schemathesis finds nothing, briefly: `bin/fuzz` runs the same at length."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler

from allmenning.doors.api import contract
from allmenning.doors.api.testing import system
from allmenning.project.wsgi import application
from fuzz.run import run


class Quiet(WSGIRequestHandler):
    def log_message(self, *_):
        pass


@contextmanager
def served() -> Iterator[str]:
    """The application of this process, with its databases, over HTTP."""
    server = ThreadedWSGIServer(("127.0.0.1", 0), Quiet)
    server.set_app(application)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_schemathesis_finds_nothing(averoy):
    ours = system(averoy.id)
    with served() as url:
        tally = run(url, lambda: ours.log_in().token, examples=3, seed=17)

    assert "\n".join(tally.failures.values()) == ""
    assert len(tally.operations) == len(contract.operations())
    assert tally.statuses[201] > 0, "no application got in, so little was tried"
