"""Two nodes as processes, driven by the command line: all that one says and does is seen on the other side, and whoever
is killed at any step goes on where it was."""

import json
import random
import resource
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from federation.vocab import PUBLIC
from tests.fediverse import World
from tests.nodes import Node, until


@pytest.fixture(scope="module")
def a(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    with Node(tmp_path_factory.mktemp("a") / "data", "esperanza") as node:
        yield node


@pytest.fixture(scope="module")
def b(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    with Node(tmp_path_factory.mktemp("b") / "data", "villasol") as node:
        yield node


def home(node: Node) -> dict[str, Any]:
    """What a node reads, by URI."""
    return {post["uri"]: post for post in node.json("timeline", "home")}


def reads(node: Node, uri: str, **as_: Any) -> Any:
    """Wait until a post stands in the timeline, with these properties."""

    def there() -> Any:
        post = home(node).get(uri)
        return post if post and all(post[name] == value for name, value in as_.items()) else None

    return until(there)


def follow(follower: Node, followed: Node) -> None:
    follower("follow", followed.address)
    until(lambda: [each for each in follower.json("following") if each["state"] == "accepted"])


def restarted(*nodes: Node) -> None:
    """Pull the plug of each, and start it again."""
    for node in nodes:
        node.kill()
        node.start()


def test_all_that_two_nodes_say_is_seen_on_the_other_side_though_both_are_killed_in_between(
    a: Node, b: Node
) -> None:
    follow(b, a)
    said = a.json("publish", "note", "text=Hola, hoy almuerzo a las 13")
    restarted(a)
    post = reads(b, said["uri"])
    assert "almuerzo" in post["text"]

    answer = b.json("publish", "note", "text=Llevo 10 kg", "--in-reply-to", said["uri"])
    b("like", said["uri"])
    b("boost", said["uri"])
    restarted(b)
    counts = ("replies", "likes", "boosts")
    until(lambda: [a.json("show", said["uri"])[each] for each in counts] == [1, 1, 1])
    told = {(each["type"], each["actor"]) for each in a.json("timeline", "notifications")}
    assert {(what, b.actor) for what in ("follow", "mention", "favourite", "reblog")} <= told

    a("revise", said["id"], "text=Hola, hoy almuerzo a las 14")
    b("undo", said["uri"])
    restarted(a)
    until(lambda: "14" in home(b)[said["uri"]]["text"])
    until(lambda: [a.json("show", said["uri"])[each] for each in counts] == [1, 0, 0])

    a("withdraw", said["id"])
    restarted(b)
    until(lambda: said["uri"] not in home(b))
    assert b.run("show", said["uri"]).returncode == 1
    b("block", a.address)
    assert b.json("following") == []
    until(lambda: a.json("followers") == [])
    a.json("publish", "note", f"text=¿me oyes @{b.address}?")
    assert b.json("show", answer["uri"])["state"] == "open"
    for node in (a, b):
        assert node.json("fsck")["problems"] == []
    b("unblock", a.address)


def test_a_node_killed_at_any_moment_keeps_what_it_acknowledged_and_nothing_half(a: Node, b: Node) -> None:
    follow(b, a)
    before = {post["uri"] for post in a.json("timeline", "local")}
    chance = random.Random(20261122)
    acknowledged: list[str] = []
    with ThreadPoolExecutor(1) as people:
        for number in range(6):
            saying = people.submit(a.run, "publish", "note", f"text=paso {number}", "--json")
            time.sleep(chance.random())
            victim = chance.choice((a, a, b))
            victim.kill()
            result = saying.result()
            victim.start()
            if result.returncode == 0:
                acknowledged.append(json.loads(result.stdout)["uri"])
    assert acknowledged
    said = [uri for post in a.json("timeline", "local") if (uri := post["uri"]) not in before]
    assert set(acknowledged) <= set(said)
    until(lambda: set(said) <= set(home(b)))
    arrived = [uri for uri in home(b) if uri in said]
    assert arrived == said, "in the order in which they were said, each once"
    for node in (a, b):
        assert node.json("fsck")["problems"] == []


def test_a_peer_that_was_down_has_the_post_soon_after_its_return_though_the_sender_was_killed(
    a: Node, b: Node
) -> None:
    follow(b, a)
    b.kill()
    said = a.json("publish", "note", "text=¿están ahí?")
    time.sleep(3)
    restarted(a)
    time.sleep(3)
    b.start()
    back = time.monotonic()
    reads(b, said["uri"])
    # It is tried every one or two seconds; the rest is for a busy machine. Two minutes: tests/node/test_two_nodes.py.
    assert time.monotonic() - back < 10


async def test_a_full_disk_is_said_plainly_over_http_and_on_the_command_line_and_loses_nothing(
    a: Node, world: World
) -> None:
    peer = await world.peer()
    rosa = peer.person("rosa")
    kept = a.json("publish", "note", "text=antes")
    assert (await rosa.post(rosa.activity("Follow", a.actor), f"{a.origin}/inbox")).status_code == 202
    await peer.hears("Accept")
    assert a.process is not None
    resource.prlimit(a.process.pid, resource.RLIMIT_FSIZE, (1, resource.RLIM_INFINITY))
    refused = a.run("publish", "note", "text=sin espacio")
    assert refused.returncode == 1
    assert "El disco de este servidor está lleno" in refused.stderr
    for upkeep in (["fsck"], ["backup", "--to", str(a.directory / "no-room.backup")]):
        refused = a.run(*upkeep)
        assert refused.returncode == 1
        assert "El disco de este servidor está lleno" in refused.stderr
    assert not list(a.directory.glob(".copy-*"))
    like = rosa.activity("Like", kept["uri"], to=[PUBLIC])
    assert (await rosa.post(like, f"{a.origin}/inbox")).status_code == 507
    resource.prlimit(a.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    assert (await rosa.post(like, f"{a.origin}/inbox")).status_code == 202
    a("publish", "note", "text=después")
    restarted(a)
    assert [post["text"] for post in a.json("timeline", "local")][:2] == ["después", "antes"]
    until(lambda: a.json("show", kept["uri"])["likes"] == 1)
    assert a.json("fsck")["problems"] == []
