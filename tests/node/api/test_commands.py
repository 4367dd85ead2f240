"""What stands before a post stands before what it is understood as: the warning of a command is not lost."""

from typing import Any

from node.storage import objects
from tests.fediverse import Instance, Person
from tests.node.api.conftest import App, photograph

NEED = "#necesitamos 40 kg de lentejas antes del 28/12/2031"


async def said(rosa: App, status: str, **fields: Any) -> dict[str, Any]:
    posted: dict[str, Any] = await rosa.post("/api/v1/statuses", status=status, **fields)
    return posted


async def test_a_need_bears_the_warning_with_which_it_was_typed(
    olla: Instance, rosa: App, ana: Person
) -> None:
    await ana.tell(olla, ana.activity("Follow", olla.uri()))
    need = await said(rosa, NEED, spoiler_text="hambre")
    assert "Necesitamos 40 kg de lentejas" in need["content"]
    assert (need["spoiler_text"], need["sensitive"]) == ("hambre", True)
    (activity,) = await ana.peer.hears("Create")
    assert activity["object"]["summary"] == "hambre"
    assert activity["object"]["kind"] == "need"
    source = await rosa.get(f"/api/v1/statuses/{need['id']}/source")
    assert source["spoiler_text"] == "hambre"

    given = await said(rosa, "#recibido 5 kg", in_reply_to_id=need["id"])
    assert given["spoiler_text"] == ""
    changed = await rosa("PUT", f"/api/v1/statuses/{need['id']}", json={"status": NEED.replace("40", "50")})
    assert changed.json()["spoiler_text"] == "hambre"
    bare = await rosa("PUT", f"/api/v1/statuses/{need['id']}", json={"status": NEED, "spoiler_text": ""})
    assert (bare.json()["spoiler_text"], bare.json()["sensitive"]) == ("", False)
    assert await olla.check() == []


async def test_delicate_pictures_of_a_meal_stay_delicate(rosa: App) -> None:
    file = {"file": ("olla.jpg", photograph(), "image/jpeg")}
    media = (await rosa("POST", "/api/v1/media", files=file)).json()
    meal = await said(rosa, "#servimos 118 raciones de porotos", sensitive=True, media_ids=[media["id"]])
    assert "118 raciones" in meal["content"]
    assert (meal["sensitive"], meal["spoiler_text"]) == (True, "")
    assert len(meal["media_attachments"]) == 1


async def test_rations_are_counted_for_today_without_a_dish_being_named(olla: Instance, rosa: App) -> None:
    alone = await said(rosa, "#servimos 118 raciones")
    reply = await said(rosa, "#served 90 meals", in_reply_to_id=(await said(rosa, "Hoy cocinamos"))["id"])
    for meal, served in ((alone, "118"), (reply, "90")):
        assert f"servimos {served} raciones de comida" in meal["content"]
        thing = await olla.look(lambda s, uri=meal["uri"]: objects.by_uri(s, uri))
        assert (thing.kind, thing.state) == ("meal", "served")
    assert await olla.check() == []


async def test_a_warning_may_hold_no_telephone_either(rosa: App) -> None:
    refused = await rosa.refused(
        422, "POST", "/api/v1/statuses", json={"status": NEED, "spoiler_text": "llamar al 9 8765 4321"}
    )
    assert "9 8765 4321" in refused["error"]


async def test_a_note_loses_its_warning_when_that_is_taken_back(rosa: App) -> None:
    note = await said(rosa, "hoy no hay", spoiler_text="duelo")
    changed = await rosa(
        "PUT", f"/api/v1/statuses/{note['id']}", json={"status": "hoy no hay", "spoiler_text": ""}
    )
    assert changed.json()["spoiler_text"] == ""
