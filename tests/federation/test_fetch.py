import asyncio
import gzip
import time
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from federation.errors import (
    BadAnswer,
    ForbiddenAddress,
    Gone,
    Malformed,
    NotFound,
    TimedOut,
    TooLarge,
    TooManyRedirects,
    Unreachable,
    WrongOrigin,
)
from federation.fetch import Answer, Budget, Fetcher, canonical_url, user_agent
from federation.limits import Limits
from federation.netguard import GuardedTransport, networks
from federation.vocab import ACTIVITY_JSON
from tests.federation.memory import MemoryHost
from tests.federation.server import serving, talking

LIMITS = Limits(
    fetched_bytes=10_000, fetch_seconds=1.0, delivery_seconds=1.0, redirects=3, fetches_per_activity=5
)
US = "https://we.example"


@pytest.fixture
async def fetcher() -> AsyncIterator[Fetcher]:
    host = MemoryHost(US, "olla")
    transport = GuardedTransport(allow_networks=networks(["127.0.0.1/32"]))
    client = Fetcher(transport=transport, keys=host.keys, agent=user_agent("0.1.0", US), limits=LIMITS)
    yield client
    await client.aclose()


Handler = Callable[[Request], Awaitable[Response]]


class Peer:
    """A server whose answer to every path is `handler`; it remembers what it was asked."""

    def __init__(self, handler: Handler) -> None:
        self.seen: list[Request] = []
        self.handler = handler
        self.app = Starlette(routes=[Route("/{path:path}", self.answer, methods=["GET", "POST"])])

    async def answer(self, request: Request) -> Response:
        self.seen.append(request)
        return await self.handler(request)


def document(request: Request, **more: object) -> Response:
    body = {"id": f"http://{request.headers['host']}{request.url.path}", "type": "Note", **more}
    return Response(content=str(body).replace("'", '"'), media_type=ACTIVITY_JSON)


async def plain(request: Request) -> Response:
    return document(request)


async def test_a_document_is_fetched_signed_by_the_server_actor_and_introduced(fetcher: Fetcher) -> None:
    peer = Peer(plain)
    with serving(peer.app) as origin:
        found = await fetcher.document(f"{origin}/o/1")
    assert found.document["id"] == f"{origin}/o/1"
    headers = peer.seen[0].headers
    assert f'keyId="{US}/actor#main-key"' in headers["signature"]
    assert headers["user-agent"] == f"Minga/0.1.0 (+{US})"
    assert ACTIVITY_JSON in headers["accept"]


async def test_what_is_refused_to_the_server_is_asked_for_again_as_the_collective(fetcher: Fetcher) -> None:
    async def only_olla(request: Request) -> Response:
        if f'keyId="{US}/c/olla#main-key"' in request.headers["signature"]:
            return document(request)
        return Response(status_code=404)

    with serving(Peer(only_olla).app) as origin:
        with pytest.raises(NotFound):
            await fetcher.document(f"{origin}/o/1")
        assert await fetcher.document(f"{origin}/o/1", on_behalf_of=f"{US}/c/olla")


async def test_a_host_that_takes_only_rfc9421_is_knocked_at_twice_and_remembered(fetcher: Fetcher) -> None:
    async def modern(request: Request) -> Response:
        return document(request) if "signature-input" in request.headers else Response(status_code=401)

    peer = Peer(modern)
    with serving(peer.app) as origin:
        await fetcher.document(f"{origin}/o/1")
        await fetcher.document(f"{origin}/o/2")
    assert len(peer.seen) == 3


@pytest.mark.parametrize(
    ("status", "error"), [(404, NotFound), (410, Gone), (500, BadAnswer), (403, BadAnswer), (204, BadAnswer)]
)
async def test_every_status_but_200_is_a_named_error(
    fetcher: Fetcher, status: int, error: type[Exception]
) -> None:
    async def refuse(_request: Request) -> Response:
        return Response(status_code=status)

    with serving(Peer(refuse).app) as origin, pytest.raises(error) as raised:
        await fetcher.document(f"{origin}/o/1")
    assert raised.value.answered == status


