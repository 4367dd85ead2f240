"""The identity of a collective beyond its server: two offline roots, and statements that they sign (FEP-c390).

Root 1 gives `move-0` (signs statements) and the seal (an age identity); root 2 gives `move-1`, of which only a
digest is published. None of these keys is ever on the node's disk. Peers keep the statements from the first contact,
and believe a later one only if it fits what they hold: so a seized server, or a stolen root 1, cannot move a
collective for good. See SURVIVAL.md foundations 2, 3 and 8.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from federation.errors import BadProof, FederationError, Malformed, NotOwner, UnknownKey
from federation.integrity import add_proof, check_proof, make_proof, read_proofs, read_time, write_time
from federation.interfaces import ActorKey, JsonObject
from federation.jcs import canonical
from federation.keys import (
    did_key,
    did_key_url,
    ed25519_of_seed,
    multihash,
    multikey,
    multikey_of_did,
    public_key,
)
from federation.vocab import as_list

__all__ = [
    "ROOT_BYTES",
    "Fit",
    "IdentityStatement",
    "KeyStatement",
    "check_identity",
    "check_keys",
    "fits",
    "key_digest",
    "make_identity",
    "make_keys",
    "make_next_identity",
    "move_key",
    "next_move_key",
    "seal_secret",
    "statement_digest",
]

ROOT_BYTES = 32
_IDENTITY_TYPE = "VerifiableIdentityStatement"
_KEYS_TYPE = "KeyStatement"
_MAX_NEXT_KEYS = 16
_MAX_SEQUENCE = 2**31

Fit = Literal["first", "same", "follows", "outranks", "stale", "gap", "unrelated"]


@dataclass(frozen=True, slots=True)
class IdentityStatement:
    """A checked statement that the key of `subject` (a did:key) is behind the actor. `document` is as received."""

    subject: str
    actor: str
    sequence: int
    next_keys: tuple[str, ...]
    previous: str | None
    published: datetime | None
    document: JsonObject

    @property
    def digest(self) -> str:
        """What a later statement names as `previousStatement`."""
        return statement_digest(self.document)


@dataclass(frozen=True, slots=True)
class KeyStatement:
    """A checked statement of the keys that an actor signs with from `published` on. `document` is as received."""

    subject: str
    actor: str
    sequence: int
    keys: tuple[ActorKey, ...]
    published: datetime
    document: JsonObject


def _derive(root: bytes, purpose: str) -> bytes:
    if len(root) != ROOT_BYTES:
        raise FederationError(f"a root has {ROOT_BYTES} bytes")
    return HKDF(SHA256(), ROOT_BYTES, salt=None, info=f"minga/1/{purpose}".encode()).derive(root)


def move_key(root_1: bytes) -> Ed25519PrivateKey:
    """`move-0`, the key that signs identity and key statements, from the 32 bytes of root 1 (HKDF, RFC 5869)."""
    return ed25519_of_seed(_derive(root_1, "move-0"))


def seal_secret(root_1: bytes) -> bytes:
    """The 32 secret bytes of the age identity that backups are sealed to, from root 1."""
    return _derive(root_1, "seal")


def next_move_key(root_2: bytes) -> Ed25519PrivateKey:
    """`move-1`, the key that outranks `move-0`, from the 32 bytes of root 2."""
    return ed25519_of_seed(_derive(root_2, "move-1"))


def key_digest(key: Ed25519PublicKey) -> str:
    """What `nextKeys` promises of a key: the multihash of its Multikey string as UTF-8."""
    return multihash(multikey(key).encode())


def statement_digest(document: JsonObject) -> str:
    """The multihash of a statement's canonical bytes, proof included. Raises Malformed."""
    return multihash(canonical(document))


def make_identity(key: Ed25519PrivateKey, actor: str, next_keys: Sequence[str], now: datetime) -> JsonObject:
    """The first identity statement of an actor, signed by `move-0`; `next_keys` are digests (`key_digest`)."""
    return _sign_identity(key, actor, next_keys, now, sequence=0, previous=None)


