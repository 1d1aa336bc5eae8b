"""A log whose key was changed and that was begun anew: verified by any of its keys, and every change of it is found."""

import json
from datetime import UTC, datetime

import pytest

from allmenning.transparency import statements, tree, verify_log
from allmenning.transparency.checkpoints import Checkpoint
from allmenning.transparency.notes import Note, Signer
from allmenning.transparency.tests.test_tampering import CONTENTS, WITNESSES
from allmenning.transparency.verify_log import Key, Trust, Wrong, verify

WHEN = datetime(2026, 11, 22, 7, 0, tzinfo=UTC)
BASE = "log.example/averoy"
OLD, NEW = Signer(BASE, b"l" * 32), Signer(BASE, b"n" * 32)
KEY_AT, ANEW_AT, SEEN, SIZE = 5, 9, 12, 16
ROWS = CONTENTS[:SIZE]


def checkpoint(size, origin=BASE, rows=ROWS):
    growing = tree.Growing()
    for each in rows[:size]:
        growing.append(tree.leaf_hash(each.encode()))
    return Checkpoint(origin, size, growing.root())


def head(size, *signers, witnessed=True, rows=ROWS):
    text = checkpoint(size, signers[0].name, rows).text
    cosigned = [witness.cosign(text, 1_800_000_000) for witness in WITNESSES] if witnessed else []
    return Note(text, (*(each.sign(text) for each in signers), *cosigned)).written().decode()


LOST = checkpoint(SEEN, rows=[*ROWS[:ANEW_AT], *CONTENTS[-3:]])  # what witnesses had seen before the restore
CHANGED = statements.new_key(OLD, NEW, checkpoint(KEY_AT), WHEN, "the key was shown\non a screen")
ANEW = statements.begun_anew(NEW, checkpoint(ANEW_AT), [LOST], WHEN, "restored from the back-up of 21 November")
AFTER = Signer(statements.name_after(BASE, ANEW), NEW.seed)
HEADS = {KEY_AT: head(KEY_AT, OLD), ANEW_AT: head(ANEW_AT, NEW, OLD), SIZE: head(SIZE, AFTER)}
STATED = (CHANGED.written().decode(), ANEW.written().decode())


def log_of(rows=ROWS, heads=HEADS, stated=STATED):
    lines = [f"{verify_log.FORMAT} {BASE}", *(f"statement {json.dumps(each, ensure_ascii=False)}" for each in stated)]
    for number, each in enumerate(rows):
        lines.append(f"row {number} {tree.leaf_hash(each.encode()).hex()} {each}")
        if number + 1 in heads:
            lines.append(f"head {json.dumps(heads[number + 1], ensure_ascii=False)}")
    return lines


LINES = log_of()


def trust(signer):
    return Trust(Key.parse(str(signer.key)), tuple(Key.parse(str(each.key)) for each in WITNESSES))


def is_found(lines, known=(), signer=OLD):
    with pytest.raises(Wrong) as wrong:
        verify(lines, trust(signer), known)
    return wrong.value


@pytest.mark.parametrize("signer", [OLD, NEW, AFTER], ids=["the first key", "the new key", "the name of now"])
def test_whoever_has_a_key_of_any_time_can_verify_it_all(signer):
    found = verify(LINES, trust(signer), [HEADS[SIZE], HEADS[KEY_AT]])
    assert (found.rows, found.heads) == (SIZE, 3)
    assert found.statements == (
        "from row 5 on another key signs (2026-11-22T07:00:00Z): the key was shown on a screen",
        "begun anew after 9 rows (2026-11-22T07:00:00Z); 3 rows that witnesses had seen are not in it:"
        " restored from the back-up of 21 November",
    )


def test_a_key_that_was_never_the_logs_verifies_nothing():
    assert "no log of" in str(is_found(LINES, signer=Signer(BASE, b"x" * 32)))
    assert "no log of" in str(is_found(LINES, signer=Signer("log.example/smola", OLD.seed)))


