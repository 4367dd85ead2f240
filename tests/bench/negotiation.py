"""A pledge from the offer to its echo between two nodes, and the board as things pile up."""

import asyncio
import contextlib
import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from node.board import board
from node.control.client import RefusedError, ask
from node.storage import collectives
from node.storage.database import Database, Snapshot, Transaction
from node.storage.follows import put_following
from node.storage.objects import Object, put
from node.storage.posts import Post, add
from tests.bench.harness import Served, make, room, say, serve, title

_PEER = "http://127.0.0.1:9"
_ROUNDS = 40
_LOOK_SECONDS = 0.02
"""Between two looks at whether it is there: what looking costs the nodes is in the figures too."""


def run() -> None:
    """Offer, Accept, Update of the need and echo; then the board with 10,000 and 100,000 things."""
    title("A pledge, round trip between two nodes")
    with room() as place, contextlib.ExitStack() as stack:
        nodes = [stack.enter_context(serve(path, make(path))) for path in (place / "a", place / "b")]
        _negotiate(*nodes)
    title("The board: open needs, newest hundred")
    for count in (100, 10_000, 100_000):
        with room() as place:
            make(place / "node")
            asyncio.run(_boards(place / "node", count))


def _negotiate(asking: Served, giving: Served) -> None:
    _ask(giving, "relation.follow", target=f"olla@{asking.origin.partition('://')[2]}")
    _until(lambda: _ask(asking, "relation.followers"))
    need = _ask(asking, "publish", kind="need", fields={"what": "lentejas", "quantity": f"{_ROUNDS} kg"})
    _until(lambda: _ask(giving, "board", kind="need"))
    cpu, wall = asking.cpu() + giving.cpu(), time.monotonic()
    for number in range(1, _ROUNDS + 1):
        fields = {"need": need["uri"], "quantity": "1 kg"}
        pledge = _ask(giving, "publish", kind="pledge", fields=fields)
        _until(lambda p=pledge: _known(asking, p["uri"]))
        _ask(asking, "accept", ref=pledge["uri"], options=[])
        left = str(_ROUNDS - number)
        _until(lambda left=left: _ask(giving, "board", kind="need")[0]["lacking"] == left)
    used, took = asking.cpu() + giving.cpu() - cpu, time.monotonic() - wall
    say("offer → accept → update → echo, both nodes", used * 1000 / _ROUNDS, "CPU ms")
    say("offer → accept → update → echo", took * 1000 / _ROUNDS, "ms wall")


def _ask(node: Served, command: str, **arguments: Any) -> Any:
    return ask(node.directory, command, arguments, lambda _: None)


def _known(node: Served, uri: str) -> bool:
    try:
        return bool(_ask(node, "show", ref=uri))
    except RefusedError:
        return False


def _until(true: Any) -> None:
    until = time.monotonic() + 20
    while not true():
        if time.monotonic() > until:
            raise RuntimeError("waited in vain")
        time.sleep(_LOOK_SECONDS)


async def _boards(directory: Path, count: int) -> None:
    database = await Database.open(directory / "minga.db", lambda: datetime.now(UTC))
    try:
        for begin in range(0, count, 5000):
            await database.writer.run(lambda t, b=begin: _fill(t, b, min(b + 5000, count)))
        own = await database.reader.run(lambda s: collectives.every(s)[0])
        follow = {"state": "accepted", "activity": f"{_PEER}/f"}
        await database.writer.run(lambda t: put_following(t, own.id, f"{_PEER}/c/b", **follow))
        origin = own.uri.partition("/c/")[0]

        def look(snapshot: Snapshot) -> int:
            return len(board(snapshot, origin, own.uri, kinds=("need",), only_open=True))

        begun = time.process_time()
        rounds = 20
        for _ in range(rounds):
            shown = await database.reader.run(look)
        used = (time.process_time() - begun) * 1000 / rounds
        say(f"{count:,} things, {shown} shown", used, "CPU ms")
    finally:
        await database.close()


def _fill(transaction: Transaction, begin: int, end: int) -> None:
    """Needs of which a third are covered; every other one is partly promised, and part of that has arrived."""
    for number in range(begin, end):
        uri = f"{_PEER}/o/{number}"
        intent = {"id": f"{uri}/proposal#primary", "name": "lentejas", "resourceQuantity": _kilos(40)}
        left = _kilos(15 if number % 2 else 40)
        document = {"kind": "need", "publishes": {**intent, "availableQuantity": left}}
        _put(transaction, uri, "open" if number % 3 else "covered", document)
        if number % 2:
            record = {
                "type": "EconomicEvent",
                "fulfills": f"{_PEER}/g/{number}#primary",
                "resourceQuantity": _kilos(10),
            }
            _put(transaction, f"{uri}r", "open", {"kind": "receipt", "inReplyTo": uri, "record": record})


def _kilos(amount: int) -> dict[str, str]:
    return {"hasUnit": "kilogram", "hasNumericalValue": str(amount)}


def _put(transaction: Transaction, uri: str, state: str, document: dict[str, Any]) -> None:
    row, now, owner, kind = transaction.next_id(), transaction.now, f"{_PEER}/c/b", str(document["kind"])
    body = json.dumps({"id": uri, "type": "Note", **document}).encode()
    put(transaction, Object(row, uri, kind, owner, None, state, "public", (), now, now, None, {}, body))
    reply = document.get("inReplyTo")
    add(transaction, Post(row, uri, owner, None, reply, None, uri, "public", kind, now, None))
