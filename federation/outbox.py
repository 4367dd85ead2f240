"""Wrapping what is said: an object with its proof, and the activity that carries it, ready to be kept and posted.

Plain functions, called inside the host's transaction. Everything is serialised once: what is signed, stored, served and sent
are the same bytes. An embedded object keeps its own `@context` and proof and is byte for byte what its id serves. Exactly
one proof an activity, by the current Ed25519 key (SURVIVAL.md, foundation 5).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import msgspec

from federation.addressing import Addressed, without_blind
from federation.integrity import add_proof, write_time
from federation.interfaces import JsonObject, Sender
from federation.vocab import AS2_CONTEXT

__all__ = ["ACTIVITY_CONTEXT", "ActivityType", "Spoken", "activity", "seal", "tombstone"]

# data-integrity/v2 brings the terms of the proof; both are built into every recorded peer.
ACTIVITY_CONTEXT: tuple[str, ...] = (AS2_CONTEXT, "https://w3id.org/security/data-integrity/v2")

ActivityType = Literal[
    "Accept", "Add", "Announce", "Block", "Create", "Delete", "Flag", "Follow", "Like", "Move", "Offer", "Reject", "Remove",
    "Undo", "Update",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Spoken:
    """What was said: `body` the exact bytes, `document` the same, parsed."""

    body: bytes
    document: JsonObject


def seal(document: Mapping[str, Any], sender: Sender, created: datetime) -> Spoken:
    """An object or actor document with its proof (FEP-8b32) by its author, serialised. Blind copies are left out."""
    proven = add_proof(without_blind(dict(document)), sender.ed25519, sender.ed25519_key_id, created)
    return Spoken(msgspec.json.encode(proven), proven)


def activity(
    kind: ActivityType,
    activity_id: str,
    sender: Sender,
    subject: str | JsonObject | Spoken,
    *,
    published: datetime,
    addressed: Addressed,
    context: Sequence[str | JsonObject] = ACTIVITY_CONTEXT,
    more: Mapping[str, Any] | None = None,
) -> Spoken:
    """The activity `kind` by `sender` about `subject`, with its one proof.

    `subject` is an id, an object without an id of its own (the Agreement of an Offer), or a `Spoken` object, which is embedded
    as the bytes that it is. `more` are further properties: `target` of Add, Remove and Move, `result` of an Accept,
    `content` of a Reject. The author of an Announce or Like addresses the object's author by `addressed`.
    """
    embedded = subject.document if isinstance(subject, Spoken) else without_blind(subject)
    document: JsonObject = {
        "@context": list(context),
        "id": activity_id,
        "type": kind,
        "actor": sender.actor,
        "published": write_time(published),
        "to": list(addressed.to),
        "cc": list(addressed.cc),
        **(more or {}),
        "object": embedded,
    }
    proven = add_proof(document, sender.ed25519, sender.ed25519_key_id, published)
    if not isinstance(subject, Spoken):
        return Spoken(msgspec.json.encode(proven), proven)
    # The proof is over the value, which the embedded bytes spell; the bytes themselves stay as their id serves them.
    return Spoken(msgspec.json.encode({**proven, "object": msgspec.Raw(subject.body)}), proven)


def tombstone(object_id: str, former_type: str, deleted: datetime) -> JsonObject:
    """What a Delete carries and what the object's URL answers with 410 afterwards (ActivityPub 6.4)."""
    return {
        "@context": AS2_CONTEXT,
        "id": object_id,
        "type": "Tombstone",
        "formerType": former_type,
        "deleted": write_time(deleted),
    }
