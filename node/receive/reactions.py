"""Like, Announce, Add, Remove, Undo, Follow, Block, Move and Flag: what others do with our posts and with us."""

import json

from federation.vocab import id_of, types_of
from node.domain.kind import Audience
from node.domain.markup import to_text
from node.receive import notes
from node.receive.hearing import Hearing
from node.receive.offers import about_known
from node.speak.timeline import conversation_of
from node.storage import activities, actors, collectives, follows, posts, refusals, reports
from node.storage.database import Transaction
from node.storage.follows import Inbox
from node.storage.posts import Post

_COMMENT = 2000
_PINS = 20
"""How many pinned posts of somebody else are kept."""
_POSTS = 100


def like(hearing: Hearing) -> None:
    """Somebody likes a post of ours."""
    activity, transaction = hearing.activity, hearing.transaction
    post = posts.by_uri(transaction, activity.object_id)
    if post is None or post.collective is None or hearing.barred(post.actor):
        return
    if posts.like(transaction, post.id, activity.actor, activity.id):
        hearing.keep(object=post.uri)
        posts.notify(transaction, post.collective, "favourite", activity.actor, post.id)


def announce(hearing: Hearing) -> None:
    """Somebody boosts a post of ours, or somebody whom we follow boosts any public post."""
    activity, transaction = hearing.activity, hearing.transaction
    post = posts.by_uri(transaction, activity.object_id)
    if post is None or post.audience not in ("public", "unlisted") or post.boost_of is not None:
        return
    readers = follows.readers_of(transaction, activity.actor)
    if not readers and post.collective is None:
        return
    if post.collective is not None and hearing.barred(post.actor):
        return
    if posts.boosted(transaction, post.id, activity.actor) is not None:
        return
    number = transaction.next_id()
    boost = Post(
        id=number,
        uri=posts.boost_uri(transaction, activity.id, number),
        actor=activity.actor,
        collective=None,
        reply_to=None,
        boost_of=post.id,
        conversation=conversation_of(transaction, activity.id, None),
        audience=notes.audience(transaction, activity.document, activity.actor).value,
        kind="boost",
        published=notes.moment(activity.document.get("published"), transaction.now),
        edited=None,
    )
    hearing.keep(object=post.uri, audience=Audience(boost.audience))
    posts.add(transaction, boost)
    posts.put_home(transaction, boost.id, set(readers) - _blocking(hearing, post.actor))
    if post.collective is not None:
        posts.notify(transaction, post.collective, "reblog", activity.actor, post.id)


def _blocking(hearing: Hearing, author: str) -> set[int]:
    """Collectives of ours that block an author: a boost does not bring it back."""
    ours = collectives.every(hearing.transaction)
    return {own.id for own in ours if follows.blocks(hearing.transaction, own.uri, author)}


def add(hearing: Hearing) -> None:
    """Somebody pins a post of its own to its profile. What is not known here is not fetched for that."""
    post = _featured(hearing)
    if post is None or len(posts.pinned(hearing.transaction, post.actor)) >= _PINS:
        return
    if posts.pin(hearing.transaction, post.id, post.actor):
        hearing.keep(object=post.uri)


def remove(hearing: Hearing) -> None:
    """Somebody takes a post of its own from its profile."""
    post = _featured(hearing)
    if post is not None and posts.unpin(hearing.transaction, post.id, post.actor):
        hearing.keep(object=post.uri)


def _featured(hearing: Hearing) -> Post | None:
    """The post that an activity adds to the author's own `featured`, or removes from it; None for other collections."""
    activity, transaction = hearing.activity, hearing.transaction
    known, post = actors.profile(transaction, activity.actor), posts.by_uri(transaction, activity.object_id)
    if known is None or post is None or post.actor != activity.actor or post.boost_of is not None:
        return None
    featured = id_of(json.loads(known.document).get("featured"))
    return post if featured is not None and activity.target == featured else None


def undo(hearing: Hearing) -> None:
    """Somebody takes something back, named by id or embedded; only what we stored as theirs is undone."""
    ours = hearing.others.on_undo_block, hearing.others.on_undo_follow
    if _undo_reaction(hearing) or any(undone(hearing.transaction, hearing.activity) for undone in ours):
        hearing.keep(object=hearing.activity.object_id)
    else:
        about_known(hearing, hearing.activity.object_id)


def _undo_reaction(hearing: Hearing) -> bool:
    activity, transaction = hearing.activity, hearing.transaction
    said = activities.by_author(transaction, activity.object_id, activity.actor)
    if said is not None and said.type == "Announce" and _unboost(transaction, said.object, activity.actor):
        return True
    liked = posts.unlike(transaction, activity.object_id, activity.actor)
    return liked or _undo_embedded(hearing, activity.object or {})


def _undo_embedded(hearing: Hearing, inner: dict[str, object]) -> bool:
    """A Like or Announce that came without the id that we know it by."""
    activity, transaction = hearing.activity, hearing.transaction
    named, about = next(iter(types_of(inner)), ""), id_of(inner.get("object")) or ""
    post = posts.by_uri(transaction, about) if about else None
    if post is None:
        return False
    if named == "Like" and (known := posts.like_by(transaction, post.id, activity.actor)):
        return posts.unlike(transaction, known, activity.actor)
    return named == "Announce" and _unboost(transaction, post.uri, activity.actor)


def _unboost(transaction: Transaction, uri: str, actor: str) -> bool:
    """Take an actor's boost of a post out of time; whether there was one."""
    post = posts.by_uri(transaction, uri)
    boost = None if post is None else posts.boosted(transaction, post.id, actor)
    if boost is not None:
        posts.remove(transaction, boost.uri)
    return boost is not None


def follow(hearing: Hearing) -> None:
    """Somebody wants to follow a collective of ours."""
    known = actors.profile(hearing.transaction, hearing.activity.actor)
    if known is None:
        return
    inbox = Inbox(known.uri, known.inbox, known.shared_inbox)
    if hearing.others.on_follow(hearing.transaction, hearing.activity, inbox):
        hearing.keep(object=hearing.activity.object_id)


def block(hearing: Hearing) -> None:
    """Somebody blocks a collective of ours."""
    if hearing.others.on_block(hearing.transaction, hearing.activity):
        hearing.keep(object=hearing.activity.object_id)


def move(hearing: Hearing) -> None:
    """Somebody whom we follow moved."""
    target = hearing.prepared.target
    if target is not None and hearing.others.on_move(hearing.transaction, hearing.activity, target):
        hearing.keep(object=hearing.activity.actor)


def flag(hearing: Hearing) -> None:
    """Somebody reports a collective of ours, or posts of it, to its stewards. What one server sends is bounded."""
    activity, transaction = hearing.activity, hearing.transaction
    named = [posts.by_uri(transaction, uri) for uri in activity.object_ids]
    about = [post for post in named if post is not None]
    content = activity.document.get("content")
    comment = to_text(content)[:_COMMENT] if isinstance(content, str) else ""
    for own in collectives.every(transaction):
        shown = [post.id for post in about if post.actor == own.uri]
        if own.uri not in activity.object_ids and not shown:
            continue
        if hearing.barred(own.uri) or refusals.reports_from(transaction, own.id, activity.actor):
            continue
        if reports.open_from(transaction, own.id, activity.actor) >= reports.FROM_ONE_HOST:
            continue
        reports.add(
            transaction,
            own.id,
            own.uri,
            category="other",
            comment=comment,
            posts=shown[:_POSTS],
            reporter=activity.actor,
            activity=activity.id,
        )
