"""Activities taken in, verified and durable, and the last of them visible."""

import asyncio
import sqlite3
import time
from pathlib import Path

from federation.interfaces import Scheme
from tests.bench.harness import Served, make, room, say, serve, title
from tests.bench.senders import Peer, peer, post_all, prepare, signed_posts

_COUNT = 2000
_AT_ONCE = 16


def run() -> None:
    """draft-cavage and RFC 9421, with and without a proof in the body, then what growth costs."""
    title(f"Inbox: {_COUNT} activities of 2 kB, {_AT_ONCE} at once (CPU seconds of the server)")
    author = peer()
    with room() as place:
        origin = make(place / "node")
        asyncio.run(prepare(place / "node", author))
        with serve(place / "node", origin) as node:
            _take(node, author, "cavage", "draft-cavage", first=1)
            _take(node, author, "rfc9421", "RFC 9421", first=1 + _COUNT)
            _take(node, author, "cavage", "draft-cavage, with proofs", first=1 + 2 * _COUNT, proof=True)
            say("memory after that", node.memory(), "MiB")
    for stored in (10_000, 100_000):
        with room() as place:
            origin = make(place / "node")
            asyncio.run(prepare(place / "node", author, stored=stored))
            with serve(place / "node", origin) as node:
                _take(node, author, "cavage", f"draft-cavage, {stored:,} stored", first=1)


def _take(node: Served, author: Peer, scheme: Scheme, name: str, *, first: int, proof: bool = False) -> None:
    inbox = f"{node.origin}/inbox"
    requests = signed_posts(author, inbox, range(first, first + _COUNT), scheme, proof=proof)
    cpu, wall = node.cpu(), time.monotonic()
    took = sorted(asyncio.run(post_all(inbox, requests, _AT_ONCE)))
    accepted = time.monotonic()
    _until_processed(node.directory)
    visible = time.monotonic() - accepted
    used = node.cpu() - cpu
    say(f"{name}: taken and processed", _COUNT / used, "/CPU s", f"{used * 1000 / _COUNT:.2f} CPU s per 1000")
    say(f"{name}: accepted", _COUNT / (accepted - wall), "/s wall")
    say(
        f"{name}: p50, p99",
        took[len(took) // 2] * 1000,
        "ms",
        f"p99 {took[int(len(took) * 0.99)] * 1000:.0f} ms",
    )
    say(f"{name}: last one visible after the last answer", visible * 1000, "ms")


def _until_processed(directory: Path) -> None:
    connection = sqlite3.connect(f"file:{directory / 'minga.db'}?mode=ro", uri=True)
    while connection.execute("SELECT count(*) FROM inbound").fetchone()[0]:
        time.sleep(0.02)
    connection.close()
