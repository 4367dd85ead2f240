"""A calendar has every day that somebody has to know of, and tells of each change that it is one."""

from datetime import UTC, datetime, timedelta

from icalendar import Calendar, Event

from tests.fediverse import Instance, World
from tests.node.api.conftest import App


async def events(olla: Instance, rosa: App, path: str = "/c/esperanza/calendar.ics") -> list[Event]:
    answer = await rosa.client.get(f"{olla.origin}{path}")
    assert answer.status_code == 200
    return list(Calendar.from_ical(answer.content).walk("VEVENT"))


async def publish(olla: Instance, kind: str, **given: str) -> str:
    said = await olla.node.publisher.publish(olla.who(role="steward"), kind, given)
    return said.uri


async def test_what_is_needed_first_is_not_pushed_out_by_what_was_said_later(
    olla: Instance, rosa: App
) -> None:
    first = datetime.now(UTC).date() + timedelta(days=3)
    for number in range(65):
        day = first + timedelta(days=number)
        await publish(olla, "need", what="arroz", quantity=f"{number + 1} kg", by=day.isoformat())
    assert len(await events(olla, rosa)) == 65


async def test_what_is_offered_until_a_day_is_not_left_out(olla: Instance, rosa: App) -> None:
    await publish(olla, "offer", what="arroz", quantity="3 kg", by="2031-08-28", place="La Pintana")
    (offer,) = await events(olla, rosa)
    assert (str(offer["summary"]), str(offer["location"])) == (
        "Termina la oferta: 3 kg de arroz",
        "La Pintana",
    )


async def test_a_meal_is_not_without_its_place(olla: Instance, rosa: App) -> None:
    await publish(olla, "meal", menu="cazuela", planned="120", on="2031-08-30", place="Sede vecinal")
    (meal,) = await events(olla, rosa)
    assert str(meal["location"]) == "Sede vecinal"


async def test_what_a_warning_hides_stands_in_no_title(olla: Instance, rosa: App) -> None:
    text = "#necesitamos 3 kg de arroz antes del 28/08/2031"
    await rosa.post("/api/v1/statuses", status=text, spoiler_text="Escasez")
    for path in ("/c/esperanza/calendar.ics", "/board.ics"):
        (event,) = await events(olla, rosa, path)
        assert "Escasez" in str(event["summary"])
        assert "arroz" not in event.to_ical().decode()


async def test_a_change_does_not_pass_for_what_was_known(world: World, olla: Instance, rosa: App) -> None:
    meal = await publish(olla, "meal", menu="cazuela", planned="120", on="2031-08-30")
    (before,) = await events(olla, rosa)
    world.ahead += timedelta(minutes=5)
    await olla.node.publisher.revise(olla.who(role="steward"), meal, {"on": "2031-08-31"})
    (after,) = await events(olla, rosa)
    assert after["uid"] == before["uid"]
    assert after.decoded("sequence") > before.decoded("sequence") == 0
    assert after.decoded("last-modified") > before.decoded("last-modified")


async def test_a_deadline_to_come_does_not_read_as_over(olla: Instance, rosa: App) -> None:
    await publish(olla, "need", what="gas", quantity="2 kg", by="2031-08-28")
    (need,) = await events(olla, rosa, "/c/esperanza/calendar.ics?lang=en")
    assert str(need["summary"]).startswith("Deadline: 2 kg of")
