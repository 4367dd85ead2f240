"""What goes over the control socket: JSON objects, one a line.

A request is `{"command": "publish", "arguments": {…}}`. The answer is any number of `{"progress": {…}}`, then one
`{"result": […]}`, or `{"refusal": {"error": "…", "hint": "…", "field": "…", "status": 422}}`. One connection, one
command; whoever hangs up no longer hears the result, but what was begun is finished.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

REQUEST_BYTES = 4 * 1_048_576
"""The longest request: a record with its claims fits, a mistake does not."""

SOCKET = "control.sock"
_ADDRESS_CHARS = 100


class Progress(msgspec.Struct, frozen=True):
    """How far a long command is. `total` 0 where nobody knows."""

    what: str
    done: int = 0
    total: int = 0


Report = Callable[[Progress], None]


class Request(msgspec.Struct, frozen=True):
    """One command."""

    command: str
    arguments: dict[str, Any] = {}


class Refusal(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why a command was refused, as people read it."""

    error: str
    hint: str = ""
    field: str = ""
    status: int = 500


class Line(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line of an answer: exactly one of these is there. `result` is wrapped, because a result may be null."""

    progress: Progress | None = None
    result: tuple[Any] | None = None
    refusal: Refusal | None = None


def address(directory: Path, descriptor: int) -> str:
    """Where the socket of a directory is, short enough for the kernel (108 bytes); `descriptor` is of the directory."""
    path = str(directory / SOCKET)
    return path if len(path.encode()) < _ADDRESS_CHARS else f"/proc/self/fd/{descriptor}/{SOCKET}"
