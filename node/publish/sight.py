"""What a member who types a command in an app has before her: the post that she answers, and what that is about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from node.domain.acts import Act
from node.domain.kind import NotAllowedError, Speaker, Thing
from node.domain.matching import delivered, need_of, pledges_of
from node.publish.door import own
from node.speak import LiveScene, may_read, tongues
from node.speak.whisper import beside, need_above
from node.storage import objects, posts
from node.storage.collectives import Collective
from node.storage.database import Snapshot
from node.storage.posts import Post
from node.tongues import Tongue
from schemas import Unit
from schemas.need import Need
from schemas.pledge import Pledge


@dataclass(frozen=True, slots=True)
class Sight:
    """The collective, its language, the moment, and what the answered post is about: a `thing`, with the need and the pledge
    that it leads to. `reply` is somebody else's plain answer to a need of ours, `post` what we know of it; `told` the amount that the answered
    message says that it promises."""

    own: Collective
    tongue: Tongue
    now: datetime
    thing: Thing | None = None
    need: Thing | None = None
    pledge: Thing | None = None
    reply: str = ""
    post: Post | None = None
    told: str | None = None
    waiting: Sequence[Thing] = ()
    owing: Sequence[Thing] = ()

    @property
    def today(self) -> date:
        """The day that it is where the collective is."""
        return self.tongue.today(self.now)

    @property
    def unit(self) -> Unit | None:
        """What a number without a unit counts."""
        return self.need.record.quantity.unit if self.need and isinstance(self.need.record, Need) else None

    @property
    def what(self) -> str:
        """What is asked for in the need which is answered."""
        return self.need.record.what if self.need and isinstance(self.need.record, Need) else ""

    def pledge_for(self, act: Act) -> Thing:
        """The pledge that is meant: the one answered, else the only one of the need that it can be, but none of somebody else than
        who is answered. NotAllowedError."""
        if self.pledge is not None:
            return self.pledge
        fitting = self.owing if act is Act.RECEIPT else () if self.reply else self.waiting
        if len(fitting) == 1:
            return fitting[0]
        if not fitting:
            raise NotAllowedError("pledge", "an answer to the promise that is meant; none is waiting here")
        raise NotAllowedError("pledge", "an answer to the promise that is meant; there are several")


def sight(snapshot: Snapshot, origin: str, speaker: Speaker, parent: str | None) -> Sight:
    """What a member sees who answers `parent`, or nothing in particular."""
    collective = own(snapshot, speaker)
    tongue = tongues(collective)[0]
    scene = LiveScene(snapshot, origin, here=collective.uri)
    if parent is None:
        needs = [scene.thing(row.uri) for row in objects.of_owner(snapshot, collective.uri, "need")]
        owing = [pledge for need in needs if need for pledge in _owing(need, scene)]
        return Sight(collective, tongue, snapshot.now, owing=owing)
    kept = beside(snapshot, parent)
    meant = kept.get("about", parent)
    thing, need, pledge, reply = scene.thing(meant), None, None, ""
    row = objects.by_alias(snapshot, meant)
    if thing is None or row is None or not may_read(snapshot, row, collective.uri):
        return Sight(collective, tongue, snapshot.now)
    if isinstance(thing.record, Pledge):
        pledge, need = thing, need_of(thing.record, scene)
    elif thing.kind == Need.kind():
        need = thing
    else:
        above = need_above(snapshot, meant)
        need = scene.thing(above) if above else None
        if need is not None and thing.owner != collective.uri and need.owner == collective.uri:
            reply = thing.id
            pledge = next((p for p in _accepted(need, scene) if p.facts.get("reply") == reply), None)
    asked = need is not None and need.owner == collective.uri
    return Sight(
        collective,
        tongue,
        snapshot.now,
        thing,
        need,
        pledge,
        reply,
        posts.meant(snapshot, reply) if reply else None,
        kept.get("promised"),
        waiting=[p for p in pledges_of(need, scene) if p.state == "offered"] if asked and need else (),
        owing=_owing(need, scene) if asked and need else (),
    )


def offer_told(snapshot: Snapshot, origin: str, actor: str, message: str) -> Thing | None:
    """The offer of a collective's own, still without an answer, that a message told it of when it was understood. A message that
    answers another tells of a command that failed, and is not the offer."""
    post, about = posts.by_uri(snapshot, message), beside(snapshot, message).get("about", "")
    if post is None or post.reply_to is not None or not about:
        return None
    thing = LiveScene(snapshot, origin, here=actor).thing(about)
    waits = thing is not None and thing.owner == actor and thing.state == "offered"
    return thing if waits and thing is not None and isinstance(thing.record, Pledge) else None


def _accepted(need: Thing, scene: LiveScene) -> list[Thing]:
    return [pledge for pledge in pledges_of(need, scene) if pledge.state == "accepted"]


def _owing(need: Thing, scene: LiveScene) -> list[Thing]:
    """Pledges of which something is still to come."""
    return [pledge for pledge in _accepted(need, scene) if not delivered(pledge, scene)[1]]
