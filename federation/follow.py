"""Following as a graph of states, and the activities that move along it.

The same graph holds on both sides: of whom we follow, and of who follows us. It is data, checked when this module is
imported. An event that means nothing in a state changes nothing: peers repeat themselves and arrive late.

An `Accept`, `Reject` or `Undo` holds the Follow with URI strings only; with the whole actor embedded one peer leaves the
follow pending for ever (WIRE.md section 3).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from federation.interfaces import JsonObject
from federation.vocab import id_of

__all__ = ["GRAPH", "FollowEvent", "FollowState", "Refollow", "named_follow", "reference", "refollow", "step"]


class FollowState(StrEnum):
    """How one actor stands to another that it wants to follow."""

    REQUESTED = "requested"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    UNDONE = "undone"
    REMOVED = "removed"


class FollowEvent(StrEnum):
    """What may happen: Follow, Accept, Reject of what is pending, Undo by the follower, removal by the followed."""

    REQUEST = "request"
    ACCEPT = "accept"
    REJECT = "reject"
    UNDO = "undo"
    REMOVE = "remove"


_S, _E = FollowState, FollowEvent

GRAPH: Mapping[FollowState | None, Mapping[FollowEvent, FollowState]] = MappingProxyType(
    {
        None: {_E.REQUEST: _S.REQUESTED},
        _S.REQUESTED: {_E.ACCEPT: _S.ACCEPTED, _E.REJECT: _S.REJECTED, _E.UNDO: _S.UNDONE},
        # A Reject after an Accept is how a peer removes a follower; no other activity says so.
        _S.ACCEPTED: {_E.REJECT: _S.REMOVED, _E.REMOVE: _S.REMOVED, _E.UNDO: _S.UNDONE},
        _S.REJECTED: {_E.REQUEST: _S.REQUESTED, _E.ACCEPT: _S.ACCEPTED, _E.UNDO: _S.UNDONE},
        _S.UNDONE: {_E.REQUEST: _S.REQUESTED},
        _S.REMOVED: {_E.REQUEST: _S.REQUESTED, _E.UNDO: _S.UNDONE},
    }
)


def _check(graph: Mapping[FollowState | None, Mapping[FollowEvent, FollowState]]) -> None:
    """Every state is drawn, can be reached from the start, and can be left."""
    reached: set[FollowState | None] = {None}
    frontier: list[FollowState | None] = [None]
    while frontier:
        for state in graph[frontier.pop()].values():
            if state not in reached:
                reached.add(state)
                frontier.append(state)
    if reached != {None, *FollowState} or set(graph) != reached or not all(graph.values()):
        raise TypeError("the graph of Follow has a state that cannot be reached or left")


_check(GRAPH)


def step(state: FollowState | None, event: FollowEvent) -> FollowState | None:
    """The state after an event; the same state where the event means nothing in it. None: no relation yet."""
    return GRAPH[state].get(event, state)


@dataclass(frozen=True, slots=True)
class Refollow:
    """What a Follow means, given what is held: the new state, and whether the answer must be given (again)."""

    state: FollowState
    answer: bool


def refollow(state: FollowState | None, held_id: str, follow_id: str, *, approve: bool) -> Refollow:
    """Judge a Follow that arrives, whatever came before.

    `held_id` is the id of the Follow last held, `follow_id` the one that arrives, `approve` whether a steward must decide.
    The same id again changes nothing and is answered again where it was accepted: the first Accept may be lost. Another
    id of somebody accepted is accepted anew, without a steward. The host keeps the newer id.
    """
    if state is FollowState.ACCEPTED:
        return Refollow(FollowState.ACCEPTED, answer=True)
    if state is not None and held_id == follow_id:
        return Refollow(state, answer=False)
    if approve:
        return Refollow(FollowState.REQUESTED, answer=False)
    return Refollow(FollowState.ACCEPTED, answer=True)


def reference(follow_id: str, follower: str, followed: str) -> JsonObject:
    """The Follow as it stands inside an Accept, a Reject or an Undo: URI strings only."""
    return {"id": follow_id, "type": "Follow", "actor": follower, "object": followed}


def named_follow(inner: object) -> tuple[str, str | None, str | None]:
    """What an Accept, Reject or Undo says of the Follow it means: (id, follower, followed), "" or None where unsaid.

    Peers name it by id, or embed it, sometimes with whole actors, sometimes without the id. The caller compares with
    what it stored, never the other way round.
    """
    if not isinstance(inner, dict):
        return id_of(inner) or "", None, None
    return id_of(inner) or "", id_of(inner.get("actor")), id_of(inner.get("object"))
