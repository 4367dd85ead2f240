"""What became new for the members of a collective since they looked: what others posted, and what was told of. Read from one snapshot."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import TypeVar

from node.shown import Author, Shelf, Shown
from node.speak.whisper import beside
from node.storage import actors, follows, gathering, limits, objects, posts, timelines
from node.storage.collectives import Collective
from node.storage.database import Snapshot
from node.storage.posts import Notification, Post
from node.storage.window import Window

T = TypeVar("T")

LOOKED_AT = 60
NEWS = 10
WHISPERS = 100
_TYPES = (
    "mention",
    "favourite",
    "reblog",
    "follow",
    "follow_request",
    "update",
    "doubt",
    "fork",
    "rollback",
)
_DOUBTED = frozenset({"doubt", "fork", "rollback"})
"""What is told of somebody whose own page says more."""


@dataclass(frozen=True, slots=True)
class News:
    """Something that happened: what was posted, or what somebody did with a post of ours. `page`: the number of who it is about,
    where she is in doubt."""

    id: int
    type: str
    who: Author
    post: Shown | None
    at: datetime
    page: int = 0


class Unheard:
    """Whom the members of a collective do not hear."""

    def __init__(self, snapshot: Snapshot, own: Collective) -> None:
        self._snapshot = snapshot
        self._own = own
        self._barred: dict[str, bool] = {}

    def bars(self, actor: str) -> bool:
        """Whether the collective blocks somebody else: what she said before waits for nobody, and is no news. Looked up once."""
        if actor not in self._barred:
            self._barred[actor] = follows.blocks(self._snapshot, self._own.uri, actor)
        return self._barred[actor]

    def hides(self, actor: str) -> bool:
        """Whether what somebody says unasked is kept from the members: she is blocked, or limited and not followed."""
        return self.bars(actor) or limits.hides(self._snapshot, self._own.id, actor)


class Latest:
    """The news of one collective."""

    def __init__(self, snapshot: Snapshot, own: Collective, shelf: Shelf, unheard: Unheard) -> None:
        self._snapshot = snapshot
        self._own = own
        self._shelf = shelf
        self._unheard = unheard

    def since(self, after: int) -> list[News]:
        """What others posted and did since a position, the newest first. What was refused to us stays, however much came after."""
        rows = [
            post
            for post in posts.home(self._snapshot, self._own.id, limit=LOOKED_AT)
            if post.id > after and post.actor != self._own.uri
        ]
        posted = list(islice(self._posted(rows), NEWS))
        there = {each.post.uri for each in posted if each.post is not None} | {post.uri for post in rows}
        refused = list(islice(self._drawn(self._refusals(after)), NEWS))
        told = (
            each
            for each in self._drawn(self._notes(after, others=True))
            if each.type != "mention" or (each.post is not None and each.post.uri not in there)
        )
        found = sorted([*posted, *islice(told, NEWS)], key=lambda each: -each.id)[: NEWS - len(refused)]
        return sorted([*refused, *found], key=lambda each: -each.id)

    def _notes(self, after: int, *, others: bool) -> list[Notification]:
        """What others did, or else what the node told its own members in their apps."""
        viewer = timelines.Viewer(self._own.id, self._own.uri)
        actor = None if others else self._own.uri
        wanted = Window(limit=LOOKED_AT if others else WHISPERS, since_id=after)
        return timelines.notifications(
            self._snapshot, viewer, wanted, types=_TYPES, actor=actor, others=others
        )

    def _refusals(self, after: int) -> Iterator[Notification]:
        """The newest whisper about each promise of ours that was refused: all others stand on the board already."""
        rows = objects.owned(self._snapshot, self._own.uri, "pledge", "rejected", limit=LOOKED_AT)
        rejected = {row.uri for row in rows}
        whispers = self._notes(after, others=False) if rejected else []
        said = gathering.posts_by_id(
            self._snapshot, {each.post for each in whispers if each.post is not None}
        )
        for told in whispers:
            if not rejected:
                return
            post = said.get(told.post or 0)
            about = "" if post is None else beside(self._snapshot, post.uri).get("about", "")
            if about in rejected:
                rejected.remove(about)
                yield told

    def _posted(self, rows: Sequence[Post]) -> Iterator[News]:
        for some in _by(NEWS, [post for post in rows if not self._unheard.bars(post.actor)]):
            moments = {post.id: post.published for post in some}
            for shown in self._shelf.posts(some):
                if not self._unheard.hides(shown.author.uri):
                    yield News(shown.number, "post", shown.author, shown, moments[shown.number])

    def _drawn(self, notes: Iterable[Notification]) -> Iterator[News]:
        """What was told, as it is shown, with the post that it is about."""
        for some in _by(NEWS, list(notes)):
            about = gathering.posts_by_id(
                self._snapshot, {each.post for each in some if each.post is not None}
            )
            posted = {each.number: each for each in self._shelf.posts(about.values())}
            for told in some:
                shown = None if told.post is None else posted.get(told.post)
                doubted = actors.profile(self._snapshot, told.actor) if told.type in _DOUBTED else None
                page = 0 if doubted is None else doubted.id
                yield News(told.id, told.type, self._shelf.author(told.actor), shown, told.at, page)


def _by(size: int, rows: Sequence[T]) -> Iterator[Sequence[T]]:
    """The rows by so many, as far as they are asked for: what nobody will look at is not read."""
    return (rows[start : start + size] for start in range(0, len(rows), size))
