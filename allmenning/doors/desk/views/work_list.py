"""The work list: what there is to do, sorted, filtered and found."""

from __future__ import annotations

from dataclasses import replace

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from allmenning import vault
from allmenning.basics.text import UnsafeText, clean_text
from allmenning.commons.catalogue import queries as catalogue
from allmenning.journeys import casework, offered, reviewing
from allmenning.municipal.cases import queries as cases
from allmenning.municipal.people import queries as people
from allmenning.web.access import checks_its_own_text
from allmenning.web.filling import language
from allmenning.web.jinja import with_query
from allmenning.web.limits import limited

from .. import words
from .common import AtWork, at_work, show

LONGEST_SEARCH = 120
_SOUGHT = "desk-find"


@at_work
@require_GET
def work_list(request: HttpRequest, at: AtWork) -> HttpResponse:
    """One view of the list, 50 rows at a time."""
    sought = _opened(request.GET.get("find", ""), at)
    filters = _filters(request.GET, at, sought)
    page = casework.list_cases(at.working, filters)
    context = {
        "at": at,
        "page": page,
        "filters": filters,
        "sought": sought,
        "overview_of": page.rows[0].case.id if filters.looked_up and page.rows else None,
        "counts": cases.counts(at.working),
        "most_counted": cases.MOST_COUNTED,
        "most_of_a_name": people.MOST_OF_A_NAME,
        "views": cases.VIEWS,
        "to_review": reviewing.waiting(at.working),
        "services": _services(at.working.area),
        "titles": {row.case.id: words.titles_of(row.case, hide=bool(row.level)) for row in page.rows},
        "states": cases.open_states() if filters.view != "closed" else ("decided", "withdrawn"),
        "next": _paged(request, "after", page.next_after),
        "previous": _paged(request, "before", page.previous_before),
    }
    return show(request, "desk/work_list.html", context)


@checks_its_own_text
@at_work
@limited("search")
@require_POST
def find(request: HttpRequest, at: AtWork) -> HttpResponse:
    """What is sought may be somebody's number or name: it goes into the address sealed, never as it was typed."""
    try:
        text = clean_text(request.POST.get("text", ""))[:LONGEST_SEARCH].strip()
    except UnsafeText:
        text = ""
    front = reverse("desk:front")
    return redirect(with_query(front, find=_sealed(text, at)) if text else front)


def _filters(asked: QueryDict, at: AtWork, sought: str) -> cases.Filters:
    """The filters of an address. What it can't mean is left out: an old link still shows a list."""
    if sought:
        filters = casework.find_filters(sought, at.working.area)
    else:
        view = asked.get("view", "")
        filters = cases.Filters(view=view if view in cases.VIEWS else "mine")
        filters = replace(filters, sort="-received" if filters.view == "closed" else "due")
    sort = str(asked.get("sort", ""))
    if sort in cases.SORTS and (filters.view, sort) != ("closed", "due"):
        filters = replace(filters, sort=sort)
    after, before = _key(asked.get("after", ""), filters.sort), _key(asked.get("before", ""), filters.sort)
    return replace(
        filters, service=asked.get("service", "")[:60], state=asked.get("state", "")[:24], after=after, before=before
    )


def _key(text: str, sort: str) -> cases.Key | None:
    """`2026-03-01~<id>`: the row that a page begins after or ends before."""
    value, mark, row = text.partition("~")
    try:
        return cases.key_of_text(value, row, sort) if mark else None
    except ValueError:
        return None


def _paged(request: HttpRequest, name: str, key: cases.Key | None) -> str | None:
    if key is None:
        return None
    query = request.GET.copy()
    for each in ("after", "before"):
        query.pop(each, None)
    query[name] = "~".join(key)
    return "?" + query.urlencode()


def _services(area: str) -> list[tuple[str, str]]:
    """(id, title) of what the municipality offers in an area, for the filter."""
    packages = [catalogue.service_version(each.service, each.version) for each in offered.all_offered()]
    titled = [(each.id, each.title[language()]) for each in packages if each.area == area]
    return sorted(titled, key=lambda each: each[1])


def service_title(service: str, version: str) -> str:
    return catalogue.service_version(service, version).title[language()]


def _sealed(text: str, at: AtWork) -> str:
    return vault.seal_for_url(str(at.staff.municipality), at.working.area, _SOUGHT, text)


def _opened(token: str, at: AtWork) -> str:
    """What was sought, or nothing when the link is another's area's, or no such link."""
    if not token:
        return ""
    try:
        return vault.open_from_url(str(at.staff.municipality), at.working.area, _SOUGHT, token).decode()
    except (vault.CannotOpen, ValueError):
        return ""
