"""Commands about needs and what answers them: the board, what arrived, replies that are promises, and shares reckoned again."""

from typing import Any

from node.board import KINDS, Line, board, pledged
from node.control.commands import Call, Handler
from node.control.reading import MOST, as_told, past_of
from node.control.speaking import told
from node.domain.allocation import AllocationError
from node.domain.recompute import arithmetic
from node.domain.rounds import shared_as
from node.errors import InvalidError
from node.speak import LiveScene, tongues
from node.storage import objects
from node.storage.database import Snapshot
from node.tongues import Tongue, message
from schemas import Quantity
from schemas.allocation import Allocation

URGENT = message("Urgent!")


async def show_board(
    call: Call,
    *,
    kind: str | None = None,
    only_open: bool = False,
    before: str | None = None,
    limit: int = MOST,
) -> Any:
    """What is asked and offered, ours and our peers', and the pledges that wait for our answer or have something still to come."""
    collective = await call.collective()
    past = past_of(before)
    tongue = tongues(collective)[0]

    def look(snapshot: Snapshot) -> list[dict[str, Any]]:
        kinds = KINDS if kind is None else (kind,)
        origin = call.doors.config.origin
        lines = board(
            snapshot,
            origin,
            collective.uri,
            kinds=kinds,
            only_open=only_open,
            before=past,
            limit=max(1, min(limit, MOST + 1)),
        )
        return [{**_line(line, tongue), **answers(snapshot, origin, line)} for line in lines]

    def answers(snapshot: Snapshot, origin: str, line: Line) -> dict[str, list[dict[str, str]]]:
        row = objects.by_id(snapshot, line.id) if line.owner.uri == collective.uri else None
        pledges = pledged(snapshot, origin, row, collective) if row is not None else []
        return {
            "waiting": [as_told(each) for each in pledges if each.state == "offered"],
            "coming": [as_told(each) for each in pledges if each.owing],
        }

    return await call.doors.database.reader.run(look)


def _line(line: Line, tongue: Tongue) -> dict[str, Any]:
    return {
        "id": str(line.id),
        "uri": line.uri,
        "kind": line.kind,
        "state": line.state,
        "owner": line.owner.handle,
        "name": line.owner.name,
        "ours": line.ours,
        "what": line.what,
        "unit": None if line.asked is None else line.asked.unit.value,
        **{
            name: None if amount is None else str(amount.value)
            for name, amount in (
                ("asked", line.asked),
                ("promised", line.promised),
                ("received", line.received),
                ("lacking", line.lacking),
            )
        },
        "minimum": None if line.minimum is None else str(line.minimum.value),
        "by": None if line.by is None else line.by.isoformat(),
        "place": line.place,
        "urgent": line.urgent,
        "text": f"{tongue.say(URGENT)} {_sentence(line, tongue)}" if line.urgent else _sentence(line, tongue),
    }


def _sentence(line: Line, tongue: Tongue) -> str:
    def amount(quantity: Quantity | None) -> str:
        return tongue.say("as much as is wanted") if quantity is None else tongue.quantity(quantity)

    if line.kind == "offer" and line.asked is None:
        return tongue.say(
            "{owner} offers {what}, as much as is wanted", owner=line.owner.name, what=line.what
        )
    if line.kind == "offer":
        return tongue.say(
            "{owner} offers {asked} of {what}; {left} left",
            owner=line.owner.name,
            asked=amount(line.asked),
            what=line.what,
            left=amount(line.lacking),
        )
    return tongue.say(
        "{owner} asks for {asked} of {what}: received {received}, promised {promised}, lacking {lacking}",
        owner=line.owner.name,
        asked=amount(line.asked),
        what=line.what,
        received=amount(line.received),
        promised=amount(line.promised),
        lacking=amount(line.lacking),
    )


async def receive(call: Call, *, ref: str, fields: dict[str, str]) -> Any:
    """Record what arrived of a pledge."""
    if "of" in fields:
        raise InvalidError("of", message("the pledge is named once, before the fields"))
    speaker = await call.speaker()
    return told(await call.doors.publisher.publish(speaker, "receipt", {"of": ref, **fields}))


async def confirm(call: Call, *, ref: str, fields: dict[str, str]) -> Any:
    """Make a promise out of a plain reply to a need of ours."""
    return told(await call.doors.publisher.confirm(await call.speaker(), ref, fields))


async def reckon(call: Call, *, ref: str) -> Any:
    """The shares of an allocation, or of a round, worked out again from what was published."""
    collective, speaker = await call.collective(), await call.speaker()
    uri = await call.doors.publisher.locate(speaker, ref)
    tongue = tongues(collective)[0]

    def look(snapshot: Snapshot) -> dict[str, Any]:
        scene = LiveScene(snapshot, call.doors.config.origin, here=collective.uri)
        thing = scene.thing(uri)
        if thing is not None and thing.kind == "round":
            thing = shared_as(thing, scene)
        if thing is None or not isinstance(thing.record, Allocation):
            raise InvalidError("id", message("an allocation, or a round that was shared out"))
        try:
            return arithmetic(thing.record, scene.name, tongue)
        except AllocationError as refusal:
            raise InvalidError(
                "id", message("an allocation that can be reckoned: {why}"), why=refusal
            ) from refusal

    return await call.doors.database.reader.run(look)


COMMANDS: dict[str, Handler] = {
    "board": show_board,
    "receive": receive,
    "confirm": confirm,
    "recompute": reckon,
}
