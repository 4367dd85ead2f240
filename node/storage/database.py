"""One writer, many readers, and what a transaction is.

Writes are functions of a `Transaction`, run whole in the writer's thread. Jobs that wait at the same time share one
SQLite transaction (group commit), each in a savepoint of its own: an error in one rolls back only that one. If the
transaction itself dies (disk full) every job of the group fails with the same error. `Writer.run` returns after the
commit, with `synchronous=FULL`: what it returned is on the disk.
"""

import asyncio
import contextlib
import sqlite3
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import aiosqlite

from node.errors import DatabaseError, DiskFullError, StorageError
from node.storage import hosts
from node.storage.migrate import migrate

T = TypeVar("T")
Row = sqlite3.Row
Clock = Callable[[], datetime]
Event = tuple[int | str, ...]
"""Something that happened, for those who show it at once: its name, then what it is about."""

GROUP = 50
"""Jobs that share one commit at most."""

_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA cache_size = -8000",
    "PRAGMA busy_timeout = 5000",
)


def to_ms(moment: datetime) -> int:
    """Milliseconds since 1970, UTC: how every moment is stored."""
    return int(moment.timestamp() * 1000)


def from_ms(value: int) -> datetime:
    """The moment of a stored number of milliseconds."""
    return datetime.fromtimestamp(value / 1000, UTC)


class Snapshot:
    """A consistent view to read from. Not to be kept beyond the function that it was given to."""

    __slots__ = ("_connection", "now")

    def __init__(self, connection: sqlite3.Connection, now: datetime) -> None:
        self._connection = connection
        self.now = now

    def one(self, sql: str, *parameters: Any) -> Row | None:
        """The first row, or None."""
        row: Row | None = self._connection.execute(sql, parameters).fetchone()
        return row

    def all(self, sql: str, *parameters: Any) -> list[Row]:
        """Every row."""
        return self._connection.execute(sql, parameters).fetchall()

    def value(self, sql: str, *parameters: Any) -> Any:
        """The first column of the first row, or None."""
        row = self._connection.execute(sql, parameters).fetchone()
        return None if row is None else row[0]


class Ids:
    """The last id given, across restarts and clocks that run back."""

    def __init__(self, last: int) -> None:
        self.last = last

    def next(self, ms: int) -> int:
        """One more id."""
        self.last = max(self.last + 1, ms << 16)
        return self.last


class Transaction(Snapshot):
    """A snapshot that can also write; whole or not at all."""

    __slots__ = ("_ids", "events", "signals")

    def __init__(self, connection: sqlite3.Connection, now: datetime, ids: Ids) -> None:
        super().__init__(connection, now)
        self._ids = ids
        self.signals: set[str] = set()
        self.events: list[Event] = []

    def execute(self, sql: str, *parameters: Any) -> int:
        """Run a statement; the number of rows it changed."""
        return self._connection.execute(sql, parameters).rowcount

    def many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run a statement once for each row."""
        self._connection.executemany(sql, rows)

    @contextlib.contextmanager
    def attempt(self) -> Iterator[None]:
        """A part that is undone as a whole when it raises; what came before it in this transaction stays."""
        self._connection.execute("SAVEPOINT attempt")
        told = len(self.events)
        try:
            yield
        except BaseException:
            del self.events[told:]
            self._connection.execute("ROLLBACK TO attempt")
            raise
        finally:
            self._connection.execute("RELEASE attempt")

    @contextlib.contextmanager
    def trial(self) -> Iterator[None]:
        """A part that is undone as a whole, however it ends: to see what would come of it."""
        self._connection.execute("SAVEPOINT trial")
        told = len(self.events)
        try:
            yield
        finally:
            del self.events[told:]
            self._connection.execute("ROLLBACK TO trial")
            self._connection.execute("RELEASE trial")

    def next_id(self) -> int:
        """A new id: `max(last + 1, milliseconds << 16)`, so that ids grow with time and never run back."""
        return self._ids.next(to_ms(self.now))

    def tell(self, event: Event) -> None:
        """After the commit, tell every listener what happened."""
        self.events.append(event)

    def wake(self, signal: str) -> None:
        """After the commit, wake whoever subscribed to this signal."""
        self.signals.add(signal)


class _Thread(aiosqlite.Connection):
    """aiosqlite, with what it offers no public way to: a whole function run in its thread, and to wait for that thread's end."""

    stopped: "asyncio.Future[Any] | None" = None

    def stop(self) -> "asyncio.Future[Any] | None":
        self.stopped = super().stop()
        return self.stopped

    async def whole(self, function: Callable[[sqlite3.Connection], T]) -> T:
        result: T = await self._execute(function, self._conn)  # type: ignore[no-untyped-call]
        return result


