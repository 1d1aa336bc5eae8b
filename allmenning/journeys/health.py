"""How everything is: one function for `allmenning check`, `/readyz` and `/metrics`. Says nothing about anybody."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from threading import Lock

from django.conf import settings
from django.db import DatabaseError, connections
from django.db.migrations.loader import MigrationLoader
from django.db.models import Count, Min

from allmenning import vault
from allmenning.basics import dates
from allmenning.basics.errors import AllmenningError
from allmenning.basics.few import at_most
from allmenning.commons.municipalities import queries as municipalities
from allmenning.tenancy import AREAS, use

from .models import Backlog, LogSealing
from .sweeping import STALLED

OK, WARNING, FAILED = "ok", "warning", "failed"
WORTH = {OK: 1.0, WARNING: 0.5, FAILED: 0.0}

LATE = timedelta(minutes=15)  # something that has waited longer is worth a look
UNSEALED, UNWITNESSED = timedelta(minutes=1), timedelta(minutes=2)
NOT_LOOKED = timedelta(days=2)  # through a log, which is done each night
SILENT = timedelta(minutes=5)  # a worker sweeps each minute
LITTLE_SPACE, NO_SPACE = 5 * 1024**3, 200 * 1024**2  # bytes
REMEMBERED_SECONDS = 15.0
AT_ONCE = 4


@dataclass(frozen=True)
class Finding:
    """What was looked at (`what`, and `of` which municipality or folder), how it is, in words and in numbers."""

    what: str
    of: str
    state: str
    said: str
    measures: Mapping[str, float] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"{self.what} {self.of}".strip()


def examine() -> list[Finding]:
    """Look at everything; 0.1 s and a connection for each municipality. Raises nothing: a failure is a finding."""
    found = essential()
    if any(each.state == FAILED for each in found):
        return found  # without the commons nobody knows what else there is
    live = [each.id for each in municipalities.live_municipalities()]
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="health") as threads:
        found += threads.map(_municipality, live)
    return [*found, _migrations(), _jobs(), *_backlogs(live), *_stuck(live), *_logs(live), *_disks()]


def essential() -> list[Finding]:
    """What no request can be served without."""
    return [_looked("database", "commons", _answers_commons), _looked("keys", "commons", partial(_has_keys, "commons"))]


def is_healthy(findings: list[Finding]) -> bool:
    """Nothing has failed; a warning is for a person to look at."""
    return all(each.state != FAILED for each in findings)


_lately: tuple[float, list[Finding]] = (0.0, [])
_looking = Lock()


def examined_lately() -> list[Finding]:
    """`examine`, not older than some seconds: machines ask more often than anything changes."""
    global _lately
    with _looking:
        at, findings = _lately
        if not findings or time.monotonic() - at > REMEMBERED_SECONDS:
            _lately = (time.monotonic(), examine())
        return _lately[1]


def note_backlog(municipality: str) -> None:
    """Count what waits in a municipality, at each sweep. The commons get numbers and a time: no area, case or kind."""
    from allmenning.municipal.post import queries as post
    from allmenning.municipal.post.models import Outbox

    waiting, failing, oldest = 0, 0, None
    for area in AREAS:
        with use(municipality, area):
            row = Outbox.objects.filter(done_at__isnull=True).aggregate(n=Count("id"), first=Min("created_at"))
            failing += post.failing(LATE).count() if row["n"] else 0
        waiting += row["n"]
        oldest = min(filter(None, (oldest, row["first"])), default=None)
    # What operators are told is told in fives: one letter that waits may be about one person.
    counted = {"waiting": at_most(waiting), "failing": at_most(failing), "oldest_at": oldest, "counted_at": dates.now()}
    Backlog.objects.update_or_create(municipality=municipality, defaults=counted)


# --- one by one -----------------------------------------------------------------------------------------------


def _looked(what: str, of: str, look: Callable[[], str]) -> Finding:
    begun = time.perf_counter()
    try:
        said = look()
    except (DatabaseError, AllmenningError, OSError) as error:
        reason = str(error).strip().splitlines() or [type(error).__name__]
        return Finding(what, of, FAILED, reason[0], {f"{what}_up": 0})
    seconds = time.perf_counter() - begun
    return Finding(what, of, OK, said or f"{seconds * 1000:.0f} ms", {f"{what}_up": 1, f"{what}_seconds": seconds})


def _answers_commons() -> str:
    with connections["commons"].cursor() as cursor:
        cursor.execute("select 1")
    return ""


def _has_keys(municipality: str) -> str:
    vault.secret(municipality, "application" if municipality == "commons" else "administration", "health")
    return "there"


def _municipality(municipality: str) -> Finding:
    """Its keys and its database at once: the password is derived from the keys."""
    try:
        return _looked("database", municipality, partial(_answers, municipality))
    finally:
        connections.close_all()  # this thread's own


def _answers(municipality: str) -> str:
    with use(municipality, "administration"), connections["default"].cursor() as cursor:
        cursor.execute("select 1")
    return ""


def _migrations() -> Finding:
    loader = MigrationLoader(connections["commons"])
    missing = [key for key in loader.disk_migrations if key not in loader.applied_migrations and _of_commons(key[0])]
    if missing:
        return Finding("migrations", "", FAILED, f"{len(missing)} are not applied: run `allmenning migrate`")
    return Finding("migrations", "", OK, "all applied")


def _of_commons(label: str) -> bool:
    from allmenning.tenancy.routing import municipal_labels

    return label not in municipal_labels()


def _jobs() -> Finding:
    """Jobs only wake a worker, so a failed one loses nothing; many of them tell that something is wrong."""
    with connections["commons"].cursor() as cursor:
        cursor.execute("select to_regclass('procrastinate_jobs') is not null")
        if not cursor.fetchone()[0]:
            return Finding("jobs", "", OK, "none")
        cursor.execute("select status::text, count(*) from procrastinate_jobs group by status")
        count = dict(cursor.fetchall())
        cursor.execute(f"select count(*) from procrastinate_jobs j where {STALLED}")  # noqa: S608 (a constant)  # nosec B608
        count["stalled"] = cursor.fetchone()[0]
    told = ("todo", "doing", "failed", "stalled")
    measures = {f"jobs_{status}": float(count.get(status, 0)) for status in told}
    said = ", ".join(f"{count.get(status, 0)} {status}" for status in told)
    return Finding("jobs", "", WARNING if count.get("failed") or count.get("stalled") else OK, said, measures)


def _backlogs(live: list[str]) -> Iterator[Finding]:
    known = {row.municipality: row for row in Backlog.objects.all()}
    for municipality in live:
        yield _backlog(municipality, known.get(municipality))


def _backlog(municipality: str, row: Backlog | None) -> Finding:
    if row is None:
        return Finding("waiting", municipality, WARNING, "no worker has looked yet: is `allmenning work` running?")
    age = dates.now() - row.oldest_at if row.oldest_at else timedelta(0)
    measures = {"outbox_waiting": float(row.waiting), "outbox_oldest_seconds": age.total_seconds()}
    silent = dates.now() - row.counted_at
    if silent > SILENT:
        said = f"no worker has looked for {_minutes(silent)}: is `allmenning work` running?"
        return Finding("waiting", municipality, FAILED, said, measures)
    if age > LATE:
        return Finding(
            "waiting", municipality, WARNING, f"at most {row.waiting}, the oldest for {_minutes(age)}", measures
        )
    return Finding("waiting", municipality, OK, f"at most {row.waiting}" if row.waiting else "nothing", measures)


def _stuck(live: list[str]) -> Iterator[Finding]:
    for row in Backlog.objects.filter(municipality__in=live).order_by("municipality"):
        yield _stuck_in(row)
        yield _night_in(row)


def _night_in(row: Backlog) -> Finding:
    """The next night tries again; what failed is for a person to look at."""
    measures = {"night_failed_steps": float(len(row.night_failed))}
    if row.night_failed:
        said = f"failed: {', '.join(row.night_failed)}; see the worker's log"
        return Finding("night", row.municipality, WARNING, said, measures)
    return Finding("night", row.municipality, OK, "nothing failed", measures)


def _stuck_in(row: Backlog) -> Finding:
    """What fails again and again is for a person to look at; what is not whole has failed."""
    counts = {"fail again and again": row.failing, "not whole": row.not_whole, "files gone": row.files_gone}
    said = ", ".join(f"at most {count} {what}" for what, count in counts.items() if count)
    measures = {
        "outbox_failing": float(row.failing),
        "not_whole": float(row.not_whole),
        "files_gone": float(row.files_gone),
    }
    state = FAILED if row.not_whole or row.files_gone else WARNING if row.failing else OK
    said = f"{said}: see `allmenning stuck list {row.municipality}`" if said else "nothing"
    return Finding("stuck", row.municipality, state, said, measures)


def _logs(live: list[str]) -> Iterator[Finding]:
    for row in LogSealing.objects.filter(municipality__in=live).order_by("municipality"):
        yield _log_of(row)


def _log_of(row: LogSealing) -> Finding:
    """A log that is not what it was, not sealed, or refused by a witness has failed; a witness that is silent is worth a call."""
    unsealed = _since(row.unsealed_since, row.counted_at)
    unwitnessed = _since(row.unwitnessed_since, row.counted_at)
    silent = {name: _since(datetime.fromisoformat(at), row.counted_at) for name, at in row.silent_since.items()}
    measures = {
        "log_rows": float(row.rows),
        "log_witnessed_rows": float(row.witnessed),
        "log_unsealed_seconds": unsealed.total_seconds(),
        "log_unwitnessed_seconds": unwitnessed.total_seconds(),
        "log_silent_witnesses": float(len(silent)),
        "log_witness_silent_seconds": max((span.total_seconds() for span in silent.values()), default=0.0),
        "log_refusing_witnesses": float(len(row.refused)),
        "log_wrong": float(bool(row.wrong)),
    }
    if row.wrong:
        return Finding("log", row.municipality, FAILED, f"{row.wrong}: see `allmenning log verify`", measures)
    if row.refused:
        return Finding("log", row.municipality, FAILED, next(iter(row.refused.values())), measures)
    if unsealed > UNSEALED:
        said = f"rows have waited {_minutes(unsealed)} to be sealed: see the worker's log, and `allmenning log verify`"
        return Finding("log", row.municipality, FAILED, said, measures)
    if unwitnessed > UNWITNESSED:
        who = ", ".join(silent) or "too few witnesses are named: ALLMENNING_LOG_WITNESSES"
        said = f"not witnessed for {_minutes(unwitnessed)}: {who}"
        return Finding("log", row.municipality, WARNING, said, measures)
    if away := [f"{name} for {_minutes(span)}" for name, span in silent.items() if span > UNWITNESSED]:
        # The others make heads good; without this one there may be too few when the next is away.
        said = f"a witness does not cosign: {', '.join(away)}"
        return Finding("log", row.municipality, WARNING, said, measures)
    if row.looked_at and dates.now() - row.looked_at > NOT_LOOKED:
        said = (
            f"nobody has looked through it for {(dates.now() - row.looked_at).days} days: is `allmenning work` running?"
        )
        return Finding("log", row.municipality, WARNING, said, measures)
    return Finding("log", row.municipality, OK, f"{row.rows} rows", measures)


def _since(moment: datetime | None, now: datetime) -> timedelta:
    return max(now - moment, timedelta(0)) if moment else timedelta(0)


def _disks() -> Iterator[Finding]:
    for name in ("FILES_DIR", "VAULT_DIR"):
        folder = Path(getattr(settings, name))
        yield _looked_at_disk(name.removesuffix("_DIR").lower(), folder)


def _looked_at_disk(of: str, folder: Path) -> Finding:
    while not folder.exists():  # it is made with its first file
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    state = FAILED if free < NO_SPACE else WARNING if free < LITTLE_SPACE else OK
    return Finding("disk", of, state, f"{free / 1024**3:.1f} GB free", {"disk_free_bytes": float(free)})


def _minutes(span: timedelta) -> str:
    return f"{span.total_seconds() / 60:.0f} minutes"


@contextmanager
def nothing_remembered() -> Iterator[None]:
    """For tests: look anew."""
    global _lately
    _lately = (0.0, [])
    yield
    _lately = (0.0, [])