@pytest.mark.parametrize(
    "content_type", ["text/html", "application/json", "image/png", "", "application/ld+json"]
)
async def test_an_upload_that_looks_like_a_document_is_no_document(
    fetcher: Fetcher, content_type: str
) -> None:
    async def lie(request: Request) -> Response:
        return Response(document(request).body, headers={"content-type": content_type})

    with serving(Peer(lie).app) as origin, pytest.raises(BadAnswer, match="content type"):
        await fetcher.document(f"{origin}/media/1")


async def test_an_object_of_another_origin_is_not_believed(fetcher: Fetcher) -> None:
    async def forge(request: Request) -> Response:
        return document(request, id="https://victim.example/o/1")

    with serving(Peer(forge).app) as origin, pytest.raises(WrongOrigin):
        await fetcher.document(f"{origin}/o/1")


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b"[" * 5000, b'{"a":' * 100 + b"1" + b"}" * 100, b"\xff\xfe"]
)
async def test_an_unreadable_document_is_a_bad_answer(fetcher: Fetcher, body: bytes) -> None:
    async def broken(_request: Request) -> Response:
        return Response(body, media_type=ACTIVITY_JSON)

    with serving(Peer(broken).app) as origin, pytest.raises(BadAnswer):
        await fetcher.document(f"{origin}/o/1")


async def test_a_document_that_unfolds_beyond_the_limit_is_cut_off(fetcher: Fetcher) -> None:
    bomb = gzip.compress(b" " * 50_000_000)

    async def unfold(_request: Request) -> Response:
        return Response(bomb, media_type=ACTIVITY_JSON, headers={"content-encoding": "gzip"})

    with serving(Peer(unfold).app) as origin, pytest.raises(BadAnswer, match="larger"):
        await fetcher.document(f"{origin}/o/1")


async def test_a_compressed_document_is_read(fetcher: Fetcher) -> None:
    async def folded(request: Request) -> Response:
        body = gzip.compress(bytes(document(request).body))
        return Response(body, media_type=ACTIVITY_JSON, headers={"content-encoding": "gzip"})

    with serving(Peer(folded).app) as origin:
        assert await fetcher.document(f"{origin}/o/1")


@pytest.mark.parametrize("encoding", ["br", "gzip, gzip", "nonsense"])
async def test_an_encoding_that_was_not_asked_for_is_refused(fetcher: Fetcher, encoding: str) -> None:
    async def odd(request: Request) -> Response:
        return Response(
            document(request).body, media_type=ACTIVITY_JSON, headers={"content-encoding": encoding}
        )

    with serving(Peer(odd).app) as origin, pytest.raises(BadAnswer):
        await fetcher.document(f"{origin}/o/1")


async def test_redirects_are_followed_and_signed_anew(fetcher: Fetcher) -> None:
    async def move(request: Request) -> Response:
        return RedirectResponse("/new") if request.url.path == "/old" else document(request)

    peer = Peer(move)
    with serving(peer.app) as origin:
        found = await fetcher.document(f"{origin}/old")
    assert found.url == f"{origin}/new"
    assert peer.seen[0].headers["signature"] != peer.seen[1].headers["signature"]


async def test_a_circle_of_redirects_ends(fetcher: Fetcher) -> None:
    async def circle(request: Request) -> Response:
        return RedirectResponse(request.url.path)

    peer = Peer(circle)
    with serving(peer.app) as origin, pytest.raises(TooManyRedirects):
        await fetcher.document(f"{origin}/old")
    assert len(peer.seen) == LIMITS.redirects + 1


@pytest.mark.parametrize(
    "target",
    ["http://127.0.0.2:80/", "http://169.254.169.254/latest", "http://[::1]/", "ftp://x.example/", "//a b/"],
)
async def test_a_redirect_does_not_lead_inside(fetcher: Fetcher, target: str) -> None:
    async def inside(_request: Request) -> Response:
        return Response(status_code=302, headers={"location": target})

    with serving(Peer(inside).app) as origin, pytest.raises((ForbiddenAddress, Malformed)):
        await fetcher.document(f"{origin}/o/1")


