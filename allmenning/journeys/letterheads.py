"""The municipality's letterhead and a letter's facts, for one case."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from allmenning.letters import Letterhead, Metadata
from allmenning.municipal.access.models import Unit
from allmenning.municipal.cases.models import Case
from allmenning.municipal.profile.models import Letterhead as Profile


def letterhead_for(case: Case) -> Letterhead:
    """Who writes. A letter about a sensitive service never names its unit: the municipality alone is the sender."""
    unit = Unit.objects.filter(id=case.unit_id).first() if case.unit_id and case.area == "ordinary" else None
    profile = Profile.objects.first() or Profile(name="")
    return letterhead_of(profile, unit.name if unit else "", unit.phone if unit else "")


def letterhead_of(profile: Profile, unit: str = "", unit_phone: str = "") -> Letterhead:
    """The municipality's letterhead, with a unit's name and telephone where one is given."""
    post = f"{profile.postal_code} {profile.postal_place}".strip()
    return Letterhead(
        municipality=profile.name,
        unit=unit,
        address=[line for line in (profile.address_line, post) if line],
        phone=unit_phone or profile.phone,
        email=profile.email,
        website=profile.website,
        organisation_number=profile.organisation_number,
        logo=bytes(profile.logo) if profile.logo else None,
    )


def letter_metadata(
    case: Case, *, on: date, handler: str = "", title: str = "", address: Sequence[str] = (), recipient: str = ""
) -> Metadata:
    """Date, reference and recipient: who sent the case, where no other is named.

    `address` is only for a letter on paper: no file that is kept holds one.
    """
    return Metadata(
        date=on,
        reference=case.number,
        recipient=[recipient or case.opened_applicant_name, *address],
        handler=handler,
        title=title,
    )
