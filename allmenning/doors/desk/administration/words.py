"""Words for what the municipality's set-up keeps as codes, in the language of the page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _
from markupsafe import Markup

from allmenning.basics import dates
from allmenning.basics.money import format_ore
from allmenning.commons.catalogue import queries as catalogue
from allmenning.commons.municipalities import queries as municipalities
from allmenning.municipal.access.models import AdministrationChange, Role
from allmenning.tenancy import AREAS

from ..words import area, role  # the desk's own, for the templates too


def areas() -> list[tuple[str, str]]:
    return [(code, area(code)) for code in AREAS]


def roles(*, in_a_unit: bool = False) -> list[tuple[str, str]]:
    return [(code, role(code)) for code in Role.values if not (in_a_unit and code == Role.ADMINISTRATOR)]


def scope(code: str) -> str:
    """What another system may do."""
    return {
        "catalogue": _("Read which services there are"),
        "submit": _("Send applications"),
        "cases": _("Read what happens in a case"),
        "documents": _("Read the documents of a case"),
        "figures": _("Read the municipality's own figures"),
        "changes": _("Be told what is new in all cases"),
    }.get(code, code)


def proposed_role(code: str) -> str:
    """Roles that service folders know, and municipalities call something of their own."""
    return {"registrar": _("Registrar")}.get(code) or role(code)


def unit_kinds() -> dict[str, str]:
    """The kinds of unit that services know (UNIT_KINDS), as an administrator would call them."""
    return {
        "service-desk": _("Service desk"),
        "kindergarten": _("Kindergartens"),
        "school": _("Schools"),
        "health-and-care": _("Health and care"),
        "housing": _("Housing"),
        "building": _("Building and planning"),
        "roads-and-water": _("Roads, water and drains"),
        "culture": _("Culture and sports"),
        "finance": _("Finance and fees"),
        "administration": _("Administration and records"),
        "child-welfare": _("Child welfare"),
        "child-welfare-emergency": _("Child welfare: emergency duty"),
        "social-services": _("Social services"),
        "care": _("Care: applications and decisions"),
        "educational-psychology": _("Educational psychology"),
    }


def unit_kind(code: str) -> str:
    """Empty for a unit that is of no kind."""
    return unit_kinds().get(code, code)


def municipality(id: str) -> str:
    return municipalities.name_of(id, get_language() or "nb")


def service(id: str) -> str:
    return catalogue.title_of(id, get_language() or "nb")


def outcome(service: str, id: str) -> str:
    for offer in catalogue.published_services():
        if offer.id == service:
            package = catalogue.service_version(service, offer.version)
            titles = {each.id: each.title[get_language() or "nb"] for each in package.outcomes}
            return titles.get(id, id)
    return id


def topic(service: str, id: str) -> str:
    """A topic of a service's form, in words."""
    for offer in catalogue.published_services():
        if offer.id == service:
            schema = catalogue.service_version(service, offer.version).form_schema
            labels = schema.get("properties", {}).get("topic", {}).get("x-enum-labels", {})
            return str(labels.get(id, {}).get(get_language() or "nb", id))
    return id


def period(start: date, end: date | None) -> str:
    """`from 1 January 2026`, or with its last day."""
    language = get_language() or "nb"
    if end is None:
        return _("from %(start)s") % {"start": dates.format_date(start, language)}
    return _("%(start)s to %(end)s") % {
        "start": dates.format_date(start, language),
        "end": dates.format_date(end, language),
    }


def when(start: date, end: date | None) -> str:
    """Whether it holds: `now`, `later` or `ended`."""
    today = dates.today()
    if end is not None and end < today:
        return "ended"
    return "later" if start > today else "now"


def tag(start: date, end: date | None) -> Markup:
    """The same as a tag."""
    label, colour = {
        "now": (_("Now"), "success"),
        "later": (_("Later"), "info"),
        "ended": (_("Ended"), "neutral"),
    }[when(start, end)]
    return Markup('<span class="ds-tag" data-color="{}">{}</span>').format(colour, label)


def to_look_at(what: str, name: str, until: date | None) -> str:
    """Something worth a look, as a sentence."""
    day = dates.format_date(until, get_language() or "nb") if until else ""
    texts = {
        "service-without-unit": _("No unit receives applications for %(name)s"),
        "newer-version": _("There is a newer version of %(name)s"),
        "unit-without-staff": _("Nobody works in %(name)s"),
        "staff-without-role": _("%(name)s has no role"),
        "mandate-ends": _("The mandate of %(name)s ends on %(day)s"),
        "absent-without-substitute": _("%(name)s is away until %(day)s without a substitute"),
        "letterhead-incomplete": _("The letterhead lacks address or organisation number"),
    }
    return texts[what] % {"name": name, "day": day}