async def test_a_peer_that_drips_is_left_when_the_whole_time_is_over(fetcher: Fetcher) -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(
            b"HTTP/1.1 200 OK\r\ncontent-type: application/activity+json\r\ncontent-length: 9000\r\n\r\n"
        )
        while True:
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.05)

    with talking(drip) as origin:
        began = time.monotonic()
        with pytest.raises(TimedOut):
            await fetcher.document(f"{origin}/o/1")
    assert time.monotonic() - began < 3 * LIMITS.fetch_seconds


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\n" + b"x: " + b"y" * 100_000,
    ],
)
async def test_a_peer_that_speaks_no_http_is_unreachable(fetcher: Fetcher, said: bytes) -> None:
    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(said)
        await writer.drain()

    with talking(speak) as origin, pytest.raises(Unreachable):
        await fetcher.document(f"{origin}/o/1")


async def test_nobody_is_asked_more_often_at_once_than_stated(fetcher: Fetcher) -> None:
    here = most = 0

    async def count(request: Request) -> Response:
        nonlocal here, most
        here += 1
        most = max(most, here)
        await asyncio.sleep(0.02)
        here -= 1
        return document(request)

    with serving(Peer(count).app) as origin:
        await asyncio.gather(*(fetcher.document(f"{origin}/o/{number}") for number in range(8)))
    assert most == LIMITS.connections_per_host


async def test_one_activity_cannot_make_us_fetch_for_ever(fetcher: Fetcher) -> None:
    with serving(Peer(plain).app) as origin:
        budget = Budget(LIMITS)
        for number in range(LIMITS.fetches_per_activity):
            await fetcher.document(f"{origin}/o/{number}", budget=budget)
        with pytest.raises(TooLarge):
            await fetcher.document(f"{origin}/o/more", budget=budget)


async def test_a_post_brings_back_any_status_and_a_short_answer(fetcher: Fetcher) -> None:
    async def busy(_request: Request) -> Response:
        return Response(b"x" * 1_000_000, status_code=503, headers={"retry-after": "7"})

    with serving(Peer(busy).app) as origin:
        answer = await fetcher.post(f"{origin}/inbox", b"{}", {})
    assert (answer.status, answer.retry_after, len(answer.body)) == (503, 7, LIMITS.answer_bytes)


async def test_a_connection_closed_while_idle_does_not_lose_the_post(fetcher: Fetcher) -> None:
    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n{}")
        writer.write(b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n")
        await writer.drain()
        await reader.read(1)  # The next request arrives, and is not answered.

    with talking(once) as origin:
        for _ in range(2):
            answer = await fetcher.post(f"{origin}/inbox", b"{}", {})
            assert answer.status == 202


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        ("Thu, 20 Aug 2020 12:02:00 GMT", 120),
        ("Thu, 20 Aug 2020 11:00:00 GMT", 0),
        ("soon", None),
        ("", None),
        ("-5", None),
    ],
)
def test_retry_after_is_a_number_or_a_date(value: str, seconds: int | None) -> None:
    headers = {"retry-after": value, "date": "Thu, 20 Aug 2020 12:00:00 GMT"}
    assert Answer(503, headers, b"", "").retry_after == seconds


@pytest.mark.parametrize(
    "url",
    [
        "https://takahe.test/@olla@takahe.test/inbox/",
        "https://EX.org:443/a/../b?c=d%20e+f#g",
        "https://bücher.example/ñ?q=í",
        "http://127.0.0.1:8091/u|v",
        "https://[::1]:8443/a",
    ],
)
def test_what_is_signed_is_what_is_requested(url: str) -> None:
    assert canonical_url(canonical_url(url)) == canonical_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "olla",
        "ftp://a.example/",
        "https://",
        "https://0177.0.0.1/",
        "https://a b/",
        "javascript:alert(1)",
        "https://x:99999/",
    ],
)
def test_what_is_no_web_address_is_refused(url: str) -> None:
    with pytest.raises(Malformed):
        canonical_url(url)
