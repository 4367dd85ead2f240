"""Every command that a node performs, by name: the families together."""

from node.control import account, bank, fund, matching, members, pantry, reading, relations, speaking, upkeep
from node.control.commands import Handler

COMMANDS: dict[str, Handler] = {
    **account.COMMANDS,
    **bank.COMMANDS,
    **fund.COMMANDS,
    **matching.COMMANDS,
    **members.COMMANDS,
    **pantry.COMMANDS,
    **reading.COMMANDS,
    **relations.COMMANDS,
    **speaking.COMMANDS,
    **upkeep.COMMANDS,
}
