"""Commands about needs and what answers them: the board, what arrived, replies that are promises, and shares reckoned again."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from node.board import KINDS, Line, board, pledged
from node.control.commands import Call, Handler
from node.control.reading import as_told
from node.control.speaking import told
from node.domain.allocation import AllocationError
from node.domain.recompute import Difference, differences, recompute
from node.errors import InvalidError
from node.speak import LiveScene, tongues
from node.storage import objects
from node.storage.database import Snapshot
from node.tongues import Tongue, message
from schemas import Money, Quantity
from schemas.allocation import Allocation

URGENT = message("Urgent!")

_LINES = 200


async def show_board(call: Call, *, kind: str | None = None, only_open: bool = False) -> Any:
    """What is asked and offered, ours and our peers', and the pledges that wait for our answer."""
    collective = await call.collective()
    tongue = tongues(collective)[0]

    def look(snapshot: Snapshot) -> list[dict[str, Any]]:
        kinds = KINDS if kind is None else (kind,)
        origin = call.doors.config.origin
        lines = board(snapshot, origin, collective.uri, kinds=kinds, only_open=only_open, limit=_LINES)
        return [{**_line(line, tongue), "waiting": waiting(snapshot, origin, line)} for line in lines]

    def waiting(snapshot: Snapshot, origin: str, line: Line) -> list[dict[str, str]]:
        row = objects.by_id(snapshot, line.id) if line.owner.uri == collective.uri else None
        pledges = pledged(snapshot, origin, row, collective) if row is not None else []
        return [as_told(each) for each in pledges if each.state == "offered"]

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
    """The shares of an allocation, worked out again from what it says."""
    collective, speaker = await call.collective(), await call.speaker()
    uri = await call.doors.publisher.locate(speaker, ref)
    tongue = tongues(collective)[0]

    def look(snapshot: Snapshot) -> dict[str, Any]:
        scene = LiveScene(snapshot, call.doors.config.origin, here=collective.uri)
        thing = scene.thing(uri)
        if thing is None or not isinstance(thing.record, Allocation):
            raise InvalidError("id", message("an allocation"))
        return _reckoned(thing.record, scene, tongue)

    return await call.doors.database.reader.run(look)


def _reckoned(record: Allocation, scene: LiveScene, tongue: Tongue) -> dict[str, Any]:
    try:
        reckoned = recompute(record)
    except AllocationError as refusal:
        raise InvalidError("id", f"an allocation that can be reckoned: {refusal}") from refusal
    wrong = differences(record, reckoned)
    amounts = {str(row.claimant): row for row in reckoned.allotments}
    return {
        "rule": record.rule,
        "seed": record.seed,
        "available": tongue.money(record.available),
        "unit_price": None if record.unit_price is None else tongue.money(record.unit_price),
        "shares": [
            {
                "claimant": share.id,
                "name": scene.name(share.id),
                "weight": str(share.weight),
                "quota": f"{_rounded(share.quota)}",
                "guaranteed": share.guaranteed,
                "extra": share.extra,
                "capped": share.capped,
                "key": share.key,
                "units": share.units,
                "amount": tongue.money(amounts[share.id].amount),
            }
            for share in reckoned.shares.shares
        ],
        "carry_over": tongue.money(reckoned.carry_over),
        "differences": [_difference(line, scene, tongue) for line in wrong],
    }


def _rounded(quota: Fraction) -> Decimal:
    """A quota as people read it, to two decimals; what is reckoned with is exact."""
    exact = Decimal(quota.numerator) / Decimal(quota.denominator)
    return exact.quantize(Decimal("0.01"), ROUND_HALF_UP)


def _difference(line: Difference, scene: LiveScene, tongue: Tongue) -> str:
    def money(amount: Money | None) -> str:
        return tongue.say("nothing") if amount is None else tongue.money(amount)

    who = scene.name(line.claimant) if line.claimant else tongue.say("what is carried over")
    return tongue.say(
        "{who}: published {published}, reckoned {reckoned}",
        who=who,
        published=money(line.published),
        reckoned=money(line.reckoned),
    )


COMMANDS: dict[str, Handler] = {
    "board": show_board,
    "receive": receive,
    "confirm": confirm,
    "recompute": reckon,
}
