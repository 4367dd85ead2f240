"""What stewards do in a browser: against harm, and sharing out the money of a fund, until a donor abroad reads what came of it.

The setting is that of the olla; the fund always sits at a wide screen.
"""

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from tests.browser import DESK, Setting
from tests.neighbourhood import PASSWORD, neighbourhood
from tests.nodes import until

pytestmark = pytest.mark.needs("chromium", "axe")

OFFICE = Setting(*DESK, javascript=False, language="en")
LIST = "#domain,#severity\nruido.example,silence\nodio.example,suspend\nno es un servidor,suspend\n"


@pytest.fixture(scope="module")
def there(tmp_path_factory):
    with neighbourhood(tmp_path_factory.mktemp("stewards"), told=False) as there:
        yield there


@pytest.fixture(scope="module")
def criteria(there):
    """The number of criteria that the fund adopted, with the olla's consent."""
    olla, coop = there.olla, there.coop
    fund = f"fondo@{coop.origin.removeprefix('http://')}"
    there.do(olla, "relation.follow", target=fund)
    there.do(coop, "relation.follow", "fondo", target=olla.address)
    until(lambda: fund in str(there.do(olla, "relation.following")))
    asked = there.do(olla, "fund.join", target=fund, fields={})["uri"]
    there.knows(coop, asked)
    there.publish(coop, "admission", "fondo", join=asked, outcome="admitted")
    rule = {"rule": "largest-remainder/1", "weight": "weeklyRations", "unit_price": "1500 CLP", "cap": "need"}
    criteria = there.publish(coop, "criteria", "fondo", version="1", **rule)
    there.knows(olla, criteria)
    stance = there.publish(olla, "stance", about=criteria, stance="consent")
    there.knows(coop, stance)
    decided = {"about": criteria, "quorum": "1", "outcome": "adopted", "review_on": "2099-12-01"}
    there.publish(coop, "decision", "fondo", **decided)
    return criteria.rsplit("/", 1)[1]


def publish(reader):
    reader.tap("form.fill > .act button")
    reader.page.wait_for_url("**/o/*")


def on_home(reader, origin, selector):
    reader.go(f"{origin}/home")
    return reader.page.locator(selector).count()


def test_a_round_of_a_fund_is_played_and_read_by_a_donor(browser, setting, there, criteria):
    today = datetime.now(UTC).date()
    there.publish(there.coop, "donation", "fondo", amount="90000 CLP", status="cleared", channel="bank")
    with browser.open(setting) as cook, browser.open(OFFICE) as treasurer:
        treasurer.come_in(there.coop.origin, "tere", PASSWORD)
        treasurer.go(f"{there.coop.origin}/new/round?criteria={criteria}")
        treasurer.type("[name=claims_until]", (today + timedelta(days=2)).isoformat())
        treasurer.type("[name=appeal_until]", (today + timedelta(days=4)).isoformat())
        publish(treasurer)
        opened = treasurer.page.url.partition("?")[0]
        there.knows(there.olla, opened)

        cook.come_in(there.olla.origin, "rosa", PASSWORD)
        until(lambda: on_home(cook, there.olla.origin, "main a[href*='/new/claim']"))
        cook.tap("main a[href*='/new/claim']")
        cook.type("[name=weight]", "240")
        cook.type("[name=need]", "60000")
        faults = cook.faults(member=True)
        cook.tap("form.fill > .act button")
        cook.page.wait_for_url("**/home?done=claim")
        until(lambda: len(there.do(there.coop, "fund.round", "fondo", ref=opened)["claims"]) == 1)

        treasurer.go(opened)
        treasurer.tap("form[action$='/close'] button")
        treasurer.go(f"{there.coop.origin}/new/allocation?round={opened.rsplit('/', 1)[1]}")
        treasurer.type("[name=available]", "90000")
        faults += treasurer.faults(member=True)
        publish(treasurer)
        shared = treasurer.page.url.partition("?")[0]
        faults += treasurer.faults(member=True)
    with browser.open(setting) as donor:
        donor.go(shared)
        assert "60.000" in donor.text or "60,000" in donor.text
        assert "recompute" in donor.text
        faults += donor.faults()
        donor.go(f"{there.fund}/account")
        assert donor.page.locator(f"a[href^='{shared}']").count() >= 1
        faults += donor.faults()
    assert faults == []


def test_a_report_is_read_and_done_with_and_whoever_did_harm_is_limited(browser, setting, there):
    auth = {"authorization": f"Bearer {there.do(there.olla, 'token', member='rosa')['token']}"}
    search = {"q": there.coop.address, "type": "accounts", "resolve": "true"}
    api = f"{there.olla.origin}/api"
    (account,) = httpx.get(f"{api}/v2/search", params=search, headers=auth).json()["accounts"]
    said = f"Prometieron y no llegaron {setting}"
    about = {"account_id": account["id"], "comment": said}
    httpx.post(f"{api}/v1/reports", json=about, headers=auth).raise_for_status()
    with browser.open(setting) as steward:
        steward.come_in(there.olla.origin, "rosa", PASSWORD)
        steward.go(f"{there.olla.origin}/more")
        assert steward.page.locator("a[href='/moderation'] .count").inner_text() == "1"
        steward.tap("a[href='/moderation']")
        steward.tap("main article h3 a")
        assert said in steward.text
        faults = steward.faults(member=True)
        report = steward.page.url
        steward.tap("main a[href^='/peers/']")
        steward.touch("main details summary")
        steward.tap("form[action$='/limit'] button")
        assert steward.page.locator("form[action$='/lift']").count() == 1
        faults += steward.faults(member=True)
        steward.page.evaluate("document.querySelectorAll('main details').forEach(each => each.open = true)")
        steward.tap("form[action$='/lift'] button")

        steward.go(report)
        steward.type("[name=note]", "Hablamos con ellas: fue el camión.")
        steward.tap("main form .act button")
        assert said not in steward.text
        steward.go(f"{there.olla.origin}/moderation?resolved=yes")
        assert "fue el camión" in steward.text
        faults += steward.faults(member=True)
    assert faults == []


def test_servers_are_blocked_with_a_reason_from_a_list_and_lifted_again(browser, setting, there):
    with browser.open(setting) as steward:
        steward.come_in(there.olla.origin, "rosa", PASSWORD)
        steward.go(f"{there.olla.origin}/moderation/servers")
        steward.type("[name=host]", "spam.example")
        steward.type("[name=reason]", "publicidad sin fin")
        steward.tap("form[action='/moderation/servers'] .act button")
        assert "publicidad sin fin" in steward.text
        faults = steward.faults(member=True)

        steward.go(f"{there.olla.origin}/moderation/import")
        steward.type("[name=text]", LIST)
        steward.tap("form[action='/moderation/import'] .act button")
        assert steward.page.locator(".tally dd").all_inner_texts() == ["1", "1", "0", "1"]
        faults += steward.faults(member=True)
        steward.tap("form[action$='/carry-out'] button")
        exported = steward.context.request.get(f"{there.olla.origin}/moderation/blocks.csv").text()
        assert "odio.example,suspend" in exported
        assert "ruido.example,silence" in exported
        assert "spam.example,suspend" in exported

        for _ in range(3):
            steward.tap("form[action='/moderation/servers/lift'] button")
        assert steward.page.locator("form[action='/moderation/servers/lift']").count() == 0
        faults += steward.faults(member=True)
    assert faults == []
