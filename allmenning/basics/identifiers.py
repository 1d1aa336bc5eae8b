"""Numbers and ids: read strictly, derived from as little as possible, never shown by accident."""

from __future__ import annotations

import os
import re
import secrets
import threading
import time
import uuid
from dataclasses import dataclass, field
from datetime import date, datetime

from stdnum.exceptions import ValidationError
from stdnum.no import kontonr, orgnr

from allmenning.basics.errors import AllmenningError

K1_WEIGHTS = (3, 7, 6, 1, 8, 9, 4, 5, 2, 1)
K2_WEIGHTS = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)

# Crockford's base 32: no I, L, O or U, so that a code survives being read aloud or written by hand.
RECEIPT_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
RECEIPT_GROUPS = 4
RECEIPT_GROUP_LENGTH = 4

_SPACES = re.compile(r"[\s\u00a0\u2009\u202f]+")
_ELEVEN_DIGITS = re.compile(r"[0-9]{11}")
_LIKE_A_PERSONS = re.compile(r"(?<!\d)\d{6}[ .-]?\d{5}(?!\d)")
_NINE_DIGITS = re.compile(r"[0-9]{9}")


class InvalidIdentifier(AllmenningError):
    """This is not a valid number. Check that every digit is right."""


@dataclass(frozen=True, slots=True)
class NationalIdentityNumber:
    """A Norwegian national identity number: birth number, D-number, H-number or synthetic.

    Both check-digit rules are accepted, today's and the one for numbers issued from 1 January 2032 (Skatteetaten).
    The value is left out of `repr`, so that it does not reach a log through a traceback.
    """

    value: str = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> NationalIdentityNumber:
        """Read a number as a person writes it, with or without spaces. Raises `InvalidIdentifier`."""
        digits = _SPACES.sub("", text)
        if not (_ELEVEN_DIGITS.fullmatch(digits) and _has_possible_date(digits) and _has_check_digits(digits)):
            raise InvalidIdentifier
        return cls(digits)

    @classmethod
    def synthetic(cls, born: date, serial: int) -> NationalIdentityNumber:
        """Make a synthetic number (month + 80) for a test person; `serial` is 0–999.

        Raises `InvalidIdentifier` for the few serials that have no check digits (about one in six).
        """
        nine = f"{born.day:02}{born.month + 80:02}{born.year % 100:02}{serial:03}"
        ten = nine + _check_digit(nine, K1_WEIGHTS)
        return cls.parse(ten + _check_digit(ten, K2_WEIGHTS))

    @property
    def is_synthetic(self) -> bool:
        """True for test people, whose month has 80 added (Tenor)."""
        return self.value[2] in "89"

    @property
    def is_d_number(self) -> bool:
        """True for a D-number: a person who is not resident in Norway (first digit has 4 added)."""
        return self.value[0] in "4567"

    @property
    def spaced(self) -> str:
        """For reading: six digits, a no-break space, five digits."""
        return f"{self.value[:6]}\u00a0{self.value[6:]}"

    def __str__(self) -> str:
        return f"{self.value[:6]} *****"


def _has_possible_date(digits: str) -> bool:
    """Whether the six first digits are a date in *some* century, after taking away what marks D-, H- and synthetic."""
    day, month, year = int(digits[:2]), int(digits[2:4]), int(digits[4:6])
    day -= 40 if day > 40 else 0
    month -= 80 if month > 80 else 40 if month > 40 else 0
    try:
        # 2000 is a leap year and 1900 is not; 20yy accepts what any of the centuries accepts.
        date(2000 + year, month, day)
    except ValueError:
        return False
    return True


def _has_check_digits(digits: str) -> bool:
    """Today's rule asks for a k1 remainder of 0; from 2032 it may be 0–3. The k2 rule is the same."""
    return _remainder(digits[:10], K1_WEIGHTS) <= 3 and _remainder(digits, K2_WEIGHTS) == 0


def _remainder(digits: str, weights: tuple[int, ...]) -> int:
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True)) % 11


def _check_digit(digits: str, weights: tuple[int, ...]) -> str:
    check = -_remainder(digits, weights[:-1]) % 11
    if check == 10:
        raise InvalidIdentifier
    return str(check)


