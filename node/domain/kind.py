"""What every published thing must answer.

A kind is one struct in `schemas/` and one file in `node/activities/`; that file defines `KIND`, an instance of `Kind`.
Everything here is pure: a kind sees the world only through its `Scene`, and says what must be said next as values.
The doors (`node.publish`, `node.receive`) and `node.speak` act on them.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Generic, Protocol, TypeVar
from urllib.parse import urlsplit

from node.domain.errors import DomainError
from node.tongues import Tongue
from schemas import Record

JsonObject = dict[str, Any]
R = TypeVar("R", bound=Record)


class Verb(StrEnum):
    """The activities that carry a published thing, by their ActivityStreams type."""

    CREATE = "Create"
    UPDATE = "Update"
    DELETE = "Delete"
    OFFER = "Offer"
    ACCEPT = "Accept"
    REJECT = "Reject"
    UNDO = "Undo"


class Audience(StrEnum):
    """Who may read a thing, from widest to narrowest (DESIGN: Relations and audiences)."""

    PUBLIC = "public"
    UNLISTED = "unlisted"
    FOLLOWERS = "followers"
    PEERS = "peers"
    DIRECT = "direct"

    def within(self, other: "Audience") -> bool:
        """Whether this audience is no wider than `other`."""
        order = list(Audience)
        return order.index(self) >= order.index(other)


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who says it: a collective through one of its members, or a remote actor.

    `role` is the member's (`steward`, `treasurer`, `cook`, `newcomer`, `advisor`), or `operator` for the command
    line on the machine itself, which has every role and never counts as an approval; None for a remote actor.
    """

    actor: str
    role: str | None = None
    member: int | None = None

    @property
    def local(self) -> bool:
        """Whether one of our own collectives speaks."""
        return self.role is not None


@dataclass(frozen=True, slots=True)
class Link:
    """A relation from one object to another, indexed both ways: a receipt `concerns` a pledge and a need."""

    relation: str
    target: str


@dataclass(frozen=True, slots=True)
class Thing:
    """The present state of one published object, ours or a peer's: what folding its activities gave.

    `id` is the object's URI (for a pledge, its Offer's id); `owner` the only actor who may change it; `state` the
    kind's own word (`open`, `covered`…); `facts` what folding derived and the document does not say (agreement id, what was
    received), JSON-able, no floats. A tombstone has state `withdrawn` and an empty document.
    """

    id: str
    kind: str
    owner: str
    state: str
    record: Record | None
    document: Mapping[str, Any]
    audience: Audience
    published: datetime
    due: datetime | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    local: bool = False


@dataclass(frozen=True, slots=True)
class Heard:
    """One activity, ours or a peer's, as a kind sees it.

    `object_id` is what it is about: the Note, or what an Accept, Reject or Undo names. `record` is what it carries, if anything.
    `at` is when this node said or accepted it, never the peer's claim. `options` are a keeper's explicit choices (`over`).
    `reason` is the plain text given with a Reject or Undo; `result` the object that an Accept returns. `aside` is what only
    this node knows and never sends (`reply`: the post that a keeper confirmed); kept beside the activity, so that replay has it.
    """

    id: str
    verb: Verb
    actor: str
    object_id: str
    at: datetime
    record: Record | None = None
    document: Mapping[str, Any] = field(default_factory=dict)
    audience: Audience = Audience.PUBLIC
    reason: str = ""
    result: Mapping[str, Any] | None = None
    options: frozenset[str] = frozenset()
    aside: Mapping[str, str] = field(default_factory=dict)


