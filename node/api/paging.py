"""Pages of a list: `max_id`, `since_id`, `min_id`, `limit`, and the Link header by which apps find the next one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar
from urllib.parse import urlencode

from node.api.parameters import Values
from node.storage.window import Window

T = TypeVar("T")

_CURSORS = frozenset({"max_id", "since_id", "min_id"})
USUAL = 20
MOST = 40


def window(values: Values, *, usual: int = USUAL, most: int = MOST) -> Window:
    """Which page is asked for; a limit out of bounds is brought into them, never refused."""
    wanted = values.number("limit")
    return Window(
        limit=max(1, min(most, usual if wanted is None else wanted)),
        max_id=values.number("max_id"),
        since_id=values.number("since_id"),
        min_id=values.number("min_id"),
    )


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """What stands on a page, and the cursors of its newest and oldest rows. `whole` says that it is full, so that another
    page may follow."""

    items: Sequence[T]
    cursors: Sequence[int]
    whole: bool

    def link(self, url: str, values: Values) -> str:
        """The Link header (RFC 8288), `next` first; "" where there is nothing to page through."""
        if not self.cursors:
            return ""
        kept = {
            name: value
            for name, value in values.tree.items()
            if name not in _CURSORS and isinstance(value, str | int | bool | list)
        }
        links = []
        if self.whole:
            links.append(f'<{url}?{_query(kept, "max_id", min(self.cursors))}>; rel="next"')
        links.append(f'<{url}?{_query(kept, "min_id", max(self.cursors))}>; rel="prev"')
        return ", ".join(links)


def _query(kept: Mapping[str, object], cursor: str, value: int) -> str:
    pairs: list[tuple[str, object]] = []
    for name, given in kept.items():
        if isinstance(given, list):
            pairs.extend((f"{name}[]", row) for row in given if isinstance(row, str | int))
        else:
            pairs.append((name, given))
    return urlencode([*pairs, (cursor, value)])
