"""Memory: the only room with SQL. Functions of a Transaction or a Snapshot, never async, but for the database's own door."""