def make_next_identity(
    held: IdentityStatement, key: Ed25519PrivateKey, actor: str, next_keys: Sequence[str], now: datetime
) -> JsonObject:
    """The statement after `held`: by the same key, or by one that its `nextKeys` promised. The actor may be new."""
    return _sign_identity(key, actor, next_keys, now, sequence=held.sequence + 1, previous=held.digest)


def _sign_identity(
    key: Ed25519PrivateKey,
    actor: str,
    next_keys: Sequence[str],
    now: datetime,
    *,
    sequence: int,
    previous: str | None,
) -> JsonObject:
    statement: JsonObject = {
        "type": _IDENTITY_TYPE,
        "subject": did_key(key.public_key()),
        "alsoKnownAs": actor,
        "sequence": sequence,
        "nextKeys": list(next_keys),
        "published": write_time(now),
    }
    if previous is not None:
        statement["previousStatement"] = previous
    return add_proof(statement, key, did_key_url(key.public_key()), now)


def check_identity(document: JsonObject, actor: str, now: datetime) -> IdentityStatement:
    """Check an identity statement found in the document of `actor`.

    It proves that the key of its subject claims the actor; that the actor claims the key is shown by where it was
    found. Whether it fits what is held is `fits`. Raises Malformed, BadProof, NotOwner.
    """
    subject, claimed, sequence = _head(document, _IDENTITY_TYPE)
    if claimed != actor:
        raise NotOwner("the identity statement is of another actor")
    next_keys = as_list(document.get("nextKeys"))
    previous = document.get("previousStatement")
    if len(next_keys) > _MAX_NEXT_KEYS or not all(isinstance(digest, str) for digest in next_keys):
        raise Malformed("nextKeys is no list of digests")
    if (previous is None) != (sequence == 0) or not isinstance(previous, str | None):
        raise Malformed("previousStatement does not fit the sequence")
    _check_signed_by(document, subject, now)
    published = read_time(document.get("published"))
    return IdentityStatement(subject, actor, sequence, tuple(next_keys), previous, published, document)


def _head(document: JsonObject, type_: str) -> tuple[str, str, int]:
    subject, actor, sequence = (document.get(name) for name in ("subject", "alsoKnownAs", "sequence"))
    if document.get("type") != type_ or not isinstance(subject, str) or not isinstance(actor, str):
        raise Malformed(f"no {type_}")
    if isinstance(sequence, bool) or not isinstance(sequence, int) or not 0 <= sequence < _MAX_SEQUENCE:
        raise Malformed("a statement without its place in the sequence")
    return subject, actor, sequence


def _did_public_key(subject: str) -> Ed25519PublicKey:
    try:
        key = public_key(multikey_of_did(subject))
    except UnknownKey as error:
        raise BadProof("the subject is no did:key that can be read") from error
    if not isinstance(key, Ed25519PublicKey):
        raise BadProof("the subject is no Ed25519 key")
    return key


def _check_signed_by(document: JsonObject, subject: str, now: datetime) -> None:
    key = _did_public_key(subject)
    for proof in read_proofs(document):
        if proof.verification_method == did_key_url(key):
            check_proof(document, proof, key, now)
            return
    raise BadProof("the statement is not signed by its subject")


def fits(held: Sequence[IdentityStatement], offered: IdentityStatement) -> Fit:
    """Whether a checked statement may be believed beside those that are held (oldest first, no gaps).

    `first`: none was held. `same`: held already. `follows`: the next one, by the present key or by one that was
    promised. `outranks`: by a promised key, against a statement in its place by a key that was not; that one and
    all after it are to be replaced. `stale`: older than the present. `gap`: newer, but what lies between is not held.
    `unrelated`: anything else; the actor is in doubt.
    """
    if not held:
        return "first"
    present = held[-1]
    if any(statement.digest == offered.digest for statement in held):
        return "same" if offered.digest == present.digest else "stale"
    if offered.sequence > present.sequence + 1:
        return "gap"
    for index, before in enumerate(held):
        if before.sequence + 1 != offered.sequence or before.digest != offered.previous:
            continue
        promised = _promised(before, offered)
        if before is present:
            return "follows" if promised or offered.subject == before.subject else "unrelated"
        if promised and not _promised(before, held[index + 1]):
            return "outranks"
    return "unrelated"


