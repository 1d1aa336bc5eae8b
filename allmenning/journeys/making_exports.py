"""Making large exports of residents' own data, while nobody waits; saying that they are ready; and removing them.

A worker's alone. Each file has its row at once, and is shown when the export is ready, so nobody ever sees half an export; what a
making that broke off has left goes then, or before the next.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import F
from django.utils import translation

from allmenning import vault
from allmenning.basics import dates
from allmenning.basics.errors import AllmenningError
from allmenning.commons.identity.sessions import Resident
from allmenning.municipal.people.models import Export, ExportPart
from allmenning.municipal.people.ports import RegisterRefused, RegisterUnavailable
from allmenning.municipal.people.representing import AREA
from allmenning.municipal.post.ports import MessageRefused, SendingUnavailable
from allmenning.tenancy import use
from allmenning.vault import files

from . import my_data
from .exporting import FIELD, KEPT_DAYS, MOST_TRIES
from .outside import outside
from .sweeping import forget_mark

log = logging.getLogger(__name__)

PART = 40 * 1024**2  # bytes of files in one ZIP; a larger file has one alone, and files.LARGEST is the most
BETWEEN_TRIES = timedelta(minutes=10)
_page: list[my_data.Page] = []


def shown_by(page: my_data.Page) -> None:
    """Tell what makes the page to read: the portal's, which a worker does not know of by itself."""
    _page[:] = [page]


def make_waiting(municipality: str) -> int:
    """Make what was asked for in a municipality. Returns how many exports. What fails is tried again, some times."""
    made = 0
    with use(municipality, "owner"):
        rows = list(Export.objects.filter(ready_at__isnull=True, attempts__lt=MOST_TRIES, not_before__lte=dates.now()))
    for row in rows:
        with use(municipality, "owner"):  # before it is tried: what kills the worker is not tried for ever
            waits = {"attempts": F("attempts") + 1, "not_before": dates.now() + BETWEEN_TRIES}
            if not Export.objects.filter(id=row.id, attempts=row.attempts).update(**waits):
                continue  # another worker has it
        try:
            _make(municipality, row)
            made += 1
        except Exception:  # whatever is wrong with this one, others wait
            _remove_parts(municipality, row)
            is_last = row.attempts + 1 >= MOST_TRIES
            said = "is given up" if is_last else "is tried again"
            log.log(
                logging.ERROR if is_last else logging.WARNING, "an export of %s %s", municipality, said, exc_info=True
            )
    _tell_waiting(municipality)
    return made


def _make(municipality: str, row: Export) -> None:
    _remove_parts(municipality, row)  # of a try that was killed
    resident = _resident(municipality, row)
    parts = _Parts(municipality, row)
    with use(municipality, "resident", keys=resident.keys(municipality)):
        told = my_data.of_municipality(resident, parts)
        my_data.put_told(
            parts, my_data.whole_of(resident, [told], []), lambda all_told: _as_page(all_told, row.language)
        )
        parts.close()
        mine = Export.objects.filter(id=row.id, attempts=row.attempts + 1)  # and not `withdraw`n meanwhile
        if not mine.update(ready_at=dates.now(), last_day=dates.today() + timedelta(days=KEPT_DAYS)):
            raise ChangedMeanwhile()


class ChangedMeanwhile(AllmenningError):
    """The data that you asked for has changed since. Make it anew."""


def withdraw(owner_key: bytes) -> None:
    """A case of theirs is erased: what was made before is handed over no more, and what is being made is made anew.

    As the login `owner`, in the transaction that erases; `remove_old` takes the files afterwards.
    """
    theirs = Export.objects.filter(owner_key=owner_key)
    theirs.filter(ready_at__isnull=True, attempts__gt=0).update(attempts=F("attempts") + 1, not_before=dates.now())
    theirs.filter(ready_at__isnull=False).update(last_day=dates.today() - timedelta(days=1))


def _remove_parts(municipality: str, row: Export) -> None:
    """Files first, so that a row names whatever is still there."""
    with use(municipality, "owner"):
        for part in ExportPart.objects.filter(export=row.id):
            files.remove(municipality, part.path)
            part.delete()


def _resident(municipality: str, row: Export) -> Resident:
    number, name = (
        vault.open_text(municipality, AREA, f"people.Export.{field}:{row.id}", bytes(getattr(row, field)))
        for field in ("number", "name")
    )
    return Resident(number, name, "")


