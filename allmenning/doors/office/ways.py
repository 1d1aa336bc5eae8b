"""The ways on from every page of the office: which roles have which."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from allmenning.commons.identity.offices import OF_A_COOPERATION, OF_A_PARTY, OfficeActing
from allmenning.journeys import councils, pooling


@dataclass(frozen=True)
class Way:
    """name: of the address and of `here` on its pages. roles: who has it. is_there: whether there is anything to see."""

    name: str
    label: str | Promise
    icon: str
    roles: tuple[str, ...]
    is_there: Callable[[OfficeActing], bool] = lambda _acting: True


WAYS = (
    Way("office:front", _("Overview"), "case", (*OF_A_COOPERATION, *OF_A_PARTY)),
    Way("office:costs", _("Costs"), "chart", ("treasurer", "approver", "board")),
    Way("office:settlements", _("Settlements"), "check", ("treasurer", "approver", "board", "member-treasurer")),
    Way("office:bills", _("Invoices"), "file", ("treasurer", "approver", "board", "member-treasurer")),
    Way("office:pools", _("Pools"), "people", ("treasurer", "member-treasurer"), pooling.has_pools),
    Way("office:plan-keep", _("The joint plan"), "calendar", ("planner", "board")),
    Way("office:roll-out-keep", _("Roll-out"), "check", ("planner", "board")),
    Way("office:matters", _("Before the councils"), "file", councils.ROLES),
    Way("office:agenda", _("On the agenda"), "pencil", ("elected", "planner", "board")),
)


def of(acting: OfficeActing) -> list[Way]:
    return [way for way in WAYS if acting.role in way.roles and way.is_there(acting)]
