import pytest

from allmenning import vault


@pytest.fixture
def keys(settings, tmp_path):
    """A vault with the keys of the commons and two municipalities."""
    settings.VAULT_DIR = tmp_path / "vault"
    settings.FILES_DIR = tmp_path / "files"
    for municipality in ("commons", "averoy", "smola"):
        vault.create_keys(municipality)
    return settings.VAULT_DIR
