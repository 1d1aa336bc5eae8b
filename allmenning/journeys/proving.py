"""Exporting a municipality's log, and verifying it: against what was signed, what witnesses cosigned, and what they have seen.

The one verifier is `allmenning/transparency/verify_log.py`, which stands on its own: here it reads from the database.
"""

from __future__ import annotations

import json
import logging
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

from django.db import connection, transaction

from allmenning.basics import dates
from allmenning.basics.identifiers import uuid7
from allmenning.municipal.access import sealing
from allmenning.municipal.access.actions import log_object
from allmenning.municipal.access.actor import SYSTEM
from allmenning.municipal.access.encoding import encoded
from allmenning.municipal.access.models import LogEntry, LogHead, LogLeaf, LogStatement
from allmenning.tenancy import use
from allmenning.transparency import tree, verify_log
from allmenning.transparency.verify_log import Key, Trust, Wrong

from .models import LogSealing
from .ports import WitnessAway
from .sealing import origin_of, signer_of
from .witnessing import NEEDED, witnesses

log = logging.getLogger(__name__)

LOG_KEEPING = "log-keeping"  # the purpose
LOG_AREA = "ordinary"  # a row has to be of some area
AT_ONCE = 2_000
WAITS_AT_MOST = timedelta(seconds=10)  # a row that was written before that and has no number is not being sealed


@dataclass(frozen=True)
class Found:
    """What was found of one municipality's log, in a sentence, and the number of the first row that is wrong."""

    municipality: str
    whole: bool
    said: str
    row: int | None = None


def export(municipality: str, path: Path) -> int:
    """Write a municipality's sealed log to a new file, and a row that it was. Returns how many rows. Raises FileExistsError."""
    if path.exists():
        raise FileExistsError(path)
    with use(municipality, LOG_AREA):
        log_object(
            SYSTEM, area=LOG_AREA, action="export-log", purpose=LOG_KEEPING, object_kind="log", object_id=uuid7()
        )
    rows = 0
    with use(municipality, "sealer"), transaction.atomic(), path.open("x", encoding="utf-8", newline="\n") as file:
        _as_at_one_time()
        for line in lines(origin_of(municipality)):
            rows += line.startswith(("row ", "gone "))
            file.write(line + "\n")
    return rows


def how_to_verify(municipality: str, path: Path) -> str:
    """The command by which anybody verifies an exported log."""
    words = ["python", verify_log.__file__, str(path), "--log-key", str(signer_of(municipality).key)]
    for witness in witnesses():
        words += ["--witness", str(witness.key)]
    return shlex.join(words)


def verify(municipality: str, path: Path | None = None, *, ask_witnesses: bool = True, needed: int = NEEDED) -> Found:
    """Verify a municipality's log in its database, or as it stands in an exported file.

    needed: how many witnesses make a head good.
    """
    signer = signer_of(municipality)
    keys = tuple(Key.parse(str(witness.key)) for witness in witnesses())
    trust = Trust(Key.parse(str(signer.key)), keys, needed)
    known, silent = _all_seen(municipality) if ask_witnesses else ([], [])
    try:
        if path is not None:
            with path.open(encoding="utf-8", newline="\n") as file:
                found = verify_log.verify(file, trust, known)
        else:
            with use(municipality, "sealer"), transaction.atomic():
                _as_at_one_time()
                found = verify_log.verify(lines(origin_of(municipality)), trust, known)
                _nothing_beside()
    except UnicodeDecodeError:
        return Found(municipality, False, "it is not text")
    except Wrong as wrong:
        return Found(municipality, False, str(wrong), wrong.row)
    unheard = f"; no answer from {', '.join(silent)}" if silent else ""
    said = "".join(f"; {each}" for each in found.statements)
    return Found(municipality, True, f"{found.rows} rows as they were sealed, under {found.heads} heads{said}{unheard}")


def note(municipality: str) -> None:
    """Look through a municipality's log each night, and note for operators what is wrong with it.

    Whether its heads are good is counted each minute (witnessing.note); what is asked here is whether anything was changed.
    """
    found = verify(municipality, needed=0)
    if not found.whole:
        log.error("the log of %s is not what was sealed: %s", municipality, found.said)
    noted = {"wrong": "" if found.whole else found.said, "looked_at": dates.now()}
    LogSealing.objects.filter(municipality=municipality).update(**noted)


