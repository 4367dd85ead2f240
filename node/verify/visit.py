"""One visit to an account: every check in its order, one finding each, until something differs."""

import time
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from random import SystemRandom
from typing import Any

from federation import FederationError, check_identity, fits
from node.account.leaf import IDENTITY, SUCCESSION, Leaf, LeafError, read_leaf
from node.domain import logbook
from node.domain.posting import PostingError, read, written
from node.errors import InvalidError
from node.tlog.checkpoint import Checkpoint, open_checkpoint
from node.tlog.errors import QuorumError, TlogError
from node.tlog.note import ED25519, Note, VerifierKey
from node.tlog.policy import Policy
from node.tlog.proof import Proof
from node.tongues import message
from node.verify.activities import Sample
from node.verify.findings import Finding, findings
from node.verify.former import Chain, former_logs
from node.verify.memory import Memory, Seen
from node.verify.reading import Reading
from node.verify.rotations import compare_rotations, shown_identity
from node.verify.signer import Signer
from node.verify.source import DifferenceError, Source
from node.verify.tree import Account, Tell, Tree, climb

_WAITS = 10
_MOMENTS = (0.0, 0.2, 0.3)
_CHANCE = SystemRandom()


@dataclass(frozen=True, slots=True)
class Carried:
    """A proof that somebody carried here, opened: where the leaf stands, what it says, and in which tree."""

    proof: Proof
    leaf: Leaf
    head: Checkpoint


def visit(
    source: Source,
    *,
    policy: Policy | None,
    proof: bytes | None,
    memory: Memory,
    now: datetime,
    tell: Tell,
    sleep: Callable[[float], None] = time.sleep,
    sample: Sample = _CHANCE.sample,
) -> Iterator[Finding]:
    """Yield a finding for every check that holds; raise DifferenceError at the first that does not.

    What was seen is kept in `memory` only where everything held.
    """
    document = source.document()
    signer = Signer.of(document, now)
    signer.check(document, "actor")
    yield Finding(
        "actor", f"{document.get('name')}: {source.actor}, {len(signer.keys)} keys, its document signed"
    )
    listed = source.periods()  # before the checkpoint: what is closed meanwhile rests on entries after it
    key, known = _key(document, source, policy), memory.recall(_origin(source))
    if known is not None and known.key != str(key):
        raise DifferenceError("log key", f"was {known.key} on {known.at[:10]}, is {key} now")
    whose = (
        "named in your policy"
        if policy
        else "named by the actor itself" + (", as last time" if known else "")
    )
    yield Finding("log key", f"{str(key)[:60]}…, {whose}")
    note, head = _head(source, key, policy, sleep)
    yield Finding(
        "checkpoint", f"{head.size} leaves, root {b64encode(head.root).decode()}, signed by the log"
    )
    yield _witnesses(source, note, policy)
    shown = source.balances(head.size)  # at once: a node tells only those of the last leaves
    carried = None if proof is None else _carried(proof, key, policy)
    tree = climb(
        source,
        head,
        sizes={each for each in (known and known.size, carried and carried.head.size) if each},
        places={carried.proof.index} if carried else set(),
        tell=tell,
    )
    account = tree.account
    yield Finding("entries", f"{account.entries} entries, {account.postings} postings, each sums to zero")
    yield Finding("root", f"{head.size} leaves rebuild the signed root; {tree.tiles} tiles agree")
    yield _history(known, head, tree)
    if carried is not None:
        yield _contains(carried, tree, head)
    yield _first(account, document, source, memory, now)
    chain = Chain()
    if account.first is not None:
        for figure, warning in former_logs(source, key, account.first, memory, chain, tell):
            yield Finding("former log", figure, warning=warning)
    _refuse_left(source, chain, head.origin, memory)
    if chain.logs and chain.whole and (oldest := chain.logs[-1].account.first) is not None:
        yield _identity(oldest, document, source, chain.logs[-1].origin, now)
    accounts = [each.account for each in reversed(chain.logs)] + [account]
    compare_rotations(
        accounts[0].first, (leaf for each in accounts for leaf in each.statements), document, now
    )
    yield _balances(shown, account)
    reading = Reading(source, signer, chain, tell)
    head = yield from reading.on(
        head, account, lambda seen: _grown(source, key, policy, seen, sleep), listed, sample
    )
    yield from findings(reading.found, reading.examination)
    memory.keep(head.origin, Seen(head.size, head.root, str(key), now.isoformat()))
    yield Finding("memory", f"this visit is kept in {memory.path}")


def _grown(
    source: Source, key: VerifierKey, policy: Policy | None, head: Checkpoint, sleep: Callable[[float], None]
) -> Checkpoint | None:
    """The checkpoint after `head`, where the log went on; None where it stands still.

    What lies behind entries is read after the checkpoint, as it is then. Where it differs from what the checkpoint holds, entries that
    came meanwhile may say why, and these are shown within a moment.
    """
    for seconds in _MOMENTS:
        sleep(seconds)
        _, later = _head(source, key, policy, sleep)
        if later.size > head.size:
            return later
    return None


