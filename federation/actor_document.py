"""Actor documents: how ours are built, and how those of other servers are read.

Ours have the one shape that every recorded peer takes (WIRE.md section 1.4): all own terms inline, `assertionMethod` defined,
retired Multikeys kept with `revoked`, the identity statement in `attachment`. Theirs come in many shapes: keys as an object, a
list, or a document of their own; Multikeys as ids, objects or lists.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from federation.errors import BadAnswer, UnknownKey, WrongOrigin
from federation.fetch import Fetched
from federation.integrity import read_time, write_time
from federation.interfaces import ActorKey, JsonObject, RemoteActor, Sender
from federation.keys import multikey, public_key, public_pem
from federation.origin import same_origin
from federation.vocab import ACTOR_TYPES, as_list, id_of, ids_of, types_of

__all__ = [
    "ACTOR_CONTEXT",
    "LocalActor",
    "RetiredKey",
    "build_actor",
    "build_server_actor",
    "read_actor",
]

_KEYS_READ = 20

_KEY_CONTEXTS = [
    "https://www.w3.org/ns/activitystreams",
    "https://w3id.org/security/v1",
    "https://w3id.org/security/multikey/v1",
    "https://w3id.org/security/data-integrity/v2",
]
# Without this term inline a widespread library refuses every proof (SURVIVAL.md, foundation 6).
_ASSERTION_METHOD = {
    "@id": "https://w3id.org/security#assertionMethod",
    "@type": "@id",
    "@container": "@set",
}
ACTOR_CONTEXT: Sequence[str | JsonObject] = (
    *_KEY_CONTEXTS,
    {
        "minga": "https://w3id.org/minga/ns#",
        "toot": "http://joinmastodon.org/ns#",
        "schema": "http://schema.org#",
        "PropertyValue": "schema:PropertyValue",
        "value": "schema:value",
        "featured": {"@id": "toot:featured", "@type": "@id"},
        "discoverable": "toot:discoverable",
        "indexable": "toot:indexable",
        "manuallyApprovesFollowers": "as:manuallyApprovesFollowers",
        "alsoKnownAs": {"@id": "as:alsoKnownAs", "@type": "@id"},
        "movedTo": {"@id": "as:movedTo", "@type": "@id"},
        "webfinger": "https://purl.archive.org/socialweb/webfinger#webfinger",
        "assertionMethod": _ASSERTION_METHOD,
        "collectiveKind": "minga:collectiveKind",
        "VerifiableIdentityStatement": "https://w3id.org/fep/c390#VerifiableIdentityStatement",
        "subject": "https://w3id.org/fep/c390#subject",
        "sequence": "minga:sequence",
        "nextKeys": "minga:nextKeys",
        "previousStatement": "minga:previousStatement",
        "peers": {"@id": "minga:peers", "@type": "@id"},
        "log": "minga:log",
        "witness": "minga:witness",
    },
)


@dataclass(frozen=True, slots=True)
class RetiredKey:
    """A Multikey that no longer signs; it stays in the actor, so that what it signed before can be checked."""

    id: str
    multikey: str
    revoked: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalActor:
    """What a collective says of itself. `handle` is `user@host`; `summary` safe HTML; `attachment` PropertyValues and Links.

    `identity` is the FEP-c390 statement by the key that is not on this disk. `more` are further properties whose terms
    the context defines (`log`, `witness`).
    """

    sender: Sender
    username: str
    handle: str
    name: str
    summary: str
    published: datetime
    shared_inbox: str
    collective_kind: str = ""
    identity: JsonObject | None = None
    attachment: Sequence[JsonObject] = ()
    retired: Sequence[RetiredKey] = ()
    approves_followers: bool = False
    discoverable: bool = True
    also_known_as: Sequence[str] = ()
    moved_to: str | None = None
    icon: JsonObject | None = None
    image: JsonObject | None = None
    more: Mapping[str, Any] | None = None


def build_actor(actor: LocalActor) -> JsonObject:
    """The document served at the collective's URL, without proof (`outbox.seal` adds one and serialises)."""
    uri = actor.sender.actor
    identity = [actor.identity] if actor.identity is not None else []
    document: JsonObject = {
        "@context": list(ACTOR_CONTEXT),
        "id": uri,
        "type": "Organization",
        "preferredUsername": actor.username,
        "webfinger": actor.handle,
        "name": actor.name,
        "summary": actor.summary,
        "url": uri,
        **{
            part: f"{uri}/{part}"
            for part in ("inbox", "outbox", "followers", "following", "featured", "peers")
        },
        "endpoints": {"sharedInbox": actor.shared_inbox},
        "discoverable": actor.discoverable,
        "indexable": actor.discoverable,
        "manuallyApprovesFollowers": actor.approves_followers,
        "published": write_time(actor.published),
        **_keys(actor.sender, actor.retired),
        "attachment": [*identity, *actor.attachment],
    }
    optional = {
        "collectiveKind": actor.collective_kind,
        "alsoKnownAs": list(actor.also_known_as),
        "movedTo": actor.moved_to,
        "icon": actor.icon,
        "image": actor.image,
    }
    document.update({name: value for name, value in optional.items() if value})
    document.update(actor.more or {})
    return document


