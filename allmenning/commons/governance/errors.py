"""What can be wrong with the plan, with a matter for the councils, and with the roll-out."""

from allmenning.basics.errors import AllmenningError


class NoPlan(AllmenningError):
    """There is no joint plan here yet."""


class OfNoCooperation(AllmenningError):
    """A joint plan is a cooperation's, and this agreement belongs to none."""


class PlanAlreadyThere(AllmenningError):
    """There is already a plan that begins in {year}."""


class WrongYears(AllmenningError):
    """A plan is for at least one year and at most {most}, and its last year does not come before its first."""


class NoSuchItem(AllmenningError):
    """Nothing in the plan is called {code}."""


class ItemAlreadyThere(AllmenningError):
    """Something in the plan is already called {code}."""


class WrongPlace(AllmenningError):
    """A measure stands under a goal, and a project under a measure."""


class NotSaid(AllmenningError):
    """Write this in bokmål at least."""


class NotSaidInBoth(AllmenningError):
    """The councils read bokmål or nynorsk: write this in both."""


class NamesAPerson(AllmenningError):
    """There is an identity number in this text. What is written here is public, and about nobody by name or number."""


class ChangedMeanwhile(AllmenningError):
    """Somebody has changed this since you opened it. Look at what they wrote, and try again."""


class TakenOut(AllmenningError):
    """This was taken out of the plan, and can no longer be changed."""


class StillHasParts(AllmenningError):
    """There is still something under this in the plan. Take that out first."""


class WrongYear(AllmenningError):
    """The plan is for {first} to {last}."""


class WrongAmount(AllmenningError):
    """An amount here is not negative, and no larger than {most}."""


class NothingEstimated(AllmenningError):
    """Say what is expected in money, hours or quality: at least one of them."""


class NotFromOneToFive(AllmenningError):
    """Likelihood and consequence are from 1 to 5."""


class NotOneOfThese(AllmenningError):
    """Choose one of these: {options}."""


class NotYetThere(AllmenningError):
    """This has not happened yet: the day is after today."""


class OtherUnit(AllmenningError):
    """This is measured in another unit. Only what is a part of something can be stated in per cent."""


class YearTooFar(AllmenningError):
    """Write a year from {first} to {last}."""


class EndsBeforeItBegins(AllmenningError):
    """The last day can't come before the first."""


class AlreadyIn(AllmenningError):
    """{party} already takes part from then."""


class NotIn(AllmenningError):
    """{party} does not take part then."""


class NotAMember(AllmenningError):
    """{party} is no member of the cooperation."""


class NoSuchMatter(AllmenningError):
    """There is no such matter: {number}."""


class AlreadySubmitted(AllmenningError):
    """This is put before the councils, and stays as it is until they have answered."""


class DeadlineNotAhead(AllmenningError):
    """The deadline must be after today."""


class NotHeard(AllmenningError):
    """The employees' representatives are heard first: open a hearing, and wait until its deadline is over."""


class HearingRuns(AllmenningError):
    """The hearing runs until {deadline}. The matter can be put before the councils after that."""


class NoHearing(AllmenningError):
    """There is no hearing about this now."""


class HearingOver(AllmenningError):
    """The hearing ended on {deadline}."""


class AlreadyStated(AllmenningError):
    """{body} has given its statement. It stands as it was given."""


class NobodyAsked(AllmenningError):
    """Choose at least one council."""


class NotPutBefore(AllmenningError):
    """This matter is not put before {party}."""


class DecidedBeforeAsked(AllmenningError):
    """The council can't have decided before the matter was put before it, on {day}."""


class DecidedLater(AllmenningError):
    """A later decision of this council is registered, of {day}."""


class CaseAlreadyRegistered(AllmenningError):
    """A decision in case {reference} is registered already."""


class WrongVotes(AllmenningError):
    """Votes are counted from 0 to {most}, and somebody must have voted."""


class NotDecided(AllmenningError):
    """The council of {party} has not decided this yet."""


class JoinsBeforeThePlan(AllmenningError):
    """Nobody takes part before the plan begins, in {year}."""


class JoinsWithoutAdopting(AllmenningError):
    """A municipality joins by a decision that adopts it."""


class AlreadyAnswered(AllmenningError):
    """This is answered already."""


class NoSuchProposal(AllmenningError):
    """There is no such proposal."""


class AlreadyRolledOut(AllmenningError):
    """{party} already has this service in the roll-out plan."""


class NoSuchRollOut(AllmenningError):
    """There is nothing of this in the roll-out plan."""


class NotPrepared(AllmenningError):
    """Something that must be done first is not done: {what}."""


class AlreadyInUse(AllmenningError):
    """This was taken into use on {day}."""
