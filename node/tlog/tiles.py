"""A log as static files (C2SP tlog-tiles): coordinates and paths of tiles, entry bundles, and how tiles grow.

A tile holds up to 256 consecutive hashes of one level; each hash of a level is the root of a full tile of the level below. Those
on the right edge are partial and carry their width in the path. Tiles are named, packed and read here; whoever keeps them
gives a `ReadTile`. Nothing here is trusted: what is read from tiles counts only as far as it leads to a signed root.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from node.tlog.encoding import MAX_SIZE
from node.tlog.errors import EntryTooLargeError, MalformedError
from node.tlog.merkle import leaf_hash, root_of

WIDTH = 256
HASH_SIZE = 32
MAX_LEVEL = 63
MAX_ENTRY = 2**16 - 1
ENTRIES = -1
"""The level of entry bundles, which lie beside level 0 and span the same leaves."""

_PATH = re.compile(r"tile/(entries|[0-9]{1,2})/((?:x[0-9]{3}/){0,6}[0-9]{3})(?:\.p/([0-9]{1,3}))?")


@dataclass(frozen=True, slots=True)
class Tile:
    """Coordinates of a tile, or of the entry bundle where `level` is ENTRIES; `width` below 256 means partial."""

    level: int
    index: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """The path below the log's prefix, without leading slash."""
        level = "entries" if self.level == ENTRIES else str(self.level)
        index, elements = self.index // 1000, [f"{self.index % 1000:03}"]
        while index:
            elements.append(f"x{index % 1000:03}")
            index //= 1000
        suffix = "" if self.width == WIDTH else f".p/{self.width}"
        return f"tile/{level}/{'/'.join(reversed(elements))}{suffix}"

    @classmethod
    def parse(cls, path: str) -> "Tile":
        """Read a path. Raises MalformedError for any other spelling than the one `path` gives."""
        match = _PATH.fullmatch(path)
        if match is None:
            raise MalformedError("tile path", "not of the form tile/L/N[.p/W]")
        level, index, width = match.groups()
        tile = cls(
            ENTRIES if level == "entries" else int(level),
            int(index.replace("x", "").replace("/", "")),
            WIDTH if width is None else int(width),
        )
        if (
            tile.path != path
            or tile.level > MAX_LEVEL
            or tile.index > MAX_SIZE
            or not 0 < tile.width <= WIDTH
        ):
            raise MalformedError("tile path", "out of range, or in another spelling")
        return tile


ReadTile = Callable[[Tile], bytes]


def tiles_of(size: int) -> Iterator[Tile]:
    """Every tile and entry bundle of a log of `size` entries, entries first, then level by level."""
    for level in (ENTRIES, *range(MAX_LEVEL + 1)):
        hashes = _hashes_at(level, size)
        if hashes == 0:
            return
        for index in range(hashes // WIDTH):
            yield Tile(level, index)
        if hashes % WIDTH:
            yield Tile(level, hashes // WIDTH, hashes % WIDTH)


def tile_at(level: int, index: int, size: int) -> Tile:
    """The tile that holds hash `index` of a tile level (or entry `index`) in a log of `size` entries."""
    number = index // WIDTH
    return Tile(level, number, min(WIDTH, _hashes_at(level, size) - number * WIDTH))


def grow(size: int, entries: Sequence[bytes], read: ReadTile) -> dict[Tile, bytes]:
    """The tiles to write so that a log of `size` entries also holds `entries`, bundles first, then from level 0 upwards.

    Only the partial tiles on the right edge of the old size are read. Raises EntryTooLargeError, MalformedError.
    """
    tiles: dict[Tile, bytes] = {}
    number, within = divmod(size, WIDTH)
    kept = unpack_entries(read(Tile(ENTRIES, number, within)), within) if within and entries else ()
    for bundle in _rows((*kept, *entries)):
        tiles[Tile(ENTRIES, number, len(bundle))] = pack_entries(bundle)
        number += 1
    level, hashes = 0, [leaf_hash(entry) for entry in entries]
    while hashes:
        number, within = divmod(_hashes_at(level, size), WIDTH)
        edge = unpack_hashes(read(Tile(level, number, within)), within) if within else ()
        full = []
        for row in _rows((*edge, *hashes)):
            tiles[Tile(level, number, len(row))] = b"".join(row)
            number += 1
            if len(row) == WIDTH:
                full.append(root_of(row))
        level, hashes = level + 1, full
    return tiles


class TiledHashes:
    """The hashes of a log of `size` entries as its tiles tell them: a `merkle.Subtree`. Reads each tile once."""

    def __init__(self, size: int, read: ReadTile) -> None:
        self.size = size
        self._read = read
        self._tiles: dict[Tile, tuple[bytes, ...]] = {}

    def __call__(self, level: int, index: int) -> bytes:
        """The hash over the 2^level leaves from index × 2^level on. Raises MalformedError if a tile is none."""
        tile_level, height = divmod(level, 8)
        first = index << height
        tile = tile_at(tile_level, first, self.size)
        if tile not in self._tiles:
            self._tiles[tile] = unpack_hashes(self._read(tile), tile.width)
        start = first % WIDTH
        return root_of(self._tiles[tile][start : start + (1 << height)])


def unpack_hashes(data: bytes, width: int) -> tuple[bytes, ...]:
    """The first `width` hashes of a tile; a fuller tile serves too (tlog-tiles, Partial Tiles). Raises MalformedError."""
    if len(data) % HASH_SIZE or not width * HASH_SIZE <= len(data) <= WIDTH * HASH_SIZE:
        raise MalformedError("tile", f"{len(data)} bytes for {width} hashes")
    return tuple(data[i : i + HASH_SIZE] for i in range(0, width * HASH_SIZE, HASH_SIZE))


def pack_entries(entries: Sequence[bytes]) -> bytes:
    """An entry bundle: each entry after its length in two bytes. Raises EntryTooLargeError."""
    for entry in entries:
        if len(entry) > MAX_ENTRY:
            raise EntryTooLargeError(f"an entry of {len(entry)} bytes, where {MAX_ENTRY} fit")
    return b"".join(len(entry).to_bytes(2) + entry for entry in entries)


def unpack_entries(data: bytes, width: int) -> tuple[bytes, ...]:
    """The first `width` entries of a bundle; a fuller bundle serves too. Raises MalformedError."""
    entries: list[bytes] = []
    at = 0
    while at < len(data):
        end = at + 2 + int.from_bytes(data[at : at + 2])
        if end > len(data) or len(entries) == WIDTH:
            raise MalformedError("entry bundle", "cut off, or too many entries")
        entries.append(data[at + 2 : end])
        at = end
    if len(entries) < width:
        raise MalformedError("entry bundle", f"{len(entries)} entries where {width} are due")
    return tuple(entries[:width])


def _hashes_at(level: int, size: int) -> int:
    return size >> 8 * max(level, 0)


def _rows(items: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    for start in range(0, len(items), WIDTH):
        yield items[start : start + WIDTH]
