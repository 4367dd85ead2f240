"""Like, boost and pin, and taking them back: what a collective does with a post, ours or somebody else's."""

from typing import Literal

from federation import Addressed
from federation.vocab import PUBLIC
from node.domain.kind import Audience, Speaker
from node.errors import ConflictError, InvalidError, NotPermittedError, UnknownError, WithdrawnError
from node.publish.door import FIND, Door, known, own, require_role
from node.speak import Said, may_read
from node.speak.timeline import conversation_of
from node.storage import collectives, follows, objects, posts
from node.storage.collectives import Collective
from node.storage.database import Snapshot, Transaction
from node.storage.posts import Post
from node.tongues import message


class Reactions(Door):
    """The door of likes, boosts and pins, which the collective makes: whoever may write its notes may make them."""

    async def like(self, speaker: Speaker, ref: str) -> Said:
        """Like a post; a second time changes nothing."""
        uri = await self._locate(speaker, ref)

        def apply(transaction: Transaction) -> Said:
            collective, post = own(transaction, speaker), _post(transaction, uri, speaker)
            if liked := posts.like_by(transaction, post.id, collective.uri):
                return Said(post.id, post.uri, liked)
            said = self._speech.send(
                transaction,
                collective,
                "Like",
                post.uri,
                Addressed((post.actor,)),
                Audience.DIRECT,
                object=post.uri,
            )
            posts.like(transaction, post.id, collective.uri, said.activity)
            self._tell(transaction, post, "favourite", collective.uri)
            return Said(post.id, post.uri, said.activity)

        return await self.apply(speaker, apply)

    async def boost(self, speaker: Speaker, ref: str) -> Said:
        """Boost a public or unlisted post to the followers; a second time changes nothing."""
        uri = await self._locate(speaker, ref)

        def apply(transaction: Transaction) -> Said:
            collective, post = own(transaction, speaker), _post(transaction, uri, speaker)
            if post.audience not in ("public", "unlisted"):
                raise NotPermittedError(message("Only public and unlisted posts can be boosted."))
            if held := posts.boosted(transaction, post.id, collective.uri):
                return Said(held.id, held.uri, held.uri)
            to = Addressed((PUBLIC,), (f"{collective.uri}/followers", post.actor))
            said = self._speech.send(
                transaction, collective, "Announce", post.uri, to, Audience.PUBLIC, object=post.uri
            )
            boost = Post(
                id=transaction.next_id(),
                uri=said.activity,
                actor=collective.uri,
                collective=collective.id,
                reply_to=None,
                boost_of=post.id,
                conversation=conversation_of(transaction, said.activity, None),
                audience=Audience.PUBLIC.value,
                kind="boost",
                published=transaction.now,
                edited=None,
            )
            posts.add(transaction, boost)
            posts.put_home(
                transaction, boost.id, {collective.id, *follows.readers_of(transaction, collective.uri)}
            )
            self._tell(transaction, post, "reblog", collective.uri)
            return Said(boost.id, said.activity, said.activity)

        return await self.apply(speaker, apply)

    async def undo(self, speaker: Speaker, ref: str, *, only: str | None = None) -> Said:
        """Take back a like and a boost of a post, or only one of them (`like`, `boost`). `ref` is the post, or the boost, of
        which nothing else is taken back."""
        uri = await self._locate(speaker, ref)

        def apply(transaction: Transaction) -> Said:
            collective, post, what = own(transaction, speaker), _post(transaction, uri, speaker), only
            if post.boost_of is not None and (original := posts.by_id(transaction, post.boost_of)):
                post, what = original, only or "boost"
            said = None
            liked = posts.like_by(transaction, post.id, collective.uri)
            boost = posts.boosted(transaction, post.id, collective.uri)
            if liked and what != "boost":
                posts.unlike(transaction, liked, collective.uri)
                said = self._undo(transaction, collective, liked, "Like", post, Addressed((post.actor,)))
            if boost and what != "like":
                posts.remove(transaction, boost.uri)
                to = Addressed((PUBLIC,), (f"{collective.uri}/followers", post.actor))
                said = self._undo(transaction, collective, boost.uri, "Announce", post, to)
            if said is None:
                raise ConflictError(message("There is nothing of yours to undo on that post."))
            return Said(post.id, post.uri, said.activity)

        return await self.apply(speaker, apply)

    async def pin(self, speaker: Speaker, ref: str) -> None:
        """Pin a public post of the collective's own to its profile; a second time changes nothing. InvalidError where it
        cannot be."""
        uri = await self._locate(speaker, ref)

        def apply(transaction: Transaction) -> None:
            collective, post = own(transaction, speaker), _own_post(transaction, uri, speaker)
            if post.audience not in ("public", "unlisted"):
                raise InvalidError("base", message("Posts that are not public cannot be pinned"))
            if posts.pin(transaction, post.id, collective.uri):
                if len(posts.pinned(transaction, collective.uri)) > posts.PINS:
                    raise InvalidError("base", message("You have already pinned the maximum number of posts"))
                self._feature(transaction, collective, "Add", post)

        await self.apply(speaker, apply)

    async def unpin(self, speaker: Speaker, ref: str) -> None:
        """Take a post from the profile; a second time changes nothing."""
        uri = await self._locate(speaker, ref)

        def apply(transaction: Transaction) -> None:
            collective, post = own(transaction, speaker), _own_post(transaction, uri, speaker)
            if posts.unpin(transaction, post.id, collective.uri):
                self._feature(transaction, collective, "Remove", post)

        await self.apply(speaker, apply)

    async def _locate(self, speaker: Speaker, ref: str) -> str:
        require_role(speaker, known("note"))
        return await self.locate(speaker, ref)

    def _feature(
        self, transaction: Transaction, collective: Collective, type: Literal["Add", "Remove"], post: Post
    ) -> None:
        """Tell the followers that a post now stands in `featured`, or no longer."""
        to = Addressed((PUBLIC,), (f"{collective.uri}/followers",))
        target = {"target": f"{collective.uri}/featured"}
        self._speech.send(
            transaction, collective, type, post.uri, to, Audience.PUBLIC, object=post.uri, more=target
        )

    def _undo(
        self,
        transaction: Transaction,
        collective: Collective,
        activity: str,
        type: str,
        post: Post,
        to: Addressed,
    ) -> Said:
        inner = {"id": activity, "type": type, "actor": collective.uri, "object": post.uri}
        audience = Audience.PUBLIC if type == "Announce" else Audience.DIRECT
        return self._speech.send(transaction, collective, "Undo", inner, to, audience, object=post.uri)

    def _tell(self, transaction: Transaction, post: Post, what: str, by: str) -> None:
        owner = collectives.by_uri(transaction, post.actor)
        if owner is not None and owner.uri != by:
            posts.notify(transaction, owner.id, what, by, post.id)


def _own_post(snapshot: Snapshot, uri: str, speaker: Speaker) -> Post:
    post = _post(snapshot, uri, speaker)
    if post.actor != speaker.actor or post.boost_of is not None:
        raise InvalidError("base", message("Someone else's post cannot be pinned"))
    return post


def _post(snapshot: Snapshot, uri: str, speaker: Speaker) -> Post:
    post = posts.meant(snapshot, uri)
    thing = objects.by_uri(snapshot, uri)
    readable = thing is not None and may_read(snapshot, thing, speaker.actor)
    if thing is not None and readable and not thing.document:
        raise WithdrawnError(message("{url} was withdrawn."), url=uri)
    if post is None or (thing is not None and not readable):
        raise UnknownError(message("No post with that id is known here."), hint=FIND)
    return post
