"""What can be refused here, in words that a person understands."""

from allmenning.basics.errors import AllmenningError


class NotYours(AllmenningError):
    """You do not have access to this case. Ask the unit that handles it."""


class NotStaffHere(AllmenningError):
    """You are not registered as staff in this municipality, or your dates have run out. Ask your administrator."""


class NotAdministrator(AllmenningError):
    """Only an administrator of the municipality can do this."""


class MayNotDecide(AllmenningError):
    """Your role has not been delegated this decision. Somebody who has must issue it."""


class OverlappingDates(AllmenningError):
    """The end date is before the start date."""


class AlreadyThere(AllmenningError):
    """There is already one like this."""
