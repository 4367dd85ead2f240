"""What a log asks of a witness, and what the witness must check first (C2SP tlog-witness, add-checkpoint).

    old 20852014
    (the hashes of the consistency proof, base64, one a line)
    (an empty line)
    (the checkpoint as a signed note)

Pure: who keeps the tip must read it, `admit`, and store the new one in one step, and only then cosign. The HTTP answers
are 400 MalformedError, 403 SignatureError, 404 UnknownLogError, 409 StaleSizeError (with the size), 422 ConsistencyError.
"""

from collections.abc import Collection
from dataclasses import dataclass

from node.tlog.checkpoint import Checkpoint, open_checkpoint
from node.tlog.encoding import from_base64_hash, from_decimal, to_base64
from node.tlog.errors import MalformedError, StaleSizeError, UnknownLogError
from node.tlog.merkle import EMPTY_ROOT, verify_consistency
from node.tlog.note import MAX_BYTES, Note, VerifierKey, decode_text

MAX_HASHES = 63
_WHAT = "add-checkpoint request"


@dataclass(frozen=True, slots=True)
class AddCheckpoint:
    """The request to cosign `checkpoint`, which is shown to continue the tree of `old_size` that the witness knows."""

    old_size: int
    hashes: tuple[bytes, ...]
    checkpoint: Note

    def __bytes__(self) -> bytes:
        lines = [f"old {self.old_size}", *map(to_base64, self.hashes)]
        return "".join(f"{line}\n" for line in lines).encode() + b"\n" + bytes(self.checkpoint)

    @classmethod
    def parse(cls, data: bytes) -> "AddCheckpoint":
        """Read the body of a request. Raises MalformedError."""
        if len(data) > 2 * MAX_BYTES:
            raise MalformedError(_WHAT, f"more than {2 * MAX_BYTES} bytes")
        head, blank, note = decode_text(data, _WHAT).partition("\n\n")
        old, *lines = head.split("\n")
        if not old.startswith("old ") or not blank or len(lines) > MAX_HASHES:
            raise MalformedError(
                _WHAT, f"no old size, at most {MAX_HASHES} hashes, blank line and checkpoint"
            )
        size = from_decimal(old.removeprefix("old "), _WHAT)
        hashes = tuple(from_base64_hash(line, _WHAT) for line in lines)
        request = cls(size, hashes, Note.parse(note.encode()))
        if size > Checkpoint.parse(request.checkpoint.text).size:
            raise MalformedError(_WHAT, "an old size above that of the checkpoint")
        return request

    @property
    def origin(self) -> str:
        """Which log claims to ask: by this the host finds its keys and its tip."""
        return self.checkpoint.text.partition("\n")[0]

    def admit(self, tip: Checkpoint | None, logs: Collection[VerifierKey]) -> Checkpoint:
        """The checkpoint to store and then cosign, judged against the last one cosigned for this origin.

        Raises UnknownLogError, SignatureError, StaleSizeError, ConsistencyError; the last only about what the log
        did sign, so that the request is evidence of its misbehaviour, if the hashes were rightly computed.
        """
        if not any(key.name == self.origin for key in logs):
            raise UnknownLogError(self.origin)
        checkpoint = open_checkpoint(self.checkpoint, logs)
        size, root = (tip.size, tip.root) if tip else (0, EMPTY_ROOT)
        if self.old_size != size:
            raise StaleSizeError(size)
        verify_consistency(size, root, checkpoint.size, checkpoint.root, self.hashes)
        return checkpoint
