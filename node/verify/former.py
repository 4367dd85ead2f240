"""The logs from which the present one goes on: each must lead to the root that the next one cites, its entries sum to zero, and the
activities behind them that are still there be those that they keep the digests of."""

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field

from node.account.leaf import SUCCESSION, Leaf
from node.domain.posting import Posting
from node.tlog.checkpoint import open_checkpoint
from node.tlog.errors import TlogError
from node.tlog.note import Note, VerifierKey
from node.verify.activities import Evidence, Examination
from node.verify.bookings import less, said_sums, summed
from node.verify.memory import Memory, Seen
from node.verify.source import DifferenceError, MissingError, Source
from node.verify.tree import Account, Tell, Tree, climb


@dataclass(frozen=True, slots=True)
class Former:
    """A former log as it was climbed, and what the next one carried over of it."""

    origin: str
    files: Source
    account: Account
    carried: tuple[Posting, ...]


@dataclass
class Chain:
    """The former logs, the last one first. `whole`: the oldest of them is where the account began."""

    logs: list[Former] = field(default_factory=list)
    whole: bool = True
    cited: set[str] = field(default_factory=set)
    """The name of each, also of one that cannot be read any more."""


def former_logs(
    source: Source, key: VerifierKey, first: Leaf, memory: Memory, chain: Chain, tell: Tell
) -> Iterator[tuple[str, bool]]:
    """Climb each former log, the last one first, into `chain`: a figure of each, and whether one should know of it.

    DifferenceError where what is shown of one is not what the next one cites, or not what was seen of it. Files that are gone are told:
    a log may have had to be left because they were.
    """
    cited: Leaf | None = first
    while cited is not None and cited.type == SUCCESSION:
        origin = str(cited.document["origin"])
        if origin in chain.cited:
            raise DifferenceError("former log", f"{origin} is cited twice")
        chain.cited.add(origin)
        try:
            files = source.former(origin)
            account = _climb(files, key, origin, cited, memory.recall(origin), tell).account
        except MissingError as error:
            chain.whole = False
            yield f"{origin} cannot be read any more: {error.difference}", True
            return
        chain.logs.append(Former(origin, files, account, cited.postings))
        yield f"{origin}: {account.entries} entries, each sums to zero, lead to the root that is cited", False
        cited = account.first


def examine_former(former: Former, examination: Examination, tell: Tell) -> tuple[str, bool]:
    """What was found behind the entries of a former log. DifferenceError where something else was carried over than its entries sum to,
    less what was lost."""
    found = Evidence()
    examination.read(former.files, former.account, tell, found, former=True)
    if former.account.overpaid is not None:
        raise DifferenceError("transfers", former.account.overpaid)
    kept = less(former.account.balances, found.lost_sums)
    over = summed(former.carried)
    if wrong := less(over, kept):
        raise DifferenceError(
            "former log",
            f"of {former.origin} {said_sums(over, sorted(wrong))} was carried over; its entries sum to {said_sums(kept, sorted(wrong))}",
        )
    figure = (
        f"{former.origin}: {found.matching} activities match their digests, {len(found.withdrawn)} withdrawn"
    )
    if found.lost:
        lost = f"{found.lost} are LOST, only their sums are left, and these were NOT carried over"
        return f"{figure}; {lost}: {said_sums(found.lost_sums)}", True
    return f"{figure}; its balances are carried over", False


def _climb(source: Source, key: VerifierKey, origin: str, cited: Leaf, seen: Seen | None, tell: Tell) -> Tree:
    size, root = cited.document["size"], str(cited.document["root"])
    try:
        head = open_checkpoint(
            Note.parse(source.checkpoint()), [VerifierKey(origin, key.algorithm, key.public_key)]
        )
    except TlogError as error:
        raise DifferenceError("former log", f"{source.prefix}checkpoint: {error}") from error
    if head.origin != origin or head.size != size or b64encode(head.root).decode() != root:
        raise DifferenceError(
            "former log",
            f"{origin} shows {head.size} leaves with the root {b64encode(head.root).decode()}; cited are {size} with {root}",
        )
    tree = climb(source, head, sizes=(seen.size,) if seen else (), places=(), tell=tell)
    if seen is not None and (seen.size > head.size or tree.roots.get(seen.size) != seen.root):
        raise DifferenceError(
            "former log", f"{origin} is not what you saw of it on {seen.at[:10]}, with {seen.size} leaves"
        )
    return tree
