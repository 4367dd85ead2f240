"""What a member may from an app is what her role lets her do anywhere: a newcomer reads along and publishes nothing."""

import pytest

from tests.fediverse import Instance, Person, World
from tests.node.api.conftest import SCOPES, App, photograph

PATH = "/api/v1/accounts/update_credentials"


@pytest.fixture
async def luz(world: World, olla: Instance, rosa: App) -> App:
    own = (await rosa.get("/api/v1/accounts/verify_credentials"))["id"]
    await olla.node.access.add(int(own), "luz", "newcomer")
    return App(world.client, olla, await olla.node.access.make_token(int(own), "luz", SCOPES))


async def test_a_newcomer_likes_boosts_and_pins_nothing_in_the_name_of_all(
    olla: Instance, rosa: App, luz: App, ana: Person
) -> None:
    await olla.hear(ana)
    note = ana.note("<p>Hay pan</p>")
    await ana.tell(olla, ana.activity("Create", note))
    await olla.digested()
    (theirs,) = [each["id"] for each in await luz.get("/api/v1/timelines/home")]
    ours = (await rosa.post("/api/v1/statuses", status="Hoy cocinamos"))["id"]
    done = [(theirs, "favourite", "favourited"), (theirs, "reblog", "reblogged"), (ours, "pin", "pinned")]
    for number, act, flag in done:
        refused = await luz.refused(403, "POST", f"/api/v1/statuses/{number}/{act}")
        assert "rol" in refused["error"]
        assert (await rosa.get(f"/api/v1/statuses/{number}"))[flag] is False
        await rosa.post(f"/api/v1/statuses/{number}/{act}")
        await luz.refused(403, "POST", f"/api/v1/statuses/{number}/un{act}")
        assert (await rosa.get(f"/api/v1/statuses/{number}"))[flag] is True


async def test_a_newcomer_describes_no_photograph_that_a_post_shows(rosa: App, luz: App) -> None:
    file = {"file": ("olla.jpg", photograph(), "image/jpeg")}
    media = (await rosa("POST", "/api/v1/media", files=file, data={"description": "La olla"})).json()
    note = await rosa.post("/api/v1/statuses", status="hoy", media_ids=[media["id"]])
    path = f"/api/v1/statuses/{note['id']}"
    words = [{"id": media["id"], "description": "Cambiado por una novata", "focus": "1,1"}]
    await luz.refused(403, "PUT", path, json={"status": "hoy", "media_attributes": words})
    kept = await rosa.get(f"/api/v1/media/{media['id']}")
    assert (kept["description"], kept["meta"]["focus"]) == ("La olla", {"x": 0, "y": 0})
    edited = (await rosa("PUT", path, json={"status": "hoy sí", "media_ids": [media["id"]]})).json()
    assert [each["description"] for each in edited["media_attachments"]] == ["La olla"]


async def test_only_a_steward_changes_how_the_posts_of_all_are(olla: Instance, rosa: App, luz: App) -> None:
    for usual in ({"privacy": "direct"}, {"sensitive": True}, {"language": "en"}):
        await luz.refused(403, "PATCH", PATH, json={"source": usual})
    kept = await rosa.get("/api/v1/preferences")
    assert kept["posting:default:visibility"] == "public"
    assert kept["posting:default:sensitive"] is False
    assert kept["posting:default:language"] == "es"
    need = await rosa.post("/api/v1/statuses", status="#necesitamos 5 kg de sal")
    assert "Necesitamos 5 kg de sal" in need["content"]


async def test_a_newcomer_changes_nothing_that_all_members_share(
    olla: Instance, rosa: App, luz: App, ana: Person
) -> None:
    await olla.hear(ana)
    note = ana.note("<p>Hay pan</p>")
    await ana.tell(olla, ana.activity("Create", note))
    await olla.digested()
    (theirs,) = await rosa.get("/api/v1/timelines/home")
    status, account = theirs["id"], theirs["account"]["id"]
    made = await rosa.post(
        "/api/v2/filters", title="rifas", context=["home"], keywords_attributes=[{"keyword": "rifa"}]
    )
    held, word = made["id"], made["keywords"][0]["id"]
    entry = (await rosa.post(f"/api/v2/filters/{held}/statuses", status_id=status))["id"]
    file = {"file": ("olla.jpg", photograph(), "image/jpeg")}
    media = (await rosa("POST", "/api/v1/media", files=file)).json()["id"]
    for method, path, given in (
        ("POST", "/api/v1/notifications/clear", {}),
        ("POST", "/api/v1/notifications/1/dismiss", {}),
        *(("POST", f"/api/v1/accounts/{account}/{act}", {}) for act in ("mute", "unmute", "note", "follow")),
        *(("POST", f"/api/v1/accounts/{account}/{act}", {}) for act in ("unfollow", "block", "unblock")),
        ("POST", f"/api/v1/accounts/{account}/remove_from_followers", {}),
        ("POST", "/api/v1/domain_blocks", {"domain": "lejos.example"}),
        ("DELETE", "/api/v1/domain_blocks", {"domain": "lejos.example"}),
        ("POST", f"/api/v1/follow_requests/{account}/authorize", {}),
        ("POST", f"/api/v1/follow_requests/{account}/reject", {}),
        *(("POST", f"/api/v1/statuses/{status}/{act}", {}) for act in ("bookmark", "unbookmark")),
        *(("POST", f"/api/v1/statuses/{status}/{act}", {}) for act in ("mute", "unmute")),
        ("POST", "/api/v1/tags/olla/follow", {}),
        ("POST", "/api/v1/tags/olla/unfollow", {}),
        ("POST", "/api/v2/filters", {"title": "x", "context": ["home"]}),
        ("PUT", f"/api/v2/filters/{held}", {"title": "x"}),
        ("DELETE", f"/api/v2/filters/{held}", {}),
        ("POST", f"/api/v2/filters/{held}/keywords", {"keyword": "pan"}),
        ("PUT", f"/api/v2/filters/keywords/{word}", {"keyword": "pan"}),
        ("DELETE", f"/api/v2/filters/keywords/{word}", {}),
        ("POST", f"/api/v2/filters/{held}/statuses", {"status_id": status}),
        ("DELETE", f"/api/v2/filters/statuses/{entry}", {}),
        ("PUT", f"/api/v1/media/{media}", {"description": "x"}),
        ("DELETE", f"/api/v1/media/{media}", {}),
        ("DELETE", "/api/v1/profile/avatar", {}),
        ("POST", "/api/v1/statuses", {"status": "hola"}),
    ):
        refused = await luz.refused(403, method, path, json=given)
        assert refused["error"], (method, path)
    (kept,) = await rosa.get("/api/v2/filters")
    assert (kept["title"], [each["keyword"] for each in kept["keywords"]]) == ("rifas", ["rifa"])
    # Apps move read positions unasked: hers stay where those who publish left them.
    await rosa.post("/api/v1/markers", home={"last_read_id": "5"})
    told = await luz.post("/api/v1/markers", home={"last_read_id": status})
    assert told["home"]["last_read_id"] == "5"
