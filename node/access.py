"""DOOR. Who may come in: members, their roles and passwords, and the bearer tokens of their programs.

A member is a person inside one or more collectives; she is never an actor and nothing of her federates. Of a password only
the argon2id hash is kept, of a token only its SHA-256. Nobody's visits are noted.
"""

import asyncio
import hashlib
import secrets
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from node.domain.kind import Speaker
from node.errors import ConflictError, InvalidError, UnauthorizedError, UnknownError
from node.storage import collectives, members, sessions
from node.storage.collectives import Collective
from node.storage.database import Database, Snapshot, Transaction
from node.storage.members import Grant, Member, Membership
from node.storage.sessions import Begun
from node.tongues import message

ROLES = ("steward", "treasurer", "cook", "newcomer", "advisor")
SCOPES = ("read", "write", "follow", "push")
OPERATOR = "operator"
SESSION_COOKIE = "session"
"""The cookie of a browser in which a member came in: HttpOnly, SameSite=Lax, Secure where the node is https."""
PASSWORD_CHARS = 10
STEWARD = "steward"

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
    """A member in a browser, and the collectives for which she may act, with her role in each, by its number."""

    member: Member
    collectives: tuple[Collective, ...]
    roles: Mapping[int, str]


class Access:
    """The door of members and their programs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, collective: int, name: str, role: str, password: str | None = None) -> Member:
        """Bring somebody in. Who is in another collective of this node already keeps her name and password.

        InvalidError for a name, role or password that will not do; ConflictError where she is in it.
        """
        name, role = _name(name), role_of(role)
        hashed = await self.hashed(password) if password is not None else None

        def apply(transaction: Transaction) -> Member:
            member = members.by_name(transaction, name)
            if member is None:
                member = members.add(transaction, name, hashed)
            elif members.role(transaction, member.id, collective) is not None:
                raise ConflictError(
                    message("{name} is a member already."),
                    hint=message("`minga member role` changes a role."),
                    name=name,
                )
            elif hashed is not None:
                raise ConflictError(
                    message("{name} is a member of another collective here and has a password there."),
                    hint=message("Leave the password out: she comes in with the one that she has."),
                    name=name,
                )
            members.set_role(transaction, member.id, collective, role)
            return member

        return await self._database.writer.run(apply)

    async def list(self, collective: int) -> list[Membership]:
        """Everybody in a collective."""
        return await self._database.reader.run(lambda snapshot: members.of(snapshot, collective))

    async def set_role(self, collective: int, name: str, role: str) -> None:
        """Change what a member is. ConflictError where nobody would be left who may decide about people."""
        role = role_of(role)

        def apply(transaction: Transaction) -> None:
            member = _member(transaction, collective, name)
            if role != STEWARD:
                keep_a_steward(transaction, member.id, collective)
            members.set_role(transaction, member.id, collective, role)

        await self._database.writer.run(apply)

    async def set_password(self, collective: int, name: str, password: str) -> None:
        """Give a member a new password; her browsers are logged out."""
        hashed = await self.hashed(password)

        def apply(transaction: Transaction) -> None:
            member = _member(transaction, collective, name)
            members.set_password(transaction, member.id, hashed)
            sessions.end_all(transaction, member.id)

        await self._database.writer.run(apply)

    async def remove(self, collective: int, name: str) -> None:
        """Take a member out, with her tokens. What she wrote for the collective stays the collective's.

        ConflictError where nobody would be left who may decide about people.
        """

        def apply(transaction: Transaction) -> None:
            member = _member(transaction, collective, name)
            keep_a_steward(transaction, member.id, collective)
            members.remove(transaction, member.id, collective)

        await self._database.writer.run(apply)

    async def log_in(self, name: str, password: str) -> Member:
        """The member of this name and password; UnauthorizedError, the same for either being wrong."""
        member = await self._database.reader.run(lambda snapshot: members.by_name(snapshot, _plain(name)))
        hashed = member.password if member and member.password else _NOBODY
        right = await asyncio.to_thread(_verify, hashed, password)
        if member is None or member.password is None or not right:
            raise UnauthorizedError(message("Name or password is wrong."))
        return member

    async def credentials(self, name: str, password: str) -> tuple[Member | None, str, str]:
        """For whoever comes in with an invitation: the member that she is already by this name and password, the name as
        it is kept, and the hash of a new password. InvalidError where the name is somebody else's."""
        name = _name(name)
        known = await self._database.reader.run(lambda snapshot: members.by_name(snapshot, name))
        if known is None:
            return None, name, await self.hashed(password)
        if not await asyncio.to_thread(_verify, known.password or _NOBODY, password) or not known.password:
            raise InvalidError("name", message("another name: this one is taken here"))
        return known, name, ""

    async def change_password(self, member: Member, old: str, new: str, cookie: str) -> None:
        """A member changes her password; she stays logged in only here. InvalidError names `old` or `new`."""
        if not await asyncio.to_thread(_verify, member.password or _NOBODY, old):
            raise InvalidError("old", message("the password that you have now"))
        try:
            hashed = await self.hashed(new)
        except InvalidError as error:
            raise InvalidError("new", error.wording, **error.values) from error

        def apply(transaction: Transaction) -> None:
            members.set_password(transaction, member.id, hashed)
            sessions.end_all(transaction, member.id, but=_digest(cookie))

        await self._database.writer.run(apply)

    async def sessions(self, member: Member, cookie: str) -> Sequence[Begun]:
        """The browsers in which a member is logged in, newest first; `here` is the one of this cookie."""
        return await self._database.reader.run(
            lambda snapshot: sessions.of(snapshot, member.id, _digest(cookie))
        )

    async def end_sessions(self, member: Member) -> None:
        """Log a member out everywhere, here too."""
        await self._database.writer.run(lambda transaction: sessions.end_all(transaction, member.id))

    async def grants(self, member: Member) -> Sequence[Grant]:
        """The programs that may act for a member."""
        return await self._database.reader.run(lambda snapshot: members.grants(snapshot, member.id))

    async def revoke_grant(self, member: Member, number: int) -> None:
        """Take a program's access back; a second time changes nothing."""
        await self._database.writer.run(lambda t: members.revoke_grant(t, member.id, number))

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
            raise UnauthorizedError(message("The access token is invalid."))
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
            known = collectives.every(snapshot)
            roles = {c.id: role for c in known if (role := members.role(snapshot, member.id, c.id))}
            there = sorted((c for c in known if c.id in roles), key=lambda c: c.name)
            return Session(member, tuple(there), roles)

        return await self._database.reader.run(look)

    async def end_session(self, cookie: str) -> None:
        """Forget that a browser is logged in."""
        await self._database.writer.run(lambda transaction: sessions.end(transaction, _digest(cookie)))

    async def hashed(self, password: str) -> str:
        """The hash of a new password; InvalidError where it is too short."""
        _refuse_short(password)
        return await asyncio.to_thread(_HASHER.hash, _plain(password))


