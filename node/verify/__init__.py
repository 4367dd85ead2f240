"""The stranger's tool: checks a public account from outside, with no node, no database, and no trust in whoever serves it.

source.py      what is downloaded, and how much of it at most
memory.py      what this person saw last time, so that a later visit proves that nothing was rewritten
tree.py        the log: bundles, tiles, root, histories
former.py      the logs from which this one goes on
activities.py  the signed activities behind the entries, allocations reckoned again, closed rounds
matches.py     what matches added to gifts, within their limits
bookings.py    what each signed record must have booked
claims.py      the claims behind an allocation, from those who made them
decisions.py   the decision that adopted its criteria, and the stances that carried it
visit.py       one visit from the first check to the last
shares.py      one allocation, reckoned again
"""

from node.verify.memory import Memory
from node.verify.shares import Published, published
from node.verify.source import DifferenceError, Source
from node.verify.visit import Finding, carried_alone, visit

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
