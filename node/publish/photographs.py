"""Photographs of a post that is about to be said: sent before, described, ready, and shown by no other."""

from collections.abc import Sequence
from typing import Any

from node.errors import ConflictError, InvalidError, UnknownError
from node.speak.compose import attachment_of
from node.storage import media as stored
from node.storage import posts
from node.storage.collectives import Collective
from node.storage.database import Transaction
from node.tongues import message

PICTURES = 4
"""Photographs of one post."""


def photographs(
    transaction: Transaction,
    collective: Collective,
    numbers: Sequence[int] | None,
    media: str,
    *,
    thing: str = "",
    described: Sequence[stored.Description] = (),
) -> list[dict[str, Any]] | None:
    """The photographs with these numbers as they travel, `described` anew; `media` is the address below which they are served.

    None where `numbers` is. InvalidError where one is not there, not ready, or shown by another post than `thing`; what is
    described raises UnknownError and ConflictError.
    """
    shown = posts.by_uri(transaction, thing) if thing else None
    for each in described:
        _describe(transaction, collective, each, shown)
    if numbers is None:
        return None
    if len(numbers) > PICTURES:
        raise InvalidError("media_ids", message("at most {limit}"), limit=PICTURES)
    found = []
    for number in numbers:
        medium = stored.by_id(transaction, collective.id, number)
        if medium is None or medium.post not in (None, shown.id if shown else None):
            raise InvalidError("media_ids", message("photographs that were sent and are not shown yet"))
        if medium.state != "ready":
            raise InvalidError("media_ids", message("photographs that are ready; try again in a moment"))
        found.append(attachment_of(medium, media))
    return found


def _describe(
    transaction: Transaction, collective: Collective, described: stored.Description, shown: posts.Post | None
) -> None:
    medium = stored.by_id(transaction, collective.id, described.id)
    if medium is None:
        raise UnknownError(message("Record not found"))
    if medium.post not in (None, shown.id if shown else None):
        raise ConflictError(message("A post shows this photograph; edit the post."))
    stored.describe(transaction, described)
