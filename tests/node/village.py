"""A village in memory: some nodes, and a plain way to let their collectives speak by the contract of kinds.

It does what the doors do, without wire, disk or proof: complete, may, check, fold, deliver, consequences. Every activity goes
to every node, but an Offer and its answers only to the two concerned.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from itertools import count
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from federation.integrity import write_time
from node.activities import REGISTRY
from node.domain.kind import AnyKind, Audience, Entry, Heard, Saying, Speaker, Thing, Verb
from node.tongues import Tongue
from schemas import Record, from_wire, to_wire

SANTIAGO = ZoneInfo("America/Santiago")
NEGOTIATION = (Verb.OFFER, Verb.ACCEPT, Verb.REJECT, Verb.UNDO)


def actor(name: str) -> str:
    return f"https://{name}.example/c/{name}"


@dataclass
class Node:
    """What one node knows, and the view of it that a kind gets."""

    names: Mapping[str, str]
    fund: bool = False
    members: int = 2
    things: dict[str, Thing] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    links: list[tuple[str, str, str]] = field(default_factory=list)
    log: list[tuple[AnyKind, Heard]] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)

    def view(self, here: str, url: str = "") -> "View":
        return View(self, here, url)

    def thing(self, uri: str) -> Thing | None:
        return self.things.get(self.aliases.get(uri, uri))

    def keep(self, kind: AnyKind, heard: Heard, here: str) -> tuple[Thing | None, Thing | None]:
        scene = self.view(here, heard.object_id)
        known = self.thing(heard.object_id)
        after = kind.fold(known, heard, scene)
        before = self.things.get(after.id) if after else known
        self.log.append((kind, heard))
        if after is None:
            return before, None
        self.things[after.id] = after
        for name in kind.names(after):
            self.aliases[name] = after.id
        if after.record is not None:
            self.links = [link for link in self.links if link[0] != after.id]
            self.links += [(after.id, link.relation, link.target) for link in kind.links(after.record)]
        if after.local and (entry := kind.entry(before, after, heard, scene)):
            self.entries.append(entry)
        return before, after

    def replayed(self) -> dict[str, Thing]:
        """The state that folding all activities anew gives."""
        fresh = Node(self.names)
        for kind, heard in self.log:
            fresh.keep(kind, heard, next(iter(self.names)))
        return fresh.things


@dataclass(frozen=True)
class View:
    """The Scene of a node for one collective."""

    node: Node
    here: str
    url: str

    def day(self, at: datetime) -> date:
        return at.astimezone(SANTIAGO).date()

    def ours(self, actor: str) -> bool:
        return actor in self.node.names

    def thing(self, uri: str) -> Thing | None:
        return self.node.thing(uri)

    def answering(self, uri: str, relation: str) -> Sequence[Thing]:
        found = (
            self.node.things[source]
            for source, name, target in self.node.links
            if (name, target) == (relation, uri)
        )
        return sorted(found, key=lambda thing: thing.published)

    def said(self, actor: str, kind: str, since: datetime | None = None) -> Sequence[Thing]:
        found = (t for t in self.node.things.values() if t.owner == actor and t.kind == kind)
        return sorted(
            (t for t in found if since is None or t.published >= since), key=lambda thing: thing.published
        )

    def ever_said(self, actor: str, kind: str) -> bool:
        return bool(self.said(actor, kind))

    def is_fund(self, actor: str) -> bool:
        return self.node.fund

    def holders(self, actor: str, roles: Collection[str]) -> int:
        return self.node.members

    def log_size(self, actor: str) -> int | None:
        return len(self.node.entries) if actor in self.node.names else None

    def balances(self, actor: str, until: date | None = None) -> Mapping[tuple[str, str], int]:
        found: dict[tuple[str, str], int] = {}
        for thing in self.node.things.values():
            for day, account, minor, commodity in (
                thing.facts.get("moves", ()) if thing.owner == actor else ()
            ):
                if until is None or day <= until.isoformat():
                    found[account, commodity] = found.get((account, commodity), 0) + minor
        return {key: amount for key, amount in found.items() if amount}

    def booked(self, subject: str, account: str, commodity: str) -> Sequence[tuple[str, int]]:
        known = self.node.thing(subject)
        about = [
            thing.facts
            for thing in self.node.things.values()
            if thing.facts.get("for") == subject and known is not None and thing.owner == known.owner
        ]
        moves = [tuple(move) for facts in about for move in facts.get("moves", ())]
        moves += [("", "pledged", *facts["pledged"]) for facts in about if "pledged" in facts]
        found: dict[str, int] = {}
        for day, named, minor, unit in moves:
            if (named, unit) == (account, commodity):
                found[day] = found.get(day, 0) + minor
        return sorted(found.items())

    def name(self, actor: str) -> str:
        return self.node.names.get(actor) or urlsplit(actor).path.rsplit("/", 1)[-1].capitalize()

    def handle(self, actor: str) -> str:
        parts = urlsplit(actor)
        return f"{parts.path.rsplit('/', 1)[-1]}@{parts.netloc}"

    def mention(self, handle: str) -> str | None:
        user, _, host = handle.partition("@")
        return f"https://{host}/c/{user}" if host.endswith(".example") else None

    def tag(self, name: str) -> str:
        return f"{self.here.rsplit('/c/', 1)[0]}/tags/{name.lower()}"


class Village:
    """Nodes by name, one collective each unless given more."""

    def __init__(self, *names: str, now: datetime = datetime(2020, 8, 20, 13, tzinfo=UTC)) -> None:
        self.nodes = {actor(name): Node({actor(name): name.capitalize()}) for name in names}
        self.now = now
        self.numbers = count(1)

    def __getitem__(self, name: str) -> Node:
        return self.nodes[actor(name)]

    def wait(self, **time: float) -> None:
        self.now += timedelta(**time)

    def create(self, name: str, record: Record, **given: Any) -> str:
        """Publish a record as its kind opens; give back the id."""
        kind = REGISTRY[record.kind()]
        return self.say(actor(name), kind.opening, kind, record=record, **given)

    def answer(self, name: str, verb: Verb, about: str, **given: Any) -> str:
        """Accept, Reject, Undo or Delete what has this id."""
        thing = self.nodes[actor(name)].thing(about)
        assert thing is not None, about
        return self.say(actor(name), verb, REGISTRY[thing.kind], about=about, **given)

    def revise(self, name: str, about: str, record: Record) -> str:
        return self.say(actor(name), Verb.UPDATE, REGISTRY[record.kind()], about=about, record=record)

    def say(
        self,
        by: str,
        verb: Verb,
        kind: AnyKind,
        *,
        record: Record | None = None,
        about: str | None = None,
        options: frozenset[str] = frozenset(),
        aside: Mapping[str, str] | None = None,
        in_reply_to: str | None = None,
        context: str | None = None,
        reason: str = "",
        audience: Audience = Audience.PUBLIC,
    ) -> str:
        node, number = self.nodes[by], next(self.numbers)
        self.now += timedelta(seconds=1)
        root = by.rsplit("/c/", 1)[0]
        url = about or f"{root}/{'s' if verb is Verb.OFFER else 'o'}/{number}"
        scene = node.view(by, url)
        before = node.thing(url)
        speaker = Speaker(by, role="steward", member=1)
        document: dict[str, Any] = {}
        if record is not None:
            record = kind.complete(
                record, speaker, scene, lambda size: sha256(b"%d" % number).digest()[:size]
            )
            thread = kind.thread(record, scene)
            former = before.document if before else {}
            document = {"id": url, "type": "Note", "attributedTo": by, **to_wire(record, url)}
            document["published"] = former.get("published") or write_time(self.now)
            document |= {
                name: value
                for name, value in (
                    ("inReplyTo", in_reply_to or thread.in_reply_to or former.get("inReplyTo")),
                    (
                        "context",
                        context or thread.context or former.get("context"),
                    ),
                )
                if value
            }
            document["content"] = kind.text(record, Tongue.of("es", SANTIAGO), scene)
        if verb is Verb.OFFER and kind.envelope:
            document = kind.envelope.unwrap(kind.envelope.wrap(document))
        result = None
        if verb is Verb.ACCEPT and kind.envelope and before:
            result = kind.envelope.finalise(before, f"{root}/g/{number}", by)
        heard = Heard(
            id=f"{root}/s/{number}",
            verb=verb,
            actor=by,
            object_id=url,
            at=self.now,
            record=record,
            document=document,
            audience=Audience.DIRECT if verb is Verb.OFFER else audience,
            reason=reason,
            result=result,
            options=options,
            aside=aside or {},
        )
        heard = replace(heard, aside={**kind.aside(heard, before, scene), **heard.aside})
        kind.may(speaker, heard, before, scene)
        kind.check(heard, before, scene)
        sayings = self._keep(node, by, kind, heard)
        self._deliver(node, kind, heard)
        self._say_all(sayings)
        return url

    def hear(self, name: str, kind: AnyKind, heard: Heard) -> None:
        """A peer's activity arrives at one node."""
        here = actor(name)
        node = self.nodes[here]
        scene = node.view(here, heard.object_id)
        known = node.thing(heard.object_id)
        kind.may(Speaker(heard.actor), heard, known, scene)
        kind.check(heard, known, scene)
        self._say_all(self._keep(node, here, kind, heard))

    def _keep(self, node: Node, here: str, kind: AnyKind, heard: Heard) -> Sequence[Saying]:
        before, after = node.keep(kind, heard, here)
        return kind.consequences(before, after, heard, node.view(here, heard.object_id))

    def _deliver(self, sender: Node, kind: AnyKind, heard: Heard) -> None:
        wire = json.loads(json.dumps(dict(heard.document)))
        record = from_wire(wire) if wire else None
        arriving = replace(heard, aside={}, options=frozenset(), document=wire, record=record)
        for here, node in self.nodes.items():
            concerned = (
                heard.verb not in NEGOTIATION or node.thing(heard.object_id) or heard.verb is Verb.OFFER
            )
            if node is not sender and concerned and self._addressed(here, heard, node):
                self.hear(here.rsplit("/", 1)[-1], kind, arriving)

    def _addressed(self, here: str, heard: Heard, node: Node) -> bool:
        if heard.verb is not Verb.OFFER or heard.record is None:
            return True
        return here in REGISTRY[heard.record.kind()].addressees(heard.record, node.view(heard.actor))

    def _say_all(self, sayings: Sequence[Saying]) -> None:
        for saying in sayings:
            self.say(
                saying.by,
                saying.verb,
                REGISTRY[saying.kind],
                record=saying.record,
                about=saying.about,
                in_reply_to=saying.in_reply_to,
                context=saying.context,
                reason=saying.reason,
                audience=saying.audience or Audience.PUBLIC,
            )
