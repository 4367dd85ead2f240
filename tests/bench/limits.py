"""What the machine and the libraries can do, measured in the same run: read every other figure as a ratio to these."""

import asyncio
import multiprocessing
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import aiohttp
import uvicorn
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from federation.keys import make_ed25519, make_rsa
from tests.bench.harness import cpu_of, free_port, room, say, title


def run() -> None:
    """Signatures, proofs and commits alone."""
    title("Limits of this machine (one core, per CPU second)")
    rsa, ed25519, text = make_rsa(), make_ed25519(), b"x" * 300
    signed, proven = rsa.sign(text, padding.PKCS1v15(), hashes.SHA256()), ed25519.sign(text)
    rsa_public, ed25519_public = rsa.public_key(), ed25519.public_key()
    _rate("RSA-2048 sign", lambda: rsa.sign(text, padding.PKCS1v15(), hashes.SHA256()))
    _rate("RSA-2048 verify", lambda: rsa_public.verify(signed, text, padding.PKCS1v15(), hashes.SHA256()))
    _rate("Ed25519 sign", lambda: ed25519.sign(text))
    _rate("Ed25519 verify", lambda: ed25519_public.verify(proven, text))
    with room() as place:
        _commits(place / "limit.db")
    asyncio.run(_empty_posts())


def _rate(name: str, action: Callable[[], object], seconds: float = 0.7) -> None:
    begun, count = time.process_time(), 0
    while time.process_time() - begun < seconds:
        action()
        count += 1
    say(name, count / (time.process_time() - begun), "/CPU s")


def _commits(path: Path) -> None:
    """Rows of 2 kB, in WAL with FULL sync: one a commit, and fifty a commit."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE rows (id INTEGER PRIMARY KEY, body BLOB)")
    for each in (1, 50):
        begun, wall, count = time.process_time(), time.monotonic(), 0
        while time.monotonic() - wall < 1:
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany("INSERT INTO rows (body) VALUES (?)", [(b"x" * 2000,)] * each)
            connection.execute("COMMIT")
            count += each
        used = time.process_time() - begun
        say(
            f"SQLite rows, FULL sync, {each} a commit",
            count / used,
            "/CPU s",
            f"{count / (time.monotonic() - wall):,.0f}/s wall",
        )
    connection.close()


async def _empty_posts() -> None:
    """An empty ASGI application that reads a POST of 2 kB and answers 202."""
    port = free_port()
    process = multiprocessing.get_context("spawn").Process(target=_serve_nothing, args=(port,), daemon=True)
    process.start()
    try:
        async with aiohttp.ClientSession() as session:
            url, body, count = f"http://127.0.0.1:{port}/inbox", b"x" * 2000, 0
            for _ in range(200):
                try:
                    await (await session.post(url, data=body)).release()
                    break
                except aiohttp.ClientConnectionError:
                    await asyncio.sleep(0.05)
            used, until = cpu_of(process.pid or 0), time.monotonic() + 1.5

            async def knock() -> None:
                nonlocal count
                while time.monotonic() < until:
                    async with session.post(url, data=body):
                        count += 1

            await asyncio.gather(*(knock() for _ in range(16)))
            say("empty ASGI POST of 2 kB", count / max(cpu_of(process.pid or 0) - used, 0.01), "/CPU s")
    finally:
        process.terminate()
        process.join()


def _serve_nothing(port: int) -> None:
    async def take(request: Request) -> Response:
        await request.body()
        return Response(status_code=202)

    application = Starlette(routes=[Route("/inbox", take, methods=["POST"])])
    uvicorn.run(application, port=port, log_level="error", access_log=False)
