"""Cryptographic Message Syntax (RFC 5652): content encrypted to a key, and detached signatures.

KS encrypts with AES-256-CBC, its key with RSA-OAEP (SHA-256); older senders use RSA PKCS #1 v1.5 (ks-no/kryptering). Senders
in Java write BER of indefinite length, which `cryptography` does not read: so `asn1crypto` reads the structure, and
`cryptography` does all that has to do with keys.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Iterator, Sequence
from typing import Any

from asn1crypto import algos, cms
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, padding, serialization
from cryptography.hazmat.primitives.asymmetric import padding as rsa_padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.serialization import pkcs7

from allmenning.basics import dates

HASHES: dict[str, type[hashes.HashAlgorithm]] = {
    "sha1": hashes.SHA1,  # in OAEP alone, where its weakness does not matter
    "sha256": hashes.SHA256,
    "sha384": hashes.SHA384,
    "sha512": hashes.SHA512,
}
SIGNED_WITH = frozenset(HASHES) - {"sha1"}
MOST_RECIPIENTS = 20  # each may cost an operation with each of our keys
CIPHERS = frozenset({"aes128_cbc", "aes192_cbc", "aes256_cbc"})
# What asn1crypto raises for what is not ASN.1, or is another structure, or is nested without end.
_NOT_READ = (ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError, RecursionError)

# And `cryptography` besides, for certificates that are not as they should be.
_NO_CERTIFICATE = (
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.ExtensionNotFound,
    x509.UnsupportedGeneralNameType,
    UnsupportedAlgorithm,
)


class NotOpened(Exception):
    """It is no encrypted content, or none of the keys opens it. Which of the two is told to nobody who sent it."""


class NotSigned(Exception):
    """The signature is not whole, is of something else, or is by somebody who is not trusted."""


def sealed(content: bytes, certificate: x509.Certificate) -> bytes:
    """Content encrypted to the key of a certificate: EnvelopedData in DER."""
    key, vector = os.urandom(32), os.urandom(16)
    padder = padding.PKCS7(128).padder()
    encryptor = Cipher(algorithms.AES256(key), modes.CBC(vector)).encryptor()
    encrypted = encryptor.update(padder.update(content) + padder.finalize()) + encryptor.finalize()
    public_key = certificate.public_key()
    assert isinstance(public_key, RSAPublicKey)
    oaep = rsa_padding.OAEP(rsa_padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
    held = asn1.Certificate.load(certificate.public_bytes(serialization.Encoding.DER))
    recipient = cms.KeyTransRecipientInfo(
        {
            "version": "v0",
            "rid": cms.RecipientIdentifier(
                "issuer_and_serial_number", {"issuer": held.issuer, "serial_number": held.serial_number}
            ),
            "key_encryption_algorithm": {"algorithm": "rsaes_oaep", "parameters": _oaep_parameters("sha256")},
            "encrypted_key": public_key.encrypt(key, oaep),
        }
    )
    enveloped = {
        "version": "v0",
        "recipient_infos": [cms.RecipientInfo("ktri", recipient)],
        "encrypted_content_info": {
            "content_type": "data",
            "content_encryption_algorithm": {"algorithm": "aes256_cbc", "parameters": vector},
            "encrypted_content": encrypted,
        },
    }
    return cms.ContentInfo({"content_type": "enveloped_data", "content": enveloped}).dump()


def opened(enveloped: bytes, keys: Sequence[RSAPrivateKey]) -> bytes:
    """The content of EnvelopedData that one of the keys opens. Raises NotOpened."""
    try:
        held = cms.ContentInfo.load(enveloped, strict=True)
        if held["content_type"].native != "enveloped_data":
            raise NotOpened
        recipients = [each.chosen for each in held["content"]["recipient_infos"] if each.name == "ktri"]
        info = held["content"]["encrypted_content_info"]
        algorithm, encrypted = info["content_encryption_algorithm"], info["encrypted_content"].native
        cipher, vector = algorithm["algorithm"].native, algorithm["parameters"].native
        if cipher not in CIPHERS or not isinstance(encrypted, bytes):
            raise NotOpened
        if len(recipients) > MOST_RECIPIENTS:
            raise NotOpened
        tries = [(_padding(each), each["encrypted_key"].native) for each in recipients]
    except _NOT_READ as error:
        raise NotOpened from error
    for content_key in _content_keys(tries, keys):
        try:
            return _decrypted(encrypted, content_key, vector)
        except (ValueError, TypeError):
            continue
    raise NotOpened


def signed(content: bytes, certificate: x509.Certificate, key: RSAPrivateKey) -> bytes:
    """A detached signature of some content: SignedData in DER, with the signer's certificate."""
    options = [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary]
    builder = pkcs7.PKCS7SignatureBuilder().set_data(content).add_signer(certificate, key, hashes.SHA256())
    return builder.sign(serialization.Encoding.DER, options)


