"""Asking peers to cosign our checkpoints (C2SP tlog-witness), and the policy that says how many of them must."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol
from urllib.parse import quote, urlsplit

from federation.errors import FederationError
from federation.fetch import Answer
from node.account.books import Book
from node.domain import logbook
from node.errors import ElsewhereError, InvalidError
from node.numbers import whole
from node.storage import collectives, entries
from node.storage.checkpoints import Checkpoints, Tip
from node.storage.database import Database, Transaction
from node.storage.entries import Witness
from node.tlog import cosignature, policy
from node.tlog.checkpoint import open_checkpoint
from node.tlog.cosignature import COSIGNATURE_V1
from node.tlog.errors import TlogError
from node.tlog.merkle import prove_consistency
from node.tlog.note import ED25519, Note, Signature, VerifierKey
from node.tlog.policy import Group, Policy
from node.tlog.tiles import TiledHashes
from node.tlog.witness import AddCheckpoint
from node.tongues import message

_log = logging.getLogger(__name__)

_GROUP = "witnesses"
_HEADERS = {"content-type": "text/plain; charset=utf-8"}
_CONFLICT = 409
_UNKNOWN = 404


Fetch = Callable[[str], Awaitable[bytes]]
"""What stands at a URL. FederationError where nothing comes."""


class Post(Protocol):
    """How a request leaves this node (`federation.Fetcher.post`)."""

    async def __call__(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Post once; FederationError where no answer comes."""


class NotCosignedError(ElsewhereError):
    """A witness did not cosign; `size` is what it has seen, where it says so."""

    def __init__(self, why: str, size: int | None = None) -> None:
        super().__init__(why)
        self.size = size


def policy_of(book: Book, witnesses: list[Witness]) -> Policy:
    """Whom this log names as its witnesses, and how many of them make it witnessed. Strangers may have stricter ones."""
    document = json.loads(book.collective.document)
    log = policy.Log(
        VerifierKey.parse(document["log"]["key"], ED25519),
        logbook.prefix(book.collective.uri, book.log.number),
    )
    named = {
        logbook.bare(each.actor): policy.Witness(VerifierKey.parse(each.key, COSIGNATURE_V1), each.url)
        for each in witnesses
    }
    if not named:
        return Policy((log,), {}, {})
    threshold = min(max(book.log.quorum, 1), len(named))
    return Policy((log,), named, {_GROUP: Group(threshold, tuple(named))}, _GROUP)


def read_witness(actor: str, document: bytes) -> tuple[str, str]:
    """The vkey and the address of the witness that an actor document names. InvalidError where it names none."""
    try:
        named = json.loads(document)["witness"]
        key, url = VerifierKey.parse(named["key"], COSIGNATURE_V1), named["addCheckpoint"]
    except (ValueError, KeyError, TypeError, TlogError) as error:
        raise InvalidError(
            "witness", message("a collective that can be witness; {actor} names no witness"), actor=actor
        ) from error
    if key.name != logbook.bare(actor) or not isinstance(url, str) or not url.startswith(f"{actor}/"):
        raise InvalidError(
            "witness",
            message("a witness of its own; what {actor} names belongs to somebody else"),
            actor=actor,
        )
    return str(key), url


