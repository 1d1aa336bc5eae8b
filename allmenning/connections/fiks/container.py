"""ASiC-E containers (ETSI EN 319 162-1): files, a manifest with their digests, a signature of the manifest; in one ZIP, encrypted.

What comes is written by strangers: names, sizes and digests are believed of nothing, and what is refused is refused before
more than the limits has been unpacked. Nothing is ever written to a disk.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import io
import re
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import uuid4

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from lxml import etree

from allmenning.basics.xml import parse_xml

from . import cms

MIME_TYPE = b"application/vnd.etsi.asic-e+zip"
MANIFEST = re.compile(r"META-INF/asicmanifest[A-Za-z0-9._-]{0,60}\.xml", re.IGNORECASE)
SIGNATURE = re.compile(r"META-INF/[A-Za-z0-9._-]{1,80}\.p7s")
ASIC = "http://uri.etsi.org/02918/v1.2.1#"
DSIG = "http://www.w3.org/2000/09/xmldsig#"
DIGESTS = {
    "http://www.w3.org/2001/04/xmlenc#sha256": "sha256",
    "http://www.w3.org/2001/04/xmldsig-more#sha384": "sha384",
    "http://www.w3.org/2001/04/xmlenc#sha512": "sha512",
}
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
LONGEST_NAME = 200
# What `zipfile` raises for what is no ZIP, or not as it says it is.
_NOT_READ = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    ValueError,
    RuntimeError,
    NotImplementedError,
    OverflowError,
)


class Unreadable(Exception):
    """A container that can't be read, is not whole, or is not by whom it should be. `reason` is a code, nothing of what came."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True)
class Limits:
    """The most that a container may hold: bytes as it comes, members, bytes of all of them unpacked."""

    bytes: int = 60_000_000
    members: int = 120
    unpacked: int = 120_000_000


@dataclass(frozen=True)
class Opened:
    """The files of a container by name, and whose certificate signed them."""

    files: Mapping[str, bytes]
    signer: str


def opened(
    content: bytes, keys: Sequence[RSAPrivateKey], issuers: Sequence[x509.Certificate], limits: Limits | None = None
) -> Opened:
    """Decrypt a container, check it whole, and check who signed it.

    Args:
        keys: the receiver's, the newest first: one of the older ones may be the one that it was encrypted to.
        issuers: whose certificates are trusted for signing.

    Raises:
        Unreadable: with the reason `size`, `envelope`, `container` or `signature`.
    """
    limits = limits or Limits()
    if len(content) > limits.bytes:
        raise Unreadable("size")
    try:
        packed = cms.opened(content, keys)
    except cms.NotOpened as error:
        raise Unreadable("envelope") from error
    members = _unpacked(packed, limits)
    return _verified(members, issuers)


def made(files: Mapping[str, bytes], signer: x509.Certificate, key: RSAPrivateKey, receiver: x509.Certificate) -> bytes:
    """The same the other way: files in a signed container, encrypted to the receiver's certificate."""
    signature = f"META-INF/signature-{uuid4()}.p7s"
    manifest = _manifest(files, signature)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("mimetype"), MIME_TYPE)
        for name, content in files.items():
            archive.writestr(name, content)
        archive.writestr("META-INF/asicmanifest.xml", manifest)
        archive.writestr(signature, cms.signed(manifest, signer, key))
    return cms.sealed(packed.getvalue(), receiver)


def _unpacked(packed: bytes, limits: Limits) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            entries = archive.infolist()
            if len(entries) > limits.members or sum(each.file_size for each in entries) > limits.unpacked:
                raise Unreadable("size")
            members, left = dict[str, bytes](), limits.unpacked
            for entry in entries:
                if entry.filename in members or not _is_plain(entry):
                    raise Unreadable("container")
                with archive.open(entry) as member:
                    content = member.read(left + 1)
                left -= len(content)
                if left < 0:
                    raise Unreadable("size")
                members[entry.filename] = content
    except _NOT_READ as error:
        raise Unreadable("container") from error
    return members


def _is_plain(entry: zipfile.ZipInfo) -> bool:
    """A member that is a file, neither encrypted nor hidden, with a name that leads nowhere."""
    name = entry.filename
    inner = name.removeprefix("META-INF/")
    return (
        name == entry.orig_filename
        and 0 < len(inner) <= LONGEST_NAME
        and inner.isprintable()
        and not set(inner) & set('/\\:*?"<>|')
        and not inner.startswith(".")
        and not entry.flag_bits & 0x1
        and entry.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
    )


def _verified(members: dict[str, bytes], issuers: Sequence[x509.Certificate]) -> Opened:
    manifests = [name for name in members if MANIFEST.fullmatch(name)]
    if members.get("mimetype", b"").strip() != MIME_TYPE or len(manifests) != 1:
        raise Unreadable("container")
    signature_name, digests = _read_manifest(members[manifests[0]])
    files = {name: content for name, content in members.items() if _is_content(name)}
    if not SIGNATURE.fullmatch(signature_name) or set(files) != set(digests) or not files:
        raise Unreadable("container")
    try:
        signer = cms.check_signature(members.get(signature_name, b""), members[manifests[0]], issuers)
    except cms.NotSigned as error:
        raise Unreadable("signature") from error
    for name, (algorithm, digest) in digests.items():
        if not hmac.compare_digest(hashlib.new(algorithm, files[name]).digest(), digest):
            raise Unreadable("signature")
    return Opened(files, signer.subject.rfc4514_string())


def _is_content(name: str) -> bool:
    return name != "mimetype" and not name.startswith("META-INF/")


def _read_manifest(content: bytes) -> tuple[str, dict[str, tuple[str, bytes]]]:
    """Where the signature is, and each file's digest as (algorithm, bytes) by name."""
    try:
        manifest = parse_xml(content)
        (signature,) = manifest.findall(f"{{{ASIC}}}SigReference")
        digests = dict[str, tuple[str, bytes]]()
        for each in manifest.findall(f"{{{ASIC}}}DataObjectReference"):
            algorithm = each.find(f"{{{DSIG}}}DigestMethod").get("Algorithm")
            value = each.findtext(f"{{{DSIG}}}DigestValue")
            name = each.get("URI", "")
            if name in digests:
                raise Unreadable("container")
            digests[name] = (DIGESTS[algorithm], base64.b64decode(value, validate=True))
        return signature.get("URI", ""), digests
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise Unreadable("container") from error


def _manifest(files: Mapping[str, bytes], signature: str) -> bytes:
    root = etree.Element(f"{{{ASIC}}}ASiCManifest", nsmap={None: ASIC, "ds": DSIG})
    etree.SubElement(root, f"{{{ASIC}}}SigReference", URI=signature, MimeType="application/x-pkcs7-signature")
    for name, content in files.items():
        reference = etree.SubElement(root, f"{{{ASIC}}}DataObjectReference", URI=name)
        etree.SubElement(reference, f"{{{DSIG}}}DigestMethod", Algorithm=SHA256)
        digest = etree.SubElement(reference, f"{{{DSIG}}}DigestValue")
        digest.text = base64.b64encode(hashlib.sha256(content).digest()).decode()
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")
