"""The door through which others speak, knocked at through real sockets."""

import asyncio
import json
from collections.abc import Iterator

import httpx
import pytest

from federation import keys
from federation.interfaces import Scheme
from federation.limits import Limits
from federation.signing import sign_request
from tests.federation import memory
from tests.federation.server import talking
from tests.federation.world import Node, node


@pytest.fixture
def us() -> Iterator[Node]:
    with node("fondo") as made:
        yield made


@pytest.fixture
def them() -> Iterator[Node]:
    with node("olla", "comedor") as made:
        yield made


async def post(
    url: str, body: bytes, sender: memory.Sender, scheme: Scheme = "cavage", *, ed25519: bool = False
) -> httpx.Response:
    headers = sign_request("POST", url, body, sender, scheme=scheme, ed25519=ed25519, now=memory.now())
    async with httpx.AsyncClient(trust_env=False) as client:
        return await client.post(url, content=body, headers=headers)


async def unsigned(url: str, body: bytes, headers: dict[str, str] | None = None) -> httpx.Response:
    async with httpx.AsyncClient(trust_env=False) as client:
        return await client.post(url, content=body, headers=headers)


def sender(of: Node, name: str = "olla") -> memory.Sender:
    return of.host.keys.sender(of.uri(name))


@pytest.mark.parametrize(("scheme", "ed25519"), [("cavage", False), ("rfc9421", False), ("rfc9421", True)])
async def test_a_signed_activity_of_a_stranger_is_kept_as_it_came(
    us: Node, them: Node, scheme: Scheme, ed25519: bool
) -> None:
    said = them.say("Create", 1, them.note(1, "<p>Necesitamos 40 kg de lentejas</p>"))
    answer = await post(f"{us.origin}/inbox", said.body, sender(them), scheme, ed25519=ed25519)
    assert answer.status_code == 202
    kept = us.host.log.items[them.uri(), f"{them.origin}/s/1"]
    assert kept.body == said.body
    assert (kept.type, kept.actor, kept.inbox, kept.scheme) == ("Create", them.uri(), "", scheme)
    assert us.host.log.heard[them.origin.removeprefix("http://")] == (scheme, ed25519)


async def test_the_personal_inbox_names_its_owner_in_any_case_and_another_is_absent(
    us: Node, them: Node
) -> None:
    said = them.say("Follow", 1, us.uri("fondo"))
    assert (await post(f"{us.origin}/c/Fondo/inbox", said.body, sender(them))).status_code == 202
    assert us.host.log.items[them.uri(), f"{them.origin}/s/1"].inbox == us.uri("fondo")
    assert (await post(f"{us.origin}/c/nadie/inbox", said.body, sender(them))).status_code == 404


async def test_copies_at_the_same_instant_are_all_accepted_and_kept_once(us: Node, them: Node) -> None:
    said = them.say("Follow", 1, us.uri("fondo"))
    answers = await asyncio.gather(*(post(f"{us.origin}/inbox", said.body, sender(them)) for _ in range(12)))
    assert {answer.status_code for answer in answers} == {202}
    assert len(us.host.log.items) == 1


async def test_an_activity_forwarded_by_another_counts_by_its_proof(us: Node, them: Node) -> None:
    said = them.say("Create", 1, them.note(1, "hola"))
    with node("vecina") as third:
        answer = await post(f"{us.origin}/inbox", said.body, sender(third, "vecina"))
    assert answer.status_code == 202
    assert us.host.log.items[them.uri(), f"{them.origin}/s/1"].scheme == "proof"


async def test_a_proof_that_does_not_hold_is_counted_and_what_was_signed_is_kept(
    us: Node, them: Node
) -> None:
    said = them.say("Create", 1, them.note(1, "40 kg"))
    respelled = said.body.replace(b"40 kg", b"60 kg")
    assert (await post(f"{us.origin}/inbox", respelled, sender(them))).status_code == 202
    assert us.host.log.items[them.uri(), f"{them.origin}/s/1"].body == respelled
    assert us.host.log.incidents[them.uri(), "bad-proof"] == 1


async def test_a_refusal_says_why_in_problem_details_and_is_counted(us: Node, them: Node) -> None:
    body = json.dumps(
        {"id": f"{them.origin}/s/1", "type": "Like", "actor": them.uri(), "object": us.uri("fondo")}
    )
    answer = await unsigned(f"{us.origin}/inbox", body.encode())
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert "sig1=" in answer.headers["accept-signature"]
    assert answer.json()["code"] == "missing-signature"
    assert us.host.log.incidents[them.uri(), "missing-signature"] == 1


@pytest.mark.parametrize("what", ["actor", "host"])
async def test_the_blocked_are_refused_before_any_key_is_fetched(us: Node, them: Node, what: str) -> None:
    us.host.log.blocks.add(them.uri() if what == "actor" else them.origin.removeprefix("http://"))
    said = them.say("Follow", 1, us.uri("fondo"))
    answer = await post(f"{us.origin}/inbox", said.body, sender(them))
    assert answer.status_code == 403
    assert us.host.log.items == {}
    assert us.host.actors.kept == {}


