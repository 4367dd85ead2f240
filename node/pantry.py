"""DOOR. The pantry and the recipes of a collective: private, and never published.

Every change has its reason. What a meal took is settled in the transaction that says how many rations were served, so that
nobody serves more than what the pantry gives without counting it first.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from node.domain.dates import read_day
from node.domain.kind import NotAllowedError, Speaker
from node.domain.matching import need_of
from node.domain.measure import read_quantity
from node.domain.provisions import LINES, NAME, amount_of, last_day, rations_of, refuse_none, words
from node.domain.stock import Card, Thing, consumed, possible, take, thing_named
from node.errors import InvalidError, NotPermittedError, UnknownError
from node.publish import Idempotency, Publisher
from node.speak import LiveScene, Said, tongues
from node.stock import Stock, card_of, lot_of
from node.storage import collectives, objects, pantry
from node.storage.collectives import Collective
from node.storage.database import Snapshot, Transaction
from node.storage.pantry import Batch, Line
from node.tongues import Tongue, message
from schemas import Quantity, Unit
from schemas.meal import Meal
from schemas.need import Need
from schemas.pledge import Pledge
from schemas.receipt import Receipt

REASONS = {
    "arrived": message("it arrived"),
    "bought": message("we bought it"),
    "counted": message("we counted anew"),
    "cooked": message("it was cooked"),
    "spoiled": message("it spoiled"),
    "given": message("we gave it away"),
    "lost": message("it is missing"),
    "corrected": message("a mistake was corrected"),
}
"""Why something changed in the pantry."""
ROLES = ("steward", "cook", "operator")

_NOTE = 300


class Pantry:
    """The door of the pantry. What is typed is read in the language of the collective; InvalidError names the field."""

    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher

    async def add(
        self,
        speaker: Speaker,
        *,
        what: str,
        quantity: str,
        expires: str = "",
        reason: str = "arrived",
        note: str = "",
        key: str = "",
    ) -> int:
        """A new lot; its number. The same `key` a second time changes nothing."""
        may_change(speaker)

        def apply(transaction: Transaction) -> int:
            own, tongue = _own(transaction, speaker)
            once = Idempotency("pantry.add", key, f"{what} {quantity} {expires}".encode()) if key else None
            if once is not None and (known := once.known(transaction, speaker)) is not None:
                return int(known)
            amount = amount_of(quantity, "quantity", tongue)
            last = last_day(expires, tongue, tongue.today(transaction.now))
            number = pantry.add(
                transaction,
                own.id,
                what=words(what, "what", NAME),
                thing=thing_named(what),
                unit=amount.unit.value,
                expires=last,
            )
            pantry.move(transaction, number, amount.value, _reason(reason), note=_note(note))
            if once is not None:
                once.keep(transaction, speaker, str(number))
            return number

        return await self._publisher.apply(speaker, apply)

    async def store(self, speaker: Speaker, receipt: str) -> int:
        """Put what a receipt says into the pantry; a second time changes nothing. The lot's number."""
        may_change(speaker)
        uri = await self._publisher.locate(speaker, receipt)

        def apply(transaction: Transaction) -> int:
            own, _ = _own(transaction, speaker)
            known = pantry.from_source(transaction, own.id, uri)
            if known is not None:
                return known
            what, amount = arrived(transaction, self._publisher.origin, own, uri)
            thing = thing_named(what)
            number = pantry.add(
                transaction, own.id, what=what, thing=thing, unit=amount.unit.value, expires=None, source=uri
            )
            pantry.move(transaction, number, amount.value, "arrived")
            return number

        return await self._publisher.apply(speaker, apply)

    async def count(
        self, speaker: Speaker, lot: int, *, quantity: str, reason: str, note: str = "", key: str = ""
    ) -> Decimal:
        """Say how much of a lot there is; the difference, raised or lowered, is written down with its reason. The same `key`
        a second time changes nothing, whatever was taken out meanwhile."""
        may_change(speaker)

        def apply(transaction: Transaction) -> Decimal:
            own, tongue = _own(transaction, speaker)
            # The amount belongs to the question: another one is a correction, and no second tap.
            once = Idempotency(f"pantry.count {lot} {quantity} {reason}", key, b"") if key else None
            if once is not None and (known := once.known(transaction, speaker)) is not None:
                return Decimal(known)
            batch = _known(transaction, own, lot)
            unit = Unit(batch.unit)
            counted = read_quantity(quantity, "quantity", tongue, (unit,))
            difference = counted.value - batch.remaining
            pantry.move(transaction, lot, difference, _reason(reason), note=_note(note))
            if once is not None:
                once.keep(transaction, speaker, str(difference))
            return difference

        return await self._publisher.apply(speaker, apply)

    async def date(self, speaker: Speaker, lot: int, expires: str, *, key: str = "") -> None:
        """Say until when a lot is good; "" for something that does not spoil. The same `key` a second time changes nothing,
        whatever was said meanwhile."""
        may_change(speaker)

        def apply(transaction: Transaction) -> None:
            own, tongue = _own(transaction, speaker)
            once = Idempotency(f"pantry.date {lot} {expires}", key, b"") if key else None
            if once is not None and once.known(transaction, speaker) is not None:
                return
            batch = _known(transaction, own, lot)
            today = tongue.today(transaction.now)
            last = read_day(expires, "expires", tongue, today) if expires.strip() else None
            pantry.set_expires(transaction, batch.id, last)
            if once is not None:
                once.keep(transaction, speaker, "")

        await self._publisher.apply(speaker, apply)

    async def use(
        self, speaker: Speaker, *, what: str, quantity: str, reason: str, note: str = "", key: str = ""
    ) -> None:
        """Take something out, first what expires first; what is past its day is never taken. The same `key` a second time
        changes nothing."""
        may_change(speaker)

        def apply(transaction: Transaction) -> None:
            own, tongue = _own(transaction, speaker)
            once = Idempotency("pantry.use", key, f"{what} {quantity} {reason}".encode()) if key else None
            if once is not None and once.known(transaction, speaker) is not None:
                return
            amount = amount_of(quantity, "quantity", tongue)
            why, said = _reason(reason), _note(note)
            self._take(transaction, own, (thing_named(what), amount.unit), amount.value, why, note=said)
            if once is not None:
                once.keep(transaction, speaker, "")

        await self._publisher.apply(speaker, apply)

    def _take(
        self,
        transaction: Transaction,
        own: Collective,
        key: Thing,
        amount: Decimal,
        reason: str,
        *,
        note: str = "",
        meal: str | None = None,
    ) -> None:
        thing, unit = key
        lots = [lot_of(each) for each in pantry.there(transaction, own.id, thing) if each.unit == unit.value]
        today = tongues(own)[0].today(transaction.now)
        for taken in take(lots, amount, today):
            pantry.move(transaction, taken.lot, -taken.amount, reason, note=note, meal=meal)

    async def keep_recipe(
        self,
        speaker: Speaker,
        number: int | None,
        *,
        name: str,
        rations: str,
        lines: Sequence[tuple[str, str]],
        key: str = "",
    ) -> int:
        """Keep a recipe, new or changed: its name, for how many rations, and (what, how much) line by line. What comes a second
        time by the `key` of a new one changes that one."""
        may_change(speaker)

        def apply(transaction: Transaction) -> int:
            own, tongue = _own(transaction, speaker)
            once = Idempotency("pantry.recipe", key, b"") if key and number is None else None
            known = once.known(transaction, speaker) if once is not None else None
            there = number if known is None else int(known)
            title = words(name, "name", NAME)
            if there is not None and pantry.recipe(transaction, own.id, there) is None:
                raise UnknownError(message("There is no such recipe."))
            if pantry.named(transaction, own.id, title) not in (None, there):
                raise NotAllowedError("name", "a name that no other recipe has")
            count = rations_of(rations, tongue)
            kept = pantry.put_recipe(
                transaction, own.id, there, name=title, rations=count, lines=_lines(lines, tongue)
            )
            if once is not None and known is None:
                once.keep(transaction, speaker, str(kept))
            return kept

        return await self._publisher.apply(speaker, apply)

    async def drop_recipe(self, speaker: Speaker, number: int) -> None:
        """Forget a recipe."""
        may_change(speaker)

        def apply(transaction: Transaction) -> None:
            own, _ = _own(transaction, speaker)
            if not pantry.drop_recipe(transaction, own.id, number):
                raise UnknownError(message("There is no such recipe."))

        await self._publisher.apply(speaker, apply)

    def settle(self, transaction: Transaction, said: Said, recipe: int | None = None) -> None:
        """After a meal was said or changed: note by which `recipe` it is cooked, and let the pantry give what was served.

        NotAllowedError where more was served than what the pantry allows.
        """
        row = objects.by_uri(transaction, said.uri)
        if row is None or row.kind != Meal.kind():
            return
        own = collectives.by_uri(transaction, row.owner)
        scene = LiveScene(transaction, self._publisher.origin, here=row.owner)
        thing = scene.thing(row.uri)
        if own is None or thing is None or not isinstance(thing.record, Meal):
            return
        if recipe is not None and pantry.recipe(transaction, own.id, recipe) is not None:
            pantry.cook(transaction, own.id, row.uri, recipe)
        chosen = pantry.cooked_by(transaction, row.uri)
        held = None if chosen is None else pantry.recipe(transaction, own.id, chosen)
        if held is None:
            return
        card, served = card_of(held), thing.record.served
        used = pantry.used_for(transaction, row.uri)
        if served is not None and _used(transaction, own, used) == consumed(card, int(served.value)):
            return
        for number, amount in used.items():
            pantry.move(transaction, number, amount, "corrected", meal=row.uri)
        if served is not None:
            self._consume(transaction, own, card, int(served.value), row.uri)

    def _consume(
        self, transaction: Transaction, own: Collective, card: Card, rations: int, meal: str
    ) -> None:
        stock = Stock.of(transaction, own)
        most = possible(card, stock.amounts).rations
        if rations > most:
            raise NotAllowedError(
                "served",
                "at most {count}, which is what the pantry gives; where there was more, count the pantry first",
                count=most,
            )
        for key, amount in consumed(card, rations).items():
            self._take(
                transaction, own, key, min(amount, stock.amounts.get(key, amount)), "cooked", meal=meal
            )


