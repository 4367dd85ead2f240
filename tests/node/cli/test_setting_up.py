"""A node comes to be and runs: init, serve, up."""

import os
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from node.control import lock
from tests.nodes import ROOT, Node, environment, minga

ABOUT = ["--handle", "esperanza", "--name", "Olla La Esperanza", "--kind", "kitchen"]


def test_init_makes_a_node_that_nobody_else_on_the_machine_can_read(tmp_path):
    olla = Node(tmp_path / "a")

    for path in [olla.directory, *olla.directory.rglob("*")]:
        assert path.stat().st_mode & 0o077 == 0, path
    assert 'origin = "http://127.0.0.1' in (olla.directory / "minga.toml").read_text()
    assert olla.words.stat().st_mode & 0o777 == 0o600


def test_recovery_words_are_nowhere_in_the_data_directory(tmp_path):
    olla = Node(tmp_path / "a")
    words = [line.split()[1] for line in olla.words.read_text().splitlines() if line.strip().startswith("1.")]

    grid = [part for line in olla.words.read_text().splitlines() for part in line.split() if part.isalpha()]
    stored = b"".join(path.read_bytes() for path in olla.directory.rglob("*") if path.is_file())
    assert len(words) == 2
    assert f"{grid[0]} {grid[1]}".encode() not in stored


def test_init_never_writes_over_a_node(tmp_path):
    olla = Node(tmp_path / "a")
    before = (olla.directory / "minga.toml").read_bytes()

    again = olla.run("init", "--origin", olla.origin, *ABOUT, "--recovery-out", str(tmp_path / "other.txt"))

    assert again.returncode == 1
    assert "already" in again.stderr
    assert (olla.directory / "minga.toml").read_bytes() == before
    assert not (tmp_path / "other.txt").exists()


def test_init_never_writes_words_over_a_file(tmp_path):
    (tmp_path / "words.txt").write_text("mine")

    refused = minga("init", "-d", str(tmp_path / "a"), "--origin", "https://olla.example", *ABOUT, "--recovery-out", str(tmp_path / "words.txt"))  # fmt: skip

    assert refused.returncode == 1
    assert (tmp_path / "words.txt").read_text() == "mine"
    assert not (tmp_path / "a").exists()


def test_init_without_anybody_to_read_the_words_makes_nothing(tmp_path):
    refused = minga("init", "-d", str(tmp_path / "a"), "--origin", "https://olla.example", *ABOUT)

    assert refused.returncode == 1
    assert "--recovery-out" in refused.stderr
    assert not (tmp_path / "a").exists()


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--origin", "olla.example", "origin"),
        ("--handle", "La Esperanza", "handle"),
        ("--handle", "x" * 31, "handle"),
        ("--handle", "admin", "handle"),
        ("--name", "", "name"),
        ("--currency", "ZZZ", "currency"),
        ("--timezone", "Mars/Olympus", "timezone"),
    ],
)
def test_what_cannot_be_is_refused_by_name_and_leaves_nothing(tmp_path, option, value, said):
    given = {
        "--origin": "https://olla.example",
        "--handle": "esperanza",
        "--name": "Olla",
        "--kind": "kitchen",
    }
    given[option] = value

    refused = minga("init", "-d", str(tmp_path / "a"), "--recovery-out", str(tmp_path / "words"), *(x for pair in given.items() for x in pair))  # fmt: skip

    assert refused.returncode == 1
    assert said in refused.stderr
    assert len(refused.stderr.strip().splitlines()) <= 2
    assert not (tmp_path / "words").exists()
    assert not list((tmp_path / "a").glob("*")) if (tmp_path / "a").exists() else True


def test_wrong_usage_exits_2(tmp_path):
    for wrong in (
        ["init"],
        ["frobnicate"],
        ["serve", "--nonsense"],
        ["publish", "note", "hola", "-d", str(tmp_path)],
    ):
        assert minga(*wrong).returncode == 2, wrong


def test_a_command_without_a_node_says_how_to_make_one(tmp_path):
    refused = minga("publish", "note", "text=hola", "-d", str(tmp_path / "nothing"))

    assert refused.returncode == 1
    assert "minga init" in refused.stderr


def test_a_second_serve_is_refused_and_the_first_goes_on(tmp_path):
    with Node(tmp_path / "a") as olla:
        second = olla.run("serve")

        assert second.returncode == 1
        assert "using" in second.stderr
        assert "hint:" in second.stderr
        assert olla("publish", "note", "text=sigo aquí").isdecimal()


def test_serve_waits_for_a_command_that_is_at_work(tmp_path):
    olla = Node(tmp_path / "a")
    with ThreadPoolExecutor(1) as hands:
        with lock.held(olla.directory):
            starting = hands.submit(olla.start)
            time.sleep(1.5)
        try:
            starting.result()
            assert olla("publish", "note", "text=ya estamos").isdecimal()
        finally:
            olla.stop()


def test_a_port_that_is_taken_is_named(tmp_path):
    olla = Node(tmp_path / "a")
    with socket.socket() as other:
        other.bind(("127.0.0.1", olla.port))
        other.listen()

        refused = olla.run("serve")

    assert refused.returncode == 1
    assert f"127.0.0.1:{olla.port}" in refused.stderr


