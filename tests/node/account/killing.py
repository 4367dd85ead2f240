"""Sequencing that is killed at every step, in processes of its own: run by test_killed_sequencing, prints what it found as JSON.

Each child puts what waits into the log and kills itself (SIGKILL) at one call to the disk: before a file is synced, before it gets its
name, before the directory is synced. Then the parent looks at what is shown, and another child goes on where that one was cut.
"""

import asyncio
import itertools
import json
import os
import shutil
import signal
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from node.account.books import Books
from node.account.leaf import ENTRY, IDENTITY
from node.account.sequencer import Sequencer
from node.storage import collectives, entries
from node.storage.checkpoints import FILE, Checkpoints
from node.storage.database import Database, Transaction
from node.storage.tiles import LogFiles
from node.tlog.checkpoint import Checkpoint
from node.tlog.merkle import root
from node.tlog.note import Note
from node.tlog.tiles import ENTRIES, TiledHashes, tile_at, unpack_entries
from tests.node.conftest import a_collective

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
BATCHES = (3, 252, 4)
"""Leaves that wait at each round: from nothing, up to just under a full tile, and across its end."""


class Keys:
    def log_key(self, _actor: str) -> Ed25519PrivateKey:
        return KEY

    witness_key = log_key


async def _nobody(_book: Any, _tip: Any) -> int:
    return 0


async def _add(directory: Path, count: int) -> None:
    database = await Database.open(directory / "minga.db", lambda: NOW)

    def put(transaction: Transaction) -> None:
        own = collectives.by_handle(transaction, "fondo")
        if own is None:
            collectives.add(transaction, replace(a_collective("fondo"), id=transaction.next_id()))
            own = collectives.by_handle(transaction, "fondo")
            assert own is not None
            log = entries.begin(transaction, own.id)
            entries.append(transaction, log.id, IDENTITY, {"statement": {}})
        log = entries.log_of(transaction, own.id)  # type: ignore[assignment]
        for number in range(log.size, log.size + count):
            postings = [["assets:bank", number, "CLP"], ["income:donations", -number, "CLP"]]
            fields = {"digest": "x", "postings": postings}
            entries.append(
                transaction, log.id, ENTRY, fields, activity=f"https://x/s/{number}", date="2026-11-20"
            )

    await database.writer.run(put)
    await database.close()


async def _sequence(directory: Path) -> None:
    database = await Database.open(directory / "minga.db", lambda: NOW)
    checkpoints = Checkpoints.open(directory / FILE)
    sequencer = Sequencer(Books(database, directory / "log"), checkpoints, Keys(), _nobody, lambda: NOW)
    await sequencer.check()
    while await sequencer.advance():
        pass
    await database.close()


def _killing_at(number: int) -> None:
    """From now on the process kills itself at its n-th call that changes the disk by name or by sync."""
    calls = 0
    for name in ("fsync", "rename", "replace", "unlink", "rmdir"):
        plain = getattr(os, name)

        def cut(*given: Any, plain: Any = plain, **more: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls == number:
                os.kill(os.getpid(), signal.SIGKILL)
            return plain(*given, **more)

        setattr(os, name, cut)


def _child(directory: Path, number: int) -> bool:
    """Whether the child was killed."""
    pid = os.fork()
    if pid == 0:
        _killing_at(number)
        asyncio.run(_sequence(directory))
        os._exit(0)
    _, status = os.waitpid(pid, 0)
    if not os.WIFSIGNALED(status) and os.waitstatus_to_exitcode(status):
        raise SystemExit("the sequencer failed")
    return os.WIFSIGNALED(status)


def shown(directory: Path) -> int:
    """How many leaves the checkpoint that is shown covers; every tile of it must be there, and lead to its root."""
    files = LogFiles(directory / "log" / "fondo" / "1")
    note = files.checkpoint()
    if note is None:
        return 0
    head = Checkpoint.parse(Note.parse(note).text)
    assert root(head.size, TiledHashes(head.size, files.read)) == head.root, "the tiles lead to another root"
    for start in range(0, head.size, 256):
        tile = tile_at(ENTRIES, start, head.size)
        assert len(unpack_entries(files.read(tile)[:], tile.width)) == tile.width
    return head.size


def main(directory: Path) -> None:
    kills, sizes, total = 0, set[int](), 0
    there = directory / "there"
    there.mkdir()
    for batch in BATCHES:
        asyncio.run(_add(there, batch - (total == 0)))
        before, total = total, total + batch
        for number in itertools.count(1):
            cut = directory / f"{total}-{number}"
            shutil.copytree(there, cut)
            if not _child(cut, number):
                break
            kills += 1
            sizes.add(shown(cut))
            assert shown(cut) in (before, total), "half of it is shown"
            assert not _child(cut, 0)
            assert shown(cut) == total, "something waits for ever"
            shutil.rmtree(cut)
        there = cut
    print(json.dumps({"kills": kills, "sizes": sorted(sizes), "size": shown(there)}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
