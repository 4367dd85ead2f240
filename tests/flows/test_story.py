"""The story of an olla, as its people live it in a browser: the first minute, a need, a pledge from elsewhere, a meal, a donor.

The setting is that of the olla's cook; the cooperative always sits at a wide screen.
"""

import contextlib
import io
import re
import subprocess
import sys

import httpx
import pytest
from PIL import Image

from tests.browser import DESK, Setting
from tests.neighbourhood import PASSWORD, neighbourhood
from tests.nodes import ROOT, environment, free_port, until

pytestmark = pytest.mark.needs("chromium", "axe")

OFFICE = Setting(*DESK, javascript=False, language="en")
SECONDS_A_TAP, SECONDS_A_LETTER = 2.5, 0.4
"""What a person who never saw it takes to find what she taps next, and to type one letter with a thumb."""
SOUTH = {1: "S", 2: (33.0, 35.0, 12.0), 3: "W", 4: (70.0, 38.0, 44.0)}
"""The GPS block of a photograph that a telephone took in La Pintana."""


@pytest.fixture(scope="module")
def there(tmp_path_factory):
    with neighbourhood(tmp_path_factory.mktemp("story"), told=False) as there:
        yield there


def publish(reader):
    reader.tap("form.fill > .act button")


@contextlib.contextmanager
def begun(directory):
    """A node as `make run` begins it; the link that it prints."""
    command = [sys.executable, "-m", "node", "-d", str(directory), "up", "--bind", f"127.0.0.1:{free_port()}"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment(), stdout=subprocess.PIPE, text=True)
    try:
        printed = ""
        while not (link := re.search(r"http\S+/welcome/\S+", printed)):
            printed += process.stdout.readline()
            assert process.poll() is None, printed
        yield link[0]
    finally:
        process.terminate()
        process.communicate(timeout=30)


def test_the_first_minute_leads_from_the_printed_link_to_the_board(browser, setting, tmp_path):
    with begun(tmp_path / "data") as link, browser.open(setting) as steward:
        steward.go(link)
        assert steward.faults() == []
        steward.type("[name=member]", "Elena")
        steward.type("[name=password]", PASSWORD)
        steward.type("[name=name]", "Olla Los Aromos")
        steward.type("[name=district]", "La Pintana, Santiago")
        steward.tap("main form .act button")
        assert steward.faults(member=True) == []
        assert steward.page.locator("main svg.qr").count() == 1
        steward.tap("main .act a")
        assert steward.page.locator("h1").inner_text() == "Olla Los Aromos"
        assert steward.page.locator(".steps li").count() == 3
        assert steward.faults(member=True) == []


def test_a_newcomer_opens_a_need_within_ninety_seconds_of_her_invitation(browser, setting, there):
    link = there.do(there.olla, "member.invite", role="cook")["url"]
    what = f"arroz {setting}"
    with browser.open(setting) as cook:
        cook.go(link)
        for selector, text in (("[name=member]", f"eli{setting.width}"), ("[name=password]", "olla llena")):
            cook.type(selector, text)
        cook.tap("main form .act button")
        faults = cook.faults(member=True)
        cook.tap("nav.main a[href*='/new']")
        cook.tap("main a[href*='/new/need']")
        for selector, text in (("[name=what]", what), ("[name=quantity]", "20")):
            cook.type(selector, text)
        publish(cook)
        cook.page.wait_for_url("**/o/*")
        assert faults + cook.faults(member=True) == []
    assert [line["what"] for line in there.do(there.olla, "board")].count(what) == 1
    assert cook.taps * SECONDS_A_TAP + cook.letters * SECONDS_A_LETTER < 90


def test_a_need_is_pledged_from_elsewhere_accepted_and_received(browser, setting, there):
    need = there.publish(there.olla, "need", what=f"lentejas {setting}", quantity="40 kg")
    there.knows(there.coop, need)
    with browser.open(setting) as cook, browser.open(OFFICE) as neighbour:
        neighbour.come_in(there.coop.origin, "luis", PASSWORD)
        neighbour.go(f"{there.coop.origin}/new/pledge")
        value = neighbour.page.locator(
            "select[name=need] option", has_text=f"lentejas {setting}"
        ).get_attribute("value")
        neighbour.choose("select[name=need]", value)
        neighbour.type("[name=quantity]", "25")
        publish(neighbour)

        cook.come_in(there.olla.origin, "rosa", PASSWORD)
        until(lambda: _on_home(cook, there, "form[action$='/accept']"))
        assert cook.faults(member=True) == []
        cook.tap("form[action$='/accept'] button")
        until(lambda: _on_home(cook, there, "form[action='/new/receipt']"))
        cook.type("form[action='/new/receipt'] [name=quantity]", "24 kg")
        cook.tap("form[action='/new/receipt'] button")
        cook.page.wait_for_url("**/home?done=*")
        cook.go(need)
        lacking = cook.page.locator("dl.figures .lacking dd").first.inner_text()
        assert lacking == "16 kg"
        assert cook.faults(member=True) == []


