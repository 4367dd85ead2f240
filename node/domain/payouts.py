"""What was handed over of an allocation, and what its receivers say that they received."""

from collections.abc import Sequence

from node.domain.kind import Scene, Thing, parts_of
from schemas.receipt import Receipt
from schemas.transfer import Transfer


def transfers_of(allocation: str, scene: Scene) -> Sequence[Thing]:
    """Every transfer of an allocation that was not withdrawn, oldest first."""
    found = scene.answering(allocation, "allocation")
    return [thing for thing in found if isinstance(thing.record, Transfer)]


def transferred(allocation: str, scene: Scene) -> dict[str, int]:
    """What was transferred of an allocation to each receiver, in minor units."""
    paid: dict[str, int] = {}
    for thing in transfers_of(allocation, scene):
        if isinstance(thing.record, Transfer):
            paid[thing.record.to] = paid.get(thing.record.to, 0) + thing.record.amount.minor
    return paid


def receipts_of(transfer: Thing, scene: Scene) -> Sequence[Thing]:
    """The receipts by which the receiver of a transfer confirms it; nobody else's counts."""
    record = transfer.record
    names = (transfer.id, *parts_of(transfer))
    return [
        thing
        for name in names
        for thing in scene.answering(name, "fulfills")
        if isinstance(thing.record, Receipt) and isinstance(record, Transfer) and thing.owner == record.to
    ]
