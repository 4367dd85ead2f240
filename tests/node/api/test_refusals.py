"""A refusal names what the app sent, in the language of the collective, and says what was expected."""

from tests.fediverse import Instance
from tests.node.api.conftest import App

ME = "/api/v1/accounts/update_credentials"


async def test_a_refusal_names_what_was_sent(rosa: App) -> None:
    need = await rosa.post("/api/v1/statuses", status="#necesitamos 40 kg de sal, mínimo 5 kg")
    me = (await rosa.get("/api/v1/accounts/verify_credentials"))["id"]
    for method, path, sent, name in (
        ("POST", "/api/v1/statuses", {"status": " "}, "status"),
        ("POST", "/api/v1/statuses", {"status": "x" * 100_000}, "status"),
        ("POST", "/api/v1/statuses", {"status": "x", "spoiler_text": "al 9 8765 4321"}, "spoiler_text"),
        ("POST", "/api/v1/statuses", {"status": "x", "visibility": "all"}, "visibility"),
        (
            "PUT",
            f"/api/v1/statuses/{need['id']}",
            {"status": "#necesitamos 4 kg de sal, mínimo 5 kg"},
            "status",
        ),
        ("PATCH", ME, {"display_name": ""}, "display_name"),
        ("PATCH", ME, {"note": "x" * 2001}, "note"),
        ("POST", "/api/v1/domain_blocks", {"domain": "a b.example"}, "domain"),
        ("POST", f"/api/v1/accounts/{me}/follow", {}, "id"),
        ("POST", "/api/v1/apps", {"client_name": "x", "redirect_uris": "x:/", "website": "x"}, "website"),
    ):
        refused = await rosa.refused(422, method, path, json=sent)
        assert list(refused["details"]) == [name], refused
        assert refused["error"].startswith(f"Hay algo que corregir: {name}: ")
        assert "expected" not in refused["error"]
    refused = await rosa.refused(422, "PATCH", ME, files={"avatar": ("x.jpg", b"x", "image/jpeg")})
    assert list(refused["details"]) == ["avatar"]


async def test_what_concerns_the_whole_names_nothing(rosa: App) -> None:
    private = await rosa.post("/api/v1/statuses", status="nosotras", visibility="private")
    refused = await rosa.refused(422, "POST", f"/api/v1/statuses/{private['id']}/pin")
    assert "base" not in refused["error"]


async def test_what_does_not_read_or_is_not_there_is_told_in_the_language_of_the_collective(
    rosa: App, olla: Instance
) -> None:
    spanish = {"accept-language": "es"}
    for status, method, path, more, words in (
        (404, "GET", "/api/v1/nope", {}, "No se encontró"),
        (405, "DELETE", "/api/v1/markers", {}, "no se puede hacer"),
        (
            400,
            "POST",
            "/api/v1/statuses",
            {"content": b"{", "headers": {"content-type": "application/json"}},
            "JSON",
        ),
        (413, "POST", "/api/v1/statuses", {"content": b"x" * 1_100_000}, "más grande"),
    ):
        assert words in (await rosa.refused(status, method, path, **more))["error"]
    stranger = App(rosa.client, olla)
    for path in ("/api/v1/nope", "/.well-known/nope", "/api/" + "x" * 5000):
        assert (await stranger.refused(404, "GET", path, headers=spanish))["error"] == "No se encontró"
        assert (await stranger.refused(404, "GET", path))["error"] == "Record not found"


async def test_a_followed_hashtag_is_found_before_anybody_used_it(rosa: App, olla: Instance) -> None:
    await rosa.post("/api/v1/statuses", status="hay #panal")
    await rosa.post("/api/v1/tags/pan/follow")
    found = (await rosa.get("/api/v2/search", q="pan", type="hashtags"))["hashtags"]
    assert [(each["name"], each["following"]) for each in found] == [("pan", True), ("panal", False)]
    stranger = App(rosa.client, olla)
    found = (await stranger.get("/api/v2/search", q="#pan", type="hashtags"))["hashtags"]
    assert [each["name"] for each in found] == ["panal"]  # what a collective follows is its own business


async def test_scopes_are_read_from_a_list_too(rosa: App) -> None:
    made = await rosa.post("/api/v1/apps", client_name="x", redirect_uris=["x:/"], scopes=["read", "write"])
    assert made["scopes"] == ["read", "write"]
