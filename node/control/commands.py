"""The table of commands, and how what was sent becomes the arguments of a handler.

A handler is `async def handler(call, *, …) -> JSON-able`; its keyword parameters, with their types, are what the command
takes. The same handlers run behind the socket of `serve` and, where nobody serves, in the process of the command.
"""

import inspect
import typing
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import msgspec

from node.control.wire import Report
from node.domain.kind import Speaker
from node.doors import Doors
from node.errors import InvalidError, NodeError, UnknownError
from node.speak import tongues
from node.storage.collectives import Collective


@dataclass(frozen=True)
class Call:
    """One command being performed: the doors, for which collective and as which member, and where progress is told."""

    doors: Doors
    handle: str | None
    member: str | None
    report: Report

    async def collective(self) -> Collective:
        """The collective that is meant."""
        return await self.doors.collective(self.handle)

    async def speaker(self) -> Speaker:
        """Who speaks: the member named by `--as`, else the operator."""
        return await self.doors.access.speaker(await self.collective(), self.member)


Handler = Callable[..., Awaitable[Any]]


async def perform(
    table: Mapping[str, Handler], doors: Doors, command: str, arguments: dict[str, Any], report: Report
) -> Any:
    """Perform a command of the table. `collective` and `as` in the arguments are for every command."""
    handler = table.get(command)
    if handler is None:
        raise UnknownError(
            f"This node knows no command {command!r}.", hint="Restart it: it may be older than this program."
        )
    given = dict(arguments)
    call = Call(doors, given.pop("collective", None), given.pop("as", None), report)
    try:
        taken = msgspec.convert(given, _parameters(handler))
    except msgspec.ValidationError as error:
        what, at, where = str(error).partition(" - at `$.")
        raise InvalidError(where.rstrip("`") if at else command, what) from error
    try:
        return await handler(call, **{name: getattr(taken, name) for name in taken.__struct_fields__})
    except NodeError as refusal:
        await _translate(call, refusal)
        raise


async def _translate(call: Call, refusal: NodeError) -> None:
    """Say a refusal in the language of the collective, where the catalogue has it."""
    try:
        tongue = tongues(await call.collective())[0]
    except NodeError:
        return
    refusal.hint = tongue.say(refusal.hint)
    if isinstance(refusal, InvalidError):
        refusal.expected = tongue.say(refusal.expected)
        refusal.public = f"{refusal.field}: {refusal.expected}"
    else:
        refusal.public = tongue.say(refusal.public)
    refusal.args = (refusal.public,)


@cache
def _parameters(handler: Handler) -> type[msgspec.Struct]:
    """The keyword parameters of a handler as a struct."""
    hints = typing.get_type_hints(handler)
    fields: list[Any] = []
    for parameter in list(inspect.signature(handler).parameters.values())[1:]:
        hint = hints[parameter.name]
        if parameter.default is inspect.Parameter.empty:
            fields.append((parameter.name, hint))
        else:
            fields.append((parameter.name, hint, parameter.default))
    return msgspec.defstruct(handler.__name__, fields, kw_only=True, forbid_unknown_fields=True)