def build_server_actor(sender: Sender, *, username: str, name: str, origin: str) -> JsonObject:
    """The server actor (`/actor`): an Application that signs what no collective asked for, readable unsigned."""
    uri = sender.actor
    return {
        "@context": [*_KEY_CONTEXTS, {"assertionMethod": _ASSERTION_METHOD}],
        "id": uri,
        "type": "Application",
        "preferredUsername": username,
        "name": name,
        "url": origin,
        "inbox": f"{origin}/inbox",
        "outbox": f"{uri}/outbox",
        "endpoints": {"sharedInbox": f"{origin}/inbox"},
        "manuallyApprovesFollowers": True,
        **_keys(sender, ()),
    }


def _keys(sender: Sender, retired: Sequence[RetiredKey]) -> JsonObject:
    current = _multikey(sender.actor, sender.ed25519_key_id, multikey(sender.ed25519.public_key()))
    former = [
        _multikey(sender.actor, key.id, key.multikey) | {"revoked": write_time(key.revoked)}
        for key in retired
    ]
    return {
        "publicKey": {
            "id": sender.rsa_key_id,
            "owner": sender.actor,
            "publicKeyPem": public_pem(sender.rsa.public_key()),
        },
        "assertionMethod": [current, *former],
    }


def _multikey(controller: str, key_id: str, text: str) -> JsonObject:
    return {"id": key_id, "type": "Multikey", "controller": controller, "publicKeyMultibase": text}


def read_actor(fetched: Fetched, now: datetime) -> RemoteActor:
    """The actor that a fetched document describes, tolerant of every shape that peers use.

    Its id, inbox and keys must be of the origin that served it; a shared inbox or collection of another origin is left
    out: whoever follows somebody else is not among the followers.
    `handle` is "" until the round trip is made. Raises BadAnswer, WrongOrigin.
    """
    document = fetched.document
    actor_id = id_of(document)
    kind = next((name for name in types_of(document) if name in ACTOR_TYPES), None)
    inbox = id_of(document.get("inbox"))
    if actor_id is None or kind is None or inbox is None:
        raise BadAnswer("the document is no actor")
    if not same_origin(actor_id, fetched.url) or not same_origin(actor_id, inbox):
        raise WrongOrigin(f"{fetched.url} serves an actor {actor_id} with inbox {inbox}")
    endpoints = document.get("endpoints")
    shared = id_of(endpoints.get("sharedInbox")) if isinstance(endpoints, dict) else None
    username = document.get("preferredUsername")
    return RemoteActor(
        id=actor_id,
        type=kind,
        inbox=inbox,
        shared_inbox=_own(shared, actor_id),
        followers=_own(document.get("followers"), actor_id),
        outbox=_own(document.get("outbox"), actor_id),
        username=username if isinstance(username, str) else "",
        handle="",
        keys=tuple(_listed_keys(document, actor_id))[:_KEYS_READ],
        document=fetched.body,
        fetched=now,
        also_known_as=tuple(ids_of(document.get("alsoKnownAs"))),
        moved_to=id_of(document.get("movedTo")),
        identity=_identity(document),
    )


def _own(value: object, actor_id: str) -> str | None:
    """The id of something that belongs to the actor; None for another origin's."""
    found = id_of(value)
    return found if found is not None and same_origin(actor_id, found) else None


def _listed_keys(document: JsonObject, actor_id: str) -> Iterator[ActorKey]:
    for entry in as_list(document.get("publicKey")):
        if isinstance(entry, dict):
            yield from _key(entry, actor_id, "owner", entry.get("publicKeyPem"))
    for entry in as_list(document.get("assertionMethod")):
        if isinstance(entry, dict) and "Multikey" in types_of(entry):
            yield from _key(entry, actor_id, "controller", entry.get("publicKeyMultibase"))


def _key(entry: JsonObject, actor_id: str, owner_term: str, material: Any) -> Iterator[ActorKey]:
    """The key in one entry, if it is readable and the actor's own; a did:key is nobody's here (SURVIVAL.md 4)."""
    key_id = id_of(entry)
    owner = id_of(entry.get(owner_term, actor_id))
    if (
        key_id is None
        or owner != actor_id
        or not same_origin(key_id, actor_id)
        or not isinstance(material, str)
    ):
        return
    try:
        rsa = isinstance(public_key(material), RSAPublicKey)
    except UnknownKey:
        return
    yield ActorKey(key_id, actor_id, "rsa" if rsa else "ed25519", material, _revoked(entry))


def _revoked(entry: JsonObject) -> datetime | None:
    """When the key was revoked; at a time that cannot be read means that it was never good."""
    if entry.get("revoked") is None:
        return None
    return read_time(entry["revoked"]) or datetime.min.replace(tzinfo=UTC)


def _identity(document: JsonObject) -> JsonObject | None:
    for entry in as_list(document.get("attachment")):
        if isinstance(entry, dict) and "VerifiableIdentityStatement" in types_of(entry):
            return entry
    return None
