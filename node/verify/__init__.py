"""The stranger's tool: checks a public account from outside, with no node, no database, and no trust in whoever serves it.

source.py       what is downloaded, and how much of it at most
memory.py       what this person saw last time, so that a later visit proves that nothing was rewritten
signer.py       the collective's keys and their proofs
tree.py         the log: bundles, tiles, root, histories
former.py       the logs from which this one goes on
act.py          one signed activity, read once for all checks
activities.py   the signed activities behind the entries
bookings.py     what each signed record must have booked
promises.py     what is owed by words that cannot be read
own.py          what the collective publishes beside its log
allocations.py  allocations reckoned again, closed rounds
claims.py       the claims behind an allocation, from those who made them
decisions.py    the decision that adopted its criteria, and the stances that carried it
transfers.py    what was handed over, against the shares
receipts.py     what the receivers of transfers confirm
periods.py      what closed periods say, against their entries
matches.py      what matches added to gifts, within their limits
findings.py     what is told of all that
rotations.py    key statements, signed by the identity
reading.py      all of that, read on where the account grows meanwhile
visit.py        one visit from the first check to the last
shares.py       one allocation, reckoned again
"""

from node.verify.findings import Finding
from node.verify.memory import Memory
from node.verify.shares import Published, published
from node.verify.source import DifferenceError, Source
from node.verify.visit import carried_alone, visit

__all__ = [
    "DifferenceError",
    "Finding",
    "Memory",
    "Published",
    "Source",
    "carried_alone",
    "published",
    "visit",
]
