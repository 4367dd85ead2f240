"""How a picture is remade and written down: shared by ours and those of other servers."""

import asyncio
import os
import secrets
import sys
from collections.abc import Sequence
from pathlib import Path

from node.remade import Cover, Result, answered, command, unfit

_SECONDS = 40


def put(path: Path, body: bytes, *, durable: bool = True) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with draft.open("wb") as file:
            file.write(body)
            file.flush()
            if durable:
                os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def forget_drafts(directory: Path) -> None:
    """Throw away what was being written when the program was killed; nobody may write meanwhile."""
    for draft in directory.glob("*/.*"):
        draft.unlink(missing_ok=True)


async def remake(body: bytes, covers: Sequence[Cover] = (), *, only_small: bool = False) -> Result:
    """Remake a photograph in a process of its own; whatever happens to it there is a problem of the photograph. `only_small`: its
    preview alone."""
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        *command(covers, only_small=only_small),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={"PATH": os.environ.get("PATH", ""), "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    try:
        async with asyncio.timeout(_SECONDS):
            out, _ = await child.communicate(body)
        return answered(out)
    except (TimeoutError, BrokenPipeError, ConnectionResetError):
        return unfit("a photograph that is not damaged")
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
