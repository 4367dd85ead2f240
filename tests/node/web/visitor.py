"""A browser without JavaScript, for tests: it keeps its cookies, and sends forms as they stand on the page.

elena = Visitor(olla).comes_in("welcome", link, member="Elena", password=WORDS)
elena.sends("/members/invite", role="cook")
"""

from html.parser import HTMLParser
from typing import Any

import httpx

from node.control.client import ask
from tests.nodes import Node

WORDS = "porotos con riendas"


class Forms(HTMLParser):
    """The forms of a page: where each is sent, and what its boxes hold."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: list[tuple[str, dict[str, str]]] = []
        self.boxes: dict[str, str] = {}
        self._select = self._area = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = {name: value or "" for name, value in attrs}
        name = held.get("name", "")
        if tag == "form":
            self.boxes = {}
            self.forms.append((held.get("action", "").removesuffix("?sent"), self.boxes))
        elif tag == "input" and held.get("type") in ("checkbox", "radio"):
            if "checked" in held:
                self.boxes[name] = held.get("value", "on")
        elif tag == "input" and name and held.get("type") != "file":
            self.boxes[name] = held.get("value", "")
        elif tag == "select":
            self._select = name
        elif tag == "option" and ("selected" in held or self._select not in self.boxes):
            self.boxes[self._select] = held.get("value", "")
        elif tag == "textarea":
            self._area = name
            self.boxes[name] = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self.boxes[self._area] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = ""


class Visitor:
    """Somebody who reads the pages of a node, in Spanish unless said otherwise."""

    def __init__(self, node: Node, language: str = "es") -> None:
        self.node = node
        self.client = httpx.Client(
            base_url=node.origin,
            headers={"accept": "text/html", "accept-language": language},
            follow_redirects=True,
            timeout=30,
        )

    def __enter__(self) -> "Visitor":
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()

    def opens(self, path: str, **query: str) -> httpx.Response:
        """A page."""
        return self.client.get(path, params=query or None)

    def sends(
        self, path: str, to: str = "", *, files: Any = None, again: bool = False, **typed: str
    ) -> httpx.Response:
        """What comes after the form of a page was filled in and sent; of several forms the one that is sent `to` there.
        `again`: it is sent twice, as by two taps."""
        page = self.opens(path)
        assert page.status_code == 200, f"{path}: {page.status_code} {page.text}"
        there = [(action, boxes) for action, boxes in Forms(page.text).forms if action == to]
        assert there, f"{path} has no form to {to!r}: {[action for action, _ in Forms(page.text).forms]}"
        boxes = there[0][1] | typed
        sent = self.client.post(to or path, data=boxes, files=files)
        return self.client.post(to or path, data=boxes, files=files) if again else sent

    def comes_in(self, name: str, password: str = WORDS) -> "Visitor":
        """Log in."""
        assert self.sends("/login", "/login", name=name, password=password).status_code in (200, 404)
        assert "session" in self.client.cookies
        return self


def told(node: Node, command: str, **given: Any) -> Any:
    """What a node that serves answers to a command, without a command line that has to start."""
    return ask(node.directory, command, {"collective": node.handle} | given, lambda _: None)


def member(node: Node, name: str, role: str = "cook") -> None:
    """Bring somebody in who may log in."""
    told(node, "member.add", name=name, role=role, password=WORDS)


def steward(node: Node, name: str = "Elena") -> None:
    """Make somebody a steward who may come in."""
    member(node, name, "steward")
