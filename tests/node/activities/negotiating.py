"""What the tests of needs, pledges and receipts do again and again between the nodes of a village."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from node.activities import REGISTRY
from node.domain.kind import Heard, NotAllowedError, Thing, Verb
from node.tongues import Tongue
from schemas import Quantity, Record, Unit, Uri
from schemas.need import Need
from schemas.pledge import Pledge
from schemas.receipt import Receipt
from tests.node.village import SANTIAGO, Village, actor

TODAY = date(2020, 8, 20)


ES = Tongue.of("es", SANTIAGO)


OVER = frozenset({"over"})


def kg(amount: int | str) -> Quantity:
    return Quantity.of(amount, Unit.KILOGRAM)


def offer(village: Village, need: str, amount: int | str, by: str = "cooperativa") -> str:
    return village.create(by, Pledge(need=Uri(need), quantity=kg(amount)))


def accepted(village: Village, need: str, amount: int | str, by: str = "cooperativa") -> str:
    pledge = offer(village, need, amount, by)
    village.answer("esperanza", Verb.ACCEPT, pledge)
    return pledge


def receive(village: Village, pledge: str, amount: int | str, **given: Any) -> str:
    return village.create("esperanza", Receipt(of=Uri(pledge), quantity=kg(amount), on=TODAY, **given))


def confirm(village: Village, need: str, amount: int, reply: str) -> str:
    kind = REGISTRY["pledge"]
    record = Pledge(need=Uri(need), quantity=kg(amount))
    return village.say(actor("esperanza"), Verb.CREATE, kind, record=record, aside={"reply": reply})


def take_back(village: Village, name: str, pledge: str) -> None:
    thing = thing_of(village, name, pledge)
    verb, about = REGISTRY[thing.kind].withdrawal(thing)
    village.answer(name, verb, about)


def thing_of(village: Village, name: str, uri: str) -> Thing:
    thing = village[name].thing(uri)
    assert thing is not None
    return thing


def lacking(village: Village, need: str) -> Decimal:
    """What is lacking, on which all nodes must agree."""
    said = set()
    for node in village.nodes.values():
        thing = node.thing(need)
        assert thing is not None
        assert isinstance(thing.record, Need)
        assert thing.record.available is not None
        assert thing.state == ("open" if thing.record.available.value else "covered")
        said.add(thing.record.available.value)
    assert len(said) == 1
    return said.pop()


def refused(village: Village, expected: str, field: str) -> Any:
    """The next thing is refused with these words, and changes nothing anywhere."""

    class Refused:
        def __enter__(self) -> None:
            self.before = [dict(node.things) for node in village.nodes.values()]
            self.raises = pytest.raises(NotAllowedError, match=expected)
            self.caught = self.raises.__enter__()

        def __exit__(self, *what: Any) -> bool:
            result = bool(self.raises.__exit__(*what))
            assert self.caught.value.field == field
            assert [dict(node.things) for node in village.nodes.values()] == self.before
            return result

    return Refused()


def heard(
    village: Village, verb: Verb, about: str, record: Record | None = None, by: str = "cooperativa"
) -> Heard:
    """An activity as a peer may send it, forged or late."""
    host = f"https://{by}.example"
    return Heard(
        id=f"{host}/s/1000", verb=verb, actor=actor(by), object_id=about, at=village.now, record=record
    )
