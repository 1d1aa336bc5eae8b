"""The outside systems as the journeys see them: protocols that `project/wiring.py` fills with connections."""

from __future__ import annotations

from dataclasses import dataclass

from allmenning.journeys.ports import HousingAllowanceHandOver
from allmenning.municipal.people.ports import (
    BusinessRegister,
    ContactRegister,
    IncomeRegister,
    PopulationRegister,
    Representation,
)
from allmenning.municipal.post.ports import EmailSender, SmsSender


@dataclass(frozen=True)
class Outside:
    """One of each system. Tests put their own here."""

    population: PopulationRegister
    business: BusinessRegister
    representation: Representation
    contact: ContactRegister
    income: IncomeRegister
    email: EmailSender
    sms: SmsSender
    housing_allowance: HousingAllowanceHandOver


_connected: Outside | None = None


def connect(systems: Outside) -> None:
    """Called once when the process starts."""
    global _connected
    _connected = systems


def outside() -> Outside:
    """The systems. Loud when nobody has connected them: that is a mistake in the wiring, never a user's."""
    if _connected is None:
        raise RuntimeError("No outside systems are connected: project/wiring.py does it when Django starts.")
    return _connected
