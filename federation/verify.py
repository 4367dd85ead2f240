"""The one door for authenticity: a request becomes `Verified`, or a verdict of `errors`.

Two things prove who said an activity: an HTTP signature by its actor, or an integrity proof by its actor (FEP-8b32),
which also holds when others forward it. Nothing has any effect before the check is complete, and everything cheap
is checked before a key is asked for: what it covers, the host, the digest, the date, the origin. Verifying itself
takes some 30 µs and runs in place.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from federation import cavage, rfc9421
from federation.errors import (
    BadProof,
    FederationError,
    Gone,
    NotFound,
    NotOwner,
    Overloaded,
    Unauthenticated,
    UnknownKey,
    Unreachable,
)
from federation.integrity import Proof, check_proof, read_proofs
from federation.interfaces import ActorKey, JsonObject
from federation.keys import PublicKey, public_key
from federation.limits import Limits
from federation.message import HttpMessage
from federation.origin import check_authorship, own_object, same_origin
from federation.vocab import Activity, id_of

__all__ = ["Departed", "KeyLookup", "Verified", "verify_activity", "verify_proof", "verify_reader"]


class KeyLookup(Protocol):
    """Where public keys come from: the cache of actors, and their servers."""

    async def key(self, key_id: str, refresh: bool, *, owner: str | None) -> ActorKey:
        """The key of this id, as the actor that owns it lists it in its own document: `owner` where it does, which is None where
        nobody is named.

        A key document's word about its owner is not enough: the owner's document must list the key, else UnknownKey.
        `refresh` asks its server even if the key is kept; it may be answered from what is kept, where it was asked
        too recently. Raises UnknownKey, Unreachable and below (Gone, NotFound), Overloaded.
        """


@dataclass(frozen=True, slots=True)
class Verified:
    """Who proved to have said or asked this. `signed_at` is the peer's own time, None where it gave none."""

    actor: str
    key_id: str
    scheme: Literal["cavage", "rfc9421", "proof"]
    algorithm: Literal["rsa", "ed25519"]
    signed_at: datetime | None
    doubt: BadProof | None = None
    """Why a proof that the actor put on the activity, or on its object, does not hold, though something else authenticates it."""

    @property
    def proof(self) -> bool:
        """Whether an integrity proof showed it, so that who delivered it does not matter."""
        return self.scheme == "proof"


@dataclass(frozen=True, slots=True)
class Departed:
    """An actor announces its own Delete, and its key can no longer be had: there is nothing left to verify with.

    `confirmed`: its server answered 404 or 410 for it, which proves the departure. Else the key was only out of
    reach, so the actor was not known here and there is nothing to delete. Either way the answer is 2xx, or its server
    comes back with it for days; nothing is kept.
    """

    actor: str
    confirmed: bool


