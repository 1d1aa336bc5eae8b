"""C2SP signed-note, tlog-checkpoint and tlog-cosignature: each MUST has a test named after it."""

import base64

import pytest

from allmenning.transparency.checkpoints import Checkpoint
from allmenning.transparency.errors import NotACheckpoint, NotAKey, NotANote, NotSigned
from allmenning.transparency.notes import COSIGNATURE, LATEST_TIME, Cosigner, Key, Note, Signature, Signer

# golang.org/x/mod/sumdb/note, note_test.go
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETERS_SEED = base64.b64decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:]
TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
SIGNED = f"{TEXT}\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"  # fmt: skip

# The example of tlog-cosignature.
COSIGNED = """\
example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==
"""

LOG, WITNESS = Signer("log.example/averoy", b"l" * 32), Cosigner("witness.example", b"w" * 32)
HEAD = Checkpoint("log.example/averoy", 7, bytes(32))


def test_the_published_note_verifies_and_is_written_the_same():
    key = Key.parse(PETER)
    note = Note.parse(SIGNED.encode())
    assert (str(key), note.text, note.written()) == (PETER, TEXT, SIGNED.encode())
    assert [each.name for each in note.signed_by([key])] == ["PeterNeumann"]
    assert Note(TEXT, (Signer("PeterNeumann", PETERS_SEED).sign(TEXT),)).written() == SIGNED.encode()


def test_the_published_cosigned_checkpoint_is_read_and_written_the_same():
    note = Note.parse(COSIGNED.encode())
    head = Checkpoint.parse(note.text)
    assert (head.origin, head.size, head.text, note.written()) == (
        "example.com/behind-the-sofa",
        20852163,
        note.text,
        COSIGNED.encode(),
    )
    assert note.signatures[1].time == 1679315147  # as the specification says of it


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\n\n\xe2\x80\x94 a AAAAAAAA\n",  # MUST be valid UTF-8
        SIGNED.replace("then", "then\t").encode(),  # MUST NOT contain control characters but newline
        SIGNED.replace("\n", "\r\n").encode(),
        SIGNED.rstrip("\n").encode(),
        SIGNED.replace("— ", "- ").encode(),
        SIGNED.replace("— PeterNeumann", "— Peter Neumann").encode(),  # MUST NOT contain spaces
        SIGNED.replace("— PeterNeumann", "— Peter+Neumann").encode(),  # nor plus
        SIGNED.replace("— PeterNeumann", "— ").encode(),  # MUST be non-empty
        SIGNED.replace("x08go", "x08g").encode(),
        TEXT.encode(),
        b"",
    ],
)
def test_what_is_no_note_is_refused(content):
    with pytest.raises(NotANote):
        Note.parse(content)


def test_a_note_of_sixteen_signatures_is_accepted():
    many = Note(HEAD.text, tuple(Cosigner(f"w{n}.example", bytes([n]) * 32).cosign(HEAD.text, 1) for n in range(16)))
    assert Note.parse(many.written()) == many


def test_signatures_of_unknown_keys_are_ignored_even_under_a_known_name():
    known, other = LOG.sign(HEAD.text), Signer(LOG.name, b"x" * 32).sign(HEAD.text)
    assert Note(HEAD.text, (other, known)).signed_by([LOG.key]) == (known,)
    with pytest.raises(NotSigned):
        Note(HEAD.text, (other,)).signed_by([LOG.key])


def test_a_note_with_a_wrong_signature_of_a_known_key_is_rejected():
    good, stranger = LOG.sign(HEAD.text), Signer(LOG.name, b"x" * 32).sign(HEAD.text)
    forged = Signature(good.name, good.key_id, stranger.value)
    with pytest.raises(NotSigned):
        Note(HEAD.text, (forged, good)).signed_by([LOG.key])


def test_a_cosignature_is_over_the_time_and_the_whole_text():
    cosignature = WITNESS.cosign(HEAD.text, 1_700_000_000)
    assert cosignature.time == 1_700_000_000
    assert Note(HEAD.text, (cosignature,)).signed_by([WITNESS.key])
    later = Signature(cosignature.name, cosignature.key_id, (1_700_000_001).to_bytes(8) + cosignature.value[8:])
    for wrong in (Note(HEAD.text, (later,)), Note(HEAD.text + "and more\n", (cosignature,))):
        with pytest.raises(NotSigned):
            wrong.signed_by([WITNESS.key])


def test_a_cosignature_is_no_signature_and_the_other_way_round():
    as_log = Key(WITNESS.name, WITNESS.key.public)
    cosignature = WITNESS.cosign(HEAD.text, 1)
    assert as_log.key_id != WITNESS.key.key_id
    assert not as_log.verifies(HEAD.text, cosignature)
    assert not WITNESS.key.verifies(HEAD.text, Signer(WITNESS.name, WITNESS.seed).sign(HEAD.text))


def test_a_cosignature_from_after_time_is_refused():
    """The timestamp MUST NOT exceed 2^63 - 1."""
    assert WITNESS.key.verifies(HEAD.text, WITNESS.cosign(HEAD.text, LATEST_TIME))
    assert not WITNESS.key.verifies(HEAD.text, WITNESS.cosign(HEAD.text, LATEST_TIME + 1))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "name",
        "name+00000000+AAAA",
        PETER.replace("c74f20a3", "c74f20a4"),
        PETER.replace("+AR", "+Ag"),
        f"a b{PETER}",
    ],
)
def test_what_is_no_key_is_refused(text):
    with pytest.raises(NotAKey):
        Key.parse(text)


def test_a_key_says_what_it_is_for():
    assert Key.parse(str(WITNESS.key)).kind == COSIGNATURE
    with pytest.raises(NotAKey):
        Signer("two words", b"l" * 32)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "origin\n1\n",
        HEAD.text.replace("\n7\n", "\n07\n"),  # no leading zeroes
        HEAD.text.replace("\n7\n", "\n-7\n"),
        HEAD.text.replace("\n7\n", "\n٧\n"),
        HEAD.text.replace("\n7\n", f"\n{2**63}\n"),
        HEAD.text.replace("=", ""),
        HEAD.text.replace("AAAA", "", 1),
        HEAD.text.replace("log.example/averoy", ""),  # the origin MUST be non-empty
        HEAD.text + "\n",  # extension lines MUST be non-empty
        HEAD.text.rstrip("\n"),
    ],
)
def test_what_is_no_checkpoint_is_refused(text):
    with pytest.raises(NotACheckpoint):
        Checkpoint.parse(text)


def test_extension_lines_are_kept():
    assert Checkpoint.parse(HEAD.text + "more\n").extensions == ("more",)
    assert Checkpoint.parse(HEAD.text) == HEAD
