"""`bin/bench kill`: everything is killed, again and again, while applications are sent; nothing of it may be missing after.

Clients send applications over HTTP with idempotency keys, and send again with the same key until they have a receipt.
Meanwhile the web server (all of it, or one of its workers), the job worker and PostgreSQL (all of it, or one of its
processes) are ended by SIGKILL at random moments, and started again as a service manager would. When the queues have
drained by themselves, `bench.whole` looks at every application that has a receipt: is it there, once, and whole?
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import io
import itertools
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import pikepdf

from allmenning.basics import dates
from allmenning.basics.errors import AllmenningError
from allmenning.project.supervisor import StopAsked, stopping_on_signals
from demo.people import world
from demo.screen import Report, Screen

from . import processes
from .client import Client, NoToken
from .people import people
from .stand import System, stand
from .wire import ConnectionLost

MUNICIPALITY = "averoy"
VICTIMS = ("web", "web process", "worker", "postgres", "postgres process")
LETTER_EVERY = 40  # one application in so many decides itself, and its letter is told of by e-mail
MOST_LETTERS = 1_500  # that the sandbox's mailbox holds
PATIENCE = 120.0  # seconds without any progress, after which it is said that something hangs
OFTEN = 4  # failures of one row, after which it hangs although it waits for its next try
BETWEEN = 0.5  # seconds from one application of a client to its next, when enough are sent and only kills are left


class Hangs(AllmenningError):
    """Nothing has happened for {seconds:.0f} seconds: {what}."""


class Refused(AllmenningError):
    """An application was refused ({status}): {said}"""


@dataclass(frozen=True)
class Plan:
    """How much is to happen. seconds: at most, until no more is sent; what has been sent is waited for all the same."""

    kills: int
    acknowledged: int
    clients: int = 8
    letter_every: int = LETTER_EVERY
    seconds: float = float("inf")


SHORT = Plan(kills=10, acknowledged=500)
LONG = Plan(kills=200, acknowledged=100_000, letter_every=100)


@dataclass
class Sent:
    """An application and the receipt for it. sha256: of the file that went with it."""

    key: str
    service: str
    number: str
    sha256: str
    case_id: str = ""
    case_number: str = ""
    tries: int = 0


@dataclass
class Outcome:
    """What `bin/bench kill` prints. lost, duplicated and incomplete are numbers of applications."""

    kills: int
    acknowledged: int
    lost: int
    duplicated: int
    incomplete: int
    letters: int
    letters_twice: int
    letters_never: int
    numbers_missing: int
    sent_again: int  # times that a client had to, with the same key
    gave_up: (
        int  # times that the web server ended by itself, since one of its processes was killed twice within seconds
    )
    handed_over_again: int  # times that a mail server got the same Message-ID once more: it keeps one
    killed: dict[str, int] = field(default_factory=dict)
    seconds_sending: float = 0.0
    seconds_draining: float = 0.0
    said: list[str] = field(default_factory=list)  # what was wrong with the first few

    @property
    def is_clean(self) -> bool:
        wrong = self.lost + self.duplicated + self.incomplete + self.letters_twice + self.letters_never
        return not wrong and not self.numbers_missing


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when nothing was lost, duplicated or incomplete; 1 when something was."""
    options = parse(arguments)
    screen = Screen()
    folder = options.data or Path(tempfile.mkdtemp(prefix="allmenning-kill-"))
    try:
        with stopping_on_signals(), stand(folder, [MUNICIPALITY], workers=options.workers) as system:
            _, outcome = run(system, plan_of(options), screen)
    except StopAsked:
        print("Stopped.", file=sys.stderr)
        return 130
    except AllmenningError as error:
        screen.fail(str(error))
        return 1
    print(json.dumps(asdict(outcome), ensure_ascii=False) if options.json else in_words(outcome))
    if not outcome.is_clean:
        screen.say(f"The system is kept as it is in {folder}.")
        return 1
    if options.data is None:
        shutil.rmtree(folder)
    return 0


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bin/bench kill", description=__doc__.splitlines()[0])
    parser.add_argument("--long", action="store_true", help=f"{LONG.kills} kills, {LONG.acknowledged} applications")
    parser.add_argument("--kills", type=int, help=f"({SHORT.kills})")
    parser.add_argument("--acknowledged", type=int, help=f"how many applications ({SHORT.acknowledged})")
    parser.add_argument("--clients", type=int, default=SHORT.clients, help="(%(default)s)")
    parser.add_argument("--workers", type=int, default=2, help="processes of the web server (%(default)s)")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="send no longer than this")
    parser.add_argument(
        "--data", type=Path, metavar="DIR", help="where the system is (a new folder, removed when all is well)"
    )
    parser.add_argument("--json", action="store_true", help="for machines")
    return parser.parse_args(arguments)


