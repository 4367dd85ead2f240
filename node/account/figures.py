"""What an account shows: its figures, balances at a size of the log, entries, and the proof that one is in the log."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from node.account.books import Book, leaf_bytes
from node.domain.posting import Totals, add, totals
from node.errors import ConflictError
from node.storage import entries
from node.storage.collectives import Collective
from node.storage.database import Snapshot
from node.storage.entries import StoredLeaf
from node.tlog.checkpoint import Checkpoint
from node.tlog.merkle import prove_inclusion
from node.tlog.note import Note
from node.tlog.proof import Proof
from node.tlog.tiles import TiledHashes
from node.tongues import message

MOST_BEHIND = 5_000
"""How far behind the newest leaf balances are still worked out: a verifier's download takes a while."""


@dataclass(frozen=True, slots=True)
class Position:
    """Balances as they stood when the log had `size` leaves."""

    size: int
    balances: Mapping[tuple[str, str], int]


def position(snapshot: Snapshot, book: Book, size: int) -> Position:
    """The balances at a size of the log. ConflictError where that is too long ago, or yet to come."""
    log = entries.log_of(snapshot, book.collective.id)
    if log is None or log.id != book.log.id or not log.size - MOST_BEHIND <= size <= log.size:
        raise ConflictError(
            message("Balances are given for one of the last {limit} leaves."),
            hint=message("Fetch the checkpoint anew."),
            limit=MOST_BEHIND,
        )
    balances = entries.balances(snapshot, book.collective.id)
    later = [row for row in entries.leaves(snapshot, log.id, size, log.size) if row.activity]
    add(balances, [(account, -amount, name) for row in later for account, amount, name in row.postings])
    return Position(size, {key: amount for key, amount in sorted(balances.items()) if amount})


def standing(snapshot: Snapshot, collective: Collective) -> tuple[Totals, ...]:
    """The figures of each commodity, the collective's own currency first; as many steps as there are accounts."""
    by_root = entries.sums(snapshot, collective.id)
    found = totals({(f"{root}:", commodity): amount for (root, commodity), amount in by_root.items()})
    return tuple(sorted(found, key=lambda each: (each.commodity != collective.currency, each.commodity)))


def page(snapshot: Snapshot, book: Book, *, before: int | None, limit: int) -> Sequence[StoredLeaf]:
    """The leaves before a place, newest first."""
    end = book.log.size if before is None else max(0, min(before, book.log.size))
    return list(reversed(entries.leaves(snapshot, book.log.id, max(0, end - limit), end)))


def proof(book: Book, row: StoredLeaf) -> bytes | None:
    """The proof file that a leaf is in the log as it is shown (C2SP tlog-proof), with the leaf in it; None while it waits."""
    shown = book.files.checkpoint()
    if shown is None:
        return None
    note = Note.parse(shown)
    size = Checkpoint.parse(note.text).size
    if row.seq >= size:
        return None
    hashes = prove_inclusion(row.seq, size, TiledHashes(size, book.files.read))
    return bytes(Proof(row.seq, hashes, note, extra=leaf_bytes(row)))
