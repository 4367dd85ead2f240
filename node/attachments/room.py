"""How many bytes of what was sent are held in memory at once: on an old machine photographs that wait must not be all there is."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from node.errors import TooManyError
from node.tongues import message


class Room:
    """So many bytes; whoever comes when they are taken is asked to come again."""

    def __init__(self, size: int) -> None:
        self._left = size

    def take(self, size: int) -> None:
        """Take a part until it is given back. TooManyError where so much is not left."""
        if size > self._left:
            raise TooManyError(message("Too many photographs at once; try again."), retry_after=10)
        self._left -= size

    def give_back(self, size: int) -> None:
        """What was taken is held no longer."""
        self._left += size

    @contextmanager
    def taking(self) -> Iterator[Callable[[int], None]]:
        """What one request takes, piece by piece, until it is answered."""
        taken = 0

        def take(size: int) -> None:
            nonlocal taken
            self.take(size)
            taken += size

        try:
            yield take
        finally:
            self.give_back(taken)
