"""What apps may set of a collective: it is kept, shown and told to other servers, or refused; never taken and dropped."""

from dataclasses import replace
from typing import Any
from xml.etree import ElementTree as Xml

import feedparser
import pytest

from node.storage import collectives
from tests.fediverse import Instance, Person, World
from tests.node.api.conftest import App

PATH = "/api/v1/accounts/update_credentials"
FIELDS = [{"name": "Comuna", "value": "La Pintana"}, {"name": "Web", "value": "https://olla.example/a?b&c"}]


async def changed(rosa: App, **whole: Any) -> dict[str, Any]:
    answer = await rosa("PATCH", PATH, json=whole)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_an_app_makes_followers_wait_and_lets_them_in_again(
    rosa: App, olla: Instance, ana: Person
) -> None:
    assert (await changed(rosa, locked=True))["locked"] is True
    await ana.tell(olla, ana.activity("Follow", olla.uri()))
    await olla.digested()
    (waiting,) = await rosa.get("/api/v1/follow_requests")
    assert waiting["username"] == "ana"
    assert await olla.followers() == []
    assert (await changed(rosa, display_name="Olla"))["locked"] is True
    assert (await changed(rosa, locked="false"))["locked"] is False


async def test_lines_of_a_description_do_not_run_together_in_a_preview(rosa: App, olla: Instance) -> None:
    await changed(rosa, note="Cocinamos los sábados\nen la sede")
    page = await rosa.client.get(olla.uri(), headers={"accept": "text/html"})
    assert 'property="og:description" content="Cocinamos los sábados en la sede"' in page.text


@pytest.mark.parametrize(
    "sent", ["abc", 5, True, ["x"], [["a", "b"]], {"0": "x"}, [{"nombre": "a"}], [FIELDS[1], {}]]
)
async def test_what_is_no_list_of_fields_wipes_none(sent: object, rosa: App) -> None:
    kept = (await changed(rosa, fields_attributes=FIELDS))["fields"]
    refused = await rosa.refused(422, "PATCH", PATH, json={"fields_attributes": sent})
    assert list(refused["details"]) == ["fields_attributes"]
    assert "name / value" in refused["error"]
    assert (await changed(rosa, fields_attributes=None))["fields"] == kept


async def test_fields_are_kept_shown_and_told_to_other_servers(
    world: World, rosa: App, olla: Instance, ana: Person
) -> None:
    me = await changed(
        rosa,
        display_name="Olla",
        note="Martes y jueves",
        fields_attributes=[*FIELDS, {"name": "", "value": ""}],
    )
    assert (me["display_name"], me["source"]["note"]) == ("Olla", "Martes y jueves")
    assert [(each["name"], each["value"]) for each in me["source"]["fields"]] == [
        (each["name"], each["value"]) for each in FIELDS
    ]
    assert me["fields"][0] == {"name": "Comuna", "value": "La Pintana", "verified_at": None}
    assert me["fields"][1]["value"].startswith('<a href="https://olla.example/a?b&amp;c"')
    actor = (await world.client.get(olla.uri(), headers={"accept": "application/activity+json"})).json()
    assert [(each["type"], each.get("value")) for each in actor["attachment"][1:]] == [
        ("PropertyValue", field["value"]) for field in me["fields"]
    ]
    page = (await world.client.get(olla.uri(), headers={"accept": "text/html"})).text
    assert f"<dt>Web</dt><dd>{me['fields'][1]['value']}</dd>" in page
    assert (await changed(rosa, note="Lunes"))["fields"] == me["fields"]
    form = {"fields_attributes[0][name]": "Días", "fields_attributes[0][value]": "martes <b>"}
    (kept,) = (await rosa("PATCH", PATH, data=form)).json()["fields"]
    assert (kept["name"], kept["value"]) == ("Días", "martes &lt;b&gt;")
    (kept,) = (await changed(rosa, fields_attributes=[{"name": "<b>x</b>", "value": "y"}]))["fields"]
    assert kept["name"] == "<b>x</b>"
    assert (await changed(rosa, fields_attributes={"0": {"name": "", "value": ""}}))["fields"] == []
    assert await olla.check() == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("bot", True),
        ("discoverable", "false"),
        ("locked", "perhaps"),
        ("fields_attributes", [FIELDS[0]] * 5),
        ("fields_attributes", [{"name": "", "value": "algo"}]),
        ("fields_attributes", [{"name": "n", "value": "x" * 256}]),
        ("fields_attributes", [{"name": "n", "value": "Olla\x07"}]),
        ("fields_attributes", [{"name": "\u202eallO", "value": "x"}]),
    ],
)
async def test_what_cannot_be_so_is_refused_and_nothing_of_it_is_kept(
    field: str, value: object, rosa: App, olla: Instance
) -> None:
    refused = await rosa.refused(422, "PATCH", PATH, json={"display_name": "Otra", field: value})
    assert list(refused["details"]) == [field]
    assert (await olla.look(lambda s: collectives.by_uri(s, olla.uri()))).name == "Olla esperanza"


