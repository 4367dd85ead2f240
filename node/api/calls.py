"""One request of an app, and how an endpoint is declared.

    ENDPOINTS = (get("/api/v1/statuses/{id}", show, "read:statuses", anybody=True),)

A handler is `async def handler(call) -> JSON-able | Answer | Response`.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import quote

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from node.access import Entrant
from node.activities import roles
from node.api.callers import spend
from node.api.paging import Page
from node.api.parameters import Values
from node.api.services import Services
from node.clients import Bearer
from node.domain.kind import Speaker
from node.errors import InvalidError, NotPermittedError, UnauthorizedError, UnknownError
from node.numbers import whole
from node.rates import household
from node.storage.collectives import Collective
from node.storage.database import Snapshot
from node.tongues import message
from schemas.note import Note

T = TypeVar("T")

_PATH = "/%:@!$&'()*+,;=~-._"
"""What a path may hold as it is (RFC 3986); a header holds nothing but ASCII."""

WHOLE = "base"
"""What a refusal names that concerns no single parameter."""
NOT_FOUND = message("Record not found")


@dataclass(frozen=True, slots=True)
class Answer:
    """A JSON answer that is more than 200."""

    body: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Call:
    """One request. `bearer` is who came with it, None for anybody; `values` what was sent."""

    services: Services
    request: Request
    values: Values
    bearer: Bearer | None

    @property
    def entrant(self) -> Entrant:
        """The member who calls. UnauthorizedError where it is anybody, or an app for itself."""
        if self.bearer is None or self.bearer.entrant is None:
            raise UnauthorizedError("This method requires an authenticated user")
        return self.bearer.entrant

    @property
    def speaker(self) -> Speaker:
        """The member who calls, as she speaks for her collective."""
        return self.entrant.speaker

    @property
    def own(self) -> Collective:
        """The collective for which is called."""
        return self.entrant.collective

    @property
    def shares(self) -> bool:
        """Whether the member may change what all members share, as what the collective mutes: who may write its notes may."""
        return self.speaker.role == "operator" or self.speaker.role in roles(Note.kind())

    @property
    def shared(self) -> Collective:
        """The collective for which something is changed that all its members share. NotPermittedError where she may not."""
        if not self.shares:
            raise NotPermittedError(
                message(
                    "Your role in the collective does not allow you to change what all its members share."
                ),
                hint=message("A steward gives roles."),
            )
        return self.own

    @property
    def viewer(self) -> Collective | None:
        """The collective that reads, None for anybody."""
        entrant = None if self.bearer is None else self.bearer.entrant
        return None if entrant is None else entrant.collective

    @property
    def id(self) -> int:
        """The number in the path. UnknownError where it is none."""
        return number(str(self.request.path_params["id"]))

    def spend(self, kind: str, of: str) -> None:
        """Count the request in a budget that the address has for something that it names. TooManyError."""
        who = f"{household(self.request.scope.get('client'))} {of}"
        spend(self.services, self.request.scope, kind, who)

    @contextmanager
    def as_sent(self, names: Mapping[str, str], other: str = "") -> Iterator[None]:
        """Let a refusal name what the app sent, where the doors call it otherwise. `other` is the parameter in which everything
        stands that none was sent for."""
        try:
            yield
        except InvalidError as error:
            sent = error.field if error.field in self.values or not other else other
            raise error.named(names.get(error.field, sent)) from error

    async def read(self, look: Callable[[Snapshot], T]) -> T:
        """Look at one consistent state."""
        return await self.services.reader.run(look)

    def page(self, page: Page[Any]) -> Answer:
        """A page with its Link header."""
        url = f"{self.services.origin}{quote(self.request.url.path, safe=_PATH)}"
        link = page.link(url, Values(dict(self.values.tree)))
        return Answer(page.items, headers={"link": link} if link else {})


def number(text: str) -> int:
    """The number of an id as apps send it. UnknownError for what is no id of ours."""
    return found(whole(text))


def found(value: T | None) -> T:
    """The value; UnknownError where it is None."""
    if value is None:
        raise UnknownError(NOT_FOUND)
    return value


def json_response(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer."""
    told = {**(headers or {}), "content-type": "application/json; charset=utf-8"}
    return Response(msgspec.json.encode(body), status, told)


Handler = Callable[[Call], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a handler answers. `scope` is what a token must cover; `anybody` may also come without one, `app` as a
    program for itself. `rate` names its class in `rates.RATES`."""

    method: str
    path: str
    handler: Handler
    scope: str = ""
    anybody: bool = False
    app: bool = False
    rate: str = ""


def get(
    path: str, handler: Handler, scope: str = "", *, anybody: bool = False, app: bool = False, rate: str = ""
) -> Endpoint:
    """A GET endpoint."""
    return Endpoint("GET", path, handler, scope, anybody, app, rate)


def post(
    path: str, handler: Handler, scope: str = "", *, anybody: bool = False, app: bool = False, rate: str = ""
) -> Endpoint:
    """A POST endpoint."""
    return Endpoint("POST", path, handler, scope, anybody, app, rate)


def put(path: str, handler: Handler, scope: str, *, rate: str = "") -> Endpoint:
    """A PUT endpoint."""
    return Endpoint("PUT", path, handler, scope, rate=rate)


def patch(path: str, handler: Handler, scope: str) -> Endpoint:
    """A PATCH endpoint."""
    return Endpoint("PATCH", path, handler, scope)


def delete(path: str, handler: Handler, scope: str) -> Endpoint:
    """A DELETE endpoint."""
    return Endpoint("DELETE", path, handler, scope)
