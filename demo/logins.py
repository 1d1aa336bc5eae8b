"""Whom to log in as first. The sandbox's login page shows these and many more."""

from .people import world
from .screen import Login

_FIRST = {
    "Resident": "parent",
    "Caseworker": "caseworker-averoy",
    "Leader": "approver-averoy",
    "Administrator": "administrator",
    "Treasurer": "treasurer",
}


def logins() -> list[Login]:
    """A resident, a caseworker, an administrator, the treasurer of a cooperation."""
    characters = world().characters
    chosen = {role: characters[key] for role, key in _FIRST.items()}
    return [Login(role, who.name, who.number, who.story) for role, who in chosen.items()]
