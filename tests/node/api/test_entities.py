"""Every field of every entity, of every kind of post: one that is missing or null and whole timelines fail to load."""

from typing import Any

import pytest

from tests.fediverse import Instance, Person, World
from tests.node.api.conftest import App, app, photograph
from tests.node.api.shapes import (
    ACCOUNT,
    EDIT,
    MEDIA,
    NOTIFICATION,
    RELATIONSHIP,
    count,
    flag,
    holds,
    moment,
    number,
    or_none,
    rows,
    text,
    web,
    whole,
    words,
)


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
    groups = await rosa.get("/api/v2/notifications")
    assert [each["most_recent_notification_id"] for each in groups["notification_groups"]] == [
        int(each["id"]) for each in notifications
    ]
    assert all(holds(each, ACCOUNT) for each in groups["accounts"])
    assert {each["id"] for each in groups["statuses"]} == {
        each["status"]["id"] for each in notifications if "status" in each
    }
    assert (await rosa.get("/api/v2/notifications/unread_count"))["count"] == len(notifications)
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
    said = await stranger.get("/api/v1/instance/extended_description")
    assert holds(said, {"updated_at": moment, "content": text})
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


async def test_a_post_that_was_edited_before_it_came_here_says_when(
    olla: Instance, rosa: App, ana: Person
) -> None:
    await olla.hear(ana)
    dates = {"published": "2026-01-01T10:00:00Z"}
    for updated in ("2026-01-02T10:00:00Z", "2026-01-01T10:00:00Z", "nunca"):
        note = ana.note("hola", **dates, updated=updated)
        await ana.tell(olla, ana.activity("Create", note))
    edits = [each["edited_at"] for each in await rosa.get("/api/v1/timelines/home")]
    assert edits == [None, None, "2026-01-02T10:00:00.000Z"]


async def test_the_address_of_a_hashtag_is_one_address_everywhere(rosa: App) -> None:
    said = await rosa.post("/api/v1/statuses", status="hoy #OllaComún")
    (tag,) = said["tags"]
    assert tag["url"].endswith("/tags/ollacom%C3%BAn")
    followed = await rosa.post("/api/v1/tags/ollacomún/follow")
    assert [each["url"] for each in (followed, *await rosa.get("/api/v1/followed_tags"))] == [tag["url"]] * 2