def test_what_the_old_key_signs_after_it_was_replaced_is_not_believed():
    assert is_found(log_of(heads={**HEADS, ANEW_AT: head(ANEW_AT, OLD)})).row == KEY_AT
    assert is_found(log_of(heads={**HEADS, SIZE: head(SIZE, Signer(AFTER.name, OLD.seed))})).row == ANEW_AT


def test_a_head_under_the_name_of_before_is_not_believed_after_it_was_begun_anew():
    assert is_found(log_of(heads={**HEADS, SIZE: head(SIZE, NEW)})).row == ANEW_AT


def test_a_statement_needs_both_keys():
    for signers in ((OLD,), (NEW,), (OLD, Signer(BASE, b"x" * 32))):
        lonely = Note(CHANGED.text, tuple(each.sign(CHANGED.text) for each in signers)).written().decode()
        assert "not signed" in str(is_found(log_of(stated=(lonely, STATED[1]))))


def test_whoever_begins_anew_must_tell_of_all_that_witnesses_had_seen():
    """Else a restored back-up would be a way to lose rows in silence."""
    more = head(SEEN + 1, NEW, rows=[*ROWS[:ANEW_AT], *CONTENTS[-4:]])
    assert is_found(LINES, [more]).row == ANEW_AT
    other = head(SEEN, NEW, rows=[*ROWS[:ANEW_AT], *CONTENTS[-4:-1]])
    assert is_found(LINES, [other]).row == ANEW_AT
    told = Note(LOST.text, (NEW.sign(LOST.text), WITNESSES[0].cosign(LOST.text, 1))).written().decode()
    assert verify(LINES, trust(OLD), [told]).rows == SIZE


def test_a_log_that_was_cut_off_before_it_was_begun_anew_is_found_by_a_head_of_now():
    cut = log_of(rows=ROWS[:ANEW_AT], stated=STATED[:1])
    assert verify(cut, trust(OLD)).rows == ANEW_AT
    assert AFTER.name in str(is_found(cut, [HEADS[SIZE]]))


def test_what_can_not_be_read_is_found_too():
    """It stops no verifier: neither a key without a key in it, nor what is nested without end."""
    no_key = Note(CHANGED.text.replace(str(NEW.key), f"{BASE}+00000000+"), CHANGED.signatures).written().decode()
    assert "can't be read" in str(is_found(log_of(stated=(no_key, STATED[1]))))
    for word in ("statement", "head"):
        is_found([LINES[0], f"{word} {'[' * 100_000}", *LINES[1:]])


def changes():
    """Every letter of every line but of heads, whose signatures may be fewer; lines taken out, doubled and turned round."""
    for at, line in enumerate(LINES):
        if at + 1 < len(LINES):
            yield [*LINES[:at], LINES[at + 1], line, *LINES[at + 2 :]]
        if line.startswith("head "):
            continue
        for place, letter in enumerate(line):
            yield [*LINES[:at], line[:place] + ("x" if letter != "x" else "y") + line[place + 1 :], *LINES[at + 1 :]]
        yield [*LINES[:at], *LINES[at + 1 :]]
        yield [*LINES[:at], line, *LINES[at:]]
    for row in range(SIZE):
        for place, letter in enumerate(ROWS[row]):
            changed = ROWS[row][:place] + ("x" if letter != "x" else "y") + ROWS[row][place + 1 :]
            yield log_of(rows=[*ROWS[:row], changed, *ROWS[row + 1 :]])


def test_each_change_of_it_is_found(record_property):
    count = 0
    for lines in changes():
        is_found(lines, [HEADS[SIZE]])
        count += 1
    record_property("told", f"the log: {count} changes of a log with another key, begun anew, each found")
    assert count > 5_000


def test_reasons_are_one_line():
    assert verify_log.Statement.parse(CHANGED.text).why == "the key was shown on a screen"
    assert verify_log.Statement.parse(ANEW.text).seen == ((SEEN, LOST.root),)
    assert statements.keys_of(CHANGED) == (OLD.key, NEW.key)
