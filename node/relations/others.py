"""What others decide about their ties with us: plain functions of the transaction in which their activity is processed."""

from federation import Activity, Addressed, FollowEvent, FollowState
from federation.follow import named_follow, step
from federation.interfaces import RemoteActor
from federation.vocab import id_of, types_of
from node.domain.kind import Audience
from node.relations.bonds import Bonds
from node.storage import activities, actors, collectives, follows, inbound, objects, posts
from node.storage.database import Snapshot, Transaction
from node.storage.follows import Inbox


class Others:
    """How follows, answers, blocks and moves of others change our ties."""

    def __init__(self, bonds: Bonds) -> None:
        self._bonds = bonds

    def on_follow(self, transaction: Transaction, activity: Activity, inbox: Inbox) -> bool:
        """Somebody wants to follow a collective of ours. Whether it concerned us."""
        collective = collectives.by_uri(transaction, activity.object_id)
        if collective is None:
            return False
        if follows.blocks(transaction, collective.uri, activity.actor):
            return False
        self._bonds.asked(transaction, collective, inbox, activity.id)
        return True

    def on_answer(self, transaction: Transaction, activity: Activity) -> bool:
        """An Accept or Reject of a Follow of ours. Whether it was one."""
        follow, follower, _ = named_follow(activity.object or activity.object_id)
        held = follows.following_by_activity(transaction, follow)
        if (
            held is None
            and follower
            and _unknown(transaction, follow, follower)
            and (own := collectives.by_uri(transaction, follower))
        ):
            held = follows.following(transaction, own.id, activity.actor)
        if held is None or held.actor != activity.actor:
            return False
        event = FollowEvent.ACCEPT if activity.type == "Accept" else FollowEvent.REJECT
        state = step(FollowState(held.state), event)
        if state is not None and state.value != held.state:
            follows.put_following(
                transaction, held.collective, held.actor, state=state.value, activity=held.activity
            )
        return True

    def on_undo_follow(self, transaction: Transaction, activity: Activity) -> bool:
        """Somebody stops following. Whether it was a Follow that they undid."""
        follow, follower, followed = named_follow(activity.object or activity.object_id)
        if follower not in (None, activity.actor) or not {"Follow"}.issuperset(
            types_of(activity.object or {})
        ):
            return False
        pair = followed if _unknown(transaction, follow, activity.actor) else None
        for collective in collectives.every(transaction):
            held = follows.follower(transaction, collective.id, activity.actor)
            if held is not None and (held.activity == follow or pair == collective.uri):
                follows.drop_follower(transaction, collective.id, activity.actor)
                return True
        return False

    def on_block(self, transaction: Transaction, activity: Activity) -> bool:
        """Somebody blocks a collective of ours: relations end, and we write to them no more."""
        collective = collectives.by_uri(transaction, activity.object_id)
        if collective is None:
            return False
        follows.block(transaction, activity.actor, collective.uri, activity=activity.id)
        follows.drop_follower(transaction, collective.id, activity.actor)
        follows.drop_following(transaction, collective.id, activity.actor)
        posts.leave_home(transaction, collective.id, activity.actor)
        return True

    def on_undo_block(self, transaction: Transaction, activity: Activity) -> bool:
        """Somebody takes back a block of a collective of ours. Whether it was a Block that they undid."""
        named, inner = activity.object_id, activity.object or {}
        blocked = follows.blocked_with(transaction, activity.actor, named) if named else None
        if blocked is None and "Block" in types_of(inner) and _unknown(transaction, named, activity.actor):
            blocked = id_of(inner.get("object"))
        return blocked is not None and follows.unblock(transaction, activity.actor, blocked) is not None

    def on_move(self, transaction: Transaction, activity: Activity, target: RemoteActor) -> bool:
        """An actor moved, and its new place names it: those of ours that follow it ask to follow there.

        The keys of a server alone do not move an actor whose identity we hold (SURVIVAL.md, foundation 8): it is in doubt,
        and whoever follows it is told.
        """
        if activity.actor not in target.also_known_as or activity.object_id != activity.actor:
            return False
        if actors.statement(transaction, activity.actor) is not None:
            inbound.in_doubt(transaction, activity.actor)
            return True
        for number in follows.readers_of(transaction, activity.actor):
            collective = collectives.by_id(transaction, number)
            if collective is None or follows.following(transaction, number, target.id) is not None:
                continue
            if follows.blocks(transaction, collective.uri, target.id):
                continue
            said = self._bonds.speech.send(
                transaction,
                collective,
                "Follow",
                target.id,
                Addressed((target.id,)),
                Audience.DIRECT,
                object=target.id,
            )
            follows.put_following(
                transaction, number, target.id, state=FollowState.REQUESTED.value, activity=said.activity
            )
            self._bonds.unfollow(transaction, collective, activity.actor)
        return True

    def on_gone(self, transaction: Transaction, actor: str) -> None:
        """An actor without an identity statement of its own is proven to be deleted: its profile, posts and relations go."""
        for collective in collectives.every(transaction):
            follows.drop_follower(transaction, collective.id, actor)
            follows.drop_following(transaction, collective.id, actor)
            follows.distrust(transaction, collective.id, actor)
        while own := posts.of_actor(transaction, actor, limit=200):
            for post in own:
                # A boost may go by the id of what a neighbour on the same server said.
                held = objects.by_uri(transaction, post.uri)
                if held is not None and held.owner == actor:
                    activities.erase(transaction, post.uri)
                    objects.forget(transaction, post.uri)
                posts.remove(transaction, post.uri)
        actors.erase(transaction, actor)


def _unknown(snapshot: Snapshot, named: str, actor: str) -> bool:
    """Whether an activity names a tie by no id that `actor`, who made it, used for anything that we know, so that only the pair says which one is meant. A former id of
    the same pair is known: it means the tie that was, not the one that is."""
    return not named or not activities.heard(snapshot, named, actor)
