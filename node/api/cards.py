"""The preview card of what is structured: what is still lacking, at a glance, in every app."""

from collections.abc import Mapping
from typing import Any

from node.domain.matching import still_lacking
from node.domain.wording import amount_of, good_name
from node.tongues import Tongue
from schemas import SchemaError, from_wire
from schemas.need import Need
from schemas.offer import Offer

JsonObject = dict[str, Any]


def card(
    document: Mapping[str, Any], url: str, author: JsonObject, provider: str, tongue: Tongue
) -> JsonObject | None:
    """The PreviewCard of a need or an offer; None of everything else. `author` is its Account, `provider` a host."""
    if document.get("kind") not in ("need", "offer"):
        return None
    try:
        record = from_wire(document)
    except SchemaError:
        return None
    if not isinstance(record, Need | Offer):
        return None
    what = good_name(record.what, tongue)
    if isinstance(record, Need):
        left = still_lacking(record)
        asked = amount_of(record.quantity, what, tongue)
        title = (
            tongue.say("{left} lacking of {amount}", left=left, amount=asked)
            if left.value
            else tongue.say("Covered: {amount}", amount=asked)
        )
    else:
        title = tongue.say(
            "Offered: {amount}", amount=amount_of(record.available or record.quantity, what, tongue)
        )
    by = record.by
    said = [tongue.say("By {day}", day=by) if by else "", record.place or ""]
    return {
        "url": url,
        "title": title,
        "description": " · ".join(part for part in said if part),
        "language": tongue.language,
        "type": "link",
        "author_name": author["display_name"],
        "author_url": author["url"],
        "authors": [{"name": author["display_name"], "url": author["url"], "account": author}],
        "provider_name": provider,
        "provider_url": "",
        "html": "",
        "width": 0,
        "height": 0,
        "image": None,
        "image_description": "",
        "embed_url": "",
        "blurhash": None,
        "published_at": None,
        "history": [],
    }
