"""`minga verify` and `minga recompute`: the stranger's check of a public account and of its shares. No node, no data directory."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import click

from node import VERSION
from node.cli.late import load
from node.cli.scope import Command, Scope, current, one_line, showing_progress, wanted_here
from node.control.wire import Progress
from node.directory import SETTINGS
from node.domain.allocation import AllocationError
from node.domain.recompute import arithmetic
from node.errors import ElsewhereError, InvalidError, SetupError
from node.tlog.errors import TlogError
from node.tlog.policy import Policy
from node.tongues import Tongue, message


@click.command(
    cls=Command,
    examples=(
        "minga verify https://fondo.example/account",
        "minga verify https://fondo.example/account --policy my-witnesses.txt",
        "minga verify https://fondo.example/account --proof my-gift.tlog-proof",
        "minga verify --proof my-gift.tlog-proof --policy my-witnesses.txt     # without any network",
    ),
)
@click.argument("url", required=False)
@click.option(
    "--policy",
    "policy_file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Whom you trust to have witnessed it (C2SP tlog-policy), instead of the log's own list.",
)
@click.option(
    "--proof",
    "proof_file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Check that the entry of this proof file stands in the account.",
)
@click.option(
    "--state",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Where the tip that was seen is kept; else below your cache directory.",
)
def verify(url: str | None, policy_file: Path | None, proof_file: Path | None, state: Path | None) -> None:
    """Check a public account from outside: every signature, entry, sum, share, and that nothing was rewritten since last time.

    One line for each check with its figure. Exit 0: all holds; 1: something differs, and is printed in full.
    """
    policy = None if policy_file is None else _policy(policy_file)
    proof = None if proof_file is None else _bytes(proof_file)
    # Heavy, and only needed here.
    tool = load("node.verify")
    if url is None:
        if proof is None or policy is None:
            raise click.UsageError(
                "Give the address of an account, or --proof and --policy to check without a network."
            )
        _tell(tool, tool.carried_alone(proof, policy))
        return
    memory = tool.Memory.default() if state is None else tool.Memory(state)
    source = tool.Source.open(url, f"minga-verify/{VERSION}")
    try:
        with showing_progress() as report:
            findings = tool.visit(
                source,
                policy=policy,
                proof=proof,
                memory=memory,
                now=datetime.now(UTC),
                tell=lambda what, done, total: report(Progress(what, done, total)),
            )
            _tell(tool, findings)
    finally:
        source.close()


@click.command(
    cls=Command,
    examples=(
        "minga recompute https://fondo.example/o/117655000000000      # a round, or its allocation",
        "minga recompute 117670000000000 --json",
    ),
)
@click.argument("ref", metavar="ROUND_OR_ALLOCATION")
def recompute(ref: str) -> None:
    """Work out the shares of a round again, with the arithmetic, and show what differs from what was published.

    An address is asked itself, as any stranger would, and must answer every claim with which its round closed; no node is
    needed. Where it does not answer, or for a number, the node of the data directory is asked, for what it heard.
    Exit 0: as published; 1: something differs.
    """
    scope = current()
    answer = _from_outside(ref, scope) if urlsplit(ref).scheme else scope.ask("recompute", ref=ref)
    scope.show(answer, lambda: _arithmetic(answer))
    if answer["differences"]:
        sys.exit(1)


def _from_outside(url: str, scope: Scope) -> dict[str, Any]:
    # Heavy, and only needed here.
    tool = load("node.verify")
    source = tool.Source.anywhere(f"minga-recompute/{VERSION}")
    try:
        found = tool.published(source, url, datetime.now(UTC))
        told = arithmetic(found.record, _handle, Tongue.of(wanted_here(), ZoneInfo("UTC")))
    except AllocationError as error:
        raise InvalidError(
            "url", message("an allocation that can be reckoned: {error}"), error=str(error)
        ) from error
    except ElsewhereError:
        if not (scope.directory / SETTINGS).exists():
            raise
        asked: dict[str, Any] = scope.ask("recompute", ref=url)
        return asked
    finally:
        source.close()
    return {"allocation": found.uri, "signed_by": found.actor, "claims_closed": found.claims, **told}


def _handle(actor: str) -> str:
    """How a stranger reads an actor whom nobody described to her."""
    parts = urlsplit(actor)
    name = parts.path.rpartition("/")[2]
    return f"{name}@{parts.netloc}" if parts.path.startswith("/c/") and name else actor


def _arithmetic(told: dict[str, Any]) -> list[str]:
    """The reckoning line by line, in the language in which its numbers are said."""
    tongue = Tongue.of(told["language"], ZoneInfo("UTC"))
    say = tongue.say
    priced = say("{available} at {price} each", available=told["available"], price=told["unit_price"])
    lines = [
        f"{told['rule']}: {priced if told['unit_price'] else told['available']}; "
        + say("seed {seed}", seed=one_line(told["seed"]))
    ]
    lines += [f"  {one_line(share['name'])}: {_share(share, tongue)}" for share in told["shares"]]
    lines.append(say("carried over: {amount}", amount=told["carry_over"]))
    if "signed_by" in told:
        signer = say("signed by {actor}", actor=one_line(told["signed_by"]))
        lines.append(f"{signer}: {one_line(told['allocation'])}")
    if told.get("claims_closed") is not None:
        lines.append(
            tongue.plural(
                "answers the {number} claim with which its round closed",
                "answers all {number} claims with which its round closed",
                told["claims_closed"],
            )
        )
    elif "claims_closed" in told:
        lines.append(say("without a round: its claims are the fund's own word"))
    differs = say("DIFFERS")
    differing = [f"{differs}  {one_line(line)}" for line in told["differences"]]
    return lines + (differing or [say("as published")])


def _share(share: dict[str, Any], tongue: Tongue) -> str:
    parts = [
        tongue.say("weight {weight}", weight=share["weight"]),
        tongue.say("quota {quota}", quota=share["quota"]),
    ]
    if share["guaranteed"]:
        parts.append(tongue.say("floor {number}", number=share["guaranteed"]))
    if share["capped"]:
        parts.append(tongue.say("capped"))
    if share["extra"]:
        parts.append(f"+{share['extra']}")
    if share["tied"]:
        parts.append(tongue.say("tie key {key}", key=share["key"][:8]))
    return f"{', '.join(parts)} = {tongue.number(share['units'])}, {share['amount']}"


def _tell(tool: Any, findings: Any) -> None:
    """Print each finding as it comes, and what differs; exit 1 where something does."""
    scope = current()
    told = []
    difference = None
    try:
        for finding in findings:
            told.append({"check": finding.check, "figure": finding.figure, "warning": finding.warning})
            if not scope.json:
                mark = "note" if finding.warning else "ok"
                click.echo(f"{mark:<5} {finding.check:<12} {one_line(finding.figure)}")
    except tool.DifferenceError as error:
        difference = {"check": error.check, "difference": error.difference}
        if not scope.json:
            click.echo(f"WRONG {error.check:<12} {one_line(error.difference)}")
    if scope.json:
        found = {"ok": difference is None, "findings": told, "wrong": difference}
        # Half a character, as a stranger may have written it, stays as JSON escapes it.
        click.echo(json.dumps(found, ensure_ascii=False).encode("utf-8", "backslashreplace"))
    if difference is not None:
        sys.exit(1)


def _policy(path: Path) -> Policy:
    try:
        return Policy.parse(_bytes(path))
    except TlogError as error:
        raise InvalidError("policy", message("a C2SP policy file: {error}"), error=str(error)) from error


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SetupError(
            message("{path} cannot be read: {why}"), path=str(path), why=str(error.strerror)
        ) from error
