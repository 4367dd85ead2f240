"""The logs from which the present one goes on: each must lead to the root that the next one cites, its entries sum to zero, and the
activities behind them that are still there be those that they keep the digests of."""

from base64 import b64encode
from collections.abc import Iterator

from node.account.leaf import SUCCESSION, Leaf
from node.domain.posting import Posting, written
from node.tlog.checkpoint import open_checkpoint
from node.tlog.errors import TlogError
from node.tlog.note import Note, VerifierKey
from node.verify.activities import Signer, examine
from node.verify.source import DifferenceError, MissingError, Source
from node.verify.tree import Tell, Tree, climb


def former_logs(
    source: Source, key: VerifierKey, signer: Signer, first: Leaf, tell: Tell
) -> Iterator[tuple[str, bool]]:
    """What was found of each former log, the last one first: a figure, and whether one should know of it.

    DifferenceError where what is shown of one is not what the next one cites. Files that are gone are told: a log may have had to
    be left because they were.
    """
    cited: Leaf | None = first
    while cited is not None and cited.type == SUCCESSION:
        origin = str(cited.document["origin"])
        try:
            files = source.former(origin)
            tree = _climb(files, key, origin, cited, tell)
        except MissingError as error:
            yield f"{origin} cannot be read any more: {error.difference}", True
            return
        account = tree.account
        different = _different(account.balances, cited.postings)
        figure = f"{origin}: {account.entries} entries, each sums to zero, lead to the root that is cited"
        yield (
            f"{figure}; its balances are carried over"
            if not different
            else f"{figure}; NOT carried over as its entries sum: {different}",
            bool(different),
        )
        found = examine(files, signer, account, tell, former=True)
        lost = f"; {found.lost} are LOST, only their sums are left" if found.lost else ""
        yield (
            f"{origin}: {found.matching} activities match their digests, {len(found.withdrawn)} withdrawn{lost}",
            bool(found.lost),
        )
        cited = account.first


def _climb(source: Source, key: VerifierKey, origin: str, cited: Leaf, tell: Tell) -> Tree:
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
    return climb(source, head, sizes=(), places=(), tell=tell)


def _different(held: dict[tuple[str, str], int], carried: tuple[Posting, ...]) -> str:
    """Where balances and what was carried over differ."""
    over = {(account, commodity): amount for account, amount, commodity in carried}
    said = [
        f"{account} {written(over.get((account, name), 0), name)} {name}, not {written(held.get((account, name), 0), name)}"
        for account, name in sorted(held.keys() | over.keys())
        if held.get((account, name), 0) != over.get((account, name), 0)
    ]
    return ", ".join(said[:6])
