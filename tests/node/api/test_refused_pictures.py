"""Of a server whose pictures a collective does not take, none is fetched and none is shown; what it writes is read."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from node.domain.kind import Speaker
from node.shown import Shelf
from node.storage import collectives, posts
from node.storage.collectives import Collective
from tests.fediverse import Instance, Listening, Person, World
from tests.node.api.conftest import App, photograph


async def own(olla: Instance) -> Collective:
    found = await olla.look(lambda snapshot: collectives.by_uri(snapshot, olla.uri()))
    assert isinstance(found, Collective)
    return found


async def carry_out(olla: Instance, line: str) -> None:
    """Import a list of one server."""
    header = "#domain,#severity,#reject_media,#reject_reports,#public_comment,#obfuscate"
    steward = Speaker(olla.uri(), role="steward")
    await olla.node.moderation.carry_out(steward, await own(olla), f"{header}\n{line}\n")


async def seen(olla: Instance, uri: str, reader: str) -> int:
    """How many pictures of a post stand on our pages for somebody."""

    def look(snapshot: object) -> int:
        post = posts.by_uri(snapshot, uri)  # type: ignore[arg-type]
        shown = Shelf(snapshot, olla.origin, reader).post(post)  # type: ignore[arg-type]
        assert shown is not None
        return len(shown.pictures)

    return int(await olla.look(look))


async def test_no_picture_is_fetched_from_a_server_of_which_none_is_taken(
    world: World, rosa: App, olla: Instance, ana: Person
) -> None:
    asked = []

    async def answer(request: Request) -> Response:
        asked.append(request.url.path)
        return Response(photograph(), media_type="image/jpeg")

    album = Listening()
    await album.up(Starlette(routes=[Route("/{path:path}", answer)]))
    try:
        await olla.hear(ana)
        pictures = [
            {"type": "Document", "mediaType": "image/jpeg", "url": f"{album.origin}/{name}.jpg"}
            for name in ("a", "b")
        ]
        note = ana.note("foto", attachment=pictures)
        await ana.tell(olla, ana.activity("Create", note))
        (status,) = await rosa.get("/api/v1/timelines/home")
        first, second = (each["url"] for each in status["media_attachments"])
        assert (await world.client.get(first)).status_code == 200
        assert await seen(olla, note["id"], olla.uri()) == 2

        host = album.origin.removeprefix("http://")
        await carry_out(olla, f"{host},silence,TRUE,FALSE,,FALSE")
        for url in (first, second):
            assert (await world.client.get(url)).status_code == 404
        (status,) = await rosa.get("/api/v1/timelines/home")
        assert [(each["type"], each["url"]) for each in status["media_attachments"]] == [
            ("unknown", each["url"]) for each in pictures
        ]
        assert "foto" in status["content"]
        assert [await seen(olla, note["id"], who) for who in (olla.uri(), "")] == [0, 0]
        assert asked == ["/a.jpg"]

        steward = Speaker(olla.uri(), role="steward")
        await olla.node.moderation.lift(steward, await own(olla), host)
        assert (await world.client.get(second)).status_code == 200

        # Wherever its people keep them, and what shows themselves.
        await carry_out(olla, f"{ana.peer.origin.removeprefix('http://')},noop,TRUE,FALSE,,FALSE")
        (status,) = await rosa.get("/api/v1/timelines/home")
        assert [each["type"] for each in status["media_attachments"]] == ["unknown"] * 2
        assert await seen(olla, note["id"], olla.uri()) == 0
    finally:
        await album.down()
