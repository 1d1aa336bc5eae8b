"""What is measured: each kind sets its clients to work on a system, and yields a row for each thing that it measured."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import re
import secrets
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import islice
from typing import Any
from urllib.parse import quote

import pikepdf
from PIL import Image, ImageFilter

from demo.screen import Screen

from . import limit as limits
from . import processes
from .client import Client
from .measuring import Failed, Load, Measured, count_statements, measure, percentile
from .people import people
from .recording import Session, record_warm
from .stand import System
from .wire import Answer, Wire

CASES = 200_000
TOWNS = ("averoy", "smola", "kristiansund")  # where one of the demo's residents has cases in all three
OPEN_A_CASE, MY_PAGE = "open a case", f"my page, {len(TOWNS)} municipalities"
CLIENTS = (1, 8)
MOST_PER_S = 1_500  # submissions of one client: so many people are made ready for each second
LIMIT_SECONDS = 4
SEARCHES = (
    "barnehage pris",
    "redusert foreldrebetaling",
    "bostøtte",
    "hull i veien",
    "søppel",
    "sfo",
    "hjemmesykepleie",
    "byggesak",
    "foreldrebetalng",
    "skole",
)
ANSWERS = {
    "topic": "culture",
    "subject": "Hull i veien ved skolen",
    "message": "Det er et dypt hull i veien ved skolen. Det har vært der siden i vår, og det blir større for hver uke.",
    "is_follow_up": False,
    "sender": "self",
    "name": "Sprek Bjørk",
    "email": "sprek.bjork@eksempel.example",
    "wants_notice": True,
}
FORMS = ("inquiry", "reduced-kindergarten-fee", "housing-allowance")


@dataclass(frozen=True)
class Aim:
    """What a figure should be: `at_least` a second, or `within` ms at the 95th percentile with one client."""

    per_s: float | None = None
    p95_ms: float | None = None
    statements: int | None = None
    ratio: float | None = None


@dataclass
class Row:
    """One thing that was measured, with one number of clients."""

    kind: str
    what: str
    measured: Measured
    aim: Aim = field(default_factory=Aim)
    limit_per_s: float | None = None
    why_no_limit: str = ""
    texts: list[tuple[str, float]] = field(default_factory=list)

    @property
    def ratio(self) -> float | None:
        return self.measured.per_s / self.limit_per_s if self.limit_per_s else None


@dataclass
class Bench:
    """A system at hand, and how long each thing is measured."""

    system: System
    screen: Screen
    seconds: float = 4.0

    def row(self, kind: str, what: str, loads: Sequence[Load], aim: Aim) -> Iterator[Row]:
        """Measure with one client and with as many as there are loads; count statements; ask pgbench for the limit."""
        counted = count_statements(self.system, loads[0], 100)
        # Twice: what differs is new each time, an id or a number, and must be new when pgbench repeats it.
        recorded, again = record_warm(self.system, partial(_visit, self.system, loads[0]))
        for clients in sorted({1, len(loads)}):
            with self.screen.step(f"{what}, {clients} client{'s' * (clients > 1)}"):
                measured = measure(self.system, loads[:clients], seconds=self.seconds)
                measured.statements, measured.transactions = counted.statements, counted.transactions
                row = Row(kind, what, measured, aim, texts=counted.texts)
                self.add_limit(row, recorded, again)
            yield row

    def add_limit(self, row: Row, recorded: list[Session], again: list[Session]) -> None:
        """Let pgbench do what was recorded with as many clients, and note its rate, or why it could not."""
        try:
            found = limits.limit(
                self.system,
                recorded,
                again,
                self.logins,
                clients=row.measured.clients,
                seconds=min(self.seconds, LIMIT_SECONDS),
            )
        except limits.NoLimit as error:
            row.why_no_limit = str(error)
        else:
            row.limit_per_s = found.per_s
        finally:
            limits.forget(self.system, TOWNS[0])

    @cached_property
    def logins(self) -> dict[str, dict[str, str]]:
        """User → its password, of every login that the web server uses."""
        with self.system.postgres.connect("commons") as connection:
            towns = [row[0] for row in connection.execute("SELECT municipality_id FROM municipalities_placement")]
        found: dict[str, dict[str, str]] = json.loads(self.system.run("bench.inside", "logins", *towns))
        return found


def submit(bench: Bench) -> Iterator[Row]:
    """Whole submissions through the API, each with a file, each from somebody else; afterwards every one is looked for.

    The worker rests meanwhile: what it will do waits in the outbox, as rows that are part of what is measured.
    """
    crowd, sender = people(), bench.system.client(TOWNS[0])
    content = attachment()
    aim = Aim(per_s=500, statements=12, ratio=1 / 3)
    kept: list[Any] = []
    rows: list[Row] = []

    def load(count: int) -> Load:
        return Load("submissions", submissions(sender, content, list(islice(crowd, count))))

    counted = count_statements(bench.system, load(200), 100)
    recorded, again = record_warm(bench.system, lambda: _send(sender, content, next(crowd)))
    for clients in CLIENTS:
        with bench.screen.step(f"submissions, {clients} client{'s' * (clients > 1)}"):
            loads = [load(round(bench.seconds * MOST_PER_S) + 100) for _ in range(clients)]
            measured = measure(bench.system, loads, seconds=bench.seconds)
            measured.statements, measured.transactions = counted.statements, counted.transactions
            kept += measured.kept
            rows.append(Row("submit", "", measured, aim, texts=counted.texts))
    with bench.screen.step(f"looking for all {len(kept)} of them"):
        require_whole(bench.system, TOWNS[0], kept, content)
    # Last: what pgbench writes is no case that anybody could open.
    for row in rows:
        with bench.screen.step(f"the same rows by pgbench, {row.measured.clients} clients"):
            bench.add_limit(row, recorded, again)
        yield row


def desk(bench: Bench) -> Iterator[Row]:
    """The work list, and opening a case, in a municipality with 200,000 of them."""
    for what, loads in desk_pages(bench).items():
        aim = Aim(per_s=300, statements=6, p95_ms=30) if what == OPEN_A_CASE else Aim(p95_ms=30)
        yield from bench.row("desk", what, loads, aim)


def desk_pages(bench: Bench) -> dict[str, list[Load]]:
    cookie = _sessions(bench)["service"]
    with bench.system.connect(TOWNS[0]) as connection:
        found = connection.execute(
            "SELECT c.id FROM cases_case c JOIN access_unit u ON u.id = c.unit_id WHERE u.name = 'Servicetorget'"
            " AND c.sequence IS NOT NULL ORDER BY md5(c.id::text) LIMIT 4000"
        ).fetchall()
    cases = [f"/desk/cases/{row[0]}/" for row in found]
    lists = [f"/desk/?view={view}" for view in ("unit", "mine", "unassigned", "overdue")]
    return {"work list": _visits(lists, cookie), OPEN_A_CASE: _visits(cases, cookie)}


def portal(bench: Bench) -> Iterator[Row]:
    """My page across three municipalities, the first page, and the first page of each form."""
    for what, loads in portal_pages(bench).items():
        aim = Aim(p95_ms=30, statements=2 + 5 * len(TOWNS) if what == MY_PAGE else None)
        yield from bench.row("portal", what, loads, aim)


def portal_pages(bench: Bench) -> dict[str, list[Load]]:
    cookie = _sessions(bench)["three"]
    firsts = {service: begun(bench.system, TOWNS[0], service, cookie) for service in FORMS}
    return {
        MY_PAGE: _visits(["/my/"], cookie),
        "front page": _visits(["/averoy/"], ""),
        **{f"first page of {service}": _visits([first], cookie) for service, first in firsts.items()},
    }


def search(bench: Bench) -> Iterator[Row]:
    """Searching for services, as residents write."""
    yield from bench.row("search", "search", search_pages(), Aim(p95_ms=30))


def search_pages() -> list[Load]:
    return _visits([f"/search/?in=averoy&q={quote(words)}" for words in SEARCHES], "")


def every_page(bench: Bench) -> list[Any]:
    """Addresses of all of these, mixed: as many cases as other pages together."""
    loads = {**desk_pages(bench), **portal_pages(bench), "search": search_pages()}
    cases = loads.pop(OPEN_A_CASE)[0].told["addresses"]
    others = [each for held in loads.values() for each in held[0].told["addresses"]]
    return [page for n, case in enumerate(cases) for page in (case, others[n % len(others)])]


def letters(bench: Bench) -> Iterator[Row]:
    """PDF/A: the documents that the platform writes itself, made, sealed and kept as the worker does it."""
    for workers in (1, os.cpu_count() or 1):
        with bench.screen.step(f"letters, {workers} process{'es' * (workers > 1)}"):
            yield Row("letters", "", made_letters(bench.system, TOWNS[0], workers, bench.seconds), Aim())


def made_letters(system: System, municipality: str, workers: int, seconds: float) -> Measured:
    """So many processes make letters for so long. Raises Failed if one is no PDF/A."""
    before = processes.cpu_seconds(system.processes["postgres"])
    with ThreadPoolExecutor(workers) as pool:
        arguments = ("bench.inside", "letters", municipality, str(seconds), str(workers))
        said = list(pool.map(lambda n: json.loads(system.run(*arguments, str(n))), range(workers)))
    after = processes.cpu_seconds(system.processes["postgres"])
    if not all(each["times_ms"] and each["are_pdf_a"] for each in said):
        raise Failed(said="not every letter is PDF/A")
    times = sorted(each for one in said for each in one["times_ms"])
    return Measured(
        clients=workers,
        operations=len(times),
        per_s=sum(len(each["times_ms"]) / each["seconds"] for each in said),
        p50_ms=percentile(times, 50),
        p95_ms=percentile(times, 95),
        p99_ms=percentile(times, 99),
        app_cpu_ms=1000 * sum(each["cpu"] for each in said) / len(times),
        postgres_cpu_ms=1000 * (after - before) / len(times),
        client_cpu_ms=0,
        memory={"web": [processes.Memory(**each["memory"]) for each in said]},
    )


def submissions(sender: Client, content: bytes, whom: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """What a client must know to send an application for each of these people (see driving.submissions)."""
    told = {"token": sender.token(), "application": application(content)}
    return {**told, "name": secrets.token_hex(6), "people": list(whom)}


def application(content: bytes) -> dict[str, Any]:
    """A whole inquiry with a file, for somebody whose place is held by a mark (see driving.submissions)."""
    file = {"field": "attachments", "name": "skisse.pdf", "media_type": "application/pdf"}
    return {
        "service": "inquiry",
        "language": "nb",
        "applicant": "APPLICANT",
        "answers": ANSWERS,
        "attachments": [{**file, "content": base64.b64encode(content).decode()}],
    }


def attachment() -> bytes:
    """A small PDF as residents send them: a page of text with a photo, about 40 kB."""
    photo = io.BytesIO()
    Image.effect_noise((640, 480), 24).filter(ImageFilter.GaussianBlur(2)).save(photo, "JPEG", quality=80)
    made = pikepdf.new()
    image = pikepdf.Stream(made, photo.getvalue())
    image.update({"/Type": pikepdf.Name.XObject, "/Subtype": pikepdf.Name.Image, "/Width": 640, "/Height": 480})
    image.update({"/ColorSpace": pikepdf.Name.DeviceGray, "/BitsPerComponent": 8, "/Filter": pikepdf.Name.DCTDecode})
    text = "".join(
        f"BT /F1 11 Tf 60 {760 - 15 * n} Td (Linje {n} om hullet i veien ved skolen) Tj ET\n" for n in range(20)
    )
    page = made.add_blank_page(page_size=(595, 842))
    font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
    page.Resources = pikepdf.Dictionary(Font={"/F1": font}, XObject={"/Im1": image})
    page.Contents = pikepdf.Stream(made, f"{text}q 400 0 0 300 60 100 cm /Im1 Do Q".encode())
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def _send(sender: Client, content: bytes, person: tuple[str, str]) -> Answer:
    number, name = person
    applicant = {"kind": "person", "number": number, "name": name}
    answer = sender.submit({**application(content), "applicant": applicant}, f"bench-{secrets.token_hex(6)}-{number}")
    if answer.status != 201:
        raise Failed(said=f"{answer.status} {answer.body[:300].decode(errors='replace')}")
    return answer


def require_whole(system: System, municipality: str, acknowledged: Sequence[Any], content: bytes) -> None:
    """Each acknowledged submission is in the database once and whole: case, answers, file, record, log. Raises Failed."""
    told = {"acknowledged": list(acknowledged), "sha256": hashlib.sha256(content).hexdigest()}
    said = json.loads(system.run("bench.inside", "whole", municipality, input=json.dumps(told).encode()))
    if said["problems"]:
        raise Failed(said="; ".join(said["problems"][:5]))


def begun(system: System, municipality: str, service: str, cookie: str) -> str:
    """Begin an application as a browser does; the address of its first page."""
    with Wire(system.url) as wire:
        page = wire.request("GET", f"/{municipality}/services/{service}/", headers={"Cookie": cookie})
        token = re.search(rb'name="csrfmiddlewaretoken" value="(\w+)"', page.body)
        jar = "; ".join([cookie, *(line.split(";")[0] for line in page.headers.get("set-cookie", "").split("\n"))])
        if page.status != 200 or token is None:
            raise Failed(said=f"the page of {service} answers {page.status}")
        headers = {"Cookie": jar, "Content-Type": "application/x-www-form-urlencoded"}
        answer = wire.request(
            "POST",
            f"/{municipality}/services/{service}/start/",
            b"csrfmiddlewaretoken=" + token[1],
            {**headers, "Referer": f"{system.url}/"},
        )
        for _ in range(2):
            answer = wire.request("GET", _location(answer), headers={"Cookie": jar})
            if answer.status == 200:
                break
            last = _location(answer)
        return last


def _location(answer: Answer) -> str:
    if answer.status not in (301, 302, 303):
        raise Failed(said=f"{answer.status} where another address was expected")
    return answer.headers["location"]


def _visit(system: System, load: Load) -> None:
    """The first address of a load, always the same."""
    with Wire(system.url) as wire:
        path, headers = load.told["addresses"][0]
        wire.request("GET", path, headers=headers)


def _visits(addresses: Sequence[str], cookie: str, clients: int = CLIENTS[-1]) -> list[Load]:
    """Clients that read these addresses, each beginning at another one."""
    headers = {"Cookie": cookie} if cookie else {}
    held = [[address, headers] for address in addresses]
    shift = max(len(held) // clients, 1)
    turned = [held[n * shift % len(held) :] + held[: n * shift % len(held)] for n in range(clients)]
    return [Load("visits", {"addresses": each}) for each in turned]


def _sessions(bench: Bench) -> dict[str, str]:
    found: dict[str, str] = json.loads(bench.system.run("bench.inside", "sessions"))
    return found


KINDS: dict[str, Callable[[Bench], Iterator[Row]]] = {
    "submit": submit,
    "desk": desk,
    "portal": portal,
    "search": search,
    "letters": letters,
}