def carried_alone(proof: bytes, policy: Policy) -> Iterator[Finding]:
    """Check a carried proof with nothing but a policy: no network. DifferenceError where it does not hold."""
    carried = _carried(proof, None, policy)
    yield Finding("proof", _said(carried))
    witnessed = policy.check(carried.proof.checkpoint)
    names = ", ".join(witnessed.witnesses) or "nobody but the log: NOT WITNESSED"
    yield Finding("witnesses", f"cosigned by {names}", warning=not witnessed.witnesses)


def _origin(source: Source) -> str:
    return logbook.bare(source.prefix).rstrip("/")


def _key(document: Mapping[str, Any], source: Source, policy: Policy | None) -> VerifierKey:
    origin = _origin(source)
    if policy is not None:
        for log in policy.logs:
            if log.key.name == origin:
                return log.key
        raise DifferenceError("log key", f"your policy names no key of {origin}")
    try:
        key = VerifierKey.parse(str(document["log"]["key"]), ED25519)
    except (TlogError, KeyError, TypeError) as error:
        raise DifferenceError("log key", f"{source.actor} names none that can be read: {error}") from error
    if key.name != origin:
        raise DifferenceError("log key", f"{source.actor} names the key of {key.name}, not of {origin}")
    return key


def _head(
    source: Source, key: VerifierKey, policy: Policy | None, sleep: Callable[[float], None]
) -> tuple[Note, Checkpoint]:
    """The checkpoint that is shown; witnesses get a moment to cosign one that is new."""
    for left in reversed(range(_WAITS)):
        try:
            note = Note.parse(source.checkpoint())
            head = open_checkpoint(note, [key])
            if policy is not None:
                policy.check(note)
        except QuorumError as error:
            if left:
                sleep(1.0)
                continue
            cosigned = ", ".join(sorted(error.cosigned)) or "nobody"
            raise DifferenceError(
                "witnesses",
                f"the quorum of your policy is not met: it asks for {error.quorum}, cosigned by {cosigned}",
            ) from error
        except TlogError as error:
            raise DifferenceError("checkpoint", f"{source.prefix}checkpoint: {error}") from error
        if head.origin != key.name:
            raise DifferenceError("checkpoint", f"of {head.origin}, not of {key.name}")
        return note, head
    raise AssertionError("unreachable")


def _witnesses(source: Source, note: Note, policy: Policy | None) -> Finding:
    try:
        asked = policy or Policy.parse(source.policy())
        witnessed = asked.check(note, [] if policy else [log.key for log in asked.logs])
    except QuorumError as error:
        cosigned = ", ".join(sorted(error.cosigned)) or "nobody"
        return Finding(
            "witnesses", f"NOT WITNESSED: fewer than the log itself asks for ({cosigned})", warning=True
        )
    except TlogError as error:
        raise DifferenceError("witnesses", str(error)) from error
    if not witnessed.witnesses:
        return Finding("witnesses", "NOT WITNESSED: nobody but the log itself has signed", warning=True)
    latest = datetime.fromtimestamp(max(witnessed.witnesses.values()), UTC).strftime("%Y-%m-%d %H:%M UTC")
    names = ", ".join(sorted(witnessed.witnesses))
    whose = "your policy" if policy else "the log's own list; bring yours with --policy"
    return Finding(
        "witnesses",
        f"cosigned by {len(witnessed.witnesses)} of {len(asked.witnesses)} ({names}), last at {latest}, by {whose}",
    )


def _history(known: Seen | None, head: Checkpoint, tree: Tree) -> Finding:
    if known is None:
        return Finding("history", "first visit: the next one will show that nothing of this was rewritten")
    if known.size > head.size:
        raise DifferenceError(
            "history",
            f"on {known.at[:10]} this log had {known.size} leaves, now {head.size}: it was rolled back",
        )
    if tree.roots.get(known.size) != known.root:
        now = b64encode(tree.roots.get(known.size, b"")).decode()
        raise DifferenceError(
            "history",
            f"the first {known.size} leaves had the root {b64encode(known.root).decode()} on {known.at[:10]},"
            f" now {now}: the past was rewritten",
        )
    return Finding(
        "history",
        f"continues the {known.size} leaves seen on {known.at[:10]}; {head.size - known.size} are new",
    )


def _carried(data: bytes, key: VerifierKey | None, policy: Policy | None) -> Carried:
    try:
        proof = Proof.parse(data)
        if proof.extra is None:
            raise InvalidError(
                "proof", message("a proof file of Minga, which holds the entry that it proves")
            )
        asked = policy or Policy((), {}, {})
        head = proof.verify(proof.extra, asked, [key] if key else []).checkpoint
        leaf = read_leaf(proof.extra, proof.index)
    except (TlogError, LeafError) as error:
        raise DifferenceError("proof", f"the file does not hold: {error}") from error
    return Carried(proof, leaf, head)


