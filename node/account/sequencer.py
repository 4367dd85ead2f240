"""The sequencer: what has its place in the database is put into the log, in that order, and only then shown.

    1  the tiles that the new leaves need are written and synced; none that is there is ever rewritten
    2  the tip moves by compare-and-swap in `checkpoints.db`, with its signed checkpoint
    3  the checkpoint is shown

Cut between any two steps, the next start goes on from what it finds: tiles beyond the tip are the same that will be written
again, since leaves have their place from the transaction that published them; a tip that is not shown yet is shown.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from node.account.books import Book, Books, leaf_bytes
from node.account.keys import LogKeys
from node.errors import SetupError, StorageError
from node.storage import entries
from node.storage.checkpoints import Checkpoints, Tip
from node.storage.database import Clock
from node.storage.entries import StoredLeaf
from node.tlog.checkpoint import Checkpoint
from node.tlog.errors import TlogError
from node.tlog.merkle import root
from node.tlog.note import Note, sign
from node.tlog.tiles import ENTRIES, WIDTH, TiledHashes, grow, pack_entries, tile_at

_log = logging.getLogger(__name__)

AT_ONCE = 16 * WIDTH
"""Leaves that one step takes at most."""


class BehindError(SetupError):
    """The database is older than the log that it wrote: to go on would fork the log."""


@dataclass(frozen=True, slots=True)
class Stopped:
    """Why a log stands still, and what can be done about it, "" where that is not known."""

    handle: str
    why: str
    hint: str


Ahead = Callable[[Book, Tip], Awaitable[int | None]]


class Sequencer:
    """Puts leaves into logs. `ahead` asks witnesses how much of a log they have seen, None where nobody answers."""

    def __init__(
        self, books: Books, checkpoints: Checkpoints, keys: LogKeys, ahead: Ahead, clock: Clock
    ) -> None:
        self._books = books
        self._checkpoints = checkpoints
        self._keys = keys
        self._ahead = ahead
        self._clock = clock
        self._asked: set[tuple[str, bool]] = set()
        self.stopped: dict[str, Stopped] = {}
        """The logs that stand still, by origin: what is booked is not in them."""
        self.unanswered: set[str] = set()
        """The logs of which no witness answered since the start: they are to be asked again."""
        self.turn = asyncio.Lock()
        """Whose turn it is to move the tips."""

    async def check(self) -> None:
        """Refuse a database that is older than what its log has shown. BehindError, StorageError."""
        for book in await self._books.every():
            tip = await asyncio.to_thread(self._checkpoints.tip, book.origin)
            shown = await asyncio.to_thread(book.files.checkpoint)
            if tip is None:
                if shown is not None:
                    raise _behind(
                        book, "its tip is not known: this data directory comes from a backup or a copy"
                    )
                continue
            if tip.size > book.log.size:
                raise _behind(book, f"the log has {tip.size} leaves, the database only {book.log.size}")
            await self._compare(book, tip)

    async def _compare(self, book: Book, tip: Tip) -> None:
        """Compare the last bundle of the log with what the database would write there."""
        if tip.size == 0:
            return
        tile = tile_at(ENTRIES, tip.size - 1, tip.size)
        start = tile.index * WIDTH
        rows = await self._books.database.reader.run(
            lambda s: entries.leaves(s, book.log.id, start, start + tile.width)
        )
        ours = pack_entries([leaf_bytes(row) for row in rows])
        if not (await asyncio.to_thread(book.files.read, tile)).startswith(ours):
            raise _behind(book, "the last leaves of the log are not those of the database")

    async def advance(self, *, again: bool = False) -> bool:
        """Put what waits into every log, as far as one step goes; whether there is more. Errors of one log leave the others alone, and
        so does the silence of its witnesses, who are asked `again` at their time."""
        more = False
        async with self.turn:
            books = await self._books.every()
            origins = {book.origin for book in books}
            self.unanswered &= origins
            for origin in self.stopped.keys() - origins:
                del self.stopped[origin]  # another log goes on from it
            for book in books:
                try:
                    more = await self._step(book, again=again) or more
                    self.stopped.pop(book.origin, None)
                except (SetupError, StorageError, TlogError) as failure:
                    handle, hint = book.collective.handle, getattr(failure, "hint", "")
                    self.stopped[book.origin] = Stopped(handle, str(failure), hint)
                    _log.error("the log of %s stands still: %s", handle, failure)
        return more

    async def _step(self, book: Book, *, again: bool) -> bool:
        tip = await asyncio.to_thread(self._checkpoints.tip, book.origin)
        size = 0 if tip is None else tip.size
        if tip is not None:
            await asyncio.to_thread(self._reveal, book)
        rows = await self._books.database.reader.run(
            lambda s: entries.leaves(s, book.log.id, size, size + AT_ONCE)
        )
        if rows or again or book.origin not in self.unanswered:
            await self._ask(book, tip, appending=bool(rows))
        if not rows:
            return False
        moved = await asyncio.to_thread(self._append, book, tip, rows)
        return moved and len(rows) == AT_ONCE

    def _reveal(self, book: Book) -> None:
        """Show the tip, where a start finds that it is not shown yet."""
        with self._checkpoints.showing(book.origin):
            tip = self._checkpoints.tip(book.origin)
            if tip is not None and book.files.checkpoint() != tip.note:
                book.files.show(tip.note)

    async def _ask(self, book: Book, tip: Tip | None, *, appending: bool) -> None:
        """After a start, before anything waits, ask the witnesses whether one has seen more than we have, until one answers; and
        once more before the first append, which nobody's silence holds up."""
        if tip is None or (book.origin, appending) in self._asked:
            return
        seen = await self._ahead(book, tip)
        if seen is None:
            self.unanswered.add(book.origin)
            self._asked |= {(book.origin, appending)} - {(book.origin, False)}
            return
        self.unanswered.discard(book.origin)
        if seen > tip.size:
            raise _behind(book, f"a witness has seen {seen} leaves, this node knows {tip.size}")
        self._asked |= {(book.origin, False), (book.origin, appending)}

    def _append(self, book: Book, tip: Tip | None, rows: list[StoredLeaf]) -> bool:
        size = 0 if tip is None else tip.size
        tiles = grow(size, [leaf_bytes(row) for row in rows], book.files.read)
        for tile, content in tiles.items():
            book.files.write(tile, content)
        new = size + len(rows)
        head = Checkpoint(book.origin, new, root(new, TiledHashes(new, book.files.read)))
        moved = Tip(book.origin, new, head.root, self._signed(book, head), self._clock())
        with self._checkpoints.showing(book.origin):
            if not self._checkpoints.move(tip, moved):
                raise StorageError("The tip of the log was moved by somebody else.", cause=book.origin)
            book.files.show(moved.note)
        book.files.prune(new)
        return True

    def _signed(self, book: Book, head: Checkpoint) -> bytes:
        text = str(head)
        key = self._keys.log_key(book.collective.uri)
        return bytes(Note(text, (sign(text, book.origin, key),)))


def _behind(book: Book, why: str) -> BehindError:
    return BehindError(
        f"The account of {book.collective.handle} cannot go on: {why}.",
        hint="Nothing was changed. `minga recover` brings back what the files of the log here still hold, "
        "`minga recover --from DIR_OR_URL` what a copy holds, like the former data directory; where nobody has it any more, `minga account succeed` closes this log and begins the next.",
    )
