"""C2SP tlog-witness, "add-checkpoint": each MUST, in the order of the specification, and the tests that say it.

- the request is a POST: test_serving.test_only_a_post_adds_a_checkpoint
- old size line, proof lines, empty line, checkpoint, each ended by a newline: test_what_is_no_request_is_400
- the old size is decimal without leading zeroes, or 0: test_what_is_no_request_is_400, test_an_empty_log_is_cosigned
- a proof line is one hash in base64, and there are at most 63: test_what_is_no_request_is_400
- the signature is verified by the keys trusted for the origin: test_any_key_that_is_trusted_for_the_origin_will_do
- signatures of unknown keys are ignored: test_signatures_of_unknown_keys_are_ignored
- an unknown origin is 404: test_an_unknown_origin_is_404
- no signature of a trusted key is 403: test_a_checkpoint_that_no_trusted_key_has_signed_is_403
- the old size is not above the checkpoint's, else 400: test_an_old_size_above_the_checkpoints_is_400
- the old size is that of the latest cosigned checkpoint, or zero, else 409 with that size and its content type:
  test_an_old_size_that_is_not_the_last_is_409_with_the_last, test_a_witness_that_has_cosigned_nothing_says_zero
- the proof is that of RFC 6962, section 2.1.2: test_consistent_growth_is_cosigned; empty from zero:
  test_a_proof_from_nothing_is_empty; else 422: test_a_proof_that_does_not_verify_is_422
- of the same size the root is the same, else 409: test_another_root_of_the_same_size_is_409
- what has no proof is never cosigned: test_a_proof_that_does_not_verify_is_422, test_a_smaller_tree_is_never_cosigned
- 200 with signature lines, cosignatures of the witness's own key on the checkpoint: test_the_answer_is_signature_lines
- the record is updated before the answer: test_the_new_head_is_kept_before_it_is_answered, and outlives a crash:
  test_serving.test_a_witness_that_is_killed_while_it_writes_has_the_old_head_or_the_new
- comparing and keeping are one step: test_of_two_at_once_one_is_compared_with_the_others_result
- the client ignores cosignatures of unknown keys:
  test_witnessing.test_what_others_sign_in_a_witnesss_answer_is_left_out (allmenning/journeys/tests)
"""

import base64
import re
import threading
from pathlib import Path

import pytest

from allmenning.transparency import tree
from allmenning.transparency.checkpoints import Checkpoint
from allmenning.transparency.notes import Cosigner, Note, Signature, Signer
from allmenning.transparency.tests.test_tree import grown, leaves_of
from allmenning.transparency.witness import Witness, body_of

ORIGIN = "log.example/averoy"
LOG, OTHER = Signer(ORIGIN, b"l" * 32), Signer(ORIGIN, b"x" * 32)
COSIGNER = Cosigner("witness.example", b"w" * 32)
NOW = 1_800_000_000


class InMemory(dict):
    last = dict.get
    keep = dict.__setitem__


@pytest.fixture
def states():
    return InMemory()


@pytest.fixture
def witness(states):
    return Witness(COSIGNER, lambda: {ORIGIN: [LOG.key]}, states, lambda: NOW)


def head(size, leaves=None, origin=ORIGIN):
    growing, _ = grown((leaves or leaves_of(size))[:size])
    return Checkpoint(origin, size, growing.root())


def asked(old, size, *, leaves=None, signer=LOG, proof=None, checkpoint=None):
    """A request to go from `old` leaves to `size`."""
    checkpoint = checkpoint or head(size, leaves)
    if proof is None:
        proof = tree.consistency_proof(old, size, grown(leaves or leaves_of(size))[1]) if old <= size else []
    return body_of(old, proof, Note(checkpoint.text, (signer.sign(checkpoint.text),)))


def is_cosigned(reply, checkpoint):
    note = Note.parse(f"{checkpoint.text}\n{reply.body}".encode())
    (cosignature,) = note.signed_by([COSIGNER.key])
    return reply.status == 200 and cosignature.time == NOW and len(note.signatures) == 1


