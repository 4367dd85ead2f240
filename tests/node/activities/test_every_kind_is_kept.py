"""The contract of storage, run over the registry: of every kind a peer's word is kept whole, and folds into the same state again."""

import json
from typing import Any

from node.activities import REGISTRY
from node.storage.database import Snapshot
from schemas import to_wire
from schemas.generate import example
from tests.fediverse import Instance, Person, World

UNHEARD = {"minga:unheard": {"of": ["anything", 1.5]}, "unheard": [None, True]}
"""What a peer of a later version may say besides."""


async def says(person: Person, olla: Instance, kind: str, note: dict[str, Any]) -> str:
    """A Note of a kind, made of its first examples, with what nobody here has heard of; its id."""
    note |= to_wire(example(REGISTRY[kind].record, 0), note["id"]) | UNHEARD
    if isinstance(note.get("record"), dict):
        note["record"] = {**note["record"], "unheard": "within"}
    person.peer.serve(note)
    await person.tell(olla, person.activity("Create", note))
    await olla.digested()
    return str(note["id"])


async def test_every_kind_is_kept_with_what_nobody_here_understands_and_replayed_to_the_same_state(
    world: World,
) -> None:
    olla, peer = await world.node("olla"), await world.peer()
    rosa = peer.person("rosa")
    await olla.hear(rosa)
    said = {kind: await says(rosa, olla, kind, rosa.note()) for kind in REGISTRY}
    for kind, uri in said.items():
        thing = await olla.thing(uri)
        assert thing is not None, kind
        assert thing.kind == kind
        document = json.loads(thing.document)
        assert {name: document[name] for name in UNHEARD} == UNHEARD, kind
        assert not isinstance(document.get("record"), dict) or document["record"]["unheard"] == "within"
    assert await olla.check() == []

    for uri in said.values():
        await rosa.tell(olla, rosa.activity("Delete", uri))
    await olla.digested()

    def states(snapshot: Snapshot) -> set[str]:
        rows = snapshot.all("SELECT state FROM objects WHERE owner = ?", rosa.id)
        return {row["state"] for row in rows}

    assert await olla.look(states) == {"withdrawn"}
    assert await olla.check() == []
