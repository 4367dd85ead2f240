"""`minga`: the table of commands, and how errors end."""

import os
import sys

import click

from node.cli.scope import Group, exit_with
from node.errors import NodeError

_SETTING_UP = "node.cli.setting_up"
_MEMBERS = "node.cli.members"
_RELATIONS = "node.cli.relations"
_SPEAKING = "node.cli.speaking"
_MATCHING = "node.cli.matching"
_KITCHEN = "node.cli.kitchen"
_READING = "node.cli.reading"
_FUND = "node.cli.fund"
_UPKEEP = "node.cli.upkeep"
_BACKUP = "node.cli.backup"
_VERIFYING = "node.cli.verifying"
_ACCOUNT = "node.cli.account"

COMMANDS = {
    "init": f"{_SETTING_UP}:init",
    "serve": f"{_SETTING_UP}:serve",
    "up": f"{_SETTING_UP}:up",
    "collective": f"{_MEMBERS}:collective",
    "member": f"{_MEMBERS}:member",
    "token": f"{_MEMBERS}:token",
    "follow": f"{_RELATIONS}:follow",
    "unfollow": f"{_RELATIONS}:unfollow",
    "trust": f"{_RELATIONS}:trust",
    "untrust": f"{_RELATIONS}:untrust",
    "believe": f"{_RELATIONS}:believe",
    "block": f"{_RELATIONS}:block",
    "unblock": f"{_RELATIONS}:unblock",
    "followers": f"{_RELATIONS}:followers",
    "following": f"{_RELATIONS}:following",
    "requests": f"{_RELATIONS}:requests",
    "approve": f"{_RELATIONS}:approve",
    "refuse": f"{_RELATIONS}:refuse",
    "publish": f"{_SPEAKING}:publish",
    "revise": f"{_SPEAKING}:revise",
    "withdraw": f"{_SPEAKING}:withdraw",
    "like": f"{_SPEAKING}:like",
    "boost": f"{_SPEAKING}:boost",
    "undo": f"{_SPEAKING}:undo",
    "accept": f"{_MATCHING}:accept",
    "reject": f"{_MATCHING}:reject",
    "receive": f"{_MATCHING}:receive",
    "confirm": f"{_MATCHING}:confirm",
    "board": f"{_MATCHING}:board",
    "recompute": f"{_VERIFYING}:recompute",
    "join": f"{_FUND}:join",
    "members": f"{_FUND}:members",
    "decisions": f"{_FUND}:decisions",
    "propose": f"{_FUND}:propose",
    "sign": f"{_FUND}:sign",
    "recuse": f"{_FUND}:recuse",
    "proposals": f"{_FUND}:proposals",
    "round": f"{_FUND}:round_",
    "campaign": f"{_FUND}:campaign",
    "what-if": f"{_FUND}:what_if",
    "pantry": f"{_KITCHEN}:pantry",
    "recipe": f"{_KITCHEN}:recipe",
    "timeline": f"{_READING}:timeline",
    "show": f"{_READING}:show",
    "account": f"{_ACCOUNT}:account",
    "log": f"{_ACCOUNT}:log",
    "recover": f"{_ACCOUNT}:recover",
    "verify": f"{_VERIFYING}:verify",
    "evidence": "node.cli.evidence:evidence",
    "status": f"{_UPKEEP}:status",
    "fsck": f"{_UPKEEP}:fsck",
    "keys": f"{_UPKEEP}:keys",
    "backup": f"{_BACKUP}:backup",
    "restore": f"{_BACKUP}:restore",
}


@click.group(
    cls=Group,
    lazy=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    examples=(
        "minga up                                        # a trial node on this machine",
        "minga init --origin https://olla.example --handle esperanza --name 'Olla La Esperanza' --kind kitchen",
        "minga serve",
        "minga follow cooperativa@cooperativa.example",
        "minga publish note text='Hoy cocinamos a las 13:00'",
    ),
)
def minga() -> None:
    """A collective's own server in the fediverse.

    While `minga serve` runs, the other commands reach it; otherwise they do their work on the data directory themselves,
    and what they publish is delivered by the next `serve`.
    """


def main() -> None:
    """Run the command line. Exit 0: done; 1: refused or failed, said on stderr; 2: wrong usage."""
    os.umask(0o077)
    try:
        minga.main(prog_name="minga", standalone_mode=False)
    except click.ClickException as wrong:
        wrong.show()
        sys.exit(wrong.exit_code)
    except NodeError as error:
        exit_with(error)
    except click.Abort:
        sys.exit(130)
    except BrokenPipeError:
        # Whoever read our output has seen enough; Python would complain once more while it exits.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
