"""DOOR. The collectives that this node speaks for: add one, change what it says of itself.

Its keys are made and on the disk before the transaction; its roots never come here, only its founding does
(`node.recovery`). The actor document is rendered once and served as these bytes.
"""

import asyncio
import json
import re
from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

import msgspec
import pyrage

from federation import (
    Addressed,
    FederationError,
    RetiredKey,
    check_identity,
    did_key,
    make_keys,
    move_key,
    multikey,
)
from federation.interfaces import ActorKey
from federation.outbox import seal
from federation.vocab import PUBLIC
from node.config import Config
from node.domain.kind import Audience
from node.domain.markup import to_html
from node.errors import ConflictError, InvalidError, UnknownError
from node.keyring import Keyring
from node.profile import KINDS, Change, Profiles, coarse, name_of, one_of, retired_keys, timezone_of
from node.speak import LiveScene, Speech, begin_account
from node.storage import collectives, entries
from node.storage.collectives import Collective
from node.storage.database import Database, Transaction
from node.tongues import languages, message
from schemas import CURRENCIES

_HANDLE = re.compile(r"[a-z0-9_]{1,30}")
_RESERVED = frozenset(
    {
        "actor",
        "admin",
        "administrator",
        "instance",
        "moderator",
        "operator",
        "relay",
        "root",
        "server",
        "support",
    }
)
_FUND = "fund"
_PLACES = 50


