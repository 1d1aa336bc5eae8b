"""Who steals what a running system has on its disks, or reads what its programs were told, learns nothing of anybody.

A whole system is set up and lived in: people send applications with files, staff look for them, open and answer, others ask for
what is not there. Then everything is taken: a dump of each database, the database's own files and write-ahead log, the data
folder (files, keys, the keeper's and the witnesses'), a back-up, what every program has said, and the environment and command
line of each process. The sandbox is left out: it is the rest of Norway, which knows its people.

What is looked for are names, numbers, addresses and what was written, in each form in which bytes are commonly written down.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

from allmenning.basics.errors import AllmenningError
from allmenning.project import postgres
from bench import kinds, processes
from bench.people import people
from bench.stand import System, stand
from bench.wire import Wire

from . import living

KIND = "stolen"
TOWN = "averoy"
NAMES = ("Vigdis Kvernhusbekk", "Øyvor Åsgårdsletten", "Torgeir Fjøsneskrå")
OUTSIDE = "sandbox"
SETTLED_WITHIN = 120.0

Content = tuple[str, bytes]
"""Where something stands, and the bytes."""


class NotSettled(AllmenningError):
    """The worker has not done what waits after {seconds:.0f} seconds."""


def forms(text: str) -> Iterator[bytes]:
    """Every way in which a text may stand in a dump, a file or a log."""
    raw = text.encode()
    yield from (raw, text.upper().encode(), text.encode("utf-16-le"), text.encode("utf-16-be"))
    yield text.encode("latin-1", "ignore")
    yield from (raw.hex().encode(), raw.hex().upper().encode(), json.dumps(text)[1:-1].encode())
    yield from (quote(text).encode(), quote_plus(text).encode(), quote(text).lower().encode())
    for shift in range(3):  # base64 looks otherwise by where in the whole a text begins
        encoded = base64.b64encode(b"\0" * shift + raw)
        inner = encoded[(0, 2, 3)[shift] : len(encoded) // 4 * 4 - 4]
        yield from (inner, inner.replace(b"+", b"-").replace(b"/", b"_"))
    yield text[::-1].encode()


def hits(content: bytes, planted: Mapping[str, str]) -> list[tuple[str, bytes]]:
    """What was planted and stands in these bytes, and in which form."""
    return [(what, form) for what, text in planted.items() for form in sorted(set(forms(text))) if form in content]


@dataclass
class Found:
    """What was searched, and what was found: bytes and pieces by place; place, where, and what."""

    searched: Counter[str] = field(default_factory=Counter)
    pieces: Counter[str] = field(default_factory=Counter)
    forms: int = 0
    leaks: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def said(self) -> str:
        places = ", ".join(f"{place} {self.searched[place] / 1e6:,.1f} MB" for place in sorted(self.searched))
        return f"{self.forms} forms in {sum(self.pieces.values()):,} pieces: {places}"


def search(places: Mapping[str, Iterable[Content]], planted: Mapping[str, str]) -> Found:
    """Look for every form of everything planted, in everything that was taken."""
    found = Found(forms=sum(len(set(forms(text))) for text in planted.values()))
    for place, contents in places.items():
        for where, content in contents:
            found.pieces[place] += 1
            found.searched[place] += len(content)
            found.leaks += [(place, where, what) for what, _ in hits(content, planted)]
    return found


# --- what is taken ---


def places(system: System) -> dict[str, Iterable[Content]]:
    """Everything that a thief of disks, or a reader of process lists, gets of a system that runs."""
    folders = {path.name: path for path in sorted(system.folder.iterdir()) if path.is_dir() and path.name != OUTSIDE}
    logs = folders.pop("logs")
    folders.pop("postgres", None)  # its own place, which root's PostgreSQL has elsewhere
    return {
        "dumps of databases": dumps(system),
        "the database's files": below(data_directory(system)),
        **{f"folder {name}": below(path) for name, path in folders.items()},
        "what programs said": (each for each in below(logs) if OUTSIDE not in each[0]),
        "temporary files": temporary(system),
        "processes": told(system),
    }


def dumps(system: System) -> Iterator[Content]:
    """Each database of the server, by pg_dump."""
    with system.postgres.connect("commons") as connection:
        names = [name for (name,) in connection.execute("select datname from pg_database where datallowconn")]
    for name in names:
        assert system.postgres.server is not None
        command = [postgres.tool("pg_dump"), "--format=plain", system.postgres.server.superuser_dsn(name)]
        yield name, subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout  # noqa: S603


def data_directory(system: System) -> Path:
    """Where PostgreSQL has tables, indexes and the write-ahead log, which still tells of what was removed."""
    with system.postgres.connect("commons") as connection:
        connection.execute("checkpoint")
        found = connection.execute("show data_directory").fetchone()
    assert found is not None
    return Path(str(found[0]))


def write_pages_as_they_are(system: System) -> None:
    """Not compressed in the write-ahead log, where a search would miss what a thief need only unpack."""
    with system.postgres.connect("commons") as connection:
        connection.execute("alter system set wal_compression = off")
        connection.execute("select pg_reload_conf()")


def below(folder: Path) -> Iterator[Content]:
    """Content and name of every file below a folder."""
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        try:
            content = path.read_bytes() if path.is_file() else b""
        except OSError:  # a file that is gone by now, or a socket
            content = b""
        yield name, content + b"\n" + name.encode()


def told(system: System) -> Iterator[Content]:
    """Environment and command line of every process of the system's programs."""
    for program, first in system.processes.items():
        for pid in processes.tree(first) if program != OUTSIDE else ():
            for name in ("environ", "cmdline"):
                try:
                    yield f"{program} {name}", (Path("/proc") / str(pid) / name).read_bytes()
                except OSError:
                    continue


