"""Two nodes of ours begin with what everybody takes, and soon sign as it costs both least."""

from node.storage import activities, deliveries
from node.storage.database import Snapshot
from tests.fediverse import Instance, World


async def key_of(at: Instance, activity: str) -> str:
    """The key by which an activity that came in was signed."""

    def look(snapshot: Snapshot) -> str:
        kept = activities.by_uri(snapshot, activity)
        return "" if kept is None else str(kept.key)

    return str(await at.look(look))


async def test_nodes_teach_each_other_rfc9421_with_ed25519_by_their_answers(world: World) -> None:
    one, two = await world.node("una"), await world.node("dos")
    await one.follow(two.address())
    await world.quiet()
    for here, there in ((one, two), (two, one)):
        host = there.origin.removeprefix("http://")
        known = await here.look(lambda snapshot, host=host: deliveries.state(snapshot, host))
        assert (known.scheme, known.takes_ed25519) == ("rfc9421", True)
    said = await two.say("hola")
    await one.until(lambda: one.reads(said.uri))
    assert (await key_of(one, said.activity)).endswith("#ed25519-key")