def _used(snapshot: Snapshot, own: Collective, used: Mapping[int, Decimal]) -> dict[Thing, Decimal]:
    """What was taken out of lots, by good."""
    found: dict[Thing, Decimal] = {}
    for number, amount in used.items():
        batch = _known(snapshot, own, number)
        key = batch.thing, Unit(batch.unit)
        found[key] = found.get(key, Decimal(0)) + amount
    return found


def may_change(speaker: Speaker) -> None:
    """NotPermittedError where a role changes nothing in the pantry."""
    if speaker.role not in ROLES:
        raise NotPermittedError(
            message("Your role in this collective does not change the pantry."),
            hint=message("A steward gives roles. Ask one of them, or tell somebody who may."),
        )


def _own(snapshot: Snapshot, speaker: Speaker) -> tuple[Collective, Tongue]:
    own = collectives.by_uri(snapshot, speaker.actor)
    if own is None:
        raise UnknownError(message("That collective is not on this node."))
    return own, tongues(own)[0]


def _known(snapshot: Snapshot, own: Collective, number: int) -> Batch:
    batch = pantry.lot(snapshot, own.id, number)
    if batch is None:
        raise UnknownError(message("There is no such lot in the pantry."))
    return batch


def _reason(reason: str) -> str:
    if reason not in REASONS:
        raise InvalidError("reason", message("the reason why it changed"))
    return reason