def _said(carried: Carried) -> str:
    booked = ", ".join(
        f"{account} {written(amount, commodity)} {commodity}"
        for account, amount, commodity in carried.leaf.postings
    )
    return f"leaf {carried.leaf.seq} of {carried.head.size}: {carried.leaf.date} {booked}"


def _contains(carried: Carried, tree: Tree, head: Checkpoint) -> Finding:
    """Whether the tree of a carried proof is the beginning of the one that is shown now."""
    if carried.head.size > head.size:
        raise DifferenceError(
            "proof", f"it was made when the log had {carried.head.size} leaves; now it shows {head.size}"
        )
    if tree.roots.get(carried.head.size) != carried.head.root:
        raise DifferenceError(
            "proof", "the log shows another past than the one in which this entry was proven"
        )
    return Finding("proof", _said(carried))


def _first(
    account: Account, document: Mapping[str, Any], source: Source, memory: Memory, now: datetime
) -> Finding:
    first = account.first
    if first is None:
        raise DifferenceError("identity", "the log is empty")
    if first.type == SUCCESSION:
        return _succession(first, memory)
    return _identity(first, document, source, _origin(source), now)


def _identity(
    first: Leaf, document: Mapping[str, Any], source: Source, origin: str, now: datetime
) -> Finding:
    """The account began with the identity that the actor shows, in its first log."""
    if first.type != IDENTITY:
        raise DifferenceError("identity", f"the first leaf is a {first.type}, no identity statement")
    if origin != logbook.origin(source.actor, 1):
        raise DifferenceError("identity", f"{origin} is no first log, and cites none from which it goes on")
    try:
        held = check_identity(first.document["statement"], source.actor, now)
        fit = fits([held], check_identity(shown_identity(document), source.actor, now))
    except (FederationError, AttributeError) as error:
        raise DifferenceError("identity", f"the statement does not hold: {error}") from error
    if fit not in ("same", "follows"):
        raise DifferenceError(
            "identity", "the actor shows another identity than the one that its log began with"
        )
    return Finding("identity", f"{held.subject}, the one that the log began with")


def _refuse_left(source: Source, chain: Chain, origin: str, memory: Memory) -> None:
    """Every log of this collective that was seen is the one that is shown, or one from which it goes on."""
    for seen, at in memory.others(logbook.bare(source.actor)).items():
        if seen != origin and seen not in chain.cited:
            raise DifferenceError("history", f"you saw {seen} on {at[:10]}; {origin} does not go on from it")


def _succession(first: Leaf, memory: Memory) -> Finding:
    """A further log must cite the former one as it was seen, or longer."""
    origin, size, root = (first.document[name] for name in ("origin", "size", "root"))
    seen = memory.recall(str(origin))
    ended = f"goes on where {origin} ended with {size} leaves"
    if seen is None:
        return Finding("identity", f"{ended}; you never saw that one before", warning=True)
    if not isinstance(size, int) or size < seen.size:
        raise DifferenceError(
            "identity",
            f"the former log {origin} ended at {size} leaves; you had seen {seen.size} on {seen.at[:10]}",
        )
    if size == seen.size and root != b64encode(seen.root).decode():
        raise DifferenceError(
            "identity",
            f"the former log {origin} is said to have ended with the root {root}; you had seen"
            f" {b64encode(seen.root).decode()} on {seen.at[:10]}",
        )
    more = "as you saw it" if size == seen.size else f"{size - seen.size} of them you never saw"
    return Finding("identity", f"{ended}, {more}", warning=True)


def _balances(shown: Mapping[str, Any], account: Account) -> Finding:
    stated: dict[tuple[str, str], int] = {}
    try:
        for row in shown["balances"]:
            key = str(row["account"]), str(row["commodity"])
            if key in stated:
                raise DifferenceError("balances", f"{key[0]} is shown twice in {key[1]}")
            stated[key] = read(str(row["amount"]), key[1])
    except (KeyError, TypeError, PostingError) as error:
        raise DifferenceError("balances", f"what the account shows cannot be read: {error}") from error
    reckoned = {key: amount for key, amount in account.balances.items() if amount}
    for key in sorted(stated.keys() | reckoned.keys()):
        if stated.get(key, 0) != reckoned.get(key, 0):
            name, commodity = key
            raise DifferenceError(
                "balances",
                f"{name} is shown with {written(stated.get(key, 0), commodity)} {commodity}, its entries sum to"
                f" {written(reckoned.get(key, 0), commodity)} {commodity}",
            )
    return Finding("balances", f"{len(reckoned)} accounts as shown")
