"""Feeds are read by maintained parsers of others, in which they are valid and say what was published."""

import json
import re
from collections.abc import Iterator
from datetime import date
from xml.etree import ElementTree as Xml

import feedparser
import httpx
import pytest
from icalendar import Calendar

from tests.nodes import Node

HOSTILE = "<script>alert(1)</script> & «ñandú» fin"


@pytest.fixture(scope="module")
def olla(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    with Node(tmp_path_factory.mktemp("feeds") / "a", kind="fund") as node:
        node("publish", "note", f"text=Hoy cocinamos #olla {HOSTILE}")
        node("publish", "note", "text=secreto", "--visibility", "followers")
        node("publish", "need", "what=lentejas", "quantity=40 kg", "by=2031-08-28", "place=La Pintana")
        node("publish", "meal", "menu=porotos con riendas", "served=118")
        node("publish", "meal", "menu=cazuela, con pan; y té", "planned=120", "on=2031-08-30")
        node(
            "publish",
            "campaign",
            "title=Ollas del invierno",
            "goal=500000 CLP",
            "ration_price=2000 CLP",
            "closes=2031-12-15",
            "opens=2026-01-01",
        )
        yield node


def read(olla: Node, path: str, **headers: str) -> httpx.Response:
    answer = httpx.get(f"{olla.origin}{path}", headers=headers)
    assert answer.status_code == 200, (path, answer.text)
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["x-content-type-options"] == "nosniff"
    return answer


@pytest.mark.parametrize(("ending", "version"), [("atom", "atom10"), ("rss", "rss20")])
def test_a_collective_is_read_by_a_reader_of_feeds(olla: Node, ending: str, version: str) -> None:
    answer = read(olla, f"/c/esperanza/feed.{ending}")
    found = feedparser.parse(answer.content, response_headers=dict(answer.headers))
    assert not found.bozo, found.get("bozo_exception")
    assert found.version == version
    assert found.feed.title == "Olla Esperanza"
    assert found.feed.link == olla.actor
    assert len(found.entries) == 5
    assert all(
        entry.link == entry.id and entry.link.startswith(f"{olla.origin}/o/") for entry in found.entries
    )
    said = found.entries[-1]
    assert said.title.startswith("Hoy cocinamos")
    assert "<script" not in str(found)
    assert "«ñandú»" in said.title
    assert [tag.term for tag in said.tags] == ["olla"]
    assert all(entry.published_parsed and entry.title for entry in found.entries)
    assert "secreto" not in answer.text


def test_a_json_feed_says_the_same(olla: Node) -> None:
    answer = read(olla, "/c/esperanza/feed.json")
    found = answer.json()
    assert found["version"] == "https://jsonfeed.org/version/1.1"
    assert found["feed_url"] == f"{olla.actor}/feed.json"
    assert len(found["items"]) == 5
    assert {"id", "url", "content_html", "date_published", "authors"} <= set(found["items"][0])
    assert "alert(1)" in found["items"][-1]["content_html"]
    assert "<script" not in json.dumps(found)


def test_board_and_account_have_feeds_of_their_own(olla: Node) -> None:
    (need,) = feedparser.parse(read(olla, "/board.atom").content).entries
    assert "40 kg de lentejas" in need.title
    account = feedparser.parse(read(olla, "/c/esperanza/account.rss").content)
    assert not account.bozo
    assert account.feed.title == "Cuenta pública de Olla Esperanza"
    assert (
        read(
            olla,
            "/c/esperanza/account.json",
        ).json()["title"]
        == "Cuenta pública de Olla Esperanza"
    )
    assert (
        read(olla, "/c/esperanza/account.json?lang=en").json()["title"] == "Public account of Olla Esperanza"
    )


def test_what_is_to_come_stands_in_a_calendar(olla: Node) -> None:
    answer = read(olla, "/c/esperanza/calendar.ics")
    assert answer.headers["content-type"].startswith("text/calendar")
    assert all(len(line) <= 75 for line in answer.content.split(b"\r\n"))
    events = {str(event["summary"]): event for event in Calendar.from_ical(answer.content).walk("VEVENT")}
    planned = events["cazuela, con pan; y té"]
    assert planned.decoded("dtstart") == date(2031, 8, 30)
    deadline = next(event for name, event in events.items() if "lentejas" in name)
    assert str(deadline["location"]) == "La Pintana"
    assert deadline.decoded("dtstart").isoformat().startswith("2031-08-29T")
    assert any("Ollas del invierno" in name for name in events)
    assert len({str(event["uid"]) for event in events.values()}) == len(events) == 4
    (board,) = Calendar.from_ical(read(olla, "/board.ics").content).walk("VEVENT")
    assert "40 kg de lentejas" in str(board["summary"])


def test_a_meal_that_was_called_off_is_so_in_the_calendar(olla: Node) -> None:
    olla("publish", "meal", "menu=pescado frito", "planned=20", "on=2031-09-01", "status=cancelled")
    events = Calendar.from_ical(read(olla, "/c/esperanza/calendar.ics").content).walk("VEVENT")
    (off,) = (event for event in events if "pescado" in str(event["summary"]))
    assert str(off["summary"]) == "Suspendida: pescado frito"
    assert str(off["status"]) == "CANCELLED"
    assert sum("status" in event for event in events) == 1


def test_totals_are_a_picture_for_other_pages(olla: Node) -> None:
    answer = read(olla, "/c/esperanza/badge.svg")
    picture = Xml.fromstring(answer.content)
    said = " ".join(picture.itertext())
    assert "118 raciones en los últimos 30 días" in " ".join(said.split())
    assert "1 necesidad abierta" in " ".join(said.split())
    assert "script" not in answer.text
    assert "sandbox" in answer.headers["content-security-policy"]
    assert "118" in picture.attrib["aria-label"]


def test_a_link_to_a_post_can_be_shown_elsewhere(olla: Node) -> None:
    url = feedparser.parse(read(olla, "/c/esperanza/feed.atom").content).entries[-1].link
    found = read(olla, f"/oembed?url={url}&maxwidth=400").json()
    assert (found["type"], found["version"], found["width"]) == ("rich", "1.0", 400)
    assert read(olla, f"/oembed?url={url}&maxwidth=200").json()["width"] == 200
    assert read(olla, f"/oembed?url={url}&maxwidth=0").json()["width"] == 600
    assert found["author_name"] == "Olla Esperanza"
    assert "<script" not in found["html"]
    assert url in found["html"]
    assert Xml.fromstring(read(olla, f"/oembed?url={url}&format=xml").content).findtext("type") == "rich"
    card = read(olla, f"/oembed?url={olla.actor}/?utm=x").json()
    assert (card["type"], card["title"], card["author_url"]) == ("rich", "Olla Esperanza", olla.actor)
    assert "@esperanza@" in card["html"]
    for path, status in (
        ("/oembed", 400), (f"/oembed?url={url}&format=yaml", 501), ("/oembed?url=https://x.example/o/1", 404),
        ("/oembed?url=http://[", 404), ("/c/nadie/feed.atom", 404), ("/c/nadie/badge.svg", 404), ("/c/nadie/calendar.ics", 404),
    ):  # fmt: skip
        answer = httpx.get(f"{olla.origin}{path}")
        assert answer.status_code == status, path
        assert answer.json()["error"]


def test_a_feed_that_did_not_change_is_not_sent_again(olla: Node) -> None:
    tag = read(olla, "/c/esperanza/feed.atom").headers["etag"]
    again = httpx.get(f"{olla.actor}/feed.atom", headers={"if-none-match": tag})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("path", ["/c/esperanza", "/board", "/c/esperanza/account"])
def test_pages_say_where_their_feeds_are(olla: Node, path: str) -> None:
    page = httpx.get(f"{olla.origin}{path}", headers={"accept": "text/html"}).text
    links = re.findall(r'<link rel="alternate" type="([^"]+)" href="([^"]+)"', page)
    kinds = {kind for kind, _ in links}
    assert {"application/atom+xml", "application/rss+xml", "application/feed+json"} <= kinds
    for kind, url in links:
        if kind != "application/activity+json":
            answer = httpx.get(url if url.startswith("http") else f"{olla.origin}{url}")
            assert answer.headers["content-type"].startswith(kind.replace("+oembed", "")), url
    assert '<meta property="og:title"' in page


def test_the_page_of_a_post_has_a_preview_and_its_oembed(olla: Node) -> None:
    url = feedparser.parse(read(olla, "/c/esperanza/feed.atom").content).entries[-1].link
    page = httpx.get(url, headers={"accept": "text/html"}).text
    about = dict(re.findall(r'<meta property="og:(\w+)" content="([^"]*)"', page))
    assert about["url"] == url
    assert "Hoy cocinamos" in about["description"]
    embed = re.search(r'type="application/json\+oembed" href="([^"]+)"', page)
    assert embed is not None
    assert httpx.get(embed[1]).json()["type"] == "rich"