class Cosigners:
    """Asks the witnesses of each log."""

    def __init__(self, database: Database, checkpoints: Checkpoints, post: Post, fetch: Fetch) -> None:
        self._database = database
        self._checkpoints = checkpoints
        self._post = post
        self._fetch = fetch

    async def cosign(self, book: Book) -> bool:
        """Ask every witness that has not cosigned the tip; whether all have."""
        tip = await asyncio.to_thread(self._checkpoints.tip, book.origin)
        if tip is None:
            return True
        held = Note.parse(tip.note)
        # One that showed as much as the tip may have signed a note that was lost with what `minga recover` brought back.
        asked = [each for each in await self._witnesses(book) if each.size <= tip.size]
        due = [each for each in asked if not has_signed(held, each)]
        behind = [each for each in asked if each in due or each.size < tip.size]
        answers = await asyncio.gather(*(self._cosign(book, tip, each) for each in due))
        got = [signature for answer in answers if not isinstance(answer, str) for signature in answer]
        if got:
            await asyncio.to_thread(self._show, book, tip, bytes(held.signed(*got)))
        silent = {each.actor: why for each, why in zip(due, answers, strict=True) if isinstance(why, str)}
        done = [each.actor for each in behind if each.actor not in silent]
        told = [each.actor for each in due if each.actor in silent and each.refused != silent[each.actor]]
        if done or told:

            def note(transaction: Transaction) -> None:
                _cosigned(transaction, book, done, tip.size)
                for actor in told:
                    entries.refused(transaction, book.log.id, actor, silent[actor])

            await self._database.writer.run(note)
        return not silent

    async def ahead(self, book: Book, tip: Tip) -> int | None:
        """The largest tree of this log that any of its witnesses can show, signed by the log itself; 0 where none is larger, None
        where all were silent.

        What a witness only says is not believed: one of them alone could stop the account for ever. What one showed once is
        remembered, since it may be silent the next time.
        """
        witnesses = await self._witnesses(book)
        shown = max((each.size for each in witnesses), default=0)
        if shown > tip.size:
            return shown
        answers = await asyncio.gather(*(self._seen(book, tip, each) for each in witnesses))
        return max((each for each in answers if each is not None), default=None if witnesses else 0)

    async def _witnesses(self, book: Book) -> list[Witness]:
        found = await self._database.reader.run(lambda s: entries.witnesses(s, book.collective.id))
        own = await self._database.reader.run(lambda s: {each.uri for each in collectives.every(s)})
        return [each for each in found if each.actor not in own]

    async def _seen(self, book: Book, tip: Tip, witness: Witness) -> int | None:
        try:
            await self._ask(witness, AddCheckpoint(0, (), Note.parse(tip.note)))
        except NotCosignedError as refusal:
            if refusal.size is None or refusal.size <= tip.size:
                return refusal.size
            seen, log = await self._proven(book, tip, witness), book.log.id
            await self._database.writer.run(lambda t: entries.shown(t, log, witness.actor, seen))
            return seen
        return tip.size

    async def _proven(self, book: Book, tip: Tip, witness: Witness) -> int:
        """How large a tree of this log a witness can show; asked twice, since an answer may be lost on the way."""
        key = VerifierKey.parse(json.loads(book.collective.document)["log"]["key"], ED25519)
        for _ in range(2):
            try:
                note = Note.parse(
                    await self._fetch(f"{witness.actor}/witness/checkpoint?origin={quote(tip.origin)}")
                )
                head = open_checkpoint(note, [key])
            except (FederationError, TlogError) as error:
                _log.warning(
                    "%s says that it has seen more of %s, and shows nothing: %s",
                    witness.actor,
                    tip.origin,
                    error,
                )
                continue
            return head.size if head.origin == tip.origin else 0
        return 0

    async def _cosign(self, book: Book, tip: Tip, witness: Witness) -> tuple[Signature, ...] | str:
        """Its cosignature; else why there is none, in words for whoever keeps the account."""
        old = witness.size
        for _ in range(2):
            try:
                request = await asyncio.to_thread(_request, book, tip, old)
                signatures = await self._ask(witness, request)
            except NotCosignedError as refusal:
                if refusal.size is not None and refusal.size != old and refusal.size <= tip.size:
                    old = refusal.size
                    continue
                _log.warning(
                    "%s did not cosign the log of %s: %s",
                    witness.actor,
                    book.collective.handle,
                    refusal.public,
                )
                return refusal.public
            return signatures
        return f"it names {old} leaves, and does not go on from there"

    async def _ask(self, witness: Witness, request: AddCheckpoint) -> tuple[Signature, ...]:
        try:
            answer = await self._post(witness.url, bytes(request), _HEADERS)
        except FederationError as error:
            raise NotCosignedError(f"no answer: {error}") from error
        if answer.status == _CONFLICT:
            text = answer.body.decode("ascii", "replace").strip()
            if (seen := whole(text)) is not None:
                raise NotCosignedError(f"it has seen {text} leaves", seen)
        if answer.status == _UNKNOWN:
            raise NotCosignedError("it does not know this log: have it follow us, or join the fund")
        if answer.status != 200:
            raise NotCosignedError(f"status {answer.status} of {urlsplit(witness.url).netloc}")
        try:
            key = VerifierKey.parse(witness.key, COSIGNATURE_V1)
            signatures = cosignature.accept(request.checkpoint, answer.body, [key])
        except TlogError as error:
            raise NotCosignedError(f"an answer that cannot be read: {error}") from error
        if not signatures:
            raise NotCosignedError("an answer without a cosignature of its own")
        return signatures

    def _show(self, book: Book, tip: Tip, note: bytes) -> None:
        with self._checkpoints.showing(book.origin):
            if self._checkpoints.annotate(tip, note):
                book.files.show(note)


def has_signed(note: Note, witness: Witness) -> bool:
    """Whether a note bears a signature of this witness, which was checked when it was added."""
    key = VerifierKey.parse(witness.key, COSIGNATURE_V1)
    return any((each.name, each.key_id) == (key.name, key.id) for each in note.signatures)


def _cosigned(transaction: Transaction, book: Book, witnesses: list[str], size: int) -> None:
    """Noted after the signatures are kept: cut in between, what the tip bears is noted the next time."""
    for actor in witnesses:
        entries.cosigned(transaction, book.log.id, actor, size)


def _request(book: Book, tip: Tip, old: int) -> AddCheckpoint:
    hashes = prove_consistency(old, tip.size, TiledHashes(tip.size, book.files.read))
    return AddCheckpoint(old, hashes, Note.parse(tip.note))