@pytest.mark.parametrize("note", ["Olla\x07", "Olla\x00", "Olla\x0c", "\u202eallO"])
async def test_a_description_holds_no_control_characters(note: str, rosa: App, olla: Instance) -> None:
    refused = await rosa.refused(422, "PATCH", PATH, json={"note": note})
    assert "caracteres de control" in refused["error"]
    family = "Olla 👩‍👩‍👧 de todas\r\n\ten la sede"  # the joiners within a picture of a family are no control characters
    assert (await changed(rosa, note=family))["source"]["note"] == family.replace("\r\n", "\n")


async def test_what_xml_has_no_place_for_stands_in_no_feed(rosa: App, olla: Instance) -> None:
    held = await olla.look(lambda snapshot: collectives.by_uri(snapshot, olla.uri()))
    before = replace(held, summary="<p>Olla\x07\x00 E</p>")  # as it could be described before
    await olla.node.database.writer.run(lambda transaction: collectives.describe(transaction, before))
    for path in ("/c/esperanza/feed.atom", "/c/esperanza/feed.rss"):
        found = feedparser.parse((await rosa.client.get(f"{olla.origin}{path}")).content)
        assert not found.bozo, found.get("bozo_exception")
        assert found.feed.subtitle == "Olla E"
    card = await rosa.client.get(f"{olla.origin}/oembed?url={olla.uri()}&format=xml")
    assert "<p>Olla E</p>" in (Xml.fromstring(card.content).findtext("html") or "")


async def test_who_is_mentioned_in_a_description_is_still_mentioned_when_it_is_saved_as_it_was_given_back(
    rosa: App, olla: Instance, ana: Person
) -> None:
    whole = f"@ana@{ana.id.split('/')[2]}"
    await rosa.post("/api/v1/statuses", status=f"hola {whole}")
    typed = f"Con {whole}, y @esperanza.\n\nMás: {whole}"
    fields = [{"name": "Vecina", "value": whole}]
    first = await changed(rosa, note=typed, fields_attributes=fields)
    assert first["source"]["note"] == typed.replace("@esperanza", f"@{olla.address()}")
    assert first["note"].count(f'href="{ana.id}"') == 2
    again = await changed(rosa, note=first["source"]["note"], fields_attributes=first["source"]["fields"])
    assert (again["note"], again["fields"]) == (first["note"], first["fields"])
    assert f'href="{ana.id}"' in again["fields"][0]["value"]


async def test_posts_are_delicate_where_the_collective_prefers_so_and_nothing_is_said(rosa: App) -> None:
    await changed(rosa, source={"sensitive": True})
    assert (await rosa.post("/api/v1/statuses", status="hola"))["sensitive"] is True
    assert (await rosa.post("/api/v1/statuses", status="hola", sensitive=False))["sensitive"] is False
    await changed(rosa, source={"sensitive": False})
    assert (await rosa.post("/api/v1/statuses", status="hola"))["sensitive"] is False


async def languages(rosa: App, said: dict[str, Any]) -> tuple[str, list[str]]:
    """In which language a post is, as apps are shown, and as other servers are."""
    status = await rosa.get(f"/api/v1/statuses/{said['id']}")
    headers = {"accept": "application/activity+json"}
    document = (await rosa.client.get(said["uri"], headers=headers)).json()
    assert document["content"] == next(iter(document["contentMap"].values()))
    return status["language"], list(document["contentMap"])


async def test_a_post_is_in_the_language_that_was_said_or_is_preferred(rosa: App, olla: Instance) -> None:
    async def say(**fields: str) -> dict[str, Any]:
        said: dict[str, Any] = await rosa.post("/api/v1/statuses", status="hola", **fields)
        return said

    assert await languages(rosa, await say()) == ("es", ["es"])
    post = await say(language="pt-BR")
    assert await languages(rosa, post) == ("pt-BR", ["pt-BR"])
    path = f"/api/v1/statuses/{post['id']}"
    assert (await rosa("PUT", path, json={"status": "olá"})).json()["language"] == "pt-BR"
    assert (await rosa("PUT", path, json={"status": "kia ora", "language": "mi"})).json()["language"] == "mi"
    await changed(rosa, source={"language": "arn"})
    assert await languages(rosa, await say()) == ("arn", ["arn"])
    assert await languages(rosa, await say(language="en")) == ("en", ["en"])
    need = await rosa.post("/api/v1/statuses", status="#necesitamos 4 kg de sal", language="en")
    assert await languages(rosa, need) == ("es", ["es", "en"])
    await rosa.refused(422, "POST", "/api/v1/statuses", json={"status": "hola", "language": "!"})
    assert await olla.check() == []