def _note(text: str) -> str:
    return words(text, "note", _NOTE) if text.strip() else ""


def _lines(lines: Sequence[tuple[str, str]], tongue: Tongue) -> list[Line]:
    refuse_none(lines)
    found: dict[Thing, Line] = {}
    for index, (what, typed) in enumerate(lines[:LINES]):
        amount = amount_of(typed, f"lines[{index}].quantity", tongue)
        line = Line(
            words(what, f"lines[{index}].what", NAME), thing_named(what), amount.value, amount.unit.value
        )
        if (line.thing, amount.unit) in found:
            raise NotAllowedError(f"lines[{index}].what", "each ingredient once")
        found[line.thing, amount.unit] = line
    return [*found.values()]


def arrived(snapshot: Snapshot, origin: str, own: Collective, uri: str) -> tuple[str, Quantity]:
    """What a receipt of ours says that arrived; UnknownError where it is none, InvalidError where it says of no goods."""
    scene = LiveScene(snapshot, origin, here=own.uri)
    receipt = scene.thing(uri)
    if receipt is None or receipt.owner != own.uri or not isinstance(receipt.record, Receipt):
        raise UnknownError(message("There is no such receipt of yours."))
    pledge = scene.thing(receipt.record.of)
    need = need_of(pledge.record, scene) if pledge is not None and isinstance(pledge.record, Pledge) else None
    if receipt.record.quantity is None or need is None or not isinstance(need.record, Need):
        raise InvalidError("of", message("a receipt of goods"))
    if receipt.record.quantity.unit is Unit.HOUR:
        raise InvalidError("of", message("a receipt of goods"))
    return need.record.what, receipt.record.quantity
