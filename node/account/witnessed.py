"""Whose logs a collective witnesses: of those whom it follows, trusts or is followed by, and of the funds that admitted it."""

import json
from dataclasses import dataclass

from node.domain import logbook
from node.storage import actors, follows, objects
from node.storage.collectives import Collective
from node.storage.database import Snapshot
from node.tlog.errors import TlogError
from node.tlog.note import ED25519, VerifierKey


@dataclass(frozen=True, slots=True)
class WitnessedLog:
    """A log that is witnessed here: whose it is, the key that signs it, and the URL that its files begin with."""

    actor: str
    key: VerifierKey
    prefix: str


def witnessed(snapshot: Snapshot, collective: Collective, origin: str) -> WitnessedLog | None:
    """The log of this origin, as the actor document of its owner names it; None where the collective does not know them."""
    for actor in actors_of(origin):
        known = actors.profile(snapshot, actor)
        if known is None or known.state not in ("ok", "dormant") or not _related(snapshot, collective, actor):
            continue
        try:
            key = VerifierKey.parse(json.loads(known.document)["log"]["key"], ED25519)
        except (ValueError, KeyError, TypeError, TlogError):
            continue
        if key.name == origin:
            return WitnessedLog(actor, key, f"{actor.partition('://')[0]}://{origin}/")
    return None


def actors_of(origin: str) -> list[str]:
    """The actor URIs that a log of this origin can belong to."""
    bare = logbook.actor_of(origin)
    return [] if bare is None else [f"https://{bare}", f"http://{bare}"]


def _related(snapshot: Snapshot, collective: Collective, actor: str) -> bool:
    """Whether the collective follows, trusts or is followed by an actor, or belongs to it: a fund that admitted it."""
    there = (
        follows.following(snapshot, collective.id, actor),
        follows.follower(snapshot, collective.id, actor),
    )
    return (
        any(each is not None and each.state == "accepted" for each in there)
        or follows.trusts(snapshot, collective.id, actor)
        or _belongs(snapshot, collective, actor)
    )


def _belongs(snapshot: Snapshot, collective: Collective, fund: str) -> bool:
    """Whether a fund admitted the collective, by its last word on a request that stands."""
    for join in objects.said_by(snapshot, collective.uri, "join"):
        if not join.document or ("fund", fund) not in objects.links_of(snapshot, join.uri):
            continue
        answers = [each for each in objects.linking(snapshot, join.uri, "join") if each.owner == fund]
        if answers and answers[-1].state == "admitted":
            return True
    return False
