"""The accounts of a fund, and what an account holds with all below it.

What a posting is and what balances is `posting`'s. Nothing booked is ever changed: a correction is an entry that reverses.

    assets:bank · assets:cash              what the fund holds
    liabilities:payable:HANDLE@HOST        what it allocated and has not yet transferred
    liabilities:holding                    gifts that wait for a decision, such as those after the closing of a campaign
    income:donations                       what was given, before fees
    expenses:allocations · expenses:fees   what was allocated, and what the road cost
"""

from hashlib import sha256
from urllib.parse import urlsplit

from node.domain.posting import PAYABLE, Balances, is_account

BANK = "assets:bank"
CASH = "assets:cash"
DONATIONS = "income:donations"
FEES = "expenses:fees"
ALLOCATIONS = "expenses:allocations"
HOLDING = "liabilities:holding"


def payable(actor: str) -> str:
    """The account of what is owed to an actor, `NAME@HOST` by its URI alone: what a node learns of it later renames nothing."""
    try:
        parts = urlsplit(actor)
    except ValueError:
        parts = urlsplit("")
    name = parts.path.rstrip("/").rpartition("/")[2].removeprefix("@")
    account = f"{PAYABLE}{name}@{parts.netloc}"
    return account if name and is_account(account) else f"{PAYABLE}{sha256(actor.encode()).hexdigest()[:32]}"


def held(balances: Balances, account: str, commodity: str) -> int:
    """What an account and all accounts below it hold: of `assets`, the bank and the cash box together."""
    below = f"{account}:"
    return sum(
        amount
        for (name, unit), amount in balances.items()
        if unit == commodity and (name == account or name.startswith(below))
    )
