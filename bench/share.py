"""`bin/bench share`: settling a year for 357 municipalities with 100,000 cost lines, a what-if of it, and its invoices.

First the arithmetic alone, without a database; then the rows, by the platform's own journeys, in a system of its own (`share_rows`).
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, TypeVar

from rich.console import Console
from rich.table import Table

from allmenning.commons.costs import agreement
from allmenning.commons.costs.agreement import Agreement
from allmenning.commons.costs.cost_files import read_costs
from allmenning.commons.costs.documents import Document, Line, Trader, Vat
from allmenning.commons.costs.settling import Cost, Settled, settle
from allmenning.commons.municipalities.offline import Offline
from allmenning.connections.peppol.bis import as_xml
from demo.run import ROOT
from sandbox import standards

from .stand import System, stand

if TYPE_CHECKING:
    from sandbox.schematron import Schematron

WHERE = ROOT / ".bench-share"
LINES, PAYERS = 100_000, 357
DAY = date(2019, 6, 1)  # the newest year that all figures are known of for more than 357
HOST = "kristiansund"  # sends the bills, and is no party: 357 others get one
SETTLE_SECONDS, SETTLE_MB, WHAT_IF_SECONDS, INVOICES_SECONDS = 10.0, 200.0, 0.3, 30.0
ORGANISATION = "310245119"  # of the register's test organisations

T = TypeVar("T")


@dataclass(frozen=True)
class Figure:
    """Something that was measured, beside its limit. cpu: seconds of it, here and in PostgreSQL: it tells most where others use the
    machine too. statements: of SQL.
    """

    what: str
    value: float
    limit: float
    unit: str
    cpu: float | None = None
    statements: int | None = None

    @property
    def is_kept(self) -> bool:
        return self.value <= self.limit


def main(arguments: Sequence[str]) -> int:
    """Measure and print; 1 where a limit is not kept."""
    parser = argparse.ArgumentParser(prog="bin/bench share", description=__doc__)
    parser.add_argument("--json", action="store_true", help="one object, for machines")
    parser.add_argument("--lines", type=int, default=LINES, help="cost lines (%(default)s)")
    parser.add_argument(
        "--data", type=Path, default=WHERE, metavar="DIR", help="where its rows are kept (.bench-share)"
    )
    options = parser.parse_args(arguments)
    figures = [*measured(options.lines), *rows(options.lines, options.data)]
    if options.json:
        print(json.dumps([{**vars(each), "is_kept": each.is_kept} for each in figures], ensure_ascii=False))
    else:
        _show(figures)
    return 0 if all(each.is_kept for each in figures) else 1


def measured(lines: int) -> Iterator[Figure]:
    """Each figure as it is taken: the ledger from its file, settled; memory; a what-if; the invoices, validated."""
    facts = Offline(ROOT / "data")
    among = _among(facts, PAYERS)
    raw = _ledger(lines)
    seconds, cpu, settled = _timed(lambda: settle(among, DAY, read_costs(raw, "ledger.csv"), facts))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    assert len(settled.by_party) == PAYERS, len(settled.by_party)
    yield Figure(f"a year of {PAYERS} municipalities, {lines:,} lines from a file", seconds, SETTLE_SECONDS, "s", cpu)
    yield Figure("memory of all of it, Python's own included", memory, SETTLE_MB, "MB")
    total = settled.pots[0].ore
    sums = [Cost(DAY, "", "", "", total, 0)]
    seconds, cpu, _ = _timed(lambda: settle(_among(facts, PAYERS - 1), DAY, sums, facts))
    yield Figure("what if one leaves", seconds, WHAT_IF_SECONDS, "s", cpu)
    yield from _invoices(settled)


def rows(lines: int, data: Path) -> Iterator[Figure]:
    """The same in the database: the ledger entered and the year drafted, in a process of their own; a what-if; the bills issued."""
    with stand(data, (), start=()) as system, TemporaryDirectory() as folder:
        id = f"bench-{token_hex(4)}"  # rows are never changed nor removed: each time another agreement
        text = Path(folder, "agreement.yaml")
        text.write_text(_text(Offline(ROOT / "data"), PAYERS, id), "utf-8")
        asked = (str(system.postgres.pid), id)
        told = json.loads(
            system.run("bench.share_rows", "enter", *asked, DAY.isoformat(), str(text), input=_ledger(lines))
        )
        assert told["payers"] == PAYERS, told
        assert told["left"], told
        yield _of(f"{lines:,} lines entered, the year drafted", SETTLE_SECONDS, told["entering"], told["drafting"])
        yield Figure("memory of the process that did, the platform's own included", told["memory_mb"], SETTLE_MB, "MB")
        yield _of("what if one leaves, by the rows", WHAT_IF_SECONDS, told["what_if"])
        yield from _issued(system, asked, str(told["settlement"]), folder)


def _issued(system: System, asked: Sequence[str], settlement: str, folder: str) -> Iterator[Figure]:
    done = json.loads(system.run("bench.share_rows", "issue", *asked, HOST, settlement, folder))
    made = [path.read_bytes() for path in Path(folder).glob("*.xml")]
    assert len(made) == done["bills"] == done["pdfs"] == PAYERS, done
    seconds, cpu, checked = _timed(lambda: _valid(made))
    if checked is None:
        return
    assert checked == PAYERS, f"{checked} of {PAYERS} are valid"
    looked_at = {"seconds": seconds, "cpu": cpu, "postgres_cpu": 0, "statements": 0}
    yield _of(f"{PAYERS} bills issued as EHF and PDF, each EHF valid", INVOICES_SECONDS, done["issuing"], looked_at)


def _of(what: str, limit: float, *parts: Mapping[str, float]) -> Figure:
    """What took some time in one or more parts."""
    cpu = sum(each["cpu"] + each["postgres_cpu"] for each in parts)
    return Figure(
        what, sum(each["seconds"] for each in parts), limit, "s", cpu, int(sum(each["statements"] for each in parts))
    )


def _invoices(settled: Settled) -> Iterator[Figure]:
    seconds, cpu, valid = _timed(
        lambda: _valid(as_xml(_invoice(*each)) for each in enumerate(settled.by_party.values(), 1))
    )
    if valid is None:
        return
    assert valid == len(settled.by_party), f"{valid} of {len(settled.by_party)} are valid"
    yield Figure(f"{valid} invoices, each valid by both sets of rules", seconds, INVOICES_SECONDS, "s", cpu)


def _valid(made: Iterable[bytes]) -> int | None:
    """How many are valid by every published set of rules; None where these are not here."""
    rules = _rules()
    if not rules:
        Console(stderr=True).print("The published Schematrons are not here (set ALLMENNING_STANDARDS): no invoices.")
        return None
    return sum(not any(each.flag == "fatal" for set in rules for each in set.failures(xml)) for xml in made)


@cache
def _rules() -> list[Schematron]:
    from sandbox.schematron import Schematron  # Saxon's memory is not that of a settlement

    return [Schematron(path) for path in standards.schematrons()]


def _timed(work: Callable[[], T]) -> tuple[float, float, T]:
    """Seconds by the clock, seconds of CPU, and what was made."""
    start, cpu = time.perf_counter(), time.process_time()
    made = work()
    return time.perf_counter() - start, time.process_time() - cpu, made


def _among(facts: Offline, count: int) -> Agreement:
    """An agreement that as many share by population and equally."""
    return agreement.read(_text(facts, count))


def _text(facts: Offline, count: int, id: str = "bench") -> str:
    """Its file. No cooperation has it, so its scope is its id."""
    there = facts.all_municipalities(DAY)
    known = facts.populations([each.id for each in there], date(DAY.year, 1, 1))
    ids = [each.id for each in there if each.id in known and each.id != HOST][:count]
    parties = [f"  - {{municipality: {id}, from: {DAY.year}-01-01}}" for id in ids]
    text = (ROOT / "agreements/ikt-orkide.yaml").read_text("utf-8")
    text = text.replace("id: ikt-orkide\n", f"id: {id}\n").replace("cooperation: ikt-orkide", "# no cooperation")
    return text.replace("parties: {members_of: ikt-orkide}", "parties:\n" + "\n".join(parties))


def _ledger(lines: int) -> bytes:
    """A ledger of a year, as a spreadsheet writes it. The same each time."""
    chance = random.Random(6)  # noqa: S311 (figures to count with, no secret)  # nosec B311
    rows = ["Dato;Leverandør;Faktura;Tekst;Netto;Mva;Brutto;Art;Funksjon"]
    for line in range(lines):
        net = chance.randrange(100, 5_000_000)
        vat = net // 4
        day = f"{chance.randrange(1, 29):02}.{chance.randrange(1, 13):02}.{DAY.year}"
        sums = ";".join(_kroner(each) for each in (net, vat, net + vat))
        rows.append(f"{day};Leverandør {line % 800} AS;{100_000 + line};Drift, linje {line};{sums};195;120")
    return ("\n".join(rows) + "\n").encode()


def _kroner(ore: int) -> str:
    return f"{ore // 100:,}".replace(",", " ") + f",{ore % 100:02}"


def _invoice(serial: int, ore: int) -> Document:
    trader: dict[str, Any] = {
        "organisation": ORGANISATION,
        "street": "Prøveveien 1",
        "postcode": "0001",
        "city": "Prøve",
    }
    return Document(
        number=f"{DAY.year}-{serial:04}",
        issued=date(DAY.year + 1, 1, 31),
        due=date(DAY.year + 1, 3, 1),
        seller=Trader(name="Vert kommune", is_registered=True, **trader),
        buyer=Trader(name="Betaler kommune", **trader),
        buyer_reference="1000",
        order_reference="",
        kid=f"{serial:09}",
        account="12345678903",
        period=(date(DAY.year, 1, 1), date(DAY.year, 12, 31)),
        lines=[Line("Drift", "70 % etter folketall, 30 % likt", ore, Vat("S", 25))],
    )


def _show(figures: Sequence[Figure]) -> None:
    table = Table(box=None, pad_edge=False)
    for column in ("What", "Measured", "Limit", "CPU", "SQL", ""):
        table.add_column(column, justify="left" if column in ("What", "") else "right")
    for each in figures:
        digits = 1 if each.unit == "MB" else 3
        table.add_row(
            each.what,
            f"{each.value:.{digits}f} {each.unit}",
            f"{each.limit:g} {each.unit}",
            "" if each.cpu is None else f"{each.cpu:.2f} s",
            "" if each.statements is None else str(each.statements),
            "✓" if each.is_kept else "✗",
        )
    Console(width=None if sys.stdout.isatty() else 200, highlight=False).print(table)
