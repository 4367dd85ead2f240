"""The map: who is on it for whom, and that every dot stands inside the drawing."""

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.tongues import Tongue
from node.web.map import HEIGHT, WIDTH, Spot, drawn, spots_of
from tests.fediverse import Instance, Peer, World

ES = Tongue.of("es", ZoneInfo("America/Santiago"))
PAINE = {"type": "Place", "name": "Paine", "latitude": -33.8123456, "longitude": -70.7411}


@pytest.fixture
async def olla(world: World) -> Instance:
    return await world.node("olla")


@pytest.fixture
async def peer(world: World) -> Peer:
    return await world.peer()


async def names(olla: Instance, reader: str = "") -> list[str]:
    spots: list[Spot] = await olla.look(lambda s: spots_of(s, olla.origin, reader))
    return [spot.name for spot in spots]


async def test_a_stranger_sees_of_whom_we_follow_only_those_she_can_read_here(
    olla: Instance, peer: Peer
) -> None:
    silent = peer.person("silent", 1, location=PAINE)
    await olla.hear(silent)
    assert await names(olla, olla.uri()) == ["Silent"]
    assert await names(olla) == []

    note = silent.note("Hoy hay pan")
    await silent.tell(olla, silent.activity("Create", note))
    await olla.until(lambda: olla.reads(note["id"]))
    assert await names(olla) == ["Silent"]


async def test_coordinates_are_no_finer_than_a_kilometre_whatever_a_peer_says(
    olla: Instance, peer: Peer
) -> None:
    await olla.hear(peer.person("coop", 1, location=PAINE))
    (spot,) = await olla.look(lambda s: spots_of(s, olla.origin, olla.uri()))
    assert (spot.latitude, spot.longitude, spot.district) == (-33.81, -70.74, "Paine")


@pytest.mark.parametrize(
    "place",
    [
        {"type": "Place", "name": "somewhere"},
        {"latitude": "33", "longitude": "70"},
        {"latitude": 91, "longitude": 0},
        {"latitude": True, "longitude": False},
        ["Paine"],
        "Paine",
    ],
)
async def test_a_place_without_numbers_that_are_somewhere_is_no_dot(
    olla: Instance, peer: Peer, place: object
) -> None:
    await olla.hear(peer.person("coop", 1, location=place))
    assert await names(olla, olla.uri()) == []


def spot(latitude: float, longitude: float) -> Spot:
    return Spot("u", "n", "h", "", latitude, longitude, ours=False)


@given(
    st.lists(
        st.builds(spot, st.integers(-9000, 9000).map(lambda n: n / 100), st.integers(-18000, 18000).map(lambda n: n / 100)),
        min_size=1,
        max_size=12,
    )
)  # fmt: skip
def test_every_dot_stands_inside_and_every_collective_has_one(spots: list[Spot]) -> None:
    drawing = drawn(spots, ES)
    assert all(0 <= dot.x <= WIDTH and 0 <= dot.y <= HEIGHT for dot in drawing.dots)
    assert sorted(number for dot in drawing.dots for number in dot.numbers) == list(range(1, len(spots) + 1))
    assert len(drawing.parallels) <= 7
    assert len(drawing.meridians) <= 7
    assert 0 < drawing.scale < WIDTH


def test_the_scale_is_true() -> None:
    """Two spots one degree of latitude apart are 111 km apart, which the scale's own length says too."""
    drawing = drawn([spot(-33, -70), spot(-34, -70)], ES)
    pixels = abs(drawing.dots[0].y - drawing.dots[1].y)
    assert pixels / drawing.scale * drawing.scale_km == pytest.approx(111.2, rel=0.01)


def test_the_degrees_are_written_as_the_reader_writes_them() -> None:
    spots = [spot(-33.58, -70.63), spot(-33.6, -70.7)]
    assert "70,65° O" in [line.label for line in drawn(spots, ES).meridians]
    english = Tongue.of("en", ZoneInfo("America/Santiago"))
    assert "70.65° W" in [line.label for line in drawn(spots, english).meridians]


def test_no_number_stands_on_the_label_of_a_line() -> None:
    drawing = drawn([spot(-33.6, -70.7), spot(-33.6, -70.5)], ES)
    middle, others = [line for line in drawing.parallels if line.at == drawing.dots[0].y], drawing.meridians
    assert [line.label for line in middle] == [""]
    assert all(line.label for line in others)