class Scene(Protocol):
    """What a kind may look at besides the activity: read-only, and only what the node already knows.

    Lookups are lazy and run inside the transaction that the activity belongs to, so nothing is stale.
    """

    @property
    def here(self) -> str:
        """Actor URI of the collective on whose behalf the node looks (the speaker's, or the one addressed)."""

    @property
    def url(self) -> str:
        """URI of the object being said or read; "" while judging something that has none yet."""

    def day(self, at: datetime) -> date:
        """The day that it is at a moment, in the zone of the collective `here`."""

    def ours(self, actor: str) -> bool:
        """Whether this actor is one of the node's collectives."""

    def thing(self, uri: str) -> Thing | None:
        """The present state of an object, by its id or by the id of its intent, agreement or record."""

    def answering(self, uri: str, relation: str) -> Sequence[Thing]:
        """Every thing that has this relation to `uri`, oldest first, tombstones included."""

    def said(self, actor: str, kind: str, since: datetime | None = None) -> Sequence[Thing]:
        """Every thing of a kind by an actor, or those that came since a moment, oldest first, tombstones included."""

    def ever_said(self, actor: str, kind: str) -> bool:
        """Whether an actor said a thing of a kind, or one that was withdrawn since."""

    def balances(self, actor: str, until: date | None = None) -> Mapping[tuple[str, str], int]:
        """What the things of an actor have booked, by (account, commodity), up to the end of a day (`domain.booking`)."""

    def booked(self, subject: str, account: str, commodity: str) -> Sequence[tuple[str, int]]:
        """What its owner booked in an account for a subject (a campaign): (ISO day, minor units), day by day."""

    def is_fund(self, actor: str) -> bool:
        """Whether one of the node's collectives says of itself that it is a fund."""

    def holders(self, actor: str, roles: Collection[str]) -> int:
        """How many members of one of the node's collectives have one of these roles."""

    def log_size(self, actor: str) -> int | None:
        """How many leaves the log of an actor's account has; None where this node keeps none."""

    def name(self, actor: str) -> str:
        """How people read an actor: its name, else its handle, else its host."""

    def handle(self, actor: str) -> str:
        """`user@host` of an actor, for mentions."""

    def mention(self, handle: str) -> str | None:
        """Actor URI of a handle written in the text, where it was found; None leaves it plain text."""

    def tag(self, name: str) -> str:
        """URL of a hashtag's page on this node."""


@dataclass(frozen=True, slots=True)
class Saying:
    """Something the collective must say next, in the same transaction (`Kind.consequences`).

    `by` is the collective that says it, always one of ours. `about` names the object for every verb but Create and Offer.
    `record` is the whole new record for Create, Update and Offer. `to` are actors addressed by name, who are told of a public thing
    that is changed. `audience` None takes that of `about` or `in_reply_to`. `reason` is a message id with its `values`, said in
    the collective's tongue. `language` (BCP 47) is of words that nobody translates.
    """

    verb: Verb
    kind: str
    by: str
    about: str | None = None
    record: Record | None = None
    audience: Audience | None = None
    to: tuple[str, ...] = ()
    reason: str = ""
    values: Mapping[str, object] = field(default_factory=dict)
    in_reply_to: str | None = None
    context: str | None = None
    language: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """What a thing writes in the public account: postings (account, amount in minor units, commodity) that sum to zero."""

    date: str
    postings: tuple[tuple[str, int, str], ...]
    stated: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class ClaimsClosed:
    """A leaf of the account's log that books nothing: the claims of a round as they stood when it closed, and its seed.

    `claims` are (claim id, digest, nonce), sorted by claim id as UTF-8 bytes.
    """

    round: str
    seed: str
    claims: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Thread:
    """Where a thing stands in a conversation: what it answers, and its `context` where that is more than the conversation."""

    in_reply_to: str | None = None
    context: str | None = None


@dataclass(frozen=True, slots=True)
class Envelope:
    """How a kind travels in something other than a Note: the `object` of an Offer, from and to the wire form of a Note.

    `wrap(wire)` takes the record's wire properties and gives the activity's `object`; `unwrap(object)` the reverse;
    `finalise(thing, agreement_id, by)` gives the `result` of an Accept by that actor (FEP-0837).
    """

    object_type: str
    wrap: Callable[[JsonObject], JsonObject]
    unwrap: Callable[[JsonObject], JsonObject]
    finalise: Callable[[Thing, str, str], JsonObject]


