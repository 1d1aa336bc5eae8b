"""Who tries: strangers, residents, staff of other areas, units and municipalities, administrators, and machines."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from http.cookies import SimpleCookie
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.test import Client

from allmenning.commons.identity import offices, sessions
from allmenning.doors.api.testing import system
from allmenning.doors.desk.testing import at_desk, logged_in
from allmenning.doors.office.testing import at_office, with_all_agreements
from allmenning.doors.portal.testing import BAKERY, browser_of
from allmenning.doors.portal.views.my_case import OPENED
from allmenning.journeys.testing import ALICE, CHARLIE

from .canaries import ADMINISTRATION, PUBLISHED, Scope
from .scene import DORA, EVA, FRODE, GRETE, HEGE, Scene

_SCHOOL = "educational-psychology"
_NEAR, _FAR = "127.0.0.1", "203.0.113.5"


@dataclass
class Role:
    """Somebody with a browser (or a machine), and what they may see: whose rows, and which areas of which place."""

    name: str
    come_in: Callable[[], Client]
    municipality: str | None = None
    person: str | None = None
    area: str | None = None
    administers: bool = False
    colleagues: str = ""  # the area whose cases their colleagues in another unit handle
    called: str = ""  # whose name they bear, where they act for another
    headers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._begin()

    def _begin(self) -> None:
        self.client = self.come_in()
        self.client.raise_request_exception = False
        self._cookies = self.client.cookies.output(header="", sep=";")

    def sees(self, scope: Scope, path: str = "") -> bool:
        """Whether a scope's canaries may be shown to this role."""
        mine = scope.municipality == self.municipality
        if scope.area == PUBLISHED:
            return mine or not path.startswith("/desk/")
        if scope.area == ADMINISTRATION:
            return mine and self.administers
        if self.person is not None:
            return scope.whose in (self.person, self.called) and (scope.area == "any" or scope.whose == self.person)
        if scope.area == "any":  # a name, which stands in each area where its bearer has a case
            return mine and self.area in ("ordinary", "care")
        return mine and self.area == scope.area

    def ask(self, method: str, path: str, data: dict[str, Any] | None = None, **more: Any) -> HttpResponse:
        """One request. What it did to the session is undone again: each attempt stands for itself."""
        self.client.cookies = SimpleCookie(self._cookies)
        sent: dict[str, Any] = {"data": data} if data is not None and method in ("get", "post", "head") else {}
        if sent and method == "post" and path.startswith("/api/v1/") and not path.endswith("/token"):
            sent |= {"data": json.dumps(data), "content_type": "application/json"}
        answer = getattr(self.client, method)(path, headers=self.headers, **sent, **more)
        if settings.SESSION_COOKIE_NAME in answer.cookies:  # the old session may have been ended
            self._begin()
        return answer


def roles_of(scene: Scene) -> list[Role]:
    """Everybody who tries."""
    averoy, smola = scene.places.values()
    rita, omar, sigrid = (scene.parties[name] for name in ("rita", "omar", "sigrid"))
    opened = {OPENED: {str(sigrid.code_case): [smola.id, sigrid.code]}}
    bakery = replace(rita.resident, organisation=BAKERY)
    return [
        Role("stranger", Client),
        Role("resident", lambda: browser_of(omar.resident), averoy.id, person="omar"),
        Role("resident elsewhere", lambda: browser_of(sigrid.resident), smola.id, person="sigrid"),
        Role("organisation", lambda: browser_of(bakery), averoy.id, person="the bakery", called="rita"),
        Role("holder of a code", lambda: visitor(**opened), smola.id, person=f"code of {smola.id}"),
        Role("staff, nothing chosen", lambda: logged_in(CHARLIE), smola.id),
        Role("staff elsewhere", lambda: at_desk(smola, CHARLIE), smola.id, area="ordinary"),
        Role("staff of another area", lambda: at_desk(averoy, EVA, "care"), averoy.id, area="care"),
        Role("staff of a third area", lambda: at_desk(averoy, FRODE, _SCHOOL), averoy.id, area=_SCHOOL),
        Role(
            "staff of another unit",
            lambda: at_desk(averoy, DORA),
            averoy.id,
            area="none of their unit",
            colleagues="ordinary",
        ),
        Role("archivist elsewhere", lambda: at_desk(smola, HEGE), smola.id, area="ordinary"),
        Role("administrator", lambda: at_desk(averoy, GRETE, "administration"), averoy.id, administers=True),
        Role("administrator elsewhere", lambda: at_desk(smola, GRETE, "administration"), smola.id, administers=True),
        Role("machine", lambda: Client(REMOTE_ADDR=_NEAR)),
        Role("machine from afar", lambda: Client(REMOTE_ADDR=_FAR), headers={"Authorization": "Bearer x"}),
        *_api_clients(scene),
        *_of_the_office(averoy.id),
    ]


def entitled(scene: Scene) -> Iterator[Role]:
    """Those whose own rows are attacked: what they see fills the caches before the others come."""
    averoy, rita = next(iter(scene.places.values())), scene.parties["rita"].resident
    yield Role("rita", lambda: browser_of(rita), averoy.id, person="rita")
    yield Role("alice", lambda: at_desk(averoy, ALICE), averoy.id, area="ordinary")


def visitor(**held: Any) -> Client:
    """A browser in which nobody is logged in; `held` is in its sealed session."""
    session = sessions.SessionStore()
    session.update(held)
    session.save()
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = str(session.session_key)
    return client


def _api_clients(scene: Scene) -> list[Role]:
    """Machine clients: of the other municipality, of another area of this one, and one with a token that is nothing."""
    averoy, smola = scene.places.values()
    return [
        _machine("machine client elsewhere", smola.id, "ordinary"),
        _machine("machine client of another area", averoy.id, _SCHOOL),
        Role("machine client with no token", Client, headers={"Authorization": "Bearer " + "A" * 200}),
    ]


def _of_the_office(party: str) -> Iterator[Role]:
    """Who has a role in a cooperation, or stands for a municipality there: nothing of any municipality is theirs to see."""
    with_all_agreements()
    for role in (*offices.OF_A_COOPERATION, *offices.OF_A_PARTY):
        whose = {"scope": "ikt-orkide"} if role in offices.OF_A_COOPERATION else {"party": party}
        yield Role(f"{role} at the office", partial(at_office, role, **whose))


def _machine(name: str, municipality: str, area: str) -> Role:
    token = system(municipality, areas=[area]).token
    return Role(name, Client, municipality, area=area, headers={"Authorization": f"Bearer {token}"})
