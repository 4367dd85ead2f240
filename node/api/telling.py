"""What happened in a commit, as the messages that streams carry: read by the same rules as the timelines."""

from collections.abc import Awaitable, Callable, Iterator, Sequence

import msgspec

from node.api.entities import JsonObject
from node.api.notifying import notification_entities
from node.api.services import Services
from node.api.shelf import Shelf
from node.api.streams import Happened, Key, Message, Watched
from node.storage import collectives, timelines
from node.storage.collectives import Collective
from node.storage.database import Event, Snapshot
from node.storage.posts import Post
from node.storage.window import Window

_EVERYBODY = ("public", "public:media", "public:local", "public:local:media", "public:remote",
              "public:remote:media")  # fmt: skip


def teller(services: Services) -> Callable[[Sequence[Event], Watched], Awaitable[list[Happened]]]:
    """How a node tells its streams."""

    async def tell(events: Sequence[Event], watched: Watched) -> list[Happened]:
        return await services.reader.run(lambda snapshot: list(_tell(snapshot, services, events, watched)))

    return tell


def _tell(
    snapshot: Snapshot, services: Services, events: Sequence[Event], watched: Watched
) -> Iterator[Happened]:
    for own in collectives.every(snapshot):
        if own.id in watched.collectives:
            yield from _Telling(snapshot, services, own, watched).all(events)
    for event in events:
        match event:
            case ("removed", int(number), str(audience), *readers):
                yield from _removed(str(number), audience, {str(reader) for reader in readers}, watched)


def _removed(number: str, audience: str, readers: set[str], watched: Watched) -> Iterator[Happened]:
    """A post is gone: told to whom it was shown, and to everybody only where everybody could read it."""
    for key in watched.keys:
        shown = key[1] in readers if key[0] == "user" else audience == "public" and _is_open(key)
        if shown:
            yield Happened((key,), Message(_names(key), "delete", number))


def _is_open(key: Key) -> bool:
    return key[0] in _EVERYBODY or key[0].startswith("hashtag")


def _names(key: Key) -> tuple[str, ...]:
    return (key[0], key[1]) if key[0].startswith("hashtag") else (key[0],)


class _Telling:
    """One collective's view of what happened."""

    def __init__(self, snapshot: Snapshot, services: Services, own: Collective, watched: Watched) -> None:
        self._snapshot = snapshot
        self._services = services
        self._own = own
        self._watched = watched
        self._viewer = timelines.Viewer(own.id, own.uri)
        self._shelves = {name: Shelf(snapshot, services, own, name) for name in ("home", "public")}

    def all(self, events: Sequence[Event]) -> Iterator[Happened]:
        user, notices = ("user", str(self._own.id)), ("user:notification", str(self._own.id))
        for event in events:
            match event:
                case ("home", int(number), *readers) if (
                    self._own.id in readers and user in self._watched.keys
                ):
                    yield from self._home(number, "update", user)
                case ("posted", int(number), "public"):
                    yield from self._public(number, "update")
                case ("edited", int(number)):
                    if user in self._watched.keys:
                        yield from self._home(number, "status.update", user)
                    yield from self._public(number, "status.update")
                case ("filters", int(collective)) if collective == self._own.id:
                    yield Happened((user,), Message(("user",), "filters_changed"), self._own.id)
                case ("notified", int(number), int(collective)) if collective == self._own.id:
                    if user in self._watched.keys or notices in self._watched.keys:
                        yield from self._notified(number, (user, notices))

    def _home(self, number: int, event: str, key: Key) -> Iterator[Happened]:
        rows = timelines.home(self._snapshot, self._viewer, _only(number))
        for status in self._shelves["home"].statuses(rows):
            yield self._message((key,), ("user",), event, status)

    def _public(self, number: int, event: str) -> Iterator[Happened]:
        keys = [key for key in self._watched.keys if _is_open(key)]
        if not keys:
            return
        rows = timelines.public(self._snapshot, self._viewer, _only(number))
        for status in self._shelves["public"].statuses(rows):
            for key in keys:
                if _belongs(key, rows[0], status):
                    yield self._message((key,), _names(key), event, status)

    def _notified(self, number: int, keys: tuple[Key, ...]) -> Iterator[Happened]:
        told = timelines.notification(self._snapshot, self._own.id, number)
        if told is None:
            return
        for entity in notification_entities(
            self._snapshot, Shelf(self._snapshot, self._services, self._own, "notifications"), [told]
        ):
            yield self._message(keys, ("user", "user:notification"), "notification", entity)

    def _message(
        self, keys: tuple[Key, ...], names: tuple[str, ...], event: str, entity: JsonObject
    ) -> Happened:
        message = Message(names, event, msgspec.json.encode(entity).decode())
        return Happened(keys, message, self._own.id)


def _only(number: int) -> Window:
    return Window(limit=1, max_id=number + 1, since_id=number - 1)


def _belongs(key: Key, post: Post, status: JsonObject) -> bool:
    name, of = key
    if "local" in name and post.collective is None:
        return False
    if "remote" in name and post.collective is not None:
        return False
    if name.endswith(":media") and not status["media_attachments"]:
        return False
    return not name.startswith("hashtag") or any(tag["name"] == of for tag in status["tags"])
