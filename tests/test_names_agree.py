"""Names that rooms on one row must each know, since they do not import each other."""

from allmenning import vault
from allmenning.tenancy import EVERY_LOGIN


def test_the_vault_has_a_key_for_every_login():
    assert {*EVERY_LOGIN} < set(vault.NAMES)
