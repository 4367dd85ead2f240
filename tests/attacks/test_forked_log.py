"""A fund that signs two histories: its witnesses refuse, keep both, and tell their stewards. Nobody else can make them accuse it."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from node.control.commands import perform
from node.control.table import COMMANDS
from node.errors import StorageError
from node.tlog.checkpoint import Checkpoint
from node.tlog.errors import QuorumError
from node.tlog.merkle import leaf_hash, root, root_of
from node.tlog.note import Note, sign
from node.tlog.policy import Policy
from node.tlog.tiles import TiledHashes
from node.tlog.witness import AddCheckpoint
from tests.fediverse import Instance, World

WITNESSES = ("esperanza", "villasol")


async def run(at: Instance, command: str, *, by: str = "", **more: Any) -> Any:
    given = {"collective": by or at.handles[0], **more}
    return await perform(COMMANDS, at.node, command, given, lambda _progress: None)


async def give(fund: Instance, amount: int) -> None:
    fields = {"amount": f"{amount} CLP", "status": "cleared", "channel": "bank"}
    await run(fund, "publish", kind="donation", fields=fields)


async def shown(fund: Instance) -> dict[str, Any]:
    told: dict[str, Any] = await run(fund, "log.show")
    return told


async def witnessed(fund: Instance, size: int) -> dict[str, Any]:
    """Wait until all witnesses have cosigned so many leaves."""

    async def there() -> Any:
        told = await shown(fund)
        done = told["size"] == size and all(each["up_to_date"] for each in told["witnesses"])
        return told if done else None

    found: dict[str, Any] = await fund.until(there)
    return found


@pytest.fixture
async def fund(world: World) -> Instance:
    fund, kitchens = await world.node("fondo"), await world.node(*WITNESSES)
    await give(fund, 1000)
    for name in WITNESSES:
        await kitchens.follow(fund.address(), by=name)
        await run(fund, "log.witness.add", ref=kitchens.address(name))
    await run(fund, "log.quorum", quorum=2)
    await witnessed(fund, 2)
    fund.kitchens = kitchens  # type: ignore[attr-defined]
    return fund


def signed(fund: Instance, leaves: list[bytes]) -> Note:
    """A checkpoint over made-up leaves, by the fund's own key: what a fund that lies would show."""
    origin = f"{fund.origin.partition('://')[2]}/c/fondo/log"
    return signed_by(fund, Checkpoint(origin, len(leaves), root_of(map(leaf_hash, leaves))))


def signed_by(fund: Instance, head: Checkpoint) -> Note:
    return Note(str(head), (sign(str(head), head.origin, fund.node.keyring.log_key(fund.uri())),))


async def ask(fund: Instance, witness: str, old: int, note: Note) -> httpx.Response:
    kitchens: Instance = fund.kitchens  # type: ignore[attr-defined]
    async with httpx.AsyncClient() as client:
        url = f"{kitchens.origin}/c/{witness}/witness/add-checkpoint"
        return await client.post(url, content=bytes(AddCheckpoint(old, (), note)))


async def test_a_second_history_is_refused_kept_and_told(fund: Instance) -> None:
    kitchens: Instance = fund.kitchens  # type: ignore[attr-defined]
    answer = await ask(fund, "esperanza", 2, signed(fund, [b"another", b"history"]))
    assert answer.status_code in (409, 422)
    (told,) = (await run(kitchens, "log.show", by="esperanza"))["evidence"]
    assert (told["what"], told["size"], told["shown"] != told["held"]) == ("fork", 2, True)
    assert (await run(kitchens, "log.show", by="villasol"))["evidence"] == []
    kept = kitchens.node.accounts.checkpoints.evidence()
    assert [(each.what, each.size) for each in kept] == [("fork", 2)]
    both = [Checkpoint.parse(Note.parse(note).text) for note in (kept[0].shown, kept[0].held)]
    assert both[0].root != both[1].root
    assert ("fork", fund.uri()) in await kitchens.told("esperanza")
    assert ("fork", fund.uri()) not in await kitchens.told("villasol")
    assert await kitchens.incidents() == ["log-fork"]
    await give(fund, 500)
    await witnessed(fund, 3)


