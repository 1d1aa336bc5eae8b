"""The process that waits with the libraries loaded, and makes a child of itself to look at files. See apart.py."""

from __future__ import annotations

import codecs
import encodings
import gc
import io
import json
import os
import pkgutil
import resource
import signal
import socket
import time
from contextlib import suppress
from dataclasses import asdict
from itertools import accumulate, pairwise
from typing import Any

import pikepdf
from lxml import etree
from PIL import Image

from allmenning.municipal.documents.errors import TooComplex, UnacceptableFile
from allmenning.municipal.documents.inspection import inspect, reencode_image
from allmenning.municipal.documents.inspection.apart import FILES_EACH, HEAD, SECONDS
from allmenning.municipal.documents.inspection.limits import MB, Limits
from allmenning.municipal.documents.inspection.pages import copy_pages, join

MEMORY = 1_500 * MB
CPU_SECONDS = 20


def wait(door: socket.socket) -> None:
    """Look at each file that comes, until whoever started us closes the door or is gone."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # children leave nothing behind
    _load_everything()
    gc.freeze()  # so that collecting garbage does not copy what the children share with us
    while True:
        _, descriptors, _, _ = socket.recv_fds(door, 1, 1)
        if not descriptors:
            return
        with socket.socket(fileno=descriptors[0]) as conversation:
            if os.fork() == 0:
                try:
                    _look(conversation)
                finally:
                    os._exit(0)


def _look(conversation: socket.socket) -> None:
    """In the child: one file after the other, each within limits. No answer is an answer too."""
    os.close(0)  # nobody else's conversation can reach us
    _bind()
    with conversation.makefile("rb") as said:
        while head := said.read(HEAD.size):
            _set_time_limits()
            question, content = (said.read(length) for length in HEAD.unpack(head))
            answer, made = _answer(json.loads(question), content)
            said_of_it = json.dumps(answer).encode()
            conversation.sendall(HEAD.pack(len(said_of_it), len(made)) + said_of_it + made)


def _load_everything() -> None:
    """A child can open no file, so whatever the libraries read when they are first used is read now."""
    for kind in ("PNG", "JPEG", "TIFF", "WEBP"):
        written = io.BytesIO()
        Image.new("RGB", (1, 1)).save(written, kind)
        inspect("", "", written.getvalue())
        reencode_image(written.getvalue())
    written = io.BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(written)
    inspect("", "", written.getvalue())
    copy_pages(written.getvalue(), [1])
    join([written.getvalue()])
    etree.fromstring(b"<a/>")
    for module in pkgutil.iter_modules(encodings.__path__):
        with suppress(LookupError, ImportError):  # some are other systems' alone
            codecs.lookup(module.name)


def _bind() -> None:
    """Not one more descriptor, so no file and no connection; not one more process; and an end to memory and time."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS * FILES_EACH))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    signal.alarm(SECONDS)


def _set_time_limits() -> None:
    """For the next file. Nobody kept waiting, a child ends as if the file took too long; the next one gets another."""
    resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time()) + CPU_SECONDS, CPU_SECONDS * FILES_EACH))
    signal.alarm(SECONDS)


def _answer(asked: dict[str, Any], content: bytes) -> tuple[dict[str, Any], bytes]:
    """What is said about the file, and what was made of it: a drawing, pages, or nothing."""
    limits = Limits(**asked["limits"])
    try:
        if asked["ask"] == "draw":
            return {}, reencode_image(content, asked["longest_side"], limits)
        if asked["ask"] == "pages":
            return {}, copy_pages(content, asked["numbers"])
        if asked["ask"] == "join":
            ends = accumulate(asked["lengths"], initial=0)
            return {}, join([content[start:end] for start, end in pairwise(ends)])
        return {"file": asdict(inspect(asked["name"], asked["declared_type"], content, limits))}, b""
    except UnacceptableFile as refusal:
        return {"refused": refusal.code, "params": refusal.params}, b""
    except (MemoryError, RecursionError):
        return {"refused": TooComplex.__name__, "params": {}}, b""


if __name__ == "__main__":
    wait(socket.socket(fileno=0))
