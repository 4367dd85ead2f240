"""The command line as scripts use it: what it prints, how it refuses, who may do what."""

import json
import re
import shlex
import subprocess
import sys

import click
import pytest

from node.cli import main
from node.cli.scope import one_line
from node.control import client
from tests.nodes import ROOT, Node, RefusedError, environment, minga, until

ENGLISH = {"the", "of", "is", "was", "not", "nothing", "expected", "this", "that", "there", "and", "with"}


@pytest.fixture(scope="module")
def olla(tmp_path_factory):
    with Node(tmp_path_factory.mktemp("commands") / "a") as node:
        yield node


def test_publish_prints_only_the_id(olla):
    printed = olla.run("publish", "note", "text=hola")

    assert printed.stdout.strip().isdecimal()
    assert printed.stdout.count("\n") == 1
    assert printed.stderr == ""


def test_json_is_json_and_ids_in_it_are_text(olla):
    answer = olla.json("publish", "note", "text=hola")

    assert answer["id"].isdecimal()
    assert answer["uri"].endswith(answer["id"])


def test_an_error_is_one_line_and_a_hint_and_exit_1(olla):
    refused = olla.run("member", "add", "nadie", "--role", "cook", "--collective", "ninguna")

    assert refused.returncode == 1
    assert refused.stdout == ""
    first, *rest = refused.stderr.strip().splitlines()
    assert first.startswith("minga: ")
    assert [line.partition(" ")[0] for line in rest] == ["hint:"]


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        (["publish", "nonsense", "text=a"], "kind"),
        (["publish", "note", "txt=a"], "txt"),
        (["publish", "note"], "text"),
        (["publish", "note", "text=" + "x" * 5001], "text"),
        (["publish", "note", "text=a", "--in-reply-to", "77"], "ese número"),
        (["publish", "note", "text=a", "--visibility", "direct"], "to"),
        (["show", "no such"], "id"),
        (["like", "99"], "ese número"),
        (["follow", "no handle"], "handle"),
        (["follow", "two@@signs.example"], "handle"),
        (["follow", "nadie@127.0.0.1:1"], "127.0.0.1:1"),
        (["show", "http://127.0.0.1:1/o/1"], "127.0.0.1:1"),
    ],
)
def test_what_is_wrong_is_named_and_stores_nothing(olla, arguments, field):
    before = olla.json("fsck")["activities"]

    refused = olla.run(*arguments)

    assert refused.returncode == 1
    assert field in refused.stderr
    assert [line.partition(" ")[0] for line in refused.stderr.splitlines()] == ["minga:", "hint:"]
    assert not ENGLISH & set(re.findall(r"[a-z]+", refused.stderr.lower()))
    assert olla.json("fsck")["activities"] == before


@pytest.mark.parametrize(
    ("command", "arguments", "said"),
    [
        ("show", {"ref": "https://10.0.0.1:8443/o/1"}, "10.0.0.1:8443: Este servidor no se conecta"),
        ("relation.follow", {"target": "nadie"}, "ningún colectivo «nadie»"),
        ("relation.unfollow", {"target": "{own}"}, "No siguen"),
        ("fund.sign", {"number": "7", "as": "nadie"}, "«nadie»"),
        ("publish", {"kind": "nada", "fields": {}}, "kind: una de estas clases"),
        (
            "publish",
            {
                "kind": "allocation",
                "fields": {
                    "available": "1000 CLP",
                    "unit_price": "100 CLP",
                    "rule": "largest-remainder/1",
                    "seed": "x",
                    "claims": "[]",
                },
            },
            "claims: al menos una fila",
        ),
        (
            "publish",
            {"kind": "meal", "fields": {"menu": "porotos", "planned": "3 kg"}},
            "planned: una de estas unidades: unidades",
        ),
        (
            "publish",
            {"kind": "need", "fields": {"what": "pan", "quantity": "3 arrobas"}},
            "quantity: una de estas unidades: kg, g, l, ml, horas, unidades, raciones, kcal",
        ),
        ("account.show", {}, "Olla Esperanza todavía no tiene cuenta."),
        ("publish", {"kind": "note", "fields": {"text": "hola"}, "collective": "otra"}, "«otra»"),
    ],
)
def test_a_refusal_is_in_the_language_of_the_collective(olla, command, arguments, said):
    arguments = {
        name: value.format(own=olla.actor) if isinstance(value, str) else value
        for name, value in arguments.items()
    }

    with pytest.raises(client.RefusedError, match=re.escape(said)) as refused:
        client.ask(olla.directory, command, arguments, lambda _progress: None)

    assert not ENGLISH & set(re.findall(r"[a-z]+", f"{refused.value} {refused.value.hint}".lower()))


def _helps(command, path, parent=None):
    """Every command and group below this one, with its help."""
    context = click.Context(command, info_name=path[-1], parent=parent)
    yield " ".join(path), command.get_help(context)
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            yield from _helps(command.get_command(context, name), [*path, name], context)


