"""KID: the number by which a payment is matched to its bill.

2 to 25 digits, the last one a check digit of modulus 10 (the Luhn algorithm) or 11, as the receiver has agreed with the bank; here
modulus 10. (Nets, «OCR giro systemspesifikasjon»: not read anew.)
"""

from __future__ import annotations

import re

from stdnum import luhn


def kid(number: str) -> str:
    """A bill's number with its check digit."""
    return f"{number}{luhn.calc_check_digit(number)}"


def read_kid(text: str) -> str | None:
    """A KID as people write it; None for what is none."""
    digits = re.sub(r"[\s\u00a0.]", "", text)
    return digits if re.fullmatch(r"[0-9]{2,25}", digits) and luhn.is_valid(digits) else None
