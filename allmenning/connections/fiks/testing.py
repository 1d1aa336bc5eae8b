"""Certificates and containers for tests: an issuer that is trusted, a signer, and a receiver's key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from allmenning.basics import dates


@dataclass(frozen=True)
class Party:
    """A key with its certificate."""

    key: rsa.RSAPrivateKey
    certificate: x509.Certificate


@cache
def party(name: str, issuer: Party | None = None, *, is_issuer: bool = False, days: int = 30) -> Party:
    """Somebody with a certificate, issued by themselves or by another, from yesterday on."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(dates.now() - timedelta(days=31))
        .not_valid_after(dates.now() + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=is_issuer, path_length=None), critical=True)
    )
    return Party(key, builder.sign(issuer.key if issuer else key, hashes.SHA256()))