def test_every_command_has_a_help_with_an_example():
    told = dict(_helps(main.minga, ["minga"]))

    assert len(told) > 80
    for path, text in told.items():
        assert path in text.partition("Examples:")[2], path
        assert "--data DIR" in text, path
        assert "--json" in text, path


def test_the_example_of_a_kind_can_be_typed_as_it_stands(olla):
    example = minga("publish", "need", "--help").stdout.partition("Examples:")[2].strip()

    assert olla(*shlex.split(example)[1:]).isdecimal()


def test_a_kind_may_be_named_in_spanish(olla):
    number = olla("publish", "necesidad", "qué=lentejas", "cantidad=40 kg")

    assert olla.json("show", number)["kind"] == "need"
    assert "quantity=" in minga("publish", "necesidad", "--help").stdout


def test_the_help_of_a_kind_lists_its_fields():
    told = minga("publish", "need", "--help").stdout

    for field in ("what=", "quantity=", "by=", "place="):
        assert field in told
    assert "available=" not in told


def test_a_member_may_what_her_role_may(olla):
    olla("member", "add", "rosa", "--role", "cook")
    olla("member", "add", "nueva", "--role", "newcomer")

    assert olla("publish", "note", "text=de Rosa", "--as", "rosa").isdecimal()
    for refused, said in (
        (["publish", "note", "text=de la nueva", "--as", "nueva"], "cook, steward"),
        (["follow", "x@y.example", "--as", "nueva"], "quien coordina"),
        (["publish", "note", "text=de nadie", "--as", "nadie"], "nadie"),
    ):
        result = olla.run(*refused)
        assert result.returncode == 1
        assert said in result.stderr


def test_members_are_listed_changed_and_removed(olla):
    olla("member", "add", "elena", "--role", "cook", "--password-stdin", stdin="una clave larga\n")
    olla("member", "add", "marta", "--role", "steward", "--password-stdin", stdin="otra clave larga\n")
    olla("member", "role", "elena", "steward")

    (elena,) = [each for each in olla.json("member", "list") if each["name"] == "elena"]
    assert (elena["role"], elena["password"]) == ("steward", True)
    olla("member", "remove", "elena")
    assert "elena" not in olla("member", "list")
    with pytest.raises(RefusedError, match="única persona que coordina"):
        olla("member", "remove", "marta")


def test_token_prints_only_a_token(olla):
    first, second = olla("token"), olla("token", "--scopes", "read")

    assert first != second
    assert len(first) >= 43
    assert "\n" not in first
    with pytest.raises(RefusedError, match="scopes"):
        olla("token", "--scopes", "admin")


def test_options_may_stand_before_or_after_the_command(olla):
    before = minga("-d", str(olla.directory), "--json", "collective", "list")
    after = minga("collective", "list", "--json", "-d", str(olla.directory))

    assert json.loads(before.stdout) == json.loads(after.stdout)
    assert minga("collective", "list", environ={"MINGA_DATA": str(olla.directory)}).returncode == 0


def test_text_of_strangers_never_moves_the_terminal():
    assert one_line("uno\r\n\x1b[2Jdos\u202e\x07") == r"uno\r\n\x1b[2Jdos\u202e\x07"
    assert one_line("ñandú ¡sí! 🍲") == "ñandú ¡sí! 🍲"


def test_nobody_is_shown_a_traceback_when_the_reader_of_a_pipe_leaves(olla):
    for _ in range(3):
        olla("publish", "note", "text=" + "línea larga " * 100)
    command = [sys.executable, "-m", "node", "timeline", "local", "-d", str(olla.directory)]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""


def test_relations_are_made_shown_and_ended(olla, tmp_path):
    with Node(tmp_path / "b", "villasol") as villasol:
        villasol("follow", olla.address)
        until(lambda: olla.json("followers"))
        olla("trust", villasol.address)
        assert [each["state"] for each in olla.json("followers")] == ["peer"]
        secret = olla("publish", "note", "text=solo entre pares", "--visibility", "peers")
        until(lambda: "solo entre pares" in villasol("timeline", "home"))

        olla("untrust", villasol.address)
        olla("block", villasol.address, "--reason", "prueba")
        until(lambda: not villasol.json("following"))
        assert olla.json("followers") == []
        olla("unblock", villasol.address)
        assert olla.json("show", secret)["audience"] == "peers"


def test_a_follow_waits_for_approval_where_the_settings_say_so(tmp_path):
    approving = Node(tmp_path / "a")
    with approving.start("--set", "relations.approve=true"), Node(tmp_path / "b", "villasol") as villasol:
        villasol("follow", approving.address)
        until(lambda: approving.json("requests"))
        assert villasol.json("following")[0]["state"] == "requested"

        approving("approve", villasol.address)

        until(lambda: villasol.json("following")[0]["state"] == "accepted")
        assert approving.json("requests") == []
