"""`minga join`, `members`, `propose`, `sign`, `round`, `campaign` and `what-if`: a solidarity fund from the command line."""

from typing import Any

import click

from node.cli.scope import Command, Group, current, one_line
from node.cli.speaking import typed_fields

FIELDS = "FIELD=VALUE…"


@click.command(
    cls=Command, examples=("minga join fondo@fondo.example details='Cocinamos 600 raciones por semana'",)
)
@click.argument("target", metavar="FUND")
@click.argument("pairs", nargs=-1, metavar=FIELDS)
def join(target: str, pairs: tuple[str, ...]) -> None:
    """Ask a fund to belong to it. It answers with an admission; `minga withdraw` of the request leaves it."""
    scope = current()
    answer = scope.ask("fund.join", target=target, fields=typed_fields(pairs))
    scope.show(answer, lambda: [str(answer["id"])])


@click.command(cls=Command, examples=("minga members",))
def members() -> None:
    """Show which collectives belong to our fund, and since when. (People of a collective: `minga member list`.)"""
    scope = current()
    answer = scope.ask("fund.members")
    scope.show(
        answer, lambda: [f"{each['since']}  {each['handle']}  {one_line(each['name'])}" for each in answer]
    )


@click.command(cls=Command, examples=("minga decisions",))
def decisions() -> None:
    """Show what we decided, and what is to be looked at again because its day of review has come."""
    scope = current()
    answer = scope.ask("fund.decisions")
    scope.show(answer, lambda: [_decision(each) for each in answer])


def _decision(told: dict[str, Any]) -> str:
    review = (
        f"  review {told['review_on']}{', DUE' if told['review_due'] else ''}" if told["review_on"] else ""
    )
    return one_line(f"{told['on']}  {told['outcome']}  {told['subject']}  {told['id']}{review}")


@click.command(
    cls=Command,
    examples=(
        "minga propose transfer to=https://esperanza.example/c/esperanza amount='346500 CLP' allocation=117530012876800",
        "minga propose donation channel=cash status=cleared amount='5000 CLP'",
        "minga propose 117530012876800 status=cleared      # a gift in cash that was promised has come",
        "minga propose 117530012876800 status=reversed     # a gift in cash with its receipt is taken back",
        "minga propose 117530012876800 --withdraw          # a transfer that did not go out is taken back",
    ),
)
@click.argument("what", metavar="KIND_OR_ID")
@click.argument("pairs", nargs=-1, metavar=FIELDS)
@click.option(
    "--withdraw", is_flag=True, help="Take back what has this id, like a transfer that did not go out."
)
def propose(what: str, pairs: tuple[str, ...], withdraw: bool) -> None:
    """Propose what several members must approve: a transfer, a gift in cash, a change or withdrawal of one by its id.

    Prints the number that they sign.
    """
    if withdraw == bool(pairs):
        raise click.UsageError("Give the fields of what is proposed, or --withdraw and nothing else.")
    scope = current()
    known = what.isdecimal() or what.startswith(("http://", "https://"))
    named = {"about": what} if known else {"kind": what}
    answer = scope.ask("fund.propose", **named, fields=typed_fields(pairs))
    scope.show(answer, lambda: [str(answer["number"])])


@click.command(cls=Command, examples=("minga sign 117530012876800 --as maria",))
@click.argument("number", metavar="NUMBER")
def sign(number: str) -> None:
    """Approve a proposal as a member (--as); the last signature that is needed publishes it, and its id is printed."""
    scope = current()
    answer = scope.ask("fund.sign", number=number)
    scope.show(answer, lambda: [str(answer["id"])] if answer["published"] else [_waiting(answer["proposal"])])
    if "code" in answer:
        click.echo(f"code for whoever gave it, shown only now: {answer['code']}", err=True)


@click.command(cls=Command, examples=("minga recuse 117530012876800 --as maria",))
@click.argument("number", metavar="NUMBER")
def recuse(number: str) -> None:
    """Leave a proposal to others, as a member (--as) who has a stake in it, also after signing: she cannot approve it any more."""
    scope = current()
    answer = scope.ask("fund.recuse", number=number)
    scope.show(answer, lambda: [_waiting(answer)])


@click.group(
    cls=Group,
    invoke_without_command=True,
    examples=("minga proposals", "minga proposals withdraw 117530012876800"),
)
@click.pass_context
def proposals(context: click.Context) -> None:
    """Show what waits for signatures, and who signed; whoever left or lost her role counts no more. Or take a mistaken one back."""
    if context.invoked_subcommand is not None:
        return
    scope = current()
    answer = scope.ask("fund.proposals")
    scope.show(answer, lambda: [_waiting(each) for each in answer])


