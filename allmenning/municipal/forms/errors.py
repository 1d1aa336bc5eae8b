"""What can be refused while a form is filled in."""

from allmenning.basics.errors import AllmenningError


class DraftChanged(AllmenningError):
    """This form was changed in another window. You see the newest version; what you typed here is below."""


class DraftGone(AllmenningError):
    """This draft is not here any more. It may have been sent or deleted."""


class NotComplete(AllmenningError):
    """Something is missing or wrong. Look at the list, correct it, and send again."""


class ServiceNotOffered(AllmenningError):
    """The municipality does not offer this service here."""
