"""One writer that commits in groups: what was answered is on the disk, what failed left nothing, nobody waits for ever."""

import asyncio
import contextlib
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiosqlite
import pytest

from node import storage
from node.errors import DiskFullError, NewerDataError, StorageError
from node.storage.database import Database, Snapshot, Transaction

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def put(key: str, value: str = "x"):
    def job(transaction: Transaction) -> str:
        transaction.execute("INSERT INTO meta (key, value) VALUES (?, ?)", key, value)
        return key

    return job


def held(snapshot: Snapshot) -> set[str]:
    return {row[0] for row in snapshot.all("SELECT key FROM meta WHERE key <> 'last_id'")}


async def test_jobs_that_wait_together_share_one_commit(database: Database) -> None:
    before = database.writer.commits
    assert await asyncio.gather(*(database.writer.run(put(str(n))) for n in range(40))) == [
        str(n) for n in range(40)
    ]
    assert database.writer.commits - before <= 2


async def test_a_bad_job_rolls_back_only_itself(database: Database) -> None:
    def bad(transaction: Transaction) -> None:
        put("half")(transaction)
        raise ValueError("no")

    results = await asyncio.gather(
        database.writer.run(put("a")),
        database.writer.run(bad),
        database.writer.run(put("b")),
        return_exceptions=True,
    )
    assert isinstance(results[1], ValueError)
    assert await database.reader.run(held) == {"a", "b"}


async def test_an_attempt_is_undone_alone(database: Database) -> None:
    def job(transaction: Transaction) -> None:
        put("before")(transaction)
        with contextlib.suppress(ValueError), transaction.attempt():
            put("within")(transaction)
            raise ValueError
        put("after")(transaction)

    await database.writer.run(job)
    assert await database.reader.run(held) == {"before", "after"}


async def test_a_signal_of_a_job_that_failed_wakes_nobody(database: Database) -> None:
    woken = database.writer.signal("deliver")

    def bad(transaction: Transaction) -> None:
        transaction.wake("deliver")
        raise ValueError

    with pytest.raises(ValueError):
        await database.writer.run(bad)
    assert not woken.is_set()
    await database.writer.run(lambda transaction: transaction.wake("deliver"))
    assert woken.is_set()


async def test_a_full_disk_fails_the_whole_group_with_one_error_and_stores_nothing(
    database: Database,
) -> None:
    await database.writer.run(put("kept"))

    def narrow(transaction: Transaction) -> None:
        pages = transaction.value("PRAGMA page_count")
        transaction.value(f"PRAGMA max_page_count = {pages + 2}")

    await database.writer.run(narrow)
    results = await asyncio.gather(
        database.writer.run(put("small")),
        database.writer.run(put("large", "x" * 200_000)),
        database.writer.run(put("late")),
        return_exceptions=True,
    )
    assert all(isinstance(result, DiskFullError) for result in results)
    assert {result.status for result in results} == {507}
    assert await database.reader.run(held) == {"kept"}

    await database.writer.run(lambda transaction: transaction.value("PRAGMA max_page_count = 100000"))
    await database.writer.run(put("again"))
    assert await database.reader.run(held) == {"kept", "again"}


_FILLED = """
import asyncio, resource, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from node.errors import DiskFullError
from node.storage.database import Database

async def main(path):
    database = await Database.open(path, lambda: datetime(2026, 11, 20, tzinfo=UTC))
    await database.writer.run(lambda t: t.execute("INSERT INTO meta VALUES ('kept', 'x')"))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    log = path.with_name(path.name + "-wal").stat().st_size
    resource.setrlimit(resource.RLIMIT_FSIZE, (log + 200_000, resource.RLIM_INFINITY))
    stored = 0
    try:
        for number in range(1000):
            await database.writer.run(lambda t, n=number: t.execute("INSERT INTO meta VALUES (?, ?)", f"n{n}", "x" * 9000))
            stored += 1
    except DiskFullError as full:
        print(stored, full.status)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    await database.writer.run(lambda t: t.execute("INSERT INTO meta VALUES ('again', 'x')"))
    await database.close()

asyncio.run(main(Path(sys.argv[1])))
"""


async def test_a_disk_that_takes_no_more_bytes_is_a_full_disk_and_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "minga.db"
    ran = subprocess.run(
        [sys.executable, "-c", _FILLED, str(path)], capture_output=True, text=True, timeout=60, check=True
    )
    stored, status = map(int, ran.stdout.split())
    assert status == 507
    assert stored > 1
    database = await Database.open(path, lambda: NOW)
    assert await database.reader.run(held) == {"kept", "again", *(f"n{n}" for n in range(stored))}
    assert await database.reader.run(lambda s: s.value("PRAGMA integrity_check")) == "ok"
    await database.close()