@proposals.command(cls=Command, examples=("minga proposals withdraw 117530012876800",))
@click.argument("number", metavar="NUMBER")
def withdraw(number: str) -> None:
    """Take a proposal back that was a mistake: it waits for nobody any more."""
    scope = current()
    answer = scope.ask("fund.proposals.withdraw", number=number)
    scope.show(answer, lambda: [str(answer["number"])])


def _waiting(proposal: dict[str, Any]) -> str:
    fields = " ".join(f"{name}={value}" for name, value in proposal["fields"].items())
    signed = ", ".join(proposal["approvals"]) or "nobody yet"
    about = f" {proposal['about']}" if proposal["about"] else ""
    fields = fields or ("to be withdrawn" if proposal["about"] else "")
    lapsed = f"; no longer counted: {', '.join(proposal['lapsed'])}" if proposal["lapsed"] else ""
    left = f"; left to others by {', '.join(proposal['recused'])}" if proposal["recused"] else ""
    return one_line(
        f"{proposal['number']}  {proposal['kind']}{about} {fields}  signed by {signed}{lapsed}{left}"
    )


@click.group(
    "round", cls=Group, examples=("minga round show 117530012876800", "minga round close 117530012876800")
)
def round_() -> None:
    """A round of a fund: publish it with `minga publish round`, then close it and share it out."""


@round_.command("close", examples=("minga round close 117530012876800 appeal_until='2026-12-14 18:00'",))
@click.argument("ref", metavar="ROUND")
@click.argument("pairs", nargs=-1, metavar=FIELDS)
def close_round(ref: str, pairs: tuple[str, ...]) -> None:
    """Close a round: its claims and the seed that they make stand from now on. Then publish its allocation."""
    scope = current()
    answer = scope.ask("fund.round.close", ref=ref, fields=typed_fields(pairs))
    scope.show(answer, lambda: [str(answer["id"])])


@round_.command("show", examples=("minga round show https://fondo.example/o/117530012876800",))
@click.argument("ref", metavar="ROUND")
def show_round(ref: str) -> None:
    """Show the claims of a round."""
    scope = current()
    answer = scope.ask("fund.round", ref=ref)
    scope.show(answer, lambda: _round(answer))


def _round(told: dict[str, Any]) -> list[str]:
    lines = [
        f"round {told['number']}: {told['status']}, {len(told['claims'])} claims; seed {told['seed'] or '—'}"
    ]
    for claim in told["claims"]:
        key = f", tie key {claim['key'][:8]}" if claim["key"] else ""
        lines.append(f"  {one_line(claim['name'])}: weight {claim['weight']}{key}  {claim['claim']}")
    return lines


@click.command(cls=Command, examples=("minga campaign 117530012876800",))
@click.argument("ref", metavar="CAMPAIGN")
def campaign(ref: str) -> None:
    """Show how far a campaign is: what arrived, milestones reached and lost, what is left to promise."""
    scope = current()
    answer = scope.ask("fund.campaign", ref=ref)
    scope.show(answer, lambda: _campaign(answer))


def _campaign(told: dict[str, Any]) -> list[str]:
    lines = list(told["said"])
    if told["over_committed"]:
        lines.append(told["warning"])
    lines += [f"  {each['said']}  {each['id']}" for each in told["matches"]]
    for stage in told["milestones"]:
        lines.append(f"  {stage['percent']} %: {stage['said']}")
    return lines


@click.command(
    "what-if", cls=Command, examples=("minga what-if 11753 11754 --round 11755 --available '625000 CLP'",)
)
@click.argument("one", metavar="CRITERIA")
@click.argument("other", metavar="OTHER_CRITERIA")
@click.option(
    "--round", "round_", required=True, metavar="ROUND", help="The round whose claims are shared out."
)
@click.option("--available", metavar="AMOUNT", help="How much money there is; else what nobody was promised.")
def what_if(one: str, other: str, round_: str, available: str | None) -> None:
    """Show what two criteria would give, kitchen by kitchen, before anybody decides."""
    scope = current()
    answer = scope.ask("fund.what_if", one=one, other=other, round=round_, available=available)
    scope.show(answer, lambda: _side_by_side(answer))


def _side_by_side(told: dict[str, Any]) -> list[str]:
    rows = [
        f"  {one_line(row['name'])}: {row['one']} → {row['other']} ({row['change']})" for row in told["rows"]
    ]
    return [f"available {told['available']}", *rows]
