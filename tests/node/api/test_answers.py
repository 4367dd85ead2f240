"""Who is named in an app is told so; whoever promised something is told in hers what came of it."""

from typing import Any

import pytest

from node.domain.markup import to_text
from tests.fediverse import Instance, World
from tests.node.api.conftest import App, app


async def told(luis: App) -> list[tuple[str, str]]:
    """What the app of a collective is notified of, by whom, newest first."""
    notices: list[dict[str, Any]] = await luis.get("/api/v1/notifications", **{"types[]": "mention"})
    return [(each["account"]["username"], each["status"]["content"]) for each in notices]


@pytest.mark.parametrize("apart", [True, False])
async def test_an_accepted_a_received_and_a_refused_promise_are_told_to_who_promised(
    world: World, apart: bool
) -> None:
    a = await world.node("esperanza", *(() if apart else ("cooperativa",)))
    b = await world.node("cooperativa") if apart else a
    luis = await app(b, handle="cooperativa")
    if apart:
        await b.follow(a.address())

    async def promise(what: str) -> str:
        need = await a.node.publisher.publish(a.who("esperanza"), "need", {"what": what, "quantity": "9 kg"})
        await b.until(lambda: b.thing(need.uri))
        said = await b.node.publisher.publish(
            b.who("cooperativa"), "pledge", {"need": need.uri, "quantity": "4 kg"}
        )
        await a.until(lambda: a.thing(said.uri))
        return str(said.uri)

    async def hears(b: Instance, *words: str) -> None:
        async def heard() -> bool:
            return any(all(word in content for word in words) for _, content in await told(luis))

        await b.until(heard)

    taken = await promise("lentejas")
    assert not [content for _, content in await told(luis) if "cuenta con" in content]
    await a.node.publisher.accept(a.who("esperanza"), taken)
    await hears(b, "cuenta con lo que ofrecimos", "4 kg de lentejas")
    await a.node.publisher.publish(a.who("esperanza"), "receipt", {"of": taken, "quantity": "4 kg"})
    await hears(b, "recibimos", "4 kg de lentejas")
    assert (await told(luis))[0][0] == "esperanza"
    await a.node.publisher.reject(a.who("esperanza"), await promise("arroz"), "ya alcanza")
    await hears(b, "no pudo recibir lo que ofrecimos", "4 kg de arroz", "ya alcanza")
    await world.quiet()
    assert len([content for _, content in await told(luis) if "ofrecimos" in content]) == 2
    assert (await a.check(), await b.check()) == ([], [])
    assert (await a.incidents(), await b.incidents()) == ([], [])


async def test_a_collective_of_the_same_node_is_reached_by_its_name_alone_as_apps_write_it(
    world: World,
) -> None:
    node = await world.node("esperanza", "segunda")
    rosa, luis = await app(node, handle="esperanza"), await app(node, handle="segunda")
    ana = (await world.peer()).person("ana")
    await ana.tell(node, ana.activity("Follow", node.uri()))
    for visibility in ("public", "direct"):
        said = await rosa.post(
            "/api/v1/statuses", status=f"@segunda @todas hola {visibility}", visibility=visibility
        )
        assert [each["acct"] for each in said["mentions"]] == ["segunda"]
        assert f"hola {visibility}" in (await told(luis))[0][1]
    (activity,) = await ana.peer.hears("Create")
    (tag,) = activity["object"]["tag"]
    assert (tag["href"], tag["name"]) == (node.uri("segunda"), f"@{node.address('segunda')}")
    for alone in ("@todas hola", "@esperanza hola"):
        await rosa.refused(422, "POST", "/api/v1/statuses", json={"status": alone, "visibility": "direct"})
    assert await node.check() == []


async def test_a_promise_of_a_collective_of_the_same_node_is_heard_like_any_other(world: World) -> None:
    node = await world.node("esperanza", "segunda")
    rosa, luis = await app(node, handle="esperanza"), await app(node, handle="segunda")
    need = await rosa.post("/api/v1/statuses", status="#necesitamos 9 kg de lentejas")
    answer = {"in_reply_to_id": need["id"]}
    await luis.post("/api/v1/statuses", status="@esperanza ¡qué buena olla!", **answer)
    assert not [said for _, said in await told(rosa) if "promete" in said]
    await luis.post("/api/v1/statuses", status="@esperanza nosotras llevamos 3 kg", **answer)
    assert "entendimos: 3 kg de lentejas" in (await told(luis))[0][1].lower()
    asked = next(
        each["status"]
        for each in await rosa.get("/api/v1/notifications")
        if "#confirmar" in to_text(each["status"]["content"])
    )
    confirmed = await rosa.post("/api/v1/statuses", status="#confirmar", in_reply_to_id=asked["id"])
    assert "Confirmamos 3 kg" in confirmed["content"]
    assert "3 kg de lentejas" in (await told(luis))[0][1]
    assert await node.check() == []


async def test_a_promise_of_a_sister_whose_words_change_counts_while_it_promises_the_same(
    world: World,
) -> None:
    node = await world.node("esperanza", "segunda")
    rosa, luis = await app(node, handle="esperanza"), await app(node, handle="segunda")
    need = await rosa.post("/api/v1/statuses", status="#necesitamos 9 kg de lentejas")
    reply = await luis.post("/api/v1/statuses", status="@esperanza llevamos 3 kg", in_reply_to_id=need["id"])
    await rosa.post("/api/v1/statuses", status="#confirmar", in_reply_to_id=reply["id"])

    async def lacks() -> str:
        return str((await node.document(need["uri"]))["publishes"]["availableQuantity"]["hasNumericalValue"])

    async def change(words: str) -> None:
        answer = await luis("PUT", f"/api/v1/statuses/{reply['id']}", json={"status": words})
        assert answer.status_code == 200, answer.text

    assert await lacks() == "6"
    await change("@esperanza llevamos 3 kg, gracias")
    assert await lacks() == "6"
    await change("@esperanza llevamos 2 kg")
    assert await lacks() == "9"
    assert any("prometía 3 kg" in said for _, said in await told(rosa))
    assert any("prometía 3 kg" in said for _, said in await told(luis))
    assert "2 kg" in (await told(rosa))[0][1]
    # What she deletes is not counted either, and whoever counted on it is told.
    await rosa.post("/api/v1/statuses", status="#confirmar", in_reply_to_id=reply["id"])
    assert await lacks() == "7"
    assert (await luis("DELETE", f"/api/v1/statuses/{reply['id']}")).status_code == 200
    assert await lacks() == "9"
    assert any("prometía 2 kg de lentejas se borró" in said for _, said in await told(rosa))
    assert not any("se borró" in said for _, said in await told(luis))
    assert await node.check() == []
