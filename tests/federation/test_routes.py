"""The addresses of a server as strangers and browsers see them."""

from collections.abc import Iterator

import httpx
import pytest

from federation.outbox import tombstone
from federation.signing import sign_request
from federation.vocab import ACTIVITY_JSON, LD_JSON_AS2
from tests.federation import memory
from tests.federation.memory import MemoryHost
from tests.federation.world import Node, node

AS2 = {"accept": ACTIVITY_JSON}
HTML = {"accept": "text/html,*/*;q=0.8"}


@pytest.fixture
def us() -> Iterator[Node]:
    with node("olla") as made:
        yield made


@pytest.fixture
def them() -> Iterator[Node]:
    with node("vecina") as made:
        yield made


async def ask(url: str, method: str = "GET", **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    async with httpx.AsyncClient(trust_env=False) as client:
        return await client.request(method, url, headers=named)


async def ask_signed(url: str, of: MemoryHost, actor: str | None = None) -> httpx.Response:
    sender = of.keys.sender(actor) if actor else of.keys.server()
    return await ask(
        url, **AS2, **sign_request("GET", url, None, sender, scheme="cavage", ed25519=False, now=memory.now())
    )


def restrict(us: Node, *readers: str) -> str:
    us.host.documents.put("/o/9", {"id": f"{us.origin}/o/9", "type": "Note"}, readers=frozenset(readers))
    return f"{us.origin}/o/9"


async def test_one_url_is_a_document_for_servers_and_a_page_for_people(us: Node) -> None:
    document = await ask(us.uri(), **AS2)
    assert document.headers["content-type"] == f"{ACTIVITY_JSON}; charset=utf-8"
    assert document.json()["id"] == us.uri()
    page = await ask(us.uri(), **HTML)
    assert page.text == "<p>page</p>"
    assert document.headers["vary"] == "Accept"


async def test_the_other_media_type_is_answered_as_asked(us: Node) -> None:
    assert (await ask(us.uri(), accept=LD_JSON_AS2)).headers["content-type"] == LD_JSON_AS2


async def test_a_reader_who_has_it_already_is_spared_the_body(us: Node) -> None:
    first = await ask(us.uri(), **AS2)
    etag = first.headers["etag"]
    for known in (etag, f"W/{etag}", f'"x", {etag}', "*"):
        again = await ask(us.uri(), **AS2, if_none_match=known)
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    assert (await ask(us.uri(), **AS2, if_none_match='"other"')).status_code == 200


async def test_head_tells_what_get_would(us: Node) -> None:
    head, get = await ask(us.uri(), "HEAD", **AS2), await ask(us.uri(), **AS2)
    assert head.content == b""
    for name in ("content-length", "content-type", "etag"):
        assert head.headers[name] == get.headers[name]


async def test_what_was_deleted_is_gone_and_what_never_was_is_absent(us: Node) -> None:
    us.host.documents.put("/o/1", tombstone(f"{us.origin}/o/1", "Note", memory.now()), status=410)
    gone = await ask(f"{us.origin}/o/1", **AS2)
    assert gone.status_code == 410
    assert gone.json()["type"] == "Tombstone"
    absent = await ask(f"{us.origin}/o/2", **AS2)
    assert (absent.status_code, absent.headers["content-type"]) == (404, "application/problem+json")


async def test_a_document_without_a_page_is_answered_to_a_browser_too(us: Node) -> None:
    assert (await ask(f"{us.origin}/actor", **HTML)).json()["type"] == "Application"


async def test_a_slash_too_many_is_answered_to_servers_in_their_own_language(us: Node) -> None:
    absent = await ask(f"{us.uri()}/", **AS2)
    assert (absent.status_code, absent.headers["content-type"]) == (404, "application/problem+json")
    assert (await ask(f"{us.uri()}/", **HTML)).text == "<p>page</p>"


async def test_a_page_of_a_collection_is_found_by_its_query(us: Node) -> None:
    us.host.documents.put("/c/olla/outbox?page=true&max_id=5", {"type": "OrderedCollectionPage"})
    assert (await ask(f"{us.uri()}/outbox?page=true&max_id=5", **AS2)).status_code == 200
    assert (await ask(f"{us.uri()}/outbox?page=true", **AS2)).status_code == 404


async def test_what_is_for_one_reader_is_as_absent_to_others_as_what_never_was(us: Node, them: Node) -> None:
    url = restrict(us, them.uri("vecina"))
    assert (await ask_signed(url, them.host, them.uri("vecina"))).status_code == 200
    absent = await ask_signed(f"{us.origin}/o/never", them.host)
    for refused in (await ask(url, **AS2), await ask_signed(url, them.host)):
        assert (refused.status_code, refused.content) == (404, absent.content)
        assert refused.headers["vary"] == "Accept, Signature"
        assert refused.headers["cache-control"] == "private, no-store"
        assert "etag" not in refused.headers


async def test_a_member_of_an_addressed_collection_may_read_until_it_is_none(us: Node, them: Node) -> None:
    url = restrict(us, f"{us.uri()}/peers")
    us.host.documents.members[f"{us.uri()}/peers"] = {them.uri("vecina")}
    found = await ask_signed(url, them.host, them.uri("vecina"))
    assert found.status_code == 200
    assert found.headers["vary"] == "Accept, Signature"
    assert found.headers["cache-control"] == "private, no-store"
    us.host.documents.members.clear()
    assert (await ask_signed(url, them.host, them.uri("vecina"))).status_code == 404


async def test_the_signature_of_another_request_opens_nothing(us: Node, them: Node) -> None:
    url = restrict(us, them.uri("vecina"))
    sender = them.host.keys.sender(them.uri("vecina"))
    other = sign_request(
        "GET", f"{us.origin}/o/8", None, sender, scheme="cavage", ed25519=False, now=memory.now()
    )
    assert (await ask(url, **AS2, **other)).status_code == 404


async def test_the_blocked_are_not_served_what_others_may_read(us: Node, them: Node) -> None:
    us.host.log.blocks.add(them.origin.removeprefix("http://"))
    assert (await ask_signed(us.uri(), them.host)).status_code == 403


async def test_secure_mode_serves_only_who_signs_and_its_server_actor_to_all(them: Node) -> None:
    with node("olla", secure=True) as us:
        unsigned = await ask(us.uri(), **AS2)
        assert unsigned.status_code == 401
        assert "accept-signature" in unsigned.headers
        assert (await ask_signed(us.uri(), them.host)).status_code == 200
        assert (await ask(f"{us.origin}/actor", **AS2)).status_code == 200
        assert (await ask(us.uri(), **HTML)).text == "<p>page</p>"


async def test_two_servers_in_secure_mode_find_each_others_keys() -> None:
    with node("olla", secure=True) as us, node("vecina", secure=True) as them:
        assert (await ask_signed(us.uri(), them.host, them.uri("vecina"))).status_code == 200
        assert (await ask_signed(us.uri(), them.host)).status_code == 200
        assert us.host.actors.kept.keys() == {them.uri("vecina"), f"{them.origin}/actor"}


async def test_webfinger_answers_names_actors_and_the_server_in_any_case(us: Node) -> None:
    host = us.origin.removeprefix("http://")
    for resource in (f"acct:olla@{host}", f"ACCT:Olla@{host.upper()}", us.uri(), f"{us.origin}/@olla"):
        found = await ask(f"{us.origin}/.well-known/webfinger?resource={resource}")
        assert found.headers["content-type"] == "application/jrd+json"
        assert found.headers["access-control-allow-origin"] == "*"
        jrd = found.json()
        assert jrd["subject"] == f"acct:olla@{host}"
        assert {"rel": "self", "type": ACTIVITY_JSON, "href": us.uri()} in jrd["links"]
    for resource in (us.origin, f"{us.origin}/", f"{us.origin}/actor", f"acct:127.0.0.1@{host}"):
        found = await ask(f"{us.origin}/.well-known/webfinger?resource={resource}")
        assert found.json()["links"][0]["href"] == f"{us.origin}/actor"


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 400), ("?resource=", 400), ("?resource=olla", 400), ("?resource=acct:olla", 400),
        ("?resource=mailto:olla@HOST", 400), ("?resource=acct:nadie@HOST", 404), ("?resource=acct:olla@other.example", 404),
        ("?resource=https://other.example/c/olla", 404), ("?resource=ORIGIN/c/nadie", 404), ("?resource=ORIGIN/c/", 404),
        ("?resource=ORIGIN/c/foo/bar/olla", 404), ("?resource=ORIGIN/@a/olla", 404),
        ("?resource=acct:%00@HOST", 404), ("?resource=%ff%fe", 400),
    ],
)  # fmt: skip
async def test_webfinger_knows_only_our_own_names(us: Node, query: str, status: int) -> None:
    query = query.replace("HOST", us.origin.removeprefix("http://")).replace("ORIGIN", us.origin)
    assert (await ask(f"{us.origin}/.well-known/webfinger{query}")).status_code == status


