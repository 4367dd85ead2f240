"""What a witness refused to cosign, until the log's own server explains it: then it is forgotten, else it is evidence.

Anybody may send what a log once signed, with any proof or none, and two honest requests may overtake each other: a refusal alone
accuses nobody. So the witness reads what the log's own server shows, and its tiles.

    two roots of one size                                fork, at once: both are signed
    the tiles prove the doubted root at its size         explained, and forgotten
    the tiles prove another root at that size            fork
    it shows fewer leaves than it signed, and a little
    later still                                          rollback
    no answer, or files that lead nowhere                nothing is said; asked again every hour, for a month

Few doubts are kept of one log, and it is asked once a minute at most, however many old checkpoints somebody sends.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from federation.errors import FederationError, NotFound
from node.account.witnessed import WitnessedLog, actors_of, witnessed
from node.storage import actors, collectives, inbound, posts
from node.storage.checkpoints import Checkpoints, Doubt, Tip
from node.storage.database import Clock, Database, Snapshot, Transaction
from node.tlog.checkpoint import Checkpoint, open_checkpoint
from node.tlog.errors import TlogError
from node.tlog.merkle import prove_consistency, root, verify_consistency
from node.tlog.note import Note
from node.tlog.tiles import Tile, TiledHashes

_log = logging.getLogger(__name__)

FORK = "fork"
ROLLBACK = "rollback"

AGAIN = timedelta(seconds=10)
"""A log shows what it signed within moments: one that shows fewer leaves is asked a second time after this."""
_PACE = timedelta(minutes=1)
_EVERY = timedelta(hours=1)
_FORGET = timedelta(days=30)
_LONGEST = 60.0
"""Seconds that one look at a log may take."""

Fetch = Callable[[str], Awaitable[bytes]]


class History:
    """What the server of a log shows: its checkpoint, and what its tiles prove about every smaller tree."""

    def __init__(self, tip: Tip, log: WitnessedLog, fetch: Fetch) -> None:
        self.tip = tip
        self._log = log
        self._fetch = fetch
        self._tiles: dict[Tile, bytes] = {}

    @classmethod
    async def read(cls, origin: str, log: WitnessedLog, fetch: Fetch, now: datetime) -> "History":
        """What is shown now. FederationError or TlogError where nothing comes that the log signed."""
        note = Note.parse(await fetch(f"{log.prefix}checkpoint"))
        head: Checkpoint = open_checkpoint(note, [log.key])
        return cls(Tip(origin, head.size, head.root, bytes(note), now), log, fetch)

    async def root(self, size: int) -> bytes:
        """The root of the first `size` leaves, at most all. FederationError or TlogError where the tiles do not lead to what is shown."""
        while True:
            hashes = TiledHashes(self.tip.size, self._tiles.__getitem__)
            try:
                found = root(size, hashes)
                proof = prove_consistency(size, self.tip.size, hashes)
                break
            except KeyError as missing:
                (tile,) = missing.args
            self._tiles[tile] = await self._tile(tile)
        verify_consistency(size, found, self.tip.size, self.tip.root, proof)
        return found

    async def _tile(self, tile: Tile) -> bytes:
        """A tile; the full one where a partial one is gone."""
        try:
            return await self._fetch(f"{self._log.prefix}{tile.path}")
        except NotFound:
            return await self._fetch(f"{self._log.prefix}{Tile(tile.level, tile.index).path}")


class Doubts:
    """Keeps what was refused, asks the logs about it, and tells the stewards of what no log explains. `new` is set by a doubt."""

    def __init__(self, database: Database, checkpoints: Checkpoints, fetch: Fetch, clock: Clock) -> None:
        self.new = asyncio.Event()
        self._database = database
        self._checkpoints = checkpoints
        self._fetch = fetch
        self._clock = clock
        self._asked: dict[tuple[str, str], datetime] = {}
        self._turn = asyncio.Lock()

    async def raised(self, keeper: str, shown: Tip, held: Tip) -> None:
        """A collective of ours refused what a log signed, since it does not go on from what it cosigned of that log."""
        waiting = await asyncio.to_thread(self._checkpoints.doubts)
        theirs = [each.tip for each in waiting if (each.keeper, each.tip.origin) == (keeper, shown.origin)]
        for other in (held, *theirs):
            if other.size == shown.size and other.root != shown.root:
                await self._accuse(keeper, other, shown, FORK)
                return
        if shown.size == held.size:
            return
        asked = self._asked.get((keeper, shown.origin))
        due = shown.at if asked is None else max(shown.at, asked + _PACE)
        if await asyncio.to_thread(self._checkpoints.doubt, keeper, shown, due):
            self.new.set()

    async def examine(self) -> float | None:
        """Ask the logs about all doubts that are due; the seconds until another is, None where none is left."""
        async with self._turn:
            now = self._clock()
            due = [each for each in await asyncio.to_thread(self._checkpoints.doubts) if each.due <= now]
            for keeper, origin in dict.fromkeys((each.keeper, each.tip.origin) for each in due):
                self._asked[keeper, origin] = now
                theirs = [each for each in due if (each.keeper, each.tip.origin) == (keeper, origin)]
                await self._ask(keeper, origin, theirs)
            left = await asyncio.to_thread(self._checkpoints.doubts)
        return max(0.0, (left[0].due - self._clock()).total_seconds()) if left else None

    async def _ask(self, keeper: str, origin: str, doubts: list[Doubt]) -> None:
        def look(snapshot: Snapshot) -> WitnessedLog | None:
            own = collectives.by_uri(snapshot, keeper)
            return None if own is None else witnessed(snapshot, own, origin)

        log = await self._database.reader.run(look)
        # Read before the log is asked: what it shows then may be more, never less.
        held = await asyncio.to_thread(self._checkpoints.tip, origin, keeper)
        if log is None or held is None:
            await self._settle(doubts)
            return
        try:
            async with asyncio.timeout(_LONGEST):
                history = await History.read(origin, log, self._fetch, self._clock())
                await self._compare(keeper, held, history, doubts)
        except (FederationError, TlogError, TimeoutError) as error:
            _log.info("%s does not explain what it signed: %s", origin, error)
            await self._later(doubts)

    async def _compare(self, keeper: str, held: Tip, history: History, doubts: list[Doubt]) -> None:
        shown = history.tip
        if shown.size >= held.size and await history.root(held.size) != held.root:
            await self._accuse(keeper, held, shown, FORK)
            await self._settle(doubts)
            return
        for doubt in doubts:
            most = max(held, doubt.tip, key=lambda tip: tip.size)
            if shown.size < most.size:
                await self._fewer(doubt, shown, most)
            elif await history.root(doubt.tip.size) == doubt.tip.root:
                await self._settle([doubt])
            else:
                await self._accuse(keeper, held, doubt.tip, FORK)
                await self._settle([doubt])

    async def _fewer(self, doubt: Doubt, shown: Tip, most: Tip) -> None:
        """The log shows fewer leaves than it signed: moments ago it may not have shown them yet."""
        if not doubt.fewer:
            await asyncio.to_thread(self._checkpoints.postpone, doubt, self._clock() + AGAIN, fewer=True)
            return
        await self._accuse(doubt.keeper, most, shown, ROLLBACK)
        await self._later([doubt])

    async def _later(self, doubts: list[Doubt]) -> None:
        now = self._clock()
        for doubt in doubts:
            if now - doubt.tip.at > _FORGET:
                await self._settle([doubt])
            else:
                await asyncio.to_thread(self._checkpoints.postpone, doubt, now + _EVERY, fewer=doubt.fewer)

    async def _settle(self, doubts: list[Doubt]) -> None:
        for doubt in doubts:
            await asyncio.to_thread(self._checkpoints.settle, doubt)

    async def _accuse(self, keeper: str, held: Tip, shown: Tip, what: str) -> None:
        """Keep two notes of a log that do not go together, and tell the stewards of the collective that witnesses it, once."""
        if not await asyncio.to_thread(self._checkpoints.accuse, keeper, held, shown, what=what):
            return
        _log.warning("%s of %s: it signed %d leaves, and then %d", what, held.origin, held.size, shown.size)

        def tell(transaction: Transaction) -> None:
            own = collectives.by_uri(transaction, keeper)
            for actor in actors_of(held.origin):
                if own is not None and actors.profile(transaction, actor) is not None:
                    inbound.incident(transaction, actor=actor, code=f"log-{what}", object=held.origin)
                    posts.notify(transaction, own.id, what, actor, None)

        await self._database.writer.run(tell)
