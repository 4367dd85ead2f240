"""A witness that says it has seen more of a log than there is: it alone cannot stop an account, unless it shows what the log signed."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from shutil import copytree
from typing import Any

import httpx
import pytest

from node import workers
from node.control.client import RefusedError
from node.control.commands import perform
from node.control.table import COMMANDS
from node.errors import ConflictError
from node.storage import collectives, entries
from node.storage.checkpoints import Tip
from node.tlog.checkpoint import Checkpoint
from node.tlog.merkle import leaf_hash, root_of
from node.tlog.note import Note, sign
from tests.fediverse import Instance, World
from tests.node.web.visitor import WORDS, Forms


async def run(at: Instance, command: str, **more: Any) -> Any:
    given = {"collective": at.handles[0], **more}
    return await perform(COMMANDS, at.node, command, given, lambda _progress: None)


async def give(fund: Instance) -> None:
    fields = {"amount": "1000 CLP", "status": "cleared", "channel": "bank"}
    await run(fund, "publish", kind="donation", fields=fields)


async def shows(fund: Instance, size: int, **witness: Any) -> dict[str, Any]:
    """Wait until the log shows so many leaves, and its only witness is so."""

    async def there() -> Any:
        told = await run(fund, "log.show")
        (each,) = told["witnesses"]
        return each if told["size"] == size and witness.items() <= each.items() else None

    found: dict[str, Any] = await fund.until(there)
    return found


@pytest.fixture
async def pair(world: World) -> tuple[Instance, Instance]:
    """A fund, and a kitchen that it admitted and that follows nobody, as its witness."""
    fund, kitchen = await world.node("fondo"), await world.node("esperanza")
    await give(fund)
    joined = await run(kitchen, "fund.join", target=fund.address(), fields={})
    await world.quiet()
    await run(fund, "log.witness.add", ref=kitchen.address())
    refused = await shows(fund, 2, up_to_date=False)
    await fund.node.accounts.cosign()
    refused = await shows(fund, 2, up_to_date=False)
    assert "does not know this log" in refused["refused"]
    await run(fund, "publish", kind="admission", fields={"join": joined["uri"], "outcome": "admitted"})
    await world.quiet()
    assert await fund.node.accounts.cosign()
    assert (await shows(fund, 2, up_to_date=True))["refused"] is None
    return fund, kitchen


def pretend(fund: Instance, kitchen: Instance, *, signed: bool) -> None:
    """Let the kitchen's node hold a tip of the fund's log that is far ahead, signed by the log itself or not."""
    origin = f"{fund.uri().partition('://')[2]}/log"
    head = Checkpoint(origin, 999, root_of(map(leaf_hash, [b"%d" % n for n in range(999)])))
    key = fund.node.keyring.log_key(fund.uri())
    signer = key if signed else kitchen.node.keyring.log_key(kitchen.uri())
    note = Note(str(head), (sign(str(head), origin, signer),))
    tips = kitchen.node.accounts.checkpoints
    assert tips.move(
        tips.tip(origin, kitchen.uri()),
        Tip(origin, 999, head.root, bytes(note), datetime.now(UTC)),
        kitchen.uri(),
    )


async def test_a_witness_that_shows_nothing_signed_does_not_stop_the_account(
    pair: tuple[Instance, Instance],
) -> None:
    fund, kitchen = pair
    pretend(fund, kitchen, signed=False)
    await fund.stop()
    await fund.start()
    await give(fund)
    await shows(fund, 3)
    await fund.node.accounts.cosign()
    assert "it has seen 999 leaves" in (await shows(fund, 3, up_to_date=False))["refused"]


async def test_a_witness_that_was_silent_at_the_start_is_asked_before_the_log_goes_on(
    pair: tuple[Instance, Instance], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    fund, kitchen = pair
    monkeypatch.setattr(workers, "_COSIGN_FIRST", 0.1)
    pretend(fund, kitchen, signed=True)
    await fund.stop()
    await kitchen.stop()
    await fund.start()
    await fund.node.accounts.sequence()
    assert (await run(fund, "log.show"))["stopped"] is None
    await give(fund)  # nobody's silence holds up the account
    await fund.node.accounts.sequence()
    assert (await run(fund, "log.show"))["size"] == 3
    await kitchen.start()

    async def stopped() -> Any:  # asked again, though nothing is booked
        return (await run(fund, "log.show"))["stopped"]

    await fund.until(stopped)
    assert "a witness has seen 999 leaves" in caplog.text
    assert (await shows(fund, 3, up_to_date=False))["size"] == 999


async def test_what_a_witness_showed_once_is_not_forgotten_while_it_is_silent(
    pair: tuple[Instance, Instance],
) -> None:
    fund, kitchen = pair
    pretend(fund, kitchen, signed=True)
    await fund.stop()
    await fund.start()
    await fund.node.accounts.sequence()
    await kitchen.stop()
    for again in (False, True):
        if again:
            await fund.stop()
            await fund.start()
        # it would take the place of what can be brought back
        with pytest.raises(RefusedError, match="un testigo ha visto 999 hojas"):
            await give(fund)
        with pytest.raises(ConflictError, match="No key is replaced"):
            await fund.node.collectives.rotate(fund.uri(), fund.roots["fondo"].first, datetime.now(UTC))
        await fund.node.accounts.sequence()
        told = await run(fund, "log.show")
        assert (told["size"], told["waiting"]) == (2, 0)
        assert "a witness has seen 999 leaves" in told["stopped"]["why"]
    await run(fund, "publish", kind="note", fields={"text": "Seguimos cocinando"})


async def test_a_tip_that_lost_its_cosignatures_is_not_called_witnessed_and_is_cosigned_anew(
    pair: tuple[Instance, Instance],
) -> None:
    fund, _ = pair
    accounts = fund.node.accounts
    book = await accounts.books.of(fund.uri())
    tip = accounts.checkpoints.tip(book.origin)
    assert tip is not None
    signed = Note.parse(tip.note)
    bare = bytes(
        Note(signed.text, signed.signatures[:1])
    )  # as a copy holds it that was made before it was cosigned
    accounts.checkpoints.annotate(tip, bare)
    book.files.show(bare)
    await shows(fund, 2, up_to_date=False)
    assert await accounts.cosign()
    await shows(fund, 2, up_to_date=True)


async def test_the_next_log_is_cosigned_from_its_first_leaf_on(
    world: World, pair: tuple[Instance, Instance]
) -> None:
    fund, kitchen = pair
    pretend(fund, kitchen, signed=True)
    await fund.stop()
    await fund.start()
    await fund.node.accounts.sequence()
    await run(fund, "account.succeed", yes=True)
    await world.quiet()
    await fund.node.accounts.sequence()
    await fund.node.accounts.cosign()
    await shows(fund, 1, up_to_date=True, refused=None)
    assert (await run(fund, "log.show"))["stopped"] is None


async def test_what_a_witness_answers_late_of_the_former_log_is_not_noted_of_the_next(
    world: World, pair: tuple[Instance, Instance]
) -> None:
    fund, kitchen = pair
    await world.quiet()
    former = await fund.look(lambda s: entries.log_of(s, next(iter(collectives.every(s))).id))
    await run(fund, "account.succeed", yes=True)
    await world.quiet()
    for note in (entries.cosigned, entries.shown):
        await fund.node.database.writer.run(lambda t, note=note: note(t, former.id, kitchen.uri(), 999))  # type: ignore[misc]
    assert await fund.look(lambda s: entries.behind(s, fund.uri())) is None
    await give(fund)
    await shows(fund, 2)


async def test_a_witness_that_shows_what_the_log_signed_stops_it_before_it_forks(
    pair: tuple[Instance, Instance], caplog: pytest.LogCaptureFixture
) -> None:
    fund, kitchen = pair
    pretend(fund, kitchen, signed=True)
    await fund.stop()
    await fund.start()

    async def stopped() -> Any:
        return (await run(fund, "log.show"))["stopped"]

    told = await fund.until(stopped)  # before anything is booked: what a copy still holds can be brought back
    assert "a witness has seen 999 leaves" in told["why"]
    assert "minga recover" in told["hint"]
    assert (await shows(fund, 2, up_to_date=False))["size"] == 999
    assert any("stands still" in each for each in (await run(fund, "status"))["warnings"])
    await run(fund, "member.add", name="Elena", role="steward", password=WORDS)
    async with httpx.AsyncClient(base_url=fund.origin, headers={"accept-language": "es"}) as client:
        boxes = dict(Forms((await client.get("/login")).text).forms)["/login"]
        await client.post("/login", data=boxes | {"name": "Elena", "password": WORDS})
        assert "La cuenta pública está detenida" in (await client.get("/home")).text
        boxes = dict(Forms((await client.get("/new/expense")).text).forms)["/new/expense"]
        typed = {"amount": "1000", "amount.unit": "CLP", "purpose": "Gas", "channel": "bank"}
        sent = await client.post("/new/expense", data=boxes | typed)
        assert sent.status_code == 409
        assert "un testigo ha visto 999 hojas" in sent.text
    assert "a witness has seen 999 leaves" in caplog.text
    await shows(fund, 2)


async def test_a_log_goes_on_at_once_when_a_copy_brought_back_what_was_lost(
    world: World, tmp_path: Path
) -> None:
    fund = await world.node("fondo")
    await give(fund)
    await fund.node.accounts.sequence()
    await fund.stop()
    copytree(fund.directory, tmp_path / "older")
    await fund.start()
    await give(fund)
    await give(fund)
    await fund.node.accounts.sequence()
    await fund.stop()
    fund.directory.rename(tmp_path / "newer")
    copytree(tmp_path / "older", fund.directory)
    await fund.start()
    copy = str(tmp_path / "newer/log/fondo/1")
    async with fund.node.accounts.sequencer.turn:  # who puts leaves into logs is woken by what comes back
        recovering = asyncio.create_task(run(fund, "account.recover", source=copy))
        assert not (await asyncio.wait([recovering], timeout=1))[0]
    assert (await recovering)["brought_back"] == 2
    shown = await run(fund, "log.show")
    assert (shown["size"], shown["stopped"]) == (4, None)
