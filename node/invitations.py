"""DOOR. How people come in: a link that works once, within a week, for one role; and the first link of a new collective.

Whoever holds the link chooses her own name and password; nobody else ever knows the password. Of the link only the digest is
kept, so a stolen database opens nothing.
"""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from node import access
from node.access import Access, role_of
from node.errors import ConflictError, InvalidError, UnknownError
from node.storage import collectives, invitations, members, sessions
from node.storage.collectives import Collective
from node.storage.database import Database, Snapshot, Transaction
from node.storage.invitations import Invitation
from node.storage.members import Member
from node.tongues import message

VALID = timedelta(days=7)
STEWARD = "steward"
MEMBER = "member"
"""The field of the person's own name; the name of her collective stands beside it."""
_TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class Link:
    """A new invitation with the word of its link, which is shown this once. `first`: whoever uses it founds the collective."""

    token: str
    role: str
    expires: datetime
    first: bool

    @property
    def path(self) -> str:
        """Where it leads on this node."""
        return f"/{'welcome' if self.first else 'join'}/{self.token}"


@dataclass(frozen=True, slots=True)
class Offered:
    """What a link offers to whoever holds it: to come in, or a new password for the member whom it `renews`."""

    collective: Collective
    role: str
    expires: datetime
    first: bool
    used: bool
    renews: Member | None


class Invitations:
    """The door of links that let people in."""

    def __init__(self, database: Database, access: Access) -> None:
        self._database = database
        self._access = access

    async def make(self, collective: int, role: str, token: str | None = None) -> Link:
        """A new link. With a `token` of before it is the same link again: a form sent twice makes one."""
        role = role_of(role)
        word = token or secrets.token_urlsafe(_TOKEN_BYTES)

        def apply(transaction: Transaction) -> Link:
            invitations.expire(transaction)
            first = not members.of(transaction, collective)
            if first:
                invitations.revoke_all(transaction, collective)
            kept = invitations.add(
                transaction,
                _digest(word),
                collective=collective,
                role=STEWARD if first else role,
                expires=transaction.now + VALID,
            )
            return Link(word, kept.role, kept.expires, first)

        return await self._database.writer.run(apply)

    async def renew(self, collective: int, number: int, token: str) -> Link:
        """A link by which a member gets a new password. UnknownError where she is not in the collective; ConflictError where
        she is in another one too: who decides here does not decide about her there."""

        def apply(transaction: Transaction) -> Link:
            role = members.role(transaction, number, collective)
            if role is None:
                raise UnknownError(message("She is not a member any more."))
            if members.collectives_of(transaction, number) != [collective]:
                raise ConflictError(
                    message(
                        "She is in another collective of this server too, so nobody here changes her password."
                    ),
                    hint=message("Whoever runs this server can: minga member password NAME."),
                )
            expires = transaction.now + VALID
            kept = invitations.add(
                transaction, _digest(token), collective=collective, role=role, expires=expires, member=number
            )
            return Link(token, kept.role, kept.expires, first=False)

        return await self._database.writer.run(apply)

    async def welcome(self) -> list[tuple[Collective, Link]]:
        """A new first link for each collective that nobody came into yet; those made before are worthless then."""

        def look(snapshot: Snapshot) -> list[Collective]:
            return [each for each in collectives.every(snapshot) if not members.of(snapshot, each.id)]

        return [(each, await self.make(each.id, STEWARD)) for each in await self._database.reader.run(look)]

    async def offered(self, token: str) -> Offered:
        """What a link offers. UnknownError where it is none of ours, was withdrawn, or its time is over."""

        def look(snapshot: Snapshot) -> Offered | None:
            found = invitations.by_digest(snapshot, _digest(token))
            own = None if found is None else collectives.by_id(snapshot, found.collective)
            if found is None or own is None:
                return None
            first = not members.of(snapshot, own.id)
            used = found.used is not None
            renews = None if used or found.member is None else members.by_id(snapshot, found.member)
            return Offered(own, found.role, found.expires, first, used, renews)

        offered = await self._database.reader.run(look)
        if offered is None:
            raise UnknownError(
                message("This link does not work any more."),
                hint=message("Links work once, within seven days. Ask for a new one."),
            )
        return offered

    async def accept(
        self, token: str, name: str, password: str, also: Callable[[Transaction], None] | None = None
    ) -> Member:
        """Come in with a link; `also` happens in the same transaction. Sent twice by the same person it is one coming in.

        InvalidError names what is wrong, MEMBER or `password`; ConflictError where somebody else used the link.
        """
        offered = await self.offered(token)
        if offered.renews is not None:
            return await self._renew(token, offered.renews, password)
        known, name, hashed = await self._credentials(name, password)

        def apply(transaction: Transaction) -> Member:
            found = invitations.by_digest(transaction, _digest(token))
            member = members.by_name(transaction, name)
            if member is not None and (known is None or member.id != known.id):
                raise InvalidError(MEMBER, message("another name: this one is taken here"))
            if found is None or (found.used is not None and (member is None or found.member != member.id)):
                raise ConflictError(
                    message("This link was used already."),
                    hint=message(
                        "If it was you, come in with your name and password. If not, ask for a new one."
                    ),
                )
            if found.used is not None and member is not None:
                return member
            if member is None:
                member = members.add(transaction, name, hashed)
            if members.role(transaction, member.id, found.collective) is None:
                members.set_role(transaction, member.id, found.collective, found.role)
            invitations.use(transaction, found.id, member.id)
            if also is not None:
                also(transaction)
            return member

        return await self._database.writer.run(apply)

    async def _renew(self, token: str, member: Member, password: str) -> Member:
        hashed = await self._access.hashed(password)

        def apply(transaction: Transaction) -> Member:
            found = invitations.by_digest(transaction, _digest(token))
            if found is None or found.used is not None or found.member != member.id:
                raise ConflictError(message("This link was used already."))
            members.set_password(transaction, member.id, hashed)
            sessions.end_all(transaction, member.id)
            invitations.use(transaction, found.id, member.id)
            return member

        return await self._database.writer.run(apply)

    async def _credentials(self, name: str, password: str) -> tuple[Member | None, str, str]:
        try:
            return await self._access.credentials(name, password)
        except InvalidError as error:
            raise _of_member(error) from error

    async def waiting(self, collective: int) -> list[Invitation]:
        """The links of a collective that nobody used yet."""
        return await self._database.reader.run(lambda snapshot: invitations.waiting(snapshot, collective))

    async def revoke(self, collective: int, number: int) -> None:
        """Make a link worthless. UnknownError where there is none that could still be used."""
        if not await self._database.writer.run(lambda t: invitations.revoke(t, collective, number)):
            raise UnknownError(message("This link does not work any more."))

    async def expire(self) -> None:
        """Forget links whose time is over."""
        await self._database.writer.run(invitations.expire)


def misread(name: str, password: str) -> list[InvalidError]:
    """What is wrong with the name and the password of whoever comes in, each by itself."""
    return [_of_member(error) for error in access.misread(name, password)]


def _of_member(error: InvalidError) -> InvalidError:
    return InvalidError(MEMBER if error.field == "name" else error.field, error.wording, **error.values)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
