"""The same day with masto.js (Elk, Phanpy) and megalodon (Whalebird, Fedistar) in Node.js, and with toot's command line."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from mastodon import Mastodon
from PIL import Image

from tests import apps
from tests.nodes import Node
from tests.programs import PEERS, node

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def olla(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    with Node(tmp_path_factory.mktemp("a") / "a", "esperanza").start(environ=apps.PATIENT) as node:
        apps.member(node)
        yield node


@pytest.fixture(scope="module")
def peer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    with Node(tmp_path_factory.mktemp("b") / "b", "villasol").start(environ=apps.PATIENT) as node:
        apps.member(node, "luis")
        yield node


@pytest.fixture(scope="module")
def luis(peer: Node) -> Mastodon:
    return apps.mastodon(peer, "luis")


@pytest.fixture(scope="module")
def picture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("picture") / "olla.jpg"
    Image.effect_noise((640, 480), 60).convert("RGB").save(path, "JPEG")
    return path


def day(library: str, olla: Node, peer: Node, picture: Path, post: Callable[[], str]) -> dict[str, Any]:
    """Play the day of an app; what it made of the answers."""
    arguments = [node(), str(PEERS / "apps.mjs"), library, olla.origin, f"@{peer.address}", str(picture)]
    with subprocess.Popen(
        arguments,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        bufsize=1,
    ) as process:
        assert process.stdout
        assert process.stdin
        assert process.stderr
        for line in process.stdout:
            word, _, rest = line.strip().partition(" ")
            if word == "done":
                return dict(json.loads(rest))
            if word == "authorize":
                with apps.Browser(olla) as browser:
                    process.stdin.write(f"{apps.code_in(browser.allow(rest))}\n")
            elif word == "post":
                process.stdin.write(f"{post()}\n")
            process.stdin.flush()
        raise AssertionError(f"{library} ended:\n{process.stderr.read()}")


@pytest.mark.needs("node")
@pytest.mark.parametrize("library", ["masto", "megalodon"])
def test_an_app_in_javascript_does_everything(
    library: str, olla: Node, peer: Node, luis: Mastodon, picture: Path
) -> None:
    found = day(library, olla, peer, picture, lambda: str(luis.status_post("Nos sobra pan").uri))
    assert found.pop("filtered", ["pan"]) == ["pan"]
    assert found.pop("pages", True)
    assert found.pop("notifications") >= 0
    assert found.pop("version").startswith("4.3.0")
    assert "mucho más" in found.pop("edited")
    assert found == {
        "me": "esperanza",
        "media": "image",
        "tags": ["olla"],
        "pictures": 1,
        "descendants": 1,
        "streamed": True,
        "followed": peer.address,
        "favourited": True,
        "boosted": True,
        "bookmarked": True,
        "revoked": 401,
    }


class Toot:
    """toot's command line, with settings of its own."""

    def __init__(self, home: Path) -> None:
        self._environ = {
            **os.environ,
            "XDG_CONFIG_HOME": str(home),
            "PYTHONWARNINGS": "ignore",
            "NO_COLOR": "1",
        }

    def __call__(self, *arguments: str, stdin: str | None = None) -> str:
        result = subprocess.run(
            [str(Path(sys.executable).with_name("toot")), *arguments],
            env=self._environ,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert result.returncode == 0, result.stdout + result.stderr
        return result.stdout

    def log_in(self, olla: Node) -> None:
        """Log in as toot does: it shows an address, and is told the code that stands on the last page."""
        with subprocess.Popen(
            [str(Path(sys.executable).with_name("toot")), "login", "--instance", olla.origin],
            env=self._environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            bufsize=1,
        ) as process:
            assert process.stdout
            assert process.stdin
            said = ""
            process.stdin.write("n\n")
            process.stdin.flush()
            for line in process.stdout:
                said += line
                if "/oauth/authorize" in line:
                    break
            else:
                raise AssertionError(said)
            url = next(word for word in line.split() if "/oauth/authorize" in word)
            with apps.Browser(olla) as browser:
                code = apps.code_in(browser.allow(url.removeprefix(olla.origin)))
            process.stdin.write(f"{code}\n")
            process.stdin.close()
            said += process.stdout.read()
            assert process.wait(30) == 0, said


def test_toot_does_everything_on_the_command_line(
    olla: Node, peer: Node, luis: Mastodon, picture: Path, tmp_path: Path
) -> None:
    toot = Toot(tmp_path)
    toot.log_in(olla)
    assert "esperanza" in toot("whoami")
    assert "4.3.0" in toot("instance")
    posted = toot("post", "--media", str(picture), "--description", "Una olla", "Hoy hay cazuela")
    number = posted.strip().rpartition("/")[2]
    assert "cazuela" in toot("status", number)
    assert "Una olla" in toot("timelines", "account", "esperanza", "--json")
    answer = toot("post", "--reply-to", number, "y pan amasado").strip().rpartition("/")[2]
    assert "amasado" in toot("thread", number)
    toot("delete", answer)
    toot("follow", peer.address)
    assert peer.address in toot("following", "esperanza")
    toot("favourite", number)
    toot("reblog", number)
    assert json.loads(toot("status", number, "--json"))["reblogged"] is True
    toot("bookmark", number)
    toot("pin", number)
    assert "cazuela" in toot("bookmarks", "--once")
    assert "villasol" in toot("search", peer.address)
    toot("notifications")
    toot("tags", "follow", "olla")
    assert "olla" in toot("tags", "followed")
    assert "esperanza" in toot("whois", "esperanza")
    toot("logout", f"esperanza@{olla.origin.removeprefix('http://')}")
