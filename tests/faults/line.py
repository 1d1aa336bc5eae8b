"""A line to the database that can be cut, fall silent, or lose an answer, as lines in life do."""

from __future__ import annotations

import contextlib
import socket
import threading


class Line:
    """Listens at a port of its own and passes everything on to a server, and back."""

    def __init__(self, host: str, port: int) -> None:
        self._server = (host, port)
        self._ends: set[socket.socket] = set()
        self._flows = threading.Event()
        self._flows.set()
        self._is_cut = False
        self._losing = b""
        self.lost = 0
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Nobody gets through, and who was through is cut off: the server is stopped, or killed."""
        self._is_cut = True
        self._hang_up()

    def fall_silent(self) -> None:
        """Whatever is sent arrives nowhere, and nobody is told: the server is frozen, or its machine is."""
        self._flows.clear()

    def lose_the_answer_to(self, said: bytes) -> None:
        """Pass this on, once, and cut the line before the answer: what was asked for is done, and nobody knows."""
        self._losing = said

    def mend(self) -> None:
        self._is_cut = False
        self._flows.set()

    def close(self) -> None:
        self._listening.close()
        self.cut()
        self._flows.set()

    def _hang_up(self) -> None:
        for end in list(self._ends):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        self._ends.clear()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            if self._is_cut:
                client.close()
                continue
            server = socket.create_connection(self._server)
            self._ends |= {client, server}
            answers = threading.Event()
            answers.set()
            threading.Thread(target=self._pass_on, args=(client, server, answers, True), daemon=True).start()
            threading.Thread(target=self._pass_on, args=(server, client, answers, False), daemon=True).start()

    def _pass_on(self, source: socket.socket, to: socket.socket, answers: threading.Event, asks: bool) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                self._flows.wait()
                if asks and self._losing and self._losing in data:
                    self._losing, self.lost = b"", self.lost + 1
                    answers.clear()
                if asks or answers.is_set():
                    to.sendall(data)
                else:
                    source.close()
                    break
        for end in (source, to):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
