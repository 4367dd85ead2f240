"""Out in the street: who goes to a pick-up and what was weighed there wait on the telephone until there is signal."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from node.control.client import ask
from tests.browser import PHONE, Setting
from tests.neighbourhood import PASSWORD
from tests.nodes import Node, until

pytestmark = pytest.mark.needs("chromium", "axe")

COOK = Setting(*PHONE, javascript=True, language="es")


@pytest.fixture(scope="module")
def olla(tmp_path_factory):
    with Node(tmp_path_factory.mktemp("signal") / "olla") as olla:
        about = {"collective": olla.handle, "name": "rosa", "role": "steward", "password": PASSWORD}
        ask(olla.directory, "member.add", about, lambda _: None)
        yield olla


def test_who_goes_and_what_was_weighed_wait_without_signal_each_by_its_day(browser, olla):
    there = f"{olla.origin}/kitchen/pickups"
    with browser.open(COOK) as reader:
        reader.come_in(olla.origin, "rosa", PASSWORD)
        until(lambda: reader.page.evaluate("navigator.serviceWorker.controller !== null"))
        until(lambda: reader.page.evaluate("caches.match('/outbox').then(Boolean)"))
        reader.go(there)
        weekday = datetime.now(ZoneInfo("America/Santiago")).weekday()
        for name, value in {"what": "zapallos", "place": "Feria", "clock": "9:30", "people": "2"}.items():
            reader.type(f"[name={name}]", value)
        reader.page.select_option("[name=weekday]", str(weekday))
        reader.tap("main form .act button >> nth=-1")
        reader.page.wait_for_url("**?done=series")
        reader.go(there)
        reader.context.set_offline(True)
        for number in range(2):
            reader.page.goto(there)
            reader.tap(f"form[action$='/join'] button >> nth={number}")
            reader.page.wait_for_url("**/outbox")
        reader.page.goto(there)
        reader.type("[name=weight]", "37,5")
        reader.tap("form[action$='/weigh'] button")
        reader.page.wait_for_url("**/outbox")
        reader.page.locator("#outbox article >> nth=2").wait_for()
        titles = reader.page.locator("#outbox h2").all_inner_texts()
        assert len(set(titles)) == 3
        assert all("zapallos, " in title for title in titles)

        reader.context.set_offline(False)
        reader.page.locator("#nothing").wait_for()
        reader.go(there)
        assert "37,5 kg" in reader.text
        assert reader.page.locator("form[action$='/leave']").count() == 2