def test_sigterm_stops_within_five_seconds_and_loses_nothing(tmp_path):
    olla = Node(tmp_path / "a").start()
    number = olla("publish", "note", "text=antes de parar")
    url = f"{olla.origin}/api/v1/streaming/user"
    with httpx.stream("GET", url, headers={"authorization": f"Bearer {olla('token')}"}, timeout=20) as stream:
        heard = stream.iter_bytes()
        next(heard)
        began = time.monotonic()

        code = olla.stop()

        assert code == 0
        assert time.monotonic() - began < 5
    assert "Traceback" not in olla.log()
    assert not (olla.directory / "control.sock").exists()
    assert olla.json("show", number)["text"] == "antes de parar"


def test_what_was_published_is_there_after_kill_9(tmp_path):
    olla = Node(tmp_path / "a").start()
    number = olla("publish", "note", "text=antes del corte")

    olla.kill()

    with olla.start():
        assert olla.json("show", number)["text"] == "antes del corte"
        assert olla.json("fsck")["problems"] == []


def test_commands_work_the_same_while_nobody_serves(tmp_path):
    olla = Node(tmp_path / "a")
    number = olla("publish", "note", "text=sin servidor")

    with olla:
        assert [each["id"] for each in olla.json("timeline", "local")] == [number]
        assert httpx.get(f"{olla.origin}/o/{number}", headers={"accept": "application/activity+json"}).json()[
            "id"
        ]


def test_a_node_listens_on_a_unix_socket(tmp_path):
    path = tmp_path / "http.sock"
    with Node(tmp_path / "a").start("--unix", str(path)):
        with httpx.Client(transport=httpx.HTTPTransport(uds=str(path))) as client:
            assert client.get("http://olla/c/esperanza").status_code == 200
        assert stat.S_ISSOCK(path.stat().st_mode)

    assert not path.exists()


def test_a_deep_data_directory_can_be_served(tmp_path):
    deep = tmp_path / ("d" * 60) / ("e" * 60)

    with Node(deep) as olla:
        assert olla("publish", "note", "text=hola").isdecimal()


def test_the_control_socket_is_for_its_owner_alone(tmp_path):
    with Node(tmp_path / "a") as olla:
        assert (olla.directory / "control.sock").stat().st_mode & 0o777 == 0o600


def test_another_origin_in_the_settings_is_refused(tmp_path):
    olla = Node(tmp_path / "a")
    settings = olla.directory / "minga.toml"
    settings.write_text(settings.read_text().replace(olla.origin, "https://other.example"))

    refused = olla.run("status")

    assert refused.returncode == 1
    assert olla.origin in refused.stderr


def test_a_clock_a_day_before_the_last_activity_is_refused(tmp_path):
    olla = Node(tmp_path / "a")
    olla("publish", "note", "text=hoy")

    with sqlite3.connect(olla.directory / "minga.db") as database:
        database.execute("UPDATE activities SET at = at + 2 * 86400 * 1000")
    database.close()

    refused = olla.run("serve")

    assert refused.returncode == 1
    assert "clock" in refused.stderr


def test_data_of_a_newer_version_is_left_alone(tmp_path):
    olla = Node(tmp_path / "a")

    with sqlite3.connect(olla.directory / "minga.db") as database:
        database.execute("PRAGMA user_version = 9999")
    database.close()

    with socket.create_server(("127.0.0.1", 0)) as taken:
        refused = olla.run("serve", "--bind", f"127.0.0.1:{taken.getsockname()[1]}")

    assert refused.returncode == 1
    assert "newer" in refused.stderr


def test_up_makes_a_trial_node_once_and_says_that_it_is_one(tmp_path):
    olla = Node(tmp_path / "a", "minga", init=False)
    arguments = ["up", "--bind", f"127.0.0.1:{olla.port}", "-d", str(olla.directory)]
    for _ in range(2):
        process = subprocess.Popen([sys.executable, "-m", "node", *arguments], cwd=ROOT, env=environment(), stdout=subprocess.PIPE, text=True)  # fmt: skip
        assert process.stdout is not None
        greeting = ""
        while "trial:" not in greeting:
            greeting += process.stdout.readline()
            assert process.poll() is None, greeting
        assert httpx.get(f"{olla.origin}/c/minga").status_code == 200
        assert olla.json("collective", "list")[0]["kind"] == "kitchen"
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0
        process.stdout.close()
    assert (olla.directory / "recovery-words.txt").stat().st_mode & 0o777 == 0o600
    assert os.listdir(olla.directory).count("minga.toml") == 1


def test_a_start_loads_nothing_that_only_some_need():
    late = {"aiohttp", "websockets", "icalendar", "segno", "markdown_it", "PIL", "lxml"}
    begun = "import sys, node.cli.serving; print(*sys.modules)"

    loaded = subprocess.run([sys.executable, "-c", begun], cwd=ROOT, env=environment(), capture_output=True, text=True, check=True)  # fmt: skip

    assert "node.app" in loaded.stdout.split()
    assert not late & set(loaded.stdout.split())
