"""What can be wrong with an agreement, with figures of population, and with what is shared by them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from allmenning.basics.errors import AllmenningError


@dataclass(frozen=True)
class Problem:
    """Something that is wrong in a file. line: from 1; 0 for the whole file."""

    line: int
    error: AllmenningError

    def __str__(self) -> str:
        return f"line {self.line}: {self.error.message}" if self.line else self.error.message


class FileWrong(AllmenningError):
    """{file} can't be used as it is."""

    def __init__(self, problems: Sequence[Problem], file: str) -> None:
        super().__init__("; ".join(map(str, problems)), file=file)
        self.problems = tuple(problems)

    def __reduce__(self) -> tuple[Any, ...]:
        return FileWrong, (self.problems, self.params["file"])


class NotReadable(AllmenningError):
    """This can't be read as YAML: {why}."""


class Missing(AllmenningError):
    """{name} is missing."""


class NotKnown(AllmenningError):
    """Nothing is known of {name}. Is it misspelt?"""


class NotOneOf(AllmenningError):
    """Write one of these: {options}."""


class NotWritten(AllmenningError):
    """This is not written as it must be: {value}."""


class NotADay(AllmenningError):
    """There is no such day: {value}. Write it as 2013-01-01."""


class EndsTooEarly(AllmenningError):
    """The first day outside must come after the first day inside."""


class GapInTime(AllmenningError):
    """Nothing holds from {start} until {end}. An agreement has no gap in time."""


class Overlap(AllmenningError):
    """Two hold at the same time, from {start}."""


class NoSuchMunicipality(AllmenningError):
    """There is no municipality {asked} in the register."""


class NoSuchCounty(AllmenningError):
    """There was no county {asked} on {day}."""


class DidNotExist(AllmenningError):
    """{party} did not exist on {day}."""


class TwiceAParty(AllmenningError):
    """{party} is a party twice at the same time, from {day}."""


class WithinPeriod(AllmenningError):
    """A rule takes over on the first day of a period that is settled, not within one: {start}."""


class ProjectTwice(AllmenningError):
    """The project {project} stands here twice."""


class JoinedWithoutParty(AllmenningError):
    """{party} has joined a project, and is no party of the agreement."""


class ShareWithoutParty(AllmenningError):
    """A fixed share is given to {party}, which is no party of the agreement."""


class SharesNotWhole(AllmenningError):
    """The fixed shares are {sum} together, and must be exactly 1."""


class SharesMissing(AllmenningError):
    """To divide by fixed shares, write each one's under `shares`."""


class MeasureMissing(AllmenningError):
    """To divide by use, write what is counted under `measure`."""


class StepsOutOfOrder(AllmenningError):
    """Write the steps from the smallest to the largest; only the last one may be without a limit."""


class LimitsNeedOneSum(AllmenningError):
    """Least and most are of the whole sum: they can't be kept where each part is rounded for itself."""


class NotInForce(AllmenningError):
    """The agreement has no rule for {day}: it begins on {start}."""


class Ended(AllmenningError):
    """The agreement has no rule for {day}: it ended on {end}."""


class TooFarAhead(AllmenningError):
    """{day} is too far ahead to be settled."""


class HostIsNoParty(AllmenningError):
    """The host {party} is no municipality of the register."""


class NotATable(AllmenningError):
    """This is no table of columns that are set apart by semicolons, commas or tabs."""


class ColumnMissing(AllmenningError):
    """There is no column {column}. The first line must name the columns: {wanted}."""


class ColumnTwice(AllmenningError):
    """The first line has two columns for {column}: which one is meant?"""


class QuotesNotClosed(AllmenningError):
    """The quotation marks do not fit together: a cell that begins with one ends with one, and one within it is written twice."""


class WrongNumberOfCells(AllmenningError):
    """This line has {found} cells, and the first line has {wanted}."""


class LooksLikeATotal(AllmenningError):
    """This looks like a line of totals. Leave it out: sums are made here."""


class NoNumber(AllmenningError):
    """This is no whole number: {value}."""


class NoYear(AllmenningError):
    """This is no year: {value}."""


class NoMunicipalityNumber(AllmenningError):
    """A municipality's number has four digits: {value}."""


class GivenTwice(AllmenningError):
    """{what} is given twice, first on line {first}."""


class GrantsExceed(AllmenningError):
    """The grants to {project} are {grants_ore} øre, and its costs only {costs_ore} øre."""


class NobodyHasJoined(AllmenningError):
    """Nobody has joined the project {project} in the period."""


class NoSuchProject(AllmenningError):
    """There is no project {project} in the agreement."""


class OutsidePeriod(AllmenningError):
    """{day} is outside the period that is settled."""


class DoesNotBalance(AllmenningError):
    """The sum does not balance: {net_ore} øre and {vat_ore} øre of VAT are not {gross_ore} øre."""


class NotAnAmount(AllmenningError):
    """This is not an amount of money: {value}."""


class NotACode(AllmenningError):
    """This is not a KOSTRA code of three digits: {value}."""


class InvoiceTwice(AllmenningError):
    """Invoice {invoice} from {supplier} is here already, on line {first}: the same cost would be shared twice."""


class TooManyLines(AllmenningError):
    """The file has more than {most} lines. Divide it into several."""


class UnknownAgreement(AllmenningError):
    """There is no agreement {asked}."""
