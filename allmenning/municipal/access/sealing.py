"""Numbering log rows and sealing them into the municipality's Merkle tree. As the login `sealer`, never by a request."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from allmenning.basics import dates
from allmenning.transparency import statements, tree
from allmenning.transparency.checkpoints import Checkpoint
from allmenning.transparency.notes import Note, Signer

from .encoding import encoded
from .errors import LogNotWhole
from .models import LogCosignature, LogEntry, LogHead, LogLeaf, LogStatement

AT_ONCE = 5_000
# A row's id is made up to this long before it is committed. What took longer is found by the looks that go further back.
RECENT = timedelta(minutes=2)

# Two that seal at once have numbers or rows in common: the second waits for the first, and then adds fewer than it has.
_ADD = """
    insert into access_logleaf (id, number, hashes)
    select * from unnest(%(ids)s::uuid[], %(numbers)s::bigint[], %(hashes)s::bytea[])
    on conflict do nothing"""

# Both sides are read in the order of their index, from a place near its end on.
_WAITING = """
    select id from access_logentry where id >= %(since)s
    except select id from access_logleaf where id >= %(since)s
    order by id limit %(most)s"""


Signers = Callable[[], Sequence[Signer]]
State = Callable[[tree.Growing], None]


def seal(signers: Signers, back_to: datetime | None = None, state: State | None = None) -> int:
    """Number the rows that have no number, seal them and sign the new head. Returns how many there were.

    Any process may do it at any time: of those that do at once one succeeds, and the others return 0.

    Args:
        signers: the log's keys, asked for in the transaction; their name is the log's origin.
        back_to: how far back to look for rows; None: as far as is needed for those that have just been written.
        state: makes a statement of the log as it was before these rows, in the same transaction.

    Raises LogNotWhole: what is sealed already is not what was signed, and nothing more is signed on top of it.
    """
    since = dates.now() - RECENT if back_to is None else back_to
    waiting = _waiting(since)
    if not waiting:
        return 0
    with transaction.atomic():
        growing = growing_tree()
        before = tree.Growing(growing.size, growing.peaks)
        entries = LogEntry.objects.filter(id__in=waiting).order_by("id")
        leaves = [_leaf(entry, growing) for entry in entries]
        if not leaves or not _added(leaves):
            transaction.set_rollback(True)
            return 0
        if state is not None:
            state(before)
        _sign(growing, signers())
        return len(leaves)


@dataclass(frozen=True)
class Standing:
    """What the log's statements say. keys: public parts, the newest first; none while it has its first key."""

    origin: str
    since: int  # the number of rows when it got the name that it has
    keys: tuple[bytes, ...] = ()
    first_key: bytes | None = None
    names: tuple[str, ...] = ()  # all that it has had

    @property
    def key(self) -> bytes | None:
        return self.keys[0] if self.keys else None


def standing(base: str) -> Standing:
    """The log's name and keys now; `base`: its first name."""
    origin, since, keys, names = base, 0, tuple[bytes, ...](), [base]
    first = None
    for each in LogStatement.objects.order_by("id"):
        note = Note.parse(each.note.encode())
        if each.kind == LogStatement.Kind.BEGUN_ANEW:
            origin, since = statements.name_after(base, note), each.size
            names.append(origin)
        else:
            before, after = statements.keys_of(note)
            first = first or before.public
            keys = (after.public, before.public) if each.until and dates.now() < each.until else (after.public,)
    return Standing(origin, since, keys, first, tuple(names))


# Each row is under every later head, so an old one is missed by nobody. What is kept: all of a week; then the last good one
# of each hour, and after a quarter of a year of each day; the newest, the newest good one, the newest that each witness has
# cosigned (what it grows from), and those that statements speak of.
ALL_OF, HOURS_OF = timedelta(days=7), timedelta(days=90)
_COSIGNED = "select head_id, count(distinct witness) >= 2 as good from access_logcosignature group by head_id"
_SPARE = f"""
    select h.id from access_loghead h
    where h.at < %(all)s and h.id not in (
        select distinct on (date_trunc(case when k.at < %(hours)s then 'day' else 'hour' end, k.at)) k.id
        from access_loghead k left join ({_COSIGNED}) c on c.head_id = k.id
        where k.at < %(all)s
        order by date_trunc(case when k.at < %(hours)s then 'day' else 'hour' end, k.at),
          coalesce(c.good, false) desc, k.size desc)
    and h.size not in (select size from access_logstatement)
    and h.size <> (select max(size) from access_loghead)
    and h.id not in (
        select distinct on (g.good) k.id from access_loghead k join ({_COSIGNED}) g on g.head_id = k.id
        order by g.good, k.size desc)
    and h.id not in (
        select distinct on (w.witness) w.head_id from access_logcosignature w join access_loghead k on k.id = w.head_id
        order by w.witness, k.size desc)"""  # noqa: S608 (our own words)  # nosec B608


def thin_heads() -> int:
    """Remove old heads that nobody needs, with their cosignatures. Returns how many. As the tables' owner."""
    now = dates.now()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_SPARE, {"all": now - ALL_OF, "hours": now - HOURS_OF})
        spare = [id for (id,) in cursor.fetchall()]
        LogCosignature.objects.filter(head__in=spare).delete()
        LogHead.objects.filter(id__in=spare).delete()
    return len(spare)


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


def begun_anew_after() -> int:
    """How many rows the log had when it got the name that it has; -1 while it has its first."""
    anew = LogStatement.objects.filter(kind=LogStatement.Kind.BEGUN_ANEW).order_by("-id").first()
    return anew.size if anew else -1


def root_at(size: int) -> bytes:
    """The root of the first so many rows. Raises LogNotWhole."""
    return tree.root_of(size, nodes_for(tree.needed_for(partial(tree.root_of, size))))


def _leaf(entry: LogEntry, growing: tree.Growing) -> LogLeaf:
    number = growing.size
    return LogLeaf(id=entry.id, number=number, hashes=b"".join(growing.append(tree.leaf_hash(encoded(entry)))))


def _added(leaves: list[LogLeaf]) -> bool:
    """False when somebody else has sealed any of the rows, or taken the numbers: nothing of it may stay then."""
    columns: dict[str, Any] = {
        "ids": [leaf.id for leaf in leaves],
        "numbers": [leaf.number for leaf in leaves],
        "hashes": [leaf.hashes for leaf in leaves],
    }
    with connection.cursor() as cursor:
        cursor.execute(_ADD, columns)
        return bool(cursor.rowcount == len(leaves))


def _sign(growing: tree.Growing, signers: Sequence[Signer]) -> None:
    text = Checkpoint(signers[0].name, growing.size, growing.root()).text
    note = Note(text, tuple(signer.sign(text) for signer in signers))
    LogHead.objects.create(size=growing.size, note=note.written().decode())


def _waiting(since: datetime) -> list[UUID]:
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, {"since": first_id_of(since), "most": AT_ONCE})
        return [found for (found,) in cursor.fetchall()]


def first_id_of(moment: datetime) -> UUID:
    """The smallest id that can have been made at a time (UUIDv7, RFC 9562 section 5.7)."""
    milliseconds = max(0, int(moment.timestamp() * 1000))
    return UUID(int=milliseconds << 80)
