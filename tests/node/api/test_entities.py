"""Every field of every entity, of every kind of post: one that is missing or null and whole timelines fail to load."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tests.fediverse import Instance, Person, World
from tests.node.api.conftest import App, app, photograph

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
    return isinstance(value, str) and value.isdecimal() and int(value) < 2**63


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
    "id": number, "type": one_of("image", "unknown"), "url": web, "preview_url": or_none(web), "remote_url": or_none(web),
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


@pytest.fixture
async def busy(world: World, olla: Instance, rosa: App, ana: Person) -> dict[str, str]:
    """A home timeline in which every kind of post stands; their URIs by name."""
    ana.more = {
        "icon": {"type": "Image", "url": f"{ana.peer.origin}/ana.png"},
        "tag": [{"type": "Emoji", "name": ":olla:", "icon": {"url": f"{ana.peer.origin}/e.png"}}],
        "attachment": [
            {"type": "PropertyValue", "name": "Web", "value": "<a href='https://ana.example'>ana</a>"}
        ],
    }
    await olla.hear(ana)
    posts: dict[str, str] = {}

    async def told(name: str, document: dict[str, Any]) -> dict[str, Any]:
        await ana.tell(olla, ana.activity("Create", document))
        posts[name] = document["id"]
        return document

    picture = {
        "type": "Document", "mediaType": "image/jpeg", "url": f"{ana.peer.origin}/p.jpg", "name": "una olla", "width": 640,
        "height": 480, "focalPoint": [0.5, -0.5], "blurhash": "UeE{tQof?bof",
    }  # fmt: skip
    note = await told(
        "remote", ana.note("hola", tag=[{"type": "Hashtag", "name": "#Olla"}, *ana.more["tag"]])
    )
    await told(
        "media",
        ana.note(
            "foto",
            attachment=[
                picture,
                {"type": "Document", "mediaType": "video/mp4", "url": f"{ana.peer.origin}/v.mp4"},
            ],
        ),
    )
    await told(
        "warned", ana.note("detrás", summary="comida", sensitive=True, contentMap={"es-CL": "<p>detrás</p>"})
    )
    await told(
        "poll",
        {
            **ana.note("¿pan o arroz?"),
            "type": "Question",
            "endTime": "2031-01-01T00:00:00Z",
            "votersCount": 3,
            "oneOf": [{"type": "Note", "name": "pan", "replies": {"type": "Collection", "totalItems": 2}}],
        },
    )
    await told(
        "article",
        {**ana.note("largo"), "type": "Article", "name": "Un título", "url": "https://ana.example/1"},
    )
    edited = await told("edited", ana.note("antes"))
    await ana.tell(
        olla,
        ana.activity("Update", {**edited, "content": "<p>después</p>"}),
    )
    gone = await told("gone", ana.note("me arrepentí"))
    await ana.tell(olla, ana.activity("Delete", {"id": gone["id"], "type": "Tombstone"}))
    await ana.tell(olla, ana.activity("Announce", note["id"]))
    await told(
        "answer",
        ana.note(
            "gracias",
            inReplyTo=note["id"],
            tag=[{"type": "Mention", "href": olla.uri(), "name": "@esperanza"}],
        ),
    )
    file = {"file": ("olla.jpg", photograph(), "image/jpeg")}
    media = (
        await rosa("POST", "/api/v1/media", files=file, data={"description": "Una olla", "focus": "0.1,0.2"})
    ).json()
    holds(media, MEDIA)
    for name, fields in {
        "local": {"status": "Con foto @ana@nadie.example #olla", "media_ids": [media["id"]], "spoiler_text": "comida"},
        "need": {"status": "#necesitamos 40 kg de lentejas antes del 28/12/2030"},
        "private": {"status": "solo seguidores", "visibility": "private"},
        "direct": {"status": f"@ana@{ana.peer.origin.removeprefix('http://')} a ti", "visibility": "direct"},
        "unlisted": {"status": "sin lista", "visibility": "unlisted"},
    }.items():  # fmt: skip
        posts[name] = (await rosa.post("/api/v1/statuses", **fields))["uri"]
    boosted = next(s for s in await rosa.get("/api/v1/timelines/home") if s["uri"] == posts["media"])
    await rosa.post(f"/api/v1/statuses/{boosted['id']}/reblog")
    return posts


async def test_every_post_is_whole_in_every_place(busy: dict[str, str], rosa: App, olla: Instance) -> None:
    home = await rosa.get("/api/v1/timelines/home", limit=40)
    assert all(whole(status) for status in home)
    by_uri = {status["uri"]: status for status in home}
    assert set(busy.values()) - set(by_uri) == {busy["gone"]}
    assert sum(status["reblog"] is not None for status in home) == 2
    for place in (
        "/api/v1/timelines/public",
        "/api/v1/timelines/tag/olla",
        f"/api/v1/accounts/{home[0]['account']['id']}/statuses",
    ):
        statuses = await App(rosa.client, olla).get(place)
        assert statuses
        assert all(whole(status) for status in statuses)
    for status in home:
        assert whole(await rosa.get(f"/api/v1/statuses/{status['id']}"))
        context = await rosa.get(f"/api/v1/statuses/{status['id']}/context")
        assert all(whole(each) for each in [*context["ancestors"], *context["descendants"]])


async def test_what_apps_read_in_each_kind_of_post(busy: dict[str, str], rosa: App, olla: Instance) -> None:
    home = {status["uri"]: status for status in await rosa.get("/api/v1/timelines/home", limit=40)}
    media = home[busy["media"]]["media_attachments"]
    assert [each["type"] for each in media] == ["image", "unknown"]
    assert media[0]["url"].startswith(f"{olla.origin}/media/remote/")
    assert media[0]["meta"]["original"] == {
        "width": 640,
        "height": 480,
        "size": "640x480",
        "aspect": 1.333333,
    }
    assert media[0]["meta"]["focus"] == {"x": 0.5, "y": -0.5}
    remote = home[busy["remote"]]
    assert remote["account"]["acct"].startswith("ana@127.0.0.1:")
    assert remote["account"]["avatar"].startswith(f"{olla.origin}/media/remote/")
    assert [tag["name"] for tag in remote["tags"]] == ["olla"]
    assert remote["emojis"][0]["url"].startswith(f"{olla.origin}/media/remote/")
    warned = home[busy["warned"]]
    assert (warned["spoiler_text"], warned["sensitive"], warned["language"]) == ("comida", True, "es-CL")
    assert home[busy["poll"]]["poll"]["options"] == [{"title": "pan", "votes_count": 2}]
    assert "Un título" in home[busy["article"]]["content"]
    assert "después" in home[busy["edited"]]["content"]
    assert moment(home[busy["edited"]]["edited_at"])
    history = await rosa.get(f"/api/v1/statuses/{home[busy['edited']]['id']}/history")
    assert [("antes" in edit["content"], holds(edit, EDIT)) for edit in history] == [
        (True, True),
        (False, True),
    ]
    local = home[busy["local"]]
    assert local["account"]["acct"] == "esperanza"
    assert local["pinned"] is False
    assert local["media_attachments"][0]["description"] == "Una olla"
    assert "lentejas" in home[busy["need"]]["card"]["title"]
    assert home[busy["private"]]["visibility"] == "private"
    assert home[busy["direct"]]["visibility"] == "direct"
    answer = home[busy["answer"]]
    assert answer["in_reply_to_id"] == remote["id"]
    assert [each["acct"] for each in answer["mentions"]] == ["esperanza"]


async def test_other_entities_are_whole(busy: dict[str, str], rosa: App, ana: Person, olla: Instance) -> None:
    notifications = await rosa.get("/api/v1/notifications")
    assert {each["type"] for each in notifications} >= {"mention"}
    for each in notifications:
        assert holds(each, NOTIFICATION)
        assert "status" not in each or whole(each["status"])
    found = await rosa.get("/api/v2/search", q=ana.id, resolve=True)
    assert set(found) == {"accounts", "statuses", "hashtags"}
    other = found["accounts"][0]
    assert holds(other, ACCOUNT)
    (bond,) = await rosa.get("/api/v1/accounts/relationships", id=other["id"])
    assert holds(bond, RELATIONSHIP)
    assert bond["following"] is True
    me = await rosa.get("/api/v1/accounts/verify_credentials")
    assert holds(me, ACCOUNT)
    source = {
        "privacy": words,
        "sensitive": flag,
        "language": words,
        "note": text,
        "fields": rows,
        "follow_requests_count": count,
    }
    assert holds(me["source"], source)
    preferences = await rosa.get("/api/v1/preferences")
    assert {*preferences} >= {
        "posting:default:visibility", "posting:default:sensitive", "posting:default:language", "reading:expand:media",
        "reading:expand:spoilers",
    }  # fmt: skip
    made = await rosa.post(
        "/api/v2/filters",
        title="pan",
        context=["home"],
        keywords_attributes=[{"keyword": "pan", "whole_word": "1"}],
    )
    assert holds(
        made,
        {
            "id": number,
            "title": words,
            "context": rows,
            "expires_at": or_none(moment),
            "filter_action": words,
            "keywords": rows,
            "statuses": rows,
        },
    )
    assert holds(made["keywords"][0], {"id": number, "keyword": words, "whole_word": flag})
    marked = await rosa.post("/api/v1/markers", home={"last_read_id": notifications[0]["id"]})
    assert holds(marked["home"], {"last_read_id": number, "version": count, "updated_at": moment})


async def test_both_versions_of_the_instance_are_complete(olla: Instance, rosa: App) -> None:
    stranger = App(rosa.client, olla)
    v1, v2 = await stranger.get("/api/v1/instance/"), await stranger.get("/api/v2/instance")
    for instance in (v1, v2):
        configuration = instance["configuration"]
        assert holds(
            configuration["statuses"],
            dict.fromkeys(("max_characters", "max_media_attachments", "characters_reserved_per_url"), count),
        )
        limits = (
            "image_size_limit",
            "image_matrix_limit",
            "video_size_limit",
            "video_frame_rate_limit",
            "video_matrix_limit",
        )
        assert holds(
            configuration["media_attachments"], {"supported_mime_types": rows, **dict.fromkeys(limits, count)}
        )
        assert holds(
            configuration["polls"],
            dict.fromkeys(
                ("max_options", "max_characters_per_option", "min_expiration", "max_expiration"), count
            ),
        )
        assert instance["version"].startswith("4.3.0 (compatible; Minga ")
    assert holds(v1, {
        "uri": words, "title": words, "short_description": text, "description": text, "email": text, "version": words,
        "urls": lambda value: value["streaming_api"].startswith("ws://"), "languages": rows, "registrations": flag,
        "stats": lambda value: holds(value, dict.fromkeys(("user_count", "status_count", "domain_count"), count)),
        "approval_required": flag, "invites_enabled": flag, "thumbnail": web, "rules": rows,
        "contact_account": lambda value: holds(value, ACCOUNT),
    })  # fmt: skip
    assert holds(v2, {
        "domain": words, "title": words, "version": words, "source_url": web, "description": text, "usage": lambda v: v["users"],
        "thumbnail": lambda value: web(value["url"]), "languages": rows, "rules": rows,
        "registrations": lambda value: holds(value, {"enabled": flag, "approval_required": flag, "message": or_none(text)}),
        "contact": lambda value: holds(value["account"], ACCOUNT), "api_versions": lambda value: value == {"mastodon": 1},
    })  # fmt: skip
    assert v2["configuration"]["urls"]["streaming"].startswith("ws://")
    assert v2["configuration"]["translation"] == {"enabled": False}
    assert count(v2["configuration"]["accounts"]["max_featured_tags"])
    for version in ("2.0", "2.1"):
        answer = await stranger("GET", f"/nodeinfo/{version}")
        assert answer.headers["access-control-allow-origin"] == "*"
        assert answer.json()["metadata"]["upstream"]["name"] == "mastodon"


async def test_what_a_kitchen_does_not_have_is_empty_and_well_shaped(olla: Instance, rosa: App) -> None:
    for path in (
        "lists", "scheduled_statuses", "filters", "conversations", "announcements", "suggestions", "trends", "trends/tags",
        "trends/statuses", "trends/links", "custom_emojis", "featured_tags", "followed_tags", "endorsements",
        "notifications/requests", "timelines/list/1",
    ):  # fmt: skip
        assert await rosa.get(f"/api/v1/{path}") == [], path
    assert await rosa.get("/api/v2/suggestions") == []
    await rosa.refused(404, "GET", "/api/v1/push/subscription")
    await rosa.refused(404, "GET", "/api/v1/nothing/of/the/kind")
    await rosa.refused(404, "GET", "/api/v1/polls/1")


async def test_a_picture_of_another_collective_is_not_shown(world: World, rosa: App) -> None:
    other = await app(await world.node("villasol"))
    file = {"file": ("olla.jpg", photograph(), "image/jpeg")}
    media = (await rosa("POST", "/api/v1/media", files=file)).json()
    await other.refused(404, "GET", f"/api/v1/media/{media['id']}")
