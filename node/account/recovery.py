"""A restored backup: the log is brought back from a copy of its files, never rolled back.

A copy is believed as far as the log's own key signed it, its leaves lead to that root, and what the database still has is its
beginning. No witness may have seen more than the copy holds: then something is still missing.
"""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from federation.errors import FederationError
from node.account.books import Book, leaf_bytes
from node.account.cosigners import Fetch
from node.account.leaf import ENTRY, SUCCESSION, Leaf, LeafError, read_leaf
from node.account.sequencer import Ahead
from node.errors import ConflictError, ElsewhereError, SetupError
from node.storage import entries
from node.storage.checkpoints import Checkpoints, Tip
from node.storage.database import Clock, Database, Transaction
from node.storage.tiles import CHECKPOINT
from node.tlog.checkpoint import Checkpoint, open_checkpoint
from node.tlog.errors import TlogError
from node.tlog.merkle import leaf_hash, root_of
from node.tlog.note import Note, VerifierKey
from node.tlog.tiles import ENTRIES, WIDTH, Tile, grow, tile_at, unpack_entries
from node.tongues import message


@dataclass(frozen=True, slots=True)
class Recovered:
    """How the log stands now, how many leaves came back, and how many were behind what a witness had seen."""

    size: int
    brought_back: int


def folder_in(place: Path, own: Path) -> Path:
    """Where the files of the log that is kept in `own` (`DATA/log/HANDLE/NUMBER`) are in a copy: `place` may be any of these
    directories, by whatever name."""
    log, handle, number = own.parts[-3:]
    folders = (place, place / number, place / handle / number, place / log / handle / number)
    return next((folder for folder in folders if (folder / CHECKPOINT).is_file()), place)


class Copy:
    """A copy of a log's files: a directory, or the prefix of a mirror."""

    def __init__(self, place: str, fetch: Fetch) -> None:
        self._place = place
        self._fetch = fetch

    async def read(self, path: str) -> bytes:
        """One file of it. ElsewhereError where it is missing."""
        if self._place.startswith(("http://", "https://")):
            try:
                return await self._fetch(f"{self._place.rstrip('/')}/{path}")
            except FederationError as error:
                raise ElsewhereError(
                    message("{place} does not serve {path}."), cause=str(error), place=self._place, path=path
                ) from error
        try:
            return await asyncio.to_thread((Path(self._place) / path).read_bytes)
        except OSError as error:
            raise ElsewhereError(
                message("{place} does not hold {path}."), cause=str(error), place=self._place, path=path
            ) from error

    async def leaves(self, size: int) -> list[bytes]:
        """All leaves of it."""
        found: list[bytes] = []
        for start in range(0, size, WIDTH):
            tile = tile_at(ENTRIES, start, size)
            try:
                data = await self.read(tile.path)
            except ElsewhereError:
                data = await self.read(Tile(ENTRIES, tile.index).path)
            found.extend(unpack_entries(data, tile.width))
        return found


async def recover(
    book: Book,
    copy: Copy,
    key: VerifierKey,
    *,
    database: Database,
    checkpoints: Checkpoints,
    ahead: Ahead,
    clock: Clock,
) -> Recovered:
    """Bring back what the copy has and the database has not; then the account can go on.

    ConflictError where the copy is another history, or a witness has seen more than it holds; ElsewhereError where the copy is
    not whole.
    """
    try:
        note = Note.parse(await copy.read(CHECKPOINT))
        head = open_checkpoint(note, [key])
        data = await copy.leaves(head.size)
        if root_of(map(leaf_hash, data)) != head.root:
            raise ElsewhereError(message("The leaves of this copy do not lead to the root that was signed."))
        leaves = [read_leaf(each, seq) for seq, each in enumerate(data)]
    except (TlogError, LeafError) as error:
        raise ElsewhereError(
            message("This is no whole copy of the log {log}: {why}"), log=book.origin, why=error
        ) from error
    tip = Tip(book.origin, head.size, head.root, bytes(note), clock())
    held = await asyncio.to_thread(checkpoints.tip, book.origin)
    await _must_be_latest(book, tip, held, ahead)
    brought = await database.writer.run(lambda t: _bring_back(t, book, leaves, data))
    await asyncio.to_thread(_put, book, data, head)
    if held != tip and not await asyncio.to_thread(checkpoints.move, held, tip):
        raise SetupError(message("The tip of the log was moved by somebody else."))
    await asyncio.to_thread(book.files.show, tip.note)
    return Recovered(head.size, brought)


async def _must_be_latest(book: Book, tip: Tip, held: Tip | None, ahead: Ahead) -> None:
    if held is not None and held.size > tip.size:
        raise ConflictError(
            message("This node itself has signed {signed} leaves; the copy holds only {size}."),
            hint=message("Find a newer copy."),
            signed=held.size,
            size=tip.size,
        )
    seen = await ahead(book, tip) or 0
    if seen > tip.size:
        raise ConflictError(
            message("A witness has seen {seen} leaves of {log}; this copy holds only {size}."),
            hint=message(
                "Find a newer copy; where nobody has one, `minga account succeed` begins the next log."
            ),
            seen=seen,
            log=book.origin,
            size=tip.size,
        )


def _bring_back(transaction: Transaction, book: Book, leaves: list[Leaf], data: list[bytes]) -> int:
    log = entries.log_of(transaction, book.collective.id)
    if log is None or log.id != book.log.id:
        raise ConflictError(message("The collective writes in another log by now."))
    for row in entries.every(transaction, log.id):
        if row.seq >= len(data):
            break  # published after the copy was made: the sequencer goes on with it
        if leaf_bytes(row) != data[row.seq]:
            raise ConflictError(
                message("Leaf {seq} of the copy is not what this database holds there: two histories."),
                hint=message("`minga account succeed` closes this log and begins the next."),
                seq=row.seq,
            )
    for leaf in leaves[log.size :]:
        entries.append(transaction, log.id, leaf.type, _fields(leaf), activity=leaf.activity, date=leaf.date)
        if leaf.activity and not entries.salt_of(transaction, leaf.activity)[0]:
            entries.lose(transaction, leaf.activity)
    return max(0, len(leaves) - log.size)


def _fields(leaf: Leaf) -> dict[str, Any]:
    """The fields of a leaf as they are stored."""
    fields = {
        name: value
        for name, value in leaf.document.items()
        if name not in ("type", "seq", "activity", "date")
    }
    if leaf.type == ENTRY:
        fields["postings"] = leaf.postings
    if leaf.type == SUCCESSION:
        fields["balances"] = leaf.postings
    return fields


def _put(book: Book, data: list[bytes], head: Checkpoint) -> None:
    """Write the files that are missing; those that are there must be the same."""
    for tile, content in grow(0, data[: head.size], book.files.read).items():
        book.files.write(tile, content)
