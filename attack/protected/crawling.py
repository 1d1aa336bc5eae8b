"""Everybody looks everywhere: every address with every id of the family's, every link, every search, every form sent wrong."""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice, product
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import Resolver404, URLPattern, resolve

from allmenning.municipal.access.models import LogEntry
from allmenning.municipal.cases.models import AccountLine, Case
from allmenning.municipal.people.models import Representation
from allmenning.tenancy import use

from ..addresses import TYPED, addresses, filled, is_id, model_of, slug
from ..rows import models_of
from ..searching import shape
from ..visitors import forms_of, links_of
from . import kept
from .family import FAMILY, LUN, MIE, NAMED, NAMES_OF, TORA, ULF, VERA, Family, Sent, resident
from .kept import RECORDED
from .lookers import RESIDENT, STAFF, SYSTEM, Looker
from .sensitive import service_of

Ids = dict[str, list[UUID]]
_STARTS = (
    "/",
    "/my/",
    "/my/mailbox/",
    "/my/log/",
    "/my/data/",
    "/act-for/",
    "/desk/",
    "/desk/print/",
    "/desk/register/",
    "/desk/waiting/",
    "/desk/payments/?until=2030-01-01",
)
_VIEWS = tuple(
    f"/desk/?view={each}" for each in ("mine", "unit", "unassigned", "overdue", "waiting", "approval", "closed")
)
_MACHINES = ("/metrics", "/healthz", "/readyz", "/nowhere/", "/averoy/nowhere/", "/static/nowhere.css", "/%00")
PAYS = "/desk/payments/"
_ENDS = ("logout", "login")
# What one's door answers hangs on that door's login alone: `brief`, one of each kind tries the others' doors.
_DOORS = {STAFF: ("/desk/",), RESIDENT: ("/my/",), SYSTEM: ("/api/",)}
_DISQUALIFIES = "partial/"  # after which one is shown nothing, and so would not be looked at
_TELL_NOBODY = ("metrics", "readyz", "healthz", "openapi")  # the same for everybody, and slow
_WRONG = ("", "x", "-1", "9" * 40, "2030-99-99")
_NEED = {"need": "curious"}  # which is none


@dataclass
class Answer:
    """What somebody was given: by whom it was asked for, how, and what they wrote themselves to get it."""

    by: Looker
    how: str
    response: Any
    typed: frozenset[str] = frozenset()
    logged: int = 0  # rows that the log got by it, where that is counted

    @property
    def parts(self) -> tuple[bytes, bytes]:
        """What the answer holds, and its headers with its cookies; but its length, which may be any number by chance."""
        cookies = [each.value for each in self.response.cookies.values()]
        headers = [each for each in self.response.headers.items() if each[0] != "Content-Length"]
        return bytes(self.response.getvalue()), repr([*headers, cookies]).encode()


Ask = Callable[[Looker, str], Answer]


