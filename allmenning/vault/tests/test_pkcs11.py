"""The keeper with its master key in a hardware module, for which SoftHSM stands in."""

import shutil
import subprocess
from pathlib import Path

import pytest

from allmenning import vault
from allmenning.vault import CannotOpen, keys, master

from .test_keeper import EVERYTHING, Running

PLACES = (
    "/usr/lib/softhsm",
    "/usr/lib/x86_64-linux-gnu/softhsm",
    "/usr/lib/aarch64-linux-gnu/softhsm",
    "/usr/lib64/pkcs11",
)
MODULE = next((path for place in PLACES if (path := Path(place) / "libsofthsm2.so").exists()), None)
pytestmark = pytest.mark.skipif(MODULE is None, reason="SoftHSM is not installed (Debian: apt install softhsm2)")


@pytest.fixture
def module(tmp_path, monkeypatch):
    """Options of a keeper for a token of its own."""
    (tmp_path / "tokens").mkdir()
    (tmp_path / "softhsm.conf").write_text(f"directories.tokendir = {tmp_path / 'tokens'}\nlog.level = ERROR\n")
    (tmp_path / "pin").write_text("1234\n")
    monkeypatch.setenv("SOFTHSM2_CONF", str(tmp_path / "softhsm.conf"))
    initialise = [shutil.which("softhsm2-util"), "--init-token", "--free", "--label", "allmenning"]
    subprocess.run([*initialise, "--pin", "1234", "--so-pin", "5678"], check=True, capture_output=True)
    return ("--pkcs11", MODULE, "--token", "allmenning", "--pin-file", tmp_path / "pin", *EVERYTHING)


@pytest.fixture
def running(tmp_path, module, settings, monkeypatch):
    monkeypatch.setattr(keys, "_granted", {})
    master._made.cache_clear()
    settings.VAULT_DIR = tmp_path / "vault"
    settings.VAULT_MASTER_KEY = "allmenning.vault.keeper.client.KeeperMasterKey"
    keeper = Running(tmp_path)
    settings.KEEPER_SOCKET = keeper.socket
    keeper.start(*module)
    yield keeper
    keeper.stop()


def test_keys_are_opened_by_the_module_also_after_a_restart(running, module, monkeypatch):
    vault.create_keys("averoy")
    key, wrapped = vault.new_case_key("averoy", "care")
    sealed = key.seal("title", "Støtte")
    running.restart(*module)
    monkeypatch.setattr(keys, "_granted", {})
    assert vault.open_case_key("averoy", "care", wrapped).open_text("title", sealed) == "Støtte"
    assert not (running.home / "master.key").exists()


def test_what_was_changed_or_meant_for_another_does_not_open(running):
    for municipality in ("averoy", "smola"):
        vault.create_keys(municipality)
    key = keys.key_of("averoy", "care")
    changed = key.wrapped[:-1] + bytes([key.wrapped[-1] ^ 1])
    for wrapped, of in ((changed, key.of), (key.wrapped, key.of._replace(municipality="smola")), (b"", key.of)):
        with pytest.raises(CannotOpen):
            master.master_key().derive(wrapped, of, ["x"])
    assert vault.secret("averoy", "care", "x")


def test_the_key_does_not_come_out_of_the_module(running, tmp_path):
    vault.create_keys("averoy")
    assert list((tmp_path / "tokens").rglob("*.object"))
    assert {path.name for path in running.home.iterdir()} == {"grants.jsonl", "withdrawn"}


def test_a_wrong_pin_is_one_line(tmp_path, module):
    (tmp_path / "pin").write_text("0000\n")
    with pytest.raises(AssertionError, match="can't be used"):
        Running(tmp_path / "other").start(*module)
