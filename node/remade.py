"""What a photograph is to the node, and what the process that remakes it (`node.picture`) is told and answers.

Apart from that process, so that only it loads Pillow.
"""

from collections.abc import Iterable
from typing import Self

import msgspec

_KINDS = (
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"GIF8", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (4, b"ftypavif", "image/avif"),
    (4, b"ftypavis", "image/avif"),
)
"""Where a picture says what it is: offset, bytes, media type."""


KINDS = frozenset(kind for *_, kind in _KINDS)
"""The media types of pictures that are shown."""


def kind_of(body: bytes) -> str | None:
    """The media type of a picture by its first bytes; None for everything else, SVG among it."""
    for offset, mark, kind in _KINDS:
        if body[offset : offset + len(mark)] == mark:
            return kind
    return None


class Cover(msgspec.Struct, frozen=True):
    """A part of a photograph that is blackened before anything is kept of it, in percent of its sides as people see it."""

    left: int
    top: int
    width: int
    height: int

    @classmethod
    def read(cls, text: str) -> Self:
        """`LEFT,TOP,WIDTH,HEIGHT`. ValueError where that is no part of a photograph."""
        left, top, width, height = (int(part) for part in text.split(","))
        if not (0 <= left < 100 and 0 <= top < 100 and 0 < width <= 100 - left and 0 < height <= 100 - top):
            raise ValueError(text)
        return cls(left, top, width, height)

    def __str__(self) -> str:
        return f"{self.left},{self.top},{self.width},{self.height}"


SMALL = "small"


def command(covers: Iterable[Cover], *, only_small: bool = False) -> list[str]:
    """What follows the interpreter to run the process; `only_small` asks for the preview alone."""
    return ["-m", "node.picture", *([SMALL] if only_small else []), *map(str, covers)]


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """The new files and their sizes in pixels; where there is nothing else, `problem` is the message id of what was expected."""

    problem: str = ""
    large: bytes = b""
    small: bytes = b""
    size: tuple[int, int] = (0, 0)
    small_size: tuple[int, int] = (0, 0)


def answered(out: bytes) -> Result:
    """What the process answered; where that is nothing that reads, the photograph was its end."""
    try:
        return msgspec.msgpack.decode(out, type=Result)
    except msgspec.DecodeError:
        return unfit("a photograph that is not damaged")


def unfit(expected: str) -> Result:
    """The answer to what is no fit photograph: `expected` is what would have been one."""
    return Result(problem=expected)
