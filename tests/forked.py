"""Processes of Minga that need not load it: each is forked from one that has, which saves two seconds hundreds of times.

    run = Forked(["serve", "-d", "data"], stdin, stdout, stderr, environ)
    assert run.wait(10) == 0

What runs is the same program, with arguments, streams, signals and an exit code of its own. What is started as on any machine is
in the tests that run `python -m node` themselves.
"""

import atexit
import contextlib
import gc
import importlib
import json
import os
import pkgutil
import runpy
import select
import signal
import socket
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Mapping, Sequence
from functools import cache
from typing import NoReturn

_REQUEST = 1 << 20


class Forked:
    """One process of `minga` with these arguments, like a `subprocess.Popen`."""

    def __init__(
        self,
        arguments: Sequence[str],
        streams: tuple[int, int, int],
        environ: Mapping[str, str],
        directory: str,
    ) -> None:
        self.args = ["minga", *arguments]
        self.returncode: int | None = None
        self._answers, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        request = {"arguments": list(arguments), "environ": dict(environ), "directory": directory}
        with theirs:
            socket.send_fds(_loaded(), [json.dumps(request).encode()], [*streams, theirs.fileno()])
        self.pid = int(self._answers.recv(20))

    def wait(self, seconds: float) -> int:
        """Its exit code, minus the signal that ended it. subprocess.TimeoutExpired where it goes on."""
        if self.returncode is None:
            if not select.select([self._answers], [], [], seconds)[0]:
                raise subprocess.TimeoutExpired(self.args, seconds)
            self.returncode = int(self._answers.recv(20))
            self._answers.close()
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send it a signal, unless it has ended."""
        if self.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)


@cache
def _loaded() -> socket.socket:
    """Where the process is asked that has loaded everything. It ends with this one."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("MINGA_", "PYTHON"))}
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.forked", str(theirs.fileno())],
            cwd=root,
            env={**plain, "PYTHONPATH": root, "PYTHONWARNINGS": "error"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
        )

    def end() -> None:
        ours.close()
        process.wait()

    atexit.register(end)
    return ours


def _load() -> None:
    commands = importlib.import_module("node.cli")
    for each in pkgutil.iter_modules(commands.__path__, "node.cli."):
        importlib.import_module(each.name)
    importlib.import_module("node.app")
    gc.collect()
    gc.freeze()  # what is there already is never looked at again, so that its memory stays shared


def _answer(asked: socket.socket) -> None:
    """Fork for every request. Comes back in the process that is to run one, else at the end."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True:
        data, files, _, _ = socket.recv_fds(asked, _REQUEST, 4)
        if not data:
            os._exit(0)
        if os.fork() == 0:
            asked.close()
            _run(json.loads(data), files)
            return
        for file in files:
            os.close(file)


def _run(request: dict[str, object], files: list[int]) -> None:
    """Comes back in the process that runs the request; another waits for its end and tells it."""
    *streams, answer = files
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    pid = os.fork()
    if pid != 0:
        for file in streams:
            os.close(file)
        os.write(answer, str(pid).encode())
        _, status = os.waitpid(pid, 0)
        with contextlib.suppress(BrokenPipeError):
            os.write(answer, str(os.waitstatus_to_exitcode(status)).encode())
        os._exit(0)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number, file in enumerate(streams):
        os.dup2(file, number)
    for file in files:
        os.close(file)
    os.environ.clear()
    os.environ.update(request["environ"])
    time.tzset()
    os.chdir(str(request["directory"]))
    sys.argv[1:] = request["arguments"]


def _code() -> int:
    try:
        runpy.run_module("node", run_name="__main__", alter_sys=True)
    except SystemExit as ended:
        if isinstance(ended.code, str):
            print(ended.code, file=sys.stderr)
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


def _end(code: int) -> NoReturn:
    """Leave as Python does, but for taking apart what was loaded: that would copy all of it first."""
    for thread in threading.enumerate():
        if thread is not threading.main_thread() and not thread.daemon:
            thread.join()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(code)


if __name__ == "__main__":
    _load()
    _answer(socket.socket(fileno=int(sys.argv[1])))
    _end(_code())
