"""DOOR. Photographs: what members send, made safe in a process of its own, and what strangers show, served by this node.

Of a member's photograph only the remade files are kept, named by their content; the original is never written down.
"""

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from node.attachments.elsewhere import Elsewhere, Getter
from node.attachments.remaking import forget_drafts, put, remake
from node.attachments.room import Room
from node.domain.kind import NotAllowedError
from node.domain.privacy import refuse_contact
from node.errors import ConflictError, InvalidError, StorageError, TooManyError, UnknownError
from node.remade import Cover, Result, kind_of
from node.storage import media, refusals
from node.storage.collectives import Collective
from node.storage.database import Clock, Database, Transaction
from node.storage.media import Description, Medium, Picture
from node.tongues import message

UPLOAD_BYTES = 16 * 1024 * 1024
"""The largest photograph that is looked at: what a telephone makes."""
DESCRIPTION_CHARS = 1500

_AT_ONCE = 2
_WAITING = 20
_ROOM_BYTES = 64 * 1024 * 1024
"""What is held in memory of photographs that come in and of those that wait."""
_SEAL_KEY = "media_secret"
_HEIC = tuple(b"ftyp" + brand for brand in (b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1"))
_LOST = message("The server could not keep the photograph.")

_log = logging.getLogger(__name__)


class Attachments:
    """The door of photographs. `directory` holds their files, `cache` those of other servers (`elsewhere`); `base` is the
    address below which both are served; `room` bounds what is held of them in memory."""

    def __init__(
        self,
        database: Database,
        directory: Path,
        cache: Path,
        getter: Getter,
        clock: Clock,
        *,
        base: str,
        secret: bytes,
    ) -> None:
        self.base = base
        self.room = Room(_ROOM_BYTES)
        self._database = database
        self._directory = directory
        self._slots = asyncio.Semaphore(_AT_ONCE)
        self._working: dict[int, asyncio.Task[None]] = {}
        self.elsewhere = Elsewhere(cache, getter, clock, self._slots, self._refused, base=base, secret=secret)

    @classmethod
    async def open(
        cls, database: Database, directory: Path, cache: Path, getter: Getter, clock: Clock, *, base: str
    ) -> "Attachments":
        """The door over a directory. What was being worked on when the program ended is given up."""

        def begin(transaction: Transaction) -> str:
            media.interrupt(transaction, message("The server was stopped meanwhile; send it again."))
            transaction.execute(
                "INSERT OR IGNORE INTO meta (key, value) VALUES (?, ?)", _SEAL_KEY, secrets.token_hex(32)
            )
            return str(transaction.value("SELECT value FROM meta WHERE key = ?", _SEAL_KEY))

        secret = await database.writer.run(begin)
        await asyncio.to_thread(forget_drafts, directory)
        return cls(database, directory, cache, getter, clock, base=base, secret=bytes.fromhex(secret))

    async def close(self) -> None:
        """Stop what is being worked on."""
        tasks = list(self._working.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.elsewhere.close()

    def address(self, url: str, name: str = "", *, small: bool = False) -> str:
        """Where readers find the picture at a URL, or its small one: the kept photograph of this `name` at the address that is
        ours now, another server's through us, so that it learns of nobody."""
        if not name and url.startswith(f"{self.base}/"):
            name = media.name_in(url)
        if not name:
            return self.elsewhere.address(url, small=small)
        return f"{self.base}/{media.small(name) if small else media.large(name)}"

    async def _refused(self, url: str) -> bool:
        return await self._database.reader.run(lambda snapshot: refusals.wanted_by_nobody(snapshot, url))

    async def add(
        self,
        own: Collective,
        body: bytes,
        *,
        description: str,
        focus: str | None,
        wait: bool,
        covers: Sequence[Cover] = (),
    ) -> Medium:
        """Take a photograph, of which `covers` are blackened. InvalidError where it is none; TooManyError where too many are worked on.

        With `wait` it comes back ready, or raises InvalidError with what was wrong; else it may still be worked on.
        """
        _check_kind(body)
        _check_description(description)
        place = "0,0" if focus is None else read_focus(focus)
        if len(self._working) >= _WAITING:
            raise TooManyError(message("Too many photographs at once; try again."), retry_after=10)
        size = len(body)
        self.room.hold(size)
        try:
            medium = await self._database.writer.run(
                lambda t: media.add(t, own.id, description=description, focus=place)
            )
        except BaseException:
            self.room.give_back(size)
            raise
        task = asyncio.create_task(self._work(medium.id, body, covers))
        self._working[medium.id] = task
        task.add_done_callback(lambda _: self._working.pop(medium.id))
        task.add_done_callback(lambda _: self.room.give_back(size))
        if not wait:
            return medium
        await asyncio.shield(task)
        done = await self.medium(own, medium.id)
        if done.state == "failed":
            raise InvalidError("file", done.problem)
        return done

    async def medium(self, own: Collective, number: int) -> Medium:
        """A photograph of a collective. UnknownError where there is none."""
        worked_on = number in self._working
        found = await self._database.reader.run(lambda s: media.by_id(s, own.id, number))
        if found is None:
            raise UnknownError(message("Record not found"))
        if found.state == "working" and not worked_on:  # that it failed could not be written down either
            return replace(found, state="failed", problem=_LOST)
        return found

    async def describe(
        self,
        own: Collective,
        number: int,
        *,
        description: str | None,
        focus: str | None,
    ) -> Medium:
        """Change the alternative text or the focus. Of what a post shows only that post's edit does it."""
        described = read_description(number, description=description, focus=focus)
        medium = await self.medium(own, number)
        if medium.post is not None:
            raise ConflictError(message("A post shows this photograph; edit the post."))
        await self._database.writer.run(lambda t: media.describe(t, described))
        return await self.medium(own, number)

    async def remove(self, own: Collective, number: int) -> None:
        """Forget a photograph that no post shows."""
        medium = await self.medium(own, number)
        if medium.post is not None:
            raise InvalidError("id", message("a photograph that no post shows"))
        await self._forget([medium])

    async def expire(self) -> None:
        """Forget photographs that no post came to show."""
        while loose := await self._database.reader.run(lambda s: media.loose(s, limit=100)):
            await self._forget(loose)

    async def _forget(self, gone: Sequence[Medium]) -> None:
        def apply(transaction: Transaction) -> list[str]:
            media.forget(transaction, [medium.id for medium in gone])
            names = {medium.picture.name for medium in gone if medium.picture.name}
            return [name for name in names if not media.used(transaction, name)]

        for name in await self._database.writer.run(apply):
            for path in (self._path(media.large(name)), self._path(media.small(name))):
                await asyncio.to_thread(path.unlink, missing_ok=True)

    async def _work(self, number: int, body: bytes, covers: Sequence[Cover]) -> None:
        """Remake a photograph and keep the result."""
        try:
            async with self._slots:
                result = await remake(body, covers)
            if result.problem:
                await self._database.writer.run(lambda t: media.fail(t, number, result.problem))
                return
            picture = await asyncio.to_thread(self._write, result)
            await self._database.writer.run(lambda t: media.finish(t, number, picture))
        except (OSError, StorageError) as failure:
            _log.error("a photograph could not be kept: %s", failure)
            with contextlib.suppress(StorageError):
                await self._database.writer.run(lambda t: media.fail(t, number, _LOST))

    def _write(self, result: Result) -> Picture:
        name = media.name_of(result.large)
        for file, body in ((media.large(name), result.large), (media.small(name), result.small)):
            put(self._path(file), body)
        return Picture(name, *result.size, *result.small_size, len(result.large), "")

    def _path(self, file: str) -> Path:
        return media.file_of(self._directory, file)

    async def file(self, name: str) -> bytes:
        """The bytes of a kept photograph by its file name. UnknownError where there is none."""
        plain = name.removesuffix(".jpg").removesuffix(".small")
        if (
            len(plain) != 40
            or not all(sign in "0123456789abcdef" for sign in plain)
            or not name.endswith(".jpg")
        ):
            raise UnknownError(message("Record not found"))
        try:
            return await asyncio.to_thread(self._path(name).read_bytes)
        except FileNotFoundError as error:
            raise UnknownError(message("Record not found")) from error


def _check_kind(body: bytes) -> None:
    start = body[:512].lstrip().lower()
    if not body:
        raise InvalidError("file", message("a photograph; nothing came"))
    if len(body) > UPLOAD_BYTES:
        raise InvalidError("file", message("at most {limit} MB"), limit=UPLOAD_BYTES // 1024 // 1024)
    if kind_of(body) is not None:
        return
    if b"<svg" in start or start.startswith(b"<?xml"):
        raise InvalidError("file", message("a photograph; drawings (SVG) are not taken, send them as PNG"))
    if body[4:12] in _HEIC:
        raise InvalidError(
            "file",
            message(
                "a photograph as JPEG, not as HEIC, as iPhones keep it (Settings, Camera, Formats: “Most Compatible”)"
            ),
        )
    if body[4:8] == b"ftyp" or body[:4] in (b"\x1aE\xdf\xa3", b"RIFF", b"OggS") or body[:3] == b"ID3":
        raise InvalidError(
            "file", message("a photograph (JPEG, PNG, WebP, GIF or AVIF); film and sound are not taken")
        )
    raise InvalidError("file", message("a photograph (JPEG, PNG, WebP, GIF or AVIF)"))


def _check_description(description: str) -> None:
    if len(description) > DESCRIPTION_CHARS:
        raise InvalidError("description", message("at most {limit} characters"), limit=DESCRIPTION_CHARS)
    try:
        refuse_contact("description", description)
    except NotAllowedError as refusal:
        raise InvalidError(refusal.field, refusal.expected, **refusal.values) from refusal


def read_description(number: int, *, description: str | None, focus: str | None) -> Description:
    """How a photograph is to be described anew, None for what stays. InvalidError where it does not read."""
    if description is not None:
        _check_description(description)
    return Description(number, description, None if focus is None else read_focus(focus))


def read_focus(text: str) -> str:
    """A focus point as `x,y`, each from -1 to 1. InvalidError where it is none."""
    try:
        across, down = (float(part) for part in text.split(","))
    except ValueError as error:
        raise InvalidError("focus", message("two numbers from -1 to 1, like 0.2,-0.5")) from error
    if not (-1 <= across <= 1 and -1 <= down <= 1):
        raise InvalidError("focus", message("two numbers from -1 to 1, like 0.2,-0.5"))
    return f"{across:.2f},{down:.2f}"