@dataclass(frozen=True, slots=True)
class OrganisationNumber:
    """A number in the business register (Enhetsregisteret): nine digits, the last one a check digit."""

    value: str

    @classmethod
    def parse(cls, text: str) -> OrganisationNumber:
        """Read a number as a person writes it, with or without spaces. Raises `InvalidIdentifier`."""
        digits = _SPACES.sub("", text)
        if not _NINE_DIGITS.fullmatch(digits) or digits[0] not in "2389":
            raise InvalidIdentifier
        try:
            return cls(orgnr.validate(digits))
        except ValidationError:
            raise InvalidIdentifier from None

    @property
    def is_synthetic(self) -> bool:
        """True for test organisations: real ones begin with 8 or 9, those of the test registers with 2 or 3."""
        return self.value[0] in "23"

    @property
    def spaced(self) -> str:
        """For reading: three groups with no-break spaces."""
        return "\u00a0".join((self.value[:3], self.value[3:6], self.value[6:]))

    @property
    def iso6523(self) -> str:
        """With its scheme, as in Maskinporten and Peppol: `0192:<nine digits>`."""
        return f"0192:{self.value}"

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True)
class AccountNumber:
    """A Norwegian bank account: eleven digits, the last one a check digit (modulus 11)."""

    value: str = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> AccountNumber:
        """Read a number as a person writes it, with or without spaces and points. Raises `InvalidIdentifier`."""
        digits = _SPACES.sub("", text).replace(".", "")
        if not _ELEVEN_DIGITS.fullmatch(digits):
            raise InvalidIdentifier
        try:
            return cls(kontonr.validate(digits))
        except ValidationError:
            raise InvalidIdentifier from None


class _Sequence:
    """Version 7 ids that never go backwards in this process (RFC 9562, section 6.2, method 2)."""

    RANDOM_BITS = 74

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._millisecond = -1
        self._random = 0

    def next(self) -> uuid.UUID:
        with self._lock:
            now = time.time_ns() // 1_000_000
            if now > self._millisecond:
                self._millisecond, self._random = now, secrets.randbits(self.RANDOM_BITS)
            else:
                # Same millisecond, or the clock was set back: a random step keeps the next id hard to guess.
                self._step()
            return self._compose()

    def _step(self) -> None:
        self._random += 1 + secrets.randbits(32)
        if self._random >> self.RANDOM_BITS:
            self._millisecond, self._random = self._millisecond + 1, secrets.randbits(self.RANDOM_BITS)

    def _compose(self) -> uuid.UUID:
        high, low = self._random >> 62, self._random & ((1 << 62) - 1)
        return uuid.UUID(int=self._millisecond << 80 | 0x7 << 76 | high << 64 | 0b10 << 62 | low)


_sequence = _Sequence()


def _start_sequence_over() -> None:
    # A forked worker must not continue its parent's random steps, nor inherit a lock that somebody held.
    global _sequence
    _sequence = _Sequence()


os.register_at_fork(after_in_child=_start_sequence_over)


def uuid7() -> uuid.UUID:
    """A new id, ordered by time: later calls in one process always give a larger one."""
    return _sequence.next()


def first_uuid7(at: datetime) -> uuid.UUID:
    """The smallest of those that are made from a moment on: rows of a time are found by their ids, which are in order."""
    return uuid.UUID(int=int(at.timestamp() * 1000) << 80 | 7 << 76 | 2 << 62)


def new_receipt_code() -> str:
    """A code of 80 random bits that opens an answer for someone who did not log in, as `7K3M-9QXT-B2VD-HN4R`."""
    symbols = [secrets.choice(RECEIPT_ALPHABET) for _ in range(RECEIPT_GROUPS * RECEIPT_GROUP_LENGTH)]
    return _in_groups("".join(symbols))


def parse_receipt_code(text: str) -> str:
    """Read a receipt code as a person types it: any case, O for 0, I or L for 1. Raises `InvalidIdentifier`."""
    symbols = re.sub(r"[\s\-–]+", "", text).upper().translate(str.maketrans("OIL", "011"))
    if len(symbols) != RECEIPT_GROUPS * RECEIPT_GROUP_LENGTH or set(symbols) - set(RECEIPT_ALPHABET):
        raise InvalidIdentifier
    return _in_groups(symbols)


def _in_groups(symbols: str) -> str:
    size = RECEIPT_GROUP_LENGTH
    return "-".join(symbols[start : start + size] for start in range(0, len(symbols), size))


def names_a_person(text: str) -> bool:
    """Whether there is a national identity number in a text, however it is written."""
    return any(_is_a_persons(found) for found in _LIKE_A_PERSONS.findall(text))


def _is_a_persons(text: str) -> bool:
    try:
        NationalIdentityNumber.parse(re.sub(r"\D", "", text))
    except InvalidIdentifier:
        return False
    return True
