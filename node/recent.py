"""What was asked for lately, kept ready in memory: as much as fits, whoever asks for how many things."""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

_BESIDE = 1000
"""What one entry costs beside its bytes, in bytes."""


class Recent(Generic[K, V]):
    """Values by keys, the least recently used forgotten first. `room`: bytes that all of them may weigh together."""

    def __init__(self, room: int) -> None:
        self._room = room
        self._kept: OrderedDict[K, tuple[V, int]] = OrderedDict()
        self._size = 0

    def get(self, key: K) -> V | None:
        """The value, which is the most recent one now; None where it is not kept."""
        found = self._kept.get(key)
        if found is None:
            return None
        self._kept.move_to_end(key)
        return found[0]

    def put(self, key: K, value: V, size: int) -> None:
        """Keep a value that weighs `size` bytes, its key included; not one that is heavier than all the room."""
        if size + _BESIDE > self._room:
            return
        self._size -= self._kept.pop(key, (value, 0))[1]
        self._kept[key] = value, size + _BESIDE
        self._size += size + _BESIDE
        while self._size > self._room:
            self._size -= self._kept.popitem(last=False)[1][1]

    def clear(self) -> None:
        """Forget everything."""
        self._kept.clear()
        self._size = 0
