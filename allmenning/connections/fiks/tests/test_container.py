"""Containers: what is whole is opened, and everything else is refused with a code, whatever it is."""

import io
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allmenning.connections.fiks import cms, container
from allmenning.connections.fiks.container import Limits, Unreadable
from allmenning.connections.fiks.testing import party

ISSUER = party("Issuer", is_issuer=True)
SENDER = party("Sender", ISSUER)
US = party("Averøy")
FILES = {"bekymringsmelding.json": b'{"a": 1}', "bekymringsmelding.pdf": b"%PDF-1.7"}


def opened(content, **others):
    asked = {"keys": [US.key], "issuers": [ISSUER.certificate]} | others
    return container.opened(content, **asked)


def made(files=FILES, signer=SENDER, receiver=US):
    return container.made(files, signer.certificate, signer.key, receiver.certificate)


def refused(content, **others):
    with pytest.raises(Unreadable) as said:
        opened(content, **others)
    return said.value.reason


def unpacked():
    with zipfile.ZipFile(io.BytesIO(cms.opened(made(), [US.key]))) as archive:
        return {each: archive.read(each) for each in archive.namelist()}


def repacked(members, **flags):
    """A container of these members, as whoever sends it would encrypt it: the signature is what it is."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members if isinstance(members, list) else members.items():
            archive.writestr(name, content)
    return cms.sealed(held.getvalue(), US.certificate)


def test_what_was_packed_comes_out():
    held = opened(made())
    assert dict(held.files) == FILES
    assert held.signer == "CN=Sender"


def test_an_older_key_of_ours_still_opens():
    assert opened(made(), keys=[party("Newer").key, US.key]).files == FILES


@settings(max_examples=15, deadline=None)
@given(
    st.dictionaries(
        st.from_regex(r"[a-zæøå0-9_-]{1,20}\.(json|pdf|jpg)", fullmatch=True), st.binary(max_size=3000), min_size=1
    )
)
def test_any_files_come_out_as_they_went_in(files):
    assert opened(made(files)).files == files


def test_it_is_read_as_java_writes_it():
    """BER with indefinite lengths and content in pieces, as BouncyCastle streams it."""
    assert opened(_indefinite(made())).files == FILES


def test_another_key_does_not_open_it():
    assert refused(made(receiver=party("Smøla"))) == "envelope"


def test_a_signer_nobody_trusts_is_refused():
    assert refused(made(signer=party("Sender", party("Stranger", is_issuer=True)))) == "signature"
    assert refused(made(signer=party("Self"))) == "signature"
    assert refused(made(signer=party("Late", ISSUER, days=-1))) == "signature"
    assert refused(made(signer=party("Below", SENDER))) == "signature"  # by one who may not issue


def test_a_file_that_was_changed_is_refused():
    assert refused(repacked(unpacked() | {"bekymringsmelding.json": b'{"a": 2}'})) == "signature"


def test_a_manifest_that_was_changed_is_refused():
    members = unpacked()
    manifest = members["META-INF/asicmanifest.xml"].replace(b"bekymringsmelding.pdf", b"bekymringsmelding.exe")
    pdf = members.pop("bekymringsmelding.pdf")
    changed = members | {"META-INF/asicmanifest.xml": manifest, "bekymringsmelding.exe": pdf}
    assert refused(repacked(changed)) == "signature"


@pytest.mark.parametrize(
    "change",
    [
        {"extra.txt": b"signed by nobody"},
        {"mimetype": b"application/zip"},
        {"META-INF/asicmanifest.xml": b"<not-xml"},
        {"META-INF/asicmanifest.xml": b"<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>"},
        {"META-INF/asicmanifest.xml": b"<x/>"},
        {"META-INF/asicmanifest2.xml": b"<x/>"},
        {"../evil": b"x"},
        {"folder/file": b"x"},
        {"C:\\evil": b"x"},
        {".hidden": b"x"},
        {"META-INF/../../evil": b"x"},
        {"a\nb": b"x"},
    ],
)
def test_what_is_not_as_it_should_be_is_refused(change):
    assert refused(repacked(unpacked() | change)) == "container"


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_files_of_one_name_are_refused():
    assert refused(repacked([*unpacked().items(), ("bekymringsmelding.json", b"another")])) == "container"


def test_a_zip_that_swells_is_refused_before_it_has():
    bomb = repacked(unpacked() | {"bomb.txt": b"0" * 40_000_000})
    assert len(bomb) < 100_000
    assert refused(bomb, limits=Limits(unpacked=1_000_000)) == "size"
    assert refused(repacked({f"{n}.txt": b"" for n in range(200)})) == "size"
    assert refused(b"0" * 2_000, limits=Limits(bytes=1_000)) == "size"


def test_a_size_that_is_not_true_is_refused():
    """The directory says 1 byte, and the member holds a million."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", b"0" * 1_000_000)
    lying = held.getvalue().replace((1_000_000).to_bytes(4, "little"), (1).to_bytes(4, "little"))
    assert refused(cms.sealed(lying, US.certificate)) == "container"


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400))
def test_noise_is_refused(noise):
    assert refused(noise) == "envelope"
    assert refused(cms.sealed(noise, US.certificate)) == "container"


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_byte_that_was_changed_is_refused_or_does_not_matter(data):
    content = bytearray(_MADE)
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= data.draw(st.integers(1, 255))
    try:
        held = opened(bytes(content))
    except Unreadable:
        return
    assert held.files == FILES


INSIDE = unpacked()


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_byte_that_was_changed_inside_is_refused_or_does_not_matter(data):
    """By whoever may encrypt to us, which everybody may: the signature, the manifest, the files, the ZIP itself."""
    name = data.draw(st.sampled_from(sorted(INSIDE)))
    content = bytearray(INSIDE[name])
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= data.draw(st.integers(1, 255))
    try:
        held = opened(repacked(INSIDE | {name: bytes(content)}))
    except Unreadable:
        return
    assert held.files == FILES


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_zip_that_was_changed_is_refused_or_does_not_matter(data):
    content = bytearray(_ZIP)
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place] = data.draw(st.integers(0, 255))
    try:
        held = opened(cms.sealed(bytes(content), US.certificate))
    except Unreadable:
        return
    assert held.files == FILES


def test_structures_nested_without_end_are_refused():
    assert refused(b"\x30\x80" * 100_000) == "envelope"
    assert refused(b"\x24\x80" * 50_000) == "envelope"


_MADE = made()
_ZIP = cms.opened(_MADE, [US.key])


def _indefinite(der):
    from asn1crypto import cms as asn1

    held = asn1.ContentInfo.load(der)
    info = held["content"]["encrypted_content_info"]
    encrypted = info["encrypted_content"].native
    pieces = [encrypted[at : at + 1000] for at in range(0, len(encrypted), 1000)]

    def piece(content):
        return b"\x04" + _length(len(content)) + content

    def _length(n):
        return bytes([n]) if n < 128 else bytes([0x80 + (size := (n.bit_length() + 7) // 8)]) + n.to_bytes(size, "big")

    end = b"\x00\x00"
    content = b"\xa0\x80" + b"".join(map(piece, pieces)) + end
    whole_info = b"\x30\x80" + info["content_type"].dump() + info["content_encryption_algorithm"].dump() + content + end
    enveloped = (
        b"\x30\x80" + held["content"]["version"].dump() + held["content"]["recipient_infos"].dump() + whole_info + end
    )
    return b"\x30\x80" + held["content_type"].dump() + b"\xa0\x80" + enveloped + end + end