async def explained(fund: Instance) -> None:
    """Wait until the fund's server has explained all that its witnesses refused."""
    kitchens: Instance = fund.kitchens  # type: ignore[attr-defined]

    async def done() -> bool:
        return kitchens.node.accounts.checkpoints.doubts() == []

    await later(fund, minutes=1)  # it is asked no more often than that
    await kitchens.until(done)


async def asked(fund: Instance) -> None:
    """Wait until a witness saw fewer leaves than were signed; then let the time pass after which it asks again."""
    kitchens: Instance = fund.kitchens  # type: ignore[attr-defined]

    async def once() -> bool:
        return any(each.fewer for each in kitchens.node.accounts.checkpoints.doubts())

    await kitchens.until(once)
    await later(fund, seconds=11)


async def later(fund: Instance, **more: float) -> None:
    kitchens: Instance = fund.kitchens  # type: ignore[attr-defined]
    kitchens.world.ahead += timedelta(**more)
    await kitchens.node.accounts.doubts.examine()


async def checkpoint(fund: Instance) -> Note:
    """The checkpoint that the fund shows, as its log alone signed it."""
    async with httpx.AsyncClient() as client:
        note = Note.parse((await client.get(f"{fund.uri()}/log/checkpoint")).content)
    return Note(note.text, note.signatures[:1])


async def accusations(kitchens: Instance) -> list[Any]:
    """What the witnesses keep against the fund, and what their stewards were told of it."""
    kept: list[Any] = [each.what for each in kitchens.node.accounts.checkpoints.evidence()]
    told = [
        each for name in WITNESSES for each in await kitchens.told(name) if each[0] in ("fork", "rollback")
    ]
    return kept + told + await kitchens.incidents()


async def test_a_stranger_cannot_make_a_witness_accuse_an_honest_fund_with_a_wrong_proof(
    fund: Instance,
) -> None:
    kitchens: Instance = fund.kitchens  # type: ignore[attr-defined]
    await run(fund, "log.witness.drop", ref=f"villasol@{kitchens.address('villasol').partition('@')[2]}")
    await give(fund, 500)
    await witnessed(fund, 3)
    async with httpx.AsyncClient() as client:
        honest = Note.parse((await client.get(f"{fund.uri()}/log/checkpoint")).content)
        url = f"{kitchens.origin}/c/villasol/witness/add-checkpoint"
        answer = await client.post(url, content=bytes(AddCheckpoint(2, (bytes(32),), honest)))
    assert answer.status_code == 422
    await explained(fund)
    assert await accusations(kitchens) == []


async def test_a_stranger_cannot_make_a_witness_accuse_an_honest_fund_with_an_old_checkpoint(
    fund: Instance,
) -> None:
    kitchens: Instance = fund.kitchens  # type: ignore[attr-defined]
    away = f"villasol@{kitchens.address('villasol').partition('@')[2]}"
    await run(fund, "log.witness.drop", ref=away)
    await give(fund, 500)
    await witnessed(fund, 3)
    async with httpx.AsyncClient() as client:
        old = Note.parse((await client.get(f"{fund.uri()}/log/checkpoint")).content)
    await give(fund, 500)
    await witnessed(fund, 4)
    await run(fund, "log.witness.add", ref=away)
    await witnessed(fund, 4)
    answer = await ask(fund, "villasol", 0, old)
    assert (answer.status_code, answer.text.strip()) == (409, "4")
    await explained(fund)
    assert await accusations(kitchens) == []


async def test_a_history_that_is_rolled_back_is_never_cosigned(fund: Instance) -> None:
    answer = await ask(fund, "villasol", 2, signed(fund, [b"shorter"]))
    assert answer.status_code == 400
    answer = await ask(fund, "villasol", 0, signed(fund, [b"shorter"]))
    assert (answer.status_code, answer.text.strip()) == (409, "2")


