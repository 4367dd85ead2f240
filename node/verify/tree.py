"""The log as it is served: every bundle and every tile, against the root that was signed and the roots seen before."""

from base64 import b64encode
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field

from node.account.leaf import CLOSED, ENTRY, SUCCESSION, Leaf, LeafError, read_leaf
from node.domain.posting import PAYABLE, Posting, add, written
from node.tlog.checkpoint import Checkpoint
from node.tlog.errors import MalformedError
from node.tlog.merkle import EMPTY_ROOT, Frontier, leaf_hash, root_of
from node.tlog.tiles import ENTRIES, WIDTH, Tile, tile_at, unpack_entries, unpack_hashes
from node.verify.source import DifferenceError, Source

_SHOWN = 2_000

Tell = Callable[[str, int, int], None]
"""What is being done, how far, of how much."""


@dataclass(frozen=True, slots=True)
class Booked:
    """What a leaf keeps of the activity that it was booked for."""

    activity: str
    date: str
    digest: str
    postings: tuple[Posting, ...]
    stated: Mapping[str, str] | None


@dataclass
class Account:
    """What the leaves say together."""

    entries: int = 0
    postings: int = 0
    balances: dict[tuple[str, str], int] = field(default_factory=dict)
    first: Leaf | None = None
    statements: list[Leaf] = field(default_factory=list)
    closed: dict[str, list[Leaf]] = field(default_factory=dict)
    booked: list[Booked] = field(default_factory=list)
    """One for every leaf, in their order."""
    overpaid: str | None = None
    """The first entry by which somebody got more than she was owed. No words excuse it, also where they are gone."""

    def read(self, leaf: Leaf) -> None:
        """Take one leaf into account."""
        if leaf.seq == 0:
            self.first = leaf
        if leaf.type in (ENTRY, SUCCESSION):
            add(self.balances, leaf.postings)
            self.postings += len(leaf.postings)
            self._refuse_overpaid(leaf)
        if leaf.type == ENTRY:
            self.entries += 1
        elif leaf.type == CLOSED:
            self.closed.setdefault(str(leaf.document["round"]), []).append(leaf)
        elif leaf.seq:
            self.statements.append(leaf)
        document = leaf.document
        self.booked.append(
            Booked(
                leaf.activity,
                leaf.date,
                str(document.get("digest", "")),
                leaf.postings,
                document.get("stated"),
            )
        )

    def _refuse_overpaid(self, leaf: Leaf) -> None:
        for account, amount, commodity in leaf.postings:
            held = self.balances[account, commodity]
            if self.overpaid is None and account.startswith(PAYABLE) and held > 0:
                self.overpaid = (
                    f"leaf {leaf.seq} books {written(amount, commodity)} {commodity} to {account}, which is"
                    f" {written(held, commodity)} {commodity} more than was owed there"
                )


@dataclass
class Tree:
    """What the files of the log led to. `roots` are those of the sizes that were asked for, `hashes` those leaves'."""

    account: Account
    tiles: int
    roots: Mapping[int, bytes]
    hashes: Mapping[int, bytes]


def climb(
    source: Source, head: Checkpoint, *, sizes: Collection[int], places: Collection[int], tell: Tell
) -> Tree:
    """Download the whole log and rebuild it. DifferenceError names the entry or tile that is not what was signed.

    `sizes`: of which earlier trees the roots are wanted; `places`: of which leaves the hashes.
    """
    account, grown, told = Account(), Frontier(), Frontier()
    roots, hashes = {0: EMPTY_ROOT}, dict[int, bytes]()
    wrong: list[tuple[int, bytes]] = []
    unreadable: LeafError | None = None
    level: list[bytes] = []
    tiles = 0
    for start in range(0, head.size, WIDTH):
        bundle, tile = _bundle(source, start, head.size), tile_at(0, start, head.size)
        listed = _hashes(source, tile)
        tiles += 2
        own = [leaf_hash(entry) for entry in bundle]
        for seq, (entry, made, said) in enumerate(zip(bundle, own, listed, strict=True), start):
            grown.append(made)
            told.append(said)
            if made != said:
                wrong.append((seq, entry))
            if grown.size in sizes:
                roots[grown.size] = grown.root()
            if seq in places:
                hashes[seq] = made
            if unreadable is None:
                try:
                    account.read(read_leaf(entry, seq))
                except LeafError as error:
                    unreadable = error
        if len(own) == WIDTH:
            level.append(root_of(own))
        tell("entries", start + len(bundle), head.size)
    _judge(head, grown.root(), wrong, unreadable)
    tiles += _upper(source, head.size, level)
    return Tree(account, tiles, roots, hashes)


def _judge(
    head: Checkpoint, root: bytes, wrong: list[tuple[int, bytes]], unreadable: LeafError | None
) -> None:
    if root == head.root and wrong:
        tile = tile_at(0, wrong[0][0], head.size)
        raise DifferenceError(
            "tiles",
            f"{tile.path} holds another hash for leaf {wrong[0][0]} than the leaf that was signed has",
        )
    if wrong:
        seq, entry = wrong[0]
        raise DifferenceError(
            "entries",
            f"leaf {seq} was changed: its hash is not the one in {tile_at(0, seq, head.size).path}; it now reads"
            f" {entry[:_SHOWN].decode('utf-8', 'backslashreplace')}",
        )
    if root != head.root:
        raise DifferenceError(
            "root",
            f"the {head.size} leaves lead to the root {b64encode(root).decode()}, the signed checkpoint says"
            f" {b64encode(head.root).decode()}",
        )
    if unreadable is not None:
        raise DifferenceError("entries", str(unreadable))


def _bundle(source: Source, start: int, size: int) -> tuple[bytes, ...]:
    tile = tile_at(ENTRIES, start, size)
    try:
        return unpack_entries(source.tile(tile), tile.width)
    except MalformedError as error:
        raise DifferenceError("entries", f"{tile.path}: {error}") from error


def _hashes(source: Source, tile: Tile) -> tuple[bytes, ...]:
    try:
        return unpack_hashes(source.tile(tile), tile.width)
    except MalformedError as error:
        raise DifferenceError("tiles", f"{tile.path}: {error}") from error


def _upper(source: Source, size: int, level: list[bytes]) -> int:
    """Compare every tile above the leaves with what the leaves make of it; how many there are."""
    count = 0
    for number, made in _levels(level):
        for start in range(0, len(made), WIDTH):
            tile = tile_at(number, start, size)
            for place, hash_ in enumerate(_hashes(source, tile), start):
                if hash_ != made[place]:
                    raise DifferenceError(
                        "tiles", f"{tile.path} holds another hash {place} than its leaves make"
                    )
            count += 1
    return count


def _levels(level: list[bytes]) -> Iterator[tuple[int, list[bytes]]]:
    number = 1
    while level:
        yield number, level
        full = len(level) // WIDTH
        level = [root_of(level[i * WIDTH : (i + 1) * WIDTH]) for i in range(full)]
        number += 1
