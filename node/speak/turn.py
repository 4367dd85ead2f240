"""One thing being said: its Note or envelope with everything that it says, and the signed activity around it."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from federation import Addressed, Spoken
from federation.interfaces import KeyStore
from federation.outbox import activity, seal, tombstone
from node.domain.agreement import reason_of
from node.domain.kind import AnyKind, Audience, Heard, NotAllowedError, Saying, Speaker, Verb
from node.domain.markup import to_html
from node.domain.matching import too_wide
from node.speak.compose import Draft, cover_in, is_pictured, note, tags_of, timestamp
from node.speak.fold import NOTED, Folded, forget
from node.speak.reach import addressed
from node.speak.scene import LiveScene, tongues
from node.speak.timeline import conversation_of, edit, show
from node.storage import answers, objects
from node.storage.collectives import Collective
from node.storage.database import Transaction
from node.storage.posts import Post
from schemas import Record, context_for, fields, to_wire

JsonObject = dict[str, Any]

_OPEN = (Audience.PUBLIC, Audience.UNLISTED)
LARGEST = 900_000
"""Bytes of one published object: peers take a megabyte with all that is around it."""


@dataclass(frozen=True, slots=True)
class Voice:
    """What every collective of this node speaks with. `chance(n)` gives n random bytes; deliveries are spread over `spread`
    milliseconds, so that their times say less."""

    origin: str
    keys: KeyStore
    chance: Callable[[int], bytes]
    spread: int = 0

    def wait(self) -> int:
        """How many milliseconds one delivery waits before it leaves."""
        return int.from_bytes(self.chance(4)) % (self.spread + 1) if self.spread else 0


@dataclass(frozen=True, slots=True)
class Act:
    """One activity about to be kept."""

    number: int
    spoken: Spoken
    to: Sequence[str]
    audience: Audience


def _refuse_large(record: Record, size: int) -> None:
    """NotAllowedError for what peers would refuse as too large: it says how many rows of its longest list would fit."""
    if size <= LARGEST:
        return
    lists = [(info.name, len(getattr(record, info.name) or ())) for info in fields(type(record)) if info.many]
    name, rows = max(lists, key=lambda each: each[1], default=("text", 0))
    raise NotAllowedError(
        name,
        "less: this has {size} kB, at most {limit} kB reach every peer; about {rows} rows fit",
        size=size // 1000,
        limit=LARGEST // 1000,
        rows=rows * LARGEST // size,
    )


class Turn:
    """One thing being said: the Note or envelope, and the activity around it."""

    def __init__(
        self,
        voice: Voice,
        transaction: Transaction,
        collective: Collective,
        kind: AnyKind,
        speaker: Speaker,
        saying: Saying,
        scene: LiveScene,
        attachment: Sequence[JsonObject] | None = None,
        cover: JsonObject | None = None,
    ) -> None:
        self._voice = voice
        self._transaction = transaction
        self._collective = collective
        self._kind = kind
        self._speaker = speaker
        self._saying = saying
        self._scene = scene
        self._attachment = attachment
        self._cover = cover
        self._sender = voice.keys.sender(collective.uri)
        self._now = transaction.now

    def prepare(self, options: frozenset[str], aside: Mapping[str, str]) -> tuple[Heard, Act, int]:
        """The activity as kinds will hear it, as it is sent, and the number of its object."""
        match self._saying.verb:
            case Verb.CREATE:
                heard, act, number = self._create()
            case Verb.UPDATE:
                heard, act, number = self._update()
            case Verb.DELETE:
                heard, act, number = self._delete()
            case Verb.OFFER:
                heard, act, number = self._offer()
            case _:
                heard, act, number = self._answer()
        return replace(heard, options=options, aside={**heard.aside, **aside}), act, number

    def show(self, heard: Heard, number: int, folded: Folded) -> None:
        """Put a Note in time, change it or take it out."""
        if heard.verb not in NOTED:
            return
        if heard.verb is Verb.DELETE:
            forget(self._transaction, heard.object_id, folded)
            return
        tags, mentions = tags_of(heard.document)
        if heard.verb is Verb.UPDATE:
            edit(
                self._transaction,
                heard.object_id,
                self._now,
                tags=tags,
                mentions=mentions,
                pictured=is_pictured(heard.document),
            )
            return
        post = Post(
            id=number,
            uri=heard.object_id,
            actor=self._collective.uri,
            collective=self._collective.id,
            reply_to=heard.document.get("inReplyTo"),
            boost_of=None,
            conversation=conversation_of(self._transaction, heard.object_id, heard.document.get("inReplyTo")),
            audience=heard.audience.value,
            kind=self._kind.name,
            published=self._now,
            edited=None,
        )
        readers = [*heard.document["to"], *heard.document["cc"]]
        pictured = is_pictured(heard.document)
        show(self._transaction, post, tags=tags, mentions=mentions, readers=readers, pictured=pictured)

    def _complete(self) -> Record:
        record = self._saying.record
        if record is None:
            raise NotAllowedError("record", "something to say")
        completed: Record = self._kind.complete(record, self._speaker, self._scene, self._voice.chance)
        return completed

    def _create(self) -> tuple[Heard, Act, int]:
        number = self._transaction.next_id()
        uri = f"{self._voice.origin}/o/{number}"
        self._scene.url = uri
        record = self._complete()
        thread = self._kind.thread(record, self._scene)
        parent = self._saying.in_reply_to or thread.in_reply_to
        audience, named = self._audience(parent, record)
        draft = Draft(
            uri=uri,
            author=self._collective.uri,
            published=timestamp(self._now),
            addressed=addressed(self._collective, audience, named),
            conversation=self._saying.context
            or thread.context
            or conversation_of(self._transaction, uri, parent),
            in_reply_to=parent,
            attachment=self._attachment or (),
            cover=self._cover or {},
            language=self._saying.language,
        )
        spoken = self._sealed(record, draft, named)
        return self._noted(Verb.CREATE, spoken, draft.addressed, audience, record, number)

    def _update(self) -> tuple[Heard, Act, int]:
        row = objects.by_uri(self._transaction, self._saying.about or "")
        before = self._scene.thing(self._saying.about or "")
        if row is None or before is None or not row.document:
            raise NotAllowedError("about", "something that is still there")
        self._scene.url = row.uri
        record = self._complete()
        stored = json.loads(row.document)
        to = Addressed(tuple(stored["to"]), tuple(stored["cc"]))
        draft = Draft(
            uri=row.uri,
            author=self._collective.uri,
            published=stored["published"],
            addressed=to,
            conversation=stored["context"],
            in_reply_to=stored.get("inReplyTo"),
            updated=timestamp(self._now),
            attachment=stored.get("attachment", ()) if self._attachment is None else self._attachment,
            cover=cover_in(stored) if self._cover is None else self._cover,
            language=self._saying.language or next(iter(stored["contentMap"]), ""),
        )
        named = [*self._kind.addressees(record, self._scene), *tags_of(stored)[1]]
        spoken, audience = self._sealed(record, draft, named), Audience(row.audience)
        respondents = answers.respondents(self._transaction, row.owner, row.uri) if audience in _OPEN else []
        return self._noted(Verb.UPDATE, spoken, to, audience, record, row.id, respondents)

    def _delete(self) -> tuple[Heard, Act, int]:
        row = objects.by_uri(self._transaction, self._saying.about or "")
        if row is None or not row.document:
            raise NotAllowedError("about", "something that is still there")
        stored, audience = json.loads(row.document), Audience(row.audience)
        to = Addressed(tuple(stored["to"]), tuple(stored["cc"]))
        others: list[str] = []  # who may have read what is direct stands there by name
        if audience is not Audience.DIRECT:
            share = audience is not Audience.PEERS
            others = answers.respondents(self._transaction, row.owner, row.uri, share=share)
        if audience in (Audience.FOLLOWERS, Audience.PEERS):
            # Whoever answered may not read it any more, or never could: it learns of nobody who is named.
            others += [each for each in (*to.to, *to.cc) if not each.startswith(f"{row.owner}/")]
            to = Addressed(*(tuple(each for each in part if each not in others) for part in (to.to, to.cc)))
        spoken = seal(tombstone(row.uri, "Note", self._now), self._sender, self._now)
        return self._noted(Verb.DELETE, spoken, to, audience, None, row.id, others)

    def _sealed(self, record: Record, draft: Draft, named: Sequence[str]) -> Spoken:
        languages = tongues(self._collective, translated=self._kind.translated)
        document = note(self._kind, record, draft, languages, self._scene, named)
        spoken = seal(document, self._sender, self._now)
        _refuse_large(record, len(spoken.body))
        return spoken

    def _noted(
        self,
        verb: Verb,
        spoken: Spoken,
        to: Addressed,
        audience: Audience,
        record: Record | None,
        number: int,
        respondents: Sequence[str] = (),
    ) -> tuple[Heard, Act, int]:
        activity_number = self._transaction.next_id()
        uri = f"{self._voice.origin}/s/{activity_number}"
        sent = activity(verb.value, uri, self._sender, spoken, published=self._now, addressed=to)
        heard = Heard(
            id=uri,
            verb=verb,
            actor=self._collective.uri,
            object_id=spoken.document["id"],
            at=self._now,
            record=record,
            document=spoken.document,
            audience=audience,
        )
        # Whom a saying names besides stands in what is new; a change of it reaches them without a word of it, and `respondents`,
        # who boosted, liked or answered it: they show it whether they follow or not.
        reached = (*to.to, *to.cc, *(self._saying.to if audience in _OPEN else ()), *respondents)
        return heard, Act(activity_number, sent, reached, audience), number

    def _offer(self) -> tuple[Heard, Act, int]:
        number = self._transaction.next_id()
        uri = f"{self._voice.origin}/s/{number}"
        self._scene.url = uri
        record = self._complete()
        if self._kind.envelope is None:
            raise NotAllowedError("verb", "Create")
        wire = to_wire(record, uri)
        to = Addressed((*self._saying.to, *self._kind.addressees(record, self._scene)))
        wrapped = self._kind.envelope.wrap(wire)
        heard, act, _ = self._direct(Verb.OFFER, number, uri, wrapped, to, uri, record)
        # The offer goes to one party only; what is said of it in public later is for whom the member chose now.
        wanted = self._saying.audience
        aside = {} if wanted is None else {"audience": wanted.value}
        return replace(heard, document=self._kind.envelope.unwrap(wrapped), aside=aside), act, number

    def _answer(self) -> tuple[Heard, Act, int]:
        saying = self._saying
        thing = self._scene.thing(saying.about or "")
        row = objects.by_uri(self._transaction, thing.id) if thing else None
        if thing is None or row is None:
            raise NotAllowedError("about", "something that is known here")
        number = self._transaction.next_id()
        uri = f"{self._voice.origin}/s/{number}"
        more: JsonObject = {}
        result = None
        reason = tongues(self._collective)[0].say(saying.reason, **saying.values) if saying.reason else ""
        if saying.verb is Verb.ACCEPT and self._kind.envelope is not None:
            result = self._kind.envelope.finalise(
                thing, f"{self._voice.origin}/g/{self._transaction.next_id()}", self._collective.uri
            )
            more["result"] = result
        elif reason:
            more["content"] = to_html(reason, self._scene)
        named = saying.to or ((thing.owner,) if thing.owner != self._collective.uri else tuple(row.readers))
        heard, act, _ = self._direct(
            saying.verb, number, uri, thing.id, Addressed(named), thing.id, None, more
        )
        return replace(heard, reason=reason_of(heard.document), result=result), act, row.id

    def _direct(
        self,
        verb: Verb,
        number: int,
        uri: str,
        subject: str | JsonObject,
        to: Addressed,
        object_id: str,
        record: Record | None,
        more: JsonObject | None = None,
    ) -> tuple[Heard, Act, int]:
        sent = activity(
            verb.value,
            uri,
            self._sender,
            subject,
            published=self._now,
            addressed=to,
            # An agreement has no context of its own: its terms must be those of the activity that carries it.
            context=context_for([subject, more or {}]),
            more=more,
        )
        heard = Heard(
            id=uri,
            verb=verb,
            actor=self._collective.uri,
            object_id=object_id,
            at=self._now,
            record=record,
            document=sent.document,
            audience=Audience.DIRECT,
        )
        return heard, Act(number, sent, to.to, Audience.DIRECT), number

    def _audience(self, parent: str | None, record: Record) -> tuple[Audience, list[str]]:
        """Who may read it and who is named: never wider than what it answers."""
        wanted = self._saying.audience
        named = [*self._saying.to, *self._kind.addressees(record, self._scene)]
        answered = objects.by_uri(self._transaction, parent) if parent else None
        if self._kind.public_only and wanted not in (None, Audience.PUBLIC):
            raise NotAllowedError("visibility", "public, because it stands in the public account")
        if answered is None:
            return wanted or Audience.PUBLIC, list(dict.fromkeys(named))
        if answered.owner != self._collective.uri:
            named.append(answered.owner)
        widest = Audience(answered.audience)
        if widest in (Audience.FOLLOWERS, Audience.PEERS) and answered.owner != self._collective.uri:
            widest = Audience.DIRECT
        if wanted is not None and not wanted.within(widest):
            raise too_wide(widest)
        if answered.audience == Audience.DIRECT and answered.owner == self._collective.uri:
            named.extend(answered.readers)
        return wanted or widest, list(dict.fromkeys(named))