async def test_a_shorter_history_that_the_tiles_contradict_is_kept_and_told_once(fund: Instance) -> None:
    kitchens: Instance = fund.kitchens  # type: ignore[attr-defined]
    for _ in range(2):
        answer = await ask(fund, "villasol", 0, signed(fund, [b"shorter"]))
        assert (answer.status_code, answer.text.strip()) == (409, "2")
        await explained(fund)
    (told,) = (await run(kitchens, "log.show", by="villasol"))["evidence"]
    assert (told["what"], told["size"], "doubts" in told) == ("fork", 1, False)
    assert [each for each in await kitchens.told("villasol") if each[0] == "fork"] == [("fork", fund.uri())]
    assert await kitchens.incidents() == ["log-fork"]
    assert ("fork", fund.uri()) not in await kitchens.told("esperanza")
    await give(fund, 500)
    await witnessed(fund, 3)


async def test_a_longer_history_that_its_server_does_not_show_is_kept_and_proven_a_fork_as_the_log_grows(
    fund: Instance,
) -> None:
    kitchens: Instance = fund.kitchens  # type: ignore[attr-defined]
    assert (await ask(fund, "villasol", 2, signed(fund, [b"a", b"b", b"c"]))).status_code == 422
    await asked(fund)
    (kept,) = kitchens.node.accounts.checkpoints.evidence()
    sizes = [Checkpoint.parse(Note.parse(note).text).size for note in (kept.shown, kept.held)]
    assert (kept.what, sizes) == ("rollback", [2, 3])
    await give(fund, 500)
    await witnessed(fund, 3)
    await later(fund, hours=1)
    kinds = {each.what for each in kitchens.node.accounts.checkpoints.evidence()}
    assert kinds == {"rollback", "fork"}
    assert [each[0] for each in await kitchens.told("villasol")] == ["fork", "rollback"]
    assert kitchens.node.accounts.checkpoints.doubts() == []


async def test_a_log_that_shows_less_than_it_had_shown_is_told_until_it_shows_all_again(
    fund: Instance,
) -> None:
    kitchens: Instance = fund.kitchens  # type: ignore[attr-defined]
    book = await fund.node.accounts.books.of(fund.uri())
    assert book is not None
    old = await checkpoint(fund)
    await give(fund, 500)
    await witnessed(fund, 3)
    whole = book.files.checkpoint()
    book.files.show(bytes(old))
    assert (await ask(fund, "esperanza", 0, old)).status_code == 409
    await asked(fund)
    assert await accusations(kitchens) == ["rollback", ("rollback", fund.uri()), "log-rollback"]
    book.files.show(whole or b"")
    await later(fund, hours=1)
    assert kitchens.node.accounts.checkpoints.doubts() == []


async def test_a_log_that_had_not_shown_yet_what_it_signed_a_moment_ago_is_not_accused(
    fund: Instance,
) -> None:
    kitchens: Instance = fund.kitchens  # type: ignore[attr-defined]
    book = await fund.node.accounts.books.of(fund.uri())
    assert book is not None
    old, before = await checkpoint(fund), book.files.checkpoint()
    await give(fund, 500)
    await witnessed(fund, 3)
    whole = book.files.checkpoint()
    book.files.show(before or b"")
    assert (await ask(fund, "esperanza", 0, old)).status_code == 409

    async def once() -> bool:
        return any(each.fewer for each in kitchens.node.accounts.checkpoints.doubts())

    await kitchens.until(once)
    book.files.show(whole or b"")
    await later(fund, seconds=11)
    assert kitchens.node.accounts.checkpoints.doubts() == []
    assert await accusations(kitchens) == []


async def test_old_checkpoints_sent_while_a_server_is_away_are_few_doubts_and_no_evidence(
    fund: Instance,
) -> None:
    kitchens: Instance = fund.kitchens  # type: ignore[attr-defined]
    for _ in range(12):
        await give(fund, 500)
    await witnessed(fund, 14)
    book = await fund.node.accounts.books.of(fund.uri())
    assert book is not None
    hashes = TiledHashes(14, book.files.read)
    heads = [Checkpoint(book.origin, size, root(size, hashes)) for size in range(1, 13)]
    olds = [signed_by(fund, head) for head in heads]
    await fund.stop()
    for old in olds:
        assert (await ask(fund, "villasol", 0, old)).status_code == 409
    await later(fund, days=2)
    told = await run(kitchens, "log.show", by="villasol")
    assert (told["evidence"], len(told["doubts"])) == ([], 8)
    assert await accusations(kitchens) == []
    await fund.start()
    await later(fund, hours=1)
    assert (await run(kitchens, "log.show", by="villasol"))["doubts"] == []
    assert await accusations(kitchens) == []


