"""Mastodon's entities, made of what storage holds: every field of the documentation, in every entity, null or empty at least.

Pure functions. One field that is missing makes a whole timeline fail to load in some apps (CLIENT-API.md section 3).
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from html import escape
from typing import Any, Protocol
from urllib.parse import quote

import msgspec

from node.domain.markup import sanitise, to_text
from node.storage.actors import Profile
from node.storage.collectives import Collective
from node.storage.filters import Filter
from node.storage.gathering import Tally
from node.storage.marks import Bond
from node.storage.media import large

JsonObject = dict[str, Any]


class Proxy(Protocol):
    """From the address of a remote picture to ours: no reader's address reaches a stranger's server."""

    def __call__(self, url: str, *, small: bool = False) -> str:
        """Where we serve it, or its preview."""


VISIBILITIES = {
    "public": "public",
    "unlisted": "unlisted",
    "followers": "private",
    "peers": "private",
    "direct": "direct",
}
_FIELDS = 8
_EMOJIS = 100
_CONTENT_CHARS = 200_000


def moment(value: datetime) -> str:
    """A moment as Mastodon writes it: `2026-11-22T08:00:00.000Z`."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{value.microsecond // 1000:03d}Z"


def text_of(document: Mapping[str, Any], name: str) -> str:
    """A text property, "" where it is none."""
    value = document.get(name)
    return value if isinstance(value, str) else ""


def decode(body: bytes) -> JsonObject:
    """A stored document; empty where there is none."""
    try:
        found = msgspec.json.decode(body) if body else {}
    except msgspec.DecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def account_of_collective(
    own: Collective, tally: Tally, relations: tuple[int, int], *, approve: bool, assets: str, media: str
) -> JsonObject:
    """The Account of a collective of ours."""
    avatar = f"{media}/{large(own.picture)}" if own.picture else f"{assets}/avatar.png"
    header = f"{media}/{large(own.banner)}" if own.banner else f"{assets}/header.png"
    return _account(
        number=own.id,
        username=own.handle,
        acct=own.handle,
        name=own.name,
        locked=approve or own.approves,
        created=own.created,
        note=own.summary,
        url=own.uri,
        uri=own.uri,
        avatar=avatar,
        header=header,
        counts=relations,
        tally=tally,
        emojis=[],
        fields=[profile_field(name, sanitise(value)) for name, value in own.fields],
        group=False,
        bot=False,
    )


def account_of_profile(profile: Profile, tally: Tally, proxy: Proxy, assets: str) -> JsonObject:
    """The Account of a remote actor."""
    document = decode(profile.document)
    url = picture_url(document.get("url")) or profile.uri
    icon, image = picture_url(document.get("icon")), picture_url(document.get("image"))
    handle = profile.handle or f"{profile.username}@{profile.host}"
    account = _account(
        number=profile.id,
        username=profile.username,
        acct=handle,
        name=profile.name,
        locked=document.get("manuallyApprovesFollowers") is True,
        created=_date(document.get("published")) or profile.fetched,
        note=sanitise(text_of(document, "summary")[:20_000]),
        url=url,
        uri=profile.uri,
        avatar=(icon and proxy(icon)) or f"{assets}/avatar.png",
        header=(image and proxy(image)) or f"{assets}/header.png",
        counts=(0, 0),
        tally=tally,
        emojis=emojis(document, proxy),
        fields=_profile_fields(document),
        group=profile.type == "Group",
        bot=profile.type in ("Service", "Application"),
    )
    return account | {"suspended": True} if profile.state == "gone" else account


def account_of_nobody(uri: str, assets: str) -> JsonObject:
    """The Account of an actor of which nothing is kept: what its address says."""
    host = uri.partition("://")[2].partition("/")[0]
    return _account(
        number=0,
        username="unknown",
        acct=f"unknown@{host}",
        name="",
        locked=False,
        created=datetime(1970, 1, 1, tzinfo=UTC),
        note="",
        url=uri,
        uri=uri,
        avatar=f"{assets}/avatar.png",
        header=f"{assets}/header.png",
        counts=(0, 0),
        tally=Tally(),
        emojis=[],
        fields=[],
        group=False,
        bot=False,
    )


def _account(
    *,
    number: int,
    username: str,
    acct: str,
    name: str,
    locked: bool,
    created: datetime,
    note: str,
    url: str,
    uri: str,
    avatar: str,
    header: str,
    counts: tuple[int, int],
    tally: Tally,
    emojis: Sequence[JsonObject],
    fields: Sequence[JsonObject],
    group: bool,
    bot: bool,
) -> JsonObject:
    return {
        "id": str(number),
        "username": username,
        "acct": acct,
        "display_name": name,
        "locked": locked,
        "bot": bot,
        "discoverable": True,
        "indexable": True,
        "group": group,
        "created_at": created.astimezone(UTC).strftime("%Y-%m-%dT00:00:00.000Z"),
        "note": note,
        "url": url,
        "uri": uri,
        "avatar": avatar,
        "avatar_static": avatar,
        "header": header,
        "header_static": header,
        "followers_count": counts[0],
        "following_count": counts[1],
        "statuses_count": tally.posts,
        "last_status_at": None if tally.last is None else tally.last.date().isoformat(),
        "hide_collections": True,
        "noindex": False,
        "emojis": list(emojis),
        "roles": [],
        "fields": list(fields),
    }


def profile_field(name: str, value: str) -> JsonObject:
    """The Field of an Account."""
    return {"name": name, "value": value, "verified_at": None}


