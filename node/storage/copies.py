"""A consistent copy of the database for a while: to be checked, or packed into a backup, while the node goes on writing."""

import asyncio
import contextlib
import errno
import shutil
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path

from node.errors import DiskFullError
from node.storage.database import Database

_PREFIX = ".copy-"
_ABANDONED_SECONDS = 86_400


@contextlib.asynccontextmanager
async def copied(database: Database, directory: Path) -> AsyncIterator[Path]:
    """A copy in a place of its own below `directory`, removed at the end of the `with`. DiskFullError where there is no room."""
    await asyncio.to_thread(_sweep, directory)
    try:
        place = tempfile.TemporaryDirectory(prefix=_PREFIX, dir=directory)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise DiskFullError(cause=str(error)) from error
        raise
    with place as name:
        copy = Path(name) / database.path.name
        await database.copy(copy)
        yield copy


def _sweep(directory: Path) -> None:
    """Remove the copies of those who were cut short; a younger one may still be in use."""
    for left in directory.glob(f"{_PREFIX}*"):
        if time.time() - left.stat().st_mtime > _ABANDONED_SECONDS:
            shutil.rmtree(left, ignore_errors=True)
