"""The public pages, as a browser of a stranger gets them."""

import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import httpx
import pytest
from playwright.sync_api import sync_playwright

from tests.nodes import Node, until
from tests.programs import chromium

SMALL = 30_000
AS2 = {"accept": "application/activity+json"}
HOSTILE = "<script>alert(1)</script> <img src=x onerror=alert(1)> javascript:alert(1)"


@pytest.fixture(scope="module")
def olla(tmp_path_factory):
    with Node(tmp_path_factory.mktemp("pages") / "a") as node:
        yield node


@pytest.fixture(scope="module")
def number(olla):
    return olla("publish", "note", "text=Hoy cocinamos a las 13:00 #olla")


def get(url, **headers):
    return httpx.get(url, headers={"accept": "text/html", **headers})


class Page(HTMLParser):
    """What of a page these tests ask for."""

    def __init__(self, html):
        super().__init__()
        self.elements = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def all(self, tag):
        return [attrs for name, attrs in self.elements if name == tag]


def test_one_address_serves_people_and_servers(olla, number):
    url = f"{olla.origin}/o/{number}"

    page, document = get(url), httpx.get(url, headers=AS2)

    assert "Hoy cocinamos a las 13:00" in page.text
    assert document.json()["id"] == url
    assert "Accept" in page.headers["vary"]
    assert "Accept" in document.headers["vary"]
    assert {"rel": "alternate", "type": "application/activity+json", "href": url} in Page(page.text).all(
        "link"
    )


@pytest.mark.parametrize("path", ["/c/esperanza", "/o/{number}", "/o/{number}/replies", "/nowhere", "/board"])
def test_every_page_is_small_without_script_and_closed_to_all_that_is_not_ours(olla, number, path):
    page = httpx.get(olla.origin + path.format(number=number), headers={"accept": "text/html"})

    assert len(page.content) < SMALL
    assert "<script" not in page.text
    assert not re.search(r"\son\w+=|style=", page.text)
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert page.headers["referrer-policy"] == "no-referrer"
    loaded = [link["href"] for link in Page(page.text).all("link") if link["rel"] == "stylesheet"]
    assert all(href.startswith("/assets/") for href in loaded)
    assert httpx.get(olla.origin + loaded[0]).headers["content-type"].startswith("text/css")


@pytest.mark.parametrize(
    ("wanted", "language", "word"),
    [
        ("en", "en", "What it says"),
        ("en-GB,en;q=0.9,es;q=0.1", "en", "What it says"),
        ("es-CL", "es", "Lo que publica"),
        ("mapudungun, fr;q=0.9", "es", "Lo que publica"),
        ("", "es", "Lo que publica"),
        ("en;q=0, es;q=0.1", "es", "Lo que publica"),
        ("en;q=banana", "es", "Lo que publica"),
    ],
)
def test_a_page_is_in_the_readers_language_or_the_collectives(olla, number, wanted, language, word):
    page = get(f"{olla.origin}/c/esperanza", **{"accept-language": wanted})

    assert page.headers["content-language"] == language
    assert word in page.text
    assert "Accept-Language" in page.headers["vary"]


def test_the_first_page_leads_to_the_only_collective(olla):
    assert httpx.get(f"{olla.origin}/").headers["location"] == olla.actor
    assert httpx.get(f"{olla.origin}/@Esperanza").headers["location"] == olla.actor


def test_the_first_page_of_a_node_with_several_collectives_lists_them(tmp_path):
    with Node(tmp_path / "a") as olla:
        olla("collective", "add", "--handle", "sanjose", "--name", "Olla San José", "--kind", "kitchen", "--recovery-out", str(tmp_path / "w"))  # fmt: skip

        page = get(f"{olla.origin}/")

        assert "Olla San José" in page.text
        assert {attrs.get("href") for attrs in Page(page.text).all("a")} >= {
            olla.actor,
            f"{olla.origin}/c/sanjose",
        }


def test_markup_that_somebody_wrote_is_shown_as_they_wrote_it(olla):
    number = olla("publish", "note", f"text={HOSTILE}")

    page = get(f"{olla.origin}/o/{number}")

    assert "&lt;script&gt;" in page.text
    assert not Page(page.text).all("script")
    assert not Page(page.text).all("img")
    assert not any(attrs.get("href", "").startswith("javascript:") for attrs in Page(page.text).all("a"))


def test_a_page_shows_the_thread_around_a_post(olla, number):
    answer = olla("publish", "note", "text=¿Llevo pan?", "--in-reply-to", number)
    below = olla("publish", "note", "text=Sí, gracias", "--in-reply-to", answer)

    page = get(f"{olla.origin}/o/{answer}").text.partition("<main")[2]

    places = [page.index(text) for text in ("Hoy cocinamos", "¿Llevo pan?", "Sí, gracias")]
    assert places == sorted(places)
    assert below in page


@pytest.mark.parametrize("visibility", ["followers", "peers"])
def test_what_is_not_for_everybody_is_not_there_for_a_stranger(olla, number, visibility):
    secret = olla(
        "publish", "note", "text=solo para las nuestras", "--visibility", visibility, "--in-reply-to", number
    )

    for path in (f"/o/{secret}", f"/o/{number}", f"/o/{number}/replies", "/c/esperanza"):
        assert "solo para las nuestras" not in get(olla.origin + path).text
    assert get(f"{olla.origin}/o/{secret}").status_code == 404
    assert get(f"{olla.origin}/o/{secret}").text == get(f"{olla.origin}/o/{secret}1").text


