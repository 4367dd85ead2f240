"""A browser as people have one: a small telephone or a wide screen, with and without JavaScript, in Spanish or in English.

    def test_a_stranger_reads(browser, setting, olla):
        with browser.open(setting) as reader:
            reader.go(olla.actor)
            assert reader.faults() == []

`faults` judges the page that is open by what holds for every page: axe-core finds nothing (WCAG 2.2 AA and its best practices), nothing
is cut at the side, what is touched is large enough, nothing stands inline that the policy forbids, it is small, and what it
loads comes from the node alone.
"""

import contextlib
import gzip
import itertools
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, Playwright, Request, sync_playwright

from tests.programs import axe, chromium

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SMALL = 30_000
"""Bytes of HTML and CSS of one page, gzipped."""
TOUCH = 44
"""CSS pixels of what a thumb must meet."""
PATIENCE = 15_000
"""Milliseconds until what does not happen is a fault."""
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")

_SHEETS: dict[str, int] = {}
"""Bytes of the style sheets that were seen, gzipped, by their path."""
_LOCALES = {"es": "es-CL", "en": "en-GB"}
_AXE = (
    "axe.run(document, {runOnly: %s, resultTypes: ['violations']}).then(found => found.violations.map("
    "each => each.id + ': ' + each.nodes.map(node => node.target.join(' ') + ' ' + node.failureSummary).join('; ')))"
)
_SOURCE = """() => [
  '<!DOCTYPE html>' + document.documentElement.outerHTML,
  [...document.querySelectorAll('link[rel=stylesheet]')].map(each => each.getAttribute('href')),
]"""
_SHAPE = """([touch, width]) => {
  const faults = [], root = document.documentElement;
  // A telephone shrinks a page that is too wide, and says that its window is as wide.
  if (root.scrollWidth > width) faults.push(`the page is ${root.scrollWidth} wide`);
  for (const each of document.querySelectorAll('script:not([src]), style, [style]')) faults.push(`inline: ${each.outerHTML.slice(0, 80)}`);
  for (const each of document.querySelectorAll('*'))
    for (const name of each.getAttributeNames()) if (name.startsWith('on')) faults.push(`inline: ${name}`);
  for (const each of document.querySelectorAll('button, .button, select, textarea, summary, nav.main a, input:not([type=hidden]):not([type=checkbox]):not([type=radio])')) {
    if (each.classList.contains('hidden')) continue;
    const box = each.getBoundingClientRect();
    if (box.width && (box.height < touch - .5 || box.width < touch - .5)) faults.push(`small to touch: ${each.outerHTML.slice(0, 80)} ${box.width}×${box.height}`);
  }
  return faults;
}"""


@dataclass(frozen=True)
class Setting:
    """What somebody reads with."""

    width: int
    height: int
    javascript: bool
    language: str

    def __str__(self) -> str:
        return f"{self.width}-{self.language}-{'script' if self.javascript else 'plain'}"


PHONE, DESK = (360, 640), (1280, 800)
EVERY = [
    Setting(*size, javascript, language)
    for size, javascript, language in itertools.product((PHONE, DESK), (True, False), ("es", "en"))
]
GATE = [Setting(*PHONE, True, "es"), Setting(*DESK, False, "en")]
"""The two of the eight that the gate runs; MINGA_EVERY_SETTING=1 runs all."""
SETTINGS = EVERY if os.environ.get("MINGA_EVERY_SETTING") == "1" else GATE


