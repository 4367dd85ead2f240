"""`make screenshots`: every page in both sizes and languages, and in the dark, into screenshots/ (which git ignores).

    python -m tests.screenshots [PAGE…]

Prints what is wrong with a page beside its name, and ends with 1 where anything is. Each core draws with a browser of its own.
"""

import os
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from tests.browser import EVERY, PATIENCE, Reader, Setting, browsing
from tests.neighbourhood import PASSWORD, Neighbourhood, neighbourhood
from tests.pages import FUND, MEMBERS, PUBLIC, REFUSED, address, fill

FOLDER = Path(__file__).parent.parent / "screenshots"

# JavaScript only adds: without it the pages look the same. Nor does a language change any colour.
RUNS = [
    (setting, scheme)
    for setting in EVERY
    if setting.javascript
    for scheme in ("light", "dark")
    if scheme == "light" or setting.language == "es"
]

Pages = dict[str, str]
"""Addresses by the names of the pages."""


def main() -> None:
    """Draw the pages named, or all."""
    wanted = set(sys.argv[1:])
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as room, neighbourhood(Path(room)) as there:
        readers = [
            (origin, who, {name: url for name, url in pages.items() if not wanted or name in wanted})
            for origin, who, pages in readers_of(there)
        ]
        with ProcessPoolExecutor(os.cpu_count(), get_context("spawn")) as cores:
            faults = sum(cores.map(draw, *zip(*((*run, readers) for run in RUNS), strict=True)))
    print(f"{FOLDER}: {len(list(FOLDER.glob('*.png')))} pictures, {faults} faults")
    sys.exit(bool(faults))


def readers_of(there: Neighbourhood) -> list[tuple[str, str, Pages]]:
    """Who reads which pages, and where she comes in: a stranger nowhere."""

    def placed(pages: Pages) -> Pages:
        return {name: address(page, there) for name, page in pages.items()}

    forms = {name: f"{there.olla.origin}{page}" for name, (page, _, _) in REFUSED.items()}
    return [
        ("", "", placed(PUBLIC)),
        (there.olla.origin, "rosa", placed(MEMBERS) | forms),
        (there.coop.origin, "tere", placed(FUND)),
    ]


def draw(setting: Setting, scheme: str, readers: list[tuple[str, str, Pages]]) -> int:
    """Draw pages with one setting; how much is wrong with them."""
    faults = 0
    with browsing() as browser:
        for origin, who, pages in readers:
            with browser.open(setting, color_scheme=scheme) as reader:
                reader.page.set_default_timeout(4 * PATIENCE)  # nobody waits for it, and all cores are busy
                if who:
                    reader.come_in(origin, who, PASSWORD)
                faults += sum(
                    _draw(
                        reader, name, url, FOLDER / f"{name}-{setting.width}-{setting.language}-{scheme}.png"
                    )
                    for name, url in pages.items()
                )
    return faults


def _draw(reader: Reader, name: str, url: str, path: Path) -> int:
    reader.go(url)
    if name in REFUSED:
        fill(reader, name)
    found = reader.faults(member=True)
    for fault in found:
        print(f"{name}: {fault}", flush=True)
    reader.shoot(str(path))
    return len(found)


if __name__ == "__main__":
    main()
