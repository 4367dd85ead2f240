"""Apps as people use them: registered, let in through the real pages, then calling the client API over real sockets."""

import html
import re
import warnings
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx
from mastodon import Mastodon

from tests.nodes import Node

OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob"
PASSWORD = "una clave bien larga"
PATIENT = {"MINGA_API_RATE": "100"}
"""For nodes whose tests ask more often than an app may."""
SCOPES = ["read", "write", "follow", "push"]


def member(node: Node, name: str = "rosa", role: str = "steward") -> str:
    """A member who can log in with PASSWORD."""
    node("member", "add", name, "--role", role, "--password-stdin", stdin=PASSWORD)
    return name


@dataclass
class Form:
    """One HTML form of a page."""

    action: str
    method: str
    fields: dict[str, str]


def forms(page: str) -> list[Form]:
    """The forms of a page, with the values that they begin with."""
    found = []
    for opening, inside in re.findall(r"<form([^>]*)>(.*?)</form>", page, re.DOTALL):
        fields = {}
        for tag in re.findall(r"<input[^>]*>", inside):
            about = attributes(tag)
            if about.get("type") == "radio" and "checked" not in tag:
                continue
            if "name" in about:
                fields[about["name"]] = about.get("value", "")
        about = attributes(opening)
        found.append(Form(about["action"], about.get("method", "get"), fields))
    return found


def attributes(tag: str) -> dict[str, str]:
    return {name: html.unescape(value) for name, value in re.findall(r'(\w+)="([^"]*)"', tag)}


class Browser:
    """A browser without JavaScript: cookies, forms, redirects looked at one by one."""

    def __init__(self, node: Node) -> None:
        self.client = httpx.Client(base_url=node.origin, follow_redirects=False)
        self.page: httpx.Response | None = None

    def __enter__(self) -> "Browser":
        return self

    def __exit__(self, *_: Any) -> None:
        self.client.close()

    def open(self, url: str) -> httpx.Response:
        self.page = self.client.get(url)
        while self.page.status_code == 303:
            self.page = self.client.get(urljoin(str(self.page.url), self.page.headers["location"]))
        return self.page

    def submit(self, action: str, **filled: str) -> httpx.Response:
        """Fill in the form with this action, and send it."""
        assert self.page is not None
        form = next(form for form in forms(self.page.text) if form.action == action)
        answer = self.client.post(form.action, data=form.fields | filled)
        while answer.status_code == 303:
            answer = self.client.get(answer.headers["location"])
        self.page = answer
        return answer

    def allow(self, url: str, name: str = "rosa", password: str = PASSWORD, **chosen: str) -> httpx.Response:
        """Log in and allow what an app asks for at this URL."""
        self.open(url)
        self.submit("/oauth/login", name=name, password=password)
        return self.submit("/oauth/authorize", decision="allow", **chosen)


def code_in(answer: httpx.Response) -> str:
    """The code, in the redirect to the app or on the page that shows it."""
    if answer.status_code == 302:
        return parse_qs(urlsplit(answer.headers["location"]).query)["code"][0]
    return re.search(r"<code>([^<]+)</code>", answer.text)[1]


def token(node: Node, name: str = "rosa", scopes: str = "read write follow push") -> str:
    """A token of an app that a member let in, without a library in between."""
    with Browser(node) as browser:
        app = browser.client.post(
            "/api/v1/apps", data={"client_name": "Prueba", "redirect_uris": OUT_OF_BAND, "scopes": scopes}
        ).json()
        query = httpx.QueryParams(
            client_id=app["client_id"], redirect_uri=OUT_OF_BAND, response_type="code", scope=scopes
        )
        code = code_in(browser.allow(f"/oauth/authorize?{query}", name))
        return browser.client.post(
            "/oauth/token",
            data={
                "grant_type": "authorization_code",
                "code": code,
                "client_id": app["client_id"],
                "client_secret": app["client_secret"],
                "redirect_uri": OUT_OF_BAND,
            },
        ).json()["access_token"]


def mastodon(node: Node, name: str = "rosa") -> Mastodon:
    """Mastodon.py, let in through the pages."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        client_id, secret = Mastodon.create_app("Prueba", scopes=SCOPES, api_base_url=node.origin)
        api = Mastodon(client_id, secret, api_base_url=node.origin)
        url = api.auth_request_url(scopes=SCOPES, redirect_uris=OUT_OF_BAND, allow_http=True)
        with Browser(node) as browser:
            code = code_in(browser.allow(url.removeprefix(node.origin), name))
        api.log_in(code=code, scopes=SCOPES, allow_http=True)
        return api