class Collectives:
    """The door by which collectives come to be and say what they are."""

    def __init__(self, config: Config, database: Database, keyring: Keyring, speech: Speech) -> None:
        self._config = config
        self._profiles = Profiles(config, keyring)
        self._database = database
        self._keyring = keyring
        self._speech = speech

    def uri(self, handle: str) -> str:
        """The actor URI that a handle gives here; InvalidError where it cannot be one."""
        return f"{self._config.origin}/c/{handle_of(handle)}"

    async def free(self, handle: str) -> str:
        """The actor URI that a handle gives here; ConflictError where it is taken."""
        uri = self.uri(handle)
        if await self._database.reader.run(lambda snapshot: collectives.by_uri(snapshot, uri)):
            raise _taken(handle_of(handle))
        return uri

    async def add(
        self,
        *,
        handle: str,
        name: str,
        kind: str,
        locale: str,
        currency: str,
        timezone: str,
        statement: Mapping[str, Any],
        recipient: str,
        now: datetime,
    ) -> Collective:
        """Add a collective, with new keys. InvalidError names the field; ConflictError where the handle is taken.

        `statement` and `recipient` are its founding. Keys left by an attempt that failed are used: nobody saw them yet.
        """
        uri = self.uri(handle)
        collective = Collective(
            id=0,
            handle=handle_of(handle),
            uri=uri,
            name=name_of(name),
            kind=one_of("kind", kind, KINDS),
            summary="",
            locale=one_of("locale", locale, languages()),
            currency=one_of("currency", currency.upper(), CURRENCIES),
            timezone=timezone_of(timezone),
            created=now,
            seal=_recipient(recipient),
            identity=_statement(statement, uri, now),
            document=b"",
            updated=now,
        )
        if await self._database.reader.run(lambda snapshot: collectives.by_uri(snapshot, uri)):
            raise _taken(collective.handle)
        sender = await asyncio.to_thread(self._keyring.make, uri)

        def apply(transaction: Transaction) -> Collective:
            document = seal(self._profiles.document(collective, sender), sender, now).body
            added = replace(collective, id=transaction.next_id(), document=document)
            collectives.add(transaction, added)
            if added.kind == _FUND:
                begin_account(transaction, added)
            return added

        return await self._database.writer.run(apply)

    async def describe(self, uri: str, change: Change, *, seen: datetime | None = None) -> Collective:
        """Change what a collective says of itself, and tell everybody who knows it. InvalidError names the field.

        ConflictError where it changed after it was `seen`.
        """
        return await self._database.writer.run(
            lambda transaction: self.changed(transaction, uri, change, seen=seen)
        )

    def changed(
        self, transaction: Transaction, uri: str, change: Change, *, seen: datetime | None = None
    ) -> Collective:
        """The half of `describe` that is one transaction."""
        held = collectives.by_uri(transaction, uri)
        if held is None:
            raise UnknownError(message("That collective is not on this node."))
        if seen is not None and held.updated != seen:
            raise ConflictError(
                message("Somebody else changed this meanwhile. Look at it once more, then save again.")
            )
        given = {name: value for name, value in asdict(change).items() if value is not None}
        if "summary" in given:
            given["summary"] = self._summary(transaction, change.summary or "")
        if "fields" in given:
            given["fields"] = tuple(
                (name, self._summary(transaction, text).removeprefix("<p>").removesuffix("</p>"))
                for name, text in change.fields or ()
            )
        new = replace(held, **given)
        has_account = entries.log_of(transaction, held.id) is not None
        if has_account and new.currency != held.currency:
            raise InvalidError("currency", message("the currency of the account, which has begun already"))
        if has_account and held.kind == _FUND != new.kind:
            raise InvalidError("kind", message("a fund: its account has begun already"))
        told = self._tell(transaction, new, self._profiles.document(new, self._keyring.sender(uri)))
        if new.kind == _FUND:
            begin_account(transaction, told)
        return told

    async def set_places(self, uri: str, names: Iterable[str]) -> list[str]:
        """The coarse places that forms offer from now on. InvalidError where one is an exact address."""
        wanted = sorted({" ".join(name.split()) for name in names if name.strip()})
        if len(wanted) > _PLACES:
            raise InvalidError("places", message("at most 50 places"))
        for name in wanted:
            coarse("places", name)

        def apply(transaction: Transaction) -> list[str]:
            held = collectives.by_uri(transaction, uri)
            if held is None:
                raise UnknownError(message("That collective is not on this node."))
            collectives.put_places(transaction, held.id, wanted)
            return collectives.places(transaction, held.id)

        return await self._database.writer.run(apply)

    async def rotate(self, uri: str, root_1: bytes, now: datetime) -> str:
        """Replace the Ed25519 key by a new one, confirmed by root 1; the new key's id. InvalidError for another root, ConflictError
        while the account's log stands still behind what a witness has seen.

        The Update is signed by the key that peers hold; the key statement in it by `move-0` and by the new key.
        """
        move = move_key(root_1)
        held = await self._database.reader.run(lambda snapshot: collectives.by_uri(snapshot, uri))
        if held is None or json.loads(held.identity)["subject"] != did_key(move.public_key()):
            raise InvalidError("words", message("the words of root 1 of {actor}"), actor=uri)
        former = self._keyring.sender(uri)
        key_id, key = await asyncio.to_thread(self._keyring.make_next, uri)

        def apply(transaction: Transaction) -> None:
            collective = collectives.by_uri(transaction, uri)
            if collective is None:
                raise UnknownError(message("That collective is not on this node."))
            if entries.behind(transaction, uri) is not None:
                raise ConflictError(
                    message(
                        "No key is replaced while the public account stands still: what says so would stand where `minga recover` can"
                        " still bring back something."
                    ),
                    hint=message("`minga log` says what to do."),
                )
            retired = [
                RetiredKey(former.ed25519_key_id, multikey(former.ed25519.public_key()), now),
                *retired_keys(collective),
            ]
            new = replace(former, ed25519_key_id=key_id, ed25519=key)
            listed = [
                ActorKey(key_id, uri, "ed25519", multikey(key.public_key())),
                *(ActorKey(each.id, uri, "ed25519", each.multikey, each.revoked) for each in retired),
            ]
            statement = make_keys(
                uri, listed, sequence=len(retired), move=move, new=key, new_key_id=key_id, now=now
            )
            document = self._profiles.document(collective, new, retired)
            document["attachment"] = [*document["attachment"], statement]
            self._tell(transaction, collective, document)
            if (log := entries.log_of(transaction, collective.id)) is not None:
                entries.append(transaction, log.id, "KeyStatement", {"statement": statement})

        await self._database.writer.run(apply)
        self._keyring.choose(uri, key_id)
        return key_id

    async def succeed(self, uri: str, origin: str, size: int, root: bytes) -> int:
        """Close the account's log, whose last checkpoint is this, and begin the next; its number.

        The first leaf of the next says so and carries the balances over; the actor tells everybody of it.
        """

        def apply(transaction: Transaction) -> int:
            collective = collectives.by_uri(transaction, uri)
            if collective is None or entries.log_of(transaction, collective.id) is None:
                raise UnknownError(message("There is no account of that collective on this node."))
            log = entries.begin(transaction, collective.id)
            balances = entries.balances(transaction, collective.id)
            fields = {
                "origin": origin,
                "size": size,
                "root": b64encode(root).decode(),
                "balances": [[account, amount, name] for (account, name), amount in balances.items()],
            }
            entries.append(transaction, log.id, "Succession", fields)
            document = self._profiles.document(collective, self._keyring.sender(uri), number=log.number)
            witnesses = [each.actor for each in entries.witnesses(transaction, collective.id)]
            self._tell(transaction, collective, document, *witnesses)
            return log.number

        return await self._database.writer.run(apply)

    def _summary(self, transaction: Transaction, text: str) -> str:
        return to_html(text, LiveScene(transaction, self._config.origin)) if text.strip() else ""

    def _tell(
        self, transaction: Transaction, collective: Collective, document: dict[str, Any], *others: str
    ) -> Collective:
        """Store the new actor document and send it to followers, peers, whom the collective follows, and `others`."""
        spoken = seal(document, self._keyring.sender(collective.uri), transaction.now)
        collective = replace(collective, document=spoken.body)
        collectives.describe(transaction, collective)
        to = Addressed((PUBLIC,), (f"{collective.uri}/followers", *others))
        self._speech.send(
            transaction, collective, "Update", spoken, to, Audience.PUBLIC, object=collective.uri
        )
        return collective


def _taken(handle: str) -> ConflictError:
    return ConflictError(
        message("The handle {handle} is taken on this node."),
        hint=message("`minga collective list` shows them."),
        handle=handle,
    )


def handle_of(typed: str) -> str:
    """A handle in the one form in which it is stored; InvalidError where it cannot be one."""
    handle = typed.strip().removeprefix("@").lower()
    if not _HANDLE.fullmatch(handle):
        raise InvalidError("handle", message("1 to 30 of a-z, 0-9 and _"))
    if handle in _RESERVED:
        raise InvalidError("handle", message("another one: servers use {handle} themselves"), handle=handle)
    return handle


def _statement(statement: Mapping[str, Any], uri: str, now: datetime) -> bytes:
    try:
        check_identity(dict(statement), uri, now)
    except FederationError as error:
        raise InvalidError(
            "statement", message("an identity statement of {actor}"), cause=str(error), actor=uri
        ) from error
    return msgspec.json.encode(statement)


def _recipient(text: str) -> str:
    try:
        return str(pyrage.x25519.Recipient.from_str(text))
    except pyrage.RecipientError as error:
        raise InvalidError("recipient", message("an age recipient, age1…")) from error
