"""Sessions in a sealed cookie, and who is logged in.

The cookie is encrypted (AES-GCM, key of the commons), so it holds no personal data that anyone can read, and no request
asks the database for its session. Ending a session writes one row; every process learns of it within 30 seconds.
"""

from __future__ import annotations

import json
import threading
import time
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest

from allmenning import vault

LIFETIME = timedelta(hours=8)
IDLE = timedelta(minutes=60)
REFRESH = timedelta(minutes=2)
REVOCATION_POLL_SECONDS = 30
LARGEST = (
    3800  # characters: a browser drops a cookie that with name and attributes is over 4096 bytes, and says nothing
)
_CONTEXT = "session-cookie:v1"
_META = "_s"


class SessionTooLarge(Exception):
    """More was put into a session than a browser keeps: the door that did it must keep less."""


class SessionStore(SessionBase):
    """Django's session interface over a sealed cookie. `session_key` is the cookie's whole content."""

    def load(self) -> dict:
        opened = _unseal(self.session_key) if self.session_key else None
        if opened is None or _is_over(opened.get(_META, {})):
            self._session_key = None
            return {}
        if time.time() - opened[_META]["seen"] > REFRESH.total_seconds():
            self.modified = True
        return opened

    def _held(self, no_load: bool = False) -> dict:
        return self._get_session(no_load)  # type: ignore[attr-defined]  # Django's own; the stubs leave it out

    def create(self) -> None:
        self.modified = True

    def save(self, must_create: bool = False) -> None:
        """Seal what the session holds. Raises SessionTooLarge, since a browser would lose it without a word."""
        data = self._held(no_load=must_create)
        now = int(time.time())
        meta = data.setdefault(_META, {"id": str(uuid4()), "since": now})
        meta["seen"] = now
        sealed = _seal(data)
        if len(sealed) > LARGEST:
            raise SessionTooLarge(f"{len(sealed)} characters in {', '.join(sorted(data))}")
        self._session_key = sealed
        self.modified = True

    def exists(self, session_key: str | None = None) -> bool:
        return False

    def clear(self) -> None:
        """Drop the content. The id stays, so that whoever ends or renews the session knows which one to revoke."""
        meta = self._held().get(_META)
        super().clear()
        self._session_cache: dict = {_META: meta} if meta else {}

    def delete(self, session_key: str | None = None) -> None:
        """End the session: its cookie is refused from now on, wherever a copy of it may be."""
        meta = self._held().get(_META)
        if meta:
            revoke(UUID(meta["id"]))
        self._session_key, self._session_cache = "", {}
        self.modified = True

    def cycle_key(self) -> None:
        """A new id for the same content; the old one is revoked. The time since the login goes on."""
        old = self._held().pop(_META, None)
        if old:
            revoke(UUID(old["id"]))
            self._session_cache[_META] = {"id": str(uuid4()), "since": old["since"]}
        self.save()

    @classmethod
    def clear_expired(cls) -> None:
        from .models import RevokedSession

        RevokedSession.objects.filter(expires_at__lt=datetime.now(UTC)).delete()


def _seal(data: dict) -> str:
    packed = zlib.compress(json.dumps(data, separators=(",", ":")).encode())
    return vault.seal_for_url("commons", "commons", _CONTEXT, packed)


def _unseal(cookie: str) -> dict | None:
    try:
        data = json.loads(zlib.decompress(vault.open_from_url("commons", "commons", _CONTEXT, cookie)))
    except (vault.CannotOpen, ValueError, zlib.error):
        return None
    return data if isinstance(data, dict) and _META in data else None


def municipality_of(cookie: str) -> str:
    """The municipality that somebody at the desk acts in, by the cookie; empty where nobody does, or it is no cookie.

    For whose turn it is, and nothing else: whether the session is over is not asked.
    """
    opened = _unseal(cookie) if len(cookie) <= LARGEST else None
    return (opened or {}).get(_STAFF, {}).get("municipality") or ""


def _is_over(meta: dict) -> bool:
    now = time.time()
    too_old = now - meta.get("since", 0) > LIFETIME.total_seconds()
    idle = now - meta.get("seen", 0) > IDLE.total_seconds()
    return too_old or idle or UUID(meta["id"]) in _revoked()


_lock = threading.Lock()
_known: tuple[float, frozenset[UUID]] = (0.0, frozenset())


def _revoked() -> frozenset[UUID]:
    global _known
    if time.monotonic() - _known[0] > REVOCATION_POLL_SECONDS or not _known[0]:
        from .models import RevokedSession

        still = RevokedSession.objects.filter(expires_at__gt=datetime.now(UTC)).values_list("session_id", flat=True)
        with _lock:
            _known = (time.monotonic(), frozenset(still))
    return _known[1]


def is_revoked(session_id: UUID) -> bool:
    """Whether a session, or the client of a token, was ended. Asks the database twice a minute at most."""
    return session_id in _revoked()


def revoke(session_id: UUID) -> None:
    """End a session (or a client's tokens) everywhere: at once in this process, within 30 seconds in the others."""
    global _known
    from .models import RevokedSession

    RevokedSession.objects.get_or_create(session_id=session_id, defaults={"expires_at": datetime.now(UTC) + LIFETIME})
    with _lock:
        _known = (_known[0], _known[1] | {session_id})


@dataclass(frozen=True)
class ActingFor:
    """The organisation that a resident acts for, by a role in the business register."""

    number: str
    name: str
    role: str