def test_consistent_growth_is_cosigned(witness):
    for old, size in ((0, 1), (1, 5), (5, 5), (5, 32), (32, 33)):
        assert is_cosigned(witness.add_checkpoint(asked(old, size)), head(size))
    assert witness.last(ORIGIN) == head(33)


def test_an_empty_log_is_cosigned(witness):
    assert is_cosigned(witness.add_checkpoint(asked(0, 0)), head(0))
    assert is_cosigned(witness.add_checkpoint(asked(0, 2)), head(2))


def test_an_unknown_origin_is_404(witness):
    stranger = Signer("log.example/smola", b"l" * 32)
    assert witness.add_checkpoint(asked(0, 3, signer=stranger, checkpoint=head(3, origin=stranger.name))).status == 404


def test_a_checkpoint_that_no_trusted_key_has_signed_is_403(witness, states):
    assert witness.add_checkpoint(asked(0, 3, signer=OTHER)).status == 403
    assert states == {}


def test_signatures_of_unknown_keys_are_ignored(witness, states):
    text = head(3).text
    body = body_of(0, [], Note(text, (OTHER.sign(text), LOG.sign(text))))
    assert witness.add_checkpoint(body).status == 200
    assert [each.key_id for each in Note.parse(states[ORIGIN]).signatures] == [LOG.key.key_id, COSIGNER.key.key_id]


def test_any_key_that_is_trusted_for_the_origin_will_do(states):
    witness = Witness(COSIGNER, lambda: {ORIGIN: [LOG.key, OTHER.key]}, states, lambda: NOW)
    assert witness.add_checkpoint(asked(0, 3, signer=OTHER)).status == 200
    assert witness.add_checkpoint(asked(3, 5)).status == 200
    stranger = Signer(ORIGIN, b"y" * 32)
    assert witness.add_checkpoint(asked(5, 6, signer=stranger)).status == 403


def test_a_wrong_signature_of_a_trusted_key_is_403_though_another_is_right(states):
    """A note is believed as a whole or not at all (C2SP signed-note)."""
    witness = Witness(COSIGNER, lambda: {ORIGIN: [LOG.key, OTHER.key]}, states, lambda: NOW)
    text = head(3).text
    forged = Signature(ORIGIN, OTHER.key.key_id, LOG.sign("another").value)
    assert witness.add_checkpoint(body_of(0, [], Note(text, (LOG.sign(text), forged)))).status == 403
    assert states == {}


def test_the_answer_is_signature_lines(witness):
    reply = witness.add_checkpoint(asked(0, 5))
    assert (reply.status, reply.body[0], reply.body[-1], reply.body.count("\n")) == (200, "\u2014", "\n", 1)
    assert is_cosigned(reply, head(5))


def test_an_old_size_above_the_checkpoints_is_400(witness):
    assert witness.add_checkpoint(asked(4, 3)).status == 400


def test_an_old_size_that_is_not_the_last_is_409_with_the_last(witness):
    witness.add_checkpoint(asked(0, 5))
    for old, size in ((0, 9), (4, 9), (6, 9), (0, 3), (3, 3)):
        reply = witness.add_checkpoint(asked(old, size))
        assert (reply.status, reply.body, reply.content_type) == (409, "5\n", "text/x.tlog.size")
    assert witness.last(ORIGIN) == head(5)


def test_a_witness_that_has_cosigned_nothing_says_zero(witness):
    reply = witness.add_checkpoint(asked(2, 5))
    assert (reply.status, reply.body) == (409, "0\n")


