"""The map of the network: a dot for every collective that chose to say about where it is, drawn from what this node follows.

No tile and no script of anybody else's: a graticule, a scale, and a list that says the same in words. Coordinates are those of the
actor documents, rounded once more to 0.01° (about a kilometre). Strangers see of whom we follow only those whose posts they can
read here anyway.
"""

import json
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from node.board import board
from node.shown import Shelf
from node.storage import collectives, follows
from node.storage.database import Snapshot
from node.tongues import Tongue, message
from node.web.reception import Pages

WIDTH, HEIGHT = 360, 300
_MARGIN = 34
_SMALLEST = 0.08
"""Degrees that are shown at least, so that one dot alone does not pretend to be an address."""
_STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0)
_SCALES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)
_LINES = 6
"""Steps of the graticule at most, each way."""
_TOUCHING = 16
"""Dots nearer than this stand as one."""
_KM_OF_DEGREE = 111.195
_OPEN = 100
"""Open needs that are looked at for who lacks something."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A collective and about where it is; `km` from our own, None for ours and where ours is nowhere."""

    uri: str
    name: str
    handle: str
    district: str
    latitude: float
    longitude: float
    ours: bool
    lacks: bool = False
    km: int | None = None


@dataclass(frozen=True, slots=True)
class Dot:
    """One dot of the drawing: where it is, and the numbers of the list that it stands for."""

    x: float
    y: float
    numbers: tuple[int, ...]
    ours: bool
    lacks: bool

    @property
    def label(self) -> str:
        """`3`, or `2, 5, 6`."""
        return ", ".join(str(number) for number in self.numbers)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the graticule, at `at` of the drawing."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """The map as shapes, and the length of its scale."""

    dots: list[Dot]
    meridians: list[Line]
    parallels: list[Line]
    scale: float
    scale_km: int


class Maps(Pages):
    """The page of the map."""

    def routes(self) -> list[BaseRoute]:
        """Its address."""
        return [Route("/map", self._map)]

    async def _map(self, request: Request) -> Response:
        visit = await self._reception.visit(request)
        tongue = await self._reception.tongue(request, visit)
        origin, reader = self._reception.origin, visit.reader
        spots = await self._reception.doors.database.reader.run(lambda s: spots_of(s, origin, reader))
        return await self._reception.page(
            request, "map.html", visit, spots=spots, drawing=drawn(spots, tongue) if spots else None
        )


def spots_of(snapshot: Snapshot, origin: str, reader: str) -> list[Spot]:
    """Who is on the map, ours first, then by distance."""
    shelf = Shelf(snapshot, origin, reader)
    found: dict[str, Spot] = {}
    there = collectives.every(snapshot)
    for own in there:
        spot = _spot(shelf, own.uri, json.loads(own.document).get("location"), ours=True)
        if spot is not None:
            found[own.uri] = spot
    for own in there:
        for uri, location in follows.located(snapshot, own.id, for_all=own.uri != reader):
            if uri not in found and (spot := _spot(shelf, uri, json.loads(location))) is not None:
                found[uri] = spot
    lacking = {
        line.owner.uri
        for line in board(snapshot, origin, reader, kinds=("need",), only_open=True, limit=_OPEN)
    }
    here = next((spot for spot in found.values() if spot.ours), None)
    spots = [
        replace(
            spot,
            lacks=spot.uri in lacking,
            km=None if here is None or spot.ours else round(_km(here, spot)),
        )
        for spot in found.values()
    ]
    return sorted(spots, key=lambda spot: (not spot.ours, spot.km or 0, spot.name))


def _spot(shelf: Shelf, uri: str, location: object, *, ours: bool = False) -> Spot | None:
    """A spot from the Place of an actor document; None where it says no numbers, or such that are nowhere."""
    place = location if isinstance(location, dict) else {}
    latitude, longitude = _degrees(place.get("latitude"), 90), _degrees(place.get("longitude"), 180)
    if latitude is None or longitude is None:
        return None
    name = place.get("name")
    author = shelf.author(uri)
    district = name[:100] if isinstance(name, str) else ""
    return Spot(uri, author.name, author.handle, district, latitude, longitude, ours)


def _degrees(value: object, most: int) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not -most <= value <= most:
        return None
    return round(value, 2)


def _km(one: Spot, other: Spot) -> float:
    """The distance over the ground, by the haversine formula."""
    here, there = math.radians(one.latitude), math.radians(other.latitude)
    half = math.radians(other.longitude - one.longitude) / 2
    arc = math.sin((there - here) / 2) ** 2 + math.cos(here) * math.cos(there) * math.sin(half) ** 2
    return math.degrees(2 * math.asin(min(1.0, math.sqrt(arc)))) * _KM_OF_DEGREE


def drawn(spots: list[Spot], tongue: Tongue) -> Drawing:
    """Dots, lines and scale: degrees as squares that narrow with the latitude, all spots inside, one pixel a step of 0.1."""
    south, north = min(s.latitude for s in spots), max(s.latitude for s in spots)
    west, east = min(s.longitude for s in spots), max(s.longitude for s in spots)
    middle, centre = (south + north) / 2, (west + east) / 2
    narrow = max(math.cos(math.radians(middle)), 0.05)
    room_x, room_y = WIDTH - 2 * _MARGIN, HEIGHT - 2 * _MARGIN
    pixels = min(
        room_x / (max(east - west, _SMALLEST) * narrow),
        room_y / max(north - south, _SMALLEST),
    )

    def x_of(longitude: float) -> float:
        return round(WIDTH / 2 + (longitude - centre) * narrow * pixels, 1)

    def y_of(latitude: float) -> float:
        return round(HEIGHT / 2 - (latitude - middle) * pixels, 1)

    across, down = WIDTH / 2 / pixels / narrow, HEIGHT / 2 / pixels
    km = _KM_OF_DEGREE / pixels
    scale = max((s for s in _SCALES if s / km <= WIDTH / 3), default=_SCALES[0])
    dots = _dots(
        (x_of(spot.longitude), y_of(spot.latitude), number, spot) for number, spot in enumerate(spots, 1)
    )
    return Drawing(
        dots=dots,
        meridians=_legible(
            _lines(
                max(centre - across, -180),
                min(centre + across, 180),
                x_of,
                tongue,
                message("{degrees}° E"),
                message("{degrees}° W"),
            ),
            dots,
            lambda at: (at + 3, 14),
        ),
        parallels=_legible(
            _lines(
                max(middle - down, -90),
                min(middle + down, 90),
                y_of,
                tongue,
                message("{degrees}° N"),
                message("{degrees}° S"),
            ),
            dots,
            lambda at: (4, at - 3),
        ),
        scale=round(scale / km, 1),
        scale_km=scale,
    )


def _dots(placed: Iterable[tuple[float, float, int, Spot]]) -> list[Dot]:
    dots: list[Dot] = []
    for x, y, number, spot in placed:
        for index, dot in enumerate(dots):
            if math.hypot(dot.x - x, dot.y - y) < _TOUCHING:
                dots[index] = replace(
                    dot,
                    numbers=(*dot.numbers, number),
                    ours=dot.ours or spot.ours,
                    lacks=dot.lacks or spot.lacks,
                )
                break
        else:
            dots.append(Dot(x, y, (number,), spot.ours, spot.lacks))
    return dots


def _lines(
    low: float, high: float, at: Callable[[float], float], tongue: Tongue, positive: str, negative: str
) -> list[Line]:
    step = next((s for s in _STEPS if (high - low) / s <= _LINES), _STEPS[-1])
    degrees = (
        round(number * step, 2) for number in range(math.ceil(low / step), math.floor(high / step) + 1)
    )
    return [Line(at(degree), _label(degree, tongue, positive, negative)) for degree in degrees]


def _legible(
    lines: list[Line], dots: list[Dot], begins: Callable[[float], tuple[float, float]]
) -> list[Line]:
    """Lines without the labels on which a dot or its number stands. `begins`: where the label of a line begins."""

    def covered(line: Line) -> bool:
        x, y = begins(line.at)
        return any(x - 16 < dot.x < x + 76 and y - 23 < dot.y < y + 26 for dot in dots)

    return [replace(line, label="") if covered(line) else line for line in lines]


def _label(degree: float, tongue: Tongue, positive: str, negative: str) -> str:
    """`70,65° O`"""
    said = positive if degree > 0 else negative if degree < 0 else "{degrees}°"
    return tongue.say(said, degrees=Decimal(str(abs(degree))))
