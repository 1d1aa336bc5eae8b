"""What can be refused in a journey, in words that a person understands."""

from allmenning.basics.errors import AllmenningError


class LoginNeeded(AllmenningError):
    """You must log in to use this service."""


class NotForOrganisations(AllmenningError):
    """This service is for residents. Act for yourself to use it."""


class WrongReceiptCode(AllmenningError):
    """We find nothing with this code. Check that you have typed it as it stands on the receipt."""


class NameMissing(AllmenningError):
    """Write the name of the person or organisation."""


class NumberNeeded(AllmenningError):
    """This service needs an identity number or an organisation number."""
