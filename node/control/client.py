"""Ask a running node through its control socket. Blocking and light: every command of the command line starts here."""

import contextlib
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from node.control.wire import Line, Progress, Refusal, Report, Request, address
from node.errors import NodeError


class AbsentError(NodeError):
    """No node listens on this directory's socket."""


class RefusedError(NodeError):
    """The node refused a command; it carries what the node said."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.error, hint=refusal.hint)
        self.refusal = refusal


def ask(directory: Path, command: str, arguments: dict[str, Any], report: Report) -> Any:
    """What a command answers. AbsentError where no node runs; RefusedError where it refused."""
    with _connected(directory) as connection, connection.makefile("rwb") as lines:
        lines.write(msgspec.json.encode(Request(command, arguments)) + b"\n")
        lines.flush()
        for text in lines:
            line = msgspec.json.decode(text, type=Line)
            if line.refusal is not None:
                raise RefusedError(line.refusal)
            if line.result is not None:
                return line.result[0]
            report(line.progress or Progress(""))
    raise NodeError(
        "The node stopped before it answered.",
        hint="Look at its log; then try again: what it had acknowledged is stored.",
    )


def serves(directory: Path) -> bool:
    """Whether a node listens on this directory's socket."""
    try:
        with _connected(directory):
            return True
    except AbsentError:
        return False


@contextlib.contextmanager
def _connected(directory: Path) -> Iterator[socket.socket]:
    try:
        descriptor = os.open(directory, os.O_RDONLY)
    except OSError as error:
        raise AbsentError(f"There is no directory {directory}.") from error
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            try:
                connection.connect(address(directory, descriptor))
            except OSError as error:
                raise AbsentError(f"No node runs on {directory}.") from error
            yield connection
    finally:
        os.close(descriptor)