def check_signature(signature: bytes, content: bytes, issuers: Sequence[x509.Certificate]) -> x509.Certificate:
    """Who signed the content: their certificate, issued by one of `issuers` and valid today. Raises NotSigned.

    Whether the certificate was withdrawn is not asked: that would be a call to its issuer for each message.
    """
    try:
        held = cms.ContentInfo.load(signature, strict=True)
        if held["content_type"].native != "signed_data":
            raise NotSigned
        enclosed = [each.chosen.dump() for each in held["content"]["certificates"] if each.name == "certificate"]
        certificates = [x509.load_der_x509_certificate(each) for each in enclosed]
        (signer,) = held["content"]["signer_infos"]
        certificate = _certificate_of(signer, certificates)
        _check_signer(signer, content, certificate)
        _check_chain(certificate, certificates, issuers)
    except (*_NOT_READ, *_NO_CERTIFICATE, InvalidSignature) as error:
        raise NotSigned from error
    return certificate


def _content_keys(tries: Sequence[tuple[Any, bytes]], keys: Sequence[RSAPrivateKey]) -> Iterator[bytes]:
    for how, encrypted in tries:
        for key in keys:
            try:
                yield key.decrypt(encrypted, how)
            except (ValueError, UnsupportedAlgorithm):
                continue


def _decrypted(encrypted: bytes, key: bytes, vector: bytes) -> bytes:
    decryptor = Cipher(algorithms.AES(key), modes.CBC(vector)).decryptor()
    unpadder = padding.PKCS7(128).unpadder()
    return unpadder.update(decryptor.update(encrypted) + decryptor.finalize()) + unpadder.finalize()


def _padding(recipient: Any) -> Any:
    """How a recipient's key was encrypted (RFC 8017). Raises ValueError for what nobody should use."""
    algorithm = recipient["key_encryption_algorithm"]
    name = algorithm["algorithm"].native
    if name in ("rsaes_pkcs1v15", "rsa"):
        return rsa_padding.PKCS1v15()
    if name != "rsaes_oaep":
        raise ValueError(name)
    parameters = algorithm["parameters"]
    digest = HASHES[parameters["hash_algorithm"]["algorithm"].native]
    mask = HASHES[parameters["mask_gen_algorithm"]["parameters"]["algorithm"].native]
    return rsa_padding.OAEP(rsa_padding.MGF1(mask()), digest(), None)


def _oaep_parameters(digest: str) -> algos.RSAESOAEPParams:
    return algos.RSAESOAEPParams(
        {
            "hash_algorithm": {"algorithm": digest},
            "mask_gen_algorithm": {"algorithm": "mgf1", "parameters": {"algorithm": digest}},
        }
    )


def _certificate_of(signer: Any, certificates: Sequence[x509.Certificate]) -> x509.Certificate:
    named = signer["sid"]
    if named.name != "issuer_and_serial_number":
        raise NotSigned
    serial, issuer = named.chosen["serial_number"].native, named.chosen["issuer"].dump()
    for each in certificates:
        if each.serial_number == serial and each.issuer.public_bytes() == issuer:
            return each
    raise NotSigned


def _check_signer(signer: Any, content: bytes, certificate: x509.Certificate) -> None:
    """That this certificate's key signed a digest of the content (RFC 5652 § 5.4). Raises NotSigned, InvalidSignature."""
    name = signer["digest_algorithm"]["algorithm"].native
    if name not in SIGNED_WITH:
        raise NotSigned
    digest = hashes.Hash(HASHES[name]())
    digest.update(content)
    attributes = signer["signed_attrs"]
    told = [each["values"][0].native for each in attributes if each["type"].native == "message_digest"]
    if len(told) != 1 or not hmac.compare_digest(told[0], digest.finalize()):
        raise NotSigned
    key = certificate.public_key()
    if not isinstance(key, RSAPublicKey):
        raise NotSigned
    kind = signer["signature_algorithm"].signature_algo
    if kind == "rsassa_pss":
        how: Any = rsa_padding.PSS(rsa_padding.MGF1(HASHES[name]()), rsa_padding.PSS.AUTO)
    elif kind == "rsassa_pkcs1v15":
        how = rsa_padding.PKCS1v15()
    else:
        raise NotSigned
    key.verify(signer["signature"].native, attributes.untag().dump(), how, HASHES[name]())


def _check_chain(
    certificate: x509.Certificate, enclosed: Sequence[x509.Certificate], issuers: Sequence[x509.Certificate]
) -> None:
    """That a trusted issuer issued the certificate, or issued one that did, and that both are valid today."""
    _check_valid(certificate)
    if any(_issued(certificate, by) for by in issuers):
        return
    for between in enclosed:
        if _issued(certificate, between) and any(_issued(between, by) for by in issuers):
            _check_valid(between)
            return
    raise NotSigned


def _issued(certificate: x509.Certificate, by: x509.Certificate) -> bool:
    try:
        if not by.extensions.get_extension_for_class(x509.BasicConstraints).value.ca:
            return False
        certificate.verify_directly_issued_by(by)
    except (*_NO_CERTIFICATE, ValueError, TypeError, InvalidSignature):
        return False
    return True


def _check_valid(certificate: x509.Certificate) -> None:
    if not certificate.not_valid_before_utc <= dates.now() <= certificate.not_valid_after_utc:
        raise NotSigned
