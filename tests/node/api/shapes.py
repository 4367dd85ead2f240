"""The shape of every entity as apps read it: each field of the documentation, and what may stand there."""

import re
from collections.abc import Callable, Mapping
from typing import Any

Check = Callable[[Any], bool]


def text(value: Any) -> bool:
    return isinstance(value, str)


def words(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def flag(value: Any) -> bool:
    return isinstance(value, bool)


def count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31


def number(value: Any) -> bool:
    return isinstance(value, str) and value.isdecimal() and 0 < int(value) < 2**63


def moment(value: Any) -> bool:
    return isinstance(value, str) and bool(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", value))


def day(value: Any) -> bool:
    return isinstance(value, str) and bool(re.fullmatch(r"\d{4}-\d\d-\d\d", value))


def web(value: Any) -> bool:
    return isinstance(value, str) and value.startswith(("http://", "https://"))


def rows(value: Any) -> bool:
    return isinstance(value, list)


def or_none(check: Check) -> Check:
    return lambda value: value is None or check(value)


def one_of(*values: str) -> Check:
    return lambda value: value in values


ACCOUNT: Mapping[str, Check] = {
    "id": number, "username": words, "acct": words, "display_name": text, "locked": flag, "bot": flag, "discoverable": flag,
    "group": flag, "created_at": moment, "note": text, "url": web, "uri": web, "avatar": web, "avatar_static": web, "header": web,
    "header_static": web, "followers_count": count, "following_count": count, "statuses_count": count,
    "last_status_at": or_none(day), "hide_collections": flag, "noindex": flag, "indexable": flag, "emojis": rows, "roles": rows,
    "fields": rows,
}  # fmt: skip
STATUS: Mapping[str, Check] = {
    "id": number, "uri": web, "url": web, "created_at": moment, "account": lambda value: holds(value, ACCOUNT), "content": text,
    "visibility": one_of("public", "unlisted", "private", "direct"), "sensitive": flag, "spoiler_text": text,
    "media_attachments": rows, "application": or_none(lambda _: False), "mentions": rows, "tags": rows, "emojis": rows,
    "reblogs_count": count, "favourites_count": count, "replies_count": count, "in_reply_to_id": or_none(number),
    "in_reply_to_account_id": or_none(number), "reblog": lambda _: True, "poll": lambda _: True, "card": lambda _: True,
    "language": or_none(words), "edited_at": or_none(moment), "favourited": flag, "reblogged": flag, "muted": flag,
    "bookmarked": flag, "filtered": rows, "quote": or_none(lambda _: False),
}  # fmt: skip
MEDIA: Mapping[str, Check] = {
    "id": number, "type": one_of("image", "unknown"), "url": web, "preview_url": web, "remote_url": or_none(web),
    "preview_remote_url": or_none(web), "text_url": or_none(web), "meta": lambda value: isinstance(value, dict),
    "description": or_none(text), "blurhash": or_none(words),
}  # fmt: skip
CARD: Mapping[str, Check] = {
    "url": web, "title": words, "description": text, "type": one_of("link"), "author_name": text, "author_url": text,
    "provider_name": text, "provider_url": text, "html": text, "width": count, "height": count, "image": or_none(web),
    "embed_url": text, "blurhash": or_none(words), "language": or_none(words), "published_at": or_none(moment),
    "image_description": text, "authors": rows,
}  # fmt: skip
MENTION: Mapping[str, Check] = {"id": number, "username": words, "url": web, "acct": words}
TAG: Mapping[str, Check] = {"name": words, "url": web}
EMOJI: Mapping[str, Check] = {
    "shortcode": words, "url": web, "static_url": web, "visible_in_picker": flag,
}  # fmt: skip
FIELD: Mapping[str, Check] = {"name": text, "value": text, "verified_at": or_none(moment)}
POLL: Mapping[str, Check] = {
    "id": number, "expires_at": or_none(moment), "expired": flag, "multiple": flag, "votes_count": count,
    "voters_count": or_none(count), "options": rows, "emojis": rows, "voted": flag, "own_votes": rows,
}  # fmt: skip
RELATIONSHIP: Mapping[str, Check] = {
    "id": number, "following": flag, "showing_reblogs": flag, "notifying": flag, "languages": or_none(rows), "followed_by": flag,
    "blocking": flag, "blocked_by": flag, "muting": flag, "muting_notifications": flag, "requested": flag, "requested_by": flag,
    "domain_blocking": flag, "endorsed": flag, "note": text,
}  # fmt: skip
NOTIFICATION: Mapping[str, Check] = {
    "id": number, "type": words, "created_at": moment, "group_key": words, "account": lambda value: holds(value, ACCOUNT),
}  # fmt: skip
EDIT: Mapping[str, Check] = {
    "content": text, "spoiler_text": text, "sensitive": flag, "created_at": moment, "account": lambda value: holds(value, ACCOUNT),
    "media_attachments": rows, "emojis": rows, "poll": or_none(lambda _: False),
}  # fmt: skip
INNER = (
    ("media_attachments", MEDIA), ("mentions", MENTION), ("tags", TAG), ("emojis", EMOJI),
)  # fmt: skip


def holds(value: Any, expected: Mapping[str, Check]) -> bool:
    """Whether a value has every field of an entity, each of its shape. AssertionError names what is wrong."""
    assert isinstance(value, dict), value
    wrong = {
        name: value.get(name, "MISSING")
        for name, check in expected.items()
        if name not in value or not check(value[name])
    }
    assert not wrong, wrong
    return True


def whole(status: Any) -> bool:
    """Whether a Status is whole, with all that is inside of it."""
    holds(status, STATUS)
    for name, expected in INNER:
        assert all(holds(each, expected) for each in status[name])
    for field in status["account"]["fields"]:
        holds(field, FIELD)
    if status["card"] is not None:
        holds(status["card"], CARD)
    if status["poll"] is not None:
        holds(status["poll"], POLL)
    return status["reblog"] is None or whole(status["reblog"])