def plan_of(options: argparse.Namespace) -> Plan:
    plan = LONG if options.long else SHORT
    return Plan(
        kills=plan.kills if options.kills is None else options.kills,
        acknowledged=options.acknowledged or plan.acknowledged,
        clients=options.clients,
        letter_every=plan.letter_every,
        seconds=options.seconds,
    )


def in_words(outcome: Outcome) -> str:
    told = asdict(outcome)
    said, killed = told.pop("said"), told.pop("killed")
    lines = [f"{name.replace('_', ' '):>20}  {value}" for name, value in told.items()]
    lines.insert(1, f"{'':>20}  {', '.join(f'{name} {count}' for name, count in killed.items())}")
    return "\n".join([*lines, *said])


def run(system: System, plan: Plan, screen: Screen, seed: int | None = None) -> tuple[Sending, Outcome]:
    """Send, kill, let the queues drain, and look. The system runs before, and afterwards too.

    Raises Hangs, Refused; what `System` raises when something does not start again.
    """
    with screen.step("Sending and killing") as report:
        sending = Sending(system, plan)
        killing = Killing(system, random.Random(seed))  # noqa: S311 (what is killed when is no secret)
        begun = time.monotonic()
        _send_and_kill(sending, killing, plan, report)
        seconds_sending = time.monotonic() - begun
    with screen.step("Letting the queues drain") as report:
        begun = time.monotonic()
        wait_until_drained(system, report)
        seconds_draining = time.monotonic() - begun
    with screen.step("Looking at each of them"):
        found = examine(system, sending.acknowledged)
    outcome = Outcome(
        kills=sum(killing.killed.values()),
        killed=dict(killing.killed),
        sent_again=sum(each.tries - 1 for each in sending.acknowledged),
        gave_up=killing.gave_up,
        seconds_sending=round(seconds_sending, 1),
        seconds_draining=round(seconds_draining, 1),
        **found,
    )
    return sending, outcome


def _send_and_kill(sending: Sending, killing: Killing, plan: Plan, report: Report) -> None:
    """Kills are spread over what is to be sent, or over the time that there is. More is sent while the last are awaited."""
    begun = time.monotonic()
    with sending.going_on(killing.start_what_gave_up):
        while not sending.failure and (passed := time.monotonic() - begun) < plan.seconds:
            kills, sent = sum(killing.killed.values()), len(sending.acknowledged)
            report(sent, plan.acknowledged, f"{kills} of {plan.kills} kills")
            if sent >= plan.acknowledged and kills >= plan.kills:
                break
            if kills < plan.kills and max(sent / plan.acknowledged, passed / plan.seconds) >= kills / (plan.kills + 1):
                killing.one()
            killing.start_what_gave_up()
            sending.require_progress()
            time.sleep(0.02)
    if sending.failure:
        raise sending.failure


# --- killing ---------------------------------------------------------------------------------------------------


class Killing:
    """Ends parts of a system by SIGKILL, and has them started again at once."""

    def __init__(self, system: System, chance: random.Random) -> None:
        self._system, self._chance = system, chance
        self._next: list[str] = []
        self.killed: Counter[str] = Counter()
        self.gave_up = 0

    def start_what_gave_up(self) -> None:
        """As a service manager does: granian takes a process that ends twice within 5.5 s for a fault, and ends."""
        for name in self._system.supervisor.ended():
            self.gave_up += 1
            self._system.restart(name)

    def one(self) -> None:
        """Kill one part at a random moment within the next half second. Each kind comes as often as the others."""
        if not self._next:
            self._next = self._chance.sample(VICTIMS, len(VICTIMS))
        victim = self._next.pop()
        time.sleep(self._chance.random() / 2)
        if self._kill(victim):
            self.killed[victim] += 1

    def _kill(self, victim: str) -> bool:
        system = self._system
        if victim in ("web", "worker"):
            system.kill(victim)
            system.start(victim)
        elif victim == "postgres":
            system.postgres.kill()
            system.postgres.start()
        else:
            return self._kill_one_process_of(victim.removesuffix(" process"))
        return True

    def _kill_one_process_of(self, name: str) -> bool:
        """One that the first process started: that one starts it again, or, as PostgreSQL, all of them."""
        children = processes.tree(system_pid(self._system, name))[1:]
        if not children:
            return False
        with suppress(ProcessLookupError):
            os.kill(self._chance.choice(children), signal.SIGKILL)
        return True


