"""What is sent to this node, read within bounds and in memory: of a photograph as it came nothing is ever written down."""

import asyncio
from collections.abc import AsyncGenerator, Callable

from starlette.datastructures import FormData
from starlette.formparsers import FormParser, MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request

from node.errors import TooLargeError
from node.tongues import message

TEXT_BYTES = 2 << 20
"""The largest body in which no file can come."""

_FILES = 4
_SMALL = 1 << 18
"""What is no larger is read whatever room there is."""
_SILENCE = 60
"""Seconds after which a sender of whom nothing more comes is gone."""

Take = Callable[[int], None]
"""Takes so many bytes of the room that there is, or refuses."""


def media_type(request: Request) -> str:
    """What the body says that it is."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def pieces(request: Request, *, limit: int, take: Take | None = None) -> AsyncGenerator[bytes, None]:
    """The body as it comes. TooLargeError, before any of it is read where its length is told; ClientDisconnect where it ends early."""
    told = request.headers.get("content-length", "")
    length = int(told[:20]) if told.isdecimal() else None
    if length is not None and length > limit:
        raise _too_large()
    if take is not None and length is not None and length > _SMALL:
        take(length)
    size, stream = 0, request.stream()
    while True:
        try:
            async with asyncio.timeout(_SILENCE):
                piece = await anext(stream, None)
        except TimeoutError as error:
            raise ClientDisconnect from error
        if piece is None:
            return
        size += len(piece)
        if size > limit:
            raise _too_large()
        if take is not None and length is None and size > _SMALL:
            take(len(piece))
        yield piece


async def read_form(request: Request, *, limit: int, fields: int, box: int, take: Take) -> FormData:
    """A form: of at most so many `fields`, each text in them of at most `box` bytes; files count in `take`. MultiPartException for
    what is none, or has more."""
    kind = media_type(request)
    try:
        if kind == "multipart/form-data":
            body = pieces(request, limit=limit, take=take)
            parser = MultiPartParser(
                request.headers, body, max_files=_FILES, max_fields=fields, max_part_size=box
            )
            parser.spool_max_size = limit  # so that no file is written to the disk
            return await parser.parse()
        if kind == "application/x-www-form-urlencoded":
            body = pieces(request, limit=min(limit, TEXT_BYTES))
            return await FormParser(request.headers, body, max_fields=fields, max_part_size=box).parse()
    except (KeyError, ValueError) as error:
        raise MultiPartException(str(error)) from error
    return FormData()


def _too_large() -> TooLargeError:
    return TooLargeError(
        message("The request is larger than this server takes."),
        hint=message("Send less at once: fewer photographs, or smaller ones."),
    )
