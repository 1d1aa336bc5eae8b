"""RFC 6962, section 2.1: against published vectors, and against the definition written as it stands there."""

from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allmenning.transparency import tree

LEAVES = [
    bytes.fromhex(each)
    for each in "- 00 10 2021 3031 40414243 5051525354555657 606162636465666768696a6b6c6d6e6f".replace("-", "").split(
        " "
    )
]
# The roots of the first 1, 2 ... 8 of them, as certificate-transparency's own tests have them.
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def mth(leaves):
    """MTH as RFC 6962 defines it."""
    if len(leaves) < 2:
        return tree.leaf_hash(leaves[0]) if leaves else sha256(b"").digest()
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return tree.node_hash(mth(leaves[:k]), mth(leaves[k:]))


def path(m, leaves):
    """PATH as RFC 6962 defines it."""
    if len(leaves) < 2:
        return []
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    if m < k:
        return [*path(m, leaves[:k]), mth(leaves[k:])]
    return [*path(m - k, leaves[k:]), mth(leaves[:k])]


def subproof(m, leaves, whole):
    """SUBPROOF as RFC 6962 defines it; PROOF(m, D) is SUBPROOF(m, D, true)."""
    if m == len(leaves):
        return [] if whole else [mth(leaves)]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    if m <= k:
        return [*subproof(m, leaves[:k], whole), mth(leaves[k:])]
    return [*subproof(m - k, leaves[k:], False), mth(leaves[:k])]


def grown(leaves):
    """A tree with these leaves, and its complete subtrees by (level, index)."""
    growing, nodes = tree.Growing(), {}
    for number, leaf in enumerate(leaves):
        for level, hashed in enumerate(growing.append(tree.leaf_hash(leaf))):
            nodes[level, number >> level] = hashed
    return growing, lambda level, index: nodes[level, index]


def leaves_of(size):
    return [str(number).encode() for number in range(size)]


def test_the_published_roots_come_out():
    for size, root in enumerate(ROOTS, start=1):
        assert grown(LEAVES[:size])[0].root().hex() == root


def test_a_published_proof_comes_out():
    """The leaf 6 of 8, from the same tests."""
    _, nodes = grown(LEAVES)
    assert [each.hex() for each in tree.inclusion_proof(5, 8, nodes)] == [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]


def test_an_empty_tree_has_the_hash_of_nothing():
    assert tree.Growing().root() == tree.EMPTY_ROOT == tree.root_of(0, grown([])[1]) == sha256(b"").digest()


@pytest.mark.parametrize("size", range(1, 40))
def test_every_root_and_proof_is_as_the_rfc_defines_it(size):
    leaves = leaves_of(size)
    growing, nodes = grown(leaves)
    root = mth(leaves)
    assert growing.root() == tree.root_of(size, nodes) == tree.Growing.from_nodes(size, nodes).root() == root
    for index in range(size):
        proof = tree.inclusion_proof(index, size, nodes)
        assert proof == path(index, leaves)
        assert tree.includes(root, size, index, tree.leaf_hash(leaves[index]), proof)
    for old in range(1, size + 1):
        proof = tree.consistency_proof(old, size, nodes)
        assert proof == subproof(old, leaves, True)
        assert tree.is_consistent(old, mth(leaves[:old]), size, root, proof)


@settings(deadline=None)
@given(st.integers(1, 200), st.data())
def test_a_proof_with_anything_changed_shows_nothing(size, data):
    leaves = leaves_of(size)
    _, nodes = grown(leaves)
    root, index = mth(leaves), data.draw(st.integers(0, size - 1))
    proof, leaf = tree.inclusion_proof(index, size, nodes), tree.leaf_hash(leaves[index])
    assert tree.includes(root, size, index, leaf, proof)
    other = data.draw(st.integers(0, size + 3).filter(lambda number: number != index))
    assert not tree.includes(root, size, other, leaf, proof)
    assert not tree.includes(root, size, index, tree.leaf_hash(b"another"), proof)
    assert not tree.includes(root, size, index, leaf, [*proof, root])
    assert not proof or not tree.includes(root, size, index, leaf, proof[:-1])


@settings(deadline=None)
@given(st.integers(2, 200), st.data())
def test_no_proof_joins_a_tree_to_one_that_is_no_continuation(size, data):
    old = data.draw(st.integers(1, size - 1))
    changed = data.draw(st.integers(0, old - 1))
    leaves = leaves_of(size)
    before = [b"another" if number == changed else leaf for number, leaf in enumerate(leaves[:old])]
    _, nodes = grown(leaves)
    proof = tree.consistency_proof(old, size, nodes)
    assert tree.is_consistent(old, mth(leaves[:old]), size, mth(leaves), proof)
    assert not tree.is_consistent(old, mth(before), size, mth(leaves), proof)
    assert not tree.is_consistent(old, mth(leaves[:old]), size, mth([*before, *leaves[old:]]), proof)
    for at in range(len(proof)):
        assert not tree.is_consistent(old, mth(leaves[:old]), size, mth(leaves), proof[:at] + proof[at + 1 :])
        flipped = bytes([proof[at][0] ^ 1]) + proof[at][1:]
        wrong = [*proof[:at], flipped, *proof[at + 1 :]]
        assert not tree.is_consistent(old, mth(leaves[:old]), size, mth(leaves), wrong)


def test_a_smaller_tree_is_never_a_continuation():
    root = mth(leaves_of(3))
    assert not tree.is_consistent(4, mth(leaves_of(4)), 3, root, [])
    assert not tree.is_consistent(3, root, 3, mth(leaves_of(4)), [])
    assert not tree.is_consistent(0, tree.EMPTY_ROOT, 0, root, [])
    assert not tree.is_consistent(0, tree.EMPTY_ROOT, 3, root, [root])
