"""`minga follow`, `trust`, `block` and their kin: whom we hear, and who hears us."""

from collections.abc import Sequence

import click

from node.cli.scope import Command, current

HANDLE = "HANDLE_OR_URL"


def _relation(name: str, done: str, help_: str, examples: Sequence[str]) -> click.Command:
    def act(target: str) -> None:
        scope = current()
        answer = scope.ask(f"relation.{name}", target=target)
        scope.show(answer, lambda: [f"{done}: {answer['actor']}"])

    argument = click.Argument(["target"], metavar=HANDLE)
    return Command(name, params=[argument], callback=act, help=help_, examples=examples)


follow = _relation(
    "follow",
    "Follow sent to",
    "Follow a collective or anyone in the fediverse: what they say comes to the home timeline.",
    ("minga follow cooperativa@cooperativa.example", "minga follow https://esperanza.example/c/esperanza"),
)
unfollow = _relation(
    "unfollow", "No longer following", "Stop following.", ("minga unfollow cooperativa@cooperativa.example",)
)
trust = _relation(
    "trust",
    "Among the peers",
    "Put somebody among the peers: only they read what is published with --visibility peers.",
    ("minga trust esperanza@esperanza.example",),
)
untrust = _relation(
    "untrust",
    "No longer among the peers",
    "Take somebody out of the peers.",
    ("minga untrust esperanza@esperanza.example",),
)
believe = _relation(
    "believe",
    "Believed again",
    "Believe an account in doubt as its server shows it now: only after asking them by another way. Else block it.",
    ("minga believe esperanza@esperanza.example",),
)
approve = _relation(
    "approve",
    "Approved",
    "Accept a follow that waits.",
    ("minga requests", "minga approve ana@social.example"),
)
refuse = _relation(
    "refuse",
    "Refused",
    "Refuse a follow that waits, or send a follower away.",
    ("minga refuse stranger@spy.example",),
)


@click.command(
    cls=Command,
    examples=("minga block spammer@bad.example", "minga block bad.example --reason 'sells followers'"),
)
@click.argument("target", metavar="HANDLE_URL_OR_HOST")
@click.option("--reason", default="", help="Why; for the stewards, it is sent to nobody.")
def block(target: str, reason: str) -> None:
    """Block an actor, or a whole host: nothing is taken from it, and nothing is served or sent to it."""
    scope = current()
    answer = scope.ask("relation.block", target=target, reason=reason)
    scope.show(answer, lambda: [f"Blocked: {answer['actor']}"])


unblock = _relation("unblock", "Unblocked", "Take back a block.", ("minga unblock bad.example",))


def _listing(name: str, help_: str) -> click.Command:
    def show() -> None:
        scope = current()
        answer = scope.ask(f"relation.{name}")
        scope.show(answer, lambda: [_line(each) for each in answer])

    return Command(name, callback=show, help=help_, examples=(f"minga {name}", f"minga {name} --json"))


def _line(row: dict[str, str]) -> str:
    return "  ".join(part for part in (row["handle"] or row["actor"], row["state"], row["name"]) if part)


followers = _listing("followers", "List who follows us.")
following = _listing("following", "List whom we follow.")
requests = _listing("requests", "List follows that wait for approval (where relations.approve is set).")
