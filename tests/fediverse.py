"""A small fediverse in one process: nodes of ours, and a peer that others might have written, over real sockets.

    async def test_a_post_arrives(world):
        a, b = await world.node("a"), await world.node("b")
        await b.follow(a.address())
        said = await a.say("hola")
        await b.until(lambda: b.reads(said.uri))

Nodes are assembled by `node.app`, as in life. Time is `world.clock`, which a test may move; links fail where a test says so.
A `Person` of a `Peer` (`tests.strangers`) says whatever a test wants it to, honest or not.
"""

import asyncio
import contextlib
import json
import logging
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from federation.keys import private_pem
from node.app import Node, open_node
from node.config import Config, FederationSettings, RelationSettings
from node.domain.kind import Audience, Speaker
from node.fsck import Finding, fsck
from node.recovery import Roots
from node.speak import Said
from node.storage import actors, collectives, deliveries, follows, inbound, objects, posts
from node.storage.database import Snapshot
from tests.federation.server import PATIENCE, Listening, until
from tests.strangers import JsonObject, Peer, Person, rsa

__all__ = ["Instance", "JsonObject", "Listening", "Peer", "Person", "World", "rsa", "world"]

Ask = Callable[[], Awaitable[Any]]


class Instance:
    """One node of ours with its collectives; the first handle is meant where none is named."""

    def __init__(self, world: "World", directory: Path, handles: tuple[str, ...]) -> None:
        self.world = world
        self.directory = directory
        self.handles = handles
        self.roots: dict[str, Roots] = {}
        self.place = Listening()
        self.origin = self.place.origin
        self.node: Node
        self._open = contextlib.AsyncExitStack()

    async def start(self, *, approve: bool = False, **settings: Any) -> None:
        """Open the data directory, made on the first start, and serve it; `settings` are those of `Config`."""
        config = Config(
            origin=self.origin,
            federation=FederationSettings(allow_networks=("127.0.0.0/8",)),
            relations=RelationSettings(approve=approve),
            **settings,
        )
        fresh = not self.directory.exists()
        if fresh:
            self._prepare_keys()
        self.node = await self._open.enter_async_context(
            open_node(self.directory, config, passphrase=str, clock=self.world.clock)
        )
        for handle in self.handles if fresh else ():
            await self._found(handle)
        await self.place.up(self.node.asgi)
        self.node.workers.start()

    async def stop(self) -> None:
        """Stop serving and close."""
        await self.node.workers.stop()
        await self.place.down()
        await self._open.aclose()

    def _prepare_keys(self) -> None:
        """RSA keys made before: only their making is slow."""
        for number, path in enumerate(("actor", *(f"c/{handle}" for handle in self.handles))):
            folder = self.directory / "keys" / path
            folder.mkdir(mode=0o700, parents=True)
            file = folder / "main-key.pem"
            file.touch(0o600)
            file.write_bytes(private_pem(rsa(number)))

    async def _found(self, handle: str) -> None:
        roots = Roots.make(secrets.token_bytes)
        self.roots[handle] = roots
        now = self.world.clock()
        founding = roots.found(self.node.collectives.uri(handle), now)
        await self.node.collectives.add(
            handle=handle,
            name=f"Olla {handle}",
            kind="kitchen",
            locale="es",
            currency="CLP",
            timezone="America/Santiago",
            statement=founding.statement,
            recipient=founding.seal,
            now=now,
        )

    def uri(self, handle: str = "") -> str:
        """The actor of a collective."""
        return f"{self.origin}/c/{handle or self.handles[0]}"

    def address(self, handle: str = "") -> str:
        """`user@host` of a collective."""
        return f"{handle or self.handles[0]}@{self.origin.removeprefix('http://')}"

    def who(self, handle: str = "", *, role: str = "operator") -> Speaker:
        """Somebody who speaks for a collective."""
        return Speaker(self.uri(handle), role=role)

    async def say(
        self, text: str, *, by: str = "", audience: str | None = None, to: tuple[str, ...] = (), **more: Any
    ) -> Said:
        """Publish a note."""
        seen = None if audience is None else Audience(audience)
        return await self.node.publisher.publish(
            self.who(by), "note", {"text": text}, audience=seen, to=to, **more
        )

    async def follow(self, target: str, *, by: str = "") -> str:
        """Follow somebody, and wait until that is accepted."""
        actor = await self.node.relations.follow(self.who(by), target)
        await self.until(lambda: self.follows(actor, by=by))
        return actor

    async def hear(self, person: "Person") -> None:
        """Follow a person of a peer, who accepts."""
        await self.node.relations.follow(self.who(), person.id)
        (follow,) = await person.peer.hears("Follow", inbox=f"/users/{person.name}/inbox")
        await person.tell(self, person.activity("Accept", follow["id"]))
        assert await self.follows(person.id)

    async def look(self, look: Callable[[Snapshot], Any]) -> Any:
        """What a reading function of storage answers."""
        return await self.node.database.reader.run(look)

    async def follows(self, actor: str, *, by: str = "") -> bool:
        """Whether a collective follows an actor, and was accepted."""

        def look(snapshot: Snapshot) -> bool:
            own = collectives.by_uri(snapshot, self.uri(by))
            held = None if own is None else follows.following(snapshot, own.id, actor)
            return held is not None and held.state == "accepted"

        return bool(await self.look(look))

    async def followers(self, handle: str = "") -> list[str]:
        """Who follows a collective."""

        def look(snapshot: Snapshot) -> list[str]:
            own = collectives.by_uri(snapshot, self.uri(handle))
            return [] if own is None else [each.actor for each in follows.followers(snapshot, own.id)]

        found: list[str] = await self.look(look)
        return found

    async def home(self, handle: str = "") -> list[str]:
        """URIs in a home timeline, newest first."""

        def look(snapshot: Snapshot) -> list[str]:
            own = collectives.by_uri(snapshot, self.uri(handle))
            return [] if own is None else [post.uri for post in posts.home(snapshot, own.id, limit=100)]

        found: list[str] = await self.look(look)
        return found

    async def reads(self, uri: str, handle: str = "") -> bool:
        """Whether a post stands in a home timeline."""
        return uri in await self.home(handle)

    async def told(self, handle: str = "") -> list[tuple[str, str]]:
        """Notifications of a collective: what, and by whom."""

        def look(snapshot: Snapshot) -> list[tuple[str, str]]:
            own = collectives.by_uri(snapshot, self.uri(handle))
            rows = [] if own is None else posts.notifications(snapshot, own.id)
            return [(row.type, row.actor) for row in rows]

        found: list[tuple[str, str]] = await self.look(look)
        return found

    async def thing(self, uri: str) -> objects.Object | None:
        """The stored object of a URI."""
        found: objects.Object | None = await self.look(lambda snapshot: objects.by_uri(snapshot, uri))
        return found

    async def document(self, uri: str) -> JsonObject:
        """The document stored of an object, {} where there is none or its words are gone."""
        found = await self.thing(uri)
        return json.loads(found.document) if found is not None and found.document else {}

    async def state_of(self, actor: str) -> str:
        """How a remote actor stands here: ok, doubt, dormant, gone; "" where it is not known."""
        found = await self.look(lambda snapshot: actors.profile(snapshot, actor))
        return "" if found is None else str(found.state)

    async def incidents(self) -> list[str]:
        """Codes of refused attempts."""
        return [row[2] for row in await self.look(inbound.incidents)]

    async def until(self, happens: Ask, *, seconds: float = PATIENCE) -> Any:
        """Wait until something is so."""
        return await until(happens, seconds=seconds)

    async def digested(self) -> None:
        """Wait until everything that arrived is processed."""
        await until(lambda: self.look(lambda snapshot: inbound.count(snapshot) == 0))

    async def sent(self) -> None:
        """Wait until everything that was said is delivered."""
        await until(lambda: self.look(lambda snapshot: deliveries.count(snapshot) == 0))

    async def check(self) -> list[Finding]:
        """What `minga fsck` finds."""
        return await fsck(
            self.node.database, self.origin, self.directory, self.world.clock, lambda _done: None
        )


