"""The doors of one node, together: what commands, pages and the client API are handed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from node.access import Access
from node.account.accounts import Accounts
from node.attachments import Attachments
from node.clients import Clients
from node.collectives import Collectives
from node.config import Config
from node.dossier import Dossier
from node.errors import ConflictError, InvalidError, UnknownError
from node.invitations import Invitations
from node.keyring import Keyring
from node.marks import Marks
from node.moderation import Moderation
from node.pantry import Pantry
from node.pickups import Pickups
from node.publish import Commands, Proposals, Publisher, Reactions, Trying
from node.relations import Relations
from node.storage import collectives
from node.storage.collectives import Collective
from node.storage.database import Database
from node.tongues import message


@dataclass(frozen=True, kw_only=True)
class Doors:
    """Everything by which words, members and relations enter, over one data directory."""

    directory: Path
    config: Config
    clock: Callable[[], datetime]
    database: Database
    keyring: Keyring
    access: Access
    invitations: Invitations
    dossier: Dossier
    moderation: Moderation
    collectives: Collectives
    publisher: Publisher
    commands: Commands
    proposals: Proposals
    trying: Trying
    reactions: Reactions
    pantry: Pantry
    pickups: Pickups
    relations: Relations
    accounts: Accounts
    clients: Clients
    marks: Marks
    attachments: Attachments

    async def collective(self, handle: str | None) -> Collective:
        """The collective of this handle; None is the only one that there is.

        UnknownError where there is none of this name; InvalidError where several are there and none was named.
        """
        there = await self.database.reader.run(collectives.every)
        handles = ", ".join(each.handle for each in there)
        if handle is None:
            if len(there) == 1:
                return there[0]
            if not there:
                raise ConflictError(
                    message("This node has no collective yet."),
                    hint=message("`minga collective add` makes one."),
                )
            raise InvalidError(
                "collective",
                message("one of these: {known}"),
                hint=message("Name it with --collective."),
                known=handles,
            )
        for each in there:
            if each.handle == handle.lower().lstrip("@"):
                return each
        raise UnknownError(
            message("There is no collective “{handle}” here."),
            hint=message("There are: {known}."),
            handle=handle,
            known=handles or "—",
        )