@dataclass
class Crawl:
    """All that there is to ask for about a family."""

    family: Family
    brief: bool = False
    ids: dict[str, Ids] = field(default_factory=dict)  # by the label of a case, or whose drafts they are
    told: list[str] = field(default_factory=list)  # what told whether something is there
    _in_turn: int = 0
    _tried_all_doors: set[str] = field(default_factory=set)  # kinds of which one has

    def __post_init__(self) -> None:
        here = self.family.place.id
        for sent in self.family.cases:
            self.ids[sent.label] = _ids_of_case(here, sent.id)
        for who in FAMILY:
            self.ids[who] = _ids_of_person(here, resident(who).keys(here)[0])

    def cases(self, looker: Looker) -> list[Sent]:
        """The cases that a role asks about. `brief`: of its area, one strictly protected and one who is not, and a child."""
        few = [each for who in (VERA, TORA, LUN) for each in self.family.telling(who, looker.area)]
        few += [each for who in (VERA, TORA) for each in kept.of(self.family, who) if each.area == looker.area]
        return few if self.brief else self.family.cases

    def looks(self, looker: Looker) -> Iterator[Answer]:
        """Everything that one role asks for, read before anything is sent."""
        yield from self._asks_for_everything(looker)
        yield from self._follows_links(looker)
        yield from self._seeks(looker)
        yield from self._sends(looker)

    def looks_with_a_need(self, looker: Looker, sent: Sent) -> Iterator[Answer]:
        """A need is stated in one case; then all of it is asked for, and then the rest."""
        yield self._states_purpose(looker, sent.id)
        yield self._post(looker, f"/desk/cases/{sent.id}/protected/", {"need": "decide"})
        others = [each.label for each in self.family.of(sent.whose) if each is not sent]
        if self.brief:
            others = [each.label for each in self.family.of_in(sent.whose, sent.area) if each is not sent][-1:]
        stated = sent.id
        for path in self.paths_of(8 if self.brief else 50, [sent.label, *others]):
            if path.startswith("/desk/") and not any(word in path for word in _ENDS):
                if (about := _case_in(path)) not in (None, stated):
                    stated = about
                    yield self._states_purpose(looker, about)
                yield self._counting(looker, path, self._get)
        for delivery in self.ids[sent.label]["delivery"]:  # the letter with the address, to print
            yield self._counting(looker, f"/desk/print/{delivery}/", partial(self._post, data={}))
        yield from self._follows_links(looker, partial(self._counting, ask=self._get))

    def is_about(self, how: str, sent: Sent) -> bool:
        """Whether something that was asked for is one case's: a page of it, a letter to print, or payments (`PAYS`): those
        pages show the payments of all cases in which a need was stated, and are logged with each of them.
        """
        if PAYS in how:
            return True
        letters = (f"/print/{each}/" for each in self.ids[sent.label]["delivery"])
        return any(each in how for each in (f"/cases/{sent.id}/", *letters))

    def _counting(self, looker: Looker, path: str, ask: Ask) -> Answer:
        before = self._logged()
        answer = ask(looker, path)
        answer.logged = self._logged() - before
        return answer

    def _logged(self) -> int:
        with use(self.family.place.id, "owner"):
            return LogEntry.objects.count()

    def _states_purpose(self, looker: Looker, case_id: Any) -> Answer:
        """Stated before a case is opened, and soon forgotten by the session when others are."""
        return self._post(looker, f"/desk/cases/{case_id}/purpose/", {"purpose": "case-handling"})

    def _asks_for_everything(self, looker: Looker, method: str = "get") -> Iterator[Answer]:
        asked, stated = set[str](), None
        few, is_somebody = self.brief and method == "post", self.brief and bool(looker.kind)
        all_doors = not self.brief or f"{looker.kind} {method}" not in self._tried_all_doors
        self._tried_all_doors.add(f"{looker.kind} {method}")
        but = (*_ENDS, *(_TELL_NOBODY if is_somebody else ()), *((_DISQUALIFIES,) if method == "post" else ()))
        for path in (*self.paths(looker, few=few), *_MACHINES):
            if path not in asked and not any(word in path for word in but) and (all_doors or _is_at_home(looker, path)):
                asked.add(path)
                if looker.works_with and _case_in(path) not in (None, stated):
                    stated = _case_in(path)
                    yield self._states_purpose(looker, stated)
                yield self._get(looker, path) if method == "get" else self._post(looker, path, TYPED | _NEED)

    def paths(self, looker: Looker, *, few: bool = False) -> Iterator[str]:
        """Every address of every door; those with ids, with those of each case. `brief`: a few of each for most roles."""
        people, told = list(FAMILY), [each.label for each in self.cases(looker)]
        here = [each.label for each in self.family.cases if each.area == looker.area and each.label not in told]
        elsewhere = [each.label for each in self._of_another_area(looker)]
        if not self.brief:
            yield from self.paths_of(50, [*(each.label for each in self.family.cases), *people])
        elif few:
            yield from self.paths_of(1, [*told[:: 2 if looker.works_with else 4], *people])
        elif not looker.works_with:
            yield from self.paths_of(1, [*told[::4], *elsewhere, *people])
        else:
            yield from self.paths_of(2, [*told[::2], *people])
            yield from self.paths_of(1, [*told[1::2], *here[self._in_turn % 2 :: 2], *elsewhere])

    def _of_another_area(self, looker: Looker) -> list[Sent]:
        """A case that somebody else wrote for one of the family, in another area; the areas in turn, role by role."""
        there = [e for e in self.family.cases if e.area not in ("ordinary", looker.area) and e.whose in (MIE, ULF, LUN)]
        self._in_turn += 1
        return [there[self._in_turn % len(there)]]

    def paths_of(self, at_once: int, whose: Sequence[str]) -> Iterator[str]:
        """Every address; those with ids, with at most so many together of each of these cases and people, one by one."""
        with_ids = [pattern for _, pattern in addresses() if _names(pattern)]
        yield from (filled(pattern, self._slugs(pattern)) for _, pattern in addresses() if not _names(pattern))
        for ids in (self.ids[each] for each in whose):
            for pattern, kind in ((each, kind) for each in with_ids for kind in _kinds(each)):
                for chosen in islice(product(*(ids.get(model_of(name), []) for name in _names(pattern))), at_once):
                    named = dict(zip(_names(pattern), chosen, strict=True))
                    yield filled(pattern, {**self._slugs(pattern), **kind, **named})

    def _slugs(self, pattern: URLPattern) -> dict[str, Any]:
        slugs = {name: slug(name, converter) for name, converter in pattern.pattern.converters.items()}
        return slugs | ({"municipality": self.family.place.id} if "municipality" in slugs else {})

    def _follows_links(self, looker: Looker, ask: Ask | None = None) -> Iterator[Answer]:
        """From the first pages on: each address once, and of each view a few with other parameters."""
        starts = [*_STARTS, *(_VIEWS if looker.kind == STAFF else ())]
        waiting, seen, of_view = deque(starts), set(starts), defaultdict[str, int](int)
        at_most = 60 if not self.brief else 2 if looker.works_with or looker.is_one else 1
        while waiting:
            path = waiting.popleft()
            try:
                view = resolve(urlsplit(path).path).view_name
            except Resolver404:
                continue
            of_view[view] += 1
            if any(word in path for word in _ENDS) or of_view[view] > at_most:
                continue
            answer = (ask or self._get)(looker, path)
            yield answer
            new = [link for link in links_of(path, answer.response) if link not in seen]
            seen.update(new)
            waiting.extend(new)

    def _seeks(self, looker: Looker) -> Iterator[Answer]:
        """Each word where anything is searched for; what is found must look as for a word of nobody's."""
        words = [(word, told) for word, told in self.family.words.planted.items() if told.case != NAMED]
        nobodys = "kanarizzzzzzzzzz"
        nothing = shape(self._found(looker, nobodys), nobodys) if looker.kind == STAFF else ()
        for word, _ in words[self._in_turn :: len(words) // 4 if self.brief else 5]:
            typed = frozenset({word})
            if looker.kind == STAFF:
                found = self._found(looker, word)
                yield Answer(looker, f"seek {word}", found, typed)
                if shape(found, word) != nothing:
                    self.told.append(f"{looker.name} seeks {word}, and it looks other than a word of nobody's")
                yield Answer(looker, f"register {word}", looker.client.post("/desk/register/", _at_the_counter(looker, word)), typed)  # fmt: skip
            yield self._get(looker, f"/search/?q={word}", typed)
            yield self._get(looker, f"/municipalities/?q={word}", typed)
        for who in FAMILY[self._in_turn % 3 :: 3] if self.brief else FAMILY:
            if looker.kind == STAFF:
                typed = frozenset(
                    {who, NAMES_OF[who].lower().replace(" ", "")}
                )  # whoever knows the number is told the name
                yield Answer(looker, f"seek {who}", self._found(looker, who), typed)
                at_the_counter = looker.client.post("/desk/register/", _at_the_counter(looker, who))
                yield Answer(looker, f"register {NAMES_OF[who]}", at_the_counter, typed)

    def _found(self, looker: Looker, text: str) -> Any:
        there = looker.client.post("/desk/find/", {"text": text})
        return looker.client.get(there.get("Location", "/desk/"))

    def _sends(self, looker: Looker) -> Iterator[Answer]:
        """Every address about the cases is sent something; and the forms of a case's pages are sent wrong."""
        yield from self._asks_for_everything(looker, "post")
        for sent in self.cases(looker) if looker.works_with else ():
            yield self._states_purpose(looker, sent.id)
            for path in (
                f"/desk/cases/{sent.id}/",
                f"/desk/cases/{sent.id}/protected/",
                f"/desk/cases/{sent.id}/decide/",
            ):
                page = self._get(looker, path)
                yield page
                for form in forms_of(path, page.response) if page.response.status_code == 200 else ():
                    for wrong in _WRONG[: 1 if self.brief else None]:
                        values: dict[str, Any] = dict.fromkeys(form.typed, wrong)
                        files = {name: SimpleUploadedFile("x.pdf", b"MZ") for name in form.files}
                        send = looker.client.get if form.method == "get" else looker.client.post
                        yield Answer(
                            looker, f"{form.method} {form.address} {wrong!r}", send(form.address, values | files)
                        )

    def _get(self, looker: Looker, path: str, typed: frozenset[str] = frozenset()) -> Answer:
        return Answer(looker, f"GET {path}", looker.client.get(path), typed)

    def _post(self, looker: Looker, path: str, data: dict[str, Any]) -> Answer:
        if path.startswith("/api/"):
            return Answer(looker, f"POST {path}", looker.client.post(path, data, "application/json"))
        return Answer(looker, f"POST {path}", looker.client.post(path, data))


def _case_in(path: str) -> UUID | None:
    """The case that an address of the desk is about."""
    found = re.match(r"/desk/cases/([0-9a-f-]{36})/", path)
    return UUID(found[1]) if found else None


def _is_at_home(looker: Looker, path: str) -> bool:
    """Whether an address is of a door that this kind of visitor comes in by."""
    if looker.kind == SYSTEM:
        return path.startswith(_DOORS[SYSTEM])
    return not path.startswith(tuple(door for kind, doors in _DOORS.items() if kind != looker.kind for door in doors))


def _names(pattern: URLPattern) -> list[str]:
    """The ids in an address."""
    return [name for name in pattern.pattern.converters if is_id(pattern, name)]


def _kinds(pattern: URLPattern) -> list[dict[str, str]]:
    """The kinds of records that an address can be of, if it is of one."""
    return [{"kind_id": each} for each in RECORDED] if "kind_id" in pattern.pattern.converters else [{}]


def _at_the_counter(looker: Looker, who: str) -> dict[str, str]:
    service = "inquiry" if looker.area == "ordinary" else service_of(looker.area)
    return {"service": service, "channel": "counter", "kind": "person", "number": who, "language": "nb"}


def _ids_of_case(municipality: str, case_id: UUID) -> Ids:
    """Every row of a case, by the name that addresses have for its model."""
    found: Ids = {}
    with use(municipality, "owner"):
        for model in models_of("area", "own"):
            columns = {each.column for each in model._meta.local_concrete_fields}
            named = "id" if model is Case else "case_id"
            if named in columns:
                rows = model._base_manager.filter(**{named: case_id})
                found[model._meta.model_name or ""] = list(rows.order_by("id").values_list("id", flat=True))
        lines = AccountLine.objects.filter(case_id=case_id)
        found["file"] = list(lines.order_by("file_id").values_list("file_id", flat=True).distinct())
    return found


def _ids_of_person(municipality: str, key: bytes) -> Ids:
    """Drafts with their files, and powers of attorney, of one person."""
    from allmenning.municipal.forms.models import Attachment, Draft

    with use(municipality, "owner"):
        drafts = list(Draft.objects.filter(owner_key=key).values_list("id", flat=True))
        return {
            "draft": drafts,
            "attachment": list(Attachment.objects.filter(draft_id__in=drafts).values_list("id", flat=True)),
            "representation": list(Representation.objects.filter(owner_key=key).values_list("id", flat=True)),
        }
