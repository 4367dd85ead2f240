"""A post is changed and deleted in an app: nothing is said that did not change, and nothing counts that she believes deleted."""

from typing import Any

import pytest

from node.domain.kind import Thing
from node.domain.markup import to_text
from node.domain.matching import pledges_of
from node.errors import InvalidError
from node.speak import LiveScene
from node.storage.database import Snapshot
from tests.fediverse import Instance, Person, World
from tests.node.api.conftest import App, app, photograph

NEED = "#necesitamos 40 kg de lentejas antes del 28/12/2031"


@pytest.fixture
async def coop(world: World, olla: Instance) -> Instance:
    """Another node, which follows the kitchen."""
    there = await world.node("coop")
    await there.follow(olla.address())
    return there


@pytest.fixture
async def luis(coop: Instance) -> App:
    return await app(coop)


async def asked(olla: Instance, coop: Instance, rosa: App, luis: App) -> tuple[str, dict[str, Any]]:
    """The id of a need, and how it stands in the app of who may answer it."""
    need = await rosa.post("/api/v1/statuses", status=NEED)
    await coop.until(lambda: coop.thing(need["uri"]))
    found = await luis.get("/api/v2/search", q=need["uri"], resolve="true")
    return need["uri"], found["statuses"][0]


async def offered(coop: Instance, luis: App, need: dict[str, Any], text: str) -> dict[str, Any]:
    shown: dict[str, Any] = await luis.post("/api/v1/statuses", status=text, in_reply_to_id=need["id"])
    assert "Entendido: ofreces 12 kg de lentejas" in to_text(shown["content"])
    return shown


async def promised(instance: Instance, need: str) -> list[Thing]:
    """What is promised for a need, as a node knows it."""

    def look(snapshot: Snapshot) -> list[Thing]:
        scene = LiveScene(snapshot, instance.origin)
        known = scene.thing(need)
        return [] if known is None else sorted(pledges_of(known, scene), key=lambda each: each.published)

    found: list[Thing] = await instance.look(look)
    return found


async def offers(instance: Instance, need: str, *states: str) -> bool:
    """Whether what is promised for a need stands so."""
    return tuple(each.state for each in await promised(instance, need)) == states


async def test_an_offer_whose_message_is_deleted_does_not_stay_offered(
    olla: Instance, coop: Instance, rosa: App, luis: App
) -> None:
    uri, need = await asked(olla, coop, rosa, luis)
    shown = await offered(coop, luis, need, "#aportamos 12 kg, hasta el 20/12/2031")
    await olla.until(lambda: offers(olla, uri, "offered"))

    gone = await luis("DELETE", f"/api/v1/statuses/{shown['id']}")

    assert gone.status_code == 200, gone.text
    assert gone.json()["text"] == "#aportamos 12 kg, hasta el 2031-12-20"
    assert (gone.json()["in_reply_to_id"], gone.json()["visibility"]) == (need["id"], "public")
    assert (await luis("GET", f"/api/v1/statuses/{shown['id']}")).status_code == 404
    for instance in (coop, olla):
        await instance.until(lambda where=instance: offers(where, uri, "withdrawn"))

    again = await offered(coop, luis, need, gone.json()["text"])
    await olla.until(lambda: offers(olla, uri, "withdrawn", "offered"))
    assert again["id"] != shown["id"]
    assert (await olla.check(), await coop.check()) == ([], [])


async def test_an_offer_stands_when_only_what_failed_is_deleted_or_when_it_was_accepted(
    olla: Instance, coop: Instance, rosa: App, luis: App
) -> None:
    uri, need = await asked(olla, coop, rosa, luis)
    shown = await offered(coop, luis, need, "#aportamos 12 kg")
    failed = await luis.post("/api/v1/statuses", status="#confirmar", in_reply_to_id=shown["id"])
    assert "No se hizo" in failed["content"]
    assert (await luis("DELETE", f"/api/v1/statuses/{failed['id']}")).status_code == 200
    assert await offers(coop, uri, "offered")

    await olla.until(lambda: offers(olla, uri, "offered"))
    (pledge,) = await promised(olla, uri)
    await olla.node.publisher.accept(olla.who(), pledge.id)
    await coop.until(lambda: offers(coop, uri, "accepted"))
    assert (await luis("DELETE", f"/api/v1/statuses/{shown['id']}")).status_code == 200
    assert await offers(coop, uri, "accepted")


async def test_what_the_node_wrote_is_not_changed_into_something_untrue(
    olla: Instance, coop: Instance, rosa: App, luis: App
) -> None:
    uri, need = await asked(olla, coop, rosa, luis)
    shown = await offered(coop, luis, need, "#aportamos 12 kg")
    path = f"/api/v1/statuses/{shown['id']}"
    before = await luis.get("/api/v1/timelines/home")

    refused = await luis.refused(422, "PUT", path, json={"status": "#aportamos 5 kg"})

    assert "respóndele con #deshacer y escríbelo de nuevo" in refused["error"]
    with pytest.raises(InvalidError, match="answer it with #undo"):
        await coop.node.publisher.revise(coop.who(), shown["id"], {"text": "#aportamos 5 kg"})
    assert await luis.get("/api/v1/timelines/home") == before
    assert await offers(coop, uri, "offered")


@pytest.mark.parametrize("text", ["Hoy cocinamos", NEED, "#servimos 118 raciones de porotos"])
async def test_a_post_that_is_saved_as_it_was_is_not_called_edited(
    olla: Instance, rosa: App, ana: Person, text: str
) -> None:
    await ana.tell(olla, ana.activity("Follow", olla.uri()))
    file = {"file": ("olla.jpg", photograph(), "image/jpeg")}
    media = (await rosa("POST", "/api/v1/media", files=file, data={"description": "una olla"})).json()
    posted = await rosa.post(
        "/api/v1/statuses", status=text, spoiler_text="comida", media_ids=[media["id"]], language="es"
    )
    path = f"/api/v1/statuses/{posted['id']}"
    source = await rosa.get(f"{path}/source")
    saved = {
        "spoiler_text": source["spoiler_text"],
        "sensitive": posted["sensitive"],
        "media_ids": [media["id"]],
        "media_attributes": [{"id": media["id"], "description": "una olla", "focus": "0,0"}],
        "language": "es",
    }
    for same in (source["text"], text):
        kept = await rosa("PUT", path, json={"status": same, **saved})
        assert kept.status_code == 200, kept.text
        assert kept.json() == posted
    assert len(await rosa.get(f"{path}/history")) == 1

    saved["media_attributes"][0]["description"] = "una olla negra"
    for change in (
        saved,
        {**saved, "spoiler_text": "cena"},
        {**saved, "media_ids": [], "media_attributes": []},
    ):
        changed = (await rosa("PUT", path, json={"status": text, **change})).json()
        assert changed["edited_at"] is not None
    assert len(await rosa.get(f"{path}/history")) == 4
    await olla.world.quiet()
    assert len(await ana.peer.hears("Update", number=3)) == 3
    assert await olla.check() == []
