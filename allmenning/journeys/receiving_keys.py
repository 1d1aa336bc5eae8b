"""The keys that other systems encrypt to: made here, given out as certificates, and never seen outside the area's process."""

from __future__ import annotations

from datetime import timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from allmenning import vault
from allmenning.basics import dates
from allmenning.basics.identifiers import uuid7
from allmenning.municipal.post.models import ReceivingKey
from allmenning.tenancy import current

YEARS = 3
BITS = 3072


def make_key(area: str) -> str:
    """Make a new key of an area, and give its certificate (PEM) to be published where others find it.

    The ones before go on opening what was encrypted to them. The certificate is signed by its own key: it carries the key, and
    proves nothing. Call it as the area's login.
    """
    key, now = rsa.generate_private_key(public_exponent=65537, key_size=BITS), dates.now()
    # Neither municipality nor area: whoever finds the certificate learns nothing of what it is for.
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Allmenning")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=365 * YEARS))
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    id = uuid7()
    published = certificate.public_bytes(serialization.Encoding.PEM).decode()
    ReceivingKey.objects.create(
        id=id,
        area=area,
        certificate=published,
        private_key=vault.seal(current().municipality, area, _context(id), pem),
    )
    return published


def published(area: str) -> str:
    """The certificate (PEM) of the newest key of an area; empty when none was made."""
    newest = ReceivingKey.objects.filter(area=area).order_by("-made_at", "-id").first()
    return newest.certificate if newest else ""


def private_keys(area: str) -> list[bytes]:
    """The private keys of an area (PEM), the newest first."""
    municipality = current().municipality
    rows = ReceivingKey.objects.filter(area=area).order_by("-made_at", "-id")
    return [vault.open(municipality, area, _context(row.id), bytes(row.private_key)) for row in rows]


def _context(id: object) -> str:
    return f"post.ReceivingKey.private_key:{id}"