def only_author(speaker: Speaker, _heard: Heard, before: Thing | None, _scene: Scene) -> None:
    """The default of `Kind.may`: an actor may speak only of what is its own.

    Members are judged by `Kind.roles` before; this is about authorship, on the owner that we stored.
    """
    if before is not None and before.owner != speaker.actor:
        raise NotAllowedError("owner", "said by its owner, {owner}", owner=before.owner)


def replace(before: Thing | None, heard: Heard, scene: Scene) -> Thing | None:
    """The default of `Kind.fold`: the object replaces the former, Delete leaves a tombstone.

    What the kind must derive itself (state, due, facts) stays at its plain value: `open`, none, none.
    """
    if heard.verb is Verb.DELETE:
        return None if before is None else tombstone(before)
    if heard.verb not in (Verb.CREATE, Verb.UPDATE):
        return before
    return Thing(
        id=heard.object_id,
        kind=before.kind if before else str(heard.document.get("kind", "note")),
        owner=heard.actor,
        state="open",
        record=heard.record,
        document=heard.document,
        audience=before.audience if before else heard.audience,
        published=before.published if before else heard.at,
        local=scene.ours(heard.actor),
    )


def tombstone(before: Thing) -> Thing:
    """What is left of a withdrawn thing: its id, owner and date, no word of its document and no fact."""
    return Thing(
        id=before.id,
        kind=before.kind,
        owner=before.owner,
        state="withdrawn",
        record=None,
        document={},
        audience=before.audience,
        published=before.published,
        local=before.local,
    )


def _as_given(record: R, _speaker: Speaker, _scene: Scene, _chance: Callable[[int], bytes]) -> R:
    return record


def _anything(_heard: Heard, _before: Thing | None, _scene: Scene) -> None:
    return None


def _no_entry(_before: Thing | None, _after: Thing | None, _heard: Heard, _scene: Scene) -> None:
    return None


def of_origin(uri: str, owner: str) -> bool:
    """Whether an id is of the origin of an actor; what does not read is of none."""
    try:
        return urlsplit(uri)[:2] == urlsplit(owner)[:2]
    except ValueError:
        return False


def parts_of(thing: Thing) -> tuple[str, ...]:
    """The default of `Kind.names`: the ids of what the document holds inside (`…#record`, `…/proposal#primary`), as far as
    they are of its owner's origin: a thing never goes by the ids of somebody else's."""
    inside = (thing.document.get("record"), thing.document.get("publishes"))
    found = (part.get("id") for part in inside if isinstance(part, Mapping))
    return tuple(each for each in found if isinstance(each, str) and of_origin(each, thing.owner))


class NotAllowedError(DomainError):
    """A kind refuses: `field` names what was wrong (`quantity`, `owner`, `by`…), `expected` what would have been right.

    `expected` is a message id for `Tongue.say`, `values` its parameters; the doors turn it into a public error or a Reject.
    """

    def __init__(self, field: str, expected: str, **values: object) -> None:
        super().__init__(f"{field}: {expected} {values or ''}".strip())
        self.field = field
        self.expected = expected
        self.values: dict[str, Any] = values


