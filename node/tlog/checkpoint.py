"""Checkpoints (C2SP tlog-checkpoint): the head of a log's tree as the text of a signed note.

    example.com/log      the origin: which log
    20852163             how many leaves
    CsUYapGG…            the root over them, base64

A checkpoint that was only parsed is hearsay; `open_checkpoint` says that the log signed it.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from node.tlog.encoding import from_base64_hash, from_decimal, to_base64
from node.tlog.errors import MalformedError, UnsignedError
from node.tlog.note import Note, VerifierKey

_WHAT = "checkpoint"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The head of a tree: `size` leaves under `root` (32 bytes) in the log called `origin`. `str` gives the note's text.

    Extension lines are kept as they came, and mean nothing here.
    """

    origin: str
    size: int
    root: bytes
    extension: tuple[str, ...] = ()

    def __str__(self) -> str:
        return "".join(
            f"{line}\n" for line in (self.origin, str(self.size), to_base64(self.root), *self.extension)
        )

    @classmethod
    def parse(cls, text: str) -> "Checkpoint":
        """Read the text of a note. Raises MalformedError."""
        *lines, end = text.split("\n")
        if end or len(lines) < 3 or not all(lines):
            raise MalformedError(_WHAT, "not three or more lines, each with something in it")
        origin, size, root, *extension = lines
        return cls(origin, from_decimal(size, _WHAT), from_base64_hash(root, _WHAT), tuple(extension))


def open_checkpoint(note: Note, logs: Iterable[VerifierKey]) -> Checkpoint:
    """The checkpoint of a note that its own log signed: by a key of `logs` named like the origin.

    Raises MalformedError, UnsignedError, ForgedSignatureError, AmbiguousKeyError.
    """
    checkpoint = Checkpoint.parse(note.text)
    keys = [key for key in logs if key.name == checkpoint.origin]
    if not keys:
        raise UnsignedError(f"no known key of {checkpoint.origin}")
    note.verify(keys)
    return checkpoint
