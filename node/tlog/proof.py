"""Offline proofs (C2SP tlog-proof): one text file that shows an entry to be in a log that witnesses have seen.

c2sp.org/tlog-proof@v1
extra base64         (if any; not authenticated by anything)
index 73894
(the hashes of the inclusion proof, base64, one a line)
(an empty line)
(the checkpoint as a signed note)
"""

from collections.abc import Iterable
from dataclasses import dataclass

from node.tlog.checkpoint import Checkpoint
from node.tlog.encoding import from_base64, from_base64_hash, from_decimal, to_base64
from node.tlog.errors import MalformedError
from node.tlog.merkle import leaf_hash, verify_inclusion
from node.tlog.note import MAX_BYTES, Note, VerifierKey, decode_text
from node.tlog.policy import Policy, Witnessed

FIRST_LINE = "c2sp.org/tlog-proof@v1"
MAX_HASHES = 63
_WHAT = "proof"


@dataclass(frozen=True, slots=True)
class Proof:
    """That the entry at `index` is in the tree of `checkpoint`. Nothing of it is believed before `verify`."""

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: Note
    extra: bytes | None = None

    def __bytes__(self) -> bytes:
        lines = [FIRST_LINE]
        if self.extra is not None:
            lines.append(f"extra {to_base64(self.extra)}")
        lines.append(f"index {self.index}")
        lines += map(to_base64, self.hashes)
        return "".join(f"{line}\n" for line in lines).encode() + b"\n" + bytes(self.checkpoint)

    @classmethod
    def parse(cls, data: bytes) -> "Proof":
        """Read a proof file. Raises MalformedError."""
        if len(data) > 2 * MAX_BYTES:
            raise MalformedError(_WHAT, f"more than {2 * MAX_BYTES} bytes")
        head, blank, note = decode_text(data, _WHAT).partition("\n\n")
        first, *lines = head.split("\n")
        if first != FIRST_LINE or not blank:
            raise MalformedError(_WHAT, f"no {FIRST_LINE}, hashes, blank line and checkpoint")
        extra = None
        if lines and lines[0].startswith("extra "):
            extra = from_base64(lines.pop(0).removeprefix("extra "), _WHAT)
        if not lines or not lines[0].startswith("index ") or len(lines) > MAX_HASHES + 1:
            raise MalformedError(_WHAT, f"no index with at most {MAX_HASHES} hashes")
        index = from_decimal(lines.pop(0).removeprefix("index "), _WHAT)
        hashes = tuple(from_base64_hash(line, _WHAT) for line in lines)
        checkpoint = Note.parse(note.encode())
        Checkpoint.parse(checkpoint.text)
        return cls(index, hashes, checkpoint, extra)

    def verify(self, entry: bytes, policy: Policy, logs: Iterable[VerifierKey] = ()) -> Witnessed:
        """Check that the policy accepts the checkpoint and that `entry` is in its tree at `index`.

        Raises MalformedError, SignatureError, QuorumError, InclusionError.
        """
        witnessed = policy.check(self.checkpoint, logs)
        tree = witnessed.checkpoint
        verify_inclusion(leaf_hash(entry), self.index, tree.size, self.hashes, tree.root)
        return witnessed
