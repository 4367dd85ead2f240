"""Every way in which a transparency log can fail to be believed, as one tree.

    TlogError
    ├── MalformedError             the bytes are not the note, key, checkpoint, tile, proof… that they should be
    ├── EntryTooLargeError         an entry does not fit into a bundle
    ├── SignatureError
    │   ├── ForgedSignatureError   a line in the name of a key that we know does not verify
    │   ├── UnsignedError          no key that we know has signed
    │   └── AmbiguousKeyError      two keys that we know share name and id
    ├── UnknownLogError            nobody told us of a log of this origin
    ├── QuorumError                too few of the witnesses that the policy asks for
    ├── StaleSizeError             the request starts from another size than the one last cosigned
    └── ProofError
        ├── InclusionError         this leaf is not shown to be in that tree
        └── ConsistencyError       this tree is not shown to continue that one

What a stranger sends ends in one of these and in nothing else.
"""

from collections.abc import Collection


class TlogError(Exception):
    """Base of everything that goes wrong with a log."""


class MalformedError(TlogError):
    """`what` (note, verifier key, checkpoint, tile, policy…) cannot be read; `why` says where it breaks."""

    def __init__(self, what: str, why: str) -> None:
        super().__init__(f"malformed {what}: {why}")
        self.what = what
        self.why = why


class EntryTooLargeError(TlogError):
    """An entry of more bytes than its length prefix can say."""


class SignatureError(TlogError):
    """The signatures of a note do not carry it."""


class ForgedSignatureError(SignatureError):
    """A signature in the name of a known key does not verify."""


class UnsignedError(SignatureError):
    """Not one known key has signed."""


class AmbiguousKeyError(SignatureError):
    """Two known keys share a name and an id, so that a line could be of either."""


class UnknownLogError(TlogError):
    """The origin of this checkpoint is no log that we know."""


class QuorumError(TlogError):
    """The checkpoint is the log's, but too few witnesses cosigned it. `cosigned` names those that did."""

    def __init__(self, quorum: str, cosigned: Collection[str]) -> None:
        super().__init__(f"{quorum} is not met by {', '.join(sorted(cosigned)) or 'nobody'}")
        self.quorum = quorum
        self.cosigned = frozenset(cosigned)


class StaleSizeError(TlogError):
    """A request to a witness names another old size than the `size` it last cosigned."""

    def __init__(self, size: int) -> None:
        super().__init__(f"the size last cosigned is {size}")
        self.size = size


class ProofError(TlogError):
    """A Merkle proof shows something else, or nothing."""


class InclusionError(ProofError):
    """The leaf is not shown to be at that index of that tree."""


class ConsistencyError(ProofError):
    """The newer tree is not shown to begin with the older one."""
