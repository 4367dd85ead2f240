"""The control socket: what a running node answers to its own machine, and what it does with nonsense."""

import concurrent.futures
import json
import os
import socket

import pytest

from tests.nodes import Node, until


@pytest.fixture(scope="module")
def olla(tmp_path_factory):
    with Node(tmp_path_factory.mktemp("control") / "a") as node:
        yield node


def send(olla, line: bytes) -> list[dict]:
    """What the node answers to one line on its socket."""
    directory = os.open(olla.directory, os.O_RDONLY)
    try:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(20)
            client.connect(f"/proc/self/fd/{directory}/control.sock")
            client.sendall(line)
            client.shutdown(socket.SHUT_WR)
            return [json.loads(text) for text in client.makefile("rb")]
    finally:
        os.close(directory)


def command(olla, name, **arguments):
    return send(olla, json.dumps({"command": name, "arguments": arguments}).encode() + b"\n")


def test_one_line_is_one_command_and_one_answer(olla):
    (answer,) = command(olla, "collective.list")

    assert [each["handle"] for each in answer["result"][0]] == ["esperanza"]


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"\n",
        b"nonsense\n",
        b"[]\n",
        b'{"command": 7}\n',
        b'{"arguments": {}}\n',
        b"\xff\xfe\n",
        b'{"command": "status", "arguments": []}\n',
        b'{"command": "' + b"x" * 5_000_000,
    ],
)
def test_nonsense_is_refused_in_one_line_and_the_node_goes_on(olla, line):
    try:
        answers = send(olla, line)
    except ConnectionError:
        answers = [{"refusal": {"status": 422, "error": "command"}}]  # it hung up on whoever never stops

    assert answers[-1]["refusal"]["status"] == 422
    assert "command" in answers[-1]["refusal"]["error"]
    assert command(olla, "collective.list")[-1]["result"]


def test_an_unknown_command_is_named(olla):
    assert "frobnicate" in command(olla, "frobnicate")[-1]["refusal"]["error"]


@pytest.mark.parametrize(
    ("name", "arguments", "field"),
    [
        ("publish", {"kind": "note", "fields": {"text": 7}}, "fields"),
        ("publish", {"fields": {"text": "hola"}}, "publish"),
        ("publish", {"kind": "note", "fields": {"text": "hola"}, "nonsense": 1}, "publish"),
        ("publish", {"kind": "note", "fields": {"nonsense": "1"}}, "nonsense"),
        ("publish", {"kind": "note", "fields": {}}, "text"),
        ("publish", {"kind": "nonsense", "fields": {}}, "kind"),
        ("publish", {"kind": "note", "fields": {"text": "a"}, "visibility": "secret"}, "visibility"),
        ("publish", {"kind": "note", "fields": {"text": "x" * 5001}}, "text"),
        ("timeline", {"which": "other"}, "timeline"),
        ("timeline", {"which": "home", "before": "x"}, "before"),
    ],
)
def test_a_wrong_argument_is_named_and_nothing_is_stored(olla, name, arguments, field):
    before = command(olla, "fsck")[-1]["result"][0]["activities"]

    refusal = command(olla, name, **arguments)[-1]["refusal"]

    assert refusal["field"].startswith(field)
    assert refusal["status"] == 422
    assert command(olla, "fsck")[-1]["result"][0]["activities"] == before


def test_a_command_is_finished_though_its_caller_hung_up(olla):
    directory = os.open(olla.directory, os.O_RDONLY)
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(f"/proc/self/fd/{directory}/control.sock")
        line = {"command": "publish", "arguments": {"kind": "note", "fields": {"text": "colgué antes"}}}
        client.sendall(json.dumps(line).encode() + b"\n")
    os.close(directory)

    def told():
        said = command(olla, "timeline", which="local")[-1]["result"][0]
        return "colgué antes" in [each["text"] for each in said]

    until(told)


def test_many_at_once_are_all_answered_and_each_has_an_id_of_its_own(olla):
    with concurrent.futures.ThreadPoolExecutor(20) as people:
        answers = list(
            people.map(
                lambda number: command(olla, "publish", kind="note", fields={"text": f"a la vez {number}"}),
                range(40),
            )
        )

    assert len({answer[-1]["result"][0]["id"] for answer in answers}) == 40


def test_long_work_tells_how_far_it_is(olla, tmp_path):
    answers = command(olla, "backup", target=str(tmp_path / "olla.backup"))

    told = [answer["progress"] for answer in answers if "progress" in answer]
    assert told
    assert all(0 < each["done"] <= each["total"] for each in told)
    assert answers[-1]["result"][0]["bytes"] > 0
