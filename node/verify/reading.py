"""What lies behind the entries of an account, read on where it grows meanwhile."""

from collections.abc import Callable, Generator, Sequence

from node.tlog.checkpoint import Checkpoint
from node.verify.activities import Evidence, Examination, Sample
from node.verify.findings import Finding
from node.verify.former import Chain, examine_former
from node.verify.signer import Signer
from node.verify.source import DifferenceError, Source
from node.verify.tree import Account, Tell, climb

_TRIES = 10
"""How often an account that grows while it is read is read on, before what differs in it is believed to."""


class Reading:
    """An examination of the logs of a `chain`, the last one with a checkpoint, and what was found there."""

    def __init__(self, source: Source, signer: Signer, chain: Chain, tell: Tell) -> None:
        self._source, self._signer, self._chain, self._tell = source, signer, chain, tell
        self.examination, self.found = self._begun()

    def _begun(self) -> tuple[Examination, Evidence]:
        return Examination(self._source, self._signer, partial=not self._chain.whole), Evidence()

    def _formers(self) -> list[Finding]:
        """What was said in the former logs, the oldest first."""
        told = (examine_former(each, self.examination, self._tell) for each in reversed(self._chain.logs))
        return [Finding("former log", figure, warning=warning) for figure, warning in told]

    def on(
        self,
        head: Checkpoint,
        account: Account,
        later: Callable[[Checkpoint], Checkpoint | None],
        periods: Sequence[str] | None,
        sample: Sample,
    ) -> Generator[Finding, None, Checkpoint]:
        """Examine an account as it stands with a checkpoint, or with the last one `later` than that; which one.

        DifferenceError for what differs though the log stands still, or still differs after it grew time and again.
        """
        yield from self._formers()
        for left in reversed(range(_TRIES)):
            try:
                self.examination.read(self._source, account, self._tell, self.found)
                accounts = [*(former.account for former in reversed(self._chain.logs)), account]
                self.examination.finish(self._source, accounts, periods, sample)
                break
            except DifferenceError:
                grown = later(head) if left else None
                if grown is None:
                    raise
            tree = climb(self._source, grown, sizes={head.size}, places=(), tell=self._tell)
            if tree.roots[head.size] != head.root:
                raise DifferenceError(
                    "history",
                    f"the first {head.size} leaves do not have the root any more that they had a moment ago: the past was rewritten",
                )
            yield Finding(
                "checkpoint", f"grew to {grown.size} leaves while it was read, after those {head.size}"
            )
            booked = tree.account.booked
            if (
                self.found.leaves < head.size
                or booked[head.size].activity == booked[head.size - 1].activity != ""
            ):
                self.examination, self.found = self._begun()
                self._formers()
            head, account = grown, tree.account
        return head
