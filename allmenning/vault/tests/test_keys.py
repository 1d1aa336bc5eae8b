import pickle

import pytest

from allmenning import vault
from allmenning.basics.identifiers import uuid7
from allmenning.vault import CannotOpen, KeysWithdrawn, NoKeys, VaultError
from allmenning.vault.keys import NAMES

NUMBER = "02813299952"


def test_a_field_opens_for_its_case_alone(keys):
    key, wrapped = vault.new_case_key("averoy", "care")
    sealed = key.seal("title", "Støtte")
    again = vault.open_case_key("averoy", "care", wrapped)
    assert again.open_text("title", sealed) == "Støtte"
    assert sealed != key.seal("title", "Støtte")
    other, _ = vault.new_case_key("averoy", "care")
    for wrong in (lambda: other.open("title", sealed), lambda: key.open("reasons", sealed)):
        with pytest.raises(CannotOpen):
            wrong()


@pytest.mark.parametrize(("municipality", "area"), [("smola", "care"), ("averoy", "ordinary")])
def test_a_cases_key_opens_in_its_municipality_and_area_alone(keys, municipality, area):
    _, wrapped = vault.new_case_key("averoy", "care")
    with pytest.raises(CannotOpen):
        vault.open_case_key(municipality, area, wrapped)


def test_one_changed_byte_anywhere_is_noticed(keys):
    key, wrapped = vault.new_case_key("averoy", "care")
    sealed = key.seal("title", b"x")
    for number in range(len(sealed)):
        with pytest.raises(CannotOpen):
            key.open("title", flipped(sealed, number))
    for number in range(len(wrapped)):
        with pytest.raises(CannotOpen):
            vault.open_case_key("averoy", "care", flipped(wrapped, number))


@pytest.mark.parametrize("sealed", [b"", b"\x01", b"\x01" * 20, b"clear text that nobody sealed at all"])
def test_what_was_never_sealed_is_not_opened(keys, sealed):
    key, _ = vault.new_case_key("averoy", "care")
    with pytest.raises(CannotOpen):
        key.open("title", sealed)
    with pytest.raises(CannotOpen):
        vault.open("averoy", "care", "x", sealed)
    with pytest.raises(CannotOpen):
        vault.open_case_key("averoy", "care", sealed)


def test_a_value_opens_for_its_area_and_context_alone(keys):
    sealed = vault.seal("averoy", "ordinary", "name of 1", "Alice Ås")
    assert vault.open_text("averoy", "ordinary", "name of 1", sealed) == "Alice Ås"
    for place in (
        ("averoy", "ordinary", "name of 2"),
        ("averoy", "care", "name of 1"),
        ("smola", "ordinary", "name of 1"),
    ):
        with pytest.raises(CannotOpen):
            vault.open(*place, sealed)


def test_names_do_not_run_together(keys):
    key, _ = vault.new_case_key("averoy", "care")
    with pytest.raises(CannotOpen):
        key.open("ab", key.seal("a", "b"))


def test_a_sealed_value_goes_through_an_address(keys):
    sealed = vault.seal_for_url("averoy", "ordinary", "link", "æøå")
    assert sealed.replace("-", "").replace("_", "").isalnum()
    assert vault.open_from_url("averoy", "ordinary", "link", sealed).decode() == "æøå"
    for other in ("", "%", "æ", sealed[:-4], sealed.swapcase()):
        with pytest.raises(CannotOpen):
            vault.open_from_url("averoy", "ordinary", "link", other)


def test_an_index_finds_equal_values_of_one_place_alone(keys):
    index = vault.blind_index("averoy", "care", "person", NUMBER)
    assert index == vault.blind_index("averoy", "care", "person", NUMBER)
    assert len(index) == 32
    others = {
        vault.blind_index("averoy", "ordinary", "person", NUMBER),
        vault.blind_index("smola", "care", "person", NUMBER),
        vault.blind_index("averoy", "care", "name", NUMBER),
        vault.blind_index("averoy", "care", "person", NUMBER[::-1]),
        vault.resident_key("averoy", "person", NUMBER),
        vault.resident_key("averoy", "organisation", NUMBER),
        vault.resident_key("smola", "person", NUMBER),
        vault.person_key(NUMBER),
    }
    assert len(others | {index}) == 9


