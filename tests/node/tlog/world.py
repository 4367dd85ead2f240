"""A small world of logs and witnesses with fixed keys, for the tests of this folder."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from node.tlog.checkpoint import Checkpoint
from node.tlog.cosignature import COSIGNATURE_V1, cosign
from node.tlog.merkle import leaf_hash, prove_consistency, prove_inclusion, root_of
from node.tlog.note import ED25519, Note, Signature, VerifierKey, sign

ORIGIN = "fondo.example/c/fondo/log"
NOON = 1_600_000_000


def private_key(name: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(name.encode().ljust(32, b".")[:32])


def log_key(origin: str = ORIGIN, signer: str = "log") -> VerifierKey:
    return VerifierKey(origin, ED25519, private_key(signer).public_key().public_bytes_raw())


def witness_key(name: str) -> VerifierKey:
    public = private_key(name).public_key().public_bytes_raw()
    return VerifierKey(f"{name}.example/c/{name}", COSIGNATURE_V1, public)


class Log:
    """Entries, and the checkpoints that their log and its witnesses sign."""

    def __init__(self, entries: list[bytes], origin: str = ORIGIN) -> None:
        self.entries = entries
        self.origin = origin

    def subtree(self, level: int, index: int) -> bytes:
        return root_of(map(leaf_hash, self.entries[index << level : (index + 1) << level]))

    def head(self, size: int) -> Checkpoint:
        return Checkpoint(self.origin, size, root_of(map(leaf_hash, self.entries[:size])))

    def note(self, size: int, *witnesses: str, at: int = NOON) -> Note:
        text = str(self.head(size))
        return Note(text, (sign(text, self.origin, private_key("log")),)).signed(
            *(cosignature(text, witness, at) for witness in witnesses)
        )

    def inclusion(self, index: int, size: int) -> tuple[bytes, ...]:
        return prove_inclusion(index, size, self.subtree)

    def consistency(self, old: int, new: int) -> tuple[bytes, ...]:
        return prove_consistency(old, new, self.subtree)


def cosignature(text: str, witness: str, at: int = NOON) -> Signature:
    return cosign(text, witness_key(witness).name, private_key(witness), at)


def forged_line(key: VerifierKey) -> Signature:
    """A line in the name of a key, by somebody without it."""
    return Signature(key.name, key.id, bytes(72 if key.algorithm is COSIGNATURE_V1 else 64))


LOG = Log([b"entry %d" % i for i in range(20)])
