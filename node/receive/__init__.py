"""DOOR. What others said, proven to be theirs: dispatch, fold, timelines, notices, consequences."""

from node.receive.fetching import Fetching
from node.receive.promises import overhear
from node.receive.receiver import Receiver

__all__ = ["Fetching", "Receiver", "overhear"]
