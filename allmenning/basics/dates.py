"""The clock, working days and deadlines, and dates in words. Weeks and months follow the calendar."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

OSLO = ZoneInfo("Europe/Oslo")

_MONTHS = {
    "no": "januar februar mars april mai juni juli august september oktober november desember".split(),
    "en": "January February March April May June July August September October November December".split(),
}


class Clock:
    """The only clock: everything asks it, so a test can stop it."""

    def __init__(self) -> None:
        self._frozen: datetime | None = None

    def now(self) -> datetime:
        """The time now, in UTC."""
        return self._frozen or datetime.now(UTC)

    @contextmanager
    def frozen(self, at: datetime | date) -> Iterator[None]:
        """Stop the clock: at a time with a zone, or at noon in Oslo of a date."""
        if not isinstance(at, datetime):
            at = datetime.combine(at, time(12), OSLO)
        before, self._frozen = self._frozen, _aware(at).astimezone(UTC)
        try:
            yield
        finally:
            self._frozen = before


clock = Clock()


def now() -> datetime:
    """The time now, in UTC."""
    return clock.now()


def today() -> date:
    """The date in Norway now: a deadline ends at midnight here, not in Greenwich."""
    return clock.now().astimezone(OSLO).date()


def easter_sunday(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (the anonymous algorithm, Meeus)."""
    century = year // 100
    golden = year % 19
    skipped_leaps = century - century // 4 - (8 * century + 13) // 25
    epact = (19 * golden + skipped_leaps + 15) % 30
    epact -= epact // 28 * (1 - epact // 28 * (29 // (epact + 1)) * ((21 - golden) // 11))
    weekday = (year + year // 4 + epact + 2 - century + century // 4) % 7
    offset = epact - weekday
    month = 3 + (offset + 40) // 44
    return date(year, month, offset + 28 - 31 * (month // 4))


@lru_cache(maxsize=256)
def public_holidays(year: int) -> frozenset[date]:
    """Norway's public holidays (lov om helligdager 1995 § 2, lov om 1. og 17. mai)."""
    easter = easter_sunday(year)
    moving = (-3, -2, 0, 1, 39, 49, 50)  # Maundy Thursday … Whit Monday
    fixed = ((1, 1), (5, 1), (5, 17), (12, 25), (12, 26))
    return frozenset([easter + timedelta(days) for days in moving] + [date(year, *day) for day in fixed])


def day_in(text: str) -> date | None:
    """The day that a date field of a form sends (ISO 8601); None for what is no day."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def is_working_day(day: date) -> bool:
    """Monday to Friday, holidays excepted."""
    return day.weekday() < 5 and day not in public_holidays(day.year)


def holds(start: date | None, end: date | None, on: date) -> bool:
    """Whether dated data counts on a day: from `start` (None: since ever) until, and not on, `end` (None: still)."""
    return (start is None or start <= on) and (end is None or on < end)


def start_of(day: date) -> datetime:
    """The moment when a day begins in Norway."""
    return datetime.combine(day, time.min, OSLO)


def end_of(day: date) -> datetime:
    """The moment when a day is over in Norway."""
    return start_of(day + timedelta(days=1))


def next_working_day(day: date) -> date:
    """The day itself if it is a working day, else the first one after it: where a deadline on a holiday ends."""
    while not is_working_day(day):
        day += timedelta(1)
    return day


def add_working_days(day: date, number: int) -> date:
    """The date that many working days after (or, if negative, before) a day, which is itself not counted."""
    step = timedelta(1 if number >= 0 else -1)
    for _ in range(abs(number)):
        day += step
        while not is_working_day(day):
            day += step
    return day


def add_weeks(day: date, number: int) -> date:
    """The same weekday some weeks later."""
    return day + timedelta(weeks=number)


def add_months(day: date, number: int) -> date:
    """The same day of the month some months later; the month's last where it has no such day (31 January + 1)."""
    years, month = divmod(day.year * 12 + day.month - 1 + number, 12)
    return date(years, month + 1, min(day.day, calendar.monthrange(years, month + 1)[1]))


def format_date(day: date, language: str) -> str:
    """A date in words: `3. mars 2025`, in English `3 March 2025`. A time with a zone gives its date in Norway."""
    if isinstance(day, datetime):
        day = _aware(day).astimezone(OSLO).date()
    if language == "en":
        return f"{day.day} {_MONTHS['en'][day.month - 1]} {day.year}"
    return f"{day.day}. {_MONTHS['no'][day.month - 1]} {day.year}"


def read_date(text: str) -> date | None:
    """A date as people and letters write it: `2026-12-31`, `31.12.2026`, `31. desember 2026`, `31 December 2026`. Else None."""
    text = " ".join(text.split())
    if found := re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})", text):
        return _day_of(int(found[1]), int(found[2]), int(found[3]))
    if found := re.fullmatch(r"(\d{1,2})\. ?(\d{1,2})\. ?(\d{4})", text):
        return _day_of(int(found[3]), int(found[2]), int(found[1]))
    if found := re.fullmatch(r"(\d{1,2})\.? ([a-z]+) (\d{4})", text.lower()):
        month = next(
            (m for names in _MONTHS.values() for m, name in enumerate(names, 1) if name.lower() == found[2]), 0
        )
        return _day_of(int(found[3]), month, int(found[1]))
    return None


def _day_of(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def format_month(month: date, language: str) -> str:
    """Write the month of a day: `desember 2026`, in English `December 2026`."""
    return f"{_MONTHS['en' if language == 'en' else 'no'][month.month - 1]} {month.year}"


def format_datetime(at: datetime, language: str) -> str:
    """A time in words, on Norway's clock: `3. mars 2025 kl. 14.05`, in English `3 March 2025 at 14:05`.

    Raises `ValueError` for a time without a zone.
    """
    local = _aware(at).astimezone(OSLO)
    if language == "en":
        return f"{format_date(local, language)} at {local:%H:%M}"
    return f"{format_date(local, language)} kl. {local:%H.%M}"


def format_time(at: datetime, language: str) -> str:
    """The time of the day on Norway's clock: `14.05`, in English `14:05`. Raises `ValueError` for one without a zone."""
    return f"{_aware(at).astimezone(OSLO):{'%H:%M' if language == 'en' else '%H.%M'}}"


def _aware(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError("a time without a zone")
    return at
