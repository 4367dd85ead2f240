"""Commands about relations: whom we hear and who hears us."""

from typing import Any

from node.control.commands import Call, Handler


async def follow(call: Call, *, target: str) -> Any:
    """Follow an actor."""
    return {"actor": await call.doors.relations.follow(await call.speaker(), target)}


async def unfollow(call: Call, *, target: str) -> Any:
    """Stop following."""
    return {"actor": await call.doors.relations.unfollow(await call.speaker(), target)}


async def trust(call: Call, *, target: str) -> Any:
    """Put an actor among the peers."""
    return {"actor": await call.doors.relations.trust(await call.speaker(), target)}


async def untrust(call: Call, *, target: str) -> Any:
    """Take an actor out of the peers."""
    return {"actor": await call.doors.relations.untrust(await call.speaker(), target)}


async def believe(call: Call, *, target: str) -> Any:
    """Believe an actor in doubt as its server shows it now."""
    return {"actor": await call.doors.relations.believe(await call.speaker(), target)}


async def approve(call: Call, *, target: str) -> Any:
    """Accept a follow that waits."""
    return {"actor": await call.doors.relations.approve(await call.speaker(), target)}


async def refuse(call: Call, *, target: str) -> Any:
    """Refuse a follow, or send a follower away."""
    return {"actor": await call.doors.relations.refuse(await call.speaker(), target)}


async def block(call: Call, *, target: str, reason: str = "") -> Any:
    """Block an actor or a host."""
    return {"actor": await call.doors.relations.block(await call.speaker(), target, reason)}


async def unblock(call: Call, *, target: str) -> Any:
    """Take back a block."""
    return {"actor": await call.doors.relations.unblock(await call.speaker(), target)}


COMMANDS: dict[str, Handler] = {
    "relation.follow": follow,
    "relation.unfollow": unfollow,
    "relation.trust": trust,
    "relation.untrust": untrust,
    "relation.believe": believe,
    "relation.approve": approve,
    "relation.refuse": refuse,
    "relation.block": block,
    "relation.unblock": unblock,
}