@dataclass(frozen=True)
class Represented:
    """The person that a resident acts for. Whether they still may is asked anew at each request.

    kind: "parent", "guardian" or "power-of-attorney"; the last holds in one municipality, and `representation` is its id.
    """

    number: str
    name: str
    kind: str
    municipality: str = ""
    representation: str = ""


@dataclass(frozen=True)
class Resident:
    """A resident who is logged in, acting for themselves, for another person or for an organisation."""

    number: str
    name: str
    level: str
    organisation: ActingFor | None = None
    represented: Represented | None = None

    @property
    def acting_kind(self) -> str:
        return "organisation" if self.organisation else "person"

    @property
    def acting_number(self) -> str:
        return (self.organisation or self.represented or self).number

    @property
    def acting_name(self) -> str:
        return (self.organisation or self.represented or self).name

    @property
    def acts_for_another(self) -> bool:
        """Whether what is done now is done for an organisation or another person."""
        return self.organisation is not None or self.represented is not None

    def keys(self, municipality: str) -> tuple[bytes, ...]:
        """The keys that show the rows of whom this resident acts for, in one municipality's database, and no others.

        For another person they are no right yet: go by `journeys.representing.working_for`.
        """
        return (vault.resident_key(municipality, self.acting_kind, self.acting_number),)

    @property
    def person_key(self) -> bytes:
        """How the commons know whom this resident acts for."""
        return vault.person_key(f"{self.acting_kind}:{self.acting_number}")


@dataclass(frozen=True)
class Staff:
    """A member of staff who is logged in. Acts in one municipality and one area at a time (or administers)."""

    number: str
    name: str
    municipality: str | None = None
    area: str | None = None
    staff_id: UUID | None = None
    is_administrator: bool = False
    home_municipality: str | None = None

    @property
    def has_chosen(self) -> bool:
        return self.municipality is not None and self.area is not None

    @property
    def person_key(self) -> bytes:
        """How the commons know this person."""
        return vault.person_key(f"person:{self.number}")

    def keys(self) -> tuple[bytes, ...]:
        """The keys of this member of staff's own drafts in the municipality acted for."""
        return (vault.resident_key(self.municipality, "staff", self.number),) if self.municipality else ()


_RESIDENT, _STAFF, _OFFICE = "resident", "staff", "office"


def log_in_resident(request: HttpRequest, resident: Resident) -> None:
    """Begin a resident's session: everything from before the login is dropped, and the id is new."""
    _begin(request)
    request.session[_RESIDENT] = {"number": resident.number, "name": resident.name, "level": resident.level}


def act_for(request: HttpRequest, organisation: ActingFor | None) -> None:
    """Act for an organisation, or for oneself again. The id is new: other rights, other session."""
    _act(request, organisation=vars(organisation) if organisation else None)


def represent(request: HttpRequest, represented: Represented) -> None:
    """Act for another person. The caller has checked that the resident may; it is asked again each time."""
    _act(request, represented=vars(represented))


def _act(request: HttpRequest, **acting: dict | None) -> None:
    request.session[_RESIDENT] = {**request.session[_RESIDENT], "organisation": None, "represented": None, **acting}
    request.session.cycle_key()


def log_in_staff(request: HttpRequest, staff: Staff) -> None:
    """Begin a session of a member of staff, who has not chosen municipality and area yet."""
    _begin(request)
    request.session[_STAFF] = {"number": staff.number, "name": staff.name}


def choose_acting(request: HttpRequest, staff: Staff) -> None:
    """Act in one municipality and area. The caller has checked the employment or mandate."""
    request.session[_STAFF] = {
        "number": staff.number,
        "name": staff.name,
        "municipality": staff.municipality,
        "area": staff.area,
        "staff_id": str(staff.staff_id) if staff.staff_id else None,
        "is_administrator": staff.is_administrator,
        "home_municipality": staff.home_municipality,
    }
    request.session.pop(_OFFICE, None)
    request.session.cycle_key()


def choose_office(request: HttpRequest, role: UUID) -> None:
    """Act in a role at a cooperation's office, and in no municipality. The caller has checked that it is theirs; it is asked
    again at each request."""
    held = request.session[_STAFF]
    request.session[_STAFF] = {"number": held["number"], "name": held["name"]}
    request.session[_OFFICE] = str(role)
    request.session.cycle_key()


def office(request: HttpRequest) -> UUID | None:
    """The role that somebody acts in at the office, as they chose; whether they still have it is not known here."""
    chosen = request.session.get(_OFFICE)
    return UUID(chosen) if chosen else None


def log_out(request: HttpRequest) -> None:
    """End the session everywhere."""
    request.session.flush()


def resident(request: HttpRequest) -> Resident | None:
    """Who is logged in to the portal, or None."""
    held = request.session.get(_RESIDENT)
    if not held:
        return None
    organisation, represented = held.get("organisation"), held.get("represented")
    return Resident(
        held["number"],
        held["name"],
        held["level"],
        ActingFor(**organisation) if organisation else None,
        Represented(**represented) if represented else None,
    )


def staff(request: HttpRequest) -> Staff | None:
    """Who is logged in to the desk, or None."""
    held = request.session.get(_STAFF)
    if not held:
        return None
    staff_id = held.get("staff_id")
    return Staff(
        number=held["number"],
        name=held["name"],
        municipality=held.get("municipality"),
        area=held.get("area"),
        staff_id=UUID(staff_id) if staff_id else None,
        is_administrator=held.get("is_administrator", False),
        home_municipality=held.get("home_municipality"),
    )


def _begin(request: HttpRequest) -> None:
    """End whatever session there was, and begin another whose time counts from now."""
    request.session.flush()
