"""Who consents, consents to what was proposed to them, and nobody passes over who objects alone."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from icalendar import Calendar

from node.control.client import RefusedError
from node.domain.consent import voices
from node.speak import LiveScene
from node.storage import objects
from node.storage.database import Snapshot, Transaction
from tests.fediverse import World
from tests.flows.funds import KITCHENS, Told, start


@pytest.fixture
async def told(world: World) -> Told:
    made = Told(world, *(await start(world)))
    await made.joined()
    await made.opened()
    return made


async def stand(told: Told, **voices: str) -> dict[str, str]:
    """What each kitchen says of the criteria: the ids of their stances."""
    said = {}
    for kitchen, stance in voices.items():
        fields = (f"about={told.criteria}", f"stance={stance}", "reason=Falta el gas")
        said[kitchen] = await told.publish(told.kitchens, "stance", *fields, by=kitchen)
    await told.world.quiet()
    return said


async def signed(told: Told, decision: dict[str, str]) -> str:
    """The text of a decision that one alone may not take, once two stewards signed it."""
    with pytest.raises(RefusedError, match="2 integrantes"):
        await told.run(told.fund, "publish", kind="decision", fields=decision)
    number = (await told.run(told.fund, "fund.propose", kind="decision", fields=decision))["number"]
    assert not (await told.run(told.fund, "fund.sign", number=number, member="beto"))["published"]
    said = await told.run(told.fund, "fund.sign", number=number, member="carla")
    return await told.text(said["uri"])


async def test_no_assembly_is_left_out_of_the_calendar(told: Told) -> None:
    decision = await told.decided()
    answer = await told.world.client.get(f"{told.fund.uri()}/calendar.ics")
    events = {str(event["uid"]): event for event in Calendar.from_ical(answer.content).walk("VEVENT")}
    held, following = events[f"{decision}#assembly"], events[f"{decision}#review"]
    assert (held.decoded("dtstart"), following.decoded("dtstart")) == (date(2020, 8, 26), date(2020, 12, 1))
    assert str(held["summary"]).startswith("Asamblea: ")
    assert str(following["summary"]).startswith("Asamblea, para revisar: ")


async def test_criteria_are_not_rewritten_once_somebody_took_a_stance_on_them(told: Told) -> None:
    await told.revise(told.criteria, "floor=1000 CLP")
    await told.world.quiet()
    await stand(told, esperanza="consent")
    consented = await told.fund.document(told.criteria)

    with pytest.raises(RefusedError, match="una versión nueva"):
        await told.revise(told.criteria, "floor=0 CLP", "rule=webster/1")

    assert await told.fund.document(told.criteria) == consented
    await stand(told, villasol="consent", lohermida="consent")
    decision = await told.publish(
        told.fund, "decision", f"about={told.criteria}", "quorum=3", "outcome=adopted"
    )
    assert "3 consienten, 0 objetan" in await told.text(decision)


async def test_a_stance_on_what_stood_there_before_does_not_count(told: Told) -> None:
    """Neither one on other criteria under the same id, nor one without a digest where they were changed since."""
    await stand(told, esperanza="consent", villasol="consent")
    uri = told.criteria

    def count(snapshot: Snapshot) -> int:
        return len(voices(uri, LiveScene(snapshot, told.fund.origin, here=told.fund.uri())))

    def rewrite(before: bytes, after: bytes, kind: str) -> Callable[[Transaction], None]:
        def apply(transaction: Transaction) -> None:
            rows = [row for row in objects.every(transaction) if row.kind == kind]
            for row in rows:
                assert before in row.document
                objects.put(transaction, replace(row, document=row.document.replace(before, after)))

        return apply

    write = told.fund.node.database.writer.run
    assert await told.fund.look(count) == 2
    await write(rewrite(b'"published"', b'"updated":"2020-08-27T12:00:00Z","published"', "criteria"))
    assert await told.fund.look(count) == 0
    await write(rewrite(b'"digest"', b'"former"', "stance"))
    assert await told.fund.look(count) == 0
    await write(rewrite(b'"updated":"2020-08-27T12:00:00Z",', b"", "criteria"))
    assert await told.fund.look(count) == 2


async def test_nobody_passes_over_an_objection_alone_nor_decides_alone_with_few(told: Told) -> None:
    said = await stand(told, esperanza="consent", villasol="consent", maule="objection")
    await told.run(told.fund, "member.add", name="carla", role="steward")
    decision = {"about": told.criteria, "outcome": "adopted"}

    text = await signed(told, {**decision, "process": "majority", "quorum": "3"})
    assert "Se aprueba aunque hay objeciones en pie; dos personas del colectivo lo firmaron." in text
    assert "El quórum no llega" not in text

    await told.run(told.kitchens, "withdraw", by="maule", ref=said["maule"])
    await told.world.quiet()
    text = await signed(told, {**decision, "quorum": "2"})
    assert "El quórum no llega a la mayoría de las organizaciones miembro; dos personas" in text
    assert "objeciones en pie" not in text


async def test_who_signed_before_an_objection_came_does_not_pass_over_it(told: Told) -> None:
    await stand(told, esperanza="consent", villasol="consent", lohermida="abstain")
    await told.run(told.fund, "member.add", name="carla", role="steward")
    decision = {"about": told.criteria, "outcome": "adopted", "process": "majority", "quorum": "2"}
    number = (await told.run(told.fund, "fund.propose", kind="decision", fields=decision))["number"]
    await told.run(told.fund, "fund.sign", number=number, member="beto")

    await stand(told, maule="objection")

    with pytest.raises(RefusedError, match="cambió después de que se propuso"):
        await told.run(told.fund, "fund.sign", number=number, member="carla")
    assert await told.run(told.fund, "fund.decisions") == []
    await signed(told, decision)


async def test_the_page_of_a_decision_leaves_out_nobody_and_no_reason(told: Told) -> None:
    said = await stand(told, esperanza="consent", villasol="consent", lohermida="abstain")
    decision = await told.publish(
        told.fund, "decision", f"about={told.criteria}", "quorum=3", "outcome=adopted"
    )
    await told.run(told.kitchens, "withdraw", by="villasol", ref=said["villasol"])
    await told.world.quiet()

    headers = {"accept": "text/html", "accept-language": "es"}
    page = (await told.world.client.get(decision, headers=headers)).text
    rows = {
        re.sub("<[^>]+>", " ", row).split()[1]: row for row in re.findall(r"<tr><td>(.*?)</tr>", page, re.S)
    }
    assert set(rows) == set(KITCHENS)
    assert "consentimiento" in rows["esperanza"]
    assert f'href="{said["esperanza"]}"' in rows["esperanza"]
    assert "Falta el gas" in rows["lohermida"]
    assert "La publicación cambió o se retiró después." in rows["villasol"]
    assert "ausente" in rows["maule"]