def temporary(system: System) -> Iterator[Content]:
    """What the web server counts in: named in the environment of its processes."""
    wanted = (b"PROMETHEUS_MULTIPROC_DIR=", b"ALLMENNING_RATE_LIMITS_FILE=")
    for _, content in told(system):
        for variable in content.split(b"\0"):
            if variable.startswith(wanted):
                path = Path(os.fsdecode(variable.partition(b"=")[2]))
                yield from below(path if path.is_dir() else path.parent)


def backed_up(system: System, folder: Path) -> Iterator[Content]:
    """A back-up of everything, sealed to a key that is not on the machine."""
    key = system.run("allmenning.doors.cli", "backup-key", str(folder / "private.key")).decode().split()[-1]
    (folder / "backup").mkdir()
    system.recipients = [key]
    system.restart("keeper")
    system.run("allmenning.doors.cli", "backup", str(folder / "backup"), "--to", key)
    yield from below(folder / "backup")


# --- what is lived ---


def planted() -> dict[str, str]:
    """What is looked for: of each of some people."""
    found: dict[str, str] = {}
    crowd = people()
    for number, name in enumerate(NAMES):
        found |= {
            f"name {number}": name,
            f"identity number {number}": next(crowd)[0],
            f"address {number}": f"Hemmeligveien 47{number}1",
            f"phone {number}": f"4740{number}51234",
            f"e-mail {number}": f"kvern{number}husbekk@eksempel.example",
            f"message {number}": f"blåbærsyltetøyet{number}",
            f"subject {number}": f"Kråkereirhaugen{number}",
            f"file {number}": f"legeerklæring-rygg-{number}",
        }
    found["number of whom somebody is partial to"] = next(crowd)[0]
    for area in living.ALL_AREAS:
        found |= living.words_of(area)
    return found


