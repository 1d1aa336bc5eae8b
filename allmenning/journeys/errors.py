"""What can be refused in a journey, in words that a person understands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from allmenning.basics.errors import AllmenningError


class LoginNeeded(AllmenningError):
    """You must log in to use this service."""


class LoginNeededForAnswer(AllmenningError):
    """Log in to send this: one of your answers asks for it. What you have filled in is kept."""


class LoginUnwanted(AllmenningError):
    """You have answered that you do not want to say who you are, and you are logged in. Go on without the login."""


class NotForOrganisations(AllmenningError):
    """This service is for residents. Act for yourself to use it."""


class WrongReceiptCode(AllmenningError):
    """We find nothing with this code. Check that you have typed it as it stands on the receipt."""


class LanguageMissing(AllmenningError):
    """Choose Bokmål, Nynorsk or English."""


class NameMissing(AllmenningError):
    """Write the name of the person or organisation."""


class NumberNeeded(AllmenningError):
    """This service needs an identity number or an organisation number."""


class AssertionRefused(AllmenningError):
    """The signed JWT was not accepted: {reason}."""

    reason: str


@dataclass(frozen=True)
class Wrong:
    """One thing to correct in what another system sent: where (JSON pointer), what, and a code for machines."""

    pointer: str
    message: str | AllmenningError
    code: str


class NotAccepted(AllmenningError):
    """Something is missing or wrong in the application. Nothing was registered."""

    wrong: Sequence[Wrong]


class KeyReused(AllmenningError):
    """This idempotency key was used before, with another application. Use a new key for each application."""


class OtherVersion(AllmenningError):
    """The municipality takes version {version} of this service now. Read its form again, and answer that."""

    version: str


class UnknownAnswer(AllmenningError):
    """The form does not ask for this."""


class SentApart(AllmenningError):
    """Files are not sent among the answers. Send them under attachments, with the name of this field."""


class NoSuchFileField(AllmenningError):
    """The form asks for no file here."""


class WrongCursor(AllmenningError):
    """This is no cursor of this municipality, or it was restored from before the cursor was made. Begin again without one."""


class MayNotRepresent(AllmenningError):
    """The population register does not say that you may act for this person here. Contact the municipality if it is wrong."""


class NoLongerRepresents(AllmenningError):
    """You can no longer act for this person: the power has ended, or the register says so. You act for yourself again."""


class NotCoveredHere(AllmenningError):
    """You may not act for this person in this municipality. Act for yourself, or go to where the power of attorney holds."""


class WorksThere(AllmenningError):
    """Who works for the municipality in this field can't act for others in it (forvaltningsloven § 12)."""


class RegisterMustAnswer(AllmenningError):
    """The population register does not answer, and without it nobody can act for another. Try again in a little while."""


class NobodyElse(AllmenningError):
    """A power of attorney is given by yourself, to another person."""


class CanNotBeGiven(AllmenningError):
    """We can't give this power of attorney. Check the number and the name. If both are right, contact the municipality."""


class ProtectedGiver(AllmenningError):
    """Your address is protected, so nobody can act for you here. Contact the municipality if it is wrong."""


class NothingChosen(AllmenningError):
    """Choose at least one service."""


class NotThatLong(AllmenningError):
    """Choose a last day from today on, at most {years} years ahead."""


class NotOfAge(AllmenningError):
    """Both must be at least {years} years old."""


class WitnessRefused(AllmenningError):
    """The witness {witness} did not cosign: {status} {said}."""


class LogRolledBack(AllmenningError):
    """The witness {witness} has cosigned {theirs} rows, and this log has {ours}: it was rolled back, or is another log."""


class LogKeyGone(AllmenningError):
    """The key that signs the log of {municipality} is not in the vault. Restore the vault from a back-up."""


class NothingToBeginAnew(AllmenningError):
    """No witness has seen another log of {municipality} than the one that is here, so it goes on as it is."""


class NoWitnessAnswers(AllmenningError):
    """No witness of the log of {municipality} answers, so nobody can say what they have seen. Try again later."""


class LogIsBusy(AllmenningError):
    """The log of {municipality} grows too fast for a statement. Try again."""


class NoReason(AllmenningError):
    """Say why, in a sentence: it stands in the log for good."""


class OnlyOwnData(AllmenningError):
    """You can only have your own data. Act for yourself first."""


class ReasonTooShort(AllmenningError):
    """Say in a sentence why this can't wait. Your leader and the resident are told that the case was opened."""


class ConclusionMissing(AllmenningError):
    """Choose what came of it: that it was fine, or that you have followed it up."""


class CommentMissing(AllmenningError):
    """Write what you found before you close this."""


class NotDeclared(AllmenningError):
    """You have ended this already, or it is not yours to end."""


class ReviewedAlready(AllmenningError):
    """Somebody has closed this already, or it is not yours to close."""


class Disqualified(AllmenningError):
    """This colleague is disqualified in the case (forvaltningsloven § 6). Choose somebody else."""


class NotArchivist(AllmenningError):
    """Only an archivist says what is preserved and what may be erased (arkivlova)."""


class RuleIncomplete(AllmenningError):
    """Choose whether the records are preserved, or after how many years (1 to 200) they may be erased."""


class SourceMissing(AllmenningError):
    """Write where this stands: the law or the regulation with its section, or your plan with its date."""


class SourceTooLong(AllmenningError):
    """Write where this stands in {most} characters or fewer."""


class CaseNotClosed(AllmenningError):
    """The case is not closed, so it can't be erased."""


class StillAtWork(AllmenningError):
    """Something still waits in the case: to be sent or made, or an answer about access to it. Try again when it is done."""


class MustBePreserved(AllmenningError):
    """These records must be preserved (arkivlova; personvernforordningen art. 17 nr. 3 b, d). {source}"""


class DisposalNotConfirmed(AllmenningError):
    """No archivist has confirmed when this may be erased, so it is kept (arkivlova; personvernforordningen art. 17 nr. 3 b, d). {source}"""


class TooEarlyToErase(AllmenningError):
    """The case is to be kept until {day} (arkivlova; personvernforordningen art. 17 nr. 3 b). {source}"""


class NothingToReport(AllmenningError):
    """There is nothing to report of this half-year."""


class OrganisationNumberMissing(AllmenningError):
    """The municipality's organisation number is missing. An administrator sets it in the letterhead."""


class NoCaseChosen(AllmenningError):
    """Choose at least one case."""


class NotProposed(AllmenningError):
    """Nobody has proposed this, or somebody has decided on it already."""


class ProposedByThemselves(AllmenningError):
    """You proposed this yourself. Another archivist or a leader decides."""


class NotApproved(AllmenningError):
    """Two persons decide that a case is erased, at the desk. This one is not approved."""
