"""How to give: what the page says is what its QR and its payto: address say, and there is none where no such rail exists."""

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import segno
from playwright.sync_api import sync_playwright

from node.config import GivingSettings
from node.web.giving import epc, payto, picture
from tests.nodes import Node
from tests.programs import chromium

IBAN = "DE75 5121 0800 1245 1261 99"
LIVE = {
    "details": '["Banco Estado, cuenta vista 123456"]',
    "holder": '"Fondo Apoyo Mutuo"',
    "iban": f'"{IBAN}"',
    "bic": '"SOLADEST600"',
}


@pytest.fixture(scope="module")
def fund(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    with Node(tmp_path_factory.mktemp("giving") / "fondo", "fondo", kind="fund") as node:
        yield node


def page(node: Node, path: str, language: str = "es") -> httpx.Response:
    headers = {"accept": "text/html", "accept-language": language}
    return httpx.get(f"{node.origin}{path}", headers=headers, follow_redirects=True)


def test_without_a_bank_account_there_is_no_qr_and_the_page_says_so(fund: Node) -> None:
    for language, words in (
        ("es", "Aún no se publica cómo aportar"),
        ("en", "How to give has not been published"),
    ):
        answer = page(fund, "/c/fondo/give", language)
        assert answer.status_code == 200
        assert words in answer.text
        assert "payto:" not in answer.text
        assert "<svg" not in answer.text.split("<main", 1)[1].split("</main>")[0]
        assert "set-cookie" not in answer.headers
        assert len(answer.content) < 30_000
    assert page(fund, "/aportar").url == f"{fund.origin}/c/fondo/give"
    assert page(fund, "/c/nadie/give").status_code == 404


def test_the_campaign_and_the_actor_link_to_it(fund: Node) -> None:
    said = fund.json("publish", "campaign", "goal=100000 CLP", "closes=2099-12-15", "title=Invierno")
    link = {"type": "Link", "name": "Aportar", "href": f"{fund.actor}/give", "rel": ["payment"]}
    for url in (said["uri"], fund.actor):
        document = httpx.get(url, headers={"accept": "application/activity+json"}).json()
        assert link in document["attachment"]
    assert "Invierno, abierta" in page(fund, "/c/fondo/give").text
    fund("revise", said["id"], "status=closed")
    document = httpx.get(said["uri"], headers={"accept": "application/activity+json"}).json()
    assert document["attachment"] == [link]
    assert "Invierno" not in page(fund, "/c/fondo/give").text


def test_where_the_rail_exists_text_link_and_picture_say_the_same(fund: Node) -> None:
    fund.stop()
    settings_file = fund.directory / "minga.toml"
    text = settings_file.read_text()
    for name, value in LIVE.items():
        empty = "[]" if name == "details" else '""'
        text = text.replace(f"# {name} = {empty}", f"{name} = {value}")
    settings_file.write_text(text)
    fund.start()
    text = page(fund, "/c/fondo/give").text
    for words in ("Banco Estado, cuenta vista 123456", IBAN, "Fondo Apoyo Mutuo", "SOLADEST600"):
        assert words in text
    settings = GivingSettings(holder="Fondo Apoyo Mutuo", iban=IBAN, bic="SOLADEST600")
    assert picture(epc(settings)) in text
    parts = urlsplit(payto(settings))
    assert (parts.netloc, parts.path) == ("iban", f"/SOLADEST600/{IBAN.replace(' ', '')}")
    assert parse_qs(parts.query) == {"receiver-name": ["Fondo Apoyo Mutuo"]}
    assert payto(settings) in text.replace("&amp;", "&")


def test_the_picture_is_the_one_of_the_guideline() -> None:
    settings = GivingSettings(holder="Fondo Apoyo Mutuo", iban=IBAN)
    assert epc(settings).split("\n") == [
        "BCD",
        "002",
        "1",
        "SCT",
        "",
        "Fondo Apoyo Mutuo",
        IBAN.replace(" ", ""),
    ]
    assert segno.make(epc(settings), error="m", boost_error=False).error == "M"


@pytest.mark.parametrize("iban", ["DE75512108001245126198", "CL00", "no", "DE75 5121 0800 1245 1261 9"])
def test_a_mistyped_iban_is_refused(iban: str) -> None:
    with pytest.raises(ValueError, match="IBAN"):
        GivingSettings(holder="Fondo", iban=iban)


def test_an_iban_needs_its_holder() -> None:
    with pytest.raises(ValueError, match="holder"):
        GivingSettings(iban=IBAN)


def test_the_page_of_an_allocation_has_the_table_and_how_to_reckon_it_again(fund: Node) -> None:
    claims = '[{"claimant":"https://a.example/c/a","weight":"2.5"},{"claimant":"https://b.example/c/b","weight":"1.5"}]'
    said = fund.json(
        "publish",
        "allocation",
        "available=1000 CLP",
        "rule=largest-remainder/1",
        "seed=x",
        f"claims={claims}",
    )
    text = page(fund, f"/o/{said['id']}").text
    for words in (
        "2,5",
        "625 CLP",
        "375 CLP",
        f"minga recompute {said['uri']}",
        "largest-remainder/1",
        "Recalcúlalo tú",
    ):
        assert words in text
    assert "no puede comprobarlo" in text


@pytest.mark.needs("chromium")
def test_no_share_is_cut_on_a_small_telephone(fund: Node) -> None:
    rows = [{"claimant": f"https://a.example/c/olla_comunitaria_{n}", "weight": "600"} for n in range(2)]
    said = fund.json(
        "publish", "allocation", "available=625000 CLP", "unit_price=1500 CLP", "rule=largest-remainder/1",
        "seed=x", f"claims={json.dumps(rows)}",
    )  # fmt: skip
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 360, "height": 640})
        page.goto(f"{fund.origin}/o/{said['id']}")
        table = page.locator("table").bounding_box()
        assert table
        assert table["x"] + table["width"] <= 360
        browser.close()


def test_no_collective_shows_the_bank_account_of_another(fund: Node, tmp_path: Path) -> None:
    added = fund.run(
        "collective", "add", "--handle", "olla", "--name", "Olla", "--kind", "kitchen", "--recovery-out", str(tmp_path / "roots")
    )  # fmt: skip
    assert added.returncode == 0, added.stderr
    assert "[giving.HANDLE]" in added.stderr
    for handle in ("fondo", "olla"):
        assert "Banco Estado" not in page(fund, f"/c/{handle}/give").text
    fund.stop()
    settings = fund.directory / "minga.toml"
    misspelt = '\n[giving.oya]\ncontact = "Por la tarde"\n'
    settings.write_text(settings.read_text().replace("[giving]", "[giving.fondo]") + misspelt)
    fund.start()
    assert "Banco Estado, cuenta vista 123456" in page(fund, "/c/fondo/give").text
    assert "Aún no se publica cómo aportar" in page(fund, "/c/olla/give").text
    told = "[giving.oya] in minga.toml is of no collective here: nobody sees how to give to it."
    assert f"warning: {told}" in fund.log()
    assert fund.json("status")["warnings"] == [told]
