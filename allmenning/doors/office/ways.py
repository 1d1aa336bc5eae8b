"""The ways on from every page of the office: which roles have which."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from allmenning.commons.identity.offices import OF_A_COOPERATION, OF_A_PARTY, OfficeActing


@dataclass(frozen=True)
class Way:
    """name: of the address and of `here` on its pages. roles: who has it."""

    name: str
    label: str | Promise
    icon: str
    roles: tuple[str, ...]


WAYS = (Way("office:front", _("Overview"), "case", (*OF_A_COOPERATION, *OF_A_PARTY)),)


def of(acting: OfficeActing) -> list[Way]:
    return [way for way in WAYS if acting.role in way.roles]
