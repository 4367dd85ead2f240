"""A log as static files: each tile is written once, synced, renamed into place, and never rewritten.

```
log/HANDLE/N/checkpoint         the signed note that is shown; replaced whole
log/HANDLE/N/tile/…             tiles and entry bundles (C2SP tlog-tiles)
```

A proxy may serve the directory as it is. Calls block for a sync of the disk: they belong in a thread.
"""

import os
import threading
from collections.abc import Iterator
from pathlib import Path

from node.directory import sync
from node.errors import DiskFullError, StorageError
from node.tlog.tiles import WIDTH, Tile

CHECKPOINT = "checkpoint"
_NEW = ".new"


class LogFiles:
    """The files of one log. `folder` need not exist before the first write."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def read(self, tile: Tile) -> bytes:
        """A tile; the full one where only that is still there. StorageError where it is missing."""
        for candidate in dict.fromkeys((tile, Tile(tile.level, tile.index))):
            try:
                return (self.folder / candidate.path).read_bytes()
            except (FileNotFoundError, NotADirectoryError):
                continue
        raise StorageError(
            f"The log misses {tile.path}.",
            cause=str(self.folder),
            hint="`minga recover --from DIR_OR_URL` brings it back from a copy.",
        )

    def write(self, tile: Tile, content: bytes) -> None:
        """Put a tile on the disk. One that is there already must be the same, or StorageError: then nothing is written."""
        path = self.folder / tile.path
        try:
            present = path.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            _put(path, content)
            return
        if present != content:
            raise StorageError(
                f"The log holds another {tile.path} than the account would write.",
                cause=str(path),
                hint="This database is not the one that wrote the log: `minga recover`, or else `minga account succeed`.",
            )

    def checkpoint(self) -> bytes | None:
        """The checkpoint that is shown."""
        try:
            return (self.folder / CHECKPOINT).read_bytes()
        except FileNotFoundError:
            return None

    def show(self, note: bytes) -> None:
        """Show a checkpoint, in place of the one before."""
        _put(self.folder / CHECKPOINT, note)

    def prune(self, size: int) -> None:
        """Remove partial tiles that a full one has taken the place of, as the specification allows, near the end of the log."""
        for tile in _edges(size):
            partials = (self.folder / tile.path).with_name(Path(tile.path).name + ".p")
            if (self.folder / tile.path).exists() and partials.is_dir():
                for path in partials.iterdir():
                    path.unlink()
                partials.rmdir()


def _edges(size: int) -> Iterator[Tile]:
    """The last few full tiles of every level."""
    level, hashes = 0, size
    while hashes:
        full = hashes // WIDTH
        for index in range(max(0, full - 20), full):
            yield Tile(level, index)
            if level == 0:
                yield Tile(-1, index)
        level, hashes = level + 1, full


def _put(path: Path, content: bytes) -> None:
    """Write a file whole, on the disk with its name when this returns. Each thread has a draft of its own."""
    try:
        _make(path.parent)
        draft = path.with_name(f"{path.name}.{threading.get_ident()}{_NEW}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(path)
        sync(path.parent)
    except OSError as error:
        if error.errno == 28:
            raise DiskFullError(cause=str(error)) from error
        raise StorageError(
            f"The log cannot be written: {path}.",
            cause=str(error),
            hint="Look whether the folder is there, may be written to, and has room.",
        ) from error


def _make(folder: Path) -> None:
    if not folder.exists():
        _make(folder.parent)
        folder.mkdir(exist_ok=True)
        sync(folder.parent)
