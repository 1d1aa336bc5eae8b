"""One PostgreSQL database for each municipality, one login for each of its service areas."""

from .context import AREAS, EVERY_LOGIN, LOGINS, OWNER, SEALER, Acting, Behalf, acting, current, use
from .errors import NoMunicipalityChosen, WrongMunicipality

__all__ = [
    "AREAS",
    "EVERY_LOGIN",
    "LOGINS",
    "OWNER",
    "SEALER",
    "Acting",
    "Behalf",
    "NoMunicipalityChosen",
    "WrongMunicipality",
    "acting",
    "current",
    "next_number",
    "use",
]


def next_number(counter: str, area: str, year: int) -> int:
    """The next number of a series, from 1, without gaps, in the open transaction of the chosen municipality.

    Whoever asks next waits until this transaction ends: take the number last. Raises PermissionDenied's database
    counterpart (InsufficientPrivilege, wrapped by Django as ProgrammingError) for an area that is not the login's.
    """
    from django.db import connections

    with connections[current().alias].cursor() as cursor:
        cursor.execute("select next_number(%s, %s, %s)", [counter, area, year])
        return int(cursor.fetchone()[0])
