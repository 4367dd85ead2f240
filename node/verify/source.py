"""What is downloaded from an account, each answer within a limit."""

import json
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx

from federation import same_origin
from federation.vocab import as_list
from node.errors import ElsewhereError, InvalidError, NodeError
from node.tlog.tiles import Tile
from node.tongues import message
from schemas import Money

JsonObject = dict[str, Any]


def authority(url: str) -> str:
    """Host and port of an http(s) address; "" for what is none."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return parts.netloc if parts.scheme in ("http", "https") else ""


_AS2 = "application/activity+json"
_SECONDS = 30.0
_MOST_BYTES = 64 * 1_048_576
_REDIRECTS = 5
_MOST_PAGES = 100
_GONE = (404, 410)
_UNSIGNED = 401


def said_money(money: Money | None) -> str:
    """Money as a difference says it: `346500 CLP`, or `nothing`."""
    return "nothing" if money is None else f"{money.amount:f} {money.currency}"


def read_json(text: bytes) -> Any:
    """A JSON value in which no name stands twice: of two values some programs read the first and others the last. ValueError,
    RecursionError."""
    return json.loads(text, object_pairs_hook=_once)


def _once(pairs: list[tuple[str, Any]]) -> JsonObject:
    document = dict(pairs)
    if len(document) < len(pairs):
        raise ValueError("a name that stands twice")
    return document


def joined(base: str, location: str) -> str:
    """Where an answer sends on to. ElsewhereError where that is no address."""
    try:
        return urljoin(base, location)
    except ValueError as error:
        raise ElsewhereError(
            message("{base} sends on to {location}, which is no address."), base=base, location=location[:200]
        ) from error


class DifferenceError(NodeError):
    """Something does not hold: `check` names the check, `difference` says in full what was expected and what is there."""

    def __init__(self, check: str, difference: str) -> None:
        super().__init__(f"{check}: {difference}")
        self.check = check
        self.difference = difference


class MissingError(DifferenceError):
    """A file of a log that is not served."""


class SilentError(ElsewhereError):
    """A server that gave no answer at all."""


class Source:
    """The account of one collective, over HTTP. `actor` is its URI, which `open` finds from any address of the account."""

    def __init__(self, client: httpx.Client, actor: str) -> None:
        self._client = client
        self.actor = actor
        self.prefix = f"{actor}/log/"
        self._query = ""

    @classmethod
    def anywhere(cls, agent: str) -> "Source":
        """For whatever stands at an address, of no account in particular."""
        return cls(httpx.Client(timeout=_SECONDS, headers={"user-agent": agent}, trust_env=True), "")

    @classmethod
    def open(cls, url: str, agent: str) -> "Source":
        """Find the account behind an address: of the account, the collective, the log, or a node with one collective."""
        if not authority(url):
            raise InvalidError(
                "url",
                message("the address of an account, like {example}"),
                example="https://fondo.example/account",
            )
        source = cls.anywhere(agent)
        for _ in range(_REDIRECTS):
            parts = urlsplit(url)
            steps = parts.path.strip("/").split("/")
            if len(steps) >= 2 and steps[0] == "c":
                source.actor = f"{parts.scheme}://{parts.netloc}/c/{steps[1].lower()}"
                return source
            path = "/account" if not parts.path.strip("/") else parts.path
            answer = source.answer(f"{parts.scheme}://{parts.netloc}{path}")
            if "location" not in answer.headers:
                break
            url = joined(url, answer.headers["location"])
        source.close()
        raise InvalidError("url", message("an address that leads to the account of a collective"))

    def former(self, origin: str) -> "Source":
        """The same account, with the files of a log from which another went on. DifferenceError where that is none of its own."""
        source = Source(self._client, self.actor)
        source.prefix = f"{urlsplit(self.actor).scheme}://{origin}/"
        number = origin.rpartition("/log")[2].removeprefix("/") or "1"
        source._query = f"&log={number}" if number.isdecimal() else ""
        if not source.prefix.startswith(f"{self.actor}/log/"):
            raise DifferenceError("identity", f"this log cites {origin}, which is no log of {self.actor}")
        return source

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def answer(self, url: str, accept: str = "*/*") -> httpx.Response:
        """The answer to a GET, whatever its status. SilentError where none comes, ElsewhereError for one that is too large, and for
        an address at which a stranger's machine must not be made to knock."""
        if not self._may_ask(url):
            raise ElsewhereError(
                message(
                    "{url} is not asked: an account that is read by https sends nobody elsewhere without it."
                ),
                url=url,
            )
        try:
            with self._client.stream("GET", url, headers={"accept": accept}) as response:
                body = bytearray()
                for part in response.iter_bytes():
                    body += part
                    if len(body) > _MOST_BYTES:
                        raise ElsewhereError(
                            message("{url} answers with more than {limit} bytes."), url=url, limit=_MOST_BYTES
                        )
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise SilentError(message("{url} does not answer: {error}"), url=url, error=str(error)) from error
        return httpx.Response(response.status_code, headers=_plain(response.headers), content=bytes(body))

    def _may_ask(self, url: str) -> bool:
        """Addresses come from whoever is checked. By plain http they could name any machine of the stranger's own network; by https
        nothing is said to one without a certificate for its name."""
        if not authority(url):
            return False
        own, asked = urlsplit(self.actor), urlsplit(url)
        if own.scheme != "https" and not (own.hostname or "").endswith(".onion"):
            return True
        return asked.scheme == "https" or (
            own.scheme == asked.scheme and (asked.hostname or "").endswith(".onion")
        )

    def get(self, url: str, accept: str = "*/*") -> bytes:
        """What stands at a URL. ElsewhereError where that is not 200."""
        answer = self.answer(url, accept)
        if answer.status_code != 200:
            raise ElsewhereError(message("{url} answers {status}."), url=url, status=str(answer.status_code))
        return answer.content

    def thing(self, url: str) -> JsonObject | None:
        """The ActivityStreams document of something that was published; None where it is not there, or not any more."""
        answer = self.answer(url, _AS2)
        if answer.status_code in _GONE:
            return None
        return self._read(url, answer)

    def document(self) -> JsonObject:
        """The collective's actor document; from now on files are read below the prefix of the log that it names."""
        document = self._json(self.actor, _AS2)
        named = document.get("log")
        prefix = named.get("prefix") if isinstance(named, dict) else None
        if document.get("id") != self.actor:
            raise DifferenceError(
                "actor", f"{self.actor} serves the document of {document.get('id')!r}"[:500]
            )
        if (
            not isinstance(prefix, str)
            or not prefix.startswith(f"{self.actor}/log/")
            or not prefix.endswith("/")
        ):
            raise DifferenceError("actor", f"{self.actor} names no log of its own")
        self.prefix = prefix
        return document

    def checkpoint(self) -> bytes:
        """The checkpoint that the log shows."""
        answer = self.answer(f"{self.prefix}checkpoint")
        if answer.status_code == 404:
            raise DifferenceError(
                "checkpoint", f"{self.prefix} shows no checkpoint: this collective has no account yet"
            )
        if answer.status_code != 200:
            raise ElsewhereError(
                message("{url} answers {status}."),
                url=f"{self.prefix}checkpoint",
                status=str(answer.status_code),
            )
        return answer.content

    def policy(self) -> bytes:
        """Whom the log itself names as witnesses."""
        return self.get(f"{self.prefix}policy")

    def tile(self, tile: Tile) -> bytes:
        """A tile or entry bundle; the full one where a partial one is gone."""
        answer = self.answer(f"{self.prefix}{tile.path}")
        if answer.status_code == 404:
            answer = self.answer(f"{self.prefix}{Tile(tile.level, tile.index).path}")
        if answer.status_code != 200:
            raise MissingError("tiles", f"{self.prefix}{tile.path} is missing (status {answer.status_code})")
        return answer.content

    def balances(self, size: int) -> JsonObject:
        """The balances that the account shows for a size of the log."""
        return self._json(f"{self.actor}/account/balances?size={size}", "application/json")

    def evidence(self, start: int) -> list[bytes]:
        """The activities behind 256 leaves, one line each. DifferenceError where they are not served."""
        url = f"{self.actor}/account/evidence?start={start}{self._query}"
        answer = self.answer(url)
        if answer.status_code in _GONE:
            raise DifferenceError(
                "activities",
                f"{url} answers {answer.status_code}: nothing shows what leaf {start} and the entries after it were booked for",
            )
        if answer.status_code != 200:
            raise ElsewhereError(message("{url} answers {status}."), url=url, status=str(answer.status_code))
        return [line for line in answer.content.split(b"\n") if line]

    def periods(self) -> list[str] | None:
        """The periods that the collective says it closed; None where its node does not say."""
        url = f"{self.actor}/account/periods"
        answer = self.answer(url, "application/json")
        if answer.status_code in _GONE:
            return None
        listed = self._read(url, answer).get("periods")
        if not isinstance(listed, list) or not all(isinstance(each, str) for each in listed):
            raise DifferenceError("periods", f"{url} is no list of periods: {listed!r}"[:500])
        return listed

    def replies(self, uri: str) -> list[str]:
        """What answers something, as its server lists it page by page; nothing where it lists nothing."""
        found: list[str] = []
        page: object = self.thing(f"{uri}/replies")
        for _ in range(_MOST_PAGES):
            if not isinstance(page, dict):
                break
            listed = as_list(page.get("orderedItems")) or as_list(page.get("items"))
            found += [each for each in listed if isinstance(each, str)]
            page = page.get("next" if "partOf" in page else "first")
            if isinstance(page, str):
                page = self.thing(page) if same_origin(page, uri) else None
        return found

    def salt(self, activity: str) -> str:
        """The salt of an activity's digest, as it stands beside it."""
        return str(self._json(f"{activity}/salt", "application/json").get("salt"))

    def claims(self, round: str) -> list[tuple[str, str, str]]:
        """(id, digest, nonce) of the claims with which a round says that it closed."""
        listed = self._json(f"{round}/claims", "application/json").get("claims")
        try:
            return [(str(a), str(b), str(c)) for a, b, c in listed or ()]
        except (TypeError, ValueError) as error:
            raise DifferenceError("claims", f"{round}/claims cannot be read: {error}") from error

    def _json(self, url: str, accept: str) -> JsonObject:
        return self._read(url, self.answer(url, accept))

    def _read(self, url: str, answer: httpx.Response) -> JsonObject:
        """The JSON object that an answer holds."""
        if answer.status_code == _UNSIGNED:
            raise ElsewhereError(
                message("{url} is shown only to servers that sign: a stranger cannot check it."), url=url
            )
        if answer.status_code != 200:
            raise ElsewhereError(message("{url} answers {status}."), url=url, status=str(answer.status_code))
        try:
            document = read_json(answer.content)
        except (ValueError, RecursionError) as error:
            raise ElsewhereError(message("{url} answers with something that is no JSON."), url=url) from error
        if not isinstance(document, dict):
            raise ElsewhereError(message("{url} answers with something that is no JSON object."), url=url)
        return document


def _plain(headers: httpx.Headers) -> dict[str, str]:
    """Headers of an answer whose body was decoded already."""
    return {
        name: value for name, value in headers.items() if name not in ("content-encoding", "content-length")
    }