async def test_ids_grow_with_time_and_never_run_back_with_a_clock_that_does(tmp_path: Path) -> None:
    now = [NOW]
    path = tmp_path / "minga.db"
    database = await Database.open(path, lambda: now[0])
    first = await database.writer.run(lambda t: t.next_id())
    assert first >> 16 == int(NOW.timestamp() * 1000)
    now[0] = NOW - timedelta(days=400)
    second = await database.writer.run(lambda t: t.next_id())
    await database.close()
    database = await Database.open(path, lambda: now[0])
    third = await database.writer.run(lambda t: t.next_id())
    await database.close()
    assert first < second < third < 2**63


async def test_a_reader_sees_one_moment_while_others_write(database: Database) -> None:
    def twice(snapshot: Snapshot) -> tuple[set[str], set[str]]:
        first = held(snapshot)
        asyncio.run_coroutine_threadsafe(database.writer.run(put("between")), loop).result(10)
        return first, held(snapshot)

    loop = asyncio.get_running_loop()
    first, second = await database.reader.run(twice)
    assert first == second == set()
    assert await database.reader.run(held) == {"between"}


async def test_a_reader_cannot_write(database: Database) -> None:
    with pytest.raises(StorageError):
        await database.reader.run(lambda s: s.all("INSERT INTO meta (key, value) VALUES ('a', 'b')"))
    assert await database.reader.run(held) == set()


async def test_who_gave_up_waiting_does_not_stop_others(database: Database) -> None:
    leaving = asyncio.create_task(database.writer.run(put("left")))
    staying = asyncio.create_task(database.writer.run(put("stayed")))
    await asyncio.sleep(0)
    leaving.cancel()
    assert await staying == "stayed"


async def test_a_database_that_was_closed_says_so_and_nobody_waits(tmp_path: Path) -> None:
    database = await Database.open(tmp_path / "minga.db", lambda: NOW)
    await database.close()
    with pytest.raises(StorageError):
        await asyncio.wait_for(database.writer.run(put("late")), 5)


async def test_an_aiosqlite_that_changed_inside_fails_loudly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = await Database.open(tmp_path / "minga.db", lambda: NOW)
    with monkeypatch.context() as changed:
        changed.delattr(aiosqlite.Connection, "_execute")
        with pytest.raises(StorageError, match="failed"):
            await asyncio.wait_for(database.writer.run(put("a")), 5)
        with pytest.raises(AttributeError):
            await asyncio.wait_for(database.reader.run(held), 5)
    await database.close()


async def test_what_is_committed_is_flushed_to_the_disk(database: Database) -> None:
    def settings(transaction: Transaction) -> tuple[object, ...]:
        names = ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
        return tuple(transaction.value(f"PRAGMA {name}") for name in names)

    assert await database.writer.run(settings) == ("wal", 2, 1, 1)


async def test_a_copy_made_while_others_write_is_consistent(database: Database, tmp_path: Path) -> None:
    writing = asyncio.gather(*(database.writer.run(put(str(n), "x" * 5000)) for n in range(200)))
    await database.copy(tmp_path / "copy.db")
    await writing
    copy = await Database.open(tmp_path / "copy.db", lambda: NOW)
    found = await copy.reader.run(held)
    assert found == {str(n) for n in range(len(found))}
    assert await copy.reader.run(lambda s: s.value("PRAGMA integrity_check")) == "ok"
    await copy.close()


async def test_data_of_a_newer_version_is_refused_and_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "minga.db"
    database = await Database.open(path, lambda: NOW)
    await database.writer.run(lambda transaction: transaction.execute("PRAGMA user_version = 999"))
    await database.close()
    before = path.read_bytes()
    with pytest.raises(NewerDataError, match="999"):
        await Database.open(path, lambda: NOW)
    assert path.read_bytes() == before


async def test_what_is_no_database_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "minga.db"
    path.write_bytes(b"this is a letter, not a database" * 200)
    with pytest.raises(StorageError):
        await Database.open(path, lambda: NOW)


def test_the_thread_of_a_database_that_could_not_be_opened_ends_before_the_refusal(tmp_path: Path) -> None:
    # Its last answer would come when the event loop is closed, and end in an error that nobody can place.
    path = tmp_path / "minga.db"
    path.write_bytes(b"this is a letter, not a database" * 200)
    for _ in range(10):
        before = set(threading.enumerate())
        with pytest.raises(StorageError):
            asyncio.run(Database.open(path, lambda: NOW))
        for thread in set(threading.enumerate()) - before:
            thread.join()


def test_no_two_migrations_share_a_number() -> None:
    # A directory that was brought to that number by one of them would never run the other.
    names = [path.name for path in Path(storage.__file__).parent.glob("migrations/*.sql")]
    assert len({name.partition("_")[0] for name in names}) == len(names) > 1
