"""The data directory: what lies where in it, and how one comes to be whole or not at all.

```
minga.toml      settings                     keys/       private keys, 0600 (node.keyring)
minga.db        everything that was said     media/      photographs, by the hash of their content
checkpoints.db  tips of logs, never restored log/        the public account's log, static files
lock            held by whoever writes       archive/    sealed envelopes
control.sock    commands, while it serves     cache/      pictures of other servers, in no backup
```
"""

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from node.errors import SetupError

SETTINGS = "minga.toml"
DATABASE = "minga.db"
KEYS = "keys"
MEDIA = "media"
CACHE = "cache"
FOLDERS = (KEYS, MEDIA, "log", "archive")
"""What a backup holds besides settings and database."""

_ASIDE = ".making"


@contextlib.contextmanager
def made_aside(directory: Path) -> Iterator[Path]:
    """A place to make a data directory in; what is made there moves to `directory` when the `with` ends well.

    The settings move last, so that a power cut leaves no node or a whole one; what lies aside is swept away by the next
    attempt. SetupError where something is there already, or the directory cannot be written.
    """
    if (directory / SETTINGS).exists():
        raise SetupError(
            f"There is a node in {directory} already; nothing was changed.",
            hint="Name another directory with -d DIR.",
        )
    place = directory / _ASIDE
    existed = directory.exists()
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.rmtree(place, ignore_errors=True)
        if left := sorted(path.name for path in directory.iterdir()):
            raise SetupError(
                f"{directory} is not empty (there is {left[0]}).", hint="Name another directory with -d DIR."
            )
        place.mkdir(mode=0o700)
        yield place
        for path in sorted(place.iterdir(), key=lambda path: path.name == SETTINGS):
            path.rename(directory / path.name)
        sync(directory)
    except OSError as error:
        raise SetupError(f"{error.filename or directory}: {error.strerror}") from error
    finally:
        shutil.rmtree(place, ignore_errors=True)
        if not existed:
            with contextlib.suppress(OSError):
                directory.rmdir()  # only where it stayed empty


def write_private(path: Path, content: bytes, *, replace: bool) -> None:
    """Write a 0600 file whole; on the disk when this returns. FileExistsError where it is there and must not be."""
    if not replace and path.exists():
        raise FileExistsError(17, "there is a file already", str(path))
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)
    sync(path.parent)


def sync(directory: Path) -> None:
    """Put a directory's entries on the disk."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
