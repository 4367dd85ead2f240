"""Post on its way to many servers: some well, some slow, some dead."""

import asyncio
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from federation.delivery import Delivery
from federation.interfaces import HostState
from federation.limits import Limits
from tests.federation import memory
from tests.federation.server import free_socket, origin_of_socket, serving
from tests.federation.world import Node, node

US = "https://we.example"
Handler = Callable[[Request], Awaitable[Response]]


class Recorder:
    """A peer of many names (every address of 127.0.0.0/8 is loopback) that counts what it was given."""

    def __init__(self, handler: Handler | None = None) -> None:
        self.got: Counter[str] = Counter()
        self.bodies: list[bytes] = []
        self.headers: list[dict[str, str]] = []
        self._handler = handler
        self.app = Starlette(routes=[Route("/inbox", self._take, methods=["POST"])])

    async def _take(self, request: Request) -> Response:
        self.bodies.append(await request.body())
        self.headers.append(dict(request.headers))
        response = await self._handler(request) if self._handler else Response(status_code=202)
        if response.status_code < 300:
            self.got[request.headers["host"]] += 1
        return response


@asynccontextmanager
async def delivering(us: Node, **options: object) -> AsyncIterator[Delivery]:
    worker = Delivery(us.host.queue, us.host.keys, us.fetcher, now=memory.now, **options)  # type: ignore[arg-type]
    running = asyncio.create_task(worker.run())
    try:
        yield worker
    finally:
        await worker.stop()
        await asyncio.wait_for(running, 6)
        await us.fetcher.aclose()


async def until(condition: Callable[[], bool], seconds: float = 5.0) -> float:
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < seconds, "waited in vain"
        await asyncio.sleep(0.01)
    return time.monotonic() - began


def made(limits: Limits | None = None) -> Node:
    return Node(US, "olla", limits=limits or Limits(delivery_seconds=2.0))


def outcomes(us: Node) -> list[str]:
    return [each.outcome for each in us.host.queue.settled]


async def test_what_we_send_is_taken_by_another_server_of_ours() -> None:
    with node("fondo") as them, node("olla") as origin_of_ours:
        us = origin_of_ours
        said = us.say("Follow", 1, them.uri("fondo"))
        us.host.queue.enqueue(us.uri(), f"{them.origin}/inbox", said.body)
        worker = Delivery(us.host.queue, us.host.keys, us.client(), now=memory.now)
        running = asyncio.create_task(worker.run())
        await until(lambda: outcomes(us) == ["done"])
        assert them.host.log.items[us.uri(), f"{us.origin}/s/1"].body == said.body
        await worker.stop()
        await running
        await worker._fetcher.aclose()


async def test_to_a_host_that_takes_ed25519_it_is_signed_so() -> None:
    with node("fondo") as them, node("olla") as us:
        host = them.origin.removeprefix("http://")
        us.host.queue.hosts[host] = HostState(host, scheme="rfc9421", takes_ed25519=True)
        us.host.queue.enqueue(us.uri(), f"{them.origin}/inbox", us.say("Follow", 1, them.uri("fondo")).body)
        sender = us.client()
        worker = Delivery(us.host.queue, us.host.keys, sender, now=memory.now)
        running = asyncio.create_task(worker.run())
        await until(lambda: outcomes(us) == ["done"])
        await worker.stop()
        await running
        await sender.aclose()
    assert them.host.log.heard[us.origin.removeprefix("http://")] == ("rfc9421", True)


async def test_the_sick_do_not_hold_up_the_healthy() -> None:
    rested = threading.Event()

    async def slow(_request: Request) -> Response:
        while not rested.is_set():
            await asyncio.sleep(0.01)
        return Response(status_code=202)

    well, sick = Recorder(), Recorder(slow)
    everywhere = "0.0.0.0"
    with (
        serving(well.app, free_socket(address=everywhere)) as origin,
        serving(sick.app, free_socket(address=everywhere)) as tired,
    ):
        us = made(Limits(delivery_seconds=60.0))
        for number in range(200):
            # Ten in a hundred refuse the connection, five in a hundred take their time.
            at = "1" if number % 10 == 0 else (tired if number % 20 == 1 else origin).rpartition(":")[2]
            us.host.queue.enqueue(us.uri(), f"http://127.0.1.{number + 1}:{at}/inbox", b"{}")
        async with delivering(us):
            await until(lambda: outcomes(us).count("done") == 170, 60)
            await until(
                lambda: len({s.due.host for s in us.host.queue.settled if s.outcome == "later"}) == 20, 60
            )
            assert sick.got.total() == 0
            rested.set()
            await until(lambda: outcomes(us).count("done") == 180, 60)


