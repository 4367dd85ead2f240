"""Who a thing reaches: `to` and `cc`, the inboxes that follow from them, and who may read it afterwards."""

from collections.abc import Iterable, Sequence

from federation import Addressed, address
from federation.vocab import PUBLIC
from node.domain.kind import Audience
from node.storage import actors, collectives, follows, hosts
from node.storage.collectives import Collective
from node.storage.database import Snapshot
from node.storage.objects import Object


def addressed(collective: Collective, audience: Audience, named: Sequence[str]) -> Addressed:
    """The `to` and `cc` of what a collective says to an audience and to these actors."""
    return address(
        audience.value,
        followers=f"{collective.uri}/followers",
        peers=f"{collective.uri}/peers",
        mentioned=tuple(named),
    )


def inboxes(
    snapshot: Snapshot, collective: Collective, to: Iterable[str], audience: Audience
) -> list[tuple[str, str]]:
    """Distinct (inbox, host) of everybody whom `to` names, away from this node; whom we block or who blocks us is left out.

    Shared inboxes serve public, unlisted and followers' things; `peers` and `direct` go to each actor's own inbox. A peer
    whose identity is in doubt gets nothing that is for peers only: its server may be in other hands. One that its server did not
    know a while ago may be back: whether its inbox is, the delivery shows.
    """
    share = audience in (Audience.PUBLIC, Audience.UNLISTED, Audience.FOLLOWERS)
    found: dict[str, None] = {}
    for name in to:
        if name == PUBLIC:
            continue
        if name == f"{collective.uri}/followers":
            found.update(dict.fromkeys(follows.follower_inboxes(snapshot, collective.id)))
        elif name == f"{collective.uri}/peers":
            for peer in follows.trusted(snapshot, collective.id):
                _add(found, snapshot, collective.uri, peer, states=("ok", "dormant"), share=False)
        else:
            _add(found, snapshot, collective.uri, name, share=share)
    home = hosts.host_of(collective.uri)
    blocked = {target for target, _ in follows.blocked_by(snapshot, collective.uri)}
    reached = ((inbox, hosts.host_of(inbox)) for inbox in found)
    return [(inbox, host) for inbox, host in reached if host != home and not hosts.covered(blocked, host)]


def _add(
    found: dict[str, None],
    snapshot: Snapshot,
    sender: str,
    actor: str,
    *,
    share: bool,
    states: Sequence[str] = ("ok", "dormant", "doubt"),
) -> None:
    known = actors.profile(snapshot, actor)
    if known is None or known.state not in states:
        return
    if not follows.blocks(snapshot, sender, actor) and not follows.blocks(snapshot, actor, sender):
        found[known.shared_inbox if share and known.shared_inbox else known.inbox] = None


def local_readers(snapshot: Snapshot, author: str, readers: Iterable[str], audience: Audience) -> set[int]:
    """Our collectives in whose home timeline a post belongs: the author, followers of it, and those it names."""
    found: set[int] = set()
    own = collectives.by_uri(snapshot, author)
    if own is not None:
        found.add(own.id)
    if audience in (Audience.PUBLIC, Audience.UNLISTED, Audience.FOLLOWERS):
        found.update(follows.readers_of(snapshot, author))
    for name in readers:
        if own is not None and name == f"{own.uri}/peers":
            peers = set(follows.trusted(snapshot, own.id))
            found.update(c.id for c in collectives.every(snapshot) if c.uri in peers)
        elif audience in (Audience.PEERS, Audience.DIRECT) and (named := collectives.by_uri(snapshot, name)):
            found.add(named.id)
    return found


def may_read(snapshot: Snapshot, thing: Object, reader: str) -> bool:
    """Whether an actor, ours or remote ("" for nobody known), may read a thing."""
    if thing.audience in ("public", "unlisted") or reader == thing.owner:
        return True
    return bool(reader) and any(belongs(snapshot, reader, name) for name in thing.readers)


def belongs(snapshot: Snapshot, reader: str, name: str) -> bool:
    """Whether an actor is `name`, or a member of the collection `name`: followers or peers of ours, or followers of a
    remote actor that a collective of ours follows. Whose identity is in doubt is nobody's peer meanwhile."""
    if name == reader:
        return True
    base, _, collection = name.rpartition("/")
    own = collectives.by_uri(snapshot, base)
    if own is not None and collection == "followers":
        held = follows.follower(snapshot, own.id, reader)
        ours = collectives.by_uri(snapshot, reader)
        return (held is not None and held.state == "accepted") or (
            ours is not None and ours.id in follows.readers_of(snapshot, own.uri)
        )
    if own is not None and collection == "peers":
        known = actors.profile(snapshot, reader)
        doubted = known is not None and known.state == "doubt"
        return not doubted and follows.trusts(snapshot, own.id, reader)
    ours = collectives.by_uri(snapshot, reader)
    author = actors.by_followers(snapshot, name) if ours is not None else None
    return ours is not None and author is not None and ours.id in follows.readers_of(snapshot, author.uri)
