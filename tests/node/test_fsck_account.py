"""`minga fsck` and the public account: what was booked honestly is sound, what was put in by hand is named."""

from typing import Any

import pytest

from node.control.commands import perform
from node.control.table import COMMANDS
from node.fsck import Finding, fsck
from node.storage.copies import copied
from node.storage.database import Database
from tests.fediverse import Instance, World


async def run(at: Instance, command: str, **more: Any) -> Any:
    given = {"collective": at.handles[0], **more}
    return await perform(COMMANDS, at.node, command, given, lambda _progress: None)


async def say(fund: Instance, kind: str, **fields: str) -> str:
    said = await run(fund, "publish", kind=kind, fields=fields)
    uri: str = said["uri"]
    return uri


@pytest.fixture
async def fund(world: World) -> Instance:
    """A fund whose account has gifts, one taken back, an expense whose words were withdrawn, and that goes on in a second log."""
    fund = await world.node("fondo")
    gift = {"status": "cleared", "channel": "bank"}
    await say(fund, "donation", amount="70000 CLP", **gift)
    reversed_one = await say(fund, "donation", amount="900 CLP", **gift)
    await run(fund, "revise", ref=reversed_one, fields={"status": "reversed"})
    withdrawn = await say(fund, "expense", amount="3000 CLP", purpose="flete")
    await run(fund, "withdraw", ref=withdrawn)
    await fund.node.accounts.sequence()
    assert await fund.check() == []
    await run(fund, "account.succeed", yes=True)
    await say(fund, "expense", amount="500 CLP", purpose="gas")
    await fund.node.accounts.sequence()
    return fund


FORGED = (
    "INSERT INTO leaves (log, seq, type, activity, date, fields) SELECT id, size, 'LedgerEntry', {activity}, '2026-11-28',"
    """ '{{"digest":"","postings":[["expenses:running",1000,"CLP"],["assets:bank",-1000,"CLP"]]}}' FROM logs WHERE number = 2;"""
    " UPDATE logs SET size = size + 1 WHERE number = 2;"
    " UPDATE balances SET amount = amount - 1000 WHERE account = 'assets:bank';"
    " UPDATE balances SET amount = amount + 1000 WHERE account = 'expenses:running'"
)
BOOKED = "(SELECT activity FROM leaves WHERE activity <> '' LIMIT 1)"


CHANGED: list[tuple[str, set[str]]] = [
    (FORGED.format(activity="''"), {"leaf 2 of log 2: booked, but no activity says it"}),
    (FORGED.format(activity="'https://elsewhere.example/s/1'"), {"booked, but no activity says it"}),
    (FORGED.format(activity=BOOKED), {"what it books is not what the account holds of it"}),
    (
        "UPDATE balances SET amount = amount + 1 WHERE account = 'assets:bank'",
        {"the balances are not the sums of the entries"},
    ),
    (
        "UPDATE leaves SET date = '2020-01-01' WHERE seq = 1 AND log = (SELECT id FROM logs WHERE number = 1)",
        {"another day, digest or stated amount"},
    ),
    (
        "DELETE FROM leaves WHERE seq = 1 AND log = (SELECT id FROM logs WHERE number = 1)",
        {
            "what it books is not what the account holds of it",
            "leaf 1 before it is missing",
            "the balances are not the sums of the entries",
        },
    ),
    (
        "UPDATE leaves SET fields = replace(fields, 'CLP', 'EUR') WHERE type = 'Succession'",
        {"it carries over other balances"},
    ),
    ("UPDATE leaves SET type = 'Succession' WHERE seq = 3", {"a Succession does not stand there"}),
]


async def found_after(fund: Instance, changes: str) -> list[Finding]:
    """What fsck finds in a copy of the database in which something was changed by hand."""
    async with copied(fund.node.database, fund.directory) as path:
        copy = await Database.open(path, fund.world.clock)
        try:
            for change in changes.split(";"):
                await copy.writer.run(lambda t, said=change: t.execute(said))
            return await fsck(copy, fund.origin, fund.directory, fund.world.clock, lambda _done: None)
        finally:
            await copy.close()


async def test_an_account_is_sound_until_it_is_changed_by_hand(fund: Instance) -> None:
    assert await fund.check() == []
    for change, named in CHANGED:
        found = await found_after(fund, change)
        assert {each.check for each in found} == {"account"}, change
        for words in named:
            assert any(words in each.what for each in found), found