@dataclass(frozen=True, slots=True)
class Kind(Generic[R]):
    """The answers of one kind. Only `name`, `record` and `text` have no default.

    - `roles`: which members may say it; the operator always may. `verbs`: which (activity, object type) pairs carry it.
    - `opening`: how it is first said: Create of a Note, or Offer with an `envelope`. `links(record)`: which other objects it speaks about.
    - `translated`: whether `text` is said in every language, or the member's own words in her own language.
    - `complete(record, speaker, scene, chance)`: fields that the node makes (label, nonce, what is lacking); `chance(n)`
      gives n random bytes. Also run before an Update.
    - `check(heard, before, scene)`: what must hold for it to be said at all, ours or a peer's, whatever the verb; `heard.at` is now.
      Raises NotAllowedError; an Offer of a peer's that it refuses is answered by a Reject with that reason.
    - `may(speaker, heard, before, scene)`: who may say it; raises NotAllowedError.
    - `fold(before, heard, scene)`: what is true after hearing it. Must not depend on anything that a later replay
      would see differently. What it returns may have another id than `heard.object_id`: a pledge's public echo folds into the pledge.
    - `names(thing)`: the other ids under which `Scene.thing` finds it (its intent, record, agreement, echo), kept as links
      with the relation `same`, also when it was withdrawn.
    - `thread(record, scene)`: what it answers; `addressees(record, scene)`: actors addressed and mentioned by name.
    - `text(record, tongue, scene)`: what a person on Mastodon reads: safe HTML with every said field.
    - `attachments(record, tongue, scene)`: what is attached to the Note besides pictures: links for payment. `hashtags(record, tongue)`:
      names without `#`, which speak tags, and appends where the text has no link to them.
    - `entry(before, after, heard, scene)`: what it writes in the public account; asked when it is said, never of what peers say.
    - `consequences(before, after, heard, scene)`: what collectives of this node must say next, which has its own consequences. Asked
      once, when the activity is said or accepted and `after` is stored, never in replay; only for those that are `scene.ours`.
    - `withdrawal(thing)`: how its owner takes it back: the verb and the id that it names.
    - `lapse(thing, scene)`: what must be said when its `due` has passed; asked once, on the node of its owner.
    - `aside(heard, before, scene)`: what this node must remember of the moment, beside the activity and never sent, because
      a later replay would see it differently; `fold` and `check` find it in `heard.aside`.
    - `approvals(former, record, scene)`: how many members must approve it, or a change, before it stays said (`minga propose`);
      `unsaying(record, scene)`: the same of its withdrawal.
    - `gift_code`: whether whoever says it gets a secret code, once, that opens it; `public_only`: whether it may only be public.
    """

    name: str
    record: type[R]
    text: Callable[[R, Tongue, Scene], str]
    roles: frozenset[str] = frozenset({"steward", "cook"})
    verbs: frozenset[tuple[str, str]] = frozenset((verb, "Note") for verb in ("Create", "Update", "Delete"))
    opening: Verb = Verb.CREATE
    envelope: Envelope | None = None
    translated: bool = True
    public_only: bool = False
    links: Callable[[R], tuple[Link, ...]] = lambda _record: ()
    complete: Callable[[R, Speaker, Scene, Callable[[int], bytes]], R] = _as_given
    check: Callable[[Heard, Thing | None, Scene], None] = _anything
    may: Callable[[Speaker, Heard, Thing | None, Scene], None] = only_author
    fold: Callable[[Thing | None, Heard, Scene], Thing | None] = replace
    hashtags: Callable[[R, Tongue], tuple[str, ...]] = lambda _record, _tongue: ()
    thread: Callable[[R, Scene], Thread] = lambda _record, _scene: Thread()
    addressees: Callable[[R, Scene], tuple[str, ...]] = lambda _record, _scene: ()
    names: Callable[[Thing], tuple[str, ...]] = parts_of
    entry: Callable[[Thing | None, Thing | None, Heard, Scene], Entry | ClaimsClosed | None] = _no_entry
    consequences: Callable[[Thing | None, Thing | None, Heard, Scene], Sequence[Saying]] = (
        lambda _before, _after, _heard, _scene: ()
    )
    withdrawal: Callable[[Thing], tuple[Verb, str]] = lambda thing: (Verb.DELETE, thing.id)
    lapse: Callable[[Thing, Scene], Sequence[Saying]] = lambda _thing, _scene: ()
    aside: Callable[[Heard, Thing | None, Scene], Mapping[str, str]] = lambda _heard, _before, _scene: {}
    approvals: Callable[[R | None, R, Scene], int] = lambda _former, _record, _scene: 0
    unsaying: Callable[[R, Scene], int] = lambda _record, _scene: 0
    attachments: Callable[[R, Tongue, Scene], Sequence[JsonObject]] = lambda _record, _tongue, _scene: ()
    gift_code: bool = False


AnyKind = Kind[Any]
"""A kind whose struct does not matter, as the doors see it."""