class World:
    """All of it. Made by the fixture `world`."""

    def __init__(self, room: Path) -> None:
        self._room = room
        self.ahead = timedelta(0)
        self.client = httpx.AsyncClient(timeout=20)
        self.instances: list[Instance] = []
        self.peers: list[Peer] = []

    def clock(self) -> datetime:
        """The time, for everybody."""
        return datetime.now(UTC) + self.ahead

    async def node(self, *handles: str, approve: bool = False, **settings: Any) -> Instance:
        """One more node of ours, with these collectives and settings."""
        instance = Instance(self, self._room / f"node-{len(self.instances)}", handles)
        self.instances.append(instance)
        await instance.start(approve=approve, **settings)
        return instance

    async def peer(self, address: str = "127.0.0.1") -> Peer:
        """One more server of others; those at other addresses have other owners."""
        peer = Peer(self, address)
        self.peers.append(peer)
        await peer.start()
        return peer

    async def quiet(self) -> None:
        """Wait until nothing is on its way between anybody."""
        for _ in range(2):
            for instance in self.instances:
                await instance.sent()
                await instance.digested()

    async def close(self) -> None:
        """Stop everything."""
        await asyncio.gather(*(each.stop() for each in (*self.instances, *self.peers)))
        await self.client.aclose()


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """A fediverse with nobody in it yet."""
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)
    made = World(tmp_path)
    try:
        yield made
    finally:
        await made.close()
