"""Nodes as processes, driven by the command line as people and scripts drive them.

    with Node(tmp_path / "a", handle="esperanza") as olla:
        number = olla("publish", "note", "text=hola")

Whatever a test does, no process outlives it.
"""

import contextlib
import json
import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from tests.forked import Forked

ROOT = Path(__file__).parent.parent
_PATIENCE = 30.0


def free_port() -> int:
    """A port of 127.0.0.1 on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def minga(
    *arguments: str, stdin: str | None = None, environ: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the command line once."""
    with (
        tempfile.TemporaryFile() as said,
        tempfile.TemporaryFile() as told,
        tempfile.TemporaryFile() as typed,
    ):
        typed.write((stdin or "").encode())
        typed.seek(0)
        streams = (typed.fileno(), said.fileno(), told.fileno())
        run = Forked(arguments, streams, {**environment(), **(environ or {})}, str(ROOT))
        try:
            code = run.wait(_PATIENCE * 2)
        finally:
            run.kill()
        said.seek(0)
        told.seek(0)
        return subprocess.CompletedProcess(run.args, code, said.read().decode(), told.read().decode())


def environment() -> dict[str, str]:
    """The environment of a node's process: none of the settings of whoever runs the tests; warnings are errors; what
    Python compiled once it keeps, as on a machine of people (hundreds of processes would each spend a second)."""
    strange = ("MINGA_", "PYTHON")
    mine = {name: value for name, value in os.environ.items() if not name.startswith(strange)}
    return {**mine, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error"}


class RefusedError(AssertionError):
    """A command ended otherwise than with exit 0; `result` has what it said."""

    def __init__(self, result: subprocess.CompletedProcess[str]) -> None:
        super().__init__(f"{result.args[3:]} → {result.returncode}\n{result.stdout}\n{result.stderr}")
        self.result = result


class Node:
    """One node: a data directory, and the process that serves it while it is started."""

    def __init__(
        self, directory: Path, handle: str = "esperanza", *, kind: str = "kitchen", init: bool = True
    ) -> None:
        self.directory = directory
        self.handle = handle
        self.port = free_port()
        self.origin = f"http://127.0.0.1:{self.port}"
        self.actor = f"{self.origin}/c/{handle}"
        self.address = f"{handle}@127.0.0.1:{self.port}"
        self.words = directory.with_name(f"{directory.name}-words.txt")
        self.process: Forked | None = None
        if init:
            name = f"Olla {handle.title()}"
            about = ["--origin", self.origin, "--handle", handle, "--name", name, "--kind", kind]
            self("init", *about, "--recovery-out", str(self.words))

    def __call__(self, *arguments: str, stdin: str | None = None) -> str:
        """What a command prints; RefusedError where it fails."""
        result = self.run(*arguments, stdin=stdin)
        if result.returncode != 0:
            raise RefusedError(result)
        return result.stdout.strip()

    def run(
        self, *arguments: str, stdin: str | None = None, environ: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a command on this node, however it ends."""
        return minga("-d", str(self.directory), *arguments, stdin=stdin, environ=environ)

    def json(self, *arguments: str) -> Any:
        """What a command answers as JSON."""
        return json.loads(self(*arguments, "--json"))

    def start(self, *arguments: str, environ: Mapping[str, str] | None = None) -> "Node":
        """Serve; returns when the node answers."""
        command = ["serve", "-d", str(self.directory), *arguments]
        greeted, greets = os.pipe()
        self._said = os.fdopen(greeted)
        with open(os.devnull) as nothing, (self.directory / "stderr.log").open("a") as errors:
            streams = (nothing.fileno(), greets, errors.fileno())
            self.process = Forked(command, streams, {**environment(), **(environ or {})}, str(ROOT))
        os.close(greets)
        self.greeting = self._said.readline()
        if not self.greeting:
            self.process.wait(_PATIENCE)
            raise AssertionError(f"serve ended at once:\n{self.log()}")
        return self

    def log(self) -> str:
        """What the node wrote to stderr so far."""
        return (self.directory / "stderr.log").read_text()

    def stop(self) -> int:
        """Ask it to stop; its exit code."""
        return self._end(signal.SIGTERM)

    def kill(self) -> int:
        """Pull the plug."""
        return self._end(signal.SIGKILL)

    def _end(self, number: signal.Signals) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        try:
            return self.process.wait(_PATIENCE)
        finally:
            self.process.kill()
            self.process.wait(_PATIENCE)
            self._said.close()
            self.process = None

    def __enter__(self) -> "Node":
        return self if self.process else self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.stop()


def until(happens: Any, *, seconds: float = _PATIENCE) -> Any:
    """Ask again and again until the answer is true; the answer. AssertionError where it never is."""
    end = time.monotonic() + seconds
    while True:
        answer = happens()
        if answer:
            return answer
        assert time.monotonic() < end, f"not within {seconds} s; the last answer was {answer!r}"
        time.sleep(0.05)