def _as_page(told: dict[str, Any], language: str) -> str:
    with translation.override(language):
        return _page[0](told)


class _Parts:
    """ZIPs of a size that can be kept, each whole in itself; sealed and on the disk as soon as it is full."""

    def __init__(self, municipality: str, row: Export) -> None:
        self._municipality, self._row = municipality, row
        self._key = vault.open_case_key(municipality, AREA, bytes(row.wrapped_key))
        self._open, self._kept = my_data.Zip(), 0

    def put(self, path: str, content: bytes) -> None:
        if self._open.size and self._open.size + len(content) > PART:
            self._keep()
        self._open.put(path, content)

    def close(self) -> None:
        self._keep()

    def _keep(self) -> None:
        file = files.write(self._municipality, self._key, FIELD, self._open.content())
        self._kept += 1
        row = self._row
        ExportPart.objects.create(
            owner_key=row.owner_key, export_id=row.id, number=self._kept, path=file.path, size=file.size
        )
        self._open = my_data.Zip()


def _tell_waiting(municipality: str) -> None:
    """Say by e-mail or SMS that exports are ready. Who can't be told finds them on the page all the same."""
    with use(municipality, "owner"):
        rows = list(Export.objects.filter(ready_at__isnull=False, told_at__isnull=True))
        for row in rows:
            try:
                _tell(_resident(municipality, row).number, row)
            except (SendingUnavailable, RegisterUnavailable):
                continue  # the next minute
            except (MessageRefused, RegisterRefused):
                log.warning("nobody could be told of an export of %s", municipality)
            Export.objects.filter(id=row.id).update(told_at=dates.now())


def _tell(number: str, row: Export) -> None:
    contact = outside().contact.contact_details([number]).get(number)
    if contact is None or contact.gets_paper:
        return
    words, url, key = _READY[row.language], settings.PORTAL_URL, f"export:{row.id}"
    if contact.email:
        text = words["text"].format(url=url, days=KEPT_DAYS)
        outside().email.send(to=contact.email, subject=words["subject"], text=text, idempotency_key=key)
    elif contact.mobile:
        outside().sms.send(to=contact.mobile, text=words["sms"].format(url=url, days=KEPT_DAYS), idempotency_key=key)


def remove_old(municipality: str) -> int:
    """Remove exports whose days are over, and those that never could be made: files first, then rows. Returns how many."""
    removed = 0
    with use(municipality, "owner"):
        for row in _old():
            _remove_parts(municipality, row)
            row.delete()
            with suppress(vault.CannotOpen):  # it was asked for before the key was renewed: the mark stands then
                forget_mark("person", _resident(municipality, row).number, bytes(row.owner_key))
            removed += 1
    return removed


def _old() -> Iterator[Export]:
    yield from Export.objects.filter(last_day__lt=dates.today())
    long_ago = dates.now() - timedelta(days=KEPT_DAYS)
    yield from Export.objects.filter(ready_at__isnull=True, attempts__gte=MOST_TRIES, asked_at__lt=long_ago)


# What an e-mail says: that it is ready. Never what, or about whom.
_READY = {
    "nb": {
        "subject": "Opplysningene dine er klare",
        "text": "Hei!\n\nOpplysningene som du ba om, er klare til å lastes ned i {days} dager. Logg inn og gå til «Mine data»:\n"
        "{url}\n\nVi sender aldri lenker som ber om passord. Du kan også skrive inn adressen selv.\n",
        "sms": "Opplysningene som du ba om, er klare i {days} dager. Logg inn på {url} og gå til «Mine data».",
    },
    "nn": {
        "subject": "Opplysningane dine er klare",
        "text": "Hei!\n\nOpplysningane som du bad om, er klare til å lastast ned i {days} dagar. Logg inn og gå til «Dataa mine»:\n"
        "{url}\n\nVi sender aldri lenkjer som ber om passord. Du kan òg skrive inn adressa sjølv.\n",
        "sms": "Opplysningane som du bad om, er klare i {days} dagar. Logg inn på {url} og gå til «Dataa mine».",
    },
    "en": {
        "subject": "Your data is ready",
        "text": "Hello,\n\nThe data that you asked for is ready to be downloaded for {days} days. Log in and go to “My data”:\n"
        "{url}\n\nWe never send links that ask for a password. You can also type the address yourself.\n",
        "sms": "The data that you asked for is ready for {days} days. Log in at {url} and go to “My data”.",
    },
}
