"""What we take from others: pinned by hash, from no particular place, and never under a name that is ours."""

import re
import sys
import tomllib
from importlib.metadata import distributions, packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.test_layers import ours

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
OURS = {"node", "federation", "schemas"}
LOCKS = {
    "requirements.lock": PROJECT["dependencies"],
    "requirements-test.lock": [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["test"]],
}


def pins(lock: str) -> dict[str, Version]:
    lines = (ROOT / "deploy" / lock).read_text().splitlines()
    found = [re.fullmatch(r"([A-Za-z0-9._-]+)==(\S+) \\", line) for line in lines]
    return {canonicalize_name(pin[1]): Version(pin[2]) for pin in found if pin}


@pytest.mark.parametrize("lock", LOCKS)
def test_every_dependency_is_pinned_as_the_project_asks(lock: str) -> None:
    pinned = pins(lock)
    for requirement in map(Requirement, LOCKS[lock]):
        version = pinned.get(canonicalize_name(requirement.name))
        assert version in requirement.specifier if version else False, (
            f"{requirement} is not in {lock}: `make lock`"
        )


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_hashes_and_no_place(lock: str) -> None:
    text = (ROOT / "deploy" / lock).read_text()
    assert not re.search(r"https?://|file:/|^--?[a-z]|/(opt|tmp|home|work|root)/", text, re.MULTILINE)
    blocks = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)[1:]
    assert [block.split()[0] for block in blocks if "--hash=sha256:" not in block] == []


def test_both_locks_pin_the_same_versions() -> None:
    node, tests = pins("requirements.lock"), pins("requirements-test.lock")
    assert node == {name: tests[name] for name in node}


def test_what_we_import_is_asked_for_and_not_merely_there() -> None:
    brought_by = packages_distributions()
    asked = {canonicalize_name(Requirement(line).name) for line in PROJECT["dependencies"]}
    imported = {i.target.partition(".")[0] for module in ours() for i in module.imports}
    foreign = imported - sys.stdlib_module_names - OURS
    assert {name for name in foreign if not asked & set(map(canonicalize_name, brought_by[name]))} == set()


def test_no_package_brings_a_top_level_name_of_ours() -> None:
    thieves = [
        f"{distribution.name}: {path}"
        for distribution in distributions()
        if canonicalize_name(distribution.name) != "minga"
        for path in distribution.files or []
        if path.parts[0].removesuffix(".py") in OURS
    ]
    assert thieves == []


def test_the_peers_lock_names_no_registry() -> None:
    assert '"resolved"' not in (ROOT / "tests" / "peers" / "package-lock.json").read_text()
