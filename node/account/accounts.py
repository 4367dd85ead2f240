"""The accounts of a node, assembled: their logs, who writes them, who is asked to witness them, and whom they witness."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from node.account.books import Books
from node.account.cosigners import Cosigners, Fetch, Post
from node.account.doubts import Doubts
from node.account.keys import LogKeys
from node.account.recovery import Copy, Recovered, folder_in, recover
from node.account.sequencer import Sequencer
from node.account.witness import Witness
from node.errors import UnknownError
from node.storage.checkpoints import FILE, Checkpoints
from node.storage.database import Clock, Database
from node.tlog.checkpoint import Checkpoint
from node.tlog.note import Note, VerifierKey
from node.tongues import message

LOG = "log"


@dataclass(frozen=True)
class Accounts:
    """Everything about public accounts over one data directory."""

    books: Books
    checkpoints: Checkpoints
    sequencer: Sequencer
    cosigners: Cosigners
    witness: Witness
    doubts: Doubts
    fetch: Fetch
    clock: Clock

    @classmethod
    def open(
        cls, directory: Path, database: Database, keys: LogKeys, post: Post, fetch: Fetch, clock: Clock
    ) -> "Accounts":
        """Open the tips and put the parts together. `post` is how witnesses are asked, `fetch` how copies and others' logs are read."""
        checkpoints = Checkpoints.open(directory / FILE)
        books = Books(database, directory / LOG)
        cosigners = Cosigners(database, checkpoints, post, fetch)
        doubts = Doubts(database, checkpoints, fetch, clock)
        return cls(
            books,
            checkpoints,
            Sequencer(books, checkpoints, keys, cosigners.ahead, clock),
            cosigners,
            Witness(database, checkpoints, keys, doubts, clock),
            doubts,
            fetch,
            clock,
        )

    async def sequence(self, *, again: bool = False) -> None:
        """Put everything that waits into the logs; ask witnesses `again` that were silent."""
        while await self.sequencer.advance(again=again):
            again = False

    async def cosign(self) -> bool:
        """Ask all witnesses that are behind; whether every one has cosigned what is shown."""
        return all([await self.cosigners.cosign(book) for book in await self.books.every()])

    async def recover(self, uri: str, place: str, key: VerifierKey) -> Recovered:
        """Bring back the log of a collective from a copy: a directory of `DATA/log/HANDLE/NUMBER` or a URL, "" for the files that are here."""
        book = await self.books.of(uri)
        if book is None:
            raise UnknownError(message("This collective has no account."))
        folder = book.files.folder
        if not place.startswith(("http://", "https://")):
            place = str(await asyncio.to_thread(folder_in, Path(place or folder), folder))
        async with (
            self.sequencer.turn
        ):  # else what is brought back is appended anew, before the tip stands where it was
            found = await recover(
                book,
                Copy(place, self.fetch),
                key,
                database=self.books.database,
                checkpoints=self.checkpoints,
                ahead=self.cosigners.ahead,
                clock=self.clock,
            )
            self.sequencer.stopped.pop(book.origin, None)
        return found

    async def last_shown(self, uri: str) -> Checkpoint:
        """The last checkpoint of a collective's log that this node still has, witnessed or not."""
        book = await self.books.of(uri)
        tip = None if book is None else await asyncio.to_thread(self.checkpoints.tip, book.origin)
        shown = None if book is None else await asyncio.to_thread(book.files.checkpoint)
        notes = [note for note in (shown, tip.note if tip else None) if note is not None]
        if not notes:
            raise UnknownError(message("This log has never shown a checkpoint."))
        return max((Checkpoint.parse(Note.parse(note).text) for note in notes), key=lambda head: head.size)

    def close(self) -> None:
        """Close the file of tips."""
        self.checkpoints.close()
