"""Whole servers in memory, listening on loopback: what one says, the other hears through real sockets."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime
from typing import Any

from starlette.applications import Starlette
from starlette.responses import HTMLResponse

from federation import outbox
from federation.actors import Actors
from federation.addressing import Addressed
from federation.fetch import Fetcher, user_agent
from federation.inbox import Inbox
from federation.limits import DEFAULT_LIMITS, Limits
from federation.netguard import GuardedTransport, networks
from federation.nodeinfo import Software
from federation.outbox import Spoken
from federation.routes import Site, site_routes
from federation.vocab import PUBLIC
from tests.federation import memory
from tests.federation.memory import MemoryHost
from tests.federation.server import free_socket, origin_of_socket, serving


class Node:
    """One server: its memory, and what it does with it. `client` gives a fetcher for the test's own loop."""

    def __init__(
        self, origin: str, *names: str, limits: Limits = DEFAULT_LIMITS, secure: bool = False
    ) -> None:
        self.origin = origin
        self.limits = limits
        self.host = MemoryHost(origin, *names)
        self.fetcher = self.client()
        self.actors = Actors(self.host.actors, self.fetcher, limits=limits, now=memory.now, plain_http=True)
        self.inbox = Inbox(
            log=self.host.log, store=self.host.actors, keys=self.actors, limits=limits, now=memory.now
        )
        site = Site(
            origin=origin,
            documents=self.host.documents,
            inbox=self.inbox,
            log=self.host.log,
            keys=self.actors,
            page=HTMLResponse("<p>page</p>"),
            software=Software(version="0.1.0", repository="https://git.example/minga"),
            secure=secure,
            limits=limits,
            now=memory.now,
        )
        self.app = Starlette(routes=site_routes(site), lifespan=self._lifespan)

    @asynccontextmanager
    async def _lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        yield
        await self.fetcher.aclose()

    def client(self) -> Fetcher:
        transport = GuardedTransport(allow_networks=networks(["127.0.0.0/8"]))
        agent = user_agent("0.1.0", self.origin)
        return Fetcher(
            transport=transport, keys=self.host.keys, agent=agent, limits=self.limits, now=memory.now
        )

    def uri(self, name: str = "olla") -> str:
        return f"{self.origin}/c/{name}"

    def say(self, kind: Any, number: int, subject: Any, *, name: str = "olla", to: str = PUBLIC) -> Spoken:
        sender = self.host.keys.sender(self.uri(name))
        addressed = Addressed((to,))
        return outbox.activity(
            kind, f"{self.origin}/s/{number}", sender, subject, published=memory.now(), addressed=addressed
        )

    def note(self, number: int, content: str, *, name: str = "olla", at: datetime | None = None) -> Spoken:
        sender = self.host.keys.sender(self.uri(name))
        document = {
            "@context": list(outbox.ACTIVITY_CONTEXT),
            "id": f"{self.origin}/o/{number}",
            "type": "Note",
            "attributedTo": sender.actor,
            "to": [PUBLIC],
            "content": content,
        }
        return outbox.seal(document, sender, at or memory.now())


@contextmanager
def node(*names: str, limits: Limits = DEFAULT_LIMITS, secure: bool = False) -> Iterator[Node]:
    listener = free_socket()
    made = Node(origin_of_socket(listener), *(names or ("olla",)), limits=limits, secure=secure)
    with serving(made.app, listener, "on"):
        yield made
