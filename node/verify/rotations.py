"""Key statements in a log: rotations that the identity of the account signed."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from federation import FederationError, check_identity, check_keys
from federation.vocab import as_list
from node.account.leaf import IDENTITY, Leaf
from node.verify.source import DifferenceError

JsonObject = dict[str, Any]


def shown_identity(document: Mapping[str, Any]) -> JsonObject:
    """The identity statement that an actor shows; empty where it shows none."""
    attached = (each for each in as_list(document.get("attachment")) if isinstance(each, dict))
    return next((each for each in attached if each.get("type") == "VerifiableIdentityStatement"), {})


def compare_rotations(
    first: Leaf | None, statements: Iterable[Leaf], document: Mapping[str, Any], now: datetime
) -> None:
    """DifferenceError at the first key statement that is signed neither by the identity with which the oldest log began, where it is the
    `first` leaf of that, nor by the one that the actor shows."""
    held = [first.document["statement"]] if first is not None and first.type == IDENTITY else []
    for leaf in statements:
        causes = [
            cause
            for each in (*held, shown_identity(document))
            if (cause := _cause(leaf.document["statement"], each, str(document["id"]), now))
        ]
        if len(causes) > len(held):
            raise DifferenceError("identity", f"leaf {leaf.seq} states keys that do not hold: {causes[0]}")


def _cause(statement: JsonObject, identity: JsonObject, actor: str, now: datetime) -> str:
    """Why a key statement is not the identity's; nothing where it is."""
    try:
        check_keys(statement, check_identity(identity, actor, now), now)
    except FederationError as error:
        return str(error) or "it cannot be read"
    return ""
