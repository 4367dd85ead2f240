"""OrderedCollection and its pages: outbox, featured, replies; followers and following as counts.

Pages are drawn newest first (ActivityPub section 5), those of replies as they are read, and every walk along `next` ends. Who follows whom is nobody's
business: `followers` and `following` say how many, and hold no page.
"""

from collections.abc import Sequence

import msgspec

from federation.interfaces import JsonObject
from federation.vocab import AS2_CONTEXT

__all__ = ["collection", "page"]

Item = str | JsonObject | msgspec.Raw


def collection(
    collection_id: str,
    total: int,
    *,
    attributed_to: str | None = None,
    items: Sequence[Item] | None = None,
    pages: bool = False,
) -> bytes:
    """The collection itself: with its items where they are few (`featured`), with a first page at `?page=true` where
    there are `pages` (outbox, many replies), else only saying how many it holds (followers, following, peers).
    """
    document: JsonObject = {
        "@context": AS2_CONTEXT,
        "id": collection_id,
        "type": "OrderedCollection",
        "totalItems": total,
    }
    if attributed_to is not None:
        document["attributedTo"] = attributed_to
    if items is not None:
        document["orderedItems"] = list(items)
    if pages:
        document["first"] = _page_id(collection_id, "")
    return msgspec.json.encode(document)


def page(
    collection_id: str,
    items: Sequence[Item],
    *,
    total: int,
    cursor: str = "",
    older: str = "",
    newer: str = "",
) -> bytes:
    """One page, in the order of its collection. `items` may be ids, objects, or the exact bytes of activities (`msgspec.Raw`).

    `cursor` is this page's own, `older` that of the `next` page, "" where this is the last; `newer` that of `prev`.
    Cursors are opaque to the reader (`?page=true&max_id=…` is the host's affair): they stand after `page=true`.
    """
    document: JsonObject = {
        "@context": AS2_CONTEXT,
        "id": _page_id(collection_id, cursor),
        "type": "OrderedCollectionPage",
        "partOf": collection_id,
        "totalItems": total,
    }
    if older:
        document["next"] = _page_id(collection_id, older)
    if newer:
        document["prev"] = _page_id(collection_id, newer)
    document["orderedItems"] = list(items)
    return msgspec.json.encode(document)


def _page_id(collection_id: str, cursor: str) -> str:
    return f"{collection_id}?page=true" + (f"&{cursor}" if cursor else "")