_Check = Callable[[PublicKey], None]


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A signature that covers what it must, whose key is still to be found. `check` verifies it with a key."""

    key_id: str
    scheme: Literal["cavage", "rfc9421"]
    signed_at: datetime
    check: _Check


def _candidates(message: HttpMessage, now: datetime, limits: Limits) -> Sequence[_Candidate]:
    """The signatures of a request that are good as far as can be seen without a key. Raises Unauthenticated."""
    if message.field("signature-input") is None:
        one = cavage.read(message, limits)
        signed_at = cavage.check(one, message, now, limits)
        return [_Candidate(one.key_id, "cavage", signed_at, lambda key: cavage.verify(one, message, key))]
    found: list[_Candidate] = []
    verdict = Unauthenticated()
    for signature in rfc9421.read(message, limits):
        try:
            signed_at = rfc9421.check(signature, message, now, limits)
        except Unauthenticated as error:
            verdict = error
            continue
        found.append(_Candidate(signature.key_id, "rfc9421", signed_at, _rfc9421_check(signature, message)))
    if not found:
        raise verdict
    return found


def _rfc9421_check(signature: rfc9421.MessageSignature, message: HttpMessage) -> _Check:
    return lambda key: rfc9421.verify(signature, message, key)


async def _with_key(
    key_id: str, keys: KeyLookup, check: Callable[[ActorKey], None], now: datetime, actor: str | None
) -> ActorKey:
    """The key of this id with which `check` passes: as kept, else once as its server has it now.

    Gone and NotFound come out only where they are said of `actor` itself.
    """
    kept = await _key(keys, key_id, actor, refresh=False)
    try:
        _check_in_force(kept, now)
        check(kept)
    except Unauthenticated:
        fresh = await _key(keys, key_id, actor, refresh=True)
        if fresh == kept:
            raise
        _check_in_force(fresh, now)
        check(fresh)
        return fresh
    return kept


async def _key(keys: KeyLookup, key_id: str, actor: str | None, *, refresh: bool) -> ActorKey:
    try:
        return await keys.key(key_id, refresh, owner=actor)
    except Unreachable as error:
        # A key document that never was proves nothing: anybody can name one.
        if isinstance(error, Gone | NotFound) and key_id.partition("#")[0] == actor:
            raise
        raise UnknownKey(f"the key cannot be fetched: {error.cause}", host=error.host) from error


def _check_in_force(key: ActorKey, now: datetime) -> None:
    if key.revoked is not None and key.revoked <= now:
        raise UnknownKey("the key was revoked")


async def _verify_signature(
    candidate: _Candidate, keys: KeyLookup, now: datetime, actor: str | None
) -> Verified:
    def check(key: ActorKey) -> None:
        if actor is not None and key.owner != actor:
            raise NotOwner("signed by another actor than the activity names")
        candidate.check(public_key(key.material))

    key = await _with_key(candidate.key_id, keys, check, now, actor)
    return Verified(key.owner, key.id, candidate.scheme, key.algorithm, candidate.signed_at)


async def _first(
    candidates: Sequence[_Candidate], verify: Callable[[_Candidate], Awaitable[Verified]]
) -> Verified:
    """The first signature that verifies; where none does, the verdict on the last."""
    for candidate in candidates[:-1]:
        try:
            return await verify(candidate)
        except FederationError:
            continue
    return await verify(candidates[-1])


async def verify_reader(message: HttpMessage, keys: KeyLookup, *, now: datetime, limits: Limits) -> Verified:
    """Who signed a request that carries no activity (a GET). Raises Unauthenticated and below, Overloaded."""
    candidates = _candidates(message, now, limits)
    return await _first(candidates, lambda candidate: _verify_signature(candidate, keys, now, None))


async def verify_activity(
    message: HttpMessage,
    activity: Activity,
    keys: KeyLookup,
    *,
    now: datetime,
    limits: Limits,
    successions: Mapping[str, str] | None = None,
) -> Verified | Departed:
    """Who said `activity`, which came in the body of `message`.

    Its own actor must have signed the request, or have put a valid proof on the activity; then who delivered it does
    not matter. What it says must be its actor's to say (`origin.check_authorship`). Raises Unauthenticated and
    below, Forbidden and below, Overloaded.

    Its actor's proofs, on the activity and on its own object in it, are checked in any case: beside what authenticates, an invalid
    one spoils nothing (real servers respell what they have signed) and is told in `Verified.doubt`.
    """
    check_authorship(activity, own_origin=message.origin, successions=successions or {})
    try:
        verified = await _by_signature(message, activity, keys, now, limits)
    except (Gone, NotFound, Unauthenticated, NotOwner) as verdict:
        if activity.document.get("proof") is not None:
            try:
                verified = await _by_proof(activity, keys, now, limits)
            except FederationError:
                # The proof is the second chance: without it, the verdict on the request stands.
                pass
            else:
                return replace(verified, doubt=await _doubt(activity, keys, now, limits))
        if activity.type == "Delete" and activity.object_id == activity.actor:
            if isinstance(verdict, Gone | NotFound):
                return Departed(activity.actor, confirmed=True)
            if isinstance(verdict, UnknownKey):
                return Departed(activity.actor, confirmed=False)
        if isinstance(verdict, Gone | NotFound):
            raise UnknownKey("the key is gone", host=verdict.host) from verdict
        raise
    return replace(verified, doubt=await _doubt(activity, keys, now, limits))


async def _by_signature(
    message: HttpMessage, activity: Activity, keys: KeyLookup, now: datetime, limits: Limits
) -> Verified:
    candidates = _candidates(message, now, limits)
    # A key of another origin can never be this actor's: no stranger makes us fetch it.
    own = [candidate for candidate in candidates if same_origin(candidate.key_id, activity.actor)]
    if not own:
        raise NotOwner("signed with a key of another origin than the actor")
    return await _first(own, lambda candidate: _verify_signature(candidate, keys, now, activity.actor))


async def verify_proof(
    activity: Activity,
    keys: KeyLookup,
    *,
    own_origin: str,
    now: datetime,
    limits: Limits,
    successions: Mapping[str, str] | None = None,
) -> Verified:
    """Who said `activity`, by its proof alone: for hosts to which it comes without a request (`Transport`: mirrored, or carried by
    hand in a bundle). What was forwarded to an inbox is `verify_activity`'s.

    Raises MissingSignature, BadProof, UnknownKey, Forbidden and below, Overloaded.
    """
    check_authorship(activity, own_origin=own_origin, successions=successions or {})
    try:
        return await _by_proof(activity, keys, now, limits)
    except (Gone, NotFound) as error:
        raise UnknownKey("the key is gone", host=error.host) from error


async def _by_proof(activity: Activity, keys: KeyLookup, now: datetime, limits: Limits) -> Verified:
    proof = _own_proof(read_proofs(activity.document, limits), activity.actor)
    if proof is None:
        raise BadProof("the proof is by a key that is not the actor's")
    return await _proven(activity.document, proof, activity.actor, keys, now, limits)


def _own_proof(proofs: Sequence[Proof], author: str) -> Proof | None:
    """The first proof that can be the author's: a did:key, or a key of another origin, proves a key and not this actor."""
    return next((proof for proof in proofs if same_origin(proof.verification_method, author)), None)


