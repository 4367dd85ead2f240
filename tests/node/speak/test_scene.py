"""How people read actors of whom this node knows nothing but the id."""

from node.speak import LiveScene
from tests.fediverse import World


async def test_two_unknown_actors_of_one_host_do_not_look_alike(world: World) -> None:
    olla = await world.node("olla")
    actors = [f"https://red.example/c/{name}" for name in ("villasol", "maule")]
    scenes = [await olla.look(lambda s, a=actor: LiveScene(s, olla.origin).name(a)) for actor in actors]
    assert scenes == ["red.example/c/villasol", "red.example/c/maule"]
    claims = ", ".join(f'{{"claimant": "{actor}", "weight": "1"}}' for actor in actors)
    given = {"available": "3000 CLP", "unit_price": "1000 CLP", "rule": "largest-remainder/1", "seed": "x"}
    said = await olla.node.publisher.publish(olla.who(), "allocation", {**given, "claims": f"[{claims}]"})
    assert "red.example/c/villasol" in said.text
    assert "red.example/c/maule" in said.text
