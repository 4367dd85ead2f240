"""What the public account costs: gifts booked, leaves sequenced and cosigned, proofs made, a log verified from outside, its page, a round of 881.

`MINGA_BENCH_ENTRIES=100000` measures a log of that size too; making it takes minutes.
"""

import asyncio
import gzip
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from node.account.figures import proof
from node.app import Node, open_node
from node.config import load
from node.control import client
from node.domain.kind import Speaker
from node.storage import entries
from node.storage.checkpoints import Checkpoints
from node.tlog.checkpoint import Checkpoint
from node.tlog.cosignature import cosign
from node.tlog.merkle import prove_consistency, root
from node.tlog.note import ED25519, Note, VerifierKey
from node.tlog.tiles import TiledHashes
from node.tlog.witness import AddCheckpoint
from tests.bench.harness import HANDLE, ROOT, Served, make, minga, room, say, serve, title

WITNESSES = 3
SMALL = 100
SIZES = (10_000,)
CLAIMANTS = 881
_AT_ONCE = 50
_ASKED = 40


def run() -> None:
    """A small log, a large one, and a round of 881."""
    large = os.environ.get("MINGA_BENCH_ENTRIES")
    for size in (SMALL, *SIZES, *([int(large)] if large else [])):
        with room() as place:
            directory = place / "a"
            origin = make(directory)
            title(f"A public account of {size:,} entries")
            asyncio.run(_fill(directory, size))
            with serve(directory, origin) as served:
                _page(served)
                _verify(served, place / "seen.json", size)
    title(f"A round of {CLAIMANTS} claimants")
    with room() as place:
        _round(place / "a")


async def _fill(directory: Path, size: int) -> None:
    """Book gifts through the door, put them into the log, have three witnesses cosign it."""
    config = load(directory)
    async with open_node(directory, config, passphrase=lambda: "") as node:
        own = await node.collective(HANDLE)
        speaker = Speaker(own.uri, "operator")
        fields = {"goal": "2500000000 CLP", "closes": "2099-12-31"}
        campaign = await node.publisher.publish(speaker, "campaign", fields)
        gift = {"amount": "1000 CLP", "status": "cleared", "channel": "bank", "campaign": campaign.uri}
        begun, cpu = time.monotonic(), time.process_time()
        for start in range(0, size - 1, _AT_ONCE):
            many = min(_AT_ONCE, size - 1 - start)
            await asyncio.gather(*(node.publisher.publish(speaker, "donation", gift) for _ in range(many)))
        say("gifts booked, signed and on the disk", size / (time.monotonic() - begun), "/s")
        say("  CPU for one", (time.process_time() - cpu) / size * 1000, "ms")
        begun = time.monotonic()
        await node.accounts.sequence()
        say("leaves put into the log and shown", size / (time.monotonic() - begun), "/s")
        await _cosigned(node, own.uri, directory)
        book = await node.accounts.books.of(own.uri)
        assert book is not None
        rows = await node.database.reader.run(lambda s: entries.leaves(s, book.log.id, 0, min(size, 200)))
        begun = time.monotonic()
        for row in rows:
            assert proof(book, row)
        say("proof of one entry, from the files", (time.monotonic() - begun) / len(rows) * 1000, "ms")


async def _cosigned(node: Node, uri: str, directory: Path) -> None:
    """Have three witnesses check that the log continues what they saw, and sign: each with a key and a file of its own."""
    book = await node.accounts.books.of(uri)
    tip = None if book is None else node.accounts.checkpoints.tip(book.origin)
    assert book is not None
    assert tip is not None
    key = VerifierKey(book.origin, ED25519, node.keyring.log_key(uri).public_key().public_bytes_raw())
    note = Note.parse(tip.note)
    seen = tip.size // 2
    half = root(seen, TiledHashes(tip.size, book.files.read))
    begun = time.monotonic()
    hashes = prove_consistency(seen, tip.size, TiledHashes(tip.size, book.files.read))
    for number in range(WITNESSES):
        held = Checkpoints.open(directory / f"witness-{number}.db")
        AddCheckpoint(seen, hashes, note).admit(Checkpoint(book.origin, seen, half), [key])
        assert held.move(None, tip, "witness")
        cosign(note.text, f"olla{number}.example/c/olla", Ed25519PrivateKey.generate(), 1_600_000_000)
        held.close()
    took = time.monotonic() - begun
    say(
        f"cosigned by {WITNESSES} witnesses, each on its disk",
        took * 1000,
        "ms",
        f"{len(hashes)} hashes of consistency",
    )


def _page(served: Served) -> None:
    headers = {"accept": "text/html"}
    took = []
    with httpx.Client(headers=headers) as reader:
        for number in range(_ASKED):
            begun = time.monotonic()
            answer = reader.get(f"{served.uri}/account?fresh={number}")
            took.append(time.monotonic() - begun)
            assert answer.status_code == 200
        say(
            "page of the account, drawn anew",
            statistics.median(took) * 1000,
            "ms",
            f"{len(answer.content):,} bytes",
        )
        begun = time.monotonic()
        for _ in range(_ASKED):
            reader.get(f"{served.uri}/account")
        say("  kept since the last commit", (time.monotonic() - begun) / _ASKED * 1000, "ms")


def _verify(served: Served, seen: Path, size: int) -> None:
    """A stranger's whole visit, as a process of its own: its time and its memory."""
    begun = time.monotonic()
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    done = subprocess.run(
        [sys.executable, "-m", "node", "verify", f"{served.uri}/account", "--state", str(seen), "--json"],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    told = json.loads(done.stdout)
    took = time.monotonic() - begun
    mib = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    cpu = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
    say("minga verify, from nothing to the last check", took, "s", f"{len(told['findings'])} checks")
    say("  entries verified", size / took, "/s", f"{cpu:.1f} CPU s")
    say("  memory at most, of any process so far", mib, "MiB")


def _round(directory: Path) -> None:
    """Reckon, sign, book and show the shares of 881 kitchens."""
    origin = make(directory)
    claims = [
        {"claimant": f"https://olla{i}.example/c/olla", "weight": str(50 + i * 37 % 600)}
        for i in range(CLAIMANTS)
    ]
    with serve(directory, origin) as served:
        fields = {
            "rule": "largest-remainder/1",
            "seed": "bench",
            "available": "50000000 CLP",
            "unit_price": "1500 CLP",
        }
        begun = time.monotonic()
        ask = {"collective": HANDLE, "kind": "allocation", "fields": {**fields, "claims": json.dumps(claims)}}
        said = client.ask(directory, "publish", ask, lambda _: None)
        say("published: reckoned, signed, booked", (time.monotonic() - begun) * 1000, "ms")
        document = httpx.get(said["uri"], headers={"accept": "application/activity+json"})
        say("  its document", len(document.content) / 1024, "KiB")
        begun = time.monotonic()
        page = httpx.get(f"{said['uri']}?fresh=1", headers={"accept": "text/html"})
        say(
            "  its page",
            (time.monotonic() - begun) * 1000,
            "ms",
            f"{len(gzip.compress(page.content)):,} bytes compressed",
        )
        begun = time.monotonic()
        assert minga(directory, "recompute", said["uri"]).endswith("as published")
        say("  reckoned again by the command line", time.monotonic() - begun, "s")
        _verify(served, directory.with_name("seen.json"), 2)
