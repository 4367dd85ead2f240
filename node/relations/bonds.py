"""What ties a collective to an actor, and how a tie is made, answered and cut: the half that members' decisions and
those of others share. Plain functions of a transaction."""

from federation import Addressed, FollowState
from federation.follow import reference, refollow
from node.domain.kind import Audience
from node.errors import ConflictError
from node.speak import Said, Speech
from node.storage import collectives, follows, posts
from node.storage.collectives import Collective
from node.storage.database import Transaction
from node.storage.follows import Inbox
from node.tongues import message


class Bonds:
    """How this node's collectives are tied. `approve` makes every follow of each of them wait for a steward."""

    def __init__(self, speech: Speech, *, approve: bool) -> None:
        self.speech = speech
        self.approve = approve

    def asked(self, transaction: Transaction, collective: Collective, inbox: Inbox, follow: str) -> None:
        """Somebody asks to follow a collective of ours: accepted, or waiting for a steward."""
        held = follows.follower(transaction, collective.id, inbox.actor)
        state = FollowState(held.state) if held is not None and held.state in set(FollowState) else None
        approve = self.approve or collective.approves
        meant = refollow(state, held.activity if held else "", follow, approve=approve)
        follows.put_follower(
            transaction, collective.id, inbox.actor, state=meant.state.value, activity=follow, inbox=inbox
        )
        if meant.answer:
            self.answer(transaction, collective, inbox.actor, follow, accept=True)
        if state is not meant.state:
            what = "follow" if meant.state is FollowState.ACCEPTED else "follow_request"
            posts.notify(transaction, collective.id, what, inbox.actor, None)

    def answer(
        self, transaction: Transaction, collective: Collective, actor: str, follow: str, *, accept: bool
    ) -> Said:
        """Accept or reject a Follow."""
        other = collectives.by_uri(transaction, actor)
        if other is not None and accept:
            follows.put_following(
                transaction, other.id, collective.uri, state=FollowState.ACCEPTED.value, activity=follow
            )
        elif other is not None:
            follows.drop_following(transaction, other.id, collective.uri)
        return self.speech.send(
            transaction,
            collective,
            "Accept" if accept else "Reject",
            reference(follow, actor, collective.uri),
            Addressed((actor,)),
            Audience.DIRECT,
            object=follow,
        )

    def unfollow(self, transaction: Transaction, collective: Collective, actor: str) -> None:
        """Stop following; ConflictError where we do not."""
        held = follows.following(transaction, collective.id, actor)
        if held is None:
            raise ConflictError(
                message("You do not follow this actor."),
                hint=message("Look at the list of those whom you follow."),
            )
        inner = reference(held.activity, collective.uri, actor)
        self.speech.send(
            transaction, collective, "Undo", inner, Addressed((actor,)), Audience.DIRECT, object=actor
        )
        follows.drop_following(transaction, collective.id, actor)
        posts.leave_home(transaction, collective.id, actor)
        if (other := collectives.by_uri(transaction, actor)) is not None:
            follows.drop_follower(transaction, other.id, collective.uri)

    def sever(self, transaction: Transaction, collective: Collective, actor: str) -> None:
        """Cut every tie with an actor."""
        held = follows.follower(transaction, collective.id, actor)
        if held is not None:
            self.answer(transaction, collective, actor, held.activity, accept=False)
            follows.drop_follower(transaction, collective.id, actor)
        if follows.following(transaction, collective.id, actor) is not None:
            self.unfollow(transaction, collective, actor)
        follows.distrust(transaction, collective.id, actor)
        posts.leave_home(transaction, collective.id, actor)