async def test_one_host_gets_one_at_a_time_and_in_order() -> None:
    here = most = 0

    async def count(_request: Request) -> Response:
        nonlocal here, most
        here += 1
        most = max(most, here)
        await asyncio.sleep(0.005)
        here -= 1
        return Response(status_code=202)

    peer = Recorder(count)
    with serving(peer.app) as origin:
        us = made()
        for number in range(20):
            us.host.queue.enqueue(us.uri(), f"{origin}/inbox", str(number).encode())
        async with delivering(us):
            await until(lambda: len(outcomes(us)) == 20)
    assert most == 1
    assert peer.bodies == [str(number).encode() for number in range(20)]


async def test_a_peer_that_takes_only_rfc9421_is_learned_by_knocking_twice() -> None:
    async def modern(request: Request) -> Response:
        return Response(status_code=202 if "signature-input" in request.headers else 401)

    peer = Recorder(modern)
    with serving(peer.app) as origin:
        us = made()
        us.host.queue.enqueue(us.uri(), f"{origin}/inbox", b"1")
        async with delivering(us):
            await until(lambda: outcomes(us) == ["done"])
            us.host.queue.enqueue(us.uri(), f"{origin}/inbox", b"2")
            await until(lambda: len(outcomes(us)) == 2)
    assert peer.bodies == [b"1", b"1", b"2"]


async def test_a_peer_that_no_longer_takes_ed25519_is_asked_with_rsa_before_the_older_scheme() -> None:
    async def rsa_only(request: Request) -> Response:
        taken = '#main-key"' in request.headers.get("signature-input", "")
        return Response(status_code=202 if taken else 401)

    peer = Recorder(rsa_only)
    with serving(peer.app) as origin:
        us = made()
        host = origin.removeprefix("http://")
        us.host.queue.hosts[host] = HostState(host, scheme="rfc9421", takes_ed25519=True)
        us.host.queue.enqueue(us.uri(), f"{origin}/inbox", b"1")
        async with delivering(us):
            await until(lambda: outcomes(us) == ["done"])
            assert us.host.queue.hosts[host] == HostState(host, scheme="rfc9421")
            us.host.queue.enqueue(us.uri(), f"{origin}/inbox", b"2")
            await until(lambda: len(outcomes(us)) == 2)
    assert peer.bodies == [b"1", b"1", b"2"]


@pytest.mark.parametrize("status", [202, 401])
async def test_a_peer_that_asks_for_ed25519_gets_it(status: int) -> None:
    async def modern(request: Request) -> Response:
        asked = 'sig1=("@method" "@target-uri" "content-digest");created;alg="ed25519"'
        taken = '#ed25519-key"' in request.headers.get("signature-input", "")
        return Response(status_code=202 if taken else status, headers={"accept-signature": asked})

    peer = Recorder(modern)
    with serving(peer.app) as origin:
        us = made()
        async with delivering(us):
            for number in (1, 2):
                us.host.queue.enqueue(us.uri(), f"{origin}/inbox", str(number).encode())
                await until(lambda number=number: outcomes(us) == ["done"] * number)
    last = peer.headers[-1]
    assert '#ed25519-key"' in last["signature-input"]


@pytest.mark.parametrize("asked", ['sig1=("@method" "@target-uri");nonce="x"', "nonsense;", 'sig1=("date")'])
async def test_a_wish_that_we_could_not_grant_unasked_changes_nothing(asked: str) -> None:
    async def pleased(_request: Request) -> Response:
        return Response(status_code=202, headers={"accept-signature": asked})

    with serving(Recorder(pleased).app) as origin:
        us = made()
        us.host.queue.enqueue(us.uri(), f"{origin}/inbox", b"{}")
        async with delivering(us):
            await until(lambda: outcomes(us) == ["done"])
    assert us.host.queue.settled[-1].state.scheme == "cavage"


async def test_a_peer_that_says_how_it_wants_a_request_signed_gets_it_so() -> None:
    async def particular(request: Request) -> Response:
        if '"@authority" "@path"' in request.headers.get("signature-input", ""):
            return Response(status_code=202)
        asked = 'sig1=("@method" "@authority" "@path" "content-digest");created'
        return Response(status_code=401, headers={"accept-signature": asked})

    with serving(Recorder(particular).app) as origin:
        us = made()
        us.host.queue.enqueue(us.uri(), f"{origin}/inbox", b"{}")
        async with delivering(us):
            await until(lambda: outcomes(us) == ["done"])
    assert us.host.queue.settled[-1].state.scheme == "rfc9421"