def test_a_proof_that_does_not_verify_is_422(witness, states):
    witness.add_checkpoint(asked(0, 5))
    before = dict(states)
    forked = [b"another", *leaves_of(9)[1:]]
    for body in (
        asked(5, 9, proof=[]),
        asked(5, 9, proof=tree.consistency_proof(4, 9, grown(leaves_of(9))[1])),
        asked(5, 9, leaves=forked),
        asked(5, 5, proof=[bytes(32)]),
    ):
        assert witness.add_checkpoint(body).status == 422
    assert states == before


def test_a_proof_from_nothing_is_empty(witness):
    assert witness.add_checkpoint(asked(0, 5, proof=[bytes(32)])).status == 422


def test_another_root_of_the_same_size_is_409(witness, states):
    witness.add_checkpoint(asked(0, 5))
    before = dict(states)
    reply = witness.add_checkpoint(asked(5, 5, leaves=[b"another", *leaves_of(5)[1:]]))
    assert (reply.status, reply.body) == (409, "5\n")
    assert states == before


def test_a_smaller_tree_is_never_cosigned(witness):
    witness.add_checkpoint(asked(0, 8))
    for old in range(12):
        assert witness.add_checkpoint(asked(old, 7)).status in (400, 409)
    assert witness.last(ORIGIN) == head(8)


@pytest.mark.parametrize(
    "change",
    [
        lambda body: b"",
        lambda body: body.replace(b"old 5", b"old 05"),
        lambda body: body.replace(b"old 5", b"old  5"),
        lambda body: body.replace(b"old 5", b"old -5"),
        lambda body: body.replace(b"old 5", b"new 5"),
        lambda body: body.replace(b"old 5\n", b"old 5\nno hash\n"),
        lambda body: body.replace(b"old 5\n", b"old 5\n" + base64.b64encode(bytes(31)) + b"\n"),
        lambda body: body.replace(b"old 5\n", b"old 5\n" + (base64.b64encode(bytes(32)) + b"\n") * 64),  # at most 63
        lambda body: body.replace(b"\n9\n", b"\n09\n"),
        lambda body: body.rstrip(b"\n"),
        lambda body: body.replace(b"\n", b"\r\n"),
        lambda body: body + b"\xff",
    ],
)
def test_what_is_no_request_is_400(witness, states, change):
    witness.add_checkpoint(asked(0, 5))
    before = dict(states)
    assert witness.add_checkpoint(change(asked(5, 9))).status == 400
    assert states == before


def test_the_new_head_is_kept_before_it_is_answered(states):
    """The witness MUST persist the new checkpoint before responding."""

    class Full(InMemory):
        def keep(self, origin, note):
            raise OSError("no space left on device")

    witness = Witness(COSIGNER, lambda: {ORIGIN: [LOG.key]}, Full(), lambda: NOW)
    with pytest.raises(OSError, match="no space"):
        witness.add_checkpoint(asked(0, 5))


def test_of_two_at_once_one_is_compared_with_the_others_result(witness):
    """Comparing and keeping are one step: else a slower request could take the log back."""
    witness.add_checkpoint(asked(0, 1))
    bodies = [asked(1, size) for size in range(2, 34)]
    begin, replies = threading.Barrier(len(bodies)), []

    def ask(body):
        begin.wait()
        replies.append(witness.add_checkpoint(body).status)

    threads = [threading.Thread(target=ask, args=(body,)) for body in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(replies) == [200, *[409] * (len(bodies) - 1)]


def test_every_must_has_its_tests():
    """Those that the list above names are there, and every test of this file is on it or tells more."""
    here = {name for name in globals() if name.startswith("test_")}
    named = set(re.findall(r"(?<![\w.])test_\w+", __doc__))
    assert named - here <= {"test_serving", "test_witnessing"}
    more = {"test_a_wrong_signature_of_a_trusted_key_is_403_though_another_is_right", "test_every_must_has_its_tests"}
    assert here - named == more
    over_http = (Path(__file__).parent / "test_serving.py").read_text("utf-8")
    for name in re.findall(r"test_serving\.(test_\w+)", __doc__):
        assert f"def {name}(" in over_http