def is_whole_in_itself(municipality: str) -> bool:
    """Whether rows, seals and signed heads agree, whatever witnesses have seen."""
    trust = Trust(Key.parse(str(signer_of(municipality).key)), (), 0)
    with use(municipality, "sealer"), transaction.atomic():
        _as_at_one_time()
        try:
            verify_log.verify(lines(origin_of(municipality)), trust)
        except Wrong:
            return False
    return True


def lines(origin: str) -> Iterator[str]:
    """The log as docs/log.md describes it, without newlines. With a municipality chosen, as the login `sealer`."""
    yield f"{verify_log.FORMAT} {origin}"
    for each in LogStatement.objects.order_by("id"):
        yield f"statement {json.dumps(each.note, ensure_ascii=False)}"
    heads = LogHead.objects.order_by("size").prefetch_related("cosignatures").iterator(chunk_size=AT_ONCE)
    head = next(heads, None)
    for line, number in _rows():
        while head is not None and head.size <= number:
            yield _head_line(head)
            head = next(heads, None)
        yield line
    while head is not None:
        yield _head_line(head)
        head = next(heads, None)


def _rows() -> Iterator[tuple[str, int]]:
    """Each leaf with its row, in order, and its number."""
    last = -1
    while some := list(LogLeaf.objects.filter(number__gt=last).order_by("number")[:AT_ONCE]):
        entries = LogEntry.objects.in_bulk([leaf.id for leaf in some])
        for leaf in some:
            hashed = bytes(leaf.hashes)[: tree.HASH_BYTES].hex()
            entry = entries.get(leaf.id)
            content = f"row {leaf.number} {hashed} {encoded(entry).decode()}" if entry else None
            yield content or f"gone {leaf.number} {hashed} {leaf.id}", leaf.number
        last = some[-1].number


def _head_line(head: LogHead) -> str:
    cosigned = "".join(sorted(each.line for each in head.cosignatures.all()))
    return f"head {json.dumps(head.note + cosigned, ensure_ascii=False)}"


_UNNUMBERED = """
    select e.id from access_logentry e
    where e.at < %s and not exists (select from access_logleaf l where l.id = e.id) order by e.id limit 1"""
_NOT_ITS_NODES = "the hashes that are kept of its tree are not what its rows give"


def _nothing_beside() -> None:
    """Raise Wrong for rows that were slipped in past the seals, and for hashes that proofs would be made of."""
    with connection.cursor() as cursor:
        cursor.execute(_UNNUMBERED, [dates.now() - WAITS_AT_MOST])
        if found := cursor.fetchone():
            raise Wrong(f"the row {found[0]} was written and never sealed")
    growing, last = tree.Growing(), -1
    while some := list(LogLeaf.objects.filter(number__gt=last).order_by("number")[:AT_ONCE]):
        for leaf in some:
            hashes = bytes(leaf.hashes)
            if b"".join(growing.append(hashes[: tree.HASH_BYTES])) != hashes:
                raise Wrong(_NOT_ITS_NODES, leaf.number)
        last = some[-1].number


def _as_at_one_time() -> None:
    """Rows that are sealed meanwhile are not seen by half."""
    with connection.cursor() as cursor:
        cursor.execute("set transaction isolation level repeatable read read only")


def _all_seen(municipality: str) -> tuple[list[str], list[str]]:
    """What witnesses have seen under each name that the log has had, and who did not answer."""
    with use(municipality, "sealer"):
        names = sealing.standing(origin_of(municipality)).names
    answers = [seen_by_witnesses(name) for name in names]
    return [head for heads, _ in answers for head in heads], sorted({name for _, silent in answers for name in silent})


def seen_by_witnesses(origin: str) -> tuple[list[str], list[str]]:
    """The last heads that witnesses have cosigned, from themselves, and the names of those that did not answer."""
    heads, silent = [], []
    for witness in witnesses():
        try:
            head = witness.client.last_head(sha256(origin.encode()).hexdigest())
        except WitnessAway:
            silent.append(witness.key.name)
            continue
        if head is not None:
            heads.append(head)
    return heads, silent
