"""What a keeper vouches for who confirms an answer without saying how much: what it promises, where that is what she was told. And how
she declines it."""

from collections.abc import Mapping

from node.domain.acts import Command
from node.domain.kind import NotAllowedError, Thing
from node.domain.markup import to_text
from node.domain.matching import pledges_of
from node.domain.measure import read_quantity
from node.domain.privacy import refuse_contact
from node.domain.promise import read_written_promise
from node.domain.wording import amount_of, good_name
from node.publish.sight import Sight
from node.speak import LiveScene, Said, Speech
from node.speak.whisper import command, tongue_of, whisper, written
from node.storage import answers, posts
from node.storage.database import Transaction
from node.storage.posts import Post
from schemas import Quantity


def promise_in(seen: Sight, answer: Thing | None, post: Post | None) -> Mapping[str, str]:
    """What an answer promises (`read_written_promise`). NotAllowedError where no amount can be read in it."""
    content = answer.document.get("content") if answer else None
    text = to_text(content) if isinstance(content, str) else ""
    published, edited = (post.published, post.edited) if post else (seen.now, None)
    promise = read_written_promise(text, seen.tongue, seen.now, published, edited, seen.unit, seen.what)
    if not isinstance(promise, Command):
        word = command("confirm", seen.tongue)
        raise NotAllowedError("quantity", "how much, like {example}", example=f"{word} 10 kg")
    return promise.fields


def untold(transaction: Transaction, origin: str, seen: Sight, drafted: Mapping[str, str]) -> Quantity | None:
    """The amount that the answered reply promises now, where it is not the one that the answered message told, else that keepers
    were told last, or that was `drafted`; of an answer that they were told nothing of, once it was changed. NotAllowedError as in
    `promise_in`."""
    answer, post = LiveScene(transaction, origin).thing(seen.reply), posts.meant(transaction, seen.reply)
    fields = promise_in(seen, answer, post)
    now = read_quantity(fields["quantity"], "quantity", seen.tongue)
    told = seen.told
    if told is None and post is not None:
        told = answers.told_of(transaction, seen.own.uri, seen.reply, post.conversation)
    heard = written(now) == told if told is not None else post is not None and post.edited is None
    return None if heard and fields == drafted else now


def ask_again(speech: Speech, transaction: Transaction, seen: Sight, now: Quantity) -> Said:
    """Tell the keepers, in place of a confirmation, how much the answered reply promises now."""
    text = seen.tongue.say(
        "Nothing was confirmed, because the answer was changed: it promises {amount} now. Answer this message with {confirm} to"
        " count on it.",
        amount=amount_of(now, good_name(seen.what, seen.tongue), seen.tongue),
        confirm=command("confirm", seen.tongue),
    )
    need = seen.need.id if seen.need else None
    return whisper(speech, transaction, seen.own, text, about=seen.reply, in_reply_to=need, promised=now)


def is_unconfirmed(seen: Sight) -> bool:
    """Whether the answered reply promises something that nobody confirmed."""
    if not seen.reply or seen.pledge is not None:
        return False
    try:
        promise_in(seen, seen.thing, seen.post)
    except NotAllowedError:
        return False
    return True


def decline(speech: Speech, transaction: Transaction, seen: Sight, reason: str) -> Said:
    """Tell whoever promised something in the answered reply, and nobody else, that we cannot take it, and why; and the keepers that
    she was told. NotAllowedError as in `promise_in`, where she was told already, and for a reason that holds what is private."""
    scene = LiveScene(transaction, speech.origin)
    answer, post = scene.thing(seen.reply), posts.meant(transaction, seen.reply)
    fields = promise_in(seen, answer, post)
    if answer is None or post is None or _is_declined(transaction, scene, seen, post):
        raise NotAllowedError("pledge", "an answer to the promise that is meant; none is waiting here")
    refuse_contact("reason", reason)
    quantity = read_quantity(fields["quantity"], "quantity", seen.tongue)
    theirs = tongue_of(answer.document, seen.own)
    told = theirs.say(
        "{name} cannot take what you promised: {amount}.",
        name=seen.own.name,
        amount=amount_of(quantity, good_name(seen.what, theirs), theirs),
    )
    words = f"{told} {reason}".strip()
    whisper(
        speech,
        transaction,
        seen.own,
        words,
        about=answer.id,
        in_reply_to=answer.id,
        to=(answer.owner,),
        declined=True,
    )
    text = seen.tongue.say(
        "Understood: {name} was told that you cannot take {amount}.",
        name=scene.name(answer.owner),
        amount=amount_of(quantity, good_name(seen.what, seen.tongue), seen.tongue),
    )
    need = seen.need.id if seen.need else None
    return whisper(speech, transaction, seen.own, text, about=answer.id, in_reply_to=need)


def _is_declined(transaction: Transaction, scene: LiveScene, seen: Sight, post: Post) -> bool:
    """Whether she knows already that what she promises is not taken."""
    pledges = pledges_of(seen.need, scene) if seen.need else ()
    refused = any(each.state == "rejected" and each.facts.get("reply") == seen.reply for each in pledges)
    return refused or answers.declined(transaction, seen.own.uri, seen.reply, post.conversation)
