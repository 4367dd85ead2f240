"""DOOR. What stewards do against harm: reports to look at, limits, blocked servers, and lists of them.

Limits and reports are the collective's own: nobody outside is told. Blocks of servers pass through `relations`.
"""

from dataclasses import dataclass
from urllib.parse import urlsplit

from node.domain import blocklist
from node.domain.blocklist import BLOCK, LIMIT, NOTHING, Listed, Wrong
from node.domain.kind import Speaker
from node.errors import ConflictError, InvalidError, NotPermittedError
from node.relations import Relations
from node.storage import follows, limits, refusals, reports
from node.storage.collectives import Collective
from node.storage.database import Database, Snapshot, Transaction
from node.storage.refusals import Refusal
from node.storage.reports import Report
from node.tongues import message

NOTE_CHARS = 1000


@dataclass(frozen=True, slots=True)
class Plan:
    """What a list would change: servers blocked and limited anew, those of which pictures or reports are refused besides, how
    many stand so already, how many it does nothing with, and the lines that do not read."""

    block: list[Listed]
    limit: list[Listed]
    refuse: list[Listed]
    already: int
    nothing: int
    wrong: list[Wrong]


class Moderation:
    """The door of stewards against harm."""

    def __init__(self, database: Database, relations: Relations, origin: str) -> None:
        self._database = database
        self._relations = relations
        self._host = urlsplit(origin).netloc

    async def reports(
        self, own: Collective, *, resolved: bool, before: int | None, limit: int
    ) -> list[Report]:
        """Reports to a collective, newest first."""
        return await self._database.reader.run(
            lambda s: reports.page(s, own.id, resolved=resolved, before=before, limit=limit)
        )

    async def resolve(self, speaker: Speaker, own: Collective, number: int, note: str) -> None:
        """Be done with a report. ConflictError where another steward was."""
        _steers(speaker)
        if len(note) > NOTE_CHARS:
            raise InvalidError("note", message("at most 1000 characters"))
        if not await self._database.writer.run(lambda t: reports.resolve(t, own.id, number, note)):
            raise ConflictError(message("Somebody else was done with this report already."))

    async def limit(self, speaker: Speaker, own: Collective, target: str, reason: str) -> None:
        """Limit an actor (a URI) or a server."""
        _steers(speaker)
        if target in (own.uri, self._host):
            raise InvalidError("host", message("another server than this one"))
        await self._database.writer.run(lambda t: limits.put(t, own.id, target, _reason(reason)))

    async def lift(self, speaker: Speaker, own: Collective, target: str) -> None:
        """Take a limit away, and what is refused of a server; a second time changes nothing."""
        _steers(speaker)

        def apply(transaction: Transaction) -> None:
            limits.lift(transaction, own.id, target)
            refusals.lift(transaction, own.id, target)

        await self._database.writer.run(apply)

    async def refuse_pictures(self, speaker: Speaker, own: Collective, host: str, reason: str) -> None:
        """Take no picture of a server any more."""
        _steers(speaker)
        if host == self._host:
            raise InvalidError("host", message("another server than this one"))
        refusal = Refusal(host, media=True, reason=_reason(reason))
        await self._database.writer.run(lambda t: refusals.add(t, own.id, refusal))

    async def plan(self, own: Collective, text: str) -> Plan:
        """What a list in Mastodon's form would change, without changing it."""
        listed, wrong = blocklist.read(text)
        ours = [each for each in listed if each.host == self._host]
        wrong += [Wrong(0, each.host, message("another server than this one")) for each in ours]

        def look(snapshot: Snapshot) -> Plan:
            blocked = {target for target, _ in follows.blocked_by(snapshot, own.uri)}
            limited = limits.by_target(snapshot, own.id)
            wanted = [each for each in listed if each.host != self._host]
            block = [each for each in wanted if each.severity == BLOCK]
            limit = [each for each in wanted if each.severity == LIMIT]
            new_blocks = [each for each in block if each.host not in blocked]
            new_limits = [each for each in limit if each.host not in blocked and each.host not in limited]
            refused = {each.host: each for each in refusals.page(snapshot, own.id)}
            refuse = [
                each
                for each in wanted
                if each.refuses
                and each.host not in blocked
                and each not in new_limits
                and _refuses_more(each, refused.get(each.host, Refusal(each.host)))
            ]
            nothing = sum(each.severity not in (BLOCK, LIMIT) and not each.refuses for each in wanted)
            already = len(wanted) - nothing - len(new_blocks) - len(new_limits) - len(refuse)
            return Plan(new_blocks, new_limits, refuse, already, nothing, wrong)

        return await self._database.reader.run(look)

    async def carry_out(self, speaker: Speaker, own: Collective, text: str) -> Plan:
        """Block, limit and refuse what a list names. Nothing that stands so already is changed, nothing is lifted."""
        _steers(speaker)
        plan = await self.plan(own, text)

        def apply(transaction: Transaction) -> None:
            for each in plan.limit:
                limits.put(transaction, own.id, each.host, each.comment)
            for each in (*plan.block, *plan.limit, *plan.refuse):
                if each.refuses or each.obfuscate:
                    refusals.add(transaction, own.id, _refusal(each))

        await self._relations.block_hosts(speaker, {each.host: each.comment for each in plan.block}, apply)
        return plan

    async def export(self, own: Collective) -> str:
        """The blocked and limited servers of a collective as a list in Mastodon's form."""

        def look(snapshot: Snapshot) -> list[Listed]:
            refused = {each.host: each for each in refusals.page(snapshot, own.id)}
            listed: dict[str, Listed] = {}
            for host, reason in follows.blocked_by(snapshot, own.uri):
                if not host.startswith("http"):
                    hidden = host in refused and refused[host].obfuscate
                    listed[host] = Listed(host, BLOCK, reason, media=True, reports=True, obfuscate=hidden)
            for host, reason in limits.by_target(snapshot, own.id).items():
                listed.setdefault(host, _listed(LIMIT, refused.get(host, Refusal(host)), reason))
            for host, each in refused.items():
                if each.media or each.reports:
                    listed.setdefault(host, _listed(NOTHING, each, each.reason))
            return list(listed.values())

        return blocklist.write(await self._database.reader.run(look))


def named_host(typed: str) -> str:
    """The server that somebody typed; InvalidError where it is none."""
    found = blocklist.host(typed)
    if not found:
        raise InvalidError("host", message("the name of a server, like example.org"))
    return found


def _refusal(listed: Listed) -> Refusal:
    """What a line of a list refuses; a block refuses it all by itself."""
    return Refusal(
        listed.host,
        media=listed.refuses and listed.media,
        reports=listed.refuses and listed.reports,
        obfuscate=listed.obfuscate,
        reason=listed.comment,
    )


def _listed(severity: str, refusal: Refusal, reason: str) -> Listed:
    return Listed(refusal.host, severity, reason, refusal.media, refusal.reports, refusal.obfuscate)


def _refuses_more(listed: Listed, than: Refusal) -> bool:
    return (listed.media and not than.media) or (listed.reports and not than.reports)


def _reason(typed: str) -> str:
    return " ".join(typed.split())[: blocklist.COMMENT_CHARS]


def _steers(speaker: Speaker) -> None:
    if speaker.role not in ("operator", "steward"):
        raise NotPermittedError(message("Only a steward may do this."), hint=message("Ask a steward."))
