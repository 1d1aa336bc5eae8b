"""The cheap client reads every form in which a server may answer."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from joserfc.jwk import ECKey

from bench.client import Client
from bench.wire import ConnectionLost, Wire

Serve = Callable[..., str]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Answer each connection with the next of these bytes, whatever is asked. Returns the URL."""
    listener = socket.create_server(("127.0.0.1", 0))

    def answer(answers: tuple[bytes, ...]) -> None:
        for each in answers:
            connected, _ = listener.accept()
            connected.recv(65536)
            for n in range(0, len(each), 7):  # in small pieces, as a network may
                connected.sendall(each[n : n + 7])
            connected.close()

    def start(*answers: bytes) -> str:
        threading.Thread(target=answer, args=(answers,), daemon=True).start()
        return f"http://127.0.0.1:{listener.getsockname()[1]}"

    yield start
    listener.close()


def test_a_body_of_known_length(serve: Serve) -> None:
    url = serve(b"HTTP/1.1 201 Created\r\nContent-Length: 13\r\nX-A: 1\r\nX-A: 2\r\n\r\n" + b'{"case": "x"}')
    answer = Wire(url).request("POST", "/", b"{}")
    assert (answer.status, answer.headers["x-a"], answer.json()) == (201, "1\n2", {"case": "x"})


def test_a_body_in_chunks(serve: Serve) -> None:
    url = serve(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nHello\r\n7\r\n, there\r\n0\r\n\r\n")
    assert Wire(url).request("GET", "/").body == b"Hello, there"


def test_a_body_that_ends_with_the_connection(serve: Serve) -> None:
    assert Wire(serve(b"HTTP/1.1 200 OK\r\n\r\nto the end")).request("GET", "/").body == b"to the end"


def test_an_answer_that_was_cut_off_is_no_answer_and_the_next_request_begins_anew(serve: Serve) -> None:
    wire = Wire(serve(b"HTTP/1.1 201 Created\r\nContent-Length: 50\r\n\r\nhalf", b"HTTP/1.1 204 No Content\r\n\r\n"))
    with pytest.raises(ConnectionLost):
        wire.request("POST", "/")
    assert wire.request("POST", "/").status == 204


def test_a_copy_of_a_client_has_a_connection_of_its_own() -> None:
    """Threads that shared one read each other's answers."""
    client = Client("http://localhost:1", "some", ECKey.generate_key("P-256"), "http://localhost:1/token")
    held = client.wire
    assert replace(client).wire is not held
    assert replace(client).id == client.id
