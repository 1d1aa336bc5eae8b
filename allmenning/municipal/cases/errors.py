"""What can be refused in a case, in words that a person understands."""

from allmenning.basics.errors import AllmenningError


class SomebodyWasFirst(AllmenningError):
    """Somebody else changed this case after you opened it. See what happened, and do it again if it is still right."""


class CaseNotFound(AllmenningError):
    """There is no such case here, or it is not yours."""


class CaseIsClosed(AllmenningError):
    """The case is closed, so this can't be done any more."""


class ReasonsMissing(AllmenningError):
    """A decision must give its reasons. Write why the outcome is as it is (forvaltningsloven §§ 24–25)."""


class LegalBasisMissing(AllmenningError):
    """A decision must name the law it is based on."""


class AppealNoticeMissing(AllmenningError):
    """A decision must tell how it can be appealed, to whom, and by when (forvaltningsloven § 27)."""


class OutcomeNotInRoutine(AllmenningError):
    """This outcome does not belong to the service."""


class SecondPersonNeeded(AllmenningError):
    """This decision must be approved by a second person before it is issued."""


class SamePersonTwice(AllmenningError):
    """You drafted this decision, so somebody else must approve it."""


class AlreadyDecided(AllmenningError):
    """This case has been decided already."""


class NothingToAnswer(AllmenningError):
    """The question has been answered already, or it was withdrawn."""


class NothingToAppeal(AllmenningError):
    """There is no decision in this case that can be appealed."""


class AskedAlready(AllmenningError):
    """You have asked for access to this case already, and the answer is on its way."""


class NoAccessToComplainOf(AllmenningError):
    """Nothing of this case was kept back from you, so there is nothing to complain of."""


class TextMissing(AllmenningError):
    """Write something first."""


class NoteKindMissing(AllmenningError):
    """Choose what kind of note it is."""


class RoleMissing(AllmenningError):
    """Choose what they are in this case."""


class HappenedInTheFuture(AllmenningError):
    """Give a day and a time that have been, such as 22.11.2026 at 10.30."""


class WhomMissing(AllmenningError):
    """Write whom it is about or comes from."""


class DueInThePast(AllmenningError):
    """Choose a day after today, so that there is time to answer."""


class UnitNotHere(AllmenningError):
    """The case can only be handed over to a unit of the same service area."""


class ValueMissing(AllmenningError):
    """The letter needs something that is not filled in."""

    name: str = ""


class DeadlineCannotBeExtended(AllmenningError):
    """This deadline can't be extended: it is met, was extended before, or the service does not let it be."""


class DeadlineNotMissed(AllmenningError):
    """This deadline was not missed, or somebody has told why already."""


class KindMissing(AllmenningError):
    """Choose what was most of the reason."""


class ResultMissing(AllmenningError):
    """Choose what is decided: the answer follows from it."""


class ResultReasonsMissing(AllmenningError):
    """Write why this is decided. The sender does not read it."""


class DayUnreadable(AllmenningError):
    """Write the date as 31.12.2026."""


class LastDayWrong(AllmenningError):
    """Write the last day as 31.12.2026. It can't be a day that is past."""


class NobodyConcerned(AllmenningError):
    """Choose at least one whom it concerns: each of them gets a case of their own."""


class NobodyIsParty(AllmenningError):
    """Nobody gets this letter: first say on the case's page who is a party."""


class DateUnreadable(AllmenningError):
    """A deadline runs from this date. Write it as 31.12.2026."""

    name: str = ""


class AmountUnreadable(AllmenningError):
    """This is not an amount of money. Write it as 1234,50."""

    name: str = ""


class NotInThisPhase(AllmenningError):
    """This is not decided where the case is now."""


class PhaseNotGoingOn(AllmenningError):
    """This phase is concluded already, or only a decision concludes it."""


class StepsLeft(AllmenningError):
    """There are steps that must be done before the phase is concluded."""

    steps: str = ""


class NobodySentIt(AllmenningError):
    """Nobody sent this case in. Ask in the case that it was opened from."""


class RecordMissing(AllmenningError):
    """The case can't be decided so before this is written: {kind}."""

    kind: str = ""


class RecordGoesOn(AllmenningError):
    """Before the case is decided so, end what goes on: {kind}."""

    kind: str = ""


class RecordNotEnough(AllmenningError):
    """The case can't be decided so by what is written here: {kind}."""

    kind: str = ""


class RecordNotFound(AllmenningError):
    """There is no such record in this case."""


class RecordIsOver(AllmenningError):
    """This is ended, so nothing more is written in it. Write a new one instead."""


class RecordThereAlready(AllmenningError):
    """The case has one of these already. Change that one, or end it first."""


class RecordEndsNot(AllmenningError):
    """Choose how it ends, and a day that is not before it began."""


class EndNotExplained(AllmenningError):
    """Choose one of the answers: nothing more can be written in it afterwards."""


class EndsBeforeItStarts(AllmenningError):
    """The last day is before the first one."""


class HandedToAccounts(AllmenningError):
    """This payment was handed over to the accounts, so it is not changed. Stop it there, and write a new one."""


class NothingToHandOver(AllmenningError):
    """There is nothing more to hand over to the accounts. Somebody else may have made the file."""


class ConsentMissing(AllmenningError):
    """This can't be done before there is a consent that holds: {consents}."""

    consents: str = ""


class ConsentKindMissing(AllmenningError):
    """Choose what is consented to."""


class GiverMissing(AllmenningError):
    """Choose who gives the consent. Not everybody in the case may give this one."""


class LetMissing(AllmenningError):
    """Choose who is let see it."""


class HeardByMissing(AllmenningError):
    """Write who heard it."""


class GivenInTheFuture(AllmenningError):
    """Write the day it was given: today, or a day before."""


class AlreadyWithdrawn(AllmenningError):
    """This consent has already been withdrawn."""
