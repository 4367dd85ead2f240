"""Notes in time: the row of a post, the home timelines that show it, and who is told of it."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from node.domain.kind import Audience
from node.speak.reach import local_readers
from node.storage import collectives, follows, marks, posts
from node.storage.database import Transaction
from node.storage.posts import Post


def conversation_of(transaction: Transaction, uri: str, in_reply_to: str | None) -> str:
    """The conversation that a post belongs to: its parent's where we know it, else its own."""
    parent = posts.meant(transaction, in_reply_to) if in_reply_to else None
    if parent is not None:
        return parent.conversation
    return in_reply_to or f"{uri}/context"


def show(
    transaction: Transaction,
    post: Post,
    *,
    tags: Iterable[str],
    mentions: Sequence[str],
    readers: Sequence[str],
    pictured: bool = False,
) -> None:
    """Put a new post in time: timelines of those who follow its author, notifications of those whom it names."""
    tags = tuple(tags)
    posts.add(transaction, post, tags=tags, mentions=mentions)
    posts.picture(transaction, post.id, post.actor, pictured)
    audience = Audience(post.audience)
    homes = local_readers(transaction, post.actor, readers, audience)
    parent = posts.meant(transaction, post.reply_to) if post.reply_to else None
    if parent is not None and audience is not Audience.DIRECT:
        homes = {home for home in homes if _hears(transaction, home, parent.actor, post.actor)}
    if audience is Audience.PUBLIC:
        homes |= marks.following_tags(transaction, tags)
    posts.put_home(transaction, post.id, homes)
    named = {*mentions, *((parent.actor,) if parent else ())} - {post.actor}
    for actor in named:
        own = collectives.by_uri(transaction, actor)
        if own is not None:
            posts.notify(transaction, own.id, "mention", post.actor, post.id)


def _hears(transaction: Transaction, home: int, parent_author: str, author: str) -> bool:
    """Whether a reply belongs in a home timeline: its author or the one answered is the collective, or is followed too."""
    own = collectives.by_id(transaction, home)
    if own is None or own.uri in (parent_author, author):
        return own is not None
    known = follows.following(transaction, home, parent_author)
    return known is not None and known.state == "accepted"


def edit(
    transaction: Transaction,
    uri: str,
    at: datetime,
    *,
    tags: Iterable[str],
    mentions: Sequence[str],
    pictured: bool = False,
) -> None:
    """Note an edit; those who boosted the post from here are told."""
    post = posts.meant(transaction, uri)
    if post is None:
        return
    posts.edit(transaction, post.id, at, tags=tags, mentions=mentions)
    posts.picture(transaction, post.id, post.actor, pictured)
    for own in collectives.every(transaction):
        if own.uri != post.actor and posts.boosted(transaction, post.id, own.uri) is not None:
            posts.notify(transaction, own.id, "update", post.actor, post.id)
