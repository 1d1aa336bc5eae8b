"""Numbering log rows and sealing them into the municipality's Merkle tree. As the tables' owner, never by a request."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from allmenning.basics import dates
from allmenning.transparency import tree
from allmenning.transparency.checkpoints import Checkpoint
from allmenning.transparency.notes import Note, Signer

from .encoding import encoded
from .errors import LogNotWhole
from .models import LogEntry, LogHead, LogLeaf

AT_ONCE = 5_000
# A row's id is made up to this long before it is committed. What took longer is found by the looks that go further back.
RECENT = timedelta(minutes=2)

# Two that seal at once begin with the same number: the second waits for the first, and then adds nothing.
_ADD = """
    insert into access_logleaf (id, number, hashes)
    select * from unnest(%(ids)s::uuid[], %(numbers)s::bigint[], %(hashes)s::bytea[])
    on conflict (number) do nothing"""

# Both sides are read in the order of their index, from a place near its end on.
_WAITING = """
    select id from access_logentry where id >= %(since)s
    except select id from access_logleaf where id >= %(since)s
    order by id limit %(most)s"""


def seal(signer: Signer, back_to: datetime | None = None) -> int:
    """Number the rows that have no number, seal them and sign the new head. Returns how many there were.

    Any process may do it at any time: of those that do at once one succeeds, and the others return 0.

    Args:
        signer: the log's key; its name is the log's origin.
        back_to: how far back to look for rows; None: as far as is needed for those that have just been written.

    Raises LogNotWhole: what is sealed already is not what was signed, and nothing more is signed on top of it.
    """
    since = dates.now() - RECENT if back_to is None else back_to
    if not _waiting(since, 1):
        return 0
    with transaction.atomic():
        growing = growing_tree()  # before the rows: so that whatever is sealed after it takes one of our numbers
        entries = LogEntry.objects.filter(id__in=_waiting(since, AT_ONCE)).order_by("id")
        leaves = [_leaf(entry, growing) for entry in entries]
        if not leaves or not _added(leaves):
            transaction.set_rollback(True)
            return 0
        _sign(growing, signer)
        return len(leaves)


_OLDEST_UNSEALED = """
    select min(e.at) from access_logentry e
    where e.id >= %s and not exists (select from access_logleaf l where l.id = e.id)"""


def oldest_unsealed() -> datetime | None:
    """When the oldest row of the last day that no head has was written."""
    with connection.cursor() as cursor:
        cursor.execute(_OLDEST_UNSEALED, [first_id_of(dates.now() - timedelta(days=1))])
        found: datetime | None = cursor.fetchone()[0]
        return found


def growing_tree() -> tree.Growing:
    """The tree of what is signed. Raises LogNotWhole when the hashes that are kept give another root, or are gone."""
    head = newest_head()
    if head is None:
        return tree.Growing()
    growing = tree.Growing.from_nodes(head.size, nodes_for(tree.peaks_of(head.size)))
    if growing.root() != head.root:
        raise LogNotWhole()
    return growing


def newest_head() -> Checkpoint | None:
    """The head that was signed last."""
    head = LogHead.objects.order_by("-size").first()
    return checkpoint_of(head) if head else None


def checkpoint_of(head: LogHead) -> Checkpoint:
    """What a head says."""
    return Checkpoint.parse(Note.parse(head.note.encode()).text)


def consistency_proof(old: int, new: int) -> list[bytes]:
    """The proof that the log of `new` rows begins with the one of `old`. Raises LogNotWhole: rows of it are gone."""
    needed = tree.needed_for(partial(tree.consistency_proof, old, new))
    return tree.consistency_proof(old, new, nodes_for(needed))


def nodes_for(wanted: Iterable[tuple[int, int]]) -> tree.Nodes:
    """Hashes of complete subtrees, by (level, index), read in one statement."""
    ends = {tree.ends_with(level, index) for level, index in wanted}
    hashes = dict(LogLeaf.objects.filter(number__in=ends).values_list("number", "hashes")) if ends else {}

    def node(level: int, index: int) -> bytes:
        found = bytes(hashes.get(tree.ends_with(level, index), b""))[level * tree.HASH_BYTES :][: tree.HASH_BYTES]
        if len(found) != tree.HASH_BYTES:
            raise LogNotWhole()
        return found

    return node


def _leaf(entry: LogEntry, growing: tree.Growing) -> LogLeaf:
    number = growing.size
    return LogLeaf(id=entry.id, number=number, hashes=b"".join(growing.append(tree.leaf_hash(encoded(entry)))))


def _added(leaves: list[LogLeaf]) -> bool:
    """False when somebody else has taken the numbers: nothing of it may stay then."""
    columns: dict[str, Any] = {
        "ids": [leaf.id for leaf in leaves],
        "numbers": [leaf.number for leaf in leaves],
        "hashes": [leaf.hashes for leaf in leaves],
    }
    with connection.cursor() as cursor:
        cursor.execute(_ADD, columns)
        return bool(cursor.rowcount == len(leaves))


def _sign(growing: tree.Growing, signer: Signer) -> None:
    text = Checkpoint(signer.name, growing.size, growing.root()).text
    LogHead.objects.create(size=growing.size, note=Note(text, (signer.sign(text),)).written().decode())


def _waiting(since: datetime, most: int) -> list[UUID]:
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, {"since": first_id_of(since), "most": most})
        return [found for (found,) in cursor.fetchall()]


def first_id_of(moment: datetime) -> UUID:
    """The smallest id that can have been made at a time (UUIDv7, RFC 9562 section 5.7)."""
    milliseconds = max(0, int(moment.timestamp() * 1000))
    return UUID(int=milliseconds << 80)
