"""`minga collective`, `minga member`, `minga token`: who this node speaks for and who may speak."""

import secrets
import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from node.cli.late import load
from node.cli.scope import Group, current
from node.cli.setting_up import about_collective, sheet_keeper

ROLE = click.Choice(["steward", "treasurer", "cook", "newcomer", "advisor"])


@click.group(
    cls=Group,
    examples=(
        "minga collective list",
        "minga collective describe --summary 'Cocinamos martes y jueves en la sede.'",
    ),
)
def collective() -> None:
    """The collectives of this node: each has its own address, keys and followers."""


@click.group(cls=Group, examples=("minga member add rosa --role cook", "minga member list"))
def member() -> None:
    """The people who may come in. They never federate: outside, only the collective speaks."""


@collective.command("list", examples=("minga collective list --json",))
def list_collectives() -> None:
    """List the collectives of this node."""
    scope = current()
    answer = scope.ask("collective.list")
    scope.show(
        answer,
        lambda: [f"{each['handle']}  {each['kind']}  {each['uri']}  {each['name']}" for each in answer],
    )


@collective.command(
    "add", examples=("minga collective add --handle sanjose --name 'Olla San José' --kind kitchen",)
)
def add_collective(recovery_out: Path | None, **about: str) -> None:
    """Add a collective to this node, with its own address, keys, followers and recovery words."""
    scope = current()
    keep = sheet_keeper(recovery_out)
    actor = scope.ask("collective.uri", handle=about["handle"])["actor"]
    recovery = load("node.recovery")
    roots = recovery.Roots.make(secrets.token_bytes)
    founding = roots.found(actor, datetime.now(UTC))
    keep(roots.sheet(actor))
    answer = scope.ask("collective.add", **about, statement=founding.statement, recipient=founding.seal)
    scope.show(answer, lambda: [f"{answer['name']} is {answer['uri']}"])
    if answer["giving"]:
        click.echo(
            "[giving] in minga.toml counts for none of several collectives: write [giving.HANDLE] for each, and start the node again.",
            err=True,
        )


about_collective(add_collective)


@collective.command(
    "describe", examples=("minga collective describe --summary 'Cocinamos martes y jueves en la sede.'",)
)
@click.option("--name", metavar="TEXT", help="A new name; the handle stays.")
@click.option("--summary", metavar="TEXT", help="What the collective says of itself.")
def describe(name: str | None, summary: str | None) -> None:
    """Change what a collective says of itself; everybody who follows it is told."""
    scope = current()
    answer = scope.ask("collective.describe", name=name, summary=summary)
    scope.show(answer, lambda: [f"{answer['name']} is {answer['uri']}"])


def password_from_stdin(wanted: bool) -> str | None:
    """The first line of standard input, where it was asked for."""
    return sys.stdin.readline().rstrip("\r\n") if wanted else None


@member.command(
    "add",
    examples=(
        "minga member add rosa --role cook",
        "printf '%s' \"$SECRET\" | minga member add elena --role steward --password-stdin",
    ),
)
@click.argument("name")
@click.option("--role", type=ROLE, required=True, help="What she is in this collective.")
@click.option("--password-stdin", is_flag=True, help="Read a password from standard input.")
def add_member(name: str, role: str, password_stdin: bool) -> None:
    """Bring somebody into the collective."""
    scope = current()
    answer = scope.ask("member.add", name=name, role=role, password=password_from_stdin(password_stdin))
    scope.show(answer, lambda: [f"{answer['name']} is {answer['role']} of {answer['collective']}."])


@member.command("list", examples=("minga member list",))
def list_members() -> None:
    """List the members of the collective."""
    scope = current()
    answer = scope.ask("member.list")
    scope.show(
        answer,
        lambda: [
            f"{each['name']}  {each['role']}{'' if each['password'] else '  (no password)'}"
            for each in answer
        ],
    )


@member.command("invite", examples=("minga member invite --role cook",))
@click.option("--role", type=ROLE, required=True, help="What she will be in this collective.")
def invite(role: str) -> None:
    """Print a link with which one person comes in, within seven days; she chooses her own name and password."""
    scope = current()
    answer = scope.ask("member.invite", role=role)
    scope.show(answer, lambda: [answer["url"]])


@member.command("role", examples=("minga member role rosa treasurer",))
@click.argument("name")
@click.argument("role", type=ROLE)
def set_role(name: str, role: str) -> None:
    """Change what a member is."""
    scope = current()
    answer = scope.ask("member.role", name=name, role=role)
    scope.show(answer, lambda: [f"{name} is {role} now."])


@member.command("password", examples=("minga member password rosa --password-stdin < secret.txt",))
@click.argument("name")
@click.option(
    "--password-stdin", is_flag=True, help="Read the password from standard input instead of asking."
)
def set_password(name: str, password_stdin: bool) -> None:
    """Give a member a new password."""
    scope = current()
    password = password_from_stdin(password_stdin) or click.prompt(
        "Password", hide_input=True, confirmation_prompt=True
    )
    answer = scope.ask("member.password", name=name, password=password)
    scope.show(answer, lambda: [f"{name} has a new password."])


@member.command("remove", examples=("minga member remove rosa",))
@click.argument("name")
def remove_member(name: str) -> None:
    """Take a member out, with her tokens; what she wrote stays the collective's."""
    scope = current()
    answer = scope.ask("member.remove", name=name)
    scope.show(answer, lambda: [f"{name} is no member any more."])


@click.command(
    "token",
    cls=collective.command_class,
    examples=("TOKEN=$(minga token --member rosa)", "minga token --scopes 'read'"),
)
@click.option("--member", "name", metavar="NAME", help="Whose token; else the operator's.")
@click.option("--scopes", default="read write follow push", show_default=True, help="What it is good for.")
def token(name: str | None, scopes: str) -> None:
    """Print a new bearer token for the client API. It is shown this once."""
    scope = current()
    answer = scope.ask("token", member=name, scopes=scopes)
    scope.show(answer, lambda: [answer["token"]])