def _profile_fields(document: Mapping[str, Any]) -> list[JsonObject]:
    attached = document.get("attachment")
    found = []
    for each in (attached if isinstance(attached, list) else [])[:32]:
        if isinstance(each, Mapping) and each.get("type") == "PropertyValue":
            name, value = to_text(text_of(each, "name"))[:255], sanitise(text_of(each, "value")[:2000])
            found.append(profile_field(name, value))
    return found[:_FIELDS]


def picture_url(value: Any) -> str:
    """The web address that an `icon`, `image` or `url` names, "" where there is none."""
    for each in value if isinstance(value, list) else [value]:
        found = each.get("url", each.get("href")) if isinstance(each, Mapping) else each
        if isinstance(found, list | Mapping):
            found = picture_url(found)
        if isinstance(found, str) and found.startswith(("https://", "http://")):
            return found
    return ""


def emojis(document: Mapping[str, Any], proxy: Proxy) -> list[JsonObject]:
    """The custom emoji of a document."""
    tags = document.get("tag")
    found = []
    for tag in (tags if isinstance(tags, list) else [tags])[:_EMOJIS]:
        if isinstance(tag, Mapping) and tag.get("type") == "Emoji" and (url := picture_url(tag.get("icon"))):
            name = text_of(tag, "name").strip(":")
            shown = proxy(url)
            if shown and name.replace("_", "").isalnum():
                found.append(
                    {"shortcode": name, "url": shown, "static_url": shown, "visible_in_picker": False}
                )
    return found


def content_of(document: Mapping[str, Any], *, local: bool) -> str:
    """The HTML of a post: ours as it was made, others' made safe; an article is its title, summary and link."""
    html = text_of(document, "content")[:_CONTENT_CHARS]
    if not html and isinstance(mapped := document.get("contentMap"), Mapping):
        html = next((value for value in mapped.values() if isinstance(value, str)), "")[:_CONTENT_CHARS]
    if local:
        return html
    if document.get("type") in ("Note", "Question", None):
        return sanitise(html)
    url = picture_url(document.get("url")) or text_of(document, "id")
    title = escape(to_text(text_of(document, "name")) or url)
    summary = sanitise(text_of(document, "summary"))
    return sanitise(
        f'<p><strong>{title}</strong></p>{summary}<p><a href="{escape(url)}">{escape(url)}</a></p>'
    )


def _date(value: Any) -> datetime | None:
    """A peer's date in UTC; None where it does not read, or no clock has it."""
    try:
        found = datetime.fromisoformat(value)
        found = found.astimezone(UTC) if found.tzinfo is not None else found.replace(tzinfo=UTC)
    except (TypeError, ValueError, OverflowError):
        return None
    return found if 1970 <= found.year <= 9998 else None


def poll(document: Mapping[str, Any], number: int, now: datetime) -> JsonObject | None:
    """The Poll of a Question."""
    if document.get("type") != "Question":
        return None
    multiple = isinstance(document.get("anyOf"), list)
    options = document.get("anyOf") if multiple else document.get("oneOf")
    rows = []
    for option in (options if isinstance(options, list) else [])[:20]:
        if isinstance(option, Mapping):
            replies = option.get("replies")
            votes = replies.get("totalItems") if isinstance(replies, Mapping) else 0
            rows.append({"title": to_text(text_of(option, "name"))[:200], "votes_count": _count(votes)})
    ends = _date(document.get("endTime")) or _date(document.get("closed"))
    return {
        "id": str(number),
        "expires_at": None if ends is None else moment(ends),
        "expired": "closed" in document or (ends is not None and ends <= now),
        "multiple": multiple,
        "votes_count": sum(row["votes_count"] for row in rows),
        "voters_count": _count(document.get("votersCount")),
        "options": rows,
        "emojis": [],
        "voted": False,
        "own_votes": [],
    }


def _count(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31 else 0


def relationship(number: int, bond: Bond) -> JsonObject:
    """The Relationship of a collective to an account."""
    return {
        "id": str(number),
        "following": bond.follow == "accepted",
        "showing_reblogs": bond.follow == "accepted" and bond.boosts,
        "notifying": False,
        "languages": None,
        "followed_by": bond.followed_by == "accepted",
        "blocking": bond.blocking,
        "blocked_by": bond.blocked_by,
        "muting": bond.muting,
        "muting_notifications": bond.muting_notifications,
        "requested": bond.follow == "requested",
        "requested_by": bond.followed_by == "requested",
        "domain_blocking": bond.host_blocked,
        "endorsed": False,
        "note": bond.note,
    }


def filter_v2(held: Filter, *, whole: bool = True) -> JsonObject:
    """The Filter; as part of a result without its words and posts."""
    entity: JsonObject = {
        "id": str(held.id),
        "title": held.title,
        "context": list(held.contexts),
        "expires_at": None if held.until is None else moment(held.until),
        "filter_action": held.action,
    }
    if whole:
        entity["keywords"] = [keyword(word.id, word.keyword, word.whole_word) for word in held.keywords]
        entity["statuses"] = [{"id": str(each.id), "status_id": str(each.post)} for each in held.posts]
    return entity


def keyword(number: int, text: str, whole_word: bool) -> JsonObject:
    """The FilterKeyword."""
    return {"id": str(number), "keyword": text, "whole_word": whole_word}


def tag(name: str, origin: str, following: bool | None = None) -> JsonObject:
    """The Tag; `following` only where somebody asks who may follow it."""
    entity: JsonObject = {
        "id": name.lower(),
        "name": name.lower(),
        "url": f"{origin}/tags/{quote(name.lower())}",
        "history": [],
    }
    if following is not None:
        entity["following"] = following
        entity["featuring"] = False
    return entity
