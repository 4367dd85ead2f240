"""DOOR. Who may come in: members, their roles and passwords, and the bearer tokens of their programs.

A member is a person inside one or more collectives; she is never an actor and nothing of her federates. Of a password only
the argon2id hash is kept, of a token only its SHA-256. Nobody's visits are noted.
"""

import asyncio
import hashlib
import secrets
import unicodedata
from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from node.domain.kind import Speaker
from node.errors import ConflictError, InvalidError, UnauthorizedError, UnknownError
from node.storage import collectives, members, sessions
from node.storage.collectives import Collective
from node.storage.database import Database, Snapshot, Transaction
from node.storage.members import Member, Membership

ROLES = ("steward", "treasurer", "cook", "newcomer", "advisor")
SCOPES = ("read", "write", "follow", "push")
OPERATOR = "operator"
SESSION_COOKIE = "session"
"""The cookie of a browser in which a member came in: HttpOnly, SameSite=Lax, Secure where the node is https."""
PASSWORD_CHARS = 10

_TOKEN_BYTES = 32
_NAME_CHARS = 60
_HASHER = PasswordHasher()
_NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$c29tZXRoaW5nIHJhbmRvbQ$mH6YQZTYQOfBDG/9yVcSUJWbvCkWYV4TwhYB5ovHS4s"
"""The hash of no password: an unknown name takes as long to refuse as a wrong password."""


@dataclass(frozen=True, slots=True)
class Entrant:
    """Who came in with a token: for which collective, as whom, and what the token is good for."""

    collective: Collective
    speaker: Speaker
    scopes: tuple[str, ...]

    def allows(self, scope: str) -> bool:
        """Whether the token covers a scope: `write` covers `write:statuses`."""
        return scope in self.scopes or scope.partition(":")[0] in self.scopes


@dataclass(frozen=True, slots=True)
class Session:
    """A member in a browser, and the collectives for which she may act."""

    member: Member
    collectives: tuple[Collective, ...]


