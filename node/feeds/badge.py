"""What a collective served and got, as a picture for other sites' pages: it shows today's numbers wherever it stands."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from html import escape

from node.speak import LiveScene
from node.speak.scene import thing_of
from node.storage import objects
from node.storage.collectives import Collective
from node.storage.database import Snapshot
from node.tongues import Tongue
from schemas.meal import Meal
from schemas.need import Need

_DAYS = 30
_EACH = 400
_WIDTH = 360
_NAME = 40


@dataclass(frozen=True, slots=True)
class Totals:
    """Of the last thirty days: rations served, needs covered; and what is open now."""

    rations: Decimal
    covered: int
    open: int


def totals(snapshot: Snapshot, origin: str, own: Collective) -> Totals:
    """What strangers may know of a collective, added up."""
    today = LiveScene(snapshot, origin, here=own.uri).day(snapshot.now)
    since = today - timedelta(days=_DAYS)
    rations, covered, still = Decimal(0), 0, 0
    for row in objects.of_owner(snapshot, own.uri, "meal", limit=_EACH):
        record = thing_of(row).record
        if row.audience in ("public", "unlisted") and isinstance(record, Meal) and record.served:
            rations += record.served.value if since < record.on <= today else 0
    for row in objects.of_owner(snapshot, own.uri, "need", limit=_EACH):
        thing = thing_of(row)
        if row.audience in ("public", "unlisted") and isinstance(thing.record, Need):
            covered += thing.state == "covered" and row.updated.date() > since
            still += thing.state == "open" and not (row.due and row.due <= snapshot.now)
    return Totals(rations, covered, still)


def badge(own: Collective, found: Totals, tongue: Tongue) -> bytes:
    """An SVG without script, font or address of anything else; its words are also its title, for screen readers."""
    name = own.name if len(own.name) <= _NAME else f"{own.name[: _NAME - 1]}…"
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
