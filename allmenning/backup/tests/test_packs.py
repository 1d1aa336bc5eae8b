"""Files into packs: each once, what was begun is used again, and what is deleted goes out of the back-ups."""

import hashlib

import pytest

from allmenning import vault
from allmenning.backup import packs
from allmenning.backup.folder import Folder, Signer
from allmenning.backup.packs import Packing
from allmenning.backup.sealing import Sealer, make_key
from allmenning.vault import files


@pytest.fixture
def folder(tmp_path, settings, monkeypatch):
    settings.VAULT_DIR, settings.FILES_DIR = tmp_path / "vault", tmp_path / "files"
    monkeypatch.setattr(packs, "PACK_FILES", 3)
    vault.create_keys("commons")
    return Folder(tmp_path / "backup")


@pytest.fixture
def packing(folder, tmp_path):
    with folder.locked():
        yield Packing(folder, Sealer([make_key(tmp_path / "key")]), Signer())


def path(number):
    opaque = hashlib.sha1(str(number).encode()).hexdigest()
    return f"averoy/{opaque[:2]}/{opaque[2:]}"


def write(*numbers):
    for number in numbers:
        files.put_back("averoy", path(number), f"sealed {number}".encode() * 1000)


def listed(folder, found):
    return sorted(each for pack in found for each in folder.read_list(pack.list))


def tell(count):
    pass


def test_only_what_is_new_is_packed(folder, packing):
    write(*range(7))
    first = packing.bring_up_to_date("averoy", [], tell)
    write(7, 8)
    second = packing.bring_up_to_date("averoy", first, tell)
    assert [pack.count for pack in first] == [3, 3, 1]
    assert second[:3] == first
    assert listed(folder, second) == sorted(map(path, range(9)))


def test_packs_of_an_interrupted_run_are_used_again(folder, packing):
    def interrupt(count):
        if count == 6:
            raise KeyboardInterrupt

    write(*range(8))
    with pytest.raises(KeyboardInterrupt):
        packing.bring_up_to_date("averoy", [], interrupt)
    left = [pack for _, _, pack in folder.finished(Signer().public)]
    assert [pack.count for pack in left] == [3, 3]
    whole = packing.bring_up_to_date("averoy", left, tell)
    assert whole[:2] == left
    assert listed(folder, whole) == sorted(map(path, range(8)))


def test_what_somebody_else_noted_as_packed_is_not_believed(folder, packing):
    write(1)
    packing.bring_up_to_date("averoy", [], tell)
    assert len(folder.finished(Signer().public)) == 1
    assert folder.finished("0" * 64) == []


def test_a_pack_of_which_most_is_deleted_is_left_out(folder, packing):
    write(*range(6))
    first = packing.bring_up_to_date("averoy", [], tell)
    in_first_pack = folder.read_list(first[0].list)
    for each in in_first_pack[:2]:
        files.remove("averoy", each)
    after = packing.bring_up_to_date("averoy", first, tell)
    assert first[0] not in after
    assert listed(folder, after) == sorted(set(map(path, range(6))) - set(in_first_pack[:2]))


def test_a_pack_that_has_gone_is_packed_again(folder, packing):
    write(1)
    (pack,) = packing.bring_up_to_date("averoy", [], tell)
    folder.path(pack.files).unlink()
    (again,) = packing.bring_up_to_date("averoy", [pack], tell)
    assert again.files != pack.files
    assert listed(folder, [again]) == [path(1)]
