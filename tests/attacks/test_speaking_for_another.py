"""What somebody else said, said again, elsewhere, later, or with another mouth: none of it has an effect."""

import json
from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest

from federation.digest import digest
from federation.signing import sign_request
from tests.federation import memory
from tests.federation.world import Node, node


@pytest.fixture
def us() -> Iterator[Node]:
    with node("fondo") as made:
        yield made


@pytest.fixture
def them() -> Iterator[Node]:
    with node("olla") as made:
        yield made


@pytest.fixture
def evil() -> Iterator[Node]:
    with node("mallory") as made:
        yield made


async def send(url: str, body: bytes, headers: dict[str, str]) -> httpx.Response:
    async with httpx.AsyncClient(trust_env=False) as client:
        return await client.post(url, content=body, headers=headers)


def signed(of: Node, name: str, url: str, body: bytes, age: timedelta = timedelta()) -> dict[str, str]:
    sender = of.host.keys.sender(of.uri(name))
    return sign_request("POST", url, body, sender, scheme="cavage", ed25519=False, now=memory.now() - age)


def like(them: Node, us: Node, number: int = 1, **more: object) -> bytes:
    return json.dumps(
        {
            "id": f"{them.origin}/s/{number}",
            "type": "Like",
            "actor": them.uri(),
            "object": us.uri("fondo"),
            **more,
        }
    ).encode()


async def test_a_request_sent_again_is_accepted_and_has_no_second_effect(us: Node, them: Node) -> None:
    body = like(them, us)
    url = f"{us.origin}/inbox"
    headers = signed(them, "olla", url, body)
    assert [(await send(url, body, headers)).status_code for _ in range(3)] == [202] * 3
    assert len(us.host.log.items) == 1


async def test_a_request_from_yesterday_is_stale(us: Node, them: Node) -> None:
    body, url = like(them, us), f"{us.origin}/inbox"
    for age in (timedelta(days=1), timedelta(hours=-2)):
        answer = await send(url, body, signed(them, "olla", url, body, age))
        assert (answer.status_code, answer.json()["code"]) == (401, "stale-signature")
    assert us.host.log.items == {}


async def test_a_request_made_for_another_server_or_inbox_is_refused(
    us: Node, them: Node, evil: Node
) -> None:
    body = like(them, us)
    for elsewhere in (f"{evil.origin}/inbox", f"{us.origin}/c/fondo/inbox"):
        headers = signed(them, "olla", elsewhere, body)
        headers.pop("Host")
        assert (await send(f"{us.origin}/inbox", body, headers)).status_code == 401
    assert us.host.log.items == {}


async def test_another_body_under_a_good_signature_is_refused(us: Node, them: Node) -> None:
    url, good, bad = f"{us.origin}/inbox", like(them, us), like(them, us, content="robado")
    headers = signed(them, "olla", url, good)
    assert (await send(url, bad, headers)).json()["code"] == "bad-digest"
    assert (await send(url, bad, {**headers, "Digest": digest(bad)})).json()["code"] == "bad-signature"
    assert us.host.log.items == {}


async def test_mallory_does_not_speak_for_olla(us: Node, them: Node, evil: Node) -> None:
    url, body = f"{us.origin}/inbox", like(them, us)
    answer = await send(url, body, signed(evil, "mallory", url, body))
    assert answer.status_code == 403
    assert us.host.log.items == {}
    assert us.host.log.incidents[them.uri(), "not-owner"] == 1


async def test_a_key_that_says_it_is_ollas_and_is_not_listed_there_counts_for_nothing(
    us: Node, them: Node, evil: Node
) -> None:
    forged = memory.make_sender(evil.uri("mallory"))
    sender = memory.Sender(
        them.uri(), f"{them.origin}/upload/key", forged.rsa, forged.ed25519_key_id, forged.ed25519
    )
    them.host.documents.put("/o/key", {"id": f"{them.origin}/o/key", "owner": them.uri()}, page=False)
    url, body = f"{us.origin}/inbox", like(them, us)
    for key_id in (f"{them.origin}/o/key", f"{them.uri()}#evil", f"{them.origin}/c/olla/outbox#x"):
        forged = memory.Sender(sender.actor, key_id, sender.rsa, sender.ed25519_key_id, sender.ed25519)
        headers = sign_request("POST", url, body, forged, scheme="cavage", ed25519=False, now=memory.now())
        assert (await send(url, body, headers)).status_code == 401
    assert us.host.log.items == {}


@pytest.mark.parametrize("kind", ["Create", "Update", "Delete"])
async def test_nobody_makes_changes_or_deletes_what_is_anothers(
    us: Node, them: Node, evil: Node, kind: str
) -> None:
    victim = them.note(1, "40 kg").document
    for stolen in (victim, victim["id"], {**victim, "id": f"{evil.origin}/o/1"}):
        body = json.dumps(
            {"id": f"{evil.origin}/s/1", "type": kind, "actor": evil.uri("mallory"), "object": stolen}
        ).encode()
        url = f"{us.origin}/inbox"
        answer = await send(url, body, signed(evil, "mallory", url, body))
        if kind == "Delete" and isinstance(stolen, dict) and stolen["id"].startswith(evil.origin):
            continue
        assert answer.status_code == 403
    assert all(item.type == "Delete" for item in us.host.log.items.values())


async def test_an_id_of_our_own_is_not_given_by_others(us: Node, evil: Node) -> None:
    body = json.dumps(
        {"id": f"{us.origin}/s/1", "type": "Like", "actor": evil.uri("mallory"), "object": us.uri("fondo")}
    ).encode()
    url = f"{us.origin}/inbox"
    assert (await send(url, body, signed(evil, "mallory", url, body))).status_code == 403
    assert us.host.log.items == {}
