"""A Fedify server as a peer: starts `peers/fedify.mjs` and orders it about over its control API.

    def test_a_follow_is_accepted(fedify):
        peer = fedify(only="cavage")
        peer.order("follow", actor="http://127.0.0.1:8000/c/esperanza")
        accept = peer.wait_for("Accept")
        assert accept["signature"] and accept["proof"]

What a peer received is a list of dicts, one for each POST to an inbox, refused ones included:
`scheme` (`cavage`, `rfc9421` or None), `signature` (whether Fedify verified it; `reason` where it did not), `proof` and
`object_proof` (None where there is none), `json` as it came, `parsed` as Fedify's own classes write it again (None where
Fedify did not take it), `status` (what was answered), `type`, `id`, `object` (its id), `path`, `headers`, `key`, `error`.
"""

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import httpx
import pytest

from tests.programs import PEERS, node


class FedifyError(Exception):
    """Fedify could not carry out an order; `answered` is the status that its peer gave, where it gave one."""

    def __init__(self, message: str, answered: int | None = None) -> None:
        super().__init__(message)
        self.answered = answered


class Fedify:
    """One Fedify process. Its actors are `ORIGIN/users/NAME`; `ana` speaks where no other is named."""

    def __init__(self, arguments: list[str], log: Path) -> None:
        self._log = log
        with log.open("ab") as stderr:
            self._process = subprocess.Popen(
                [node(), str(PEERS / "fedify.mjs"), *arguments],
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
                env=os.environ | {"NODE_COMPILE_CACHE": str(PEERS / "node_modules" / ".cache")},
            )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line.startswith("listening "):
            self.stop()
            raise FedifyError(f"Fedify does not start: {line}{self.log()}")
        self.origin = line.split()[1]
        self.port = int(self.origin.rpartition(":")[2])
        self._http = httpx.Client(base_url=self.origin, timeout=30, trust_env=False)

    def stop(self) -> None:
        """End the process and wait for its end."""
        self._process.terminate()
        self._process.wait(timeout=10)
        if self._process.stdout:
            self._process.stdout.close()
        if hasattr(self, "_http"):
            self._http.close()

    def log(self) -> str:
        """What Fedify had to say about it."""
        return self._log.read_text()

    def actor(self, name: str = "ana") -> str:
        """The id of one of its actors."""
        return f"{self.origin}/users/{name}"

    def handle(self, name: str = "ana") -> str:
        """The handle of one of its actors, as typed."""
        return f"@{name}@127.0.0.1:{self.port}"

    def order(self, verb: str, **body: Any) -> Any:
        """Have an actor (`as_`, else `ana`) do something; answers with the ids of the activity and its object.

        `follow(actor)`, `settle(follow, accept)`, `post(content, visibility, to, inReplyTo)`, `edit(id, content, to)`,
        `delete(id, to)`, `like(object)`, `announce(object)`, `undo(activity, to)`, `block(actor)`,
        `propose(purpose, quantity, unit, to)`, `offer(intent, quantity, unit)` (FEP-0837). It is done when this returns: signed, posted and answered with 2xx.
        Actors are named by id: Fedify looks a handle up over https only. Raises FedifyError with what was answered.
        """
        if "as_" in body:
            body["as"] = body.pop("as_")
        response = self._http.post(f"/control/{verb}", json=body)
        if response.is_error:
            failed = response.json()
            raise FedifyError(failed["error"], failed["answered"])
        return response.json()

    def lookup(self, url: str, as_: str = "ana") -> Any:
        """What Fedify reads at a URL, fetched with a signature: `type`, and `json` as it writes it again."""
        return self.order("lookup", url=url, as_=as_)

    def webfinger(self, url: str) -> Any:
        """The WebFinger descriptor that Fedify gets when it asks an actor's server for the actor's URL."""
        return self.order("webfinger", url=url)

    def verify(self, document: dict[str, Any]) -> bool:
        """Whether Fedify finds the proof of an object or activity valid and made by its author."""
        return bool(self.order("verify", json=document)["verified"])

    def relations(self, name: str = "ana") -> dict[str, list[str]]:
        """Ids of `followers` and `following` of one of its actors, both as accepted."""
        return dict(self.order("followers", as_=name))

    def received(self, kind: str | None = None, *, about: str | None = None) -> list[dict[str, Any]]:
        """What came in, refused requests included: of one activity type, `about` one activity or object, or all."""
        return [
            entry
            for entry in self.order("received")
            if kind in (None, entry["type"]) and about in (None, entry["id"], entry["object"])
        ]

    def wait_for(
        self, kind: str, *, about: str | None = None, status: int = 202, seconds: float = 10
    ) -> dict[str, Any]:
        """The first activity of this type (about this id) that came in and was answered with this status."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for entry in self.received(kind, about=about):
                if entry["status"] == status:
                    return entry
            time.sleep(0.05)
        came = [(e["type"], e["object"], e["scheme"], e["status"], e["error"]) for e in self.received()]
        raise AssertionError(
            f"no {kind} of {about or 'anything'} within {seconds} s, but {came}\n{self.log()}"
        )


@pytest.fixture(scope="session")
def fedify_keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keys shared by all peers of a run: an RSA key of 4096 bits takes a second to make."""
    return tmp_path_factory.mktemp("fedify") / "keys.json"


StartFedify = Callable[..., Fedify]


@contextmanager
def peers_in(directory: Path, keys: Path) -> Iterator[StartFedify]:
    """Start peers, as many as asked for; they end with the block.

    `only` refuses requests signed by the other scheme; `authorized_fetch` shows nothing to unsigned readers;
    `approve` leaves follows waiting; `port` brings a peer back where it was; `keys` makes it somebody else there.
    """
    started: list[Fedify] = []

    def start(
        *,
        only: Literal["cavage", "rfc9421"] | None = None,
        authorized_fetch: bool = False,
        approve: bool = False,
        port: int = 0,
        keys: Path = keys,
    ) -> Fedify:
        arguments = [f"--port={port}", f"--keys={keys}"]
        arguments += [f"--only={only}"] if only else []
        arguments += ["--authorized-fetch"] if authorized_fetch else []
        arguments += ["--approve"] if approve else []
        peer = Fedify(arguments, directory / f"fedify-{len(started)}.log")
        started.append(peer)
        return peer

    try:
        yield start
    finally:
        for peer in started:
            peer.stop()


@pytest.fixture
def fedify(tmp_path: Path, fedify_keys: Path) -> Iterator[StartFedify]:
    """Starts peers that end with the test (`peers_in`). The test needs `@pytest.mark.needs("node")`."""
    with peers_in(tmp_path, fedify_keys) as start:
        yield start


@pytest.fixture(scope="module")
def fedify_of_module(tmp_path_factory: pytest.TempPathFactory, fedify_keys: Path) -> Iterator[StartFedify]:
    """The same, for peers that several tests of a file share; a start takes a second."""
    with peers_in(tmp_path_factory.mktemp("fedify"), fedify_keys) as start:
        yield start