def system_pid(system: System, name: str) -> int:
    return system.processes.get(name, 0)


# --- sending ---------------------------------------------------------------------------------------------------


class Sending:
    """Clients that send applications and do not give up before they have a receipt."""

    def __init__(self, system: System, plan: Plan) -> None:
        self._plan, self._client = plan, system.client(MUNICIPALITY)
        self._run = f"kill-{os.getpid()}-{int(time.time())}"
        self._numbers = itertools.count()
        self._take = threading.Lock()
        self._stop = threading.Event()
        self._applications = applications(plan.letter_every)
        self._last = time.monotonic()
        self.acknowledged: list[Sent] = []
        self.failure: Exception | None = None

    @contextmanager
    def going_on(self, meanwhile: Callable[[], None]) -> Iterator[None]:
        """Inside, clients send; at the end each waits for the receipt of what it has begun to send, and we do `meanwhile`."""
        threads = [
            # Each with a connection and a token of its own.
            threading.Thread(target=self._work, args=(replace(self._client),), daemon=True)
            for _ in range(self._plan.clients)
        ]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._stop.set()
            give_up = time.monotonic() + PATIENCE
            while any(thread.is_alive() for thread in threads) and time.monotonic() < give_up:
                meanwhile()
                time.sleep(0.02)
        if any(thread.is_alive() for thread in threads):
            raise Hangs(seconds=PATIENCE, what="a client has no answer")

    def require_progress(self) -> None:
        if time.monotonic() - self._last > PATIENCE:
            raise Hangs(seconds=PATIENCE, what=f"no receipt after {len(self.acknowledged)}")

    def _work(self, client: Client) -> None:
        try:
            while not self._stop.is_set():
                with self._take:
                    key = f"{self._run}-{next(self._numbers):07}"
                    application, sent = self._applications(key)
                self._until_acknowledged(client, application, sent)
                if len(self.acknowledged) >= self._plan.acknowledged:
                    self._stop.wait(BETWEEN)
        except Exception as failure:
            self.failure = self.failure or failure

    def _until_acknowledged(self, client: Client, application: dict[str, Any], sent: Sent) -> None:
        while True:
            sent.tries += 1
            try:
                answer = client.submit(application, sent.key)
            except (ConnectionLost, NoToken):
                time.sleep(0.1)
                continue
            if answer.status in (200, 201):
                receipt = answer.json()
                sent.case_id, sent.case_number = receipt["case_id"], receipt["case_number"]
                self.acknowledged.append(sent)
                self._last = time.monotonic()
                return
            if answer.status not in (429, 500, 503):
                raise Refused(status=answer.status, said=answer.body[:500].decode(errors="replace"))
            time.sleep(0.1)


def applications(letter_every: int) -> Callable[[str], tuple[dict[str, Any], Sent]]:
    """Makes the application of a key: mostly an inquiry with a file, now and then one that decides itself."""
    somebody, document, fees = itertools.cycle(people()), a_document(), itertools.count()

    def make(key: str) -> tuple[dict[str, Any], Sent]:
        if int(key[-7:]) % letter_every == 0 and next(fees) < MOST_LETTERS:
            application = reduced_fee(key)
            return application, Sent(key, application["service"], application["applicant"]["number"], "")
        number, name = next(somebody)
        content = document(key)
        application = inquiry(key, number, name, content)
        return application, Sent(key, application["service"], number, hashlib.sha256(content).hexdigest())

    return make


