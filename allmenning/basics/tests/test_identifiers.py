import threading
import time
import uuid
from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.no import fodselsnummer

from allmenning.basics import identifiers
from allmenning.basics.identifiers import (
    AccountNumber,
    InvalidIdentifier,
    NationalIdentityNumber,
    OrganisationNumber,
    new_receipt_code,
    parse_receipt_code,
    uuid7,
)

births = st.dates(date(1940, 1, 1), date(2024, 12, 31))


@pytest.mark.parametrize("number", ["02813299952", "02813299960", "02813299979", "02813299987"])
def test_both_rules_are_accepted(number):
    assert NationalIdentityNumber.parse(number).value == number


@pytest.mark.parametrize("text", ["028132 99952", "028132\u00a099952", " 02813299952\n"])
def test_spaces_are_forgiven(text):
    assert NationalIdentityNumber.parse(text).value == "02813299952"


@pytest.mark.parametrize(
    "text",
    ["", "0281329995", "02813299953", "32813299952", "00000000000", "٠٢٨١٣٢٩٩٩٥٢", "028132-99952", "028132999520"],
)
def test_wrong_numbers_are_refused(text):
    with pytest.raises(InvalidIdentifier):
        NationalIdentityNumber.parse(text)


@given(births, st.integers(0, 999), st.integers(0, 10))
def test_one_wrong_digit_is_noticed_by_the_k2_digit(born, serial, position):
    try:
        value = NationalIdentityNumber.synthetic(born, serial).value
    except InvalidIdentifier:
        return
    wrong = value[:position] + str((int(value[position]) + 1) % 10) + value[position + 1 :]
    with pytest.raises(InvalidIdentifier):
        NationalIdentityNumber.parse(wrong)


@given(births, st.integers(0, 999))
def test_the_old_rule_agrees_with_python_stdnum(born, serial):
    try:
        value = NationalIdentityNumber.synthetic(born, serial).value
    except InvalidIdentifier:
        return
    assert fodselsnummer.calc_check_digit1(value) + fodselsnummer.calc_check_digit2(value) == value[-2:]


def test_kinds_of_numbers_are_told_by_format_alone():
    synthetic = NationalIdentityNumber.parse("02813299952")
    assert synthetic.is_synthetic
    assert not synthetic.is_d_number
    d_number = NationalIdentityNumber("42813299952")
    assert d_number.is_d_number


def test_a_number_is_not_shown_by_accident():
    number = NationalIdentityNumber.parse("02813299952")
    assert "99952" not in repr(number) + str(number) + f"{number}"


@given(st.text())
def test_any_text_is_read_or_refused(text):
    for kind in (NationalIdentityNumber, OrganisationNumber):
        with suppress(InvalidIdentifier):
            kind.parse(text)


def test_organisation_numbers():
    assert OrganisationNumber.parse("974 760 673").value == "974760673"
    assert OrganisationNumber.parse("974760673").iso6523 == "0192:974760673"
    for wrong in ("974760674", "123456785", "97476067", ""):
        with pytest.raises(InvalidIdentifier):
            OrganisationNumber.parse(wrong)


def test_uuid7_has_the_form_of_rfc_9562():
    made = uuid7()
    assert (made.version, made.variant) == (7, uuid.RFC_4122)
    assert abs((made.int >> 80) - time.time() * 1000) < 2000


def test_uuid7_never_goes_backwards_even_if_the_clock_does(monkeypatch):
    before = uuid7()
    monkeypatch.setattr(identifiers.time, "time_ns", lambda: 0)
    after = [uuid7() for _ in range(2000)]
    assert [before, *after] == sorted({before, *after})


def test_uuid7_overflows_into_the_next_millisecond():
    sequence = identifiers._Sequence()
    first = sequence.next()
    sequence._millisecond, sequence._random = (first.int >> 80) + 10_000, (1 << 74) - 1
    assert sequence.next().int >> 80 == (first.int >> 80) + 10_001


def test_threads_get_different_ids():
    made: list[uuid.UUID] = []
    threads = [threading.Thread(target=lambda: made.extend(uuid7() for _ in range(500))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 2000


def test_receipt_codes_are_long_and_forgiving():
    code = new_receipt_code()
    assert len(code.replace("-", "")) * 5 >= 80
    assert parse_receipt_code(code.lower().replace("-", " ")) == code
    assert parse_receipt_code("oil0-0000-0000-0000") == "0110-0000-0000-0000"
    with pytest.raises(InvalidIdentifier):
        parse_receipt_code("U000-0000-0000-0000")


def test_an_account_number_is_read_as_people_write_it_and_its_last_digit_is_checked():
    for typed in ("12345678903", "1234 56 78903", "1234.56.78903"):
        assert AccountNumber.parse(typed).value == "12345678903"
    for wrong in ("12345678902", "1234567890", "", "1234567890x"):
        with pytest.raises(InvalidIdentifier):
            AccountNumber.parse(wrong)
    assert "12345678903" not in repr(AccountNumber.parse("12345678903"))
