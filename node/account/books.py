"""The logs of this node's collectives: which row of the database, which name, which files, which bytes."""

from dataclasses import dataclass
from pathlib import Path

from node.account import leaf
from node.domain import logbook
from node.storage import collectives, entries
from node.storage.collectives import Collective
from node.storage.database import Database, Snapshot
from node.storage.entries import Log, StoredLeaf
from node.storage.tiles import LogFiles


@dataclass(frozen=True, slots=True)
class Book:
    """One log of a collective. `origin` is the first line of its checkpoints."""

    collective: Collective
    log: Log
    files: LogFiles

    @property
    def origin(self) -> str:
        """The name of the log and of its key."""
        return logbook.origin(self.collective.uri, self.log.number)


class Books:
    """The logs below `folder` (`DIR/log`), as the database names them."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database = database
        self.folder = folder

    def files(self, handle: str, number: int) -> LogFiles:
        """The files of one log."""
        return LogFiles(self.folder / handle / str(number))

    def book(self, collective: Collective, log: Log) -> Book:
        """A log with its files."""
        return Book(collective, log, self.files(collective.handle, log.number))

    async def every(self) -> list[Book]:
        """The log that each collective writes in; those without one are left out."""

        def look(snapshot: Snapshot) -> list[tuple[Collective, Log]]:
            there = ((each, entries.log_of(snapshot, each.id)) for each in collectives.every(snapshot))
            return [(collective, log) for collective, log in there if log is not None]

        return [self.book(collective, log) for collective, log in await self.database.reader.run(look)]

    async def of(self, uri: str) -> Book | None:
        """The log that one collective writes in."""
        return next((book for book in await self.every() if book.collective.uri == uri), None)


def leaf_bytes(row: StoredLeaf) -> bytes:
    """A stored leaf as the bytes that stand in the log."""
    match row.type:
        case leaf.ENTRY:
            return leaf.entry(
                row.seq,
                date=row.date,
                activity=row.activity,
                digest=row.fields["digest"],
                postings=row.postings,
                stated=row.fields.get("stated"),
            )
        case leaf.SUCCESSION:
            return leaf.other(row.seq, row.type, {**row.fields, "balances": leaf.listed(row.postings)})
        case _:
            return leaf.other(row.seq, row.type, row.fields)