async def test_two_histories_for_two_witnesses_never_reach_the_quorum_of_a_stranger(fund: Instance) -> None:
    """Each witness cosigns the one that it is shown first; no checkpoint bears both, and each refuses the other's."""
    async with httpx.AsyncClient() as client:
        policy = Policy.parse((await client.get(f"{fund.uri()}/log/policy")).content)
        honest = Note.parse((await client.get(f"{fund.uri()}/log/checkpoint")).content)
    assert len(policy.check(honest).witnesses) == 2
    await run(fund, "log.witness.drop", ref=f"villasol@{fund.kitchens.address('villasol').partition('@')[2]}")  # type: ignore[attr-defined]
    await give(fund, 500)
    await witnessed(fund, 3)
    async with httpx.AsyncClient() as client:
        first = Note.parse((await client.get(f"{fund.uri()}/log/checkpoint")).content)
    with pytest.raises(QuorumError):
        policy.check(first)
    assert (await ask(fund, "esperanza", 3, signed(fund, [b"a", b"b", b"c"]))).status_code in (409, 422)
    kitchens: Instance = fund.kitchens  # type: ignore[attr-defined]
    assert [each.what for each in kitchens.node.accounts.checkpoints.evidence()] == ["fork"]


async def test_a_stranger_to_the_kitchen_is_no_log_of_hers(fund: Instance, world: World) -> None:
    other = await world.node("otro")
    kitchens: Instance = fund.kitchens  # type: ignore[attr-defined]
    note = signed(fund, [b"a"])
    text = note.text.replace("/c/fondo/log", "/c/otro/log").replace(
        fund.origin.partition("://")[2], other.origin.partition("://")[2]
    )
    async with httpx.AsyncClient() as client:
        url = f"{kitchens.origin}/c/esperanza/witness/add-checkpoint"
        origin = text.partition("\n")[0]
        forged = Note(text, (sign(text, origin, fund.node.keyring.log_key(fund.uri())),))
        for body, status in ((bytes(AddCheckpoint(0, (), forged)), 404), (b"", 400), (b"\xff" * 100, 400)):
            assert (await client.post(url, content=body)).status_code == status


async def test_a_signature_that_was_kept_before_a_crash_is_noted_without_asking_again(fund: Instance) -> None:
    """The tip bears it, the database was cut off before it knew: the next round notes it, and the checkpoint keeps it."""
    accounts = fund.node.accounts
    async with httpx.AsyncClient() as client:
        before = (await client.get(f"{fund.uri()}/log/checkpoint")).content
    await fund.node.database.writer.run(lambda t: t.execute("UPDATE witnesses SET size = 0, cosigned = NULL"))
    assert await accounts.cosign()
    await witnessed(fund, 2)
    async with httpx.AsyncClient() as client:
        assert (await client.get(f"{fund.uri()}/log/checkpoint")).content == before


async def test_no_witness_counts_as_having_cosigned_before_its_signature_is_kept(fund: Instance) -> None:
    accounts = fund.node.accounts
    book = await accounts.books.of(fund.uri())
    assert book is not None
    tip = accounts.checkpoints.tip(book.origin)
    assert tip is not None
    bare = Note.parse(tip.note)
    assert accounts.checkpoints.annotate(tip, bytes(Note(bare.text, bare.signatures[:1])))
    await fund.node.database.writer.run(lambda t: t.execute("UPDATE witnesses SET size = 0, cosigned = NULL"))
    path = book.files.folder / "checkpoint"
    path.unlink()
    path.mkdir()
    with pytest.raises(StorageError):
        await accounts.cosign()
    path.rmdir()
    assert [each["size"] for each in (await shown(fund))["witnesses"]] == [0, 0]
    await accounts.sequence()
    assert await accounts.cosign()
    assert len(Note.parse(book.files.checkpoint() or b"").signatures) == 3