def equip(connection: sqlite3.Connection) -> None:
    """What statements count on: rows by name, and `meant(actor)`."""
    connection.row_factory = sqlite3.Row
    connection.create_function("meant", 1, hosts.meant_as_json, deterministic=True)


async def _open(path: Path, *, readonly: bool) -> _Thread:
    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(path, isolation_level=None, cached_statements=512)
        equip(connection)
        for pragma in _PRAGMAS:
            connection.execute(pragma)
        if readonly:
            connection.execute("PRAGMA query_only = ON")
        return connection

    thread = _Thread(connect, iter_chunk_size=64)
    try:
        await thread
    except BaseException:
        # Its last answer goes to this event loop, which the caller may close as soon as he hears of the failure.
        if thread.stopped is not None:
            await thread.stopped
        raise
    return thread


_Job = tuple[Callable[[Transaction], Any], "asyncio.Future[Any]"]
_Result = tuple[bool, Any]


class Writer:
    """The only connection that writes. `run` queues a job; a background task commits groups."""

    def __init__(self, thread: _Thread, clock: Clock, ids: Ids) -> None:
        self._thread = thread
        self._clock = clock
        self._ids = ids
        self._jobs: deque[_Job] = deque()
        self._committer: asyncio.Task[None] | None = None
        self._signals: dict[str, asyncio.Event] = {}
        self._listeners: list[Callable[[Sequence[Event]], None]] = []
        self.commits = 0

    def signal(self, name: str) -> asyncio.Event:
        """The event that is set after every commit that woke `name`."""
        return self._signals.setdefault(name, asyncio.Event())

    def listen(self, listener: Callable[[Sequence[Event]], None]) -> None:
        """Call `listener` in the event loop with what happened in each commit. It must be quick, and not fail."""
        self._listeners.append(listener)

    async def run(self, job: Callable[[Transaction], T]) -> T:
        """Run a job in a transaction; return what it returned, once that is on the disk."""
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._jobs.append((job, future))
        if self._committer is None or self._committer.done():
            self._committer = asyncio.create_task(self._commit_groups(), name="committer")
        return await future

    async def settle(self) -> None:
        """Wait until nothing is queued."""
        while self._committer is not None and not self._committer.done():
            await self._committer

    async def _commit_groups(self) -> None:
        while self._jobs:
            group = [self._jobs.popleft() for _ in range(min(GROUP, len(self._jobs)))]
            try:
                results, signals, events = await self._thread.whole(lambda c, g=group: self._group(c, g))  # type: ignore[misc]
            except Exception as failure:  # whatever it was, nobody may wait for ever
                results, signals, events = [(False, _storage_error(failure))] * len(group), set(), []
            if events:
                for listener in self._listeners:
                    listener(events)
            for name in signals:
                if event := self._signals.get(name):
                    event.set()
            for (_, future), (good, value) in zip(group, results, strict=True):
                if future.cancelled():
                    continue
                if good:
                    future.set_result(value)
                else:
                    future.set_exception(value)

    def _group(
        self, connection: sqlite3.Connection, group: list[_Job]
    ) -> tuple[list[_Result], set[str], list[Event]]:
        results: list[_Result] = []
        signals: set[str] = set()
        events: list[Event] = []
        last = self._ids.last
        now = self._clock()
        connection.execute("BEGIN IMMEDIATE")
        try:
            for job, _ in group:
                results.append(self._one(connection, job, now, signals, events))
            if self._ids.last != last:
                connection.execute(
                    "INSERT INTO meta (key, value) VALUES ('last_id', ?1) ON CONFLICT (key) DO UPDATE SET value = ?1",
                    (str(self._ids.last),),
                )
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                with contextlib.suppress(sqlite3.Error):
                    connection.execute("ROLLBACK")
            raise
        self.commits += 1
        return results, signals, events

    def _one(
        self,
        connection: sqlite3.Connection,
        job: Callable[[Transaction], Any],
        now: datetime,
        signals: set[str],
        events: list[Event],
    ) -> _Result:
        transaction = Transaction(connection, now, self._ids)
        connection.execute("SAVEPOINT job")
        try:
            value = job(transaction)
        except Exception as error:
            if isinstance(error, sqlite3.OperationalError) and _fatal(error, connection):
                raise
            connection.execute("ROLLBACK TO job")
            connection.execute("RELEASE job")
            return False, error
        connection.execute("RELEASE job")
        signals |= transaction.signals
        events += transaction.events
        return True, value