def _on_home(reader, there, selector):
    reader.go(f"{there.olla.origin}/home")
    return reader.page.locator(selector).count()


def test_a_meal_is_planned_with_a_photograph_that_tells_no_place_and_served(browser, setting, there):
    menu = f"cazuela {setting}"
    with browser.open(setting) as cook:
        cook.come_in(there.olla.origin, "rosa", PASSWORD)
        cook.go(f"{there.olla.origin}/new/meal")
        cook.type("[name=menu]", menu)
        cook.page.evaluate("document.querySelectorAll('main details').forEach(each => each.open = true)")
        cook.type("[name=planned]", "120")
        cook.page.set_input_files(
            "[name=photo0]", {"name": "olla.jpg", "mimeType": "image/jpeg", "buffer": photograph()}
        )
        cook.type("[name=alt0]", "La olla, humeando")
        publish(cook)
        cook.page.wait_for_url("**/o/*")
        picture = cook.page.locator(".pictures img")
        assert picture.get_attribute("alt") == "La olla, humeando"
        address = str(picture.get_attribute("src")).replace(".small.jpg", ".jpg")
        kept = Image.open(
            io.BytesIO(httpx.get(cook.page.evaluate("url => new URL(url, location).href", address)).content)
        )
        assert max(kept.size) <= (1600 if setting.javascript else 2048)
        assert dict(kept.getexif()) == {}

        cook.type("form[action$='/served'] [name=served]", "118")
        cook.tap("form[action$='/served'] button")
        until(lambda: "118" in cook.page.locator("article.main").inner_text())


def photograph():
    """A JPEG as a telephone makes it: large, with the place and the camera."""
    exif = Image.Exif()
    exif[0x010F] = "Telephone"
    exif.get_ifd(0x8825).update(SOUTH)
    made = io.BytesIO()
    Image.new("RGB", (3000, 2000), "#a2301b").save(made, "jpeg", exif=exif.tobytes())
    assert b"Exif" in made.getvalue()
    return made.getvalue()


def test_a_donor_abroad_finds_her_gift_in_the_account(browser, setting, there):
    said = there.do(
        there.coop,
        "publish",
        "fondo",
        kind="donation",
        fields={"amount": "203000 CLP", "status": "cleared", "channel": "bank"},
    )
    with browser.open(setting) as donor:
        donor.go(f"{there.fund}/account")
        assert "203" in donor.text
        donor.type("[name=code]", said["code"])
        donor.tap("form[action*='/account/gift'] button")
        assert "203" in donor.page.locator("main").inner_text()
        assert donor.faults() == []


def test_a_member_takes_along_what_is_known_about_her(browser, setting, there):
    with browser.open(setting) as cook:
        cook.come_in(there.olla.origin, "rosa", PASSWORD)
        cook.go(f"{there.olla.origin}/me/known")
        assert cook.faults(member=True) == []
        known = cook.context.request.get(f"{there.olla.origin}/me/known.json").json()
    assert "rosa" in str(known)
    assert "$argon2" not in str(known)


def test_a_steward_puts_a_dot_on_the_map_that_everybody_sees_and_no_finer_than_a_kilometre(
    browser, setting, there
):
    with browser.open(setting) as steward:
        steward.come_in(there.olla.origin, "rosa", PASSWORD)
        steward.go(f"{there.olla.origin}/settings")
        steward.type("[name=district]", "La Pintana")
        steward.type("[name=latitude]", "-33.5812345")
        steward.type("[name=longitude]", "-70.6298765")
        steward.tap("form[action='/settings'] .act button")
        assert steward.faults(member=True) == []
    with browser.open(setting) as stranger:
        stranger.go(f"{there.olla.origin}/map")
        assert "La Pintana" in stranger.page.locator(".spots").inner_text()
        assert stranger.page.locator("svg circle").count() >= 1
        assert stranger.faults() == []
        assert "-33.58" in httpx.get(there.olla.actor, headers={"accept": "application/activity+json"}).text
        assert (
            "-33.581" not in httpx.get(there.olla.actor, headers={"accept": "application/activity+json"}).text
        )
