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


class CellTooLong(AllmenningError):
    """{name} is too long: at most {most} characters."""


class NotKnown(AllmenningError):
    """Nothing is known of {name}. Is it misspelt?"""


class NotOneOf(AllmenningError):
    """Write one of these: {options}."""


class NotWritten(AllmenningError):
    """This is not written as it must be: {value}."""


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


class PeriodsSettled(AllmenningError):
    """From {start} to {last} is settled as one period, and must not be billed again. An agreement with other periods takes another id."""


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


class StepsNotOpen(AllmenningError):
    """The last step has a limit, so larger parties would pay nothing. Write it without `below`; 0 kroner if that is what is meant."""


class NothingToHoldFor(AllmenningError):
    """{name} holds for a sum that is divided, and this rule has prices alone."""


class MeansNothingHere(AllmenningError):
    """{name} means nothing here: it belongs to {belongs}."""


class LimitsNeedOneSum(AllmenningError):
    """Least and most are of the whole sum: they can't be kept where each part is rounded for itself."""


class NotInForce(AllmenningError):
    """The agreement has no rule for {day}: it begins on {start}."""


class Ended(AllmenningError):
    """The agreement has no rule for {day}: it ended on {end}."""


class TooFarAhead(AllmenningError):
    """{day} is too far ahead to be settled."""


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


class NoYear(AllmenningError):
    """This is no year: {value}."""


class NoMunicipalityNumber(AllmenningError):
    """A municipality's number has four digits: {value}."""


class NumberOfAnother(AllmenningError):
    """{number} is the number of {party}, and this line says {name}."""


class GivenTwice(AllmenningError):
    """{what} is given twice, first on line {first}."""


class GrantsExceed(AllmenningError):
    """The grants to {project} are {grants_ore}, and its costs only {costs_ore}."""


class MoreThanWasSettled(AllmenningError):
    """Only {left_ore} are settled of this, with its corrections, and no more can be taken from it."""


class TakenBackByAnother(AllmenningError):
    """Another correction takes back what this one added. Take that one out first."""


class NobodyHasJoined(AllmenningError):
    """Nobody has joined the project {project} in the period."""


class NoSuchProject(AllmenningError):
    """There is no project {project} in the agreement."""


class NoSuchProjectThen(AllmenningError):
    """The period from {start} was settled by a version of the agreement without the project {project}, so nobody can share it there."""


class OutsidePeriod(AllmenningError):
    """{day} is outside the period that is settled."""


class DoesNotBalance(AllmenningError):
    """The sum does not balance: {net_ore} and {vat_ore} of VAT are not {gross_ore}."""


class NotAnAmount(AllmenningError):
    """This is not an amount of money: {value}."""


class NotACode(AllmenningError):
    """This is not a KOSTRA code of three digits: {value}."""


class InvoiceOnTwoDays(AllmenningError):
    """Invoice {invoice} from {supplier} has another date on line {first}: the same cost would be shared twice, or one of the dates is wrong."""


class VatCannotBe(AllmenningError):
    """VAT of {vat_ore} can't be right for {net_ore}: it has the same sign, and is at most {rate} %."""


class TooMuch(AllmenningError):
    """This is more than {most_ore}. Are there too many digits?"""


class NamesAPerson(AllmenningError):
    """There is a national identity number in this text. What costs is read in many municipalities, and is about nobody by name or number."""


class InvoiceTwice(AllmenningError):
    """Invoice {invoice} from {supplier} is here already, on line {first}: the same cost would be shared twice."""


class TooManyLines(AllmenningError):
    """The file has more than {most} lines. Divide it into several."""


class UnknownAgreement(AllmenningError):
    """There is no agreement {asked}."""


# --- what is entered ---


class NothingInFile(AllmenningError):
    """There is no line in the file."""


class InvoiceEntered(AllmenningError):
    """Invoice {invoice} from {supplier} was entered before: the same cost would be shared twice."""


class CostEntered(AllmenningError):
    """This very line of invoice {invoice} from {supplier} was entered before."""


class PeriodSettled(AllmenningError):
    """The period from {start} is settled. What comes now is a correction, in the next settlement."""


class NotMoreThanNothing(AllmenningError):
    """Write an amount that is more than nothing."""


class NoSuchCost(AllmenningError):
    """There is no such line here."""


