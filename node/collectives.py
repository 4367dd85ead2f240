"""DOOR. The collectives that this node speaks for: add one, change what it says of itself.

Its keys are made and on the disk before the transaction; its roots never come here, only its founding does
(`node.recovery`). The actor document is rendered once and served as these bytes.
"""

import asyncio
import json
import re
import unicodedata
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
import pyrage

from federation import (
    Addressed,
    FederationError,
    LocalActor,
    RetiredKey,
    build_actor,
    check_identity,
    did_key,
    make_keys,
    move_key,
    multikey,
)
from federation.interfaces import ActorKey, Sender
from federation.outbox import seal
from federation.vocab import PUBLIC
from node.config import Config
from node.domain import logbook
from node.domain.kind import Audience
from node.domain.markup import to_html
from node.errors import ConflictError, InvalidError, UnknownError
from node.keyring import Keyring
from node.speak import LiveScene, Speech, begin_account, tongues
from node.storage import collectives, entries
from node.storage.collectives import Collective
from node.storage.database import Database, Transaction
from node.tlog.cosignature import COSIGNATURE_V1
from node.tlog.note import ED25519, VerifierKey
from node.tongues import languages, message
from schemas import CURRENCIES

KINDS = ("kitchen", "assembly", "cooperative", "supply-network", "parish", "fund", "network")

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
_NAME_CHARS = 100
_SUMMARY_CHARS = 2000


class Collectives:
    """The door by which collectives come to be and say what they are."""

    def __init__(self, config: Config, database: Database, keyring: Keyring, speech: Speech) -> None:
        self._config = config
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
            raise ConflictError(
                f"handle: {handle_of(handle)} is taken on this node.",
                hint="`minga collective list` shows them.",
            )
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
            name=_name(name),
            kind=_one_of("kind", kind, KINDS),
            summary="",
            locale=_one_of("locale", locale, languages()),
            currency=_one_of("currency", currency.upper(), CURRENCIES),
            timezone=_timezone(timezone),
            created=now,
            seal=_recipient(recipient),
            identity=_statement(statement, uri, now),
            document=b"",
            updated=now,
        )
        if await self._database.reader.run(lambda snapshot: collectives.by_uri(snapshot, uri)):
            raise ConflictError(
                f"The handle {collective.handle} is taken on this node.",
                hint="`minga collective list` shows them.",
            )
        sender = await asyncio.to_thread(self._keyring.make, uri)

        def apply(transaction: Transaction) -> Collective:
            document = seal(self._document(collective, sender), sender, now).body
            added = replace(collective, id=transaction.next_id(), document=document)
            collectives.add(transaction, added)
            if added.kind == _FUND:
                begin_account(transaction, added)
            return added

        return await self._database.writer.run(apply)

    async def describe(self, uri: str, *, name: str | None = None, summary: str | None = None) -> Collective:
        """Change the name or the summary (plain text, links are found), and tell everybody who knows the collective."""

        def apply(transaction: Transaction) -> Collective:
            collective = collectives.by_uri(transaction, uri)
            if collective is None:
                raise UnknownError("That collective is not on this node.")
            collective = replace(
                collective,
                name=collective.name if name is None else _name(name),
                summary=collective.summary if summary is None else self._summary(transaction, summary),
            )
            return self._tell(transaction, collective, self._document(collective, self._keyring.sender(uri)))

        return await self._database.writer.run(apply)

    async def rotate(self, uri: str, root_1: bytes, now: datetime) -> str:
        """Replace the Ed25519 key by a new one, confirmed by root 1; the new key's id. InvalidError for another root.

        The Update is signed by the key that peers hold; the key statement in it by `move-0` and by the new key.
        """
        move = move_key(root_1)
        held = await self._database.reader.run(lambda snapshot: collectives.by_uri(snapshot, uri))
        if held is None or json.loads(held.identity)["subject"] != did_key(move.public_key()):
            raise InvalidError("words", f"expected the words of root 1 of {uri}")
        former = self._keyring.sender(uri)
        key_id, key = await asyncio.to_thread(self._keyring.make_next, uri)

        def apply(transaction: Transaction) -> None:
            collective = collectives.by_uri(transaction, uri)
            if collective is None:
                raise UnknownError("That collective is not on this node.")
            retired = [
                RetiredKey(former.ed25519_key_id, multikey(former.ed25519.public_key()), now),
                *_retired(collective),
            ]
            new = replace(former, ed25519_key_id=key_id, ed25519=key)
            listed = [
                ActorKey(key_id, uri, "ed25519", multikey(key.public_key())),
                *(ActorKey(each.id, uri, "ed25519", each.multikey, each.revoked) for each in retired),
            ]
            statement = make_keys(
                uri, listed, sequence=len(retired), move=move, new=key, new_key_id=key_id, now=now
            )
            document = self._document(collective, new, retired)
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
                raise UnknownError("There is no account of that collective on this node.")
            log = entries.begin(transaction, collective.id)
            balances = entries.balances(transaction, collective.id)
            fields = {
                "origin": origin,
                "size": size,
                "root": b64encode(root).decode(),
                "balances": [[account, amount, name] for (account, name), amount in balances.items()],
            }
            entries.append(transaction, log.id, "Succession", fields)
            sender = self._keyring.sender(uri)
            self._tell(transaction, collective, self._document(collective, sender, number=log.number))
            return log.number

        return await self._database.writer.run(apply)

    def _summary(self, transaction: Transaction, text: str) -> str:
        if len(text) > _SUMMARY_CHARS:
            raise InvalidError("summary", f"expected at most {_SUMMARY_CHARS} characters")
        return to_html(text, LiveScene(transaction, self._config.origin)) if text.strip() else ""

    def _tell(self, transaction: Transaction, collective: Collective, document: dict[str, Any]) -> Collective:
        """Store the new actor document and send it to followers, peers and whom the collective follows."""
        spoken = seal(document, self._keyring.sender(collective.uri), transaction.now)
        collective = replace(collective, document=spoken.body)
        collectives.describe(transaction, collective)
        to = Addressed((PUBLIC,), (f"{collective.uri}/followers",))
        self._speech.send(
            transaction, collective, "Update", spoken, to, Audience.PUBLIC, object=collective.uri
        )
        return collective

    def _document(
        self,
        collective: Collective,
        sender: Sender,
        retired: Sequence[RetiredKey] | None = None,
        *,
        number: int | None = None,
    ) -> dict[str, Any]:
        statements = _key_statements(collective)
        number = number or _log_number(collective)
        return build_actor(
            LocalActor(
                sender=sender,
                username=collective.handle,
                handle=f"{collective.handle}@{self._config.host}",
                name=collective.name,
                summary=collective.summary,
                published=collective.created,
                shared_inbox=f"{self._config.origin}/inbox",
                collective_kind=collective.kind,
                identity=json.loads(collective.identity),
                attachment=[*_payment(collective), *(statements if retired is None else ())],
                retired=_retired(collective) if retired is None else retired,
                approves_followers=self._config.relations.approve,
                more=self._logbook(collective.uri, number),
            )
        )

    def _logbook(self, uri: str, number: int) -> dict[str, Any]:
        """Where the collective's log is, where it witnesses those of others, and the keys of both."""
        log_key = VerifierKey(
            logbook.origin(uri, number), ED25519, self._keyring.log_key(uri).public_key().public_bytes_raw()
        )
        witness_key = VerifierKey(
            logbook.bare(uri), COSIGNATURE_V1, self._keyring.witness_key(uri).public_key().public_bytes_raw()
        )
        return {
            "log": {"prefix": logbook.prefix(uri, number), "key": str(log_key)},
            "witness": {"key": str(witness_key), "addCheckpoint": f"{uri}/witness/add-checkpoint"},
        }


