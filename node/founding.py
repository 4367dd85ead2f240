"""A data directory comes to be: everything is made aside and moved into place at the end, the settings last.

So a power cut leaves either no node or a whole one; what lies aside is swept away by the next attempt.
"""

import asyncio
import contextlib
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path

from node.app import open_node
from node.config import FILE_NAME, Config, render
from node.errors import SetupError
from node.recovery import Roots

_ASIDE = ".init"


@contextlib.contextmanager
def aside(directory: Path) -> Iterator[Path]:
    """A place to make a data directory in; what is made there moves to `directory` when the `with` ends well.

    SetupError where a node is there already, or the directory cannot be written.
    """
    if (directory / FILE_NAME).exists():
        raise SetupError(
            f"There is a node in {directory} already; nothing was changed.",
            hint="Name another directory with -d DIR.",
        )
    place = directory / _ASIDE
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.rmtree(place, ignore_errors=True)
        left = [path.name for path in directory.iterdir()]
        if left:
            raise SetupError(
                f"{directory} is not empty (there is {sorted(left)[0]}).",
                hint="Name another directory with -d DIR.",
            )
        place.mkdir(mode=0o700)
        yield place
        made = sorted(place.iterdir(), key=lambda path: path.name == FILE_NAME)
        for path in made:
            path.rename(directory / path.name)
        place.rmdir()
        _sync(directory)
    except OSError as error:
        raise SetupError(f"{error.filename or directory}: {error.strerror}") from error
    finally:
        shutil.rmtree(place, ignore_errors=True)


def found(
    directory: Path,
    config: Config,
    about: Mapping[str, str],
    *,
    now: datetime,
    chance: Callable[[int], bytes],
    keep: Callable[[str], None],
) -> str:
    """Make a node with its first collective; its actor URI. `about` is what `Collectives.add` takes of it.

    `keep` gets the sheet of recovery words, and must have put it where people find it when it returns.
    """
    with aside(directory) as place:
        (place / FILE_NAME).write_text(render(config), encoding="utf-8")
        roots = Roots.make(chance)

        async def begin() -> str:
            async with open_node(place, config, passphrase=str) as node:
                founding = roots.found(node.collectives.uri(about["handle"]), now)
                added = await node.collectives.add(
                    **about, statement=founding.statement, recipient=founding.seal, now=now
                )
                return added.uri

        uri = asyncio.run(begin())
        keep(roots.sheet(uri))
    return uri


def _sync(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
