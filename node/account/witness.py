"""Being a witness (C2SP tlog-witness): every collective of this node cosigns the logs of those whom it knows.

It cosigns a checkpoint only where that continues the last one it cosigned; what does not is refused. Two signed checkpoints of one
size and two roots are kept as evidence, and told to the collective's own stewards: anybody may ask, so nothing less accuses. Logs of strangers are not looked at.
"""

import asyncio
import json
import logging
from dataclasses import dataclass

from node.account.keys import LogKeys
from node.domain import logbook
from node.storage import actors, collectives, follows, inbound, objects, posts
from node.storage.checkpoints import Checkpoints, Tip
from node.storage.collectives import Collective
from node.storage.database import Clock, Database, Snapshot, Transaction
from node.tlog.checkpoint import Checkpoint
from node.tlog.cosignature import cosign
from node.tlog.errors import (
    ConsistencyError,
    MalformedError,
    SignatureError,
    StaleSizeError,
    TlogError,
    UnknownLogError,
)
from node.tlog.note import ED25519, VerifierKey
from node.tlog.witness import AddCheckpoint

_log = logging.getLogger(__name__)

FORK = "fork"
SIZE_TYPE = "text/x.tlog.size"
_TEXT = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a witness answers: an HTTP status, its body and the type of that."""

    status: int
    body: bytes = b""
    type: str = _TEXT


class Witness:
    """Answers for all collectives of this node, each with its own key and its own tips."""

    def __init__(self, database: Database, checkpoints: Checkpoints, keys: LogKeys, clock: Clock) -> None:
        self._database = database
        self._checkpoints = checkpoints
        self._keys = keys
        self._clock = clock

    async def add_checkpoint(self, handle: str, body: bytes) -> Verdict | None:
        """The answer of one collective to a request to cosign; None where there is no such collective."""
        collective = await self._database.reader.run(lambda s: collectives.by_handle(s, handle))
        if collective is None:
            return None
        try:
            request = AddCheckpoint.parse(body)
        except MalformedError as error:
            return Verdict(400, f"{error}\n".encode())
        keys = await self._database.reader.run(lambda s: _keys_of(s, collective, request.origin))
        for _ in range(2):
            held = await asyncio.to_thread(self._checkpoints.tip, request.origin, collective.uri)
            try:
                head = request.admit(
                    None if held is None else Checkpoint(held.origin, held.size, held.root), keys
                )
            except TlogError as error:
                return await self._refuse(collective, request, held, error)
            tip = Tip(head.origin, head.size, head.root, bytes(request.checkpoint), self._clock())
            if await asyncio.to_thread(self._checkpoints.move, held, tip, collective.uri):
                return Verdict(200, self._cosigned(collective, request))
        return Verdict(503, b"asked twice at once\n")

    async def shown(self, handle: str, origin: str) -> bytes | None:
        """The last checkpoint of a log that a collective cosigned, as its log had signed it; None where there is none."""
        collective = await self._database.reader.run(lambda s: collectives.by_handle(s, handle))
        if collective is None:
            return None
        held = await asyncio.to_thread(self._checkpoints.tip, origin, collective.uri)
        return None if held is None else held.note

    def _cosigned(self, collective: Collective, request: AddCheckpoint) -> bytes:
        key = self._keys.witness_key(collective.uri)
        at = int(self._clock().timestamp())
        return f"{cosign(request.checkpoint.text, logbook.bare(collective.uri), key, at)}\n".encode()

    async def _refuse(
        self, collective: Collective, request: AddCheckpoint, held: Tip | None, error: TlogError
    ) -> Verdict:
        if held is not None and isinstance(error, StaleSizeError | ConsistencyError):
            await self._accuse(collective, request, held)
        match error:
            case UnknownLogError():
                return Verdict(404, b"no log that is witnessed here\n")
            case StaleSizeError():
                return Verdict(409, f"{error.size}\n".encode(), SIZE_TYPE)
            case SignatureError():
                return Verdict(403, f"{error}\n".encode())
            case ConsistencyError():
                return Verdict(422, f"{error}\n".encode())
            case _:
                return Verdict(400, f"{error}\n".encode())

    async def _accuse(self, collective: Collective, request: AddCheckpoint, held: Tip) -> None:
        """Keep two notes of the log that cannot both be true, same size and other root, and tell the stewards.

        Whoever asks chooses the proof and the checkpoint: a proof that fails, or a checkpoint that is old, says nothing about the log.
        """
        head = Checkpoint.parse(request.checkpoint.text)
        if head.size != held.size or head.root == held.root:
            return
        news = await asyncio.to_thread(
            lambda: self._checkpoints.accuse(
                collective.uri,
                held,
                what=FORK,
                size=head.size,
                root=head.root,
                shown=bytes(request.checkpoint),
                at=self._clock(),
            )
        )
        if not news:
            return
        _log.warning(
            "fork: %s signed two histories of %d leaves",
            head.origin,
            head.size,
        )

        def tell(transaction: Transaction) -> None:
            for actor in _actors(head.origin):
                if actors.profile(transaction, actor) is not None:
                    inbound.incident(transaction, actor=actor, code=f"log-{FORK}", object=head.origin)
                    posts.notify(transaction, collective.id, FORK, actor, None)

        await self._database.writer.run(tell)


def _actors(origin: str) -> list[str]:
    """The actor URIs that a log of this origin can belong to."""
    bare = logbook.actor_of(origin)
    return [] if bare is None else [f"https://{bare}", f"http://{bare}"]


def _keys_of(snapshot: Snapshot, collective: Collective, origin: str) -> list[VerifierKey]:
    """The key of a log, as the actor document of its collective names it, where we know that collective."""
    for actor in _actors(origin):
        known = actors.profile(snapshot, actor)
        if known is None or known.state not in ("ok", "dormant") or not _related(snapshot, collective, actor):
            continue
        try:
            key = VerifierKey.parse(json.loads(known.document)["log"]["key"], ED25519)
        except (ValueError, KeyError, TypeError, TlogError):
            continue
        if key.name == origin:
            return [key]
    return []


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
