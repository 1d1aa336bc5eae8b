"""What can be wrong with roles at the office."""

from allmenning.basics.errors import AllmenningError


class NoSuchRole(AllmenningError):
    """There is no such role here: {role}. A role of a cooperation has its scope, one of a party its party: {options}"""


class RoleAlreadyHeld(AllmenningError):
    """This person has that role already."""


class RoleEndsTooEarly(AllmenningError):
    """A role can't end before it begins: {start}."""