def _payment(collective: Collective) -> list[dict[str, Any]]:
    """Where to give to a fund (FEP-0ea0)."""
    if collective.kind != _FUND:
        return []
    name = tongues(collective)[0].say(message("Give"))
    return [{"type": "Link", "name": name, "href": f"{collective.uri}/give", "rel": ["payment"]}]


def handle_of(typed: str) -> str:
    """A handle in the one form in which it is stored; InvalidError where it cannot be one."""
    handle = typed.strip().removeprefix("@").lower()
    if not _HANDLE.fullmatch(handle):
        raise InvalidError("handle", "expected 1 to 30 of a-z, 0-9 and _")
    if handle in _RESERVED:
        raise InvalidError("handle", f"{handle} is a name that servers use themselves")
    return handle


def current_key(document: bytes) -> str:
    """The id of the Ed25519 key with which an actor of ours signs, as its document says."""
    listed = json.loads(document)["assertionMethod"]
    return next(str(key["id"]) for key in listed if "revoked" not in key)


def _retired(collective: Collective) -> list[RetiredKey]:
    if not collective.document:
        return []
    return [
        RetiredKey(key["id"], key["publicKeyMultibase"], datetime.fromisoformat(key["revoked"]))
        for key in json.loads(collective.document)["assertionMethod"]
        if "revoked" in key
    ]


def _key_statements(collective: Collective) -> list[dict[str, Any]]:
    if not collective.document:
        return []
    attached = json.loads(collective.document)["attachment"]
    return [each for each in attached if each["type"] == "KeyStatement"]


def _log_number(collective: Collective) -> int:
    """Which of its logs a collective's document names."""
    if not collective.document:
        return logbook.FIRST
    prefix = str(json.loads(collective.document)["log"]["prefix"])
    last = prefix.rstrip("/").rpartition("/")[2]
    return int(last) if last.isdecimal() else logbook.FIRST


def _statement(statement: Mapping[str, Any], uri: str, now: datetime) -> bytes:
    try:
        check_identity(dict(statement), uri, now)
    except FederationError as error:
        raise InvalidError(
            "statement", f"expected an identity statement of {uri}", cause=str(error)
        ) from error
    return msgspec.json.encode(statement)


def _recipient(text: str) -> str:
    try:
        return str(pyrage.x25519.Recipient.from_str(text))
    except pyrage.RecipientError as error:
        raise InvalidError("recipient", "expected an age recipient, age1…") from error


def _name(name: str) -> str:
    name = unicodedata.normalize("NFC", name).strip()
    if not 0 < len(name) <= _NAME_CHARS or not name.isprintable():
        raise InvalidError("name", f"expected 1 to {_NAME_CHARS} printable characters")
    return name


def _one_of(field: str, value: str, known: Iterable[str]) -> str:
    if value not in known:
        raise InvalidError(field, f"expected one of {', '.join(known)}")
    return value


def _timezone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidError("timezone", "expected the name of a time zone, like America/Santiago") from error
    return name
