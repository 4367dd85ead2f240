"""A peer for benchmarks: an actor whose keys a node already knows, and what it says, signed beforehand."""

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import msgspec

from federation import Addressed, multikey, public_pem, sign_request
from federation.interfaces import ActorKey, RemoteActor, Scheme, Sender
from federation.keys import make_ed25519, make_rsa
from federation.outbox import activity, seal
from federation.vocab import ACTIVITY_JSON, PUBLIC
from node.storage import activities, actors, collectives, follows, objects, posts
from node.storage.database import Database, Transaction
from node.storage.objects import Object
from node.storage.posts import Post

CONTEXT = ["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/data-integrity/v2"]
_MENTIONS = 100
"""Of so many stored posts one tells the collective of itself."""
TEXT = "<p>" + "Hoy cocinamos para ciento veinte personas. " * 12 + "</p>"


@dataclass(frozen=True)
class Peer:
    """An actor of another server and its keys."""

    origin: str
    sender: Sender

    @property
    def uri(self) -> str:
        return self.sender.actor

    def remote(self) -> RemoteActor:
        """As the node knows it."""
        keys = (
            ActorKey(self.sender.rsa_key_id, self.uri, "rsa", public_pem(self.sender.rsa.public_key())),
            ActorKey(
                self.sender.ed25519_key_id, self.uri, "ed25519", multikey(self.sender.ed25519.public_key())
            ),
        )
        return RemoteActor(
            id=self.uri,
            type="Person",
            inbox=f"{self.uri}/inbox",
            shared_inbox=f"{self.origin}/inbox",
            followers=f"{self.uri}/followers",
            outbox=None,
            username="vecina",
            handle="",
            keys=keys,
            document=b"{}",
            fetched=datetime.now(UTC),
        )


def peer(origin: str = "http://127.0.0.1:9") -> Peer:
    """A new peer."""
    uri = f"{origin}/users/vecina"
    return Peer(origin, Sender(uri, f"{uri}#main-key", make_rsa(), f"{uri}#ed25519-key", make_ed25519()))


def note(author: Peer, number: int, now: datetime) -> dict[str, object]:
    """A Note of an ordinary size."""
    return {
        "@context": CONTEXT,
        "id": f"{author.origin}/o/{number}",
        "type": "Note",
        "attributedTo": author.uri,
        "published": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "to": [PUBLIC],
        "cc": [f"{author.uri}/followers"],
        "url": f"{author.origin}/o/{number}",
        "content": TEXT,
    }


def signed_posts(
    author: Peer, inbox: str, numbers: Sequence[int], scheme: Scheme, *, proof: bool = False
) -> list[tuple[bytes, dict[str, str]]]:
    """Create activities of about two kilobytes with the headers that authenticate them."""
    now = datetime.now(UTC)
    made = []
    for number in numbers:
        if proof:
            spoken = seal(note(author, number, now), author.sender, now)
            body = activity(
                "Create",
                f"{author.origin}/s/{number}",
                author.sender,
                spoken,
                published=now,
                addressed=Addressed((PUBLIC,), (f"{author.uri}/followers",)),
            ).body
        else:
            body = msgspec.json.encode(
                {
                    "@context": CONTEXT,
                    "id": f"{author.origin}/s/{number}",
                    "type": "Create",
                    "actor": author.uri,
                    "to": [PUBLIC],
                    "cc": [f"{author.uri}/followers"],
                    "object": note(author, number, now),
                }
            )
        headers = sign_request("POST", inbox, body, author.sender, scheme=scheme, ed25519=False, now=now)
        made.append((body, {**headers, "content-type": ACTIVITY_JSON}))
    return made


async def post_all(inbox: str, requests: Sequence[tuple[bytes, dict[str, str]]], at_once: int) -> list[float]:
    """Post them, so many at a time; the seconds that each took. Anything but 202 ends the benchmark."""
    took: list[float] = []
    gate = asyncio.Semaphore(at_once)

    async def one(session: aiohttp.ClientSession, body: bytes, headers: dict[str, str]) -> None:
        async with gate:
            begun = time.monotonic()
            async with session.post(inbox, data=body, headers=headers) as answer:
                if answer.status != 202:
                    raise RuntimeError(f"{answer.status}: {await answer.text()}")
            took.append(time.monotonic() - begun)

    async with aiohttp.ClientSession() as session:
        await asyncio.gather(*(one(session, body, headers) for body, headers in requests))
    return took


async def prepare(directory: Path, author: Peer, *, stored: int = 0) -> None:
    """Let the node, while it does not run, know and follow a peer, and hold so many posts of it already."""
    database = await Database.open(directory / "minga.db", lambda: datetime.now(UTC))
    try:
        await database.writer.run(lambda t: _know(t, author))
        for begin in range(0, stored, 5000):
            await database.writer.run(lambda t, b=begin: _fill(t, author, b, min(b + 5000, stored)))
    finally:
        await database.close()


def _know(transaction: Transaction, author: Peer) -> None:
    own = collectives.every(transaction)[0]
    remote = author.remote()
    actors.put(transaction, remote, name="Vecina", host="127.0.0.1:9", believe_keys=True, state="ok")
    follows.put_following(transaction, own.id, remote.id, state="accepted", activity=f"{own.uri}#follow")


def _fill(transaction: Transaction, author: Peer, begin: int, end: int) -> None:
    own = collectives.every(transaction)[0]
    for number in range(begin, end):
        document = json.dumps(note(author, -number - 1, transaction.now)).encode()
        uri, row = f"{author.origin}/o/{-number - 1}", transaction.next_id()
        activities.add(
            transaction,
            number=transaction.next_id(),
            uri=f"{uri}#create",
            actor=author.uri,
            type="Create",
            object=uri,
            kind="note",
            collective=None,
            audience="public",
            body=document,
        )
        objects.put(
            transaction,
            Object(
                row,
                uri,
                "note",
                author.uri,
                None,
                "open",
                "public",
                (),
                transaction.now,
                transaction.now,
                None,
                {},
                document,
            ),
        )
        posts.add(
            transaction,
            Post(
                row,
                uri,
                author.uri,
                None,
                None,
                None,
                f"{uri}/context",
                "public",
                "note",
                transaction.now,
                None,
            ),
        )
        posts.put_home(transaction, row, [own.id])
        if number % _MENTIONS == 0:
            posts.notify(transaction, own.id, "mention", author.uri, row)
