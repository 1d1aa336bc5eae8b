"""`python -m bench.share_rows enter|issue …`: the rows of a settlement, by the platform's own journeys, as JSON.

In a process of its own (see `stand`), so that its memory is what a worker of the platform needs, and nothing of the bench's.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch
from uuid import uuid4

from demo import prepare

from . import processes

CHOSEN = {
    "vat": "S", "reason": "Drift for andre.",
    "host_art": "750", "host_function": "290", "payer_art": "350", "payer_function": "290",
}  # fmt: skip


def main(what: str, *arguments: str) -> int:
    prepare.set_up_django()
    json.dump(WHAT[what](*arguments), sys.stdout)
    return 0


def enter(postgres: str, agreement: str, day: str, text: str) -> dict[str, Any]:
    """Publish an agreement, enter the ledger that comes on standard input, and settle the year as a draft."""
    from allmenning.commons.costs import actions
    from allmenning.journeys import checking_bills, entering_costs, settling_periods

    actions.publish(Path(text).read_text("utf-8"), file="bench", by="bench")
    by, raw = _treasurer(agreement), sys.stdin.buffer.read()
    with _measured(postgres) as entering:
        entering_costs.enter_file(by, agreement, raw, "ledger.csv")
    with _measured(postgres) as drafting:
        known = settling_periods.draft(by, agreement, date.fromisoformat(day))
    memory = _peak()
    leaves = known.content.parties[-1].id
    with _measured(postgres) as what_if:
        asked = checking_bills.Asked(leaves=leaves)
        compared = checking_bills.compare(agreement, f"{known.row.ore / 100:.2f}", day, asked)
    return {
        "entering": entering,
        "drafting": drafting,
        "what_if": what_if,
        "settlement": known.row.id,
        "payers": len(known.by_party),
        "left": [row.party.id for row in compared.rows if row.then is None] == [leaves],
        "memory_mb": memory,
    }


def issue(postgres: str, agreement: str, host: str, settlement: str, folder: str) -> dict[str, Any]:
    """Approve a draft and issue it: a bill for each payer, as EHF and PDF. The EHF goes to files in a folder."""
    from allmenning.basics import dates
    from allmenning.commons.costs import billing, drafting, settlements
    from allmenning.commons.costs.models import BillFile
    from allmenning.commons.costs.testing import known
    from allmenning.journeys import settling_periods

    by, found = _treasurer(agreement), settlements.settlement(int(settlement))
    if not billing.details(by.scope):
        known(by.scope, [(host, "Vert"), *((each.id, each.name) for each in found.content.parties)], by="bench")
    drafting.approve(found.row.id, by="approver")
    due = (dates.today() + timedelta(days=30)).isoformat()
    with _measured(postgres) as issuing:
        bills = settling_periods.issue(by, agreement, found.row.id, {**CHOSEN, "due": due})
    files = BillFile.objects.filter(bill__in=bills)
    for each in files:
        (Path(folder) / f"{each.bill_id}.xml").write_bytes(bytes(each.xml))
    pdfs = sum(bytes(each.pdf).startswith(b"%PDF-") for each in files)
    return {"issuing": issuing, "bills": len(bills), "pdfs": pdfs, "memory_mb": _peak()}


def _treasurer(agreement: str) -> Any:
    from allmenning.commons.identity.offices import OfficeActing

    return OfficeActing(uuid4(), "treasurer", agreement)


@contextmanager
def _measured(postgres: str) -> Iterator[dict[str, float]]:
    """Seconds by the clock, seconds of CPU here and in PostgreSQL, and how many SQL statements were sent."""
    from django.db.backends.utils import CursorWrapper

    found: dict[str, float] = {"statements": 0}

    def counted(send: Callable[..., Any]) -> Callable[..., Any]:
        def sent(*args: Any, **kwargs: Any) -> Any:
            found["statements"] += 1
            return send(*args, **kwargs)

        return sent

    pid, begun = int(postgres), time.perf_counter()
    cpu, theirs = time.process_time(), processes.cpu_seconds(pid)
    with (
        patch.object(CursorWrapper, "execute", counted(CursorWrapper.execute)),
        patch.object(CursorWrapper, "executemany", counted(CursorWrapper.executemany)),
    ):
        yield found
    found["seconds"] = time.perf_counter() - begun
    found["cpu"], found["postgres_cpu"] = time.process_time() - cpu, processes.cpu_seconds(pid) - theirs


def _peak() -> float:
    """MB that this process has had at most. (`ru_maxrss` counts whoever started it too.)"""
    said = Path("/proc/self/status").read_text().partition("VmHWM:")[2]
    return int(said.split()[0]) / 1024


WHAT: dict[str, Callable[..., dict[str, Any]]] = {"enter": enter, "issue": issue}

if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