async def test_nobody_speaks_as_one_of_our_own_from_outside(us: Node) -> None:
    said = us.say("Follow", 1, us.uri("fondo"), name="fondo")
    answer = await post(f"{us.origin}/inbox", said.body, sender(us, "fondo"))
    assert answer.status_code == 403
    assert us.host.log.items == {}


async def test_a_neighbour_on_the_same_server_does_not_speak_for_another(us: Node, them: Node) -> None:
    body = json.dumps(
        {"id": f"{them.origin}/s/1", "type": "Follow", "actor": them.uri("olla"), "object": us.uri("fondo")}
    )
    answer = await post(f"{us.origin}/inbox", body.encode(), sender(them, "comedor"))
    assert answer.status_code == 403
    assert us.host.log.items == {}


async def test_the_deletion_of_an_actor_never_heard_of_is_taken_without_effect(us: Node) -> None:
    gone = "https://gone.example/users/x"
    body = json.dumps({"id": f"{gone}#delete", "type": "Delete", "actor": gone, "object": gone})
    answer = await unsigned(f"{us.origin}/inbox", body.encode())
    assert answer.status_code == 202
    assert us.host.log.items == {}


async def test_a_new_key_under_the_same_id_is_fetched_once_and_believed(us: Node, them: Node) -> None:
    assert (
        await post(f"{us.origin}/inbox", them.say("Follow", 1, us.uri("fondo")).body, sender(them))
    ).status_code == 202
    old = sender(them)
    new = memory.Sender(old.actor, old.rsa_key_id, keys.make_rsa(), old.ed25519_key_id, old.ed25519)
    them.host.keys.senders[old.actor] = new
    them.host.documents.publish_actor(new)
    like = json.dumps(
        {"id": f"{them.origin}/s/2", "type": "Like", "actor": them.uri(), "object": us.uri("fondo")}
    )
    assert (await post(f"{us.origin}/inbox", like.encode(), new)).status_code == 202
    # The old one is dead, and failing with it does not make us ask again and again.
    before = us.host.actors.kept[them.uri()].fetched
    for number in (3, 4):
        stale = json.dumps(
            {
                "id": f"{them.origin}/s/{number}",
                "type": "Like",
                "actor": them.uri(),
                "object": us.uri("fondo"),
            }
        )
        assert (await post(f"{us.origin}/inbox", stale.encode(), old)).status_code == 401
    assert us.host.actors.kept[them.uri()].fetched == before


async def test_a_key_server_that_never_answers_holds_up_nobody_else(them: Node) -> None:
    asked = 0

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        asked += 1
        await asyncio.sleep(60)

    limits = Limits(fetch_seconds=4.0)
    with node("fondo", limits=limits) as us, talking(silent) as dead:
        stranger = memory.make_sender(f"{dead}/users/x")

        async def knock(number: int) -> int:
            body = json.dumps(
                {"id": f"{dead}/s/{number}", "type": "Like", "actor": f"{dead}/users/x", "object": us.origin}
            )
            return (await post(f"{us.origin}/inbox", body.encode(), stranger)).status_code

        waiting = [asyncio.create_task(knock(number)) for number in range(30)]
        await asyncio.sleep(0.2)
        answer = await post(f"{us.origin}/inbox", them.say("Follow", 1, us.uri("fondo")).body, sender(them))
        assert answer.status_code == 202
        assert sum(not each.done() for each in waiting) == 16
        statuses = await asyncio.gather(*waiting)
        assert set(statuses) == {401, 503}
        assert statuses.count(401) == 16
        before = asked
        assert await knock(99) == 401
        assert asked == before


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400), (b"{}", 400), (b"[]", 400), (b"null", 400), (b"\xff", 400), (b"[" * 100_000, 400),
        (b'{"a":' * 5000 + b"1" + b"}" * 5000, 400),
        (b'{"type":"Create","id":5,"actor":[]}', 400),
        (b'{"type":"Like","id":"x","actor":"javascript:alert(1)"}', 400),
        (b" " * 1_048_577, 413),
    ],
)  # fmt: skip
async def test_what_is_no_activity_is_the_senders_fault(us: Node, body: bytes, status: int) -> None:
    answer = await unsigned(f"{us.origin}/inbox", body)
    assert answer.status_code == status
    assert answer.json()["detail"]


async def test_a_body_without_end_is_cut_off(us: Node) -> None:
    async def endless() -> object:
        for _ in range(100):
            yield b" " * 65_536

    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.post(f"{us.origin}/inbox", content=endless())
    assert answer.status_code == 413


async def test_a_body_that_drips_is_left_after_the_time_of_a_request() -> None:
    with node("fondo", limits=Limits(fetch_seconds=0.3)) as us:
        host, _, port = us.origin.removeprefix("http://").partition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(b"POST /inbox HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n")
        line = await asyncio.wait_for(reader.readline(), 3)
        writer.close()
    assert b" 408 " in line