class Access:
    """The door of members and their programs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, collective: int, name: str, role: str, password: str | None = None) -> Member:
        """Bring somebody in. Who is in another collective of this node already keeps her name and password.

        InvalidError for a name, role or password that will not do; ConflictError where she is in it.
        """
        name, role = _name(name), _role(role)
        hashed = await self._hash(password) if password is not None else None

        def apply(transaction: Transaction) -> Member:
            member = members.by_name(transaction, name)
            if member is None:
                member = members.add(transaction, name, hashed)
            elif members.role(transaction, member.id, collective) is not None:
                raise ConflictError(
                    f"{name} is a member already.", hint="`minga member role` changes a role."
                )
            elif hashed is not None:
                raise ConflictError(
                    f"{name} is a member of another collective here and has a password there."
                )
            members.set_role(transaction, member.id, collective, role)
            return member

        return await self._database.writer.run(apply)

    async def list(self, collective: int) -> list[Membership]:
        """Everybody in a collective."""
        return await self._database.reader.run(lambda snapshot: members.of(snapshot, collective))

    async def set_role(self, collective: int, name: str, role: str) -> None:
        """Change what a member is."""
        role = _role(role)

        def apply(transaction: Transaction) -> None:
            members.set_role(transaction, _member(transaction, collective, name).id, collective, role)

        await self._database.writer.run(apply)

    async def set_password(self, collective: int, name: str, password: str) -> None:
        """Give a member a new password."""
        hashed = await self._hash(password)

        def apply(transaction: Transaction) -> None:
            members.set_password(transaction, _member(transaction, collective, name).id, hashed)

        await self._database.writer.run(apply)

    async def remove(self, collective: int, name: str) -> None:
        """Take a member out, with her tokens. What she wrote for the collective stays the collective's."""

        def apply(transaction: Transaction) -> None:
            members.remove(transaction, _member(transaction, collective, name).id, collective)

        await self._database.writer.run(apply)

    async def log_in(self, name: str, password: str) -> Member:
        """The member of this name and password; UnauthorizedError, the same for either being wrong."""
        member = await self._database.reader.run(lambda snapshot: members.by_name(snapshot, _plain(name)))
        hashed = member.password if member and member.password else _NOBODY
        right = await asyncio.to_thread(_verify, hashed, password)
        if member is None or member.password is None or not right:
            raise UnauthorizedError("Name or password is wrong.")
        return member

    async def speaker(self, collective: Collective, name: str | None = None) -> Speaker:
        """Who speaks for a collective: the operator of the machine, or one of its members by name."""
        if name is None:
            return Speaker(collective.uri, OPERATOR)
        return await self._database.reader.run(lambda snapshot: _speaker(snapshot, collective, name))

    async def make_token(self, collective: int, name: str | None, scopes: str) -> str:
        """A new bearer token of a member (None: the operator). It is shown this once; only its digest is kept."""
        wanted = _scopes(scopes)
        token = secrets.token_urlsafe(_TOKEN_BYTES)

        def apply(transaction: Transaction) -> None:
            member = None if name is None else _member(transaction, collective, name).id
            members.add_token(
                transaction, _digest(token), member=member, collective=collective, scopes=wanted
            )

        await self._database.writer.run(apply)
        return token

    async def revoke(self, token: str) -> None:
        """Make a token worthless."""
        await self._database.writer.run(lambda transaction: members.revoke(transaction, _digest(token)))

    async def resolve(self, token: str) -> Entrant:
        """Who comes with this token. UnauthorizedError where it is none of ours, or its member has left."""

        def look(snapshot: Snapshot) -> Entrant | None:
            found = members.token(snapshot, _digest(token))
            if found is None or (collective := collectives.by_id(snapshot, found.collective)) is None:
                return None
            if found.member is None:
                return Entrant(collective, Speaker(collective.uri, OPERATOR), found.scopes)
            role = members.role(snapshot, found.member, collective.id)
            if role is None:
                return None
            return Entrant(collective, Speaker(collective.uri, role, found.member), found.scopes)

        entrant = await self._database.reader.run(look)
        if entrant is None:
            raise UnauthorizedError("The access token is invalid.")
        return entrant

    async def begin_session(self, member: Member) -> str:
        """The cookie of a browser in which a member logged in. Only its digest is kept."""
        cookie = secrets.token_urlsafe(_TOKEN_BYTES)

        def apply(transaction: Transaction) -> None:
            sessions.expire(transaction)
            sessions.begin(transaction, _digest(cookie), member.id)

        await self._database.writer.run(apply)
        return cookie

    async def session(self, cookie: str) -> Session | None:
        """Who logged in with this cookie, and the collectives that she is in, by name; None where nobody did."""

        def look(snapshot: Snapshot) -> Session | None:
            number = sessions.member(snapshot, _digest(cookie))
            member = None if number is None else members.by_id(snapshot, number)
            if member is None:
                return None
            there = [c for c in collectives.every(snapshot) if members.role(snapshot, member.id, c.id)]
            return Session(member, tuple(sorted(there, key=lambda c: c.name)))

        return await self._database.reader.run(look)

    async def end_session(self, cookie: str) -> None:
        """Forget that a browser is logged in."""
        await self._database.writer.run(lambda transaction: sessions.end(transaction, _digest(cookie)))

    async def _hash(self, password: str) -> str:
        if len(password) < PASSWORD_CHARS:
            raise InvalidError("password", f"expected at least {PASSWORD_CHARS} characters")
        return await asyncio.to_thread(_HASHER.hash, _plain(password))


def _verify(hashed: str, password: str) -> bool:
    try:
        return _HASHER.verify(hashed, _plain(password))
    except (Argon2Error, InvalidHashError):
        return False


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def _plain(text: str) -> str:
    """The same letters however a keyboard composes them."""
    return unicodedata.normalize("NFC", text).strip()


def _name(name: str) -> str:
    name = _plain(name)
    if not 0 < len(name) <= _NAME_CHARS or not name.isprintable():
        raise InvalidError("name", f"expected 1 to {_NAME_CHARS} printable characters")
    return name


def _role(role: str) -> str:
    if role not in ROLES:
        raise InvalidError("role", f"expected one of {', '.join(ROLES)}")
    return role


def _scopes(text: str) -> tuple[str, ...]:
    scopes = tuple(dict.fromkeys(text.split()))
    if not scopes or any(scope.partition(":")[0] not in SCOPES for scope in scopes):
        raise InvalidError(
            "scopes", f"expected some of {' '.join(SCOPES)}, or parts of them like read:statuses"
        )
    return scopes


def _member(snapshot: Snapshot, collective: int, name: str) -> Member:
    member = members.by_name(snapshot, _plain(name))
    if member is None or members.role(snapshot, member.id, collective) is None:
        raise UnknownError(f"There is no member {_plain(name)!r}.", hint="`minga member list` shows them.")
    return member


def _speaker(snapshot: Snapshot, collective: Collective, name: str) -> Speaker:
    member = _member(snapshot, collective.id, name)
    return Speaker(collective.uri, members.role(snapshot, member.id, collective.id), member.id)
