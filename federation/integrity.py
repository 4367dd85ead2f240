"""Object integrity proofs (FEP-8b32): Ed25519 over the canonical JSON, cryptosuite eddsa-jcs-2022.

A proof says that the holder of a key vouches for exactly this JSON, wherever it is found. Whose key it is, and
whether it may speak for the author, is not in the proof: the caller looks the verification method up, or has the
key already (a did:key proves only a key).
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from federation.errors import BadProof, Malformed, MissingSignature
from federation.interfaces import JsonObject
from federation.jcs import canonical
from federation.keys import base58_decode, base58_encode
from federation.limits import DEFAULT_LIMITS, Limits
from federation.vocab import as_list

__all__ = [
    "ASSERTION",
    "Proof",
    "add_proof",
    "check_proof",
    "make_proof",
    "read_proofs",
    "read_time",
    "write_time",
]

ASSERTION = "assertionMethod"
_TYPE = "DataIntegrityProof"
_SUITE = "eddsa-jcs-2022"
_SIGNATURE_BYTES = 64
_MAX_VALUE_CHARS = 96
# The legacy `signature` (RsaSignature2017) is put beside the proof by others and was never part of it (FEP-8b32).
_UNSIGNED = ("proof", "signature")


@dataclass(frozen=True, slots=True)
class Proof:
    """One proof of a document, read and not yet checked. `options` is the proof without its value."""

    verification_method: str
    purpose: str
    options: JsonObject
    value: bytes
    created: datetime | None
    expires: datetime | None


def write_time(moment: datetime) -> str:
    """A moment as documents carry it: UTC, whole seconds, `Z` (XML Schema dateTimeStamp)."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def read_time(text: object) -> datetime | None:
    """A moment from a document, fractions of any length; None where it is none or has no zone."""
    if not isinstance(text, str):
        return None
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None


def _unsigned(document: JsonObject) -> JsonObject:
    return {name: value for name, value in document.items() if name not in _UNSIGNED}


def _hash(options: JsonObject, document: JsonObject) -> bytes:
    return sha256(canonical(options)).digest() + sha256(canonical(document)).digest()


def make_proof(
    document: JsonObject,
    private_key: Ed25519PrivateKey,
    key_id: str,
    now: datetime,
    *,
    purpose: str = ASSERTION,
) -> JsonObject:
    """A proof for `document` (a proof or legacy signature in it is not part of what is signed). Raises Malformed."""
    options: JsonObject = {
        "type": _TYPE,
        "cryptosuite": _SUITE,
        "created": write_time(now),
        "verificationMethod": key_id,
        "proofPurpose": purpose,
    }
    if "@context" in document:
        options["@context"] = document["@context"]
    signature = private_key.sign(_hash(options, _unsigned(document)))
    return {**options, "proofValue": "z" + base58_encode(signature)}


def add_proof(
    document: JsonObject,
    private_key: Ed25519PrivateKey,
    key_id: str,
    now: datetime,
    *,
    purpose: str = ASSERTION,
) -> JsonObject:
    """`document` with one proof by `private_key`, in place of any that it had; `document` itself stays as it is.

    Serialise the result once and send those bytes: respelling any of it breaks the proof. Raises Malformed.
    """
    bare = _unsigned(document)
    return {**bare, "proof": make_proof(bare, private_key, key_id, now, purpose=purpose)}


def read_proofs(document: JsonObject, limits: Limits = DEFAULT_LIMITS) -> list[Proof]:
    """The proofs of a document that are of the suite we know, at most as many as are looked at.

    Raises MissingSignature where there is none at all, BadProof where none can be read.
    """
    entries = as_list(document.get("proof"))
    if not entries:
        raise MissingSignature("no proof")
    proofs = [proof for entry in entries[: limits.signatures] if (proof := _read(entry)) is not None]
    if not proofs:
        raise BadProof("no proof of a suite that we know")
    return proofs


def _read(entry: Any) -> Proof | None:
    if not isinstance(entry, dict) or entry.get("type") != _TYPE or entry.get("cryptosuite") != _SUITE:
        return None
    method, purpose, value = (
        entry.get(name) for name in ("verificationMethod", "proofPurpose", "proofValue")
    )
    if not isinstance(method, str) or not isinstance(purpose, str) or not isinstance(value, str):
        return None
    if not value.startswith("z") or len(value) > _MAX_VALUE_CHARS:
        return None
    try:
        signature = base58_decode(value[1:])
    except ValueError:
        return None
    created, expires = read_time(entry.get("created")), read_time(entry.get("expires"))
    if ("created" in entry and created is None) or ("expires" in entry and expires is None):
        return None
    options = {name: option for name, option in entry.items() if name != "proofValue"}
    return Proof(method, purpose, options, signature, created, expires)


def check_proof(
    document: JsonObject,
    proof: Proof,
    key: Ed25519PublicKey,
    now: datetime,
    *,
    purpose: str = ASSERTION,
    domain: str | None = None,
    challenge: str | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> None:
    """Check that `proof` is by `key`, for this document, for this use, and in force.

    A proof made for a domain or a challenge counts only where the caller names it. How old it is does not matter.
    Raises BadProof.
    """
    options = proof.options
    if proof.purpose != purpose:
        raise BadProof(f"a proof for {proof.purpose[:40]!r}")
    if proof.created is not None and proof.created - now > timedelta(seconds=limits.clock_skew_seconds):
        raise BadProof("a proof from the future")
    if proof.expires is not None and proof.expires <= now:
        raise BadProof("a proof that has expired")
    if "domain" in options and (domain is None or domain not in as_list(options["domain"])):
        raise BadProof("a proof for another domain")
    if "challenge" in options and (challenge is None or options["challenge"] != challenge):
        raise BadProof("a proof for another challenge")
    if "previousProof" in options:
        raise BadProof("a proof that depends on another")
    if "@context" in options and options["@context"] != document.get("@context"):
        raise BadProof("a proof for another context")
    if len(proof.value) != _SIGNATURE_BYTES:
        raise BadProof("a proof value of another length")
    try:
        key.verify(proof.value, _hash(options, _unsigned(document)))
    except (InvalidSignature, Malformed) as error:
        raise BadProof("the proof is not of this key and this document") from error
