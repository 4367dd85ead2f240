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
