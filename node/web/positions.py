"""Where each member stood when something was decided, as the decision lists it and as each one signed it."""

from dataclasses import dataclass

from node.domain.digest import DigestError, digest_of
from node.domain.kind import Audience, Scene, Thing
from node.tongues import Tongue, message
from schemas.decision import Decision, Position
from schemas.stance import Stance

ROWS = 1000
"""Members that one page lists."""
VOICES = {
    "objection": message("objection"),
    "abstain": message("abstain"),
    "consent": message("consent"),
    "absent": message("absent"),
}
"""In the order in which they are listed: who objects first."""
_OPEN = (Audience.PUBLIC, Audience.UNLISTED)


@dataclass(frozen=True, slots=True)
class Row:
    """One member: its stance, the post in which it said so ("" where it said nothing), and why. `how` is by what its objection was
    resolved; `changed` whether the post says something else by now."""

    name: str
    voice: str
    post: str
    reason: str
    how: str
    changed: bool


@dataclass(frozen=True, slots=True)
class Positions:
    """The rows of a page, of `count` members."""

    rows: list[Row]
    count: int


def positions_of(thing: Thing | None, scene: Scene, tongue: Tongue) -> Positions | None:
    """Who stood where when this was decided; None of what is no decision."""
    if thing is None or not isinstance(thing.record, Decision):
        return None
    how = {each.by: each.how for each in thing.record.resolved}
    order = list(VOICES)
    listed = sorted(thing.record.stances, key=lambda each: (order.index(each.stance), scene.name(each.by)))
    rows = [_row(each, how.get(each.by, ""), scene, tongue) for each in listed[:ROWS]]
    return Positions(rows, len(listed))


def _row(position: Position, how: str, scene: Scene, tongue: Tongue) -> Row:
    said = scene.thing(position.id) if position.id else None
    same = said is not None and _is_listed(said, position)
    record = said.record if said is not None and same and said.audience in _OPEN else None
    reason = (record.reason or "") if isinstance(record, Stance) else ""
    voice = tongue.say(VOICES[position.stance])
    changed = said is not None and not same
    return Row(scene.name(position.by), voice, position.id or "", reason, how, changed)


def _is_listed(said: Thing, position: Position) -> bool:
    """Whether a post is still the one that was counted."""
    try:
        return digest_of(said.document) == position.digest
    except DigestError:
        return False
