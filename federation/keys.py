"""Keys: RSA-2048 for HTTP signatures, Ed25519 for proofs; as PEM, as Multikey (FEP-521a), as did:key.

A public key as it stands in an actor document is called its material: PEM text, or a Multikey string (`z6Mk…`).
"""

import os
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_public_key,
    load_pem_private_key,
    load_pem_public_key,
)

from federation.errors import FederationError, UnknownKey

__all__ = [
    "PrivateKey",
    "PublicKey",
    "base58_decode",
    "base58_encode",
    "did_key",
    "did_key_url",
    "ed25519_of_seed",
    "load_private_key",
    "make_ed25519",
    "make_rsa",
    "multihash",
    "multikey",
    "multikey_of_did",
    "private_pem",
    "public_key",
    "public_pem",
    "read_private_pem",
    "save_private_key",
]

PublicKey = RSAPublicKey | Ed25519PublicKey
PrivateKey = RSAPrivateKey | Ed25519PrivateKey

RSA_BITS = 2048
# Larger keys, or a large exponent, cost the verifier what they cost the stranger nothing.
_MAX_RSA_BITS = 8192
_MAX_EXPONENT_BITS = 33
_MAX_MATERIAL_CHARS = 4096
# Some 5 kB each.
_KEPT_KEYS = 1024

# Multicodec prefixes as unsigned varints: ed25519-pub 0xed, rsa-pub 0x1205, sha2-256 0x12 with its length.
_ED25519_PUB = b"\xed\x01"
_RSA_PUB = b"\x85\x24"
_SHA2_256 = b"\x12\x20"

_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_BASE58_VALUES = {character: value for value, character in enumerate(_BASE58)}


def make_rsa() -> RSAPrivateKey:
    """A new RSA-2048 key (takes about 100 ms)."""
    return rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS)


def make_ed25519() -> Ed25519PrivateKey:
    """A new Ed25519 key."""
    return Ed25519PrivateKey.generate()


def ed25519_of_seed(seed: bytes) -> Ed25519PrivateKey:
    """The Ed25519 key of a 32-byte seed (RFC 8032 section 5.1.5)."""
    return Ed25519PrivateKey.from_private_bytes(seed)


def private_pem(key: PrivateKey, passphrase: bytes | None = None) -> bytes:
    """A private key as PKCS #8 PEM, encrypted where a passphrase is given."""
    encryption = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)


def read_private_pem(pem: bytes, passphrase: bytes | None = None) -> PrivateKey:
    """A private key from PEM that this node wrote; RSA is not validated anew, which would cost 40 ms.

    Raises FederationError where it is no such key, or the passphrase is wrong.
    """
    try:
        key = load_pem_private_key(pem, passphrase, unsafe_skip_rsa_key_validation=True)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise FederationError(f"a private key that cannot be read: {error}") from error
    if not isinstance(key, RSAPrivateKey | Ed25519PrivateKey):
        raise FederationError("a private key that is neither RSA nor Ed25519")
    return key


def save_private_key(path: Path, key: PrivateKey, passphrase: bytes | None = None) -> None:
    """Write a private key to a new file that only its owner may read (0600), durably.

    Raises FileExistsError: a key is never overwritten.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(private_pem(key, passphrase))
        file.flush()
        os.fsync(file.fileno())


def load_private_key(path: Path, passphrase: bytes | None = None) -> PrivateKey:
    """Read a private key written by `save_private_key`. Raises OSError, FederationError."""
    return read_private_pem(path.read_bytes(), passphrase)


def public_pem(key: PublicKey) -> str:
    """A public key as PEM (SubjectPublicKeyInfo), as `publicKeyPem` has it."""
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


@lru_cache(maxsize=_KEPT_KEYS)
def public_key(material: str) -> PublicKey:
    """The public key in `material`: PEM or Multikey. Kept ready, since reading one costs as much as verifying.

    RSA has 2048 bits at least. Raises UnknownKey.
    """
    if len(material) > _MAX_MATERIAL_CHARS:
        raise UnknownKey("a key longer than any that is in use")
    try:
        key = _public_of_multikey(material) if material.startswith("z") else _public_of_pem(material)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise UnknownKey(f"a key that cannot be read: {error}") from error
    if isinstance(key, RSAPublicKey):
        if not RSA_BITS <= key.key_size <= _MAX_RSA_BITS:
            raise UnknownKey(f"an RSA key of {key.key_size} bits")
        if key.public_numbers().e.bit_length() > _MAX_EXPONENT_BITS:
            raise UnknownKey("an RSA key with an unusual exponent")
    return key


def _public_of_pem(pem: str) -> PublicKey:
    key = load_pem_public_key(pem.encode())
    if not isinstance(key, RSAPublicKey | Ed25519PublicKey):
        raise UnknownKey("a key that is neither RSA nor Ed25519")
    return key


def _public_of_multikey(text: str) -> PublicKey:
    decoded = base58_decode(text[1:])
    if decoded.startswith(_ED25519_PUB):
        return Ed25519PublicKey.from_public_bytes(decoded[len(_ED25519_PUB) :])
    if decoded.startswith(_RSA_PUB):
        key = load_der_public_key(decoded[len(_RSA_PUB) :])
        if isinstance(key, RSAPublicKey):
            return key
    raise UnknownKey("a Multikey that is neither RSA nor Ed25519")


def multikey(key: PublicKey) -> str:
    """A public key as `publicKeyMultibase` has it (FEP-521a): `z6Mk…` for Ed25519, `z4MX…` for RSA."""
    if isinstance(key, Ed25519PublicKey):
        return "z" + base58_encode(_ED25519_PUB + key.public_bytes(Encoding.Raw, PublicFormat.Raw))
    return "z" + base58_encode(_RSA_PUB + key.public_bytes(Encoding.DER, PublicFormat.PKCS1))


def did_key(key: Ed25519PublicKey) -> str:
    """The did:key of an Ed25519 key: `did:key:z6Mk…`."""
    return f"did:key:{multikey(key)}"


def did_key_url(key: Ed25519PublicKey) -> str:
    """The verification method of a did:key: `did:key:z6Mk…#z6Mk…`."""
    return f"did:key:{multikey(key)}#{multikey(key)}"


def multikey_of_did(did: str) -> str:
    """The Multikey in a did:key, or in its verification method. Raises UnknownKey where it is neither."""
    prefix, _, fragment = did.partition("#")
    text = prefix.removeprefix("did:key:")
    if text == prefix or (fragment and fragment != text):
        raise UnknownKey(f"no did:key: {did[:80]!r}")
    return text


def multihash(data: bytes) -> str:
    """The SHA-256 of `data` as a multihash in base58btc: `zQm…`."""
    return "z" + base58_encode(_SHA2_256 + sha256(data).digest())


def base58_encode(data: bytes) -> str:
    """`data` in base58btc (the multibase prefix `z` is left to the caller)."""
    number = int.from_bytes(data)
    digits: list[str] = []
    while number:
        number, remainder = divmod(number, 58)
        digits.append(_BASE58[remainder])
    zeros = len(data) - len(data.lstrip(b"\0"))
    return "1" * zeros + "".join(reversed(digits))


def base58_decode(text: str) -> bytes:
    """The bytes of a base58btc text. Raises ValueError."""
    number = 0
    try:
        for character in text:
            number = number * 58 + _BASE58_VALUES[character]
    except KeyError as error:
        raise ValueError("no base58btc") from error
    zeros = len(text) - len(text.lstrip("1"))
    return bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8)
