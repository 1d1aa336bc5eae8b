"""`bin/bench share`: settling a year for 357 municipalities with 100,000 cost lines, a what-if of it, and its invoices."""

from __future__ import annotations

import argparse
import json
import random
import resource
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

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

LINES, PAYERS = 100_000, 357
DAY = date(2019, 6, 1)  # the newest year that all figures are known of for more than 357
SETTLE_SECONDS, SETTLE_MB, WHAT_IF_SECONDS, INVOICES_SECONDS = 10.0, 200.0, 0.3, 30.0
ORGANISATION = "310245119"  # of the register's test organisations

T = TypeVar("T")


@dataclass(frozen=True)
class Figure:
    """Something that was measured, beside its limit."""

    what: str
    value: float
    limit: float
    unit: str

    @property
    def is_kept(self) -> bool:
        return self.value <= self.limit


def main(arguments: Sequence[str]) -> int:
    """Measure and print; 1 where a limit is not kept."""
    parser = argparse.ArgumentParser(prog="bin/bench share", description=__doc__)
    parser.add_argument("--json", action="store_true", help="one object, for machines")
    parser.add_argument("--lines", type=int, default=LINES, help="cost lines (%(default)s)")
    options = parser.parse_args(arguments)
    figures = list(measured(options.lines))
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
    seconds, settled = _timed(lambda: settle(among, DAY, read_costs(raw, "ledger.csv"), facts))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    assert len(settled.by_party) == PAYERS, len(settled.by_party)
    yield Figure(f"a year of {PAYERS} municipalities, {lines:,} lines from a file", seconds, SETTLE_SECONDS, "s")
    yield Figure("memory of all of it, Python's own included", memory, SETTLE_MB, "MB")
    total = settled.pots[0].ore
    sums = [Cost(DAY, "", "", "", total, 0)]
    seconds, _ = _timed(lambda: settle(_among(facts, PAYERS - 1), DAY, sums, facts))
    yield Figure("what if one leaves", seconds, WHAT_IF_SECONDS, "s")
    yield from _invoices(settled)


def _invoices(settled: Settled) -> Iterator[Figure]:
    from sandbox.schematron import Schematron  # Saxon's memory is not that of a settlement

    rules = [Schematron(path) for path in standards.schematrons()]
    if not rules:
        Console(stderr=True).print("The published Schematrons are not here (set ALLMENNING_STANDARDS): no invoices.")
        return

    def make() -> int:
        made = (as_xml(_invoice(serial, ore)) for serial, ore in enumerate(settled.by_party.values(), start=1))
        return sum(not any(each.flag == "fatal" for set in rules for each in set.failures(xml)) for xml in made)

    seconds, valid = _timed(make)
    assert valid == len(settled.by_party), f"{valid} of {len(settled.by_party)} are valid"
    yield Figure(f"{valid} invoices, each valid by {len(rules)} sets of rules", seconds, INVOICES_SECONDS, "s")


def _timed(work: Callable[[], T]) -> tuple[float, T]:
    start = time.perf_counter()
    made = work()
    return time.perf_counter() - start, made


def _among(facts: Offline, count: int) -> Agreement:
    """An agreement that as many share by population and equally."""
    there = facts.all_municipalities(DAY)
    known = facts.populations([each.id for each in there], date(DAY.year, 1, 1))
    parties = [f"  - {{municipality: {each.id}, from: 2010-01-01}}" for each in there if each.id in known][:count]
    text = (ROOT / "agreements/ikt-orkide.yaml").read_text("utf-8")
    return agreement.read(text.replace("parties: {members_of: ikt-orkide}", "parties:\n" + "\n".join(parties)))


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
    for column in ("What", "Measured", "Limit", ""):
        table.add_column(column, justify="left" if column in ("What", "") else "right")
    for each in figures:
        digits = 1 if each.unit == "MB" else 3
        table.add_row(
            each.what,
            f"{each.value:.{digits}f} {each.unit}",
            f"{each.limit:g} {each.unit}",
            "✓" if each.is_kept else "✗",
        )
    Console(width=None if sys.stdout.isatty() else 200, highlight=False).print(table)
