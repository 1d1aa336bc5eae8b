"""What can go wrong in choosing, reaching and making databases."""

from django.core.exceptions import ImproperlyConfigured
from django.db.utils import OperationalError

from allmenning.basics.errors import AllmenningError


class NoMunicipalityChosen(AllmenningError, ImproperlyConfigured):
    """No municipality is chosen: wrap the work in tenancy.use(municipality, login)."""


class WrongMunicipality(AllmenningError, RuntimeError):
    """The work belongs to another municipality, login or resident than the one that is chosen."""


class TooManyConnections(AllmenningError, OperationalError):
    """All {cap} database connections of this process are busy."""


class NotPlaced(AllmenningError, LookupError):
    """The municipality {municipality} has no database yet."""


class MigrationFailed(AllmenningError):
    """{failed} of {total} databases could not be migrated; run it again when the cause is gone."""
