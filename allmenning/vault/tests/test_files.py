import hashlib

import pytest

from allmenning import vault
from allmenning.vault import CannotOpen, FilesUnavailable, FileTooLarge, files

CONTENT = b"%PDF-1.7 about Alice"


@pytest.fixture
def key(keys):
    return vault.new_case_key("averoy", "care")[0]


def stored_under(settings):
    return [path for path in settings.FILES_DIR.rglob("*") if path.is_file()]


def test_a_file_comes_back_as_it_was(key):
    stored = files.write("averoy", key, "attachment", CONTENT)
    assert files.read("averoy", key, "attachment", stored.path) == CONTENT
    assert (stored.size, stored.sha256) == (len(CONTENT), hashlib.sha256(CONTENT).hexdigest())


def test_the_disk_tells_nothing(key, settings):
    files.write("averoy", key, "attachment", CONTENT)
    [path] = stored_under(settings)
    assert b"Alice" not in path.read_bytes()
    assert path.stat().st_mode & 0o777 == 0o600


def test_the_same_content_is_never_stored_alike(key, settings):
    one, other = (files.write("averoy", key, "attachment", CONTENT) for _ in range(2))
    assert one.path != other.path
    assert len({path.read_bytes() for path in stored_under(settings)}) == 2


def test_a_file_opens_for_its_case_field_and_municipality_alone(key):
    stored = files.write("averoy", key, "attachment", CONTENT)
    other, _ = vault.new_case_key("averoy", "care")
    for wrong in (
        lambda: files.read("averoy", other, "attachment", stored.path),
        lambda: files.read("averoy", key, "letter", stored.path),
        lambda: files.read("smola", key, "attachment", stored.path),
    ):
        with pytest.raises(CannotOpen):
            wrong()


def test_files_can_not_be_changed_or_exchanged(key, settings):
    one, other = (files.write("averoy", key, "attachment", content) for content in (CONTENT, b"other"))
    first, second = (settings.FILES_DIR / each.path for each in (one, other))
    first.write_bytes(second.read_bytes())
    with pytest.raises(CannotOpen):
        files.read("averoy", key, "attachment", one.path)
    second.write_bytes(second.read_bytes()[:-1])
    with pytest.raises(CannotOpen):
        files.read("averoy", key, "attachment", other.path)


@pytest.mark.parametrize(
    "path", ["averoy/../../etc/passwd", "/etc/passwd", "averoy/ab/" + "../" * 12 + "x", "averoy/ab", ""]
)
def test_a_path_does_not_lead_out(key, path):
    with pytest.raises(CannotOpen):
        files.read("averoy", key, "attachment", path)


def test_an_interrupted_write_leaves_nothing(key, settings, monkeypatch):
    def fail(descriptor):
        raise OSError("the disk is full")

    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(FilesUnavailable):
        files.write("averoy", key, "attachment", CONTENT)
    assert stored_under(settings) == []


def test_too_large_a_file_is_refused(key, monkeypatch):
    monkeypatch.setattr(files, "LARGEST", 3)
    with pytest.raises(FileTooLarge, match="3 bytes"):
        files.write("averoy", key, "attachment", b"four")


def test_a_removed_file_is_gone(key):
    stored = files.write("averoy", key, "attachment", CONTENT)
    files.remove("averoy", stored.path)
    files.remove("averoy", stored.path)
    with pytest.raises(FileNotFoundError):
        files.read("averoy", key, "attachment", stored.path)
