"""Backups: one file, encrypted to the seals of all collectives of the node, made while it runs; and back again.

The file is a tar stream inside age: `manifest.json` first, then settings, a consistent copy of the database, keys, media, log and
archive. The database is copied first, and what it names is never rewritten, so that whatever comes later in the stream is
there for it. `checkpoints.db` is never in it: a tip that was rolled back would fork the log.
"""

import asyncio
import contextlib
import io
import os
import shutil
import tarfile
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import IO

import msgspec
import pyrage

from node.directory import DATABASE, FOLDERS, SETTINGS, made_aside
from node.errors import ConflictError, DiskFullError, InvalidError, SetupError, StorageError
from node.recovery import seal_identity
from node.storage import collectives, deliveries
from node.storage.copies import copied
from node.storage.database import Clock, Database
from node.tongues import message

FORMAT = 1
_MANIFEST = "manifest.json"

Tell = Callable[[int, int], None]
"""How much of how much, in bytes."""


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup says of itself, inside the encryption."""

    format: int
    origin: str
    made: datetime
    collectives: tuple[str, ...]


async def make(
    database: Database, directory: Path, origin: str, target: Path, now: datetime, tell: Tell
) -> int:
    """Write a backup to `target`; its size in bytes. Nothing is at `target` before all of it is on the disk.

    SetupError where nobody could open it, ConflictError where the file is there, StorageError where it cannot be written.
    """
    there = await database.reader.run(collectives.every)
    if not there:
        raise SetupError(
            message("There is nobody to encrypt the backup for, and backups are never made in the clear."),
            hint=message("Add a collective: its root 1 opens the backups of this node."),
        )
    if await asyncio.to_thread(target.exists):
        raise ConflictError(
            message("{file} is there already; a backup is never written over anything."),
            hint=message("Name another file."),
            file=target,
        )
    recipients = [pyrage.x25519.Recipient.from_str(each.seal) for each in there]
    manifest = Manifest(format=FORMAT, origin=origin, made=now, collectives=tuple(each.uri for each in there))
    async with copied(database, directory) as copy:
        first = [(SETTINGS, directory / SETTINGS), (DATABASE, copy)]
        return await asyncio.to_thread(
            _write, target, recipients, msgspec.json.encode(manifest), first, directory, tell
        )


def _files(directory: Path) -> Iterator[tuple[str, Path]]:
    for folder in FOLDERS:
        for path in sorted((directory / folder).rglob("*")):
            if path.is_file() and not path.name.endswith(".new"):
                yield path.relative_to(directory).as_posix(), path


def _write(
    target: Path,
    recipients: Sequence[object],
    manifest: bytes,
    first: Sequence[tuple[str, Path]],
    directory: Path,
    tell: Tell,
) -> int:
    draft = target.with_name(target.name + ".part")
    try:
        draft.unlink(missing_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            with _piped(lambda pipe: _pack(pipe, manifest, first, directory, tell)) as packed:
                pyrage.encrypt_io(packed, file, recipients)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(target)
    except (OSError, pyrage.EncryptError) as error:
        draft.unlink(missing_ok=True)
        if "Errno 28" in str(error):
            raise DiskFullError(cause=str(error)) from error
        raise StorageError(
            message("The backup could not be written to {file}: {why}"),
            cause=str(error),
            hint=message("Look whether the folder is there, may be written to, and has room."),
            file=target,
            why=error,
        ) from error
    return target.stat().st_size


def _pack(
    pipe: IO[bytes], manifest: bytes, first: Sequence[tuple[str, Path]], directory: Path, tell: Tell
) -> None:
    """Write what is named `first`, then every file of the directory. What goes away while this works (a photograph that was
    deleted, a key that was wrapped) is left out, and what has come in its place is taken."""
    waiting = [*first, *_files(directory)]
    done, total, packed = 0, sum(map(_size, [path for _, path in waiting])), set[str]()
    with tarfile.open(fileobj=pipe, mode="w|", format=tarfile.PAX_FORMAT) as tar:
        tar.addfile(_entry(_MANIFEST, len(manifest)), io.BytesIO(manifest))
        while waiting:
            gone = False
            for name, path in waiting:
                packed.add(name)
                try:
                    file = path.open("rb")
                except FileNotFoundError:
                    if (name, path) in first:
                        raise
                    gone = True
                    continue
                with file:
                    size = os.fstat(file.fileno()).st_size
                    tar.addfile(_entry(name, size), file)
                done += size
                tell(min(done, total), total)
            waiting = [each for each in _files(directory) if each[0] not in packed] if gone else []


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _entry(name: str, size: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size = size
    entry.mode = 0o600
    return entry


def restore(archive: Path, directory: Path, root_1: bytes, *, clock: Clock, tell: Tell) -> Manifest:
    """Make a data directory from a backup, opened by root 1 of any collective in it.

    What waited for delivery when it was made is not delivered again. InvalidError for other words, SetupError where the
    file is no whole backup or the directory is in use.
    """
    with made_aside(directory) as place:
        manifest = _read(archive, place, root_1, tell)
        asyncio.run(_forget_deliveries(place, clock))
        os.sync()
    return manifest


async def _forget_deliveries(directory: Path, clock: Clock) -> None:
    database = await Database.open(directory / DATABASE, clock)
    try:
        await database.writer.run(deliveries.forget)
    finally:
        await database.close()


def _read(archive: Path, place: Path, root_1: bytes, tell: Tell) -> Manifest:
    try:
        with archive.open("rb") as sealed:
            total = os.fstat(sealed.fileno()).st_size

            def unseal(pipe: IO[bytes]) -> None:
                pyrage.decrypt_io(sealed, pipe, [seal_identity(root_1)])

            with _piped(unseal) as plain:
                manifest = _unpack(plain, place, lambda: tell(sealed.tell(), total))
                while plain.read(io.DEFAULT_BUFFER_SIZE):
                    pass  # the seal of the last bytes is only judged when they are read
    except pyrage.DecryptError as error:
        if "No matching keys" in str(error):
            raise InvalidError(
                "words",
                f"expected root 1 of a collective in {archive.name}",
                hint="Each collective has a sheet of its own; root 1 of any that this server hosted when the backup was made opens it.",
            ) from error
        raise SetupError(f"{archive} is no whole backup.", cause=str(error)) from error
    except (tarfile.TarError, EOFError, msgspec.MsgspecError) as error:
        raise SetupError(f"{archive} is no whole backup.", cause=str(error)) from error
    except OSError as error:
        # What is cut off is reported as an error of reading that the system knows nothing of.
        said = f"cannot be restored: {error.strerror}" if error.errno else "is no whole backup"
        raise SetupError(f"{archive} {said}.", cause=str(error)) from error
    return manifest


def _unpack(plain: IO[bytes], place: Path, tell: Callable[[], None]) -> Manifest:
    manifest = None
    with tarfile.open(fileobj=plain, mode="r|") as tar:
        for entry in tar:
            content = tar.extractfile(entry) if entry.isreg() else None
            if content is None:
                raise tarfile.ReadError(f"{entry.name!r} is no file")
            if manifest is None:
                manifest = _manifest(entry.name, content)
                continue
            path = place / _safe(entry.name)
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                shutil.copyfileobj(content, file)
            tell()
    if manifest is None or not (place / SETTINGS).exists() or not (place / DATABASE).exists():
        raise tarfile.ReadError("settings or database are missing")
    return manifest


def _manifest(name: str, content: IO[bytes]) -> Manifest:
    if name != _MANIFEST:
        raise tarfile.ReadError("no manifest")
    manifest = msgspec.json.decode(content.read(1_048_576), type=Manifest)
    if manifest.format > FORMAT:
        raise SetupError(
            "This backup was made by a newer Minga.", hint="Install the newer version, then restore."
        )
    return manifest


def _safe(name: str) -> PurePosixPath:
    """A name that a backup may hold; nothing else is ever written."""
    path = PurePosixPath(name)
    known = name in (SETTINGS, DATABASE) or (len(path.parts) > 1 and path.parts[0] in FOLDERS)
    if not known or ".." in path.parts or path.as_posix() != name:
        raise tarfile.ReadError(f"{name!r} has no place in a data directory")
    return path


@contextlib.contextmanager
def _piped(feed: Callable[[IO[bytes]], None]) -> Iterator[IO[bytes]]:
    """What `feed` writes, to be read while it writes in a thread of its own. Its error is raised at the end of the `with`."""
    read_end, write_end = os.pipe()
    failures: list[Exception] = []

    def run() -> None:
        try:
            with os.fdopen(write_end, "wb") as pipe:
                feed(pipe)
        except Exception as failure:
            failures.append(failure)

    thread = threading.Thread(target=run, name="pipe")
    thread.start()
    try:
        with os.fdopen(read_end, "rb") as pipe:
            yield pipe
    except tarfile.TarError:
        thread.join()
        if not failures:
            raise
    thread.join()
    if failures:
        raise failures[0]
