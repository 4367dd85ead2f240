"""How many bytes of what was sent are held in memory at once: on an old machine photographs that wait must not be all there is."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from node.errors import TooManyError
from node.tongues import message

_PATIENCE = 20
"""Seconds that somebody waits for room before she is asked to come again."""


class Share:
    """What one request holds of a room, taken as its bytes come: a length that is only told takes nothing. `rest` is what may
    still come."""

    def __init__(self, room: "Room") -> None:
        self._room = room
        self.held = 0
        self.rest = 0

    async def take(self, size: int) -> None:
        """Hold what came, as soon as there is room. TooManyError where there is none for too long."""
        await self._room.take(self, size)

    def give_back(self, size: int) -> None:
        """So much of it is held no longer."""
        size = min(size, self.held)
        self.held -= size
        self._room.give_back(size)


class Room:
    """So many bytes. Who finds none waits for it, in order."""

    def __init__(self, size: int) -> None:
        self._left = size
        self._holders: set[Share] = set()
        self._waiting: dict[asyncio.Future[None], tuple[Share, int]] = {}

    @contextmanager
    def share(self) -> Iterator[Share]:
        """What one request holds until it is answered."""
        share = Share(self)
        try:
            yield share
        finally:
            self._holders.discard(share)
            self.give_back(share.held)

    def hold(self, size: int) -> None:
        """Count what is in memory already, until it is given back."""
        self._left -= size

    def give_back(self, size: int) -> None:
        """What was held is held no longer."""
        self._left += size
        self._go_on()

    async def take(self, share: Share, size: int) -> None:
        """Hold so much for a share, at once or later. TooManyError where that takes too long."""
        granted = asyncio.get_running_loop().create_future()
        self._waiting[granted] = share, size
        self._go_on()
        try:
            async with asyncio.timeout(_PATIENCE):
                await granted
        except TimeoutError as error:
            busy = message("Too many photographs at once; try again.")
            raise TooManyError(busy, retry_after=10) from error
        finally:
            if self._waiting.pop(granted, None):
                self._go_on()  # who came later waited for this

    def _go_on(self) -> None:
        """Let go on who can, in order; who holds nothing yet begins only when nobody came before."""
        first = True
        for granted, (share, size) in list(self._waiting.items()):
            if (share.held or first) and self._is_safe(share, size):
                del self._waiting[granted]
                self._left -= size
                share.held += size
                share.rest = max(0, share.rest - size)
                self._holders.add(share)
                if not granted.done():
                    granted.set_result(None)
            else:
                first = False

    def _is_safe(self, share: Share, size: int) -> bool:
        """Whether with this taken everybody could still get the rest of hers, one after the other: else all wait for each other
        (Dijkstra's banker)."""
        left = self._left - size
        if left < 0:
            return False
        after = {each: (each.rest, each.held) for each in self._holders}
        after[share] = max(0, share.rest - size), share.held + size
        for rest, held in sorted(after.values()):
            if rest > left:
                return False
            left += held
        return True
