"""What holds for every test: the `needs` marker, and that a skip counts as a failure where all must run."""

import os
from collections.abc import Generator
from functools import cache
from pathlib import Path

import pytest
from hypothesis import settings

from tests.nodes import Node
from tests.programs import FINDERS, ProgramMissingError

pytest_plugins = ["tests.browser", "tests.fedify", "tests.fediverse"]

# How long one example takes says more about the machine than about the code.
settings.register_profile("minga", deadline=None)
settings.load_profile("minga")


@cache
def why_missing(program: str) -> str:
    """One line that says why the program cannot be used here; empty where it can."""
    try:
        FINDERS[program]()
    except ProgramMissingError as missing:
        return str(missing)
    return ""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: most tests wait for a disk, a browser or another node a third of their time."""
    return (os.cpu_count() or 1) + 1


FLOWS = Path(__file__).parent / "flows"
BETWEEN = 4
"""How many other files begin between two flows."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Flows are long, and their browsers take a core and more: they begin early, but not all at once, and what starts nodes, and waits
    for them, runs beside. A long file that began last would leave the other core with nothing to do."""
    starts = {item.path: Node in vars(item.module).values() for item in items}
    flows = [path for path in starts if FLOWS in path.parents]
    others = sorted(starts.keys() - set(flows), key=lambda path: (not starts[path], path))
    place = {path: number * BETWEEN - 0.5 for number, path in enumerate(flows)}
    place |= {path: number for number, path in enumerate(others)}
    items.sort(key=lambda item: place[item.path])


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what needs a program that is not here: `@pytest.mark.needs("node")`."""
    for marker in item.iter_markers("needs"):
        for program in marker.args:
            if reason := why_missing(program):
                pytest.skip(reason)


def skips_fail() -> bool:
    """Whether this run is one in which everything must run (`.ci/run`)."""
    return os.environ.get("MINGA_REQUIRE_ALL") == "1"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A skipped test is a failed one where everything must run; an expected failure stays what it is."""
    report = yield
    if skips_fail() and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """The same for a whole file that is skipped while it is read."""
    report = yield
    if skips_fail() and report.outcome == "skipped":
        report.outcome = "failed"
    return report
