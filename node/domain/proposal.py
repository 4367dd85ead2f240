"""The typed twin of a need or an offer: the same row as an FEP-0837 `Proposal`, for peers that act on that type only."""

from collections.abc import Mapping
from typing import Any

from node.domain.wording import amount_of, good_name
from node.tongues import Tongue
from schemas import context_for
from schemas.need import Need
from schemas.offer import Offer

_SHARED = ("attributedTo", "published", "updated", "to", "cc", "content", "url")
_TYPED = ("purpose", "publishes", "reciprocal")


def twin(note: Mapping[str, Any], record: Need | Offer, tongue: Tongue) -> dict[str, Any]:
    """The Proposal served at `note["proposal"]`, without its proof."""
    proposal = {
        "id": note["proposal"],
        "type": "Proposal",
        "name": amount_of(record.quantity, good_name(record.what, tongue), tongue),
        **{name: note[name] for name in (*_SHARED, *_TYPED) if name in note},
    }
    return {"@context": context_for(proposal), **proposal}