async def test_a_question_that_cannot_be_read_is_told_why(us: Node) -> None:
    for query, named in (("", "resource"), ("?resource=acct:x", "x"), ("?resource=mailto:a@b", "mailto:a@b")):
        told = (await ask(f"{us.origin}/.well-known/webfinger{query}")).json()
        assert (told["status"], told["code"]) == (400, "bad-resource")
        assert "activity" not in told["title"]
        assert named in told["detail"]


async def test_nodeinfo_is_found_by_its_links_and_tells_the_truth(us: Node) -> None:
    found = (await ask(f"{us.origin}/.well-known/nodeinfo")).json()["links"]
    by_rel = {link["rel"].rpartition("/")[2]: link["href"] for link in found}
    assert by_rel["activitystreams#Application"] == f"{us.origin}/actor"
    for version in ("2.0", "2.1"):
        answer = await ask(by_rel[version])
        assert (
            answer.headers["content-type"]
            == f'application/json; profile="http://nodeinfo.diaspora.software/ns/schema/{version}#"'
        )
        told = answer.json()
        assert told["version"] == version
        assert told["usage"] == {"users": {"total": 1}, "localPosts": 3}
        assert told["metadata"] == {"upstream": {"name": "mastodon"}}
        assert ("repository" in told["software"]) == (version == "2.1")


async def test_host_meta_leads_old_peers_to_webfinger(us: Node) -> None:
    xml = await ask(f"{us.origin}/.well-known/host-meta")
    assert f'template="{us.origin}/.well-known/webfinger?resource={{uri}}"' in xml.text
    link = (await ask(f"{us.origin}/.well-known/host-meta.json")).json()["links"][0]
    assert link["template"] == f"{us.origin}/.well-known/webfinger?resource={{uri}}"


@pytest.mark.parametrize("path", ["/inbox", "/c/olla/inbox"])
async def test_an_inbox_is_not_for_reading(us: Node, path: str) -> None:
    assert (await ask(f"{us.origin}{path}", **AS2)).status_code == 405
