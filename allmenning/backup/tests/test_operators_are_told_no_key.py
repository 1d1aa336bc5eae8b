"""Who backs up and who restores ask a real keeper, which seals keys to the restorer and tells nobody one."""

import json

import pytest

from allmenning.project import postgres
from allmenning.vault.tests.test_keeper import ME, Running

from .test_backup import Machine


@pytest.fixture
def keeper(tmp_path):
    running = Running(tmp_path)
    yield running
    running.stop()


def test_a_machine_is_set_up_backed_up_and_restored_and_no_operator_is_told_a_key(tmp_path, keeper, monkeypatch):
    live, restored = Machine(tmp_path / "live"), Machine(tmp_path / "restored")
    folder, private = tmp_path / "backup", tmp_path / "private.key"
    monkeypatch.setenv("ALLMENNING_KEEPER_SOCKET", str(keeper.socket))
    public = live.do("backup-key", private).strip()
    try:
        keeper.start("--worker", ME, "--operator", ME, "--backup-recipient", public)
        live.town("found")
        live.town("fill", "1")
        keeper.restart("--operator", ME)
        live.do("municipality", "add", "hitra")
        live.do("migrate")
        assert "--backup-recipient" in live.refuses("backup", folder, "--to", public)
        keeper.restart("--operator", ME, "--backup-recipient", public)
        made = json.loads(live.do("backup", folder, "--to", public, "--json"))
        live.do("restore", folder, "--key", private, "--check")
        assert "unwrap" not in {line.get("operation") for line in keeper.log()}

        keeper.restart("--operator", ME)
        words = ("restore", folder, "--key", private, "--signed-by", made["signer"])
        assert "does not let" in restored.refuses(*words)
        keeper.restart("--restorer", ME)
        restored.do(*words)
        keeper.restart("--worker", ME)
        assert restored.town("look")["averoy"] == live.town("look")["averoy"]
    finally:
        postgres.forget(tmp_path / "live" / "postgres")
        postgres.forget(tmp_path / "restored" / "postgres")
