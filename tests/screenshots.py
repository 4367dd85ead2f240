"""`make screenshots`: every page in both sizes and languages, light and dark, into screenshots/ (which git ignores).

    python -m tests.screenshots [PAGE…]

Prints what is wrong with a page beside its name. Ends with 1 where anything is.
"""

import sys
import tempfile
from pathlib import Path

from tests.browser import EVERY, Browser, Setting, browsing
from tests.neighbourhood import PASSWORD, Neighbourhood, neighbourhood
from tests.pages import MEMBERS, PUBLIC, address

FOLDER = Path(__file__).parent.parent / "screenshots"


def main() -> None:
    """Draw the pages named, or all."""
    wanted = sys.argv[1:]
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as room, neighbourhood(Path(room)) as there, browsing() as browser:
        faults = [
            fault
            for setting in EVERY
            if setting.javascript  # it only adds: without it the pages look the same
            for scheme in ("light", "dark")
            for fault in draw(browser, setting, scheme, there, wanted)
        ]
    print(f"{FOLDER}: {len(list(FOLDER.glob('*.png')))} pictures, {len(faults)} faults")
    sys.exit(bool(faults))


def draw(
    browser: Browser, setting: Setting, scheme: str, there: Neighbourhood, wanted: list[str]
) -> list[str]:
    """Draw pages with one setting; what is wrong with them."""
    faults = []
    with browser.open(setting, color_scheme=scheme) as reader:
        for pages in (PUBLIC, MEMBERS):
            if pages is MEMBERS:
                reader.come_in(there.olla.origin, "rosa", PASSWORD)
            chosen = {name: page for name, page in pages.items() if not wanted or name in wanted}
            for name, page in chosen.items():
                reader.go(address(page, there))
                for fault in reader.faults(member=pages is MEMBERS):
                    print(f"{name}: {fault}")
                    faults.append(fault)
                reader.shoot(str(FOLDER / f"{name}-{setting.width}-{setting.language}-{scheme}.png"))
    return faults


if __name__ == "__main__":
    main()
