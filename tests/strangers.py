"""A server that others might have written, and its people, who say whatever a test wants them to, honest or not.

A `Person` of a `Peer` signs with federation's own functions. A peer serves what its people say, and remembers what comes in.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from itertools import count
from typing import TYPE_CHECKING, Any, Protocol

import httpx
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from federation import Addressed
from federation.interfaces import Scheme, Sender
from federation.keys import ed25519_of_seed, make_rsa, multikey, public_pem
from federation.outbox import activity, seal
from federation.signing import sign_request
from federation.vocab import ACTIVITY_JSON, AS2_CONTEXT, PUBLIC
from tests.federation.server import Listening, until

if TYPE_CHECKING:
    from tests.fediverse import Instance

JsonObject = dict[str, Any]

_numbers = count(1)


@cache
def rsa(number: int) -> RSAPrivateKey:
    """One of a few RSA keys: making one takes a third of a second."""
    return make_rsa()


class Surroundings(Protocol):
    """What a peer needs of its world."""

    client: httpx.AsyncClient

    def clock(self) -> datetime:
        """The time, for everybody."""


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

    async def tell(self, instance: "Instance", document: JsonObject, *, handle: str = "") -> httpx.Response:
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

    def __init__(self, world: Surroundings, address: str = "127.0.0.1") -> None:
        self.world = world
        self.place = Listening(address)
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
