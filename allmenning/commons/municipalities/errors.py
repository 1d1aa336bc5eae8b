from allmenning.basics.errors import AllmenningError


class UnknownMunicipality(AllmenningError):
    """There is no municipality {asked} in the register."""


class UnknownCooperation(AllmenningError):
    """There is no cooperation {asked} in the register."""


class Divided(AllmenningError):
    """{divided} was divided between several, and what each got of it is not known."""


class AlreadyMember(AllmenningError):
    """{municipality} is a member of the cooperation at that time already."""


class NotMember(AllmenningError):
    """{municipality} is not a member of the cooperation on {on}."""


class PlaceTaken(AllmenningError):
    """Another municipality has that database already."""