def keep_a_steward(snapshot: Snapshot, member: int, collective: int) -> None:
    """ConflictError where a member is the only one who may decide about people in a collective."""
    stewards = [each.member.id for each in members.of(snapshot, collective) if each.role == STEWARD]
    if stewards == [member]:
        raise ConflictError(
            message("She is the only steward: without her nobody could decide about people and settings."),
            hint=message("Make somebody else a steward first."),
        )


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
        raise InvalidError("name", message("a name of 1 to 60 letters"))
    return name


def _refuse_short(password: str) -> None:
    if len(password) < PASSWORD_CHARS:
        raise InvalidError("password", message("at least 10 characters: three or four words are good"))


def misread(name: str, password: str) -> list[InvalidError]:
    """What is wrong with a new member's name and password, each by itself."""
    refused = []
    for refuse, typed in ((_name, name), (_refuse_short, password)):
        try:
            refuse(typed)
        except InvalidError as error:
            refused.append(error)
    return refused


def role_of(role: str) -> str:
    """A role that there is; InvalidError for another word."""
    if role not in ROLES:
        raise InvalidError("role", message("one of these: {known}"), known=", ".join(ROLES))
    return role


def _scopes(text: str) -> tuple[str, ...]:
    scopes = tuple(dict.fromkeys(text.split()))
    if not scopes or any(scope.partition(":")[0] not in SCOPES for scope in scopes):
        raise InvalidError(
            "scopes", message("some of {known}, or parts of them like read:statuses"), known=" ".join(SCOPES)
        )
    return scopes


def _member(snapshot: Snapshot, collective: int, name: str) -> Member:
    member = members.by_name(snapshot, _plain(name))
    if member is None or members.role(snapshot, member.id, collective) is None:
        raise UnknownError(
            message("There is no member “{name}”."),
            hint=message("`minga member list` shows them."),
            name=_plain(name),
        )
    return member


def _speaker(snapshot: Snapshot, collective: Collective, name: str) -> Speaker:
    member = _member(snapshot, collective.id, name)
    return Speaker(collective.uri, members.role(snapshot, member.id, collective.id), member.id)
