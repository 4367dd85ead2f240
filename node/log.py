"""What goes to stderr: one line a record, bounded, with control characters escaped, so that nobody can forge a line.

No addresses, no user agents and no access log: what is not written cannot be seized.
"""

import logging
import sys
from typing import TextIO

LONGEST = 4000

_REFUSED_SOCKET = "ASGI callable returned without completing handshake."
"""What uvicorn says of every WebSocket that was refused before the upgrade, as if that were an error of ours."""
_SILENT = ("python_multipart",)
"""What strangers could fill the log with: of every form that is broken it says so."""
_QUIET = ("uvicorn.error", "uvicorn.access", "httpx", "httpcore", "asyncio", "aiosqlite")


class LineFormatter(logging.Formatter):
    """`2026-11-22T11:00:00+0000 ERROR node.workers a message`; lines of a traceback are indented."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s", "%Y-%m-%dT%H:%M:%S%z")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        """The record's own line."""
        return escaped(super().formatMessage(record))

    def formatException(self, ei: object) -> str:  # noqa: N802
        """A traceback, each line of it where no record can begin."""
        text = super().formatException(ei)  # type: ignore[arg-type]
        return "\n".join(f"    {escaped(line)}" for line in text.split("\n"))


def escaped(text: str) -> str:
    """At most LONGEST characters of a text, none of which moves a terminal or begins a line."""
    safe = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text[:LONGEST])
    return safe if len(text) <= LONGEST else f"{safe}…"


def _is_news(record: logging.LogRecord) -> bool:
    return record.msg != _REFUSED_SOCKET


def begin(level: str, stream: TextIO = sys.stderr) -> None:
    """Write the log to a stream from now on."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(LineFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    for name in _SILENT:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    logging.getLogger("uvicorn.error").addFilter(_is_news)