def inquiry(key: str, number: str, name: str, content: bytes) -> dict[str, Any]:
    return {
        "service": "inquiry",
        "language": "nb",
        "applicant": {"kind": "person", "number": number, "name": name},
        "answers": {
            "topic": "culture",
            "is_follow_up": False,
            "subject": "Lys i løypa",
            "message": f"Lyset i løypa er gått. ({key})",
            "sender": "self",
            "name": name,
            "wants_notice": False,
        },
        "attachments": [
            {
                "field": "attachments",
                "name": "bilde.pdf",
                "media_type": "application/pdf",
                "content": base64.b64encode(content).decode(),
            }
        ],
    }


def reduced_fee(key: str) -> dict[str, Any]:
    """One that registers confirm in all it says, so that the service decides it, and a letter goes to the applicant."""
    mother = world().people[world().characters["parent"].number]
    father = world().people[str(mother.spouse)]
    today = dates.today()
    following = dates.add_months(today.replace(day=1), 1)
    children = [child for child in world().children_of(mother.number) if 1 <= child.age(today) <= 5]
    place = {"lives": "here", "has_place": True, "kindergarten": f"Solstua barnehage ({key})", "place": "full"}
    return {
        "service": "reduced-kindergarten-fee",
        "language": "nb",
        "applicant": {"kind": "person", "number": mother.number, "name": mother.name},
        "answers": {
            "household_kind": "spouse",
            "partner_name": father.name,
            "partner_number": father.number,
            "children": [{"name": child.name, "birth_date": child.born.isoformat(), **place} for child in children],
            "all_in_municipality": True,
            "income_basis": "tax-return",
            "applicant_income_ore": sum(mother.income(today.year - 1)) * 100,
            "partner_income_ore": sum(father.income(today.year - 1)) * 100,
            "from_month": following.strftime("%Y-%m"),
            "declaration": True,
        },
    }


def a_document() -> Callable[[str], bytes]:
    """Makes the PDF of a key: no two are alike."""

    stands_for = "#" * 60
    made, whole = pikepdf.new(), io.BytesIO()
    made.add_blank_page()
    made.docinfo["/Title"] = stands_for
    made.save(whole, static_id=True)
    before, found, after = whole.getvalue().partition(stands_for.encode())
    assert found, "the title is not written as it is"
    return lambda key: before + key.ljust(len(stands_for)).encode() + after


# --- waiting, and looking --------------------------------------------------------------------------------------


def wait_until_drained(system: System, report: Report) -> None:
    """Until nothing remains to be done, whoever does it. Raises Hangs when nothing has been done for long.

    What failed while its database was gone waits for its next try, for minutes after the third: that is no hanging.
    """
    first, least, last = None, None, time.monotonic()
    while True:
        with system.connect(MUNICIPALITY) as connection:
            left, rests = connection.execute(_LEFT, [OFTEN]).fetchone() or (0, True)
            failed = connection.execute(_FAILED).fetchall() if time.monotonic() - last > PATIENCE else []
        first = left if first is None else first
        report(first - left, first, f"{left} left")
        if not left:
            return
        if least is None or left < least or rests:
            least, last = left, time.monotonic()
        elif time.monotonic() - last > PATIENCE:
            told = "; ".join(f"{kind}, {tries} tries, the last {error or 'cut off'}" for kind, tries, error in failed)
            raise Hangs(seconds=PATIENCE, what=f"{left} rows wait in the outbox ({told})")
        time.sleep(0.2)


_LEFT = "SELECT count(*), bool_and(not_before > now() AND attempts < %s) FROM post_outbox WHERE done_at IS NULL"
_FAILED = "SELECT kind, attempts, last_error FROM post_outbox WHERE done_at IS NULL ORDER BY not_before LIMIT 5"


def examine(system: System, acknowledged: Sequence[Sent]) -> dict[str, Any]:
    """What `bench.whole` finds of the applications that have a receipt, in a process that has the keys."""
    with urllib.request.urlopen(f"http://localhost:{system.place.sandbox_port}/mail?format=json", timeout=60) as answer:
        mail = json.load(answer)["messages"]
    told = {
        "acknowledged": [asdict(each) for each in acknowledged],
        "mail": [{"id": each["id"], "handed_over": each["handed_over"]} for each in mail],
    }
    return dict(json.loads(system.run("bench.whole", MUNICIPALITY, input=json.dumps(told).encode())))


if __name__ == "__main__":
    sys.exit(main())