def test_secrets_differ_by_login_and_purpose(keys):
    secrets = {vault.secret("averoy", name, purpose) for name in NAMES for purpose in ("a", "b")}
    assert len(secrets) == 2 * len(NAMES)
    assert vault.secret("averoy", "care", "a") == vault.secret("averoy", "care", "a")


def test_withdrawn_keys_open_nothing_more(keys):
    _, wrapped = vault.new_case_key("averoy", "care")
    sealed = vault.seal("averoy", "care", "x", "y")
    vault.withdraw("averoy")
    for wrong in (
        lambda: vault.open_case_key("averoy", "care", wrapped),
        lambda: vault.open("averoy", "care", "x", sealed),
        lambda: vault.resident_key("averoy", "person", NUMBER),
        lambda: vault.secret("averoy", "care", "database-password"),
        lambda: vault.create_keys("averoy"),
    ):
        with pytest.raises(KeysWithdrawn, match="averoy"):
            wrong()
    assert vault.secret("smola", "care", "x")


def test_keys_are_made_once(keys):
    before = vault.secret("averoy", "care", "x")
    vault.create_keys("averoy")
    assert vault.secret("averoy", "care", "x") == before
    assert vault.has_keys("averoy")
    assert not vault.has_keys("hitra")


def test_who_has_no_keys_is_named(keys):
    with pytest.raises(NoKeys, match="hitra"):
        vault.secret("hitra", "care", "x")
    with pytest.raises(ValueError, match="area or login"):
        vault.secret("averoy", "postgres", "x")
    for name in ("../averoy", "", "Averøy", "a/b"):
        with pytest.raises(ValueError, match="municipality"):
            vault.secret(name, "care", "x")


def test_only_the_owner_may_read_the_keys(keys):
    assert all(path.stat().st_mode & 0o077 == 0 for path in keys.rglob("*"))


def test_a_master_key_that_others_may_read_is_refused(settings, tmp_path):
    settings.VAULT_DIR = tmp_path
    (tmp_path / "master.key").write_bytes(b"x" * 32)
    (tmp_path / "master.key").chmod(0o644)
    with pytest.raises(VaultError, match="chmod 600"):
        vault.create_keys("averoy")


def test_keys_of_another_master_key_are_not_opened(keys, settings, tmp_path):
    settings.VAULT_DIR = tmp_path / "other"
    vault.create_keys("averoy")
    (keys / "averoy" / "care.key").replace(settings.VAULT_DIR / "averoy" / "care.key")
    with pytest.raises(CannotOpen, match="master key"):
        vault.secret("averoy", "care", "x")


def test_areas_keys_can_not_be_exchanged_on_disk(keys):
    (keys / "averoy" / "care.key").replace(keys / "averoy" / "ordinary.key")
    with pytest.raises(CannotOpen):
        vault.secret("averoy", "ordinary", "x")


def test_a_key_does_not_leave_by_accident(keys):
    key, _ = vault.new_case_key("averoy", "care")
    assert repr(key) == "<CaseKey of averoy>"
    with pytest.raises(TypeError, match="not to be stored"):
        pickle.dumps(key)


def test_a_value_of_one_row_opens_for_no_other_row_of_the_case(keys):
    key, _ = vault.new_case_key("averoy", "care")
    one, other = uuid7(), uuid7()
    sealed = key.seal("cases.Note.text", "Ja", one)
    assert key.open_text("cases.Note.text", sealed, one) == "Ja"
    for wrong in (("cases.Note.text", sealed, other), ("cases.Note.text", sealed), ("post.Message.body", sealed, one)):
        with pytest.raises(CannotOpen):
            key.open(*wrong)
    before = key.seal("cases.Note.text", "from before rows were named")
    assert key.open_text("cases.Note.text", before, one).startswith("from before")


def flipped(value, number):
    changed = bytearray(value)
    changed[number] ^= 1
    return bytes(changed)
