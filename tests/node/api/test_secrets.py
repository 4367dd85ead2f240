"""What a stranger, a former follower or a narrow token must not read, and what a strange document must not break."""

from datetime import UTC, datetime

from federation.vocab import PUBLIC
from node.api.entities import poll
from node.api.pictures import attachments
from tests.fediverse import Instance, Person, World
from tests.node.api.conftest import App, app


async def test_hashtags_of_private_posts_are_shown_to_nobody(rosa: App, olla: Instance) -> None:
    await rosa.post("/api/v1/statuses", status="#rondanocturna", visibility="private")
    await rosa.post("/api/v1/statuses", status="#rondadiurna")
    found = await App(rosa.client, olla).get("/api/v2/search", q="#ronda", type="hashtags")
    assert [each["name"] for each in found["hashtags"]] == ["rondadiurna"]
    assert (await rosa.get("/api/v2/search", q="#ronda", type="accounts"))["hashtags"] == []


async def test_marks_show_no_private_post_after_the_follow_ended(
    rosa: App, olla: Instance, ana: Person
) -> None:
    await olla.hear(ana)
    private = ana.note("solo seguidores", to=[ana.followers], cc=[])
    await ana.tell(olla, ana.activity("Create", private, to=[ana.followers], cc=[]))
    await olla.until(lambda: olla.reads(private["id"]))
    (status,) = await rosa.get("/api/v1/timelines/home")
    for mark in ("favourite", "bookmark"):
        await rosa.post(f"/api/v1/statuses/{status['id']}/{mark}")
    assert len(await rosa.get("/api/v1/bookmarks")) == len(await rosa.get("/api/v1/favourites")) == 1
    await rosa.post(f"/api/v1/accounts/{status['account']['id']}/unfollow")
    assert await rosa.get("/api/v1/bookmarks") == await rosa.get("/api/v1/favourites") == []


async def test_a_token_for_posts_hears_no_notifications(rosa: App, olla: Instance) -> None:
    posts_only, notices_only = await app(olla, "read:statuses"), await app(olla, "read:notifications")
    await posts_only.refused(403, "GET", "/api/v1/streaming/user/notification")
    await notices_only.refused(403, "GET", "/api/v1/streaming/user")


async def test_strange_requests_are_answered_in_words(rosa: App, olla: Instance) -> None:
    stranger = App(rosa.client, olla)
    await stranger.refused(404, "GET", "/media/remote/%C3%A9/aGk")
    await stranger.refused(404, "GET", f"/api/v1/accounts/{'9' * 5000}")
    await rosa.post("/api/v1/statuses", status="hoy #ñandú")
    tagged = await rosa("GET", "/api/v1/timelines/tag/ñandú")
    assert tagged.status_code == 200
    assert "/tag/%C3%B1and%C3%BA?" in tagged.headers["link"]
    lasting = {"title": "x", "context": ["home"], "expires_in": 999999999999999999}
    assert (await rosa.post("/api/v2/filters", **lasting))["expires_at"]
    form = "&".join(f"f{each}=1" for each in range(30))
    answer = await rosa.client.post(
        f"{olla.origin}/oauth/authorize",
        content=form,
        headers={"content-type": "application/x-www-form-urlencoded"},
    )
    assert answer.status_code < 500


def test_impossible_dates_and_numbers_of_strangers_are_left_out() -> None:
    option = {"type": "Note", "name": "sí", "replies": {"totalItems": True}}
    for date in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"):
        shown = poll({"type": "Question", "endTime": date, "oneOf": [option]}, 1, datetime.now(UTC))
        assert shown is not None
        assert (shown["expires_at"], shown["votes_count"]) == (None, 0)
    image = {"type": "Image", "url": "https://else.example/x.png", "focalPoint": [10**400, 0]}
    film = {"type": "Document", "mediaType": "video/mp4", "url": "https://else.example/x.mp4"}
    pictures = attachments(
        {"attachment": [image, film]}, lambda _, **__: "ours", lambda _: (), 1, "assets", "media"
    )
    assert pictures[0]["meta"]["focus"] == {"x": 1.0, "y": 0.0}
    assert [each["preview_url"] for each in pictures] == ["ours", "assets/header.png"]


