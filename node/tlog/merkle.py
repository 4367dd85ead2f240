"""The Merkle tree of RFC 6962: hashes, roots, and proofs of inclusion and consistency, made and checked.

A tree is known here by `Subtree`: a function that gives the hash over the 2^level leaves from index × 2^level on, for
subtrees that are complete. Tiles answer it (`tiles.TiledHashes`), and so does any list of leaf hashes.
"""

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256

from node.tlog.errors import ConsistencyError, InclusionError

Subtree = Callable[[int, int], bytes]

EMPTY_ROOT = sha256(b"").digest()


def leaf_hash(entry: bytes) -> bytes:
    """The hash of one entry (RFC 6962, section 2.1)."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash over two subtrees (RFC 6962, section 2.1)."""
    return sha256(b"\x01" + left + right).digest()


class Frontier:
    """The right edge of a growing tree: takes leaf hashes one by one, keeps a logarithm of them, knows the root."""

    def __init__(self) -> None:
        self.size = 0
        self._complete: list[bytes] = []  # one hash for each bit set in size, the largest subtree first

    def append(self, leaf: bytes) -> None:
        """Add the hash of the next leaf."""
        filled = self.size
        while filled & 1:
            leaf = node_hash(self._complete.pop(), leaf)
            filled >>= 1
        self._complete.append(leaf)
        self.size += 1

    def root(self) -> bytes:
        """The root over all leaves so far."""
        if not self._complete:
            return EMPTY_ROOT
        root = self._complete[-1]
        for left in reversed(self._complete[:-1]):
            root = node_hash(left, root)
        return root


def root_of(leaves: Iterable[bytes]) -> bytes:
    """The root over these leaf hashes."""
    frontier = Frontier()
    for leaf in leaves:
        frontier.append(leaf)
    return frontier.root()


def root(size: int, subtree: Subtree) -> bytes:
    """The root over the first `size` leaves."""
    return _range_hash(0, size, subtree) if size else EMPTY_ROOT


def prove_inclusion(index: int, size: int, subtree: Subtree) -> tuple[bytes, ...]:
    """PATH of RFC 6962, section 2.1.1: from the leaf's sibling up to the root's child."""
    if not 0 <= index < size:
        raise InclusionError(f"there is no leaf {index} in a tree of {size}")
    path = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(_range_hash(middle, end, subtree))
            end = middle
        else:
            path.append(_range_hash(start, middle, subtree))
            start = middle
    return tuple(reversed(path))


def prove_consistency(old: int, new: int, subtree: Subtree) -> tuple[bytes, ...]:
    """PROOF of RFC 6962, section 2.1.2; empty where nothing needs to be shown (from 0, or between equal sizes)."""
    if not 0 <= old <= new:
        raise ConsistencyError(f"a tree of {new} cannot continue one of {old}")
    if old == 0:
        return ()
    path = []
    start, end = 0, new
    while old != end:
        middle = start + _split(end - start)
        if old <= middle:
            path.append(_range_hash(middle, end, subtree))
            end = middle
        else:
            path.append(_range_hash(start, middle, subtree))
            start = middle
    if start:  # else the old root itself is what is meant, and the verifier has it
        path.append(_range_hash(start, end, subtree))
    return tuple(reversed(path))


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Check that `leaf`, a leaf hash, stands at `index` of the tree (RFC 9162, 2.1.3.2). Raises InclusionError."""
    if not 0 <= index < size:
        raise InclusionError(f"there is no leaf {index} in a tree of {size}")
    sides = _sides(index, size - 1)
    if len(proof) != len(sides):
        raise InclusionError("the proof is not as long as the tree is high")
    for sibling, from_left in zip(proof, sides, strict=True):
        leaf = node_hash(sibling, leaf) if from_left else node_hash(leaf, sibling)
    if leaf != root:
        raise InclusionError("the proof leads to another root")


def verify_consistency(old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]) -> None:
    """Check that the new tree begins with the old one (RFC 9162, 2.1.4.2). Raises ConsistencyError."""
    if not 0 <= old <= new:
        raise ConsistencyError(f"a tree of {new} cannot continue one of {old}")
    if old == 0 and old_root != EMPTY_ROOT:
        raise ConsistencyError("an empty tree has another root than that of nothing")
    if old in (0, new):
        if proof:
            raise ConsistencyError("a proof where nothing is to be proved")
        if old == new and old_root != new_root:
            raise ConsistencyError("two roots for one size")
        return
    first, *siblings = [old_root, *proof] if old & (old - 1) == 0 else proof or [b""]
    height = ((old - 1) ^ old).bit_length() - 1  # of the complete subtree that ends where the old tree ends
    sides = _sides(old - 1 >> height, new - 1 >> height)
    if len(siblings) != len(sides):
        raise ConsistencyError("the proof is not as long as the tree is high")
    old_result = new_result = first
    for sibling, from_left in zip(siblings, sides, strict=True):
        if from_left:
            old_result = node_hash(sibling, old_result)
        new_result = node_hash(sibling, new_result) if from_left else node_hash(new_result, sibling)
    if old_result != old_root:
        raise ConsistencyError("the proof leads to another old root")
    if new_result != new_root:
        raise ConsistencyError("the proof leads to another new root")


def _sides(node: int, last: int) -> list[bool]:
    """From a node of a level whose last node is `last` up to the root: whether each sibling stands to the left."""
    sides = []
    while last:
        from_left = bool(node & 1) or node == last
        sides.append(from_left)
        while node and not node & 1 and from_left:  # a last node without sibling is its own parent
            node, last = node >> 1, last >> 1
        node, last = node >> 1, last >> 1
    return sides


def _split(size: int) -> int:
    """The largest power of two smaller than `size`: where RFC 6962 divides a tree."""
    return 1 << (size - 1).bit_length() - 1


def _range_hash(start: int, end: int, subtree: Subtree) -> bytes:
    """MTH(D[start:end]), for a range that is a node of some tree."""
    size = end - start
    if size & (size - 1) == 0:
        level = size.bit_length() - 1
        return subtree(level, start >> level)
    middle = start + _split(size)
    return node_hash(_range_hash(start, middle, subtree), _range_hash(middle, end, subtree))
