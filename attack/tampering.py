"""Ways to change a sealed log afterwards, and the row at which each must be found: briefly in `bin/test`, at length here.

Sealed((9, 20)).changes()        # thousands: the changed file's lines, and the number of the first bad row
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import combinations

from allmenning.transparency import tree, verify_log
from allmenning.transparency.checkpoints import Checkpoint
from allmenning.transparency.notes import Cosigner, Note, Signer
from allmenning.transparency.verify_log import Key, Trust, Wrong, verify

KIND = "tampering"
LOG = Signer("log.example/averoy", b"l" * 32)
WITNESSES = [Cosigner(f"{name}.example", name[:1].encode() * 32) for name in ("first", "second")]
TRUST = Trust(Key.parse(str(LOG.key)), tuple(Key.parse(str(each.key)) for each in WITNESSES))
LONG = (9, 20, 41)  # sizes at which a head is signed

Change = tuple[list[str], int | None]


def content(number: int) -> str:
    """A row as it is sealed."""
    row = {
        "action": "read",
        "actor_kind": "staff",
        "area": "child-welfare",
        "at": f"2026-11-22T04:{number % 60:02}:00.123456Z",
        "case_id": f"0191{number:04}-0000-7000-8000-000000000000",
        "commitment": "ab" * 32,
        "field_kinds": ["name", "address"],
        "id": f"0192{number:04}-0000-7000-8000-000000000000",
        "purpose": "casework",
        "staff_name": "Ada Ås",
    }
    return json.dumps(row, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def head(contents: Sequence[str], *, witnessed: bool = True) -> str:
    """The signed head of these rows, as a note."""
    growing = tree.Growing()
    for each in contents:
        growing.append(tree.leaf_hash(each.encode()))
    text = Checkpoint(LOG.name, growing.size, growing.root()).text
    cosigned = [witness.cosign(text, 1_800_000_000) for witness in WITNESSES] if witnessed else []
    return Note(text, (LOG.sign(text), *cosigned)).written().decode()


def log_of(contents: Sequence[str], heads: dict[int, str]) -> list[str]:
    """An exported log: the rows, and the heads by their size."""
    lines = [f"{verify_log.FORMAT} {LOG.name}"]
    for number, each in enumerate(contents):
        lines.append(f"row {number} {tree.leaf_hash(each.encode()).hex()} {each}")
        if number + 1 in heads:
            lines.append(f"head {json.dumps(heads[number + 1], ensure_ascii=False)}")
    return lines


class Sealed:
    """A log with a head at each of these sizes."""

    def __init__(self, sizes: Sequence[int]) -> None:
        self.sizes = tuple(sizes)
        self.contents = [content(number) for number in range(sizes[-1])]
        self.heads = {size: head(self.contents[:size]) for size in sizes}
        self.lines = log_of(self.contents, self.heads)
        self.at = [index for index, line in enumerate(self.lines) if line.startswith("row ")]  # where each row stands
        self.newest = self.heads[sizes[-1]]

    def first_of(self, row: int) -> int:
        """The first row under the head that seals a row: no closer can it be told when seal and row agree."""
        return max((size for size in self.sizes if size <= row), default=0)

    def changes(self) -> Iterator[tuple[str, Change]]:
        """What was done, the lines that it leaves, and the first bad row (None: nothing at all is left to name one in)."""
        kinds: tuple[Callable[[], Iterator[Change]], ...] = (
            self.every_character_of_a_row_changed,
            self.every_character_changed_and_the_rows_own_hash_with_it,
            self.rows_taken_out,
            self.rows_slipped_in,
            self.rows_in_another_order,
            self.cut_short,
            self.rolled_back_or_forked_by_who_has_the_logs_own_key,
        )
        for kind in kinds:
            for change in kind():
                yield kind.__name__, change

    def with_line(self, index: int, line: str) -> list[str]:
        return [*self.lines[:index], line, *self.lines[index + 1 :]]

    def every_character_of_a_row_changed(self) -> Iterator[Change]:
        for row, at in enumerate(self.at):
            for changed in each_character_changed(self.lines[at]):
                yield self.with_line(at, changed), row

    def every_character_changed_and_the_rows_own_hash_with_it(self) -> Iterator[Change]:
        for row, each in enumerate(self.contents):
            for changed in each_character_changed(each):
                line = f"row {row} {tree.leaf_hash(changed.encode()).hex()} {changed}"
                yield self.with_line(self.at[row], line), self.first_of(row)

    def rows_taken_out(self) -> Iterator[Change]:
        for row, at in enumerate(self.at):
            yield self.lines[:at] + self.lines[at + 1 :], row
            without = self.contents[:row] + self.contents[row + 1 :]
            yield log_of(without, self.heads), self.first_of(row)  # and the others numbered anew

    def rows_slipped_in(self) -> Iterator[Change]:
        for row in range(len(self.contents)):
            before, after = self.contents[:row], self.contents[row:]
            yield log_of([*before, content(99), *after], self.heads), self.first_of(row)
            yield log_of([*before, self.contents[row], *after], self.heads), self.first_of(row + 1)

    def rows_in_another_order(self) -> Iterator[Change]:
        for one, other in combinations(range(len(self.contents)), 2):
            swapped = self.with_line(self.at[one], self.lines[self.at[other]])
            swapped[self.at[other]] = self.lines[self.at[one]]
            yield swapped, one
            order = list(self.contents)
            order[one], order[other] = order[other], order[one]
            yield log_of(order, self.heads), self.first_of(one)

    def cut_short(self) -> Iterator[Change]:
        """Anywhere; where it is at a head, only those who have seen a later head can tell."""
        rows = sealed = 0
        for end, line in enumerate(self.lines):
            yield self.lines[:end], sealed if end else None
            rows += line.startswith("row ")
            sealed = rows if line.startswith("head ") else sealed

    def rolled_back_or_forked_by_who_has_the_logs_own_key(self) -> Iterator[Change]:
        """The rows are rewritten from some row on, and every head signed anew; witnesses have no part in it.

        The first row that no head has which witnesses cosigned is the bad one, whichever was rewritten.
        """
        for row in range(len(self.contents)):
            for heads in (self.sizes[-1:], self.sizes):
                forked = [*self.contents[:row], *(content(50 + n) for n in range(row, len(self.contents)))]
                signed = {size: head(forked[:size], witnessed=size <= row) for size in heads}
                yield log_of(forked, signed), max((size for size in heads if size <= row), default=0)


def each_character_changed(text: str) -> Iterator[str]:
    """The text with another letter in each place."""
    for place, character in enumerate(text):
        yield text[:place] + ("x" if character != "x" else "y") + text[place + 1 :]


def passed(log: Sealed) -> Iterator[str | None]:
    """For each change: what went unfound, or was named wrongly or not at all; None when it was found where it is."""
    for kind, (lines, row) in log.changes():
        named = found_at(lines, [log.newest])
        if named is False:
            yield f"{kind} at row {row} was not found"
        elif named == row:
            yield None
        else:
            yield f"{kind} at row {row} was found at {named}"


def found_at(lines: Iterable[str], known: Sequence[str]) -> int | bool | None:
    """The row that is named; None when none is; False when nothing was found."""
    try:
        verify(lines, TRUST, known)
    except Wrong as wrong:
        return wrong.row
    return False


def main(say: Callable[[str], None]) -> tuple[int, list[str]]:
    """Try every change of a longer log. How many there were, and what went unfound."""
    results = list(passed(Sealed(LONG)))
    wrong = [each for each in results if each]
    say(f"{KIND:<12}{len(results):>9,} changes of a log of {LONG[-1]} rows, {len(wrong)} not found where they are")
    return len(results), wrong
