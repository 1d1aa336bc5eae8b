"""Thousands of ways to change a log after it was sealed: `verify_log.py` finds each, and names the row where it begins."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from allmenning.transparency import verify_log
from allmenning.transparency.notes import Note
from allmenning.transparency.verify_log import Wrong, verify
from attack.tampering import LOG, TRUST, WITNESSES, Sealed, passed

SIZES = (9, 20)
SEALED = Sealed(SIZES)
LINES, HEADS, CONTENTS = SEALED.lines, SEALED.heads, SEALED.contents


def found(lines, known):
    with pytest.raises(Wrong) as wrong:
        verify(lines, TRUST, known)
    return wrong.value.row


@pytest.mark.parametrize("known", [[], [HEADS[SIZES[-1]]]], ids=["the file alone", "a witness asked"])
def test_the_log_itself_is_whole(known):
    assert verify(LINES, TRUST, known) == verify_log.Verified(SIZES[-1], len(SIZES))


def test_each_of_ten_thousand_changes_is_found(record_property):
    results = list(passed(SEALED))
    record_property("told", f"the log: {len(results)} changes of a sealed log, each found where it is")
    assert [each for each in results if each] == []
    assert len(results) >= 10_000


def test_each_change_is_one():
    """No two ways are the same, and none leaves the log as it was."""
    changed = {tuple(lines) for _, (lines, _) in SEALED.changes()}
    assert tuple(LINES) not in changed
    assert len(changed) > 10_000


def test_a_verifier_that_believes_everything_is_noticed(monkeypatch):
    """Else the search for changes could not fail."""
    monkeypatch.setattr("attack.tampering.verify", lambda *_: None)
    assert all(each and "was not found" in each for each in passed(Sealed((2, 3))))


def test_a_verifier_that_names_no_row_is_noticed(monkeypatch):
    """But for a file with nothing in it, each change has a row that must be named."""

    def finds_and_names_nothing(*_):
        raise Wrong("something is wrong")

    monkeypatch.setattr("attack.tampering.verify", finds_and_names_nothing)
    results = list(passed(Sealed((2, 3))))
    assert results.count(None) == 1
    assert all("was found at None" in each for each in results if each)


def test_without_a_witness_only_a_whole_rollback_to_a_good_head_passes():
    """What is cut off with its heads leaves no trace in what is left: that is what witnesses are for."""
    back = LINES[: SEALED.at[SIZES[0] - 1] + 2]
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
    without_the_first, _ = next(SEALED.rows_taken_out())
    assert said(without_the_first) == (1, "WRONG: row 0: it is missing: row 1 stands where it should\n")