class AlreadyTakenOut(AllmenningError):
    """This was taken out before."""


class CorrectionIsSettled(AllmenningError):
    """This became a part of a later settlement. Enter another correction instead."""


class AttachmentTooLarge(AllmenningError):
    """The file is larger than {limit} MB. Make it smaller."""


class AttachmentOfAnotherType(AllmenningError):
    """Attach a PDF, a PNG or a JPEG."""


# --- use that the platform measured ---


class MeasuredByYear(AllmenningError):
    """The platform tells use of whole years, and this agreement is settled more often."""


class NotMeasuredHere(AllmenningError):
    """The platform measures municipalities alone."""


class PartyForPartOfIt(AllmenningError):
    """It is a party for a part of the period, and the platform tells use of whole years."""


class NothingTold(AllmenningError):
    """It has told nothing of this year."""


class TooFewToTell(AllmenningError):
    """There is nothing, or too little to tell of without telling of fewer than five people."""


class CountedUntil(AllmenningError):
    """It is counted until {day} only, and others' until later."""


class UseMissing(AllmenningError):
    """The platform can't say what all have used. Enter it by hand first for {parties}."""


class NothingToTakeOver(AllmenningError):
    """There is nothing to take over of this period."""


class CountedAnew(AllmenningError):
    """It has been counted anew since you opened the page. Look at it again, and then take it over."""


# --- settlements ---


class AlreadySettled(AllmenningError):
    """The period from {start} is settled already, and a settled period never changes."""


class NothingToSettle(AllmenningError):
    """There is nothing to settle in the period from {start}: no costs, and no corrections of earlier ones."""


class NoSuchSettlement(AllmenningError):
    """There is no such settlement."""


class NoLongerADraft(AllmenningError):
    """This draft no longer stands: another was made, or it is issued. Open the newest one."""


class AlreadyApproved(AllmenningError):
    """The settlement is approved already. For more to be said of it, the treasurer makes the draft anew."""


class SomethingHasCome(AllmenningError):
    """Something has been entered or taken out since this draft was made. Make the draft anew."""


class CommentsUnanswered(AllmenningError):
    """Comments that are not answered: {count}. Answer them, or say why it is approved without."""


class SamePerson(AllmenningError):
    """Whoever made the draft can't approve it. Another person does that."""


class NotApproved(AllmenningError):
    """The settlement is not approved by the host yet."""


class NotInThisSettlement(AllmenningError):
    """{party} has no share in this settlement."""


class PartyMissing(AllmenningError):
    """These are prices, and nothing is shared. Choose who pays more, or less."""


class NothingToReduce(AllmenningError):
    """The period from {start} is settled by prices, and nothing is shared that a grant could reduce."""


class NoSuchComment(AllmenningError):
    """There is no such comment."""


class NotSettledYet(AllmenningError):
    """The period from {start} is not settled yet. Enter the cost in it, and make the draft anew."""


# --- bills and payments ---


class NoSuchBill(AllmenningError):
    """There is no such invoice here."""


class DueTooEarly(AllmenningError):
    """The day that it is due can't come before the day that it is issued."""


class TreatmentMissing(AllmenningError):
    """Choose how VAT is treated."""


class VatReasonMissing(AllmenningError):
    """Say why VAT is treated so. The reason is kept, and stands on the invoice where the rules have room for it."""


class WrongRate(AllmenningError):
    """The standard rate is {rate} %; nothing else has a rate."""


class SellerNotRegistered(AllmenningError):
    """{seller} is not in the VAT register, so its invoices can't say anything of VAT. Choose «outside VAT», or correct what is known of the host."""


class AccountsMissing(AllmenningError):
    """Write the three digits of the code: art and function, for host and payer."""


class HostMissing(AllmenningError):
    """Choose whose account the payments came to. Each host numbers its own invoices, so two may have the same KID."""


class UnknownKid(AllmenningError):
    """No invoice here has the KID {kid}."""


class PaidTwice(AllmenningError):
    """This payment of {number} is here already: the same amount on the same day."""


class PaidBeforeIssued(AllmenningError):
    """{number} was issued on {issued}, and can't be paid before that: {day}."""


class PaidAhead(AllmenningError):
    """{day} has not come yet. Enter the payment when it has."""


class PaidTooMuch(AllmenningError):
    """With this, more would be paid of {number} than it is of."""
