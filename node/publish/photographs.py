"""Photographs of a post that is about to be said: sent before, ready, and shown by no other."""

from collections.abc import Sequence
from typing import Any

from node.errors import InvalidError
from node.speak.compose import attachment_of
from node.storage import media as stored
from node.storage import posts
from node.storage.collectives import Collective
from node.storage.database import Transaction
from node.tongues import message

PICTURES = 4
"""Photographs of one post."""


def photographs(
    transaction: Transaction, collective: Collective, numbers: Sequence[int], media: str, *, thing: str = ""
) -> list[dict[str, Any]]:
    """The photographs with these numbers as they travel, `media` the address below which they are served.

    InvalidError where one is not there, not ready, or shown by another post than `thing`.
    """
    if len(numbers) > PICTURES:
        raise InvalidError("media_ids", message("at most {limit}"), limit=PICTURES)
    shown = posts.by_uri(transaction, thing) if thing else None
    found = []
    for number in numbers:
        medium = stored.by_id(transaction, collective.id, number)
        if medium is None or medium.post not in (None, shown.id if shown else None):
            raise InvalidError("media_ids", message("photographs that were sent and are not shown yet"))
        if medium.state != "ready":
            raise InvalidError("media_ids", message("photographs that are ready; try again in a moment"))
        found.append(attachment_of(medium, media))
    return found
