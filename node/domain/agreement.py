"""How a pledge travels: as the Agreement that an Offer proposes and an Accept returns (FEP-0837)."""

from collections.abc import Mapping
from typing import Any

from node.domain.kind import Envelope, JsonObject, Thing
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
