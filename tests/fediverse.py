"""A small fediverse in one process: nodes of ours, and a peer that others might have written, over real sockets.

    async def test_a_post_arrives(world):
        a, b = await world.node("a"), await world.node("b")
        await b.follow(a.address())
        said = await a.say("hola")
        await b.until(lambda: b.reads(said.uri))

Nodes are assembled by `node.app`, as in life. Time is `world.clock`, which a test may move; links fail where a test says so.
A `Person` of a `Peer` signs with federation's own functions and says whatever a test wants it to, honest or not.
"""

import asyncio
import contextlib
import json
import logging
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from federation import Addressed
from federation.interfaces import Scheme, Sender
from federation.keys import ed25519_of_seed, make_rsa, multikey, private_pem, public_pem
from federation.outbox import activity, seal
from federation.signing import sign_request
from federation.vocab import ACTIVITY_JSON, AS2_CONTEXT, PUBLIC
from node.app import Node, open_node
from node.config import Config, FederationSettings, RelationSettings
from node.domain.kind import Audience, Speaker
from node.fsck import Finding, fsck
from node.recovery import Roots
from node.speak import Said
from node.storage import actors, collectives, deliveries, follows, inbound, objects, posts
from node.storage.database import Snapshot
from tests.federation.server import free_socket, origin_of_socket

JsonObject = dict[str, Any]
Ask = Callable[[], Awaitable[Any]]

_PATIENCE = 10.0
_numbers = count(1)


@cache
def rsa(number: int) -> RSAPrivateKey:
    """One of a few RSA keys: making one takes a third of a second."""
    return make_rsa()


async def until(happens: Ask, *, seconds: float = _PATIENCE) -> Any:
    """Ask again and again until the answer is true; the answer."""
    end = asyncio.get_running_loop().time() + seconds
    while not (answer := await happens()):
        assert asyncio.get_running_loop().time() < end, f"not within {seconds} s; the last answer: {answer!r}"
        await asyncio.sleep(0.01)
    return answer


class Listening:
    """An application that answers on one port, and can be gone for a while."""

    def __init__(self) -> None:
        self._listener = free_socket()
        self.origin = origin_of_socket(self._listener)
        self._port = self._listener.getsockname()[1]
        self._server: uvicorn.Server | None = None
        self._serving: asyncio.Task[None] | None = None

    async def up(self, app: Any) -> None:
        """Answer."""
        if self._listener.fileno() < 0:
            self._listener = free_socket(self._port)
        settings = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            lifespan="off",
            proxy_headers=False,
            timeout_graceful_shutdown=1,
        )
        self._server = uvicorn.Server(settings)
        self._serving = asyncio.create_task(self._server.serve([self._listener]))
        while not self._server.started:
            await asyncio.sleep(0.005)

    async def down(self) -> None:
        """Answer no more: connections are refused."""
        if self._server is not None and self._serving is not None:
            self._server.should_exit = True
            await self._serving
        self._server = None
        self._listener.close()


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
            federation=FederationSettings(allow_networks=("127.0.0.1/32",)),
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

    async def until(self, happens: Ask, *, seconds: float = _PATIENCE) -> Any:
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


@dataclass
class Person:
    """An actor of a peer, with keys of its own."""

    peer: "Peer"
    name: str
    sender: Sender
    more: JsonObject = field(default_factory=dict)

    @property
    def id(self) -> str:
        return self.sender.actor

    @property
    def followers(self) -> str:
        return f"{self.id}/followers"

    def document(self) -> JsonObject:
        """Its actor document, as its server serves it now."""
        return {
            "@context": [AS2_CONTEXT, "https://w3id.org/security/v1"],
            "id": self.id,
            "type": "Person",
            "preferredUsername": self.name,
            "name": self.name.title(),
            "inbox": f"{self.id}/inbox",
            "outbox": f"{self.id}/outbox",
            "followers": self.followers,
            "endpoints": {"sharedInbox": f"{self.peer.origin}/inbox"},
            "publicKey": {
                "id": self.sender.rsa_key_id,
                "owner": self.id,
                "publicKeyPem": public_pem(self.sender.rsa.public_key()),
            },
            "assertionMethod": [
                {
                    "id": self.sender.ed25519_key_id,
                    "type": "Multikey",
                    "controller": self.id,
                    "publicKeyMultibase": multikey(self.sender.ed25519.public_key()),
                }
            ],
            **self.more,
        }

    def note(self, content: str = "hola", **more: Any) -> JsonObject:
        """A Note of its own, public unless said otherwise. It is served where its id says."""
        document = {
            "@context": AS2_CONTEXT,
            "id": f"{self.peer.origin}/notes/{next(_numbers)}",
            "type": "Note",
            "attributedTo": self.id,
            "to": [PUBLIC],
            "cc": [self.followers],
            "published": self.peer.world.clock().isoformat(),
            "content": f"<p>{content}</p>",
            **more,
        }
        self.peer.serve(document)
        return document

    def activity(self, kind: str, subject: Any, **more: Any) -> JsonObject:
        """An activity of its own, without a proof."""
        wide = {key: subject[key] for key in ("to", "cc") if isinstance(subject, dict) and key in subject}
        return {
            "@context": AS2_CONTEXT,
            "id": f"{self.peer.origin}/activities/{next(_numbers)}",
            "type": kind,
            "actor": self.id,
            "object": subject,
            **wide,
            **more,
        }

    def proven(self, document: Mapping[str, Any]) -> JsonObject:
        """The same document with an integrity proof by this actor."""
        return seal(document, self.sender, self.peer.world.clock()).document

    def spoken(self, kind: Any, subject: Any, to: tuple[str, ...] = (PUBLIC,)) -> JsonObject:
        """An activity with a proof, made by federation."""
        uri = f"{self.peer.origin}/activities/{next(_numbers)}"
        now = self.peer.world.clock()
        return activity(kind, uri, self.sender, subject, published=now, addressed=Addressed(to)).document

    async def post(
        self,
        document: Any,
        inbox: str,
        *,
        scheme: Scheme = "cavage",
        ed25519: bool = False,
        body: bytes | None = None,
    ) -> httpx.Response:
        """Sign with this actor's key and post whatever it is to an inbox."""
        content = json.dumps(document, ensure_ascii=False).encode() if body is None else body
        now = self.peer.world.clock()
        headers = sign_request("POST", inbox, content, self.sender, scheme=scheme, ed25519=ed25519, now=now)
        return await self.peer.world.client.post(inbox, content=content, headers=headers)

    async def tell(self, instance: Instance, document: JsonObject, *, handle: str = "") -> httpx.Response:
        """Post to an inbox of ours, the shared one where no handle is named; returns when it was processed."""
        inbox = f"{instance.uri(handle)}/inbox" if handle else f"{instance.origin}/inbox"
        answer = await self.post(document, inbox)
        await instance.digested()
        return answer

    async def get(self, url: str) -> httpx.Response:
        """A signed GET of a document."""
        now = self.peer.world.clock()
        headers = sign_request("GET", url, None, self.sender, scheme="cavage", ed25519=False, now=now)
        return await self.peer.world.client.get(url, headers={**headers, "accept": ACTIVITY_JSON})


