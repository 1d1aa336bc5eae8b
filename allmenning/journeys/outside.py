"""The outside systems as the journeys see them: protocols that `project/wiring.py` fills with connections."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.conf import settings
from django.utils.module_loading import import_string

from allmenning.journeys.ports import HousingAllowanceHandOver, StateRegister
from allmenning.municipal.documents.ports import MalwareScanner
from allmenning.municipal.people.ports import (
    BusinessRegister,
    ContactRegister,
    IncomeRegister,
    PopulationRegister,
    Representation,
)
from allmenning.municipal.post.ports import EmailSender, OutsideStatus, SmsSender, SystemMessages


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
    scanner: MalwareScanner | None = None  # an operator may have one
    systems: SystemMessages | None = None  # where municipalities take in what other systems send
    status: OutsideStatus | None = None
    state_registers: Mapping[str, StateRegister] = field(default_factory=dict)  # by the id in `catalogue/registers`

    def receiver(self, name: str) -> HousingAllowanceHandOver:
        """Who takes the packages of outcomes with this `hand_over_to` (the catalogue's RECEIVERS)."""
        return {"husbanken": self.housing_allowance}[name]


_connected: Outside | None = None


def connect(systems: Outside) -> None:
    """Use these systems from now on: tests put their own here."""
    global _connected
    _connected = systems


def outside() -> Outside:
    """The systems, made at first use by settings.OUTSIDE_SYSTEMS."""
    if _connected is None:
        connect(import_string(settings.OUTSIDE_SYSTEMS)())
    assert _connected is not None
    return _connected
