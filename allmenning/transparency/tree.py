"""The Merkle tree of RFC 6962, section 2.1: hashes, proofs, and how they are verified (RFC 9162, section 2.1).

A *complete* subtree, of 2^level leaves from leaf index · 2^level on, never changes as the tree grows. Whoever keeps the
hashes of those can make every root and proof of every size that the tree has had, in O(log n).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()

Nodes = Callable[[int, int], bytes]
"""`nodes(level, index)`: the hash of a complete subtree; level 0 is the leaves."""


def leaf_hash(content: bytes) -> bytes:
    """SHA-256 over 0x00 and the leaf."""
    return sha256(b"\x00" + content).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256 over 0x01 and two hashes. The other first byte keeps a node from passing for a leaf."""
    return sha256(b"\x01" + left + right).digest()


class Growing:
    """A tree that only grows, by its peaks alone: the complete subtrees that it falls into, largest first."""

    def __init__(self, size: int = 0, peaks: Iterable[bytes] = ()) -> None:
        self.size = size
        self.peaks = list(peaks)
        if len(self.peaks) != size.bit_count():
            raise ValueError(f"a tree of {size} leaves has {size.bit_count()} peaks")

    @classmethod
    def from_nodes(cls, size: int, nodes: Nodes) -> Growing:
        """The tree of the first `size` leaves."""
        return cls(size, [nodes(level, index) for level, index in peaks_of(size)])

    def append(self, leaf: bytes) -> list[bytes]:
        """Add a leaf's hash. Returns the hashes of the complete subtrees that end with it: its own first."""
        completed = [leaf]
        while self.size >> (len(completed) - 1) & 1:
            completed.append(node_hash(self.peaks.pop(), completed[-1]))
        self.peaks.append(completed[-1])
        self.size += 1
        return completed

    def root(self) -> bytes:
        """MTH of the leaves so far."""
        if not self.peaks:
            return EMPTY_ROOT
        root = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            root = node_hash(peak, root)
        return root


def peaks_of(size: int) -> list[tuple[int, int]]:
    """(level, index) of the complete subtrees that a tree falls into, largest first."""
    levels = [level for level in reversed(range(size.bit_length())) if size >> level & 1]
    return [(level, (size >> level) - 1) for level in levels]


def ends_with(level: int, index: int) -> int:
    """Index of the last leaf of a complete subtree: with that leaf it became complete."""
    return (index + 1 << level) - 1


def needed_for(make: Callable[[Nodes], object]) -> list[tuple[int, int]]:
    """(level, index) of the hashes that `make(nodes)` asks for: so that they can be read all at once."""
    asked = []

    def note(level: int, index: int) -> bytes:
        asked.append((level, index))
        return bytes(HASH_BYTES)

    make(note)
    return asked


def root_of(size: int, nodes: Nodes) -> bytes:
    """MTH of the first `size` leaves."""
    return _hash_of(0, size, nodes) if size else EMPTY_ROOT


def inclusion_proof(index: int, size: int, nodes: Nodes) -> list[bytes]:
    """PATH(index, D[size]), RFC 6962 section 2.1.1. Raises ValueError for a leaf that is not in the tree."""
    if not 0 <= index < size:
        raise ValueError(f"leaf {index} is not in a tree of {size}")
    proof, start, end = [], 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            proof.append(_hash_of(middle, end, nodes))
            end = middle
        else:
            proof.append(_hash_of(start, middle, nodes))
            start = middle
    return proof[::-1]


def consistency_proof(old: int, new: int, nodes: Nodes) -> list[bytes]:
    """PROOF(old, D[new]), RFC 6962 section 2.1.2; empty from nothing, and from a tree to itself."""
    if not 0 <= old <= new:
        raise ValueError(f"a tree of {new} has never been one of {old}")
    if old in (0, new):
        return []
    proof, start, end = [], 0, new
    while end != old:
        middle = start + _split(end - start)
        if old <= middle:
            proof.append(_hash_of(middle, end, nodes))
            end = middle
        else:
            proof.append(_hash_of(start, middle, nodes))
            start = middle
    if start:  # else what is left is the old tree itself, whose root the verifier has
        proof.append(_hash_of(start, end, nodes))
    return proof[::-1]


def includes(root: bytes, size: int, index: int, leaf: bytes, proof: Sequence[bytes]) -> bool:
    """Whether the proof shows that a leaf's hash is number `index` of the tree. RFC 9162, section 2.1.3.2."""
    if not 0 <= index < size:
        return False
    here, last, hashed = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if here & 1 or here == last:
            hashed = node_hash(sibling, hashed)
            while not here & 1 and here:
                here, last = here >> 1, last >> 1
        else:
            hashed = node_hash(hashed, sibling)
        here, last = here >> 1, last >> 1
    return last == 0 and hashed == root


def is_consistent(old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether the proof shows that the new tree begins with the whole old one. RFC 9162, section 2.1.4.2.

    Nothing is the beginning of everything, and a tree of itself: their proofs are empty.
    """
    if not 0 <= old <= new:
        return False
    if old == 0:
        return not proof and old_root == EMPTY_ROOT and (new > 0 or new_root == EMPTY_ROOT)
    if old == new:
        return not proof and old_root == new_root
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    if not path:
        return False
    here, last = old - 1, new - 1
    while here & 1:
        here, last = here >> 1, last >> 1
    of_old = of_new = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if here & 1 or here == last:
            of_old, of_new = node_hash(sibling, of_old), node_hash(sibling, of_new)
            while not here & 1 and here:
                here, last = here >> 1, last >> 1
        else:
            of_new = node_hash(of_new, sibling)
        here, last = here >> 1, last >> 1
    return last == 0 and of_old == old_root and of_new == new_root


def _hash_of(start: int, end: int, nodes: Nodes) -> bytes:
    """MTH(D[start:end]) of a part that the tree is split into: whole, or the right edge of it."""
    size = end - start
    if size & (size - 1) == 0:
        level = size.bit_length() - 1
        return nodes(level, start >> level)
    middle = start + _split(size)
    return node_hash(_hash_of(start, middle, nodes), _hash_of(middle, end, nodes))


def _split(size: int) -> int:
    """The largest power of two that is smaller than the size."""
    return 1 << (size - 1).bit_length() - 1
