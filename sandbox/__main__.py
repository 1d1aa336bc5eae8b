"""`python -m sandbox --port 8090 --data .demo/sandbox`: Norway, offline, until it is stopped."""

from __future__ import annotations

import argparse
import logging
import signal
import socketserver
import sys
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer


class _Server(socketserver.ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Addresses hold identity numbers, synthetic as they are: keep the habit of not logging them."""


def main(arguments: list[str] | None = None) -> int:
    """Serve until SIGINT or SIGTERM. Returns the exit code: 2 when a port is in use."""
    parser = argparse.ArgumentParser(
        prog="python -m sandbox", description="Stands in for the state's services, with synthetic people."
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8090)
    parser.add_argument("--smtp-port", type=int, help="default: the port above --port")
    parser.add_argument("--base-url", help="how clients reach it; default http://localhost:<port>")
    parser.add_argument(
        "--data", type=Path, default=Path(".demo/sandbox"), help="folder for its key, client keys and messages"
    )
    parser.add_argument(
        "--client-origin",
        action="append",
        default=[],
        help="where a client elsewhere may be, e.g. https://demo.example",
    )
    given = parser.parse_args(arguments)
    logging.basicConfig(level=logging.WARNING)
    smtp_port = given.smtp_port if given.smtp_port is not None else given.port + 1
    # Imported late so that `--help` and a wrong argument answer at once.
    from .app import Sandbox
    from .configuration import write_configuration
    from .messages import MailServer

    base_url = given.base_url or f"http://localhost:{given.port}"
    sandbox = Sandbox(given.data, base_url, tuple(given.client_origin))
    try:
        server = _Server((given.host, given.port), _Quiet)
        mail = MailServer((given.host, smtp_port), sandbox.state)
    except OSError as failure:
        print(
            f"The sandbox can't use port {given.port} or {smtp_port}: {failure.strerror}. Choose another with --port.",
            file=sys.stderr,
        )
        return 2
    write_configuration(base_url, given.data, mail.server_address[1])
    server.set_app(sandbox)
    mail.start()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _stop)
    print(f"Norway, offline: {base_url}/  (mail on port {smtp_port})", flush=True)
    try:
        server.serve_forever()
    except _Stopped:
        pass
    finally:
        mail.shutdown()
        server.server_close()
    return 0


class _Stopped(BaseException):
    """A signal asked the sandbox to stop."""


def _stop(*_: object) -> None:
    raise _Stopped


if __name__ == "__main__":
    sys.exit(main())