class Reader:
    """One person with her browser. `page` is Playwright's; what went wrong since the last look is in `broken`; `taps` and
    `letters` count what her thumb did."""

    def __init__(self, context: BrowserContext, setting: Setting) -> None:
        self.context = context
        self.setting = setting
        self.page: Page = context.new_page()
        self.broken: list[str] = []
        self.taps = self.letters = 0
        self._origin = ""
        self.page.set_default_timeout(PATIENCE)
        self.page.on("pageerror", lambda error: self.broken.append(f"script: {error}"))
        self.page.on("console", lambda said: self.broken.append(said.text) if _is_fault(said.text) else None)
        self.page.on("request", self._asked)

    def _asked(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob") and f"{parts.scheme}://{parts.netloc}" != self._origin:
            self.broken.append(f"asked elsewhere: {request.url}")

    def go(self, url: str) -> int:
        """Open an address; the status of the answer."""
        parts = urlsplit(url)
        self._origin = f"{parts.scheme}://{parts.netloc}"
        answer = self.page.goto(url)
        assert answer is not None
        return answer.status

    def tap(self, selector: str) -> None:
        """Touch something that can be seen, and wait for the page that it leads to. Whoever opened the next address before
        would call the form back that is on its way."""
        with self.page.expect_navigation():
            self.touch(selector)

    def touch(self, selector: str) -> None:
        """Touch something that can be seen and leads to no other page."""
        self.taps += 1
        self.page.locator(selector).first.click()

    def type(self, selector: str, text: str) -> None:
        """Touch a box and type into it."""
        self.taps += 1
        self.letters += len(text)
        self.page.locator(selector).first.fill(text)

    def choose(self, selector: str, value: str) -> None:
        """Touch a list and choose from it."""
        self.taps += 2
        self.page.locator(selector).first.select_option(value)

    def come_in(self, origin: str, name: str, password: str) -> None:
        """Log in as a member."""
        self.go(f"{origin}/login")
        self.type("[name=name]", name)
        self.type("[name=password]", password)
        self.tap("main button")

    @property
    def text(self) -> str:
        """What can be read on the page."""
        return self.page.locator("body").inner_text()

    def faults(self, *, member: bool = False) -> list[str]:
        """What is wrong with the page that is open; nothing, where all is well."""
        found = [*self.broken, *self.page.evaluate(_SHAPE, [TOUCH, self.setting.width]), *self._size()]
        if self.setting.javascript:  # axe-core is a script itself
            found += _violations(self.page)
        self.broken.clear()
        if not member and (cookies := self.context.cookies()):
            found.append(f"a visitor got cookies: {cookies}")
        return [f"{self.page.url}: {fault}" for fault in found]

    def _size(self) -> list[str]:
        html, paths = self.page.evaluate(_SOURCE)
        for path in paths:
            if path not in _SHEETS:  # its address changes with its content
                _SHEETS[path] = len(gzip.compress(_body(self.context, f"{self._origin}{path}")))
        size = len(gzip.compress(html.encode())) + sum(_SHEETS[path] for path in paths)
        return [f"{size} bytes of HTML and CSS"] if size > SMALL else []

    def shoot(self, path: str) -> None:
        """A picture of the whole page: the screen is made as long as it is, so that what is fixed stands at the end."""
        height: int = self.page.evaluate("document.documentElement.scrollHeight")
        self.page.set_viewport_size({"width": self.setting.width, "height": max(height, self.setting.height)})
        self.page.screenshot(path=path)
        self.page.set_viewport_size({"width": self.setting.width, "height": self.setting.height})


class Browser:
    """Chromium, once for many readers."""

    def __init__(self, playwright: Playwright) -> None:
        self._playwright = playwright
        self._chromium = playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS))

    def close(self) -> None:
        """End it."""
        self._chromium.close()

    @contextlib.contextmanager
    def open(self, setting: Setting, **more: Any) -> Iterator[Reader]:
        """Somebody who has never been here; `more` goes to Playwright's context."""
        context = self._chromium.new_context(**_options(setting), **more)
        try:
            yield Reader(context, setting)
        finally:
            context.close()

    @contextlib.contextmanager
    def switched_on(self, setting: Setting, directory: Path) -> Iterator[Reader]:
        """A telephone of its own that keeps in `directory` what a telephone keeps while it is switched off."""
        context = self._playwright.chromium.launch_persistent_context(
            directory, executable_path=chromium(), args=list(FLAGS), **_options(setting)
        )
        try:
            yield Reader(context, setting)
        finally:
            context.close()


def _options(setting: Setting) -> dict[str, Any]:
    phone = {"has_touch": True, "is_mobile": True} if setting.width < 600 else {}
    return {
        "viewport": {"width": setting.width, "height": setting.height},
        "locale": _LOCALES[setting.language],
        "timezone_id": "America/Santiago",
        "java_script_enabled": setting.javascript,
        "reduced_motion": "reduce",
        **phone,
    }


@contextlib.contextmanager
def browsing() -> Iterator[Browser]:
    """A Chromium that ends with the block."""
    with sync_playwright() as playwright:
        started = Browser(playwright)
        try:
            yield started
        finally:
            started.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser for the tests of a file. They are marked `needs("chromium", "axe")`, and none of that file is async: Playwright's
    own loop runs in the thread."""
    with browsing() as there:
        yield there


@pytest.fixture(params=SETTINGS, ids=str)
def setting(request: pytest.FixtureRequest) -> Setting:
    """What the test is read with: two of the eight, or all."""
    chosen: Setting = request.param
    return chosen


@cache
def _axe_source() -> str:
    with open(axe(), encoding="utf-8") as file:
        return file.read()


def _violations(page: Page) -> list[str]:
    # Through the debugger: the page's own policy lets no script in.
    debugger = page.context.new_cdp_session(page)
    debugger.send("Runtime.evaluate", {"expression": f"{_axe_source()};undefined"})
    answer = debugger.send(
        "Runtime.evaluate",
        {"expression": _AXE % list(RULES), "awaitPromise": True, "returnByValue": True},
    )
    debugger.detach()
    if "exceptionDetails" in answer:
        return [str(answer["exceptionDetails"])]
    found: list[str] = answer["result"]["value"]
    return found


def _body(context: BrowserContext, url: str) -> bytes:
    return context.request.get(url).body()


def _is_fault(said: str) -> bool:
    """What a browser complains of; that an answer was 404 is no complaint of ours."""
    return "status of" not in said
