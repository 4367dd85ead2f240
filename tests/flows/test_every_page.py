"""Every page in a browser, as strangers and members read it: on a small telephone and a wide screen, in both languages."""

import pytest

from tests.neighbourhood import PASSWORD, neighbourhood
from tests.pages import MEMBERS, PUBLIC, address

pytestmark = pytest.mark.needs("chromium", "axe")


@pytest.fixture(scope="module")
def there(tmp_path_factory):
    with neighbourhood(tmp_path_factory.mktemp("public")) as there:
        yield there


def test_every_public_page_is_whole_for_everybody(browser, setting, there):
    faults = []
    with browser.open(setting) as reader:
        for name, page in PUBLIC.items():
            status = reader.go(address(page, there))
            faults += [] if status == (404 if name == "nothing" else 200) else [f"{name}: {status}"]
            faults += reader.faults()
    assert faults == []


def test_every_page_of_members_is_whole_for_everybody(browser, setting, there):
    faults = []
    with browser.open(setting) as reader:
        reader.come_in(there.olla.origin, "rosa", PASSWORD)
        for name, page in MEMBERS.items():
            status = reader.go(address(page, there))
            faults += [] if status == 200 else [f"{name}: {status}"]
            faults += reader.faults(member=True)
    assert faults == []
