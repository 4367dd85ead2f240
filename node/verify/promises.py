"""What is owed by words that a stranger cannot read: withdrawn or lost ones, and those of a former log."""

from collections.abc import Iterable

from node.domain.posting import PAYABLE, Posting


class Promises:
    """What such words promised to each payee, less what was handed over on their strength."""

    def __init__(self) -> None:
        self._owed: dict[tuple[str, str], int] = {}

    def unread(self, postings: Iterable[Posting]) -> None:
        """Entries whose words cannot be read, or balances that were carried over: they promise what they credit to payees."""
        for account, amount, commodity in postings:
            if account.startswith(PAYABLE) and amount < 0:
                self._owed[account, commodity] = self._owed.get((account, commodity), 0) - amount

    def keep(self, account: str, amount: int, commodity: str) -> bool:
        """Whether so much was promised to a payee and not yet handed over; it is counted as handed over."""
        left = self._owed.get((account, commodity), 0)
        if amount > left:
            return False
        self._owed[account, commodity] = left - amount
        return True
