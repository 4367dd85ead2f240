"""DOOR. Programs that act for a member: OAuth 2 as Mastodon's apps use it (RFC 6749, 7636, 7009).

An app registers itself; a member lets it act for one of her collectives; the app changes the code that it got for a
token. A code works once, for ten minutes, for one app and one redirect URI; used twice, what it gave is revoked.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from node.access import OPERATOR, Entrant
from node.domain.kind import Speaker
from node.errors import InvalidError, NodeError, UnauthorizedError
from node.storage import clients, collectives, members
from node.storage.clients import App, Code
from node.storage.database import Database, Snapshot, Transaction
from node.tongues import message

OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob"
"""The redirect URI of programs that cannot be redirected to: the code is shown on a page."""
SCOPES = ("profile", "read", "write", "follow", "push")
PARTS = ("accounts", "blocks", "bookmarks", "favourites", "filters", "follows", "lists", "mutes", "notifications", "search",
         "statuses", "media", "conversations", "reports", "me")  # fmt: skip

_FOLLOW = frozenset(f"{verb}:{part}" for verb in ("read", "write") for part in ("blocks", "follows", "mutes"))
_REFUSED_SCHEMES = frozenset({"javascript", "data", "file", "vbscript", "blob", "about"})
_BYTES = 32
_URIS = 20
_URI_CHARS = 2000
_NAME_CHARS = 100


class GrantError(NodeError):
    """A request for a token that is refused; `code` is the word of RFC 6749 section 5.2."""

    status = 400

    def __init__(self, code: str, public: str, *, cause: str = "") -> None:
        super().__init__(public, cause=cause)
        self.code = code


class ClientError(GrantError):
    """The program did not prove to be the one that registered."""

    status = 401

    def __init__(self) -> None:
        super().__init__("invalid_client", "The client is unknown, or its secret is wrong.")


@dataclass(frozen=True, slots=True)
class Bearer:
    """Who comes with a token: the app, and the member that it acts for; `entrant` None is the app for itself."""

    app: App | None
    entrant: Entrant | None
    scopes: tuple[str, ...]

    def allows(self, scope: str) -> bool:
        """Whether the token covers a scope."""
        return covers(self.scopes, scope)


@dataclass(frozen=True, slots=True)
class Registered:
    """A new app, with the secret that is shown this once."""

    app: App
    secret: str


def covers(scopes: Sequence[str], wanted: str) -> bool:
    """Whether granted scopes cover one: `read` covers `read:statuses`, `follow` the relations."""
    if wanted in scopes or wanted.partition(":")[0] in scopes:
        return True
    if wanted == "profile":
        return "read:accounts" in scopes or "read" in scopes
    return wanted in _FOLLOW and "follow" in scopes


def read_scopes(text: str, default: str = "read") -> tuple[str, ...]:
    """Scopes as an app names them, each once; InvalidError for one that there is not."""
    wanted = tuple(dict.fromkeys(text.replace("+", " ").split())) or (default,)
    for scope in wanted:
        verb, _, part = scope.partition(":")
        if verb not in SCOPES or (part and (verb not in ("read", "write") or part not in PARTS)):
            raise InvalidError(
                "scopes", message("some of these: {known}"), known=" ".join(SCOPES), cause=scope[:100]
            )
    return wanted


def read_redirect_uris(given: Sequence[str]) -> tuple[str, ...]:
    """Redirect URIs as an app names them, kept to the letter; InvalidError for what no browser should be sent to.

    Phones have schemes of their own (`icecubesapp://`), so anything goes but what runs or reads on the reader's machine.
    """
    uris = [line for text in given for line in text.split()]
    if not uris or len(uris) > _URIS:
        raise InvalidError("redirect_uris", message("an address to be sent to"))
    for uri in uris:
        if uri == OUT_OF_BAND:
            continue
        try:
            scheme = urlsplit(uri).scheme.lower()
        except ValueError:
            scheme = ""
        if not scheme or scheme in _REFUSED_SCHEMES or "#" in uri or len(uri) > _URI_CHARS:
            raise InvalidError(
                "redirect_uris", message("an address that may be redirected to"), cause=uri[:200]
            )
        if not uri.isascii() or not uri.isprintable():
            raise InvalidError("redirect_uris", message("letters that can be read"))
    return tuple(dict.fromkeys(uris))


class Clients:
    """The door of members' programs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def register(
        self, *, name: str, redirect_uris: Sequence[str], scopes: str, website: str | None
    ) -> Registered:
        """Register an app. InvalidError names what is wrong."""
        name = " ".join(name.split())
        if not 0 < len(name) <= _NAME_CHARS or not name.isprintable():
            raise InvalidError("client_name", message("1 to {limit} characters"), limit=_NAME_CHARS)
        if website and (len(website) > _URI_CHARS or not website.startswith(("https://", "http://"))):
            raise InvalidError("website", message("an address that begins with https://"))
        uris, wanted = read_redirect_uris(redirect_uris), read_scopes(scopes)
        client_id, secret = secrets.token_urlsafe(_BYTES), secrets.token_urlsafe(_BYTES)

        def apply(transaction: Transaction) -> App:
            clients.expire(transaction)
            return clients.add_app(
                transaction,
                client_id=client_id,
                secret=_digest(secret),
                name=name,
                website=website or None,
                redirect_uris=uris,
                scopes=wanted,
            )

        return Registered(await self._database.writer.run(apply), secret)

    async def app(self, client_id: str) -> App | None:
        """The app of a client id."""
        return await self._database.reader.run(lambda s: clients.app_by_client(s, client_id))

    async def authorize(
        self,
        app: App,
        member: int,
        collective: int,
        *,
        redirect_uri: str,
        scopes: Sequence[str],
        challenge: str,
    ) -> str:
        """A member lets an app act for a collective of hers: the code. UnauthorizedError where she is not in it."""
        code = secrets.token_urlsafe(_BYTES)

        def apply(transaction: Transaction) -> None:
            if members.role(transaction, member, collective) is None:
                raise UnauthorizedError(message("You are not a member of that collective."))
            allowed = Code(
                app.id, member, collective, redirect_uri, tuple(scopes), challenge, transaction.now, None
            )
            clients.add_code(transaction, _digest(code), allowed)

        await self._database.writer.run(apply)
        return code

    async def redeem(
        self, client_id: str, secret: str | None, *, code: str, redirect_uri: str, verifier: str
    ) -> tuple[str, tuple[str, ...]]:
        """Change a code for a token: the token and its scopes. ClientError or GrantError.

        An app that proves itself by PKCE (RFC 7636) may leave its secret out.
        """
        token = secrets.token_urlsafe(_BYTES)

        def apply(transaction: Transaction) -> tuple[str, ...] | GrantError:
            held = clients.code(transaction, _digest(code))
            app = _proven(transaction, client_id, secret, optional=bool(held and held.challenge))
            if held is None or held.app != app.id:
                return _bad_code()
            if held.token is not None:
                clients.revoke(transaction, held.token, app.id)
                return _bad_code()
            late = transaction.now - held.created > clients.CODES
            if late or held.redirect_uri != redirect_uri or not _fits(verifier, held.challenge):
                return _bad_code()
            if members.role(transaction, held.member, held.collective) is None:
                return _bad_code()
            clients.use_code(transaction, _digest(code), _digest(token))
            clients.add_token(
                transaction,
                _digest(token),
                app=app.id,
                member=held.member,
                collective=held.collective,
                scopes=held.scopes,
            )
            return held.scopes

        scopes = await self._database.writer.run(apply)
        if isinstance(scopes, GrantError):
            raise scopes
        return token, scopes

    async def grant_itself(
        self, client_id: str, secret: str | None, scopes: str
    ) -> tuple[str, tuple[str, ...]]:
        """A token with which an app reads what anybody may read. ClientError or GrantError."""
        try:
            wanted = read_scopes(scopes)
        except InvalidError as error:
            raise GrantError("invalid_scope", "The requested scope is invalid or unknown.") from error
        token = secrets.token_urlsafe(_BYTES)

        def apply(transaction: Transaction) -> None:
            app = _proven(transaction, client_id, secret)
            if not all(covers(app.scopes, scope) for scope in wanted):
                raise GrantError("invalid_scope", "The app did not register for this scope.")
            clients.add_app_token(transaction, _digest(token), app=app.id, scopes=wanted)

        await self._database.writer.run(apply)
        return token, wanted

    async def revoke(self, client_id: str, secret: str | None, token: str) -> None:
        """Make a token of an app worthless; one that is unknown is worthless already (RFC 7009). ClientError.

        Whoever holds the token may hand it back without the secret.
        """

        def apply(transaction: Transaction) -> None:
            app = _proven(transaction, client_id, secret, optional=True)
            clients.revoke(transaction, _digest(token), app.id)

        await self._database.writer.run(apply)

    async def expire(self) -> None:
        """Forget codes past their time and apps that nobody came to use."""
        await self._database.writer.run(clients.expire)

    async def bearer(self, token: str) -> Bearer:
        """Who comes with a token. UnauthorizedError where it is none of ours, revoked, or its member has left."""

        def look(snapshot: Snapshot) -> Bearer | None:
            held = clients.held(snapshot, _digest(token))
            if held is None:
                return None
            app = None if held.app is None else clients.app(snapshot, held.app)
            if held.collective is None:
                return Bearer(app, None, held.scopes)
            own = collectives.by_id(snapshot, held.collective)
            if own is None:
                return None
            speaker = Speaker(own.uri, held.role if held.member is not None else OPERATOR, held.member)
            return Bearer(app, Entrant(own, speaker, held.scopes), held.scopes)

        found = await self._database.reader.run(look)
        if found is None:
            raise UnauthorizedError(message("The access token is invalid"))
        return found


def _proven(snapshot: Snapshot, client_id: str, secret: str | None, *, optional: bool = False) -> App:
    app = clients.app_by_client(snapshot, client_id)
    if app is None or (secret is None and not optional):
        raise ClientError
    if secret is not None and not hmac.compare_digest(app.secret, _digest(secret)):
        raise ClientError
    return app


def _bad_code() -> GrantError:
    return GrantError(
        "invalid_grant",
        "The provided authorization grant is invalid, expired, revoked, does not match the redirection URI used in the"
        " authorization request, or was issued to another client.",
    )


def _fits(verifier: str, challenge: str) -> bool:
    """Whether a PKCE verifier is the one of the challenge (RFC 7636 section 4.6, S256 only)."""
    if not challenge:
        return True
    digest = hashlib.sha256(verifier.encode("utf-8", "surrogatepass")).digest()
    made = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    return hmac.compare_digest(made, challenge)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
