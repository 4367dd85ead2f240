"""Commands about collectives, members and tokens."""

from typing import Any

from node.config import GivingSettings
from node.control.commands import Call, Handler
from node.profile import Change
from node.storage.collectives import Collective, every


def _told(collective: Collective) -> dict[str, Any]:
    return {
        "handle": collective.handle,
        "name": collective.name,
        "kind": collective.kind,
        "uri": collective.uri,
        "locale": collective.locale,
        "currency": collective.currency,
        "timezone": collective.timezone,
    }


async def add_collective(
    call: Call,
    *,
    handle: str,
    name: str,
    kind: str,
    locale: str,
    currency: str,
    timezone: str,
    statement: dict[str, Any],
    recipient: str,
) -> Any:
    """Add a collective, whose roots stay with the caller: only its identity statement and recipient come here."""
    added = await call.doors.collectives.add(
        handle=handle,
        name=name,
        kind=kind,
        locale=locale,
        currency=currency,
        timezone=timezone,
        statement=statement,
        recipient=recipient,
        now=call.doors.clock(),
    )
    return {**_told(added), "giving": call.doors.config.giving != GivingSettings()}


async def uri_of(call: Call, *, handle: str) -> Any:
    """The actor URI that a new collective of this handle would have."""
    return {"actor": await call.doors.collectives.free(handle)}


async def describe(call: Call, *, name: str | None = None, summary: str | None = None) -> Any:
    """Change what a collective says of itself."""
    collective = await call.collective()
    typed = {"name": name, "summary": summary}
    change = Change.of({field: text for field, text in typed.items() if text is not None})
    return _told(await call.doors.collectives.describe(collective.uri, change))


async def list_collectives(call: Call) -> Any:
    """All collectives of this node."""
    return [_told(each) for each in await call.doors.database.reader.run(every)]


async def add_member(call: Call, *, name: str, role: str, password: str | None = None) -> Any:
    """Bring somebody into a collective."""
    collective = await call.collective()
    member = await call.doors.access.add(collective.id, name, role, password)
    return {"name": member.name, "role": role, "collective": collective.handle}


async def list_members(call: Call) -> Any:
    """Everybody in a collective."""
    collective = await call.collective()
    return [
        {
            "name": each.member.name,
            "role": each.role,
            "password": each.member.password is not None,
            "since": each.member.created.isoformat(),
        }
        for each in await call.doors.access.list(collective.id)
    ]


async def invite(call: Call, *, role: str) -> Any:
    """A link with which somebody comes in. It is shown this once."""
    link = await call.doors.invitations.make((await call.collective()).id, role)
    return {
        "url": f"{call.doors.config.origin}{link.path}",
        "role": link.role,
        "expires": link.expires.isoformat(timespec="seconds"),
    }


async def set_role(call: Call, *, name: str, role: str) -> Any:
    """Change what a member is."""
    await call.doors.access.set_role((await call.collective()).id, name, role)
    return {"name": name, "role": role}


async def set_password(call: Call, *, name: str, password: str) -> Any:
    """Give a member a new password."""
    await call.doors.access.set_password((await call.collective()).id, name, password)
    return {"name": name}


async def remove_member(call: Call, *, name: str) -> Any:
    """Take a member out of a collective."""
    await call.doors.access.remove((await call.collective()).id, name)
    return {"name": name}


async def make_token(call: Call, *, member: str | None = None, scopes: str = "read write follow push") -> Any:
    """A bearer token for the client API."""
    collective = await call.collective()
    return {"token": await call.doors.access.make_token(collective.id, member, scopes)}


COMMANDS: dict[str, Handler] = {
    "collective.add": add_collective,
    "collective.uri": uri_of,
    "collective.describe": describe,
    "collective.list": list_collectives,
    "member.add": add_member,
    "member.list": list_members,
    "member.invite": invite,
    "member.role": set_role,
    "member.password": set_password,
    "member.remove": remove_member,
    "token": make_token,
}
