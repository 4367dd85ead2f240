"""What a collective served and got, as a picture for other sites' pages: it shows today's numbers wherever it stands."""

import unicodedata
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from html import escape
from itertools import accumulate

from node.speak import LiveScene
from node.speak.scene import thing_of
from node.storage import objects
from node.storage.collectives import Collective
from node.storage.database import Snapshot
from node.tongues import Tongue
from schemas.meal import Meal

_DAYS = 30
_EACH = 400
"""Meals that are looked at: more than anybody cooks in these days."""
_WIDTH = 360
_ROOM = 20.5
"""Widths of a letter M that a name has room for."""
_NARROW = frozenset("iljtfrI.,;:'!|()[]´`· ")
_WIDE = frozenset("mwMWQOG@%&…—")


@dataclass(frozen=True, slots=True)
class Totals:
    """Rations served in the last thirty days; needs that were covered, and those that are open now."""

    rations: Decimal
    covered: int
    open: int


def totals(snapshot: Snapshot, origin: str, own: Collective) -> Totals:
    """What strangers may know of a collective, added up."""
    today = LiveScene(snapshot, origin, here=own.uri).day(snapshot.now)
    since = today - timedelta(days=_DAYS)
    rations = Decimal(0)
    for row in objects.of_owner(snapshot, own.uri, "meal", limit=_EACH):
        record = thing_of(row).record
        if row.audience in ("public", "unlisted") and isinstance(record, Meal) and record.served:
            rations += record.served.value if since < record.on <= today else 0
    return Totals(
        rations,
        objects.count_shown(snapshot, own.uri, "need", "covered"),
        objects.count_shown(snapshot, own.uri, "need", "open"),
    )


def badge(own: Collective, found: Totals, tongue: Tongue) -> bytes:
    """An SVG without script, font or address of anything else; its words are also its title, for screen readers."""
    name = _fitting(own.name)
    figures = (
        (
            tongue.number(found.rations),
            tongue.plural("ration in the last 30 days", "rations in the last 30 days", found.rations),
        ),
        (tongue.number(found.covered), tongue.plural("need covered", "needs covered", found.covered)),
        (tongue.number(found.open), tongue.plural("need open", "needs open", found.open)),
    )
    said = f"{own.name}: " + ", ".join(f"{number} {words}" for number, words in figures)
    rows = "".join(
        f'<text x="96" y="{64 + 24 * at}" text-anchor="end" font-weight="700">{escape(number)}</text>'
        f'<text x="106" y="{64 + 24 * at}">{escape(words)}</text>'
        for at, (number, words) in enumerate(figures)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="128" viewBox="0 0 {_WIDTH} 128" role="img"'
        f' aria-label="{escape(said)}" xml:lang="{escape(tongue.language)}"><title>{escape(said)}</title>'
        f'<rect width="{_WIDTH}" height="128" rx="8" fill="#fffaf4" stroke="#a2301b"/>'
        f'<rect width="{_WIDTH}" height="36" rx="8" fill="#a2301b"/><rect y="26" width="{_WIDTH}" height="10" fill="#a2301b"/>'
        f'<g font-family="system-ui, sans-serif" font-size="15" fill="#2b1a14"><text x="14" y="24" font-size="16"'
        f' font-weight="700" fill="#fff">{escape(name)}</text>{rows}</g></svg>'
    ).encode()


def _fitting(name: str) -> str:
    """As much of a name as has room, in whatever letters a page has: those of wide fonts are reckoned with."""
    if sum(map(_width, name)) <= _ROOM:
        return name
    widths = accumulate(map(_width, name), initial=_width("…"))
    return f"{name[: sum(width <= _ROOM for width in widths) - 1].rstrip()}…"


def _width(sign: str) -> float:
    """How wide a sign is in bold letters, at most, in widths of an M."""
    if unicodedata.combining(sign):
        return 0
    if unicodedata.east_asian_width(sign) in "WF" or unicodedata.category(sign) == "So":
        return 1.4
    if sign in _NARROW:
        return 0.5
    if sign in _WIDE:
        return 1.1
    return 0.8 if sign.isupper() else 0.72
