"""DOOR. A member says something: who may, what it must hold, whom it names; then it is said in one transaction."""

from node.publish.commands import Commands
from node.publish.door import FIND, Finder
from node.publish.drafts import Change, Typed
from node.publish.idempotency import Idempotency, RepeatedError
from node.publish.proposals import Proposals, Signed
from node.publish.publisher import Publisher
from node.publish.reactions import Reactions
from node.publish.sight import offer_told
from node.publish.trying import Tried, Trying
from node.publish.unchanged import stands

__all__ = [
    "FIND",
    "Change",
    "Commands",
    "Finder",
    "Idempotency",
    "Proposals",
    "Publisher",
    "Reactions",
    "RepeatedError",
    "Signed",
    "Tried",
    "Trying",
    "Typed",
    "offer_told",
    "stands",
]
