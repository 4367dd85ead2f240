"""What became new for the members of a collective since they looked: what others posted, and what was told of. Read from one snapshot."""

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import TypeVar

from node.shown import Author, Shelf, Shown
from node.speak import LiveScene
from node.speak.whisper import beside
from node.storage import actors, follows, gathering, limits, posts
from node.storage.collectives import Collective
from node.storage.database import Snapshot
from node.storage.posts import Notification, Post

T = TypeVar("T")

LOOKED_AT = 60
NEWS = 10
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
            own = self._own.uri
            self._barred[actor] = actor != own and follows.blocks(self._snapshot, own, actor)
        return self._barred[actor]

    def hides(self, actor: str) -> bool:
        """Whether what somebody says unasked is kept from the members: she is blocked, or limited and not followed."""
        return self.bars(actor) or limits.hides(self._snapshot, self._own.id, actor)


class Latest:
    """The news of one collective."""

    def __init__(
        self, snapshot: Snapshot, own: Collective, scene: LiveScene, shelf: Shelf, unheard: Unheard
    ) -> None:
        self._snapshot = snapshot
        self._own = own
        self._scene = scene
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
        notes = [
            each
            for each in posts.notifications(self._snapshot, self._own.id, limit=LOOKED_AT)
            if each.id > after and not self._unheard.hides(each.actor)
        ]
        refused = islice(self._told([each for each in notes if each.actor == self._own.uri], there), NEWS)
        others = islice(self._told([each for each in notes if each.actor != self._own.uri], there), NEWS)
        held = list(refused)
        found = sorted([*posted, *others], key=lambda each: -each.id)[: NEWS - len(held)]
        return sorted([*held, *found], key=lambda each: -each.id)

    def _posted(self, rows: Sequence[Post]) -> Iterator[News]:
        for some in _by(NEWS, [post for post in rows if not self._unheard.bars(post.actor)]):
            moments = {post.id: post.published for post in some}
            for shown in self._shelf.posts(some):
                if not self._unheard.bars(shown.author.uri):
                    yield News(shown.number, "post", shown.author, shown, moments[shown.number])

    def _told(self, notes: Sequence[Notification], there: Set[str]) -> Iterator[News]:
        """What was told, but for the posts that are `there` already and whispers that wait on the board."""
        seen: set[str] = set()
        for some in _by(NEWS, notes):
            about = gathering.posts_by_id(
                self._snapshot, {each.post for each in some if each.post is not None}
            )
            posted = {each.number: each for each in self._shelf.posts(about.values())}
            for told in some:
                shown = None if told.post is None else posted.get(told.post)
                if told.type == "mention" and (
                    not shown or shown.uri in there or self._whispered(shown, seen)
                ):
                    continue
                doubted = actors.profile(self._snapshot, told.actor) if told.type in _DOUBTED else None
                page = 0 if doubted is None else doubted.id
                yield News(told.id, told.type, self._shelf.author(told.actor), shown, told.at, page)

    def _whispered(self, post: Shown, seen: set[str]) -> bool:
        """Whether it is what the node tells its own members in their apps, and stands on the board already: all but that what we
        promised was refused. `seen`: promises of which the newest answer was looked at."""
        if post.author.uri != self._own.uri or post.audience != "direct":
            return False
        pledge = self._scene.thing(beside(self._snapshot, post.uri).get("about", ""))
        if pledge is None or (pledge.owner, pledge.state) != (self._own.uri, "rejected") or pledge.id in seen:
            return True
        seen.add(pledge.id)
        return False


def _by(size: int, rows: Sequence[T]) -> Iterator[Sequence[T]]:
    """The rows by so many, as far as they are asked for: what nobody will look at is not read."""
    return (rows[start : start + size] for start in range(0, len(rows), size))