def _fatal(error: sqlite3.OperationalError, connection: sqlite3.Connection) -> bool:
    """Whether the whole transaction died with the statement (disk full, I/O error)."""
    primary = error.sqlite_errorcode & 0xFF
    return not connection.in_transaction or primary in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)


_NO_ROOM = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_SHMSIZE)


def _storage_error(failure: Exception) -> StorageError:
    cause = f"{type(failure).__name__}: {failure}"
    full = getattr(failure, "sqlite_errorcode", None) in _NO_ROOM
    error = DiskFullError(cause=cause) if full else DatabaseError(cause=cause)
    error.__cause__ = failure
    return error


class Reader:
    """A few connections that only read, each in a thread of its own."""

    def __init__(self, threads: Sequence[_Thread], clock: Clock) -> None:
        self._free: asyncio.LifoQueue[_Thread] = asyncio.LifoQueue()
        for thread in threads:
            self._free.put_nowait(thread)
        self._clock = clock

    async def run(self, look: Callable[[Snapshot], T]) -> T:
        """Run a reading function in one consistent snapshot."""
        thread = await self._free.get()
        try:
            return await thread.whole(lambda connection: self._look(connection, look))
        except sqlite3.Error as failure:
            raise _storage_error(failure) from failure
        finally:
            self._free.put_nowait(thread)

    def _look(self, connection: sqlite3.Connection, look: Callable[[Snapshot], T]) -> T:
        connection.execute("BEGIN")
        try:
            return look(Snapshot(connection, self._clock()))
        finally:
            connection.execute("ROLLBACK")


class Database:
    """The node's database file: `writer` for the doors, `reader` for everybody."""

    def __init__(self, path: Path, writer: Writer, reader: Reader, threads: Sequence[_Thread]) -> None:
        self.path = path
        self.writer = writer
        self.reader = reader
        self._threads = threads

    @classmethod
    async def open(cls, path: Path, clock: Clock, *, readers: int = 2) -> "Database":
        """Open or create the file, migrate it forward, start the threads.

        NewerDataError where a newer version wrote it; StorageError where SQLite cannot open it.
        """
        threads: list[_Thread] = []
        try:
            thread = await _open(path, readonly=False)
            threads.append(thread)
            await thread.whole(migrate)
            last = await thread.whole(
                lambda c: c.execute("SELECT value FROM meta WHERE key = 'last_id'").fetchone()
            )
            for _ in range(readers):
                threads.append(await _open(path, readonly=True))
        except BaseException as failure:
            for opened in threads:
                await opened.close()
            if isinstance(failure, sqlite3.Error):
                raise _storage_error(failure) from failure
            raise
        writer = Writer(thread, clock, Ids(int(last[0]) if last else 0))
        return cls(path, writer, Reader(threads[1:], clock), threads)

    async def copy(self, target: Path) -> None:
        """Write one consistent copy of the database while others go on writing (SQLite's online backup). DiskFullError where
        there is no room for it."""

        def into(source: sqlite3.Connection) -> None:
            with contextlib.closing(sqlite3.connect(target)) as copy:
                source.backup(copy, pages=2000)

        extra = await _open(self.path, readonly=True)
        try:
            await extra.whole(into)
        except sqlite3.Error as failure:
            raise _storage_error(failure) from failure
        finally:
            await extra.close()

    async def close(self) -> None:
        """Finish what is queued, fold the write-ahead log into the file, stop the threads."""
        await self.writer.settle()
        for thread in self._threads[1:]:
            await thread.close()
        writer = self._threads[0]
        with contextlib.suppress(sqlite3.Error):
            await writer.whole(lambda c: c.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone())
        await writer.close()
