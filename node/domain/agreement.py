"""How a pledge travels: as the Agreement that an Offer proposes and an Accept returns (FEP-0837)."""

from collections.abc import Mapping
from dataclasses import replace as changed
from typing import Any

from node.domain.kind import Audience, Envelope, Heard, JsonObject, Thing, tombstone
from node.domain.markup import to_text
from schemas import local, to_wire

_REASON = 2000
"""Characters of a reason that are kept."""


def reason_of(answer: Mapping[str, Any]) -> str:
    """The words with which an offer was answered, as everybody reads them; "" where there are none."""
    content = answer.get("content")
    return to_text(content)[:_REASON] if isinstance(content, str) else ""


def wrap(wire: JsonObject) -> JsonObject:
    """The record's wire form as the Agreement that is offered (FEP-0837)."""
    commitment = {name: value for name, value in wire["record"].items() if name not in ("id", "action")}
    return {"type": "Agreement", "stipulates": commitment}


def unwrap(agreement: JsonObject) -> JsonObject:
    """An offered Agreement as the wire form of a Note. Its terms may be whole IRIs: Fedify writes them so within an Offer."""
    stipulates = {local(term): value for term, value in agreement.items()}.get("stipulates")
    if isinstance(stipulates, list) and len(stipulates) == 1:
        stipulates = stipulates[0]
    return {"kind": "pledge", "record": stipulates}


def finalise(thing: Thing, agreement_id: str, by: str) -> JsonObject:
    """The Agreement with its id and that of its commitment, as the Accept returns it."""
    commitment = wrap(to_wire(thing.record, ""))["stipulates"] if thing.record else {}
    return {
        "type": "Agreement",
        "id": agreement_id,
        "attributedTo": by,
        "stipulates": {**commitment, "id": f"{agreement_id}#primary"},
    }


AGREEMENT = Envelope("Agreement", wrap, unwrap, finalise)


def withdrawn(before: Thing) -> Thing:
    """What was received of it stays received, so its agreement must still be found; who replied is forgotten."""
    kept = {name: fact for name, fact in before.facts.items() if name in ("agreement", "echo")}
    return changed(tombstone(before), facts=kept)


def deleted(before: Thing, uri: str) -> Thing:
    """After the Delete of a pledge's Note. Of a rejected one only the public echo goes: both sides still read what was
    refused, and why."""
    if before.state == "rejected" and before.facts.get("echo") == uri:
        return changed(before, audience=Audience.DIRECT)
    return withdrawn(before)


def claimed(heard: Heard) -> dict[str, str]:
    """The agreement that an echo names: receipts name it too. Nobody vouches for it, so the pledge is not found by it."""
    context = heard.document.get("context")
    return {"agreement": context} if isinstance(context, str) else {}
