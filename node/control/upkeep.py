"""Commands by which a node is kept well: how it fares, whether what it holds is sound, its keys."""

import asyncio
import shutil
from pathlib import Path
from statistics import median
from typing import Any

from federation import multikey
from node import VERSION
from node.backup import make
from node.control.commands import Call, Handler
from node.control.wire import Progress
from node.errors import InvalidError
from node.fsck import fsck as check
from node.recovery import root_of
from node.storage import activities, collectives, deliveries, follows, inbound
from node.storage.database import Snapshot
from node.tongues import message

_SKEW_SECONDS = 60
"""A clock that differs so much from those of our peers is worth a warning."""


_MIB = 1 << 20
_SCARCE_BYTES = 200 * _MIB
"""Less room than this is worth a warning: a few days of posts and one backup."""


async def status(call: Call) -> Any:
    """Queues, peers that fail, the clock, sizes, refused attempts."""

    def look(snapshot: Snapshot) -> dict[str, Any]:
        return {
            "collectives": [
                {
                    "handle": each.handle,
                    "followers": follows.count_followers(snapshot, each.id),
                    "following": follows.count_following(snapshot, each.id),
                }
                for each in collectives.every(snapshot)
            ],
            "inbound_waiting": inbound.count(snapshot),
            "deliveries_waiting": deliveries.count(snapshot),
            "failing": [
                {
                    "host": each.host,
                    "failures": each.failures,
                    "since": None if each.since is None else each.since.isoformat(timespec="seconds"),
                    "waiting": each.waiting,
                    "reason": each.reason,
                }
                for each in deliveries.failing(snapshot)
            ],
            "incidents": [
                {"day": day, "actor": actor, "code": code, "object": about, "count": count}
                for day, actor, code, about, count in inbound.incidents(snapshot, 20)
            ],
            "clock_skew_seconds": _skew(deliveries.skews(snapshot)),
        }

    told = await call.doors.database.reader.run(look)
    told["disk_free"] = (await asyncio.to_thread(shutil.disk_usage, call.doors.directory)).free
    handles = [each["handle"] for each in told["collectives"]]
    stopped = [
        f"The log of {each.handle} stands still, and what is booked is not in it: {each.why} {each.hint}".rstrip()
        for each in call.doors.accounts.sequencer.stopped.values()
    ]
    told["warnings"] = [*stopped, *_warnings(told), *call.doors.config.misspelt(handles)]
    told["sizes"] = await asyncio.to_thread(_sizes, call.doors.directory)
    return {"version": VERSION, "origin": call.doors.config.origin, **told}


def _skew(skews: list[int]) -> int | None:
    """How far our peers' clocks run before ours, in the middle, in seconds; None where nobody told."""
    return round(median(skews) / 1000) if skews else None


def _warnings(told: dict[str, Any]) -> list[str]:
    skew = told["clock_skew_seconds"]
    warnings = []
    if skew is not None and abs(skew) > _SKEW_SECONDS:
        way = "behind" if skew > 0 else "ahead of"
        warnings.append(f"The clock of this machine is {abs(skew)} seconds {way} those of its peers.")
    if told["disk_free"] < _SCARCE_BYTES:
        room = told["disk_free"] // _MIB
        warnings.append(f"Only {room} MiB are free on this disk; when it is full nothing more can be said.")
    return warnings


def _sizes(directory: Path) -> dict[str, int]:
    return {
        "database": sum(path.stat().st_size for path in directory.glob("minga.db*")),
        "media": _size(directory / "media"),
        "log": _size(directory / "log"),
    }


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


async def fsck(call: Call) -> Any:
    """Fold every activity anew and compare; check the file, and what refers to what."""
    doors = call.doors
    total = await doors.database.reader.run(activities.count)
    loop = asyncio.get_running_loop()

    def progress(done: int) -> None:
        # Called in the thread that folds.
        loop.call_soon_threadsafe(call.report, Progress("folding the activities anew", done, total))

    found = await check(doors.database, doors.config.origin, doors.directory, doors.clock, progress)
    return {"activities": total, "problems": [{"check": each.check, "what": each.what} for each in found]}


async def backup(call: Call, *, target: str) -> Any:
    """Write an encrypted backup to a new file; `target` is an absolute path."""
    doors = call.doors
    loop = asyncio.get_running_loop()

    def tell(done: int, total: int) -> None:
        # Called in the thread that packs.
        loop.call_soon_threadsafe(call.report, Progress("encrypting the backup", done, total))

    path = Path(target)
    if not path.is_absolute():
        raise InvalidError("target", message("an absolute path"))
    size = await make(doors.database, doors.directory, doors.config.origin, path, doors.clock(), tell)
    return {"file": target, "bytes": size}


async def show_keys(call: Call) -> Any:
    """The keys with which the collective signs, and whether a passphrase stands before them."""
    collective = await call.collective()
    sender = call.doors.keyring.sender(collective.uri)
    return {
        "actor": collective.uri,
        "rsa": sender.rsa_key_id,
        "ed25519": sender.ed25519_key_id,
        "multikey": multikey(sender.ed25519.public_key()),
        "seal": collective.seal,
        "wrapped": call.doors.keyring.wrapped,
    }


async def rotate_keys(call: Call, *, words: str) -> Any:
    """Sign with a new Ed25519 key from now on, confirmed by the words of root 1."""
    collective = await call.collective()
    key_id = await call.doors.collectives.rotate(collective.uri, root_of(words), call.doors.clock())
    return {"actor": collective.uri, "ed25519": key_id}


async def wrap_keys(call: Call, *, passphrase: str) -> Any:
    """Put a passphrase before the keys of this node."""
    if not passphrase.strip():
        raise InvalidError("passphrase", message("some words"))
    await asyncio.to_thread(call.doors.keyring.wrap, passphrase)
    return {"wrapped": True}


COMMANDS: dict[str, Handler] = {
    "status": status,
    "fsck": fsck,
    "backup": backup,
    "keys.show": show_keys,
    "keys.rotate": rotate_keys,
    "keys.wrap": wrap_keys,
}