async def test_streams_of_one_token_are_few(rosa: App, olla: Instance) -> None:
    streams = olla.node.streams
    held = [streams.open(1, "token") for _ in range(25)]
    assert sum(each is not None for each in held) == 20
    assert streams.open(1, "another") is not None


async def test_the_same_key_says_something_for_each_collective(rosa: App, olla: Instance) -> None:
    headers = {"idempotency-key": "uno"}
    first = await rosa("POST", "/api/v1/statuses", json={"status": "a"}, headers=headers)
    again = await rosa("POST", "/api/v1/statuses", json={"status": "a"}, headers=headers)
    assert first.json()["id"] == again.json()["id"]


async def test_an_answer_to_what_is_hidden_is_refused_as_one_to_what_is_not(world: World) -> None:
    other = await app(await world.node("uno", "dos"), handle="dos")
    hidden = await other.post("/api/v1/statuses", status="solo nosotras", visibility="private")
    one = await app(other.instance, handle="uno")
    for fields in (
        {"status": "¿qué dicen?"},
        {"status": ""},
        {"status": "x" * 9000},
        {"status": "#recibido 4 kg", "visibility": "direct"},
        {"status": "x", "visibility": "nobody"},
    ):
        refusals = [
            await one("POST", "/api/v1/statuses", json=fields | {"in_reply_to_id": number})
            for number in (hidden["id"], str(int(hidden["id"]) + 1), "nada")
        ]
        assert {(answer.status_code, answer.text) for answer in refusals} == {
            (404, '{"error":"No se encontró"}')
        }


async def test_what_was_not_for_everybody_is_not_told_to_everybody_when_it_goes(world: World) -> None:
    node = await world.node("uno", "dos")
    one, two = await app(node, handle="uno"), await app(node, handle="dos")
    numbers = [int((await each.get("/api/v1/accounts/verify_credentials"))["id"]) for each in (one, two)]
    streams = node.node.streams
    public, tagged, own, others = (streams.open(numbers[0], str(at)) for at in range(4))
    assert public
    assert tagged
    assert own
    assert others
    others.collective = numbers[1]
    for stream, key in (
        (public, ("public", "")),
        (tagged, ("hashtag", "olla")),
        (own, ("user", str(numbers[0]))),
        (others, ("user", str(numbers[1]))),
    ):
        streams.watch(stream, key)
    gone = {}
    for audience in ("private", "direct", "public"):
        fields = {"status": f"#olla @{node.address('uno')}", "visibility": audience}
        gone[audience] = (await one.post("/api/v1/statuses", **fields))["id"]
        assert (await one("DELETE", f"/api/v1/statuses/{gone[audience]}")).status_code == 200

    heard: dict[str, list[str]] = {}
    for name, stream in {"public": public, "tagged": tagged, "own": own}.items():
        heard[name] = []
        while gone["public"] not in heard[name]:
            messages = await stream.next(10)
            assert messages
            heard[name].extend(each.payload for each in messages if each.event == "delete")
    assert heard["public"] == heard["tagged"] == [gone["public"]]
    assert heard["own"] == list(gone.values())
    assert not [each for each in others.waiting if each.event == "delete"]


async def test_whom_a_kitchen_knows_is_told_to_strangers_only_by_what_everybody_reads(
    rosa: App, olla: Instance, ana: Person
) -> None:
    silent = ana.peer.person("anselmo")
    for person in (ana, silent):
        await person.tell(olla, person.activity("Follow", olla.uri()))
    stranger = App(rosa.client, olla)
    handle = f"anselmo@{ana.peer.origin.removeprefix('http://')}"
    found = await rosa.get("/api/v2/search", q="an", type="accounts")
    assert {each["username"] for each in found["accounts"]} == {"ana", "anselmo"}
    assert (await stranger.get("/api/v2/search", q="an", type="accounts"))["accounts"] == []
    await stranger.refused(404, "GET", "/api/v1/accounts/lookup", params={"acct": handle})
    assert (await rosa.get("/api/v1/accounts/lookup", acct=handle))["acct"] == handle
    await ana.tell(olla, ana.activity("Create", ana.note("hola", to=[PUBLIC, olla.uri()])))
    found = await stranger.get("/api/v2/search", q="an", type="accounts")
    assert [each["username"] for each in found["accounts"]] == ["ana"]
    await stranger.get("/api/v1/accounts/lookup", acct=handle.replace("anselmo", "ana"))