class Peer:
    """A server that others might have written: serves what its people say, and remembers what comes in."""

    def __init__(self, world: "World") -> None:
        self.world = world
        self.place = Listening()
        self.origin = self.place.origin
        self.people: dict[str, Person] = {}
        self.served: dict[str, bytes] = {}
        self.gone: set[str] = set()
        self.heard: list[tuple[str, JsonObject]] = []
        self.asked: list[str] = []
        self.answers: list[int] = []
        self.refused = 0

    async def start(self) -> None:
        """Answer."""
        methods = ["GET", "POST"]
        await self.place.up(Starlette(routes=[Route("/{path:path}", self._answer, methods=methods)]))

    async def stop(self) -> None:
        """Answer no more."""
        await self.place.down()

    def person(self, name: str, number: int = 3, **more: Any) -> Person:
        """An actor here; `number` chooses its keys, `more` stands in its document."""
        uri = f"{self.origin}/users/{name}"
        key = ed25519_of_seed(bytes([number]) * 32)
        made = Person(
            self, name, Sender(uri, f"{uri}#main-key", rsa(number), f"{uri}#ed25519-key", key), more
        )
        self.people[name] = made
        return made

    def serve(self, document: JsonObject) -> None:
        """Serve a document at its id."""
        self.served[str(document["id"]).removeprefix(self.origin)] = json.dumps(document).encode()

    def said(self, kind: str, *, inbox: str = "") -> list[JsonObject]:
        """Activities of one type that came to an inbox, or to any."""
        return [each for path, each in self.heard if each["type"] == kind and path.endswith(inbox)]

    async def hears(self, kind: str, *, number: int = 1, inbox: str = "") -> list[JsonObject]:
        """Wait until so many activities of one type came in."""

        async def enough() -> list[JsonObject]:
            found = self.said(kind, inbox=inbox)
            return found if len(found) >= number else []

        found: list[JsonObject] = await until(enough)
        return found

    async def refuses(self) -> None:
        """Wait until something came and was answered by one of `answers`: what is sent before is on its way no more."""

        async def once() -> bool:
            return self.refused > 0

        await until(once)

    async def _answer(self, request: Request) -> Response:
        path = request.url.path
        if request.method == "POST":
            if status := self.answers.pop(0) if self.answers else 0:
                self.refused += 1
                return Response(status_code=status)
            self.heard.append((path, await request.json()))
            return Response(status_code=202)
        self.asked.append(path)
        if path in self.gone:
            return Response(status_code=410)
        if path == "/.well-known/webfinger":
            return self._webfinger(request.query_params.get("resource", ""))
        name = path.removeprefix("/users/")
        if path.startswith("/users/") and name in self.people:
            return Response(json.dumps(self.people[name].document()), media_type=ACTIVITY_JSON)
        if path in self.served:
            return Response(self.served[path], media_type=ACTIVITY_JSON)
        return Response(status_code=404)

    def _webfinger(self, resource: str) -> Response:
        name = resource.removeprefix("acct:").partition("@")[0]
        if name not in self.people:
            return Response(status_code=404)
        link = {"rel": "self", "type": ACTIVITY_JSON, "href": self.people[name].id}
        return Response(json.dumps({"subject": resource, "links": [link]}), media_type="application/jrd+json")


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

    async def peer(self) -> Peer:
        """One more server of others."""
        peer = Peer(self)
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
        for instance in self.instances:
            await instance.stop()
        for peer in self.peers:
            await peer.stop()
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
