"""Saying: from what a collective wants said to the signed activity, its state, its timelines and its deliveries."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from federation import Addressed, Spoken
from federation.interfaces import KeyStore
from federation.outbox import ActivityType, activity
from federation.vocab import PUBLIC
from node.activities import REGISTRY
from node.domain.gifts import new_code
from node.domain.kind import AnyKind, Audience, Heard, NotAllowedError, Saying, Speaker, Verb
from node.speak.booking import book
from node.speak.fold import Folded, hear
from node.speak.reach import inboxes
from node.speak.scene import LiveScene
from node.speak.turn import Act, Turn, Voice
from node.storage import activities, collectives, deliveries, entries, objects, traces
from node.storage.collectives import Collective
from node.storage.database import Transaction

JsonObject = dict[str, Any]

_DEPTH = 8
"""How far consequences may lead to further ones."""


@dataclass(frozen=True, slots=True)
class Said:
    """What was said: the number and URI of the thing it is about, the activity, and the text that people read.

    `code` is the secret of whoever gave a gift, shown this once.
    """

    id: int
    uri: str
    activity: str
    text: str = ""
    code: str = ""


class Speech:
    """How collectives of this node speak. `chance(n)` gives n random bytes; `spread` is that of `Voice`, in milliseconds."""

    def __init__(
        self, origin: str, keys: KeyStore, chance: Callable[[int], bytes], *, spread: int = 0
    ) -> None:
        self.origin = origin
        self._voice = Voice(origin, keys, chance, spread)

    def say(
        self,
        transaction: Transaction,
        speaker: Speaker,
        saying: Saying,
        *,
        found: Mapping[str, str] | None = None,
        options: frozenset[str] = frozenset(),
        aside: Mapping[str, str] | None = None,
        attachment: Sequence[JsonObject] | None = None,
        cover: JsonObject | None = None,
        depth: int = 0,
    ) -> Said:
        """Say it, and all that follows from it. NotAllowedError where the kind refuses; then nothing is stored.

        `found` maps handles in the text to actors found before the transaction; `options` are the keeper's explicit
        choices; `aside` is what only this node may know; `attachment` what a Note shows and `cover` what stands before it
        (`compose.cover_of`), None leaves that as it was.
        """
        collective = collectives.by_uri(transaction, saying.by)
        if collective is None or depth > _DEPTH:
            raise NotAllowedError("by", "a collective of this node")
        kind = REGISTRY[saying.kind]
        scene = LiveScene(transaction, self.origin, here=collective.uri, found=found)
        turn = Turn(self._voice, transaction, collective, kind, speaker, saying, scene, attachment, cover)
        heard, act, number = turn.prepare(options, aside or {})
        heard = replace(
            heard, aside={**kind.aside(heard, scene.thing(heard.object_id), scene), **heard.aside}
        )
        readers = tuple(name for name in act.to if name != PUBLIC)
        folded = hear(
            transaction,
            scene,
            kind,
            speaker,
            heard,
            number=number,
            collective=collective.id,
            readers=() if act.audience in (Audience.PUBLIC, Audience.UNLISTED) else readers,
        )
        self.keep(
            transaction,
            collective,
            act,
            object=heard.object_id,
            kind=kind.name,
            options=options,
            aside=heard.aside,
            folded=folded.elsewhere(heard.object_id),
        )
        if speaker.member is not None:
            traces.trace(transaction, heard.id, speaker.member)
        turn.show(heard, number, folded)
        if heard.verb is Verb.DELETE:
            entries.withdraw(transaction, heard.object_id)
        written = kind.entry(folded.before, folded.after, heard, scene)
        if written is not None:
            book(transaction, collective, written, act.spoken.document, self._voice.chance)
        self.follow_up(transaction, kind, folded, heard, depth=depth)
        return Said(number, heard.object_id, heard.id, str(heard.document.get("content", "")))

    def lapse(self, transaction: Transaction, limit: int) -> int:
        """Say what is to be said of things of ours whose due moment has passed; how many were looked at, each once."""
        rows = objects.lapsing(transaction, limit)
        for row in rows:
            objects.lapse(transaction, row.uri)
            scene = LiveScene(transaction, self.origin, here=row.owner, url=row.uri)
            thing, kind = scene.thing(row.uri), REGISTRY.get(row.kind)
            if thing is None or kind is None or thing.id != row.uri:
                continue
            for saying in kind.lapse(thing, scene):
                self.say(transaction, Speaker(saying.by, role="operator"), saying)
        return len(rows)

    def new_code(self) -> str:
        """A code that opens a gift for whoever gave it."""
        return new_code(self._voice.chance)

    def follow_up(
        self, transaction: Transaction, kind: AnyKind, folded: Folded, heard: Heard, *, depth: int = 0
    ) -> None:
        """Say what an activity, ours or a peer's, makes collectives of this node say next."""
        scene = LiveScene(transaction, self.origin, url=heard.object_id)
        for saying in kind.consequences(folded.before, folded.after, heard, scene):
            self.say(transaction, Speaker(saying.by, role="operator"), saying, depth=depth + 1)

    def send(
        self,
        transaction: Transaction,
        collective: Collective,
        type: ActivityType,
        subject: str | JsonObject | Spoken,
        to: Addressed,
        audience: Audience,
        *,
        object: str,
        more: Mapping[str, Any] | None = None,
    ) -> Said:
        """Say an activity that carries no kind: Follow, Like, Announce, Undo of these, Block, Update of the actor."""
        number = transaction.next_id()
        uri = f"{self.origin}/s/{number}"
        sender = self._voice.keys.sender(collective.uri)
        spoken = activity(type, uri, sender, subject, published=transaction.now, addressed=to, more=more)
        act = Act(number, spoken, (*to.to, *to.cc), audience)
        self.keep(transaction, collective, act, object=object, kind="")
        return Said(number, object, uri)

    def keep(
        self,
        transaction: Transaction,
        collective: Collective,
        act: Act,
        *,
        object: str,
        kind: str,
        options: frozenset[str] = frozenset(),
        aside: Mapping[str, str] | None = None,
        folded: str = "",
    ) -> None:
        """Append an activity of ours and queue its deliveries."""
        document = act.spoken.document
        activities.add(
            transaction,
            number=act.number,
            uri=document["id"],
            actor=collective.uri,
            type=document["type"],
            object=object,
            kind=kind,
            collective=collective.id,
            audience=act.audience.value,
            body=act.spoken.body,
            options=" ".join(sorted(options)),
            aside=json.dumps(aside or {}, ensure_ascii=False),
            folded=folded,
        )
        deliveries.enqueue(
            transaction,
            activity=act.number,
            sender=collective.uri,
            inboxes=inboxes(transaction, collective, act.to, act.audience),
            thread=object,
            wait=self._voice.wait,
        )