async def _proven(
    document: JsonObject, proof: Proof, author: str, keys: KeyLookup, now: datetime, limits: Limits
) -> Verified:
    def check(key: ActorKey) -> None:
        if key.owner != author:
            raise NotOwner("the proof is by another actor's key")
        check_proof(document, proof, _ed25519(key), now, limits=limits)

    key = await _with_key(proof.verification_method, keys, check, now, author)
    return Verified(author, key.id, "proof", key.algorithm, proof.created)


async def _doubt(activity: Activity, keys: KeyLookup, now: datetime, limits: Limits) -> BadProof | None:
    """Why its author's proof on an activity, or on its own object in it, does not hold. None where each holds, or none is there.

    Proofs of other suites, by keys that are no actor's, and by keys that are not to be had or not in force any more (as of an actor
    that tells of its new one) say nothing to us.
    """
    for document in (activity.document, own_object(activity)):
        if document is None or document.get("proof") is None:
            continue
        try:
            proof = _own_proof(read_proofs(document, limits), activity.actor)
        except Unauthenticated:
            continue
        if proof is None:
            continue
        try:
            await _proven(document, proof, activity.actor, keys, now, limits)
        except (UnknownKey, Unreachable, Overloaded):
            continue
        except (BadProof, NotOwner) as verdict:
            return BadProof(f"the proof on {id_of(document)!r:.200} does not hold: {verdict.cause}")
    return None


def _ed25519(key: ActorKey) -> Ed25519PublicKey:
    found = public_key(key.material)
    if not isinstance(found, Ed25519PublicKey):
        raise BadProof("the key of a proof is Ed25519")
    return found
