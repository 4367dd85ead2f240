"""What pages cost: the server's time for each with 100,000 objects stored, and a telephone on slow 3G in a real browser."""

import asyncio
import gzip
import statistics
import time

import httpx
from playwright.sync_api import sync_playwright

from node.control.client import ask
from tests.bench.harness import HANDLE, Served, make, room, say, serve, title
from tests.bench.senders import peer, prepare
from tests.browser import FLAGS
from tests.programs import ProgramMissingError, chromium

STORED = 100_000
_TIMES = 40
_PASSWORD = "porotos con riendas"
_SLOW_3G = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
"""As Chromium's own tools throttle: 400 ms to and fro, 400 kbit/s."""
_PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0"
_BYTES = "performance.getEntries().reduce((sum, each) => sum + (each.transferSize || 0), 0)"


def run() -> None:
    """Strangers' and members' pages, then the telephone."""
    title(f"Pages, {STORED:,} posts stored")
    with room() as place:
        origin = make(place / "node")
        asyncio.run(prepare(place / "node", peer(), stored=STORED))
        with serve(place / "node", origin) as node:

            def do(command: str, **given: object) -> dict[str, str]:
                told: dict[str, str] = ask(
                    node.directory, command, {"collective": HANDLE, **given}, lambda _: None
                )
                return told

            do("member.add", name="rosa", role="steward", password=_PASSWORD)
            for number in range(25):
                do("publish", kind="need", fields={"what": f"lentejas {number}", "quantity": "40 kg"})
            meal = {"menu": "porotos", "on": "hoy", "planned": "120", "served": "118"}
            said = do("publish", kind="meal", fields=meal)["id"]
            public = {
                "collective": node.uri,
                "object": f"{origin}/o/{said}",
                "board": f"{origin}/board",
                "map": f"{origin}/map",
                "account": f"{node.uri}/account",
            }
            private = {"home": f"{origin}/home", "form": f"{origin}/new/need", "kitchen": f"{origin}/kitchen"}
            with httpx.Client(headers={"accept": "text/html"}) as reader:
                # A range is answered anew each time: what is kept for many readers would only time the keeping.
                for name, url in public.items():
                    _ask(node, reader, name, url, {"range": "none"})
                reader.post(f"{origin}/login", data={"name": "rosa", "password": _PASSWORD})
                for name, url in private.items():
                    _ask(node, reader, f"{name} (member)", url, {})
            _telephone({name: public[name] for name in ("collective", "board", "object")})


def _ask(node: Served, reader: httpx.Client, name: str, url: str, more: dict[str, str]) -> None:
    """One page. What is read only once after a start (templates, names of months) is told apart."""
    cpu = node.cpu()
    reader.get(url, headers=more)
    first = (node.cpu() - cpu) * 1000
    took, cpu = [], node.cpu()
    for _ in range(_TIMES):
        begun = time.perf_counter()
        answer = reader.get(url, headers=more)
        took.append((time.perf_counter() - begun) * 1000)
        if answer.status_code != 200:
            say(name, answer.status_code, "status", "not there")
            return
    size = len(gzip.compress(answer.content))
    each = (node.cpu() - cpu) * 1000 / _TIMES
    say(
        name,
        statistics.median(took),
        "ms p50",
        f"{each:.1f} ms of the server's CPU ({first:.0f} the first time), {size:,} bytes gzipped",
    )


def _telephone(pages: dict[str, str]) -> None:
    try:
        path = chromium()
    except ProgramMissingError as missing:
        say("slow 3G", 0, "s", str(missing))
        return
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        for name, url in pages.items():
            context = browser.new_context(viewport={"width": 360, "height": 640}, is_mobile=True)
            page = context.new_page()
            tools = context.new_cdp_session(page)
            tools.send("Network.enable")
            tools.send("Network.emulateNetworkConditions", _SLOW_3G)
            page.goto(url, wait_until="load")
            page.wait_for_timeout(300)
            paint, carried = page.evaluate(_PAINT), page.evaluate(_BYTES)
            say(f"{name} on slow 3G, first paint", paint / 1000, "s", f"{carried:,} bytes carried")
            context.close()
        browser.close()
