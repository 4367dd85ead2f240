"""Programs of other projects that some tests need, and where they are on this machine.

A test says `@pytest.mark.needs("chromium")`; `conftest.py` skips it, with the reason given here, where the
program is not to be had. Everything else that a test needs is pinned and installed by `make test`.
"""

import os
import platform
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

PEERS = Path(__file__).parent / "peers"
NODE_MAJOR = 22


class ProgramMissingError(Exception):
    """Not on this machine; the message says what would bring it."""


def chromium() -> str:
    """Path of a Chromium, for what only a browser shows; never one that a test tool downloaded."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    raise ProgramMissingError("Chromium is not here (apt-get install chromium)")


def axe() -> str:
    """Path of axe-core, the judge of pages for those who cannot see or use a mouse."""
    script = PEERS / "node_modules" / "axe-core" / "axe.min.js"
    if not script.is_file():
        raise ProgramMissingError("axe-core is not installed (npm ci --prefix tests/peers)")
    return str(script)


def hledger() -> str:
    """Path of hledger, a second judge of the public account's export."""
    if found := shutil.which("hledger"):
        return found
    raise ProgramMissingError("hledger is not here (apt-get install hledger)")


def node() -> str:
    """Path of a Node.js that can run the peers: the machine's own, else the one that `npm ci` brings along."""
    if not (PEERS / "node_modules" / "@fedify" / "fedify").is_dir():
        raise ProgramMissingError("Fedify is not installed (npm ci --prefix tests/peers)")
    for candidate in (shutil.which("node"), shutil.which(PEERS / "node_modules" / ".bin" / "node")):
        if candidate and _major(candidate) >= NODE_MAJOR:
            return candidate
    raise ProgramMissingError(
        f"Node.js {NODE_MAJOR} or newer is not here, nor packaged for {platform.machine()}"
    )


def samples() -> str:
    """Directory of recorded documents of real servers; their licences keep them out of this repository."""
    named = os.environ.get("MINGA_SAMPLES")
    if named and Path(named).is_dir():
        return named
    raise ProgramMissingError("MINGA_SAMPLES names no directory of samples")


def _major(executable: str) -> int:
    answer = subprocess.run([executable, "--version"], capture_output=True, text=True, check=False).stdout
    return int(answer.removeprefix("v").partition(".")[0]) if answer.startswith("v") else 0


FINDERS: dict[str, Callable[[], str]] = {f.__name__: f for f in (axe, chromium, hledger, node, samples)}
