"""A log kept as tiles proves all that the whole tree proves, and no tile or path is read in two ways."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from node.tlog.errors import EntryTooLargeError, MalformedError
from node.tlog.merkle import (
    leaf_hash,
    prove_consistency,
    prove_inclusion,
    root,
    root_of,
    verify_consistency,
    verify_inclusion,
)
from node.tlog.tiles import (
    ENTRIES,
    Tile,
    TiledHashes,
    grow,
    pack_entries,
    tile_at,
    tiles_of,
    unpack_entries,
    unpack_hashes,
)


def entries_of(start: int, end: int) -> list[bytes]:
    return [b"entry %d" % i for i in range(start, end)]


def written(*sizes: int) -> dict[Tile, bytes]:
    """The files of a log that grew through these sizes; partial tiles that were outgrown stay."""
    files: dict[Tile, bytes] = {}
    size = 0
    for new in sizes:
        files |= grow(size, entries_of(size, new), files.__getitem__)
        size = new
    return files


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 0), "tile/0/000"),
        (Tile(0, 1_234_067), "tile/0/x001/x234/067"),
        (Tile(63, 999, 255), "tile/63/999.p/255"),
        (Tile(1, 1_000, 1), "tile/1/x001/000.p/1"),
        (Tile(ENTRIES, 273, 112), "tile/entries/273.p/112"),
    ],
)
def test_a_path_is_what_the_specification_says_and_reads_back(tile, path):
    assert tile.path == path
    assert Tile.parse(path) == tile


@pytest.mark.parametrize(
    "path",
    [
        "",
        "tile/0/0",
        "tile/00/000",
        "tile/64/000",
        "tile/0/x000/001",
        "tile/0/001/x000",
        "tile/0/x001/x234/067/",
        "/tile/0/000",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/01",
        "tile/0/000.p/",
        "tile/-1/000",
        "tile/data/000",
        "tile/0/../../checkpoint",
        "tile/0/٠٠٠",
        "tile/0/x999/x999/x999/x999/x999/x999/999",
        "tile/0/000\n",
    ],
)
def test_no_other_spelling_of_a_path_is_read(path):
    with pytest.raises(MalformedError):
        Tile.parse(path)


@given(st.text())
def test_any_text_is_a_path_or_malformed(text):
    with suppress(MalformedError):
        assert Tile.parse(f"tile/{text}").path == f"tile/{text}"


@given(st.integers(0, 63), st.integers(0, 2**63 - 1), st.integers(1, 256))
def test_every_tile_reads_back_from_its_path(level, index, width):
    assert Tile.parse(Tile(level, index, width).path) == Tile(level, index, width)


def test_a_tree_of_70000_has_the_tiles_that_the_specification_counts():
    tiles = list(tiles_of(70_000))
    for level, full, partial in ((ENTRIES, 273, 112), (0, 273, 112), (1, 1, 17), (2, 0, 1)):
        of_level = [tile for tile in tiles if tile.level == level]
        assert len([tile for tile in of_level if tile.width == 256]) == full
        assert [tile.width for tile in of_level if tile.width < 256] == [partial]
    assert max(tile.level for tile in tiles) == 2


def test_a_tree_of_256_has_a_full_tile_and_one_of_width_1_above():
    assert list(tiles_of(256)) == [Tile(ENTRIES, 0), Tile(0, 0), Tile(1, 0, 1)]
    assert list(tiles_of(0)) == []


@settings(max_examples=30)
@given(st.lists(st.integers(1, 1_300), min_size=1, max_size=5, unique=True).map(sorted))
def test_however_a_log_grew_its_tiles_are_the_same(sizes):
    grown, at_once = written(*sizes), written(sizes[-1])
    assert at_once.keys() == set(tiles_of(sizes[-1]))
    assert all(grown[tile] == content for tile, content in at_once.items())
    for size in sizes:
        assert set(tiles_of(size)) <= grown.keys()
        assert root(size, TiledHashes(size, grown.__getitem__)) == root_of(
            map(leaf_hash, entries_of(0, size))
        )


@settings(max_examples=30)
@given(st.integers(1, 600), st.data())
def test_what_tiles_prove_verifies(size, data):
    files = written(size)
    tree = root(size, TiledHashes(size, files.__getitem__))
    index = data.draw(st.integers(0, size - 1))
    proof = prove_inclusion(index, size, TiledHashes(size, files.__getitem__))
    verify_inclusion(leaf_hash(b"entry %d" % index), index, size, proof, tree)
    old = data.draw(st.integers(0, size))
    old_root = root_of(map(leaf_hash, entries_of(0, old)))
    shown = prove_consistency(old, size, TiledHashes(size, files.__getitem__))
    verify_consistency(old, old_root, size, tree, shown)


def test_a_log_of_65536_and_one_more_reaches_the_third_level():
    files = written(65_536, 65_537)
    assert Tile(2, 0, 1) in files
    assert files[Tile(2, 0, 1)] == root_of(map(leaf_hash, entries_of(0, 65_536)))
    hashes = TiledHashes(65_537, files.__getitem__)
    assert root(65_537, hashes) == root_of(map(leaf_hash, entries_of(0, 65_537)))


def test_growing_by_nothing_writes_nothing():
    assert grow(300, [], {}.__getitem__) == {}


def test_growing_rewrites_no_full_tile_and_reads_only_the_right_edge():
    files = written(600)
    read = []
    new = grow(600, entries_of(600, 601), lambda tile: read.append(tile) or files[tile])
    assert read == [Tile(ENTRIES, 2, 88), Tile(0, 2, 88)]
    assert new.keys() == {Tile(ENTRIES, 2, 89), Tile(0, 2, 89)}


def test_the_full_tile_serves_where_the_partial_one_is_gone():
    files = written(256)
    assert root(10, TiledHashes(10, lambda _: files[Tile(0, 0)])) == root_of(
        map(leaf_hash, entries_of(0, 10))
    )
    assert unpack_entries(files[Tile(ENTRIES, 0)], 10) == tuple(entries_of(0, 10))


def test_the_tile_of_an_entry_is_the_one_that_a_log_of_that_size_has():
    assert tile_at(ENTRIES, 599, 600) == Tile(ENTRIES, 2, 88)
    assert tile_at(0, 0, 600) == Tile(0, 0)
    assert tile_at(1, 1, 600) == Tile(1, 0, 2)


@pytest.mark.parametrize(("length", "width"), [(0, 1), (31, 1), (33, 1), (64, 3), (257 * 32, 256)])
def test_a_tile_of_another_length_is_malformed(length, width):
    with pytest.raises(MalformedError):
        unpack_hashes(bytes(length), width)


@pytest.mark.parametrize(
    "bundle",
    [
        b"\x00",
        b"\x00\x05abcd",
        pack_entries([b"a"]) + b"\x00",
        pack_entries([b""] * 256) + pack_entries([b""]),
        pack_entries([b"only one"]),
    ],
)
def test_a_bundle_cut_off_or_overfull_or_short_is_malformed(bundle):
    with pytest.raises(MalformedError):
        unpack_entries(bundle, 2)


@given(st.lists(st.binary(max_size=300), max_size=256))
def test_entries_come_out_of_a_bundle_as_they_went_in(entries):
    assert unpack_entries(pack_entries(entries), len(entries)) == tuple(entries)


@given(st.binary(), st.integers(1, 256))
def test_any_bytes_are_a_bundle_or_malformed(data, width):
    with suppress(MalformedError):
        assert len(unpack_entries(data, width)) == width


def test_the_largest_entry_fits_and_one_byte_more_does_not():
    assert unpack_entries(pack_entries([bytes(65_535)]), 1) == (bytes(65_535),)
    with pytest.raises(EntryTooLargeError):
        grow(0, [bytes(65_536)], {}.__getitem__)
