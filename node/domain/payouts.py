"""What was handed over of an allocation, and what its receivers say that they received."""

from collections.abc import Iterator, Sequence

from node.domain.fund import own_answers
from node.domain.kind import NotAllowedError, Scene, Thing, parts_of
from schemas import Money
from schemas.allocation import Allocation
from schemas.receipt import Receipt
from schemas.transfer import Transfer


def transfers_of(allocation: str, scene: Scene) -> Sequence[Thing]:
    """Every transfer of an allocation by its owner that was not withdrawn, oldest first."""
    known = scene.thing(allocation)
    found = own_answers(known, "allocation", scene) if known is not None else []
    return [thing for thing in found if isinstance(thing.record, Transfer)]


def is_corrected(allocation: Thing, scene: Scene) -> bool:
    """Whether its owner said another one in the place of an allocation."""
    return any(isinstance(each.record, Allocation) for each in own_answers(allocation, "corrects", scene))


def last_of(allocation: Thing, scene: Scene) -> Thing:
    """The allocation that stands in the place of one: its owner's last correction of it, that one's, and so on; itself where there is none."""
    seen = {allocation.id}
    while True:
        found = [
            each
            for each in own_answers(allocation, "corrects", scene)
            if isinstance(each.record, Allocation) and each.id not in seen
        ]
        if not found:
            return allocation
        allocation = found[-1]
        seen.add(allocation.id)


def line_of(allocation: Thing, scene: Scene) -> Iterator[Thing]:
    """An allocation, and one by one those that it takes the place of; of its owner alone, and where they go in a circle each once."""
    seen: set[str] = set()
    standing: Thing | None = allocation
    while standing is not None and standing.owner == allocation.owner and standing.id not in seen:
        record = standing.record
        if not isinstance(record, Allocation):
            return
        yield standing
        seen.add(standing.id)
        standing = scene.thing(record.corrects) if record.corrects else None


def handed_over(allocation: Thing, scene: Scene) -> list[Thing]:
    """The transfers of an allocation and of those whose place it took, oldest first: all of them are paid of its shares."""
    line = [transfers_of(each.id, scene) for each in line_of(allocation, scene)]
    return [transfer for transfers in reversed(line) for transfer in transfers]


def transferred(allocation: Thing, scene: Scene) -> dict[str, int]:
    """What each receiver was handed over of an allocation and of those whose place it took, in minor units."""
    paid: dict[str, int] = {}
    for thing in handed_over(allocation, scene):
        if isinstance(thing.record, Transfer):
            paid[thing.record.to] = paid.get(thing.record.to, 0) + thing.record.amount.minor
    return paid


def transfer_of(receipt: Receipt, scene: Scene) -> Thing | None:
    """The transfer that a receipt confirms, where this node knows it."""
    found = scene.thing(receipt.of)
    return found if found is not None and isinstance(found.record, Transfer) else None


def confirmed(transfer: Thing, scene: Scene) -> int:
    """What the receiver of a transfer confirmed so far, in minor units; the receipt that is being said left out."""
    found = (thing.record for thing in receipts_of(transfer, scene) if thing.id != scene.url)
    return sum(record.amount.minor for record in found if isinstance(record, Receipt) and record.amount)


def refuse_receipt(receipt: Receipt, transfer: Thing, scene: Scene) -> None:
    """NotAllowedError for a receipt of money that was not handed over."""
    record = transfer.record
    if not isinstance(record, Transfer):
        return
    if receipt.quantity is not None or receipt.more:
        raise NotAllowedError("quantity", "an amount of money, for money that was transferred")
    left = record.amount.minor - confirmed(transfer, scene)
    if (
        receipt.amount is None
        or receipt.amount.currency != record.amount.currency
        or receipt.amount.minor > left
    ):
        most = Money(max(0, left), record.amount.currency)
        raise NotAllowedError(
            "amount", "at most {most}, which was transferred and is not confirmed yet", most=most
        )


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
