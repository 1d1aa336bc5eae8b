"""What a pool says no to."""

from allmenning.basics.errors import AllmenningError


class NoSuchPool(AllmenningError):
    """There is no pool here called {pool}."""


class IsAMember(AllmenningError):
    """This party is a member already."""


class NotAMember(AllmenningError):
    """Only members may apply, and take into use what the pool paid for."""


class NoSuchApplication(AllmenningError):
    """There is no such application here."""


class AlreadyDecided(AllmenningError):
    """This application is decided on already."""


class NotGranted(AllmenningError):
    """Nothing is granted for this, so there is nothing to take into use or to pay out."""


class BeforeItWasGranted(AllmenningError):
    """It was granted on {day}: choose that day or a later one."""


class PoolTooSmall(AllmenningError):
    """No more than {free_ore} can be granted: that is what has come in and nobody is promised."""


class MoreThanOwed(AllmenningError):
    """No more than {owed_ore} is outstanding here."""


class MustBePositive(AllmenningError):
    """Write an amount above zero."""


class PriceTooHigh(AllmenningError):
    """A price for each inhabitant is at most {most_ore}."""


class MoreThanAsked(AllmenningError):
    """No more than what is asked for can be granted."""


class AdoptsOwn(AllmenningError):
    """Who got the grant does not pay for taking it into use."""


class AdoptedAlready(AllmenningError):
    """This is taken into use already."""


class PopulationNotKnown(AllmenningError):
    """The price is for each inhabitant, and no population is known."""