async def test_a_peer_that_was_down_has_its_post_within_seconds_of_its_return() -> None:
    listener = free_socket()
    origin = origin_of_socket(listener)
    listener.close()
    us = made()
    us.host.queue.enqueue(us.uri(), f"{origin}/inbox", b"{}")
    async with delivering(us, chance=lambda: 0.0):
        await until(lambda: outcomes(us) == ["later"])
        peer = Recorder()
        with serving(peer.app, free_socket(int(origin.rpartition(":")[2]))):
            waited = await until(lambda: peer.got.total() == 1, 8)
    assert waited < 7


async def test_a_sign_of_life_wakes_the_post_at_once() -> None:
    listener = free_socket()
    origin = origin_of_socket(listener)
    listener.close()
    us = made()
    us.host.queue.enqueue(us.uri(), f"{origin}/inbox", b"{}")
    async with delivering(us):
        await until(lambda: outcomes(us) == ["later"])
        peer = Recorder()
        with serving(peer.app, free_socket(int(origin.rpartition(":")[2]))):
            us.host.queue.wake(origin.removeprefix("http://"))
            await until(lambda: peer.got.total() == 1, 1)


async def test_a_stop_loses_nothing_and_does_not_wait_for_the_slow() -> None:
    async def never(_request: Request) -> Response:
        await asyncio.sleep(30)
        return Response(status_code=202)

    with serving(Recorder(never).app) as origin:
        us = made(Limits(delivery_seconds=30))
        us.host.queue.enqueue(us.uri(), f"{origin}/inbox", b"{}")
        async with delivering(us) as worker:
            await until(lambda: bool(worker._busy))
            await asyncio.sleep(0.1)
            began = time.monotonic()
            await worker.stop()
        assert time.monotonic() - began < 5
    assert us.host.queue.settled == []
    assert len(us.host.queue.rows) == 1


@pytest.mark.parametrize(
    ("inbox", "reason"),
    [
        ("http://169.254.169.254/inbox", "169.254"),
        ("https://peer.onion/inbox", "onion"),
        ("http://127.0.0.1/inbox", "no keys"),
    ],
)
async def test_what_can_never_arrive_is_dropped_with_its_reason(inbox: str, reason: str) -> None:
    us = made()
    sender = f"{US}/c/nobody" if reason == "no keys" else us.uri()
    us.host.queue.enqueue(sender, inbox, b"{}")
    async with delivering(us):
        await until(lambda: outcomes(us) == ["dropped"])
    assert reason in us.host.queue.settled[0].reason


async def test_410_ends_all_post_to_that_inbox() -> None:
    async def gone(_request: Request) -> Response:
        return Response(status_code=410)

    with serving(Recorder(gone).app) as origin:
        us = made()
        for number in range(3):
            us.host.queue.enqueue(us.uri(), f"{origin}/inbox", str(number).encode())
        async with delivering(us):
            await until(lambda: outcomes(us) == ["gone"])
    assert us.host.queue.rows == {}


async def test_an_idle_worker_does_not_ask_its_queue_again_and_again() -> None:
    us = made()
    async with delivering(us):
        await asyncio.sleep(0.3)
        assert us.host.queue.takes <= 3


@pytest.mark.parametrize("times", [1, 2])
async def test_a_queue_that_could_not_write_silences_nobody(times: int) -> None:
    with node("fondo") as them, node("olla") as us:
        queue, settle, failed = us.host.queue, us.host.queue.settle, []

        async def failing(_: object) -> None:
            failed.append(OSError("disk full"))
            if len(failed) == times:
                queue.settle = settle  # type: ignore[method-assign]
            raise failed[-1]

        queue.settle = failing  # type: ignore[method-assign]
        said = us.say("Follow", 1, them.uri("fondo"))
        queue.enqueue(us.uri(), f"{them.origin}/inbox", said.body)
        client = us.client()
        worker = Delivery(queue, us.host.keys, client, now=memory.now)
        with pytest.raises(OSError, match="disk full"):
            await worker.run()
        again = us.say("Follow", 2, them.uri("fondo"))
        queue.enqueue(us.uri(), f"{them.origin}/inbox", again.body)
        running = asyncio.create_task(worker.run())
        await until(lambda: len(queue.settled) == 2, 5)
        await worker.stop()
        await running
        await client.aclose()
        assert [each.outcome for each in queue.settled] == ["done", "done"]
