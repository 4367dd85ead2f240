"""DOOR. What this node knows about one member: told to her whole, handed out as a file, and forgotten when she leaves.

No address of hers, no browser, no visit is ever stored, so none of it can be told.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from node.access import keep_a_steward
from node.storage import collectives, dossiers, members, pickups, sessions
from node.storage.collectives import Collective
from node.storage.database import Database, Snapshot, Transaction
from node.storage.dossiers import Act
from node.storage.members import Grant, Member
from node.storage.sessions import Begun


@dataclass(frozen=True, slots=True)
class Known:
    """All of it: in which collectives she is as what, where she is logged in, which programs act for her, what she did."""

    member: Member
    memberships: list[tuple[Collective, str]]
    sessions: list[Begun]
    grants: list[Grant]
    acts: list[Act]
    approvals: list[Act]
    answers: int
    positions: dict[int, int]
    pickups: list[tuple[str, date]]

    def document(self, now: datetime) -> dict[str, Any]:
        """The same as a file that she can keep."""
        handles = {own.id: own.handle for own, _ in self.memberships}
        return {
            "about": "Everything that this Minga node stores about one member.",
            "made": _moment(now),
            "name": self.member.name,
            "since": _moment(self.member.created),
            "password": "argon2id hash" if self.member.password else None,
            "collectives": [{"collective": own.uri, "role": role} for own, role in self.memberships],
            "sessions": [{"begun": _moment(each.at)} for each in self.sessions],
            "programs": [
                {
                    "name": each.app,
                    "collective": handles.get(each.collective, ""),
                    "scopes": list(each.scopes),
                    "since": _moment(each.created),
                }
                for each in self.grants
            ],
            "acts": [{"activity": each.what, "at": _moment(each.at)} for each in self.acts],
            "approvals": [{"proposal": each.what, "at": _moment(each.at)} for each in self.approvals],
            "requests_remembered": self.answers,
            "seen_up_to": {handles.get(own, str(own)): str(at) for own, at in self.positions.items()},
            "pickups": [{"what": what, "day": day.isoformat()} for what, day in self.pickups],
        }


class Dossier:
    """The door of what is known about members."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def known(self, member: Member) -> Known:
        """Everything stored about a member."""

        def look(snapshot: Snapshot) -> Known:
            there = [
                (own, role)
                for own in collectives.every(snapshot)
                if (role := members.role(snapshot, member.id, own.id)) is not None
            ]
            return Known(
                member,
                there,
                sessions.of(snapshot, member.id, b""),
                members.grants(snapshot, member.id),
                dossiers.acts(snapshot, member.id),
                dossiers.approvals(snapshot, member.id),
                dossiers.answers(snapshot, member.id),
                dossiers.positions(snapshot, member.id),
                pickups.signed_up(snapshot, member.id),
            )

        return await self._database.reader.run(look)

    async def leave(self, member: Member) -> None:
        """She leaves every collective of this node, and what is known about her is erased. What the collectives published
        stays; so does her name beside what she approved. ConflictError where nobody would be left to decide."""

        def apply(transaction: Transaction) -> None:
            for collective in members.collectives_of(transaction, member.id):
                keep_a_steward(transaction, member.id, collective)
            dossiers.forget(transaction, member.id)

        await self._database.writer.run(apply)


def _moment(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
