"""Being a witness (C2SP tlog-witness): every collective of this node cosigns the logs of those whom it knows.

It cosigns a checkpoint only where that continues the last one it cosigned; what does not is refused, and is doubted until the log's
own server explains it (`doubts`). Logs of strangers are not looked at.
"""

import asyncio
from dataclasses import dataclass

from node.account.doubts import Doubts
from node.account.keys import LogKeys
from node.account.witnessed import witnessed
from node.domain import logbook
from node.storage import collectives
from node.storage.checkpoints import Checkpoints, Tip
from node.storage.collectives import Collective
from node.storage.database import Clock, Database
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
from node.tlog.witness import AddCheckpoint

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

    def __init__(
        self, database: Database, checkpoints: Checkpoints, keys: LogKeys, doubts: Doubts, clock: Clock
    ) -> None:
        self._database = database
        self._checkpoints = checkpoints
        self._keys = keys
        self._doubts = doubts
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
        log = await self._database.reader.run(lambda s: witnessed(s, collective, request.origin))
        keys = [] if log is None else [log.key]
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
            head = Checkpoint.parse(request.checkpoint.text)
            shown = Tip(head.origin, head.size, head.root, bytes(request.checkpoint), self._clock())
            await self._doubts.raised(collective.uri, shown, held)
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
