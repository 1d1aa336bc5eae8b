"""What can be refused here, in words that a person understands."""

from collections.abc import Mapping

from allmenning.basics.errors import AllmenningError


class NotYours(AllmenningError):
    """You do not have access to this case. Ask the unit that handles it."""


class NotStaffHere(AllmenningError):
    """You are not registered as staff in this municipality, or your dates have run out. Ask your administrator."""


class MayNotDecide(AllmenningError):
    """Your role has not been delegated this decision. Somebody who has must issue it."""


class OverlappingDates(AllmenningError):
    """The end date is before the start date."""


class AlreadyThere(AllmenningError):
    """There is already one like this."""


class AlreadyStaff(AlreadyThere):
    """This person is registered as staff here already."""


class AlreadyHolds(AlreadyThere):
    """There is one like this already, for the same days."""


class LastAdministrator(AllmenningError):
    """Nobody would be left to administer the municipality from that day. Make somebody else administrator first."""


class OwnSubstitute(AllmenningError):
    """Nobody can be their own substitute."""


class UnitMissing(AllmenningError):
    """Choose a unit: this role belongs to one."""


class UnitOfAnotherArea(AllmenningError):
    """The unit works in another area than the service is of, and could not open its cases. Choose another unit."""


class UnitInUse(AllmenningError):
    """Cases of a service still go to this unit. Send them to another unit first."""


class SourceMissing(AllmenningError):
    """Name the written decision or agreement that this stands on."""


class NotOwnMunicipality(AllmenningError):
    """A mandate is for staff of another municipality. Choose the one that they are employed in."""


class NotValid(AllmenningError):
    """Something that was filled in can't be saved."""

    fields: Mapping[str, list[str]]  # what is wrong, by the row's field


class UnusableKey(AllmenningError):
    """This is not a public key that can be used. Give a public JWK: P-256, Ed25519, or RSA of at least 2048 bits."""


class UnknownScope(AllmenningError):
    """There is no such scope, area or service: {name}."""


class ScopeMissing(AllmenningError):
    """Choose at least one thing that the system may do."""


class NoSuchClient(AllmenningError):
    """There is no such system here, or it has been withdrawn already."""


class LogNotWhole(AllmenningError):
    """The log is not what was signed: rows or seals of it are changed or gone. Run `allmenning log verify`."""
