"""Thousands of ways to change a log after it was sealed: `verify_log.py` finds each, and names the row where it begins."""

import json
import subprocess
import sys
from functools import cache
from itertools import combinations
from pathlib import Path

import pytest

from allmenning.transparency import tree, verify_log
from allmenning.transparency.checkpoints import Checkpoint
from allmenning.transparency.notes import Cosigner, Note, Signer
from allmenning.transparency.verify_log import Key, Trust, Wrong, verify

LOG = Signer("log.example/averoy", b"l" * 32)
WITNESSES = [Cosigner(f"{name}.example", name[:1].encode() * 32) for name in ("first", "second")]
TRUST = Trust(Key.parse(str(LOG.key)), tuple(Key.parse(str(each.key)) for each in WITNESSES))
SIZES = (9, 20)


def content(number):
    """A row as it is sealed."""
    row = {
        "action": "read",
        "actor_kind": "staff",
        "area": "child-welfare",
        "at": f"2026-11-22T04:{number:02}:00.123456Z",
        "case_id": f"0191{number:04}-0000-7000-8000-000000000000",
        "commitment": "ab" * 32,
        "field_kinds": ["name", "address"],
        "id": f"0192{number:04}-0000-7000-8000-000000000000",
        "purpose": "casework",
        "staff_name": "Ada Ås",
    }
    return json.dumps(row, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def head(contents, *, witnessed=True):
    """The signed head of these rows, as a note."""
    growing = tree.Growing()
    for each in contents:
        growing.append(tree.leaf_hash(each.encode()))
    text = Checkpoint(LOG.name, growing.size, growing.root()).text
    cosigned = [witness.cosign(text, 1_800_000_000) for witness in WITNESSES] if witnessed else []
    return Note(text, (LOG.sign(text), *cosigned)).written().decode()


def log_of(contents, heads):
    """An exported log: the rows, and the heads by their size."""
    lines = [f"{verify_log.FORMAT} {LOG.name}"]
    for number, each in enumerate(contents):
        lines.append(f"row {number} {tree.leaf_hash(each.encode()).hex()} {each}")
        if number + 1 in heads:
            lines.append(f"head {json.dumps(heads[number + 1], ensure_ascii=False)}")
    return lines


CONTENTS = [content(number) for number in range(SIZES[-1])]
HEADS = {size: head(CONTENTS[:size]) for size in SIZES}
LINES = log_of(CONTENTS, HEADS)
AT = [index for index, line in enumerate(LINES) if line.startswith("row ")]  # where each row stands


@cache
def first_of(row):
    """The first row under the head that seals a row: no closer can it be told when seal and row agree."""
    return max((size for size in SIZES if size <= row), default=0)


def with_line(index, line):
    return [*LINES[:index], line, *LINES[index + 1 :]]


def every_character_of_a_row_changed():
    for row, at in enumerate(AT):
        for place, character in enumerate(LINES[at]):
            line = LINES[at][:place] + ("x" if character != "x" else "y") + LINES[at][place + 1 :]
            yield with_line(at, line), row


def every_character_changed_and_the_rows_own_hash_with_it():
    for row, each in enumerate(CONTENTS):
        for place, character in enumerate(each):
            changed = each[:place] + ("x" if character != "x" else "y") + each[place + 1 :]
            line = f"row {row} {tree.leaf_hash(changed.encode()).hex()} {changed}"
            yield with_line(AT[row], line), first_of(row)


def rows_taken_out():
    for row, at in enumerate(AT):
        yield LINES[:at] + LINES[at + 1 :], row
        without = CONTENTS[:row] + CONTENTS[row + 1 :]
        yield log_of(without, HEADS), first_of(row)  # and the others numbered anew


def rows_slipped_in():
    for row in range(len(CONTENTS)):
        more = [*CONTENTS[:row], content(99), *CONTENTS[row:]]
        yield log_of(more, HEADS), first_of(row)
        yield log_of([*CONTENTS[:row], CONTENTS[row], *CONTENTS[row:]], HEADS), first_of(row + 1)


def rows_in_another_order():
    for one, other in combinations(range(len(CONTENTS)), 2):
        swapped = with_line(AT[one], LINES[AT[other]])
        swapped[AT[other]] = LINES[AT[one]]
        yield swapped, one
        order = list(CONTENTS)
        order[one], order[other] = order[other], order[one]
        yield log_of(order, HEADS), first_of(one)


def cut_short():
    """Anywhere; where it is at a head, only those who have seen a later head can tell."""
    rows = sealed = 0
    for end, line in enumerate(LINES):
        yield LINES[:end], sealed
        rows += line.startswith("row ")
        sealed = rows if line.startswith("head ") else sealed


def rolled_back_or_forked_by_who_has_the_logs_own_key():
    """The rows are rewritten from some row on, and every head signed anew; witnesses have no part in it."""
    for row in range(len(CONTENTS)):
        for heads in ((SIZES[-1],), SIZES):
            forked = [*CONTENTS[:row], *(content(50 + number) for number in range(row, len(CONTENTS)))]
            signed = {size: head(forked[:size], witnessed=size <= row) for size in heads}
            yield log_of(forked, signed), None


def found(lines, known):
    with pytest.raises(Wrong) as wrong:
        verify(lines, TRUST, known)
    return wrong.value.row


@pytest.mark.parametrize("known", [[], [HEADS[SIZES[-1]]]], ids=["the file alone", "a witness asked"])
def test_the_log_itself_is_whole(known):
    assert verify(LINES, TRUST, known) == verify_log.Verified(SIZES[-1], len(SIZES))


def test_each_of_ten_thousand_changes_is_found(record_property):
    known, count = [HEADS[SIZES[-1]]], 0
    for changes in (
        every_character_of_a_row_changed,
        every_character_changed_and_the_rows_own_hash_with_it,
        rows_taken_out,
        rows_slipped_in,
        rows_in_another_order,
        cut_short,
        rolled_back_or_forked_by_who_has_the_logs_own_key,
    ):
        for lines, row in changes():
            assert lines != LINES
            named = found(lines, known)
            assert row is None or named is None or named == row, (changes.__name__, named, row)
            count += 1
    record_property("told", f"the log: {count} changes of a sealed log, each found")
    assert count >= 10_000


def test_without_a_witness_only_a_whole_rollback_to_a_good_head_passes():
    """What is cut off with its heads leaves no trace in what is left: that is what witnesses are for."""
    back = LINES[: AT[SIZES[0] - 1] + 2]
    assert verify(back, TRUST).rows == SIZES[0]
    assert found(back, [HEADS[SIZES[-1]]]) == SIZES[0]


def test_one_witness_is_too_few():
    one = Note.parse(HEADS[SIZES[-1]].encode())
    lonely = Note(one.text, one.signatures[:2]).written().decode()
    lines = [*LINES[:-1], f"head {json.dumps(lonely, ensure_ascii=False)}"]
    assert found(lines, []) == SIZES[0]


def test_the_verifier_stands_alone(tmp_path):
    """Copied to a folder of its own, with no code of ours in reach."""
    script, file, seen = tmp_path / "verify.py", tmp_path / "log", tmp_path / "head"
    script.write_bytes(Path(verify_log.__file__).read_bytes())
    seen.write_text(HEADS[SIZES[-1]], encoding="utf-8")

    def said(lines):
        file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8", newline="\n")
        keys = [word for key in WITNESSES for word in ("--witness", str(key.key))]
        command = [sys.executable, "-I", str(script), str(file), "--log-key", str(LOG.key), *keys, "--head", str(seen)]
        done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
        return done.returncode, done.stdout

    assert said(LINES) == (0, "All 20 rows are as they were sealed, under 2 heads.\n")
    without_the_first, _ = next(rows_taken_out())
    assert said(without_the_first) == (1, "WRONG: row 0: it is missing: row 1 stands where it should\n")
