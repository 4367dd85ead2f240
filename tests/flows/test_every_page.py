"""Every page in a browser, as strangers and members read it: on a small telephone and a wide screen, in both languages."""

import re

import pytest

from tests.browser import EVERY, Setting
from tests.neighbourhood import PASSWORD, neighbourhood
from tests.pages import FUND, MEMBERS, PUBLIC, REFUSED, address, fill

pytestmark = pytest.mark.needs("chromium", "axe")

CHANGES = {
    "rtl": "document.documentElement.dir = 'rtl'",
    "large": "const sheet = new CSSStyleSheet(); sheet.replaceSync('html { font-size: 200% }'); document.adoptedStyleSheets = [sheet]",
    "long": "const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT); while (words.nextNode())"
    " words.currentNode.data = words.currentNode.data.replace(/Olla La Esperanza|lentejas/g, 'Panificadora'.repeat(9))",
}
NARROW = Setting(320, 640, javascript=True, language="es")


@pytest.fixture(scope="module")
def there(tmp_path_factory):
    with neighbourhood(tmp_path_factory.mktemp("public")) as there:
        yield there


def faults_of(reader, there, pages, *, member):
    """What is wrong with any of these pages."""
    faults = []
    for name, page in pages.items():
        status = reader.go(address(page, there))
        faults += [] if status == (404 if name == "nothing" else 200) else [f"{name}: {status}"]
        faults += reader.faults(member=member)
    return faults


def test_every_public_page_is_whole_for_everybody(browser, setting, there):
    with browser.open(setting) as reader:
        assert faults_of(reader, there, PUBLIC, member=False) == []


@pytest.mark.parametrize(("node", "name", "pages"), [("olla", "rosa", MEMBERS), ("coop", "tere", FUND)])
def test_every_page_of_members_is_whole_for_everybody(browser, setting, there, node, name, pages):
    with browser.open(setting) as reader:
        reader.come_in(getattr(there, node).origin, name, PASSWORD)
        assert faults_of(reader, there, pages, member=True) == []


def test_what_is_wrong_in_a_form_stands_beside_its_box_with_what_was_typed(browser, setting, there):
    faults = []
    with browser.open(setting) as reader:
        reader.come_in(there.olla.origin, "rosa", PASSWORD)
        for name in REFUSED:
            reader.go(f"{there.olla.origin}{REFUSED[name][0]}")
            fill(reader, name)
            faults += reader.faults(member=True)
            if name.endswith("-refused"):
                page = reader.page.locator("main")
                assert page.locator("[aria-invalid]").count() == page.locator(".error").count() > 0, name
                assert page.locator("[role=alert]").count() == 1, name
                assert reader.page.locator("#signal .notice").count() == 0, "it is not being sent any more"
            for typed in REFUSED[name][2].values():
                assert typed in reader.page.content(), (name, typed)
    assert faults == []


def test_the_sheet_for_the_wall_fits_on_one_a4_and_is_black_on_white(browser, there):
    with browser.open(EVERY[0], color_scheme="dark") as reader:
        reader.go(f"{there.olla.actor}/poster")
        sheet = reader.page.pdf(prefer_css_page_size=True)
        reader.page.emulate_media(media="print")
        assert reader.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert len(re.findall(rb"/Type /Page\b", sheet)) == 1


@pytest.mark.parametrize("change", CHANGES)
def test_pages_stay_whole_from_right_to_left_with_large_letters_and_long_names(browser, there, change):
    faults = []
    with browser.open(NARROW) as reader:
        for page in ("collective", "need", "board", "poster"):
            reader.go(address(PUBLIC[page], there))
            reader.page.evaluate(CHANGES[change])
            faults += reader.faults()
    assert faults == []
