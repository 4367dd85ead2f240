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

from federation.errors import FederationError
from node.control.client import RefusedError
from node.control.wire import Refusal, Report
from node.domain.kind import Speaker
from node.doors import Doors
from node.errors import ElsewhereError, InvalidError, NodeError, Say, UnknownError, plain
from node.speak import tongues
from node.storage import collectives
from node.storage.collectives import Collective
from node.tongues import message


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

_HELP = message("Add --help to the command: it says what it takes.")
_FIELDS_HELP = message("Add --help to the command: it says what each field takes.")
_HELPS = {
    "accept": message(
        "The board shows the pledges that wait for an answer; accept --over takes one although it is more than what is lacking."
    ),
    "reject": message("The board shows the pledges that wait for an answer."),
}
"""What helps where a field is wrong, by command."""


async def perform(
    table: Mapping[str, Handler], doors: Doors, command: str, arguments: dict[str, Any], report: Report
) -> Any:
    """Perform a command of the table. `collective` and `as` in the arguments are for every command.

    RefusedError, in the language of the collective, for what the node refuses.
    """
    given = dict(arguments)
    call = Call(doors, given.pop("collective", None), given.pop("as", None), report)
    try:
        return await _perform(table, call, command, given)
    except (NodeError, FederationError) as error:
        raise RefusedError(refusal(error, await _say(call), _help(table, command))) from error


async def _perform(table: Mapping[str, Handler], call: Call, command: str, given: dict[str, Any]) -> Any:
    handler = table.get(command)
    if handler is None:
        raise UnknownError(
            message("This node knows no command {command}."),
            hint=message("Restart it: it may be older than this program."),
            command=command,
        )
    try:
        taken = msgspec.convert(given, _parameters(handler))
    except msgspec.ValidationError as error:
        what, at, where = str(error).partition(" - at `$.")
        raise InvalidError(where.rstrip("`") if at else command, what) from error
    return await handler(call, **{name: getattr(taken, name) for name in taken.__struct_fields__})


async def _say(call: Call) -> Say:
    """How the collective speaks; how the first one here does, where none was named rightly."""
    there = await call.doors.database.reader.run(collectives.every)
    meant = next((each for each in there if each.handle == call.handle), next(iter(there), None))
    return tongues(meant)[0].say if meant is not None else plain


def _help(table: Mapping[str, Handler], command: str) -> str:
    handler = table.get(command)
    takes_fields = handler is not None and "fields" in inspect.signature(handler).parameters
    return _HELPS.get(command) or (_FIELDS_HELP if takes_fields else _HELP)


def refusal(error: NodeError | FederationError, say: Say = plain, advice: str = _HELP) -> Refusal:
    """What is said of an error; `advice` where a field is wrong and nothing else helps."""
    match error:
        case RefusedError():
            return error.refusal
        case FederationError():
            elsewhere = ElsewhereError(error.public, host=error.host, hint=error.hint)
            return Refusal(elsewhere.said(say), elsewhere.hinted(say), status=error.status)
        case _:
            if not isinstance(error, InvalidError):
                return Refusal(error.said(say), error.hinted(say), status=error.status)
            return Refusal(error.said(say), error.hinted(say) or say(advice), error.field, error.status)


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
