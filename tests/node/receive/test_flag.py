"""Reports that other servers send (Flag): they reach the stewards of whom they are about, once, and not without end."""

from node.storage import collectives, reports
from node.storage.database import Snapshot
from node.storage.reports import Report
from tests.fediverse import Instance, World


async def kept(olla: Instance) -> list[Report]:
    """The reports that wait for the stewards of the first collective."""

    def look(snapshot: Snapshot) -> list[Report]:
        number: int = snapshot.value("SELECT id FROM collectives WHERE uri = ?", olla.uri())
        return reports.page(snapshot, number, resolved=False, before=None, limit=500)

    found: list[Report] = await olla.look(look)
    return found


async def test_a_report_of_another_server_reaches_the_stewards_once(world: World) -> None:
    olla, peer = await world.node("esperanza"), await world.peer()
    server = peer.person("instance")
    said = await olla.say("Hoy cocinamos")
    flag = server.activity("Flag", [olla.uri(), said.uri], content="<p>Es spam</p><script>x</script>")
    await server.tell(olla, flag)
    await server.tell(olla, flag)
    await olla.digested()

    found = await kept(olla)
    assert [(each.actor, each.comment, each.reporter) for each in found] == [
        (olla.uri(), "Es spam", server.id)
    ]
    assert len(found[0].posts) == 1


async def test_a_report_about_others_is_none_of_ours(world: World) -> None:
    olla, peer = await world.node("esperanza"), await world.peer()
    server, other = peer.person("instance"), peer.person("somebody", 4)
    await server.tell(olla, server.activity("Flag", [other.id], content="not you"))
    await olla.digested()

    assert await kept(olla) == []


async def test_a_flood_of_reports_is_bounded(world: World) -> None:
    olla, peer = await world.node("esperanza"), await world.peer()
    server = peer.person("instance")
    for _ in range(reports.FROM_ONE_HOST + 5):
        await server.tell(olla, server.activity("Flag", olla.uri(), content="again"))
    await olla.digested()

    assert len(await kept(olla)) == reports.FROM_ONE_HOST


async def test_reports_of_a_server_whose_reports_are_refused_are_not_kept(world: World) -> None:
    olla, peer = await world.node("esperanza"), await world.peer()
    server = peer.person("instance")
    own = await olla.look(lambda snapshot: collectives.by_uri(snapshot, olla.uri()))
    listed = f"#domain,#severity,#reject_reports\n{peer.origin.removeprefix('http://')},noop,TRUE\n"
    await olla.node.moderation.carry_out(olla.who(), own, listed)
    await server.tell(olla, server.activity("Flag", olla.uri(), content="again"))
    await olla.digested()

    assert await kept(olla) == []