def live(system: System, secrets: Mapping[str, str]) -> None:
    """Everybody sends something with a file; staff look for them by name and number, open it and download; others try."""
    client, file = system.client(TOWN), kinds.attachment()
    cases = []
    for number, _ in enumerate(NAMES):
        mine = {what.rpartition(" ")[0]: text for what, text in secrets.items() if what.endswith(f" {number}")}
        answer = client.submit(_application(mine, file), f"stolen-{number}")
        assert answer.status == 201, answer.body
        cases.append(answer.json()["case_id"])
    staff = {"Cookie": json.loads(system.run("bench.inside", "sessions"))["service"]}
    with Wire(system.url) as wire:
        for text in secrets.values():
            wire.request("GET", f"/desk/?find={quote(text)}", headers=staff)
            wire.request("GET", f"/{TOWN}/{quote(text)}/", headers=staff)
            wire.request("GET", f"/search/?in={TOWN}&q={quote(text)}")
        for case in cases:
            wire.request("GET", f"/desk/cases/{case}/", headers=staff)
        broken = json.dumps({"applicant": [*secrets.values()]}).encode()
        for headers in ({}, client.headers()):
            kind = {"Content-Type": "application/json", "Idempotency-Key": "stolen-broken"}
            wire.request("POST", "/api/v1/applications", broken, {**headers, **kind})
    for case in cases:
        client.get(f"/api/v1/cases/{case}")
    _live_inside(system, secrets)
    settle(system)


def _live_inside(system: System, secrets: Mapping[str, str]) -> None:
    """What the API brings nothing of: the portal, drafts, sensitive areas, and what staff write (`living`)."""
    crowd = [number for number, _ in islice(people(), 50, 50 + 3 * len(living.ALL_AREAS))]
    told = {
        "number": secrets["identity number 0"],
        "name": secrets["name 0"],
        "partial_to": secrets["number of whom somebody is partial to"],
        "words": secrets,
        "staff": crowd,
    }
    system.run("attack.living", TOWN, input=json.dumps(told).encode())


def _application(mine: Mapping[str, str], file: bytes) -> dict[str, Any]:
    whole = kinds.application(file)
    text = f"Om {mine['message']}: jeg bor i {mine['address']}. Ring {mine['phone']}."
    subject = f"{mine['subject']}: {mine['name']} {mine['identity number']}, {mine['phone']}, {mine['address']}"
    answers = {**kinds.ANSWERS, "subject": subject, "message": text, "name": mine["name"], "email": mine["e-mail"]}
    applicant = {"kind": "person", "number": mine["identity number"], "name": mine["name"]}
    files = [{**each, "name": f"{mine['file']}.pdf"} for each in whole["attachments"]]
    return {**whole, "applicant": applicant, "answers": answers, "attachments": files}


def settle(system: System) -> None:
    """Until the worker has done what waits, and the log is sealed. Raises NotSettled."""
    until = time.monotonic() + SETTLED_WITHIN
    waiting = """select (select count(*) from post_outbox where done_at is null)
        + (select count(*) from access_logentry e where not exists (select from access_logleaf l where l.id = e.id))"""
    with system.connect(TOWN) as connection:
        while connection.execute(waiting).fetchone() != (0,):
            if time.monotonic() > until:
                raise NotSettled(seconds=SETTLED_WITHIN)
            time.sleep(0.2)


# --- the command ---


@contextmanager
def taken(say: Callable[[str], None]) -> Iterator[tuple[System, dict[str, str]]]:
    """A system that was lived in, and what was planted in it."""
    with tempfile.TemporaryDirectory(prefix="allmenning-stolen-") as folder:
        say("A whole system is set up and lived in")
        start = ("sandbox", "first-witness", "second-witness", "web", "worker")
        with stand(Path(folder) / "system", [TOWN], workers=2, start=start) as system:
            write_pages_as_they_are(system)
            secrets = planted()
            live(system, secrets)
            yield system, secrets
        postgres.forget(Path(folder) / "system" / "postgres")


def main(say: Callable[[str], None]) -> Found:
    """Steal everything of a system that runs, and look through it."""
    with taken(say) as (system, secrets), tempfile.TemporaryDirectory() as folder:
        say("Searching what was taken")
        found = search({**places(system), "a back-up": backed_up(system, Path(folder))}, secrets)
    for place, where, what in found.leaks[:100]:
        say(f"LEAK  {KIND}: {what} in {place}: {where}")
    say(f"{KIND:<12}{found.said}")
    say(f"{len(found.leaks)} found")
    return found
