"""Follows taken and answered: verified, accepted, the Accept signed and delivered."""

import asyncio
import json
import time
from datetime import UTC, datetime
from pathlib import Path

from federation import public_pem, sign_request
from federation.interfaces import ActorKey, RemoteActor, Sender
from federation.keys import make_ed25519, make_rsa
from federation.vocab import ACTIVITY_JSON
from node.storage import actors
from node.storage.database import Database, Transaction
from tests.bench.fanout import all_told, sinks
from tests.bench.harness import Served, make, room, say, serve, title
from tests.bench.senders import post_all

_COUNT = 500
_HOSTS = 20
_AT_ONCE = 16


def run() -> None:
    """Strangers whose keys are known follow a collective."""
    title(f"Follows: {_COUNT} actors on {_HOSTS} hosts, each answered by an Accept that arrived")
    with room() as place, sinks(_HOSTS) as there:
        origin = make(place / "node")
        followers = _make(there.ports)
        asyncio.run(_introduce(place / "node", followers))
        with serve(place / "node", origin) as node:
            requests = [_follow(node, each, number) for number, each in enumerate(followers)]
            cpu, wall = node.cpu(), time.monotonic()
            asyncio.run(post_all(f"{node.origin}/inbox", requests, _AT_ONCE))
            last = all_told(there.told, _COUNT)
            used = node.cpu() - cpu
            say("taken and accepted", _COUNT / used, "/CPU s", f"{used * 1000 / _COUNT:.2f} CPU s per 1000")
            say("the last Accept arrived after the first Follow", last - wall, "s")


def _make(ports: list[int]) -> list[Sender]:
    """Actors in turn on each host. They share their keys, which are dear to make and mean nothing here."""
    rsa, ed25519 = make_rsa(), make_ed25519()
    uris = [f"http://127.0.0.1:{ports[number % _HOSTS]}/users/vecina{number}" for number in range(_COUNT)]
    return [Sender(uri, f"{uri}#main-key", rsa, f"{uri}#ed25519-key", ed25519) for uri in uris]


async def _introduce(directory: Path, followers: list[Sender]) -> None:
    """Let the node know them already: looking somebody up costs the same for every kind of activity."""

    def know(transaction: Transaction) -> None:
        for each in followers:
            host = each.actor.split("/")[2]
            key = ActorKey(each.rsa_key_id, each.actor, "rsa", public_pem(each.rsa.public_key()))
            remote = RemoteActor(
                id=each.actor,
                type="Person",
                inbox=f"{each.actor}/inbox",
                shared_inbox=f"http://{host}/inbox",
                followers=None,
                outbox=None,
                username=each.actor.rpartition("/")[2],
                handle="",
                keys=(key,),
                document=b"{}",
                fetched=transaction.now,
            )
            actors.put(transaction, remote, name="", host=host, believe_keys=True, state="ok")

    database = await Database.open(directory / "minga.db", lambda: datetime.now(UTC))
    try:
        await database.writer.run(know)
    finally:
        await database.close()


def _follow(node: Served, follower: Sender, number: int) -> tuple[bytes, dict[str, str]]:
    inbox = f"{node.origin}/inbox"
    body = json.dumps(
        {
            "@context": "https://www.w3.org/ns/activitystreams",
            "id": f"{follower.actor}#follow-{number}",
            "type": "Follow",
            "actor": follower.actor,
            "object": node.uri,
        }
    ).encode()
    signed = sign_request(
        "POST", inbox, body, follower, scheme="cavage", ed25519=False, now=datetime.now(UTC)
    )
    return body, {**signed, "content-type": ACTIVITY_JSON}
