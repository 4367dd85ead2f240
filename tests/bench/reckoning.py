"""What reckoning costs: shares of a round, and the log of an account grown, proved and checked. Pure, in one process."""

import time
import tracemalloc
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from node.domain.allocation import RULES, Claim, allocate
from node.tlog.checkpoint import Checkpoint
from node.tlog.cosignature import COSIGNATURE_V1, cosign
from node.tlog.merkle import Frontier, leaf_hash, prove_consistency, prove_inclusion, root
from node.tlog.note import ED25519, Note, VerifierKey, sign
from node.tlog.policy import Policy
from node.tlog.proof import Proof
from node.tlog.tiles import Tile, TiledHashes, grow
from tests.bench.harness import say, title

ORIGIN = "fondo.example/c/fondo/log"
WITNESSES = 3

Result = TypeVar("Result")


def run() -> None:
    """Allocations of 881 and 10,000 claimants; logs of 10,000 and 100,000 entries."""
    title("Allocation, by rule and claimants")
    for claims in (_claims(881), _claims(10_000)):
        for rule in RULES:
            took, _ = _timed(partial(allocate, rule, 2_500_000, claims, "seed"))
            say(f"{rule}, {len(claims):,} claimants", took * 1000, "ms")
    for entries in (10_000, 100_000):
        title(f"The log, {entries:,} entries of 500 bytes")
        _log(entries)


def _claims(count: int) -> list[Claim]:
    return [
        Claim(
            id=f"https://olla{i}.example/c/olla",
            weight=Decimal(50 + i * 37 % 600) / 4,
            cap=1_000 + i * 7_919 % 90_000,
            floor=10,
        )
        for i in range(count)
    ]


def _timed(action: Callable[[], Result], times: int = 5) -> tuple[float, Result]:
    """The best CPU seconds of a few runs, and what came out."""
    best = float("inf")
    for _ in range(times):
        begun = time.process_time()
        result = action()
        best = min(best, time.process_time() - begun)
    return best, result


def _log(size: int) -> None:
    entries = [b"%0500d" % i for i in range(size)]
    files: dict[Tile, bytes] = {}

    def sequence() -> None:
        for start in range(0, size, 50):
            files.update(grow(start, entries[start : start + 50], files.__getitem__))

    took, _ = _timed(sequence, 1)
    say("entries put into tiles, 50 at once", size / took, "/CPU s")
    took, tree = _timed(lambda: root(size, TiledHashes(size, files.__getitem__)))
    say("root from tiles", took * 1000, "ms")
    tracemalloc.start()
    took, _ = _timed(lambda: _reckon_root(entries), 1)
    say(
        "root from all entries",
        took,
        "s",
        f"{tracemalloc.get_traced_memory()[1] / 1024:,.0f} KiB more at most",
    )
    tracemalloc.stop()
    read = files.__getitem__
    took, path = _timed(lambda: prove_inclusion(size // 3, size, TiledHashes(size, read)))
    say("inclusion proof from tiles", took * 1000, "ms", f"{len(path)} hashes")
    took, path_back = _timed(lambda: prove_consistency(size // 3, size, TiledHashes(size, read)))
    say("consistency proof from tiles", took * 1000, "ms", f"{len(path_back)} hashes")
    _offline_proof(Checkpoint(ORIGIN, size, tree), size // 3, path, entries[size // 3])


def _reckon_root(entries: list[bytes]) -> bytes:
    frontier = Frontier()
    for entry in entries:
        frontier.append(leaf_hash(entry))
    return frontier.root()


def _offline_proof(head: Checkpoint, index: int, path: tuple[bytes, ...], entry: bytes) -> None:
    """A proof that a donor carries away, checked by a stranger against a policy with a quorum."""
    log, *witnesses = (Ed25519PrivateKey.generate() for _ in range(WITNESSES + 1))
    text = str(head)
    names = [f"olla{i}.example/c/olla" for i in range(WITNESSES)]
    lines = [cosign(text, name, key, 1_600_000_000) for name, key in zip(names, witnesses, strict=True)]
    data = bytes(Proof(index, path, Note(text, (sign(text, ORIGIN, log), *lines))))
    keys = [
        VerifierKey(name, COSIGNATURE_V1, key.public_key().public_bytes_raw())
        for name, key in zip(names, witnesses, strict=True)
    ]
    policy = Policy.parse(
        f"log {VerifierKey(ORIGIN, ED25519, log.public_key().public_bytes_raw())}\n".encode()
        + "".join(f"witness w{i} {key}\n" for i, key in enumerate(keys)).encode()
        + b"group all-of-them all w0 w1 w2\nquorum all-of-them\n"
    )
    took, _ = _timed(lambda: Proof.parse(data).verify(entry, policy))
    say(f"offline proof read and checked, {WITNESSES} witnesses", took * 1000, "ms", f"{len(data):,} bytes")
