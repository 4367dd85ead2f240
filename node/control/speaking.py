"""Commands by which a collective speaks."""

from typing import Any

import msgspec

from node.control.commands import Call, Handler
from node.domain.kind import Audience
from node.speak import Said


class Shown(msgspec.Struct, frozen=True):
    """A photograph to be shown with what is said, made safe by whoever sends it, with what can be seen on it in words."""

    body: bytes
    description: str = ""


def told(said: Said) -> dict[str, Any]:
    """What was said, for whoever asked. The id is text: it has 63 bits, and not every reader of JSON keeps so many."""
    code = {"code": said.code} if said.code else {}
    return {"id": str(said.id), "uri": said.uri, "text": said.text, **code}


async def publish(
    call: Call,
    *,
    kind: str,
    fields: dict[str, str],
    visibility: Audience | None = None,
    to: tuple[str, ...] = (),
    in_reply_to: str | None = None,
    picture: Shown | None = None,
) -> Any:
    """Say something of a kind, its fields as typed."""
    shown = []
    if picture is not None:
        medium = await call.doors.attachments.add(
            await call.collective(), picture.body, description=picture.description, focus=None, wait=True
        )
        shown.append(medium.id)
    said = await call.doors.publisher.publish(
        await call.speaker(),
        kind,
        fields,
        audience=visibility,
        to=to,
        in_reply_to=in_reply_to,
        pictures=shown,
        also=call.doors.pantry.settle,
    )
    return told(said)


async def revise(call: Call, *, ref: str, fields: dict[str, str]) -> Any:
    """Correct something."""
    return told(
        await call.doors.publisher.revise(await call.speaker(), ref, fields, also=call.doors.pantry.settle)
    )


async def withdraw(call: Call, *, ref: str) -> Any:
    """Withdraw something."""
    return told(await call.doors.publisher.withdraw(await call.speaker(), ref))


async def like(call: Call, *, ref: str) -> Any:
    """Like something."""
    return told(await call.doors.reactions.like(await call.speaker(), ref))


async def boost(call: Call, *, ref: str) -> Any:
    """Boost something public."""
    return told(await call.doors.reactions.boost(await call.speaker(), ref))


async def undo(call: Call, *, ref: str) -> Any:
    """Take back a like, boost or follow."""
    return told(await call.doors.reactions.undo(await call.speaker(), ref))


async def accept(call: Call, *, ref: str, options: tuple[str, ...] = ()) -> Any:
    """Accept an offer."""
    return told(await call.doors.publisher.accept(await call.speaker(), ref, frozenset(options)))


async def reject(call: Call, *, ref: str, reason: str) -> Any:
    """Reject an offer, saying why."""
    return told(await call.doors.publisher.reject(await call.speaker(), ref, reason))


COMMANDS: dict[str, Handler] = {
    "publish": publish,
    "revise": revise,
    "withdraw": withdraw,
    "like": like,
    "boost": boost,
    "undo": undo,
    "accept": accept,
    "reject": reject,
}