def test_what_was_withdrawn_is_gone_and_says_so(olla):
    number = olla("publish", "note", "text=me equivoqué")
    olla("withdraw", number)

    page = get(f"{olla.origin}/o/{number}")

    assert page.status_code == 410
    assert "Esto fue retirado" in page.text
    assert "me equivoqué" not in page.text + get(f"{olla.origin}/c/esperanza").text


@pytest.mark.parametrize(
    "path",
    [
        "/c/nobody",
        "/o/0",
        "/o/x",
        "/o/../../etc/passwd",
        "/o/%00",
        "/c/%FF",
        "/nowhere",
        "/s/1",
        "/assets/x/minga.css",
        "/o/" + "9" * 400,
    ],
)
def test_what_never_was_is_a_404_in_the_readers_language(olla, path):
    page = get(olla.origin + path)

    assert page.status_code == 404
    assert "Aquí no hay nada" in page.text


@pytest.mark.parametrize(
    "query", ["before=x", "before=-1", "before=" + "9" * 30, "before=%00", "after=1&before=2", "before=٣"]
)
def test_a_strange_query_does_no_harm(olla, number, query):
    assert get(f"{olla.origin}/c/esperanza?{query}").status_code == 200
    assert get(f"{olla.origin}/o/{number}?{query}").status_code == 200


def test_a_page_stays_small_however_much_was_said_and_leads_to_the_rest(tmp_path):
    with Node(tmp_path / "a") as olla:
        numbers = [
            olla("publish", "note", f"text={number} " + "larga historia " * 300) for number in range(12)
        ]

        first = get(olla.actor)
        older = [attrs["href"] for attrs in Page(first.text).all("a") if attrs.get("rel") == "next"]
        second = get(olla.actor + older[0])
        seen = re.findall(r"/o/(\d+)\"><time", first.text + second.text)

        assert len(first.content) < SMALL
        assert seen == numbers[::-1]
        assert len(get(f"{olla.origin}/o/{numbers[0]}").content) < SMALL


def in_two_weeks():
    return f"by={datetime.now(UTC).date() + timedelta(days=14)}"


def test_the_board_and_a_needs_page_say_what_is_asked_promised_arrived_and_lacking(tmp_path):
    with Node(tmp_path / "a") as olla, Node(tmp_path / "b", "coop", kind="cooperative") as coop:
        coop("follow", olla.address)
        until(lambda: olla.json("followers"))
        need = olla("publish", "need", "what=lentejas", "quantity=40 kg", in_two_weeks(), "place=La Pintana")
        until(lambda: coop.json("board"))
        said = coop.json(
            "publish", "pledge", f"need={olla.origin}/o/{need}", "quantity=25 kg", in_two_weeks()
        )
        pledge = said["uri"]
        until(lambda: olla.run("accept", pledge).returncode == 0)
        olla("receive", pledge, "quantity=24 kg", "more=true")
        until(lambda: coop.json("board")[0]["received"] == "24")

        for url in (f"{olla.origin}/o/{need}", f"{olla.origin}/board", f"{coop.origin}/board"):
            page = get(url)
            figures = dict(re.findall(r"<dt>(\w+)</dt><dd>([^<]+)</dd>", page.text))
            asked = {"pedido": "40 kg", "llegado": "24 kg", "comprometido": "1 kg", "faltan": "15 kg"}
            assert figures.items() >= asked.items()
            assert 'aria-label="Cubierto 60 %, comprometido 2 %"' in page.text
            assert len(page.content) < SMALL
        assert "Lo que llegó" in get(f"{olla.origin}/o/{need}").text


def test_a_need_that_was_withdrawn_leaves_the_board(olla):
    need = olla("publish", "need", "what=zapallos", "quantity=3 kg", in_two_weeks(), "place=Centro")
    assert "zapallos" in get(f"{olla.origin}/board").text

    olla("withdraw", need)

    assert "zapallos" not in get(f"{olla.origin}/board").text


def test_a_need_for_peers_is_on_no_strangers_board(olla):
    olla(
        "publish",
        "need",
        "what=refugio",
        "quantity=3 kg",
        in_two_weeks(),
        "place=Centro",
        "--visibility",
        "peers",
    )

    assert "refugio" not in get(f"{olla.origin}/board").text


def test_robots_may_read_and_nothing_leads_them_in_circles(olla):
    robots = httpx.get(f"{olla.origin}/robots.txt")

    assert robots.headers["content-type"].startswith("text/plain")
    assert "Disallow: /inbox" in robots.text


def test_head_answers_like_get_without_the_page(olla, number):
    got = get(f"{olla.origin}/o/{number}")
    head = httpx.head(f"{olla.origin}/o/{number}", headers={"accept": "text/html"})

    assert head.status_code == 200
    assert head.content == b""
    assert head.headers["content-length"] == got.headers["content-length"]


def test_a_forged_host_header_leads_nowhere(olla, number):
    for path in ("/", "/@esperanza", "/c/esperanza/", f"/o/{number}"):
        page = httpx.get(olla.origin + path, headers={"host": "evil.example", "accept": "text/html"})
        assert "evil.example" not in page.text + str(page.headers)


@pytest.mark.needs("chromium")
def test_a_page_fits_a_small_telephone_and_breaks_no_rule_of_its_own(olla, number):
    broken = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 360, "height": 640})
        page.on("console", lambda message: broken.append(message.text))
        for path in ("/c/esperanza", f"/o/{number}", "/nowhere"):
            page.goto(olla.origin + path)
            assert page.evaluate("document.documentElement.scrollWidth") <= 360
            assert page.evaluate("getComputedStyle(document.querySelector('main')).display") == "block"
            assert page.evaluate("document.styleSheets[0].cssRules.length") > 10
        browser.close()
    assert [text for text in broken if "404" not in text] == []
