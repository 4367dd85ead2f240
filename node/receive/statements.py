"""Create, Update and Delete: Notes of others, and replies that our followers should have."""

from federation import own_object
from federation.vocab import ACTOR_TYPES, id_of, types_of
from node.domain.kind import AnyKind, Heard, Verb
from node.receive import notes, promises
from node.receive.hearing import ContestedError, Hearing
from node.receive.notes import Arrival
from node.speak.fold import Folded
from node.speak.whisper import tell_of_withdrawal
from node.storage import actors, collectives, deliveries, follows, hosts, inbound, objects, posts
from schemas.note import Note

Taken = tuple[AnyKind, Heard, Folded]


def create(hearing: Hearing) -> None:
    """Take a Note that concerns us."""
    arrival = _arrival(hearing)
    if arrival is None or not notes.concerns_us(hearing.transaction, arrival):
        return
    taken = notes.create(hearing.transaction, hearing.scene(), arrival)
    if taken is None:
        _contest(hearing)
    _finish(hearing, taken)
    if taken is not None and taken[0].name == "note":
        promises.hear(hearing, taken[1])


def _contest(hearing: Hearing) -> None:
    """Where what somebody publishes goes by the id of what another on the same server published before, one of the two is not the
    author: let their origin be asked. Where it does not name who came later, stewards should know. ContestedError where it was
    not asked yet."""
    uri, actor = hearing.activity.object_id, hearing.activity.actor
    held = objects.by_uri(hearing.transaction, uri)
    if held is None or held.owner == actor:
        return
    if hearing.prepared.author is None:
        raise ContestedError(uri)
    inbound.incident(hearing.transaction, actor=actor, code="id-of-another", object=uri)


def update(hearing: Hearing) -> None:
    """Take a change of a Note that we know. An actor's own change was fetched before; of one in doubt it is kept unfolded."""
    activity = hearing.activity
    if activity.object_id == activity.actor:
        known = actors.profile(hearing.transaction, activity.actor)
        if known is not None and known.state == "doubt":
            hearing.keep(object=activity.actor)
        return
    arrival = _arrival(hearing)
    if arrival is not None:
        taken = notes.update(hearing.transaction, hearing.scene(), arrival)
        _finish(hearing, taken)
        if taken is not None and taken[0].name == "note":
            promises.hear_again(hearing, taken[1], taken[2].before)


def delete(hearing: Hearing) -> None:
    """Take a withdrawal of a Note, or of an actor with all that it said."""
    activity = hearing.activity
    if activity.object_id == activity.actor:
        _farewell(hearing)
        return
    known = posts.meant(hearing.transaction, activity.object_id)
    if known is None and objects.by_uri(hearing.transaction, activity.object_id) is None:
        _remember(hearing)
        return
    forwarded = known is not None and deliveries.forwarded(hearing.transaction, known.id)
    if known is not None and known.actor == activity.actor and known.kind == Note.kind():
        gone = Heard(activity.id, Verb.DELETE, known.actor, known.uri, hearing.transaction.now)
        promises.hear_no_more(hearing, gone)
    elif known is not None and known.actor == activity.actor and (thing := hearing.scene().thing(known.uri)):
        tell_of_withdrawal(hearing.speech, hearing.transaction, thing)
    taken = notes.delete(
        hearing.transaction,
        hearing.scene(),
        uri=activity.object_id,
        actor=activity.actor,
        activity=activity.id,
    )
    _finish(hearing, taken, parent=known.reply_to if known else None, forwarded=forwarded)


def _remember(hearing: Hearing) -> None:
    """A withdrawal that overtook what it withdraws. Kept only of actors whose words we would have taken."""
    activity = hearing.activity
    if hearing.inboxes or follows.readers_of(hearing.transaction, activity.actor):
        hearing.keep(object=activity.object_id)


def _farewell(hearing: Hearing) -> None:
    """An actor says that it is gone, and its server agrees. Operating keys alone do not delete one whose identity we hold
    (SURVIVAL.md, foundation 8): that is kept unfolded, and it is in doubt."""
    transaction, actor = hearing.transaction, hearing.activity.actor
    if actors.statement(transaction, actor) is not None:
        inbound.in_doubt(transaction, actor)
        hearing.keep(object=actor)
    elif hearing.prepared.gone:
        hearing.others.on_gone(transaction, actor)


def _arrival(hearing: Hearing) -> Arrival | None:
    document = own_object(hearing.activity)
    if document is None or ACTOR_TYPES.intersection(types_of(document)) or not notes.is_post(document):
        return None
    actor = hearing.activity.actor
    named = hearing.prepared.author == actor
    return Arrival(document, actor, hearing.activity.id, hearing.inboxes, named=named)


def _finish(
    hearing: Hearing, taken: Taken | None, *, parent: str | None = None, forwarded: bool = False
) -> None:
    if taken is None:
        return
    kind, heard, folded = taken
    number = hearing.keep(
        object=heard.object_id,
        kind=notes.name_of(kind, heard),
        audience=heard.audience,
        folded=folded.elsewhere(heard.object_id),
    )
    _forward(hearing, number, heard.object_id, parent, forwarded=forwarded)
    hearing.speech.follow_up(hearing.transaction, kind, folded, heard)


def _forward(hearing: Hearing, number: int, thread: str, parent: str | None, *, forwarded: bool) -> None:
    """Inbox forwarding (ActivityPub 7.1.2): a reply to a post of ours, addressed to our followers, reaches them, byte
    for byte and with its author's proof; without a proof receivers fetch it from its origin, and with a broken one they
    could not take it. Of authors whom nobody here follows only so many a day, or anybody could write to all our followers; and
    every withdrawal of what was `forwarded`, but of nothing else."""
    activity, transaction = hearing.activity, hearing.transaction
    if hearing.waiting.doubted:
        return
    answered = parent or id_of((activity.object or {}).get("inReplyTo"))
    post = posts.meant(transaction, answered) if answered else None
    if post is None or post.collective is None or post.audience not in ("public", "unlisted", "followers"):
        return
    collective = collectives.by_id(transaction, post.collective)
    if collective is None or f"{collective.uri}/followers" not in (*activity.to, *activity.cc):
        return
    sender, gone = hosts.host_of(activity.actor), activity.type == "Delete"
    if not follows.readers_of(transaction, activity.actor):
        day = transaction.now.date()
        if not (forwarded if gone else hearing.forwarding.take(hosts.owned(sender), 1, day)):
            return
    if not gone:
        deliveries.forward(transaction, thread)
    away = {sender, hosts.host_of(collective.uri)}
    targets = (
        (inbox, hosts.host_of(inbox)) for inbox in follows.follower_inboxes(transaction, collective.id)
    )
    deliveries.enqueue(
        transaction,
        activity=number,
        sender=collective.uri,
        inboxes=[(inbox, host) for inbox, host in targets if host not in away],
        thread=thread,
    )
