"""What every benchmark needs: a node as a process, its CPU time, and how a figure is printed."""

import contextlib
import os
import resource
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
TICKS = os.sysconf("SC_CLK_TCK")
HANDLE = "olla"


def say(name: str, value: float, unit: str, note: str = "") -> None:
    """Print one figure on one line."""
    shown = f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
    print(f"  {name:<58} {shown:>10} {unit:<14} {note}".rstrip(), flush=True)


def title(text: str) -> None:
    """Print a heading."""
    print(f"\n{text}", flush=True)


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def cpu_of(process: int) -> float:
    """CPU seconds that a process has used."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


class Served:
    """A node that serves, as a process of its own."""

    def __init__(
        self, directory: Path, origin: str, process: "subprocess.Popen[bytes]", started: float
    ) -> None:
        self.directory = directory
        self.origin = origin
        self.process = process
        self.started = started

    @property
    def uri(self) -> str:
        return f"{self.origin}/c/{HANDLE}"

    def cpu(self) -> float:
        """CPU seconds that the process has used."""
        return cpu_of(self.process.pid)

    def memory(self) -> float:
        """Resident memory, MiB."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * resource.getpagesize() / 2**20


def minga(directory: Path, *words: str) -> str:
    """Run one command of the command line; what it prints."""
    done = subprocess.run(
        [sys.executable, "-m", "node", *words, "-d", str(directory)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    return done.stdout.strip()


def make(directory: Path) -> str:
    """Make a node in a directory; its origin."""
    origin = f"http://127.0.0.1:{free_port()}"
    words = ["--origin", origin, "--handle", HANDLE, "--name", "Olla", "--kind", "kitchen"]
    minga(directory, "init", *words, "--recovery-out", str(directory.with_suffix(".words")))
    return origin


@contextlib.contextmanager
def serve(directory: Path, origin: str) -> Iterator[Served]:
    """Serve a node until the end of the `with`."""
    begun = time.monotonic()
    with (directory / "serve.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "node", "serve", "-d", str(directory)],
            stdout=log,
            stderr=log,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
    host, _, port = origin.partition("://")[2].partition(":")
    try:
        while True:
            with contextlib.suppress(OSError), socket.create_connection((host, int(port)), timeout=1) as talk:
                talk.sendall(b"GET /robots.txt HTTP/1.0\r\nHost: x\r\n\r\n")
                if talk.recv(16):
                    break
            if process.poll() is not None:
                raise RuntimeError((directory / "serve.log").read_text())
            time.sleep(0.01)
        yield Served(directory, origin, process, time.monotonic() - begun)
    finally:
        process.terminate()
        process.wait(10)


@contextlib.contextmanager
def room() -> Iterator[Path]:
    """A directory for one benchmark."""
    with tempfile.TemporaryDirectory(prefix="minga-bench-") as path:
        yield Path(path)
