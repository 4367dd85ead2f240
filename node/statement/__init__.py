"""A bank's statement as a file: CSV, OFX or camt.053, read into days, amounts and balances. It runs on the treasurer's side.

    contents.py   what a statement says, and how it is refused
    columns.py    CSV, by the names of its columns
    formats.py    OFX (ofxtools) and camt.053 (pycamt)

A statement names people: its words are shown to whoever runs the command, and never sent to the node.
"""

from node.statement.columns import Columns
from node.statement.contents import Row, Statement
from node.statement.formats import read

__all__ = ["Columns", "Row", "Statement", "read"]
