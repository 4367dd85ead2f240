"""Who holds a data directory: an flock on `DIR/lock`, which dies with its process."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from node.errors import InUseError, SetupError

FILE_NAME = "lock"


@contextlib.contextmanager
def held(directory: Path) -> Iterator[None]:
    """Hold the directory for the length of a `with`. InUseError where somebody does already."""
    try:
        descriptor = os.open(directory / FILE_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise SetupError(f"{directory / FILE_NAME} cannot be opened: {error.strerror}") from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as busy:
            raise InUseError(
                f"Another process ({_holder(descriptor)}) is using {directory}.",
                hint="Only one node can run on a data directory; other commands reach it while it runs.",
            ) from busy
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(descriptor)


def _holder(descriptor: int) -> str:
    number = os.pread(descriptor, 20, 0).decode("ascii", "replace")
    return f"number {number}" if number.isdecimal() else "of unknown number"