def _promised(before: IdentityStatement, after: IdentityStatement) -> bool:
    return key_digest(_did_public_key(after.subject)) in before.next_keys


def make_keys(
    actor: str,
    keys: Sequence[ActorKey],
    *,
    sequence: int,
    move: Ed25519PrivateKey,
    new: Ed25519PrivateKey,
    new_key_id: str,
    now: datetime,
) -> JsonObject:
    """The statement of a rotation: all keys of the actor, retired ones with their date, signed by `move-0` and `new`.

    It is nested in the actor document, and never replaces the one proof of the Update that carries it.
    """
    statement: JsonObject = {
        "type": _KEYS_TYPE,
        "subject": did_key(move.public_key()),
        "alsoKnownAs": actor,
        "sequence": sequence,
        "keys": [_key_entry(key) for key in keys],
        "published": write_time(now),
    }
    by_identity = make_proof(statement, move, did_key_url(move.public_key()), now)
    by_new = make_proof(statement, new, new_key_id, now)
    return {**statement, "proof": [by_identity, by_new]}


def _key_entry(key: ActorKey) -> JsonObject:
    entry: JsonObject = {
        "id": key.id,
        "type": "Multikey",
        "controller": key.owner,
        "publicKeyMultibase": multikey(public_key(key.material)),
    }
    if key.revoked is not None:
        entry["revoked"] = write_time(key.revoked)
    return entry


def check_keys(document: JsonObject, identity: IdentityStatement, now: datetime) -> KeyStatement:
    """Check a key statement against the identity in force.

    It must be signed by the identity's key and by one of the Ed25519 keys that it brings and does not revoke.
    Raises Malformed, BadProof, NotOwner.
    """
    subject, actor, sequence = _head(document, _KEYS_TYPE)
    if subject != identity.subject or actor != identity.actor:
        raise NotOwner("the key statement is of another identity")
    keys = tuple(_read_key(entry, actor) for entry in as_list(document.get("keys")))
    published = read_time(document.get("published"))
    if published is None:
        raise Malformed("a key statement without its date")
    _check_signed_by(document, subject, now)
    usable = {key.id: key for key in keys if key.algorithm == "ed25519" and key.revoked is None}
    for proof in read_proofs(document):
        brought = usable.get(proof.verification_method)
        if brought is not None:
            key = public_key(brought.material)
            if isinstance(key, Ed25519PublicKey):
                check_proof(document, proof, key, now)
                return KeyStatement(subject, actor, sequence, keys, published, document)
    raise BadProof("the key statement is not signed by a key that it brings")


def _read_key(entry: object, actor: str) -> ActorKey:
    if not isinstance(entry, dict):
        raise Malformed("a key that is no object")
    id_, controller, text = (entry.get(name) for name in ("id", "controller", "publicKeyMultibase"))
    revoked = read_time(entry.get("revoked"))
    if not isinstance(id_, str) or not isinstance(text, str) or controller != actor:
        raise Malformed("a key without id, controller or value")
    if "revoked" in entry and revoked is None:
        raise Malformed("a key whose date of revocation cannot be read")
    try:
        key = public_key(text)
    except UnknownKey as error:
        raise Malformed("a key that cannot be read") from error
    algorithm: Literal["rsa", "ed25519"] = "ed25519" if isinstance(key, Ed25519PublicKey) else "rsa"
    return ActorKey(id_, actor, algorithm, text, revoked)
