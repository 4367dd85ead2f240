"""The tips of logs, in a file of its own (`checkpoints.db`) that no backup holds: a tip that was rolled back would fork a log.

A tip moves by compare-and-swap, and is on the disk when `move` returns. `keeper` is "" for the logs that this node writes, else the
actor URI of the collective of ours that witnesses a peer's log. Calls block for a sync of the disk: they belong in a thread.
"""

import sqlite3
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from node.errors import StorageError
from node.storage.database import from_ms, to_ms

FILE = "checkpoints.db"

_EVIDENCE = 1_000
_EVIDENCE_OF_LOG = 16
_DOUBTS = 8
"""What is kept at most: against all logs, against one, and not yet explained by one; the last two by each collective of ours."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS tips (
  keeper TEXT NOT NULL, origin TEXT NOT NULL, size INTEGER NOT NULL, root BLOB NOT NULL, note BLOB NOT NULL,
  at INTEGER NOT NULL, PRIMARY KEY (keeper, origin)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS evidence (
  keeper TEXT NOT NULL, origin TEXT NOT NULL, size INTEGER NOT NULL, root BLOB NOT NULL, what TEXT NOT NULL,
  shown BLOB NOT NULL, held BLOB NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (keeper, origin, size, root)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS doubts (
  keeper TEXT NOT NULL, origin TEXT NOT NULL, size INTEGER NOT NULL, root BLOB NOT NULL, note BLOB NOT NULL,
  at INTEGER NOT NULL, due INTEGER NOT NULL, fewer INTEGER NOT NULL, PRIMARY KEY (keeper, origin, size, root)
) STRICT, WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Tip:
    """The largest tree of a log that was ever signed (ours) or cosigned (a peer's). `note` is its signed note."""

    origin: str
    size: int
    root: bytes
    note: bytes
    at: datetime


@dataclass(frozen=True, slots=True)
class Evidence:
    """Two signed notes of a log that do not go together. `what` is `fork`: two histories; or `rollback`: what its server `shown`
    has fewer leaves than what it `held` out before. `size` is that of `shown`."""

    keeper: str
    origin: str
    what: str
    size: int
    shown: bytes
    held: bytes
    at: datetime


@dataclass(frozen=True, slots=True)
class Doubt:
    """A checkpoint that a witness refused and its log has not explained yet. `tip` is that checkpoint, `at` when it came; it is
    looked at when `due`. `fewer` says that the log's server showed fewer leaves when it was asked the last time."""

    keeper: str
    tip: Tip
    due: datetime
    fewer: bool = False


class Checkpoints:
    """The file of tips. One process holds it; its threads take turns."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._lock = threading.Lock()
        self._shown: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)

    def showing(self, origin: str) -> threading.Lock:
        """Held from the change of a tip until it is shown, so that no older one is shown after it."""
        with self._lock:
            return self._shown[origin]

    @classmethod
    def open(cls, path: Path) -> "Checkpoints":
        """Open or create the file. StorageError where SQLite cannot."""
        try:
            connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            connection.execute("PRAGMA synchronous = EXTRA")
            connection.executescript(_SCHEMA)
        except sqlite3.Error as failure:
            raise StorageError(f"{path} cannot be opened.", cause=str(failure)) from failure
        return cls(connection)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    def tip(self, origin: str, keeper: str = "") -> Tip | None:
        """The tip of a log."""
        with self._lock:
            row = self._connection.execute(
                "SELECT origin, size, root, note, at FROM tips WHERE keeper = ? AND origin = ?",
                (keeper, origin),
            ).fetchone()
        return None if row is None else Tip(row[0], row[1], row[2], row[3], from_ms(row[4]))

    def move(self, former: Tip | None, tip: Tip, keeper: str = "") -> bool:
        """Move a tip on from `former`, None where there was none. False where it was another meanwhile: nothing changed."""
        with self._writing() as run:
            held = run.execute(
                "SELECT size, root FROM tips WHERE keeper = ? AND origin = ?", (keeper, tip.origin)
            ).fetchone()
            if held != (None if former is None else (former.size, former.root)):
                return False
            run.execute(
                "INSERT INTO tips (keeper, origin, size, root, note, at) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE"
                " SET size = excluded.size, root = excluded.root, note = excluded.note, at = excluded.at",
                (keeper, tip.origin, tip.size, tip.root, tip.note, to_ms(tip.at)),
            )
        return True

    def annotate(self, tip: Tip, note: bytes) -> bool:
        """Put more signatures to a tip of ours. False where it moved on meanwhile."""
        with self._writing() as run:
            changed = run.execute(
                "UPDATE tips SET note = ? WHERE keeper = '' AND origin = ? AND size = ? AND root = ?",
                (note, tip.origin, tip.size, tip.root),
            ).rowcount
        return changed == 1

    def accuse(self, keeper: str, held: Tip, shown: Tip, *, what: str) -> bool:
        """Keep what a log showed beside what it had shown before. Whether that was news."""
        with self._writing() as run:
            changed = run.execute(
                "INSERT OR IGNORE INTO evidence (keeper, origin, size, root, what, shown, held, at)"
                " SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8 WHERE (SELECT count(*) FROM evidence) < ?9"
                " AND (SELECT count(*) FROM evidence WHERE keeper = ?1 AND origin = ?2) < ?10",
                (
                    keeper,
                    held.origin,
                    shown.size,
                    shown.root,
                    what,
                    shown.note,
                    held.note,
                    to_ms(shown.at),
                    _EVIDENCE,
                    _EVIDENCE_OF_LOG,
                ),
            ).rowcount
        return changed == 1

    def evidence(self) -> list[Evidence]:
        """All that was kept against logs, oldest first."""
        with self._lock:
            rows = self._connection.execute(
                "SELECT keeper, origin, what, size, shown, held, at FROM evidence ORDER BY at"
            ).fetchall()
        return [
            Evidence(a, b, what, size, shown, held, from_ms(at)) for a, b, what, size, shown, held, at in rows
        ]

    def doubt(self, keeper: str, tip: Tip, due: datetime) -> bool:
        """Keep a checkpoint that was refused until its log explains it. Whether that is new; of one log only a few are kept."""
        with self._writing() as run:
            changed = run.execute(
                "INSERT OR IGNORE INTO doubts (keeper, origin, size, root, note, at, due, fewer)"
                " SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, 0"
                " WHERE (SELECT count(*) FROM doubts WHERE keeper = ?1 AND origin = ?2) < ?8",
                (keeper, tip.origin, tip.size, tip.root, tip.note, to_ms(tip.at), to_ms(due), _DOUBTS),
            ).rowcount
        return changed == 1

    def doubts(self) -> list[Doubt]:
        """All that waits for an explanation, first what is due first."""
        with self._lock:
            rows = self._connection.execute(
                "SELECT keeper, origin, size, root, note, at, due, fewer FROM doubts ORDER BY due"
            ).fetchall()
        return [
            Doubt(keeper, Tip(origin, size, root, note, from_ms(at)), from_ms(due), bool(fewer))
            for keeper, origin, size, root, note, at, due, fewer in rows
        ]

    def postpone(self, doubt: Doubt, due: datetime, *, fewer: bool) -> None:
        """Look at a doubt again later."""
        tip = doubt.tip
        with self._writing() as run:
            run.execute(
                "UPDATE doubts SET due = ?, fewer = ? WHERE keeper = ? AND origin = ? AND size = ? AND root = ?",
                (to_ms(due), fewer, doubt.keeper, tip.origin, tip.size, tip.root),
            )

    def settle(self, doubt: Doubt) -> None:
        """Forget a doubt: it was explained, or became evidence."""
        tip = doubt.tip
        with self._writing() as run:
            run.execute(
                "DELETE FROM doubts WHERE keeper = ? AND origin = ? AND size = ? AND root = ?",
                (doubt.keeper, tip.origin, tip.size, tip.root),
            )

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")