def action(code: str) -> str:
    """What an administrator did."""
    return {
        "add-unit": _("Added a unit"),
        "change-unit": _("Changed a unit"),
        "route": _("Chose who receives cases"),
        "stop-routing": _("Removed who receives cases"),
        "add-staff": _("Registered staff"),
        "change-staff": _("Changed staff"),
        "add-position": _("Gave a role"),
        "end-position": _("Ended a role"),
        "add-mandate": _("Gave a mandate"),
        "end-mandate": _("Ended a mandate"),
        "add-absence": _("Registered an absence"),
        "remove-absence": _("Removed an absence"),
        "delegate": _("Delegated decisions"),
        "end-delegation": _("Ended a delegation"),
        "add-api-client": _("Let another system in"),
        "withdraw-api-client": _("Withdrew another system"),
        "set-letterhead": _("Changed the letterhead"),
        "adopt": _("Offered a service or changed its values"),
        "stop-offering": _("Stopped offering a service"),
    }.get(code, code)


def subject(row: AdministrationChange, names: Mapping[str, str], about: Mapping[str, Mapping[str, str]]) -> str:
    """What a change is about: a name, a service with its topic or outcome, or a person and a role."""
    id = str(row.object_id)
    told = about.get(id, {})
    if id in names or "name" in told:
        return names.get(id) or told["name"]
    if "service" in told:
        of = told["service"]
        more = (
            topic(of, told["topic"]) if "topic" in told else outcome(of, told["outcome"]) if "outcome" in told else ""
        )
        return ", ".join(filter(None, (service(of), more)))
    who = names.get(told.get("staff_id", ""), "")
    return ", ".join(filter(None, (who, role(told["role"]) if "role" in told else "")))


def by(row: AdministrationChange) -> str:
    """Who made a change: an administrator, or the operator by a command."""
    return row.staff_name if row.staff_id else _("The operator")


def _fields() -> dict[str, str]:
    """What fields are called, in the order that people read them."""
    return {
        "name": _("Name"),
        "title": _("Title"),
        "email": _("E-mail"),
        "phone": _("Telephone"),
        "area": _("Service area"),
        "kind": _("Kind of unit"),
        "opening_hours": _("Opening hours"),
        "active": _("In use"),
        "start": _("First day"),
        "end": _("Last day"),
        "unit_id": _("Unit"),
        "staff_id": _("Staff"),
        "substitute_id": _("Substitute"),
        "role": _("Role"),
        "home_municipality": _("Employed in"),
        "source": _("Written source"),
        "service": _("Service"),
        "topic": _("Topic"),
        "outcome": _("Outcome"),
        "second_person": _("Second person"),
        "version": _("Version"),
        "values": _("Own values"),
        "address_line": _("Address"),
        "postal_code": _("Postal code"),
        "postal_place": _("Place"),
        "organisation_number": _("Organisation number"),
        "website": _("Website"),
        "logo": _("Logo"),
    }


def changed(
    row: AdministrationChange, names: Mapping[str, str], about: Mapping[str, Mapping[str, str]]
) -> Iterator[tuple[str, str, str]]:
    """Each field of a change: what it is called, what it was, and what it became. Empty when there was nothing."""
    whole = {**about.get(str(row.object_id), {}), **row.before, **row.after}
    for name, label in _fields().items():
        before, after = (_value(name, each.get(name), whole, names) for each in (row.before, row.after))
        if before != after:
            yield label, before, after
        elif name == "logo" and name in row.after and row.after[name]:
            yield label, "", _("Changed")


def _value(name: str, value: Any, whole: Mapping[str, Any], names: Mapping[str, str]) -> str:
    if value in (None, "", "None", {}):
        return ""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, dict):
        return ", ".join(_own_value(str(whole.get("service", "")), key, each) for key, each in value.items())
    if name in ("start", "end"):
        return dates.format_date(date.fromisoformat(value), get_language() or "nb")
    if name.endswith("_id"):
        return names.get(str(value), str(value))
    kept = str(value)
    match name:
        case "area":
            return area(kept)
        case "kind":
            return unit_kind(kept)
        case "role":
            return role(kept)
        case "service":
            return service(kept)
        case "home_municipality":
            return _known_municipality(kept)
        case "outcome":
            return outcome(str(whole.get("service", "")), kept)
        case "topic":
            return topic(str(whole.get("service", "")), kept)
        case "logo":
            return _("Changed")
    return kept


def _own_value(service: str, id: str, value: Any) -> str:
    """A value that a municipality has set for a service: `Price for a full-time place: 1 200,00 kr`."""
    language = get_language() or "nb"
    for offer in catalogue.published_services():
        package = catalogue.service_version(offer.id, offer.version) if offer.id == service else None
        for each in package.adjustable if package else ():
            if each.id == id:
                chosen = each.choices.get(str(value))
                other = chosen[language] if chosen else _value("", value, {}, {})
                shown = format_ore(value, language) if each.type == "ore" else other
                return f"{each.title[language]}: {shown}"
    return f"{id}: {value}"


def _known_municipality(id: str) -> str:
    try:
        return municipality(id)
    except municipalities.UnknownMunicipality:
        return id
