"""Whom a case concerns besides its applicant: who lives where the applicant does, and whom the form names. As keys, kept
with the case, so that the table of rules refuses by them in lists as at opening (forvaltningsloven § 6).

The keys are the area's own: equal within it, and nowhere else. A case has them from when it was sent, by what the form says
and the population register then said; what the register tells later is added (`learn`).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from allmenning import vault
from allmenning.basics.norwegian import fold
from allmenning.municipal.access.queries import home_key, named_key
from allmenning.municipal.cases.models import Case
from allmenning.municipal.forms.content import Content
from allmenning.rules.forms import Form
from allmenning.rules.forms.pointers import EACH
from allmenning.tenancy import current

_HOUSE_NUMBER = re.compile(r"\s+\d+\s*[a-zæøå]?$", re.IGNORECASE)  # "Fjordvegen 12 B"


def person_key(number: str) -> bytes:
    """The key that is on this person's cases here."""
    return vault.resident_key(current().municipality, "person", number)


def address_key(address: Mapping[str, Any]) -> bytes:
    """An address as an index: street with its number, and postal code."""
    return _place_key("address", f"{address['street']}|{address['postal_code']}")


def street_key(address: Mapping[str, Any]) -> bytes:
    """The street of an address, without its number."""
    return _place_key("street", f"{_HOUSE_NUMBER.sub('', str(address['street']))}|{address['postal_code']}")


def _place_key(kind: str, text: str) -> bytes:
    return vault.blind_index(current().municipality, "administration", kind, fold(text))


def addresses_in(facts: Iterable[Any]) -> list[Mapping[str, Any]]:
    """The addresses among what registers said of an applicant."""
    return [each for each in facts if isinstance(each, Mapping) and {"street", "postal_code"} <= set(each)]


def homes_in(area: str, facts: Iterable[Any]) -> frozenset[bytes]:
    """The area's keys of the addresses among what registers said of an applicant. No statement."""
    return frozenset(home_key(area, address_key(each)) for each in addresses_in(facts))


def named_in(area: str, form: Form, data: Mapping[str, Any]) -> frozenset[bytes]:
    """The area's keys of the people whom the answers name by their identity number. No statement."""
    return frozenset(named_key(area, person_key(each)) for each in identity_numbers(form, data))


def identity_numbers(form: Form, data: Mapping[str, Any]) -> frozenset[str]:
    """Identity numbers among the answers: people whom the applicant names, such as the one they live with."""
    asked = (path for path, spec in form.specs.items() if spec.format == "national-identity-number")
    return frozenset(each for path in asked for each in _at(data, path) if isinstance(each, str) and each)


def _at(data: Any, path: Sequence[str]) -> Iterator[Any]:
    """What stands at a declared path, in every item of a list on the way."""
    if not path:
        yield data
    elif path[0] == EACH:
        yield from (found for item in (data if isinstance(data, list) else ()) for found in _at(item, path[1:]))
    elif isinstance(data, Mapping) and path[0] in data:
        yield from _at(data[path[0]], path[1:])


def learn_from(case: Case, content: Content, form: Form) -> bool:
    """See that a case holds whom its form concerns. Whether that was new: a case from before this was kept."""
    homes = homes_in(case.area, content.registered.values())
    return learn(case, homes=homes, named=named_in(case.area, form, content.data))


def learn(case: Case, *, homes: Collection[bytes] = (), named: Collection[bytes] = ()) -> bool:
    """Add what is known of a case now. Whether it was new; no statement where it was not."""
    held = {"home_keys": set(map(bytes, case.home_keys)), "named_keys": set(map(bytes, case.named_keys))}
    known = {"home_keys": held["home_keys"].union(homes), "named_keys": held["named_keys"].union(named)}
    if known == held:
        return False
    case.home_keys, case.named_keys = sorted(known["home_keys"]), sorted(known["named_keys"])
    Case.objects.filter(id=case.id).update(home_keys=case.home_keys, named_keys=case.named_keys)
    share_home(case)
    return True


def share_home(case: Case) -> None:
    """Where the applicant lives counts in all their cases in the area, though most forms do not ask for it, and they may have
    moved since: each gets the homes of their newest case that has any. One statement, and one for each that lacked them.
    """
    theirs = Case.objects.filter(owner_key=case.owner_key).order_by("-received_at", "-id")
    homes = {case_id: set(map(bytes, keys)) for case_id, keys in theirs.values_list("id", "home_keys")}
    newest = next((keys for keys in homes.values() if keys), set())
    for case_id in [each for each, keys in homes.items() if not newest <= keys]:
        Case.objects.filter(id=case_id).update(home_keys=sorted(newest | homes[case_id]))
