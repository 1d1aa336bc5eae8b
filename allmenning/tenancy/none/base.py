"""The database behind `default` when no municipality is chosen: it only says so."""

from typing import Any, NoReturn

from django.db.backends.dummy import base

from ..context import current
from ..errors import NoMunicipalityChosen


def _complain(*args: Any, **kwargs: Any) -> NoReturn:
    current()
    raise NoMunicipalityChosen("this connection was taken before a municipality was chosen")


class DatabaseOperations(base.DatabaseOperations):
    quote_name = _complain


class DatabaseWrapper(base.DatabaseWrapper):
    ops_class = DatabaseOperations
    # Everything that atomic() or a query calls first, so that the error comes there and not at the end.
    ensure_connection = connect = cursor = _cursor = _complain
    get_autocommit = set_autocommit = _set_autocommit = _complain
    _commit = _savepoint = _savepoint_commit = on_commit = _complain
