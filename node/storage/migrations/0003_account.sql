-- Public accounts. A collective's log gets number 2 where number 1 had to be closed. `size` is the place of the next leaf;
-- `quorum` how many of its witnesses must cosign (0: none is asked for).
CREATE TABLE logs (
  id INTEGER PRIMARY KEY,
  collective INTEGER NOT NULL REFERENCES collectives,
  number INTEGER NOT NULL,
  size INTEGER NOT NULL DEFAULT 0,
  quorum INTEGER NOT NULL DEFAULT 0,
  begun INTEGER NOT NULL,
  UNIQUE (collective, number)
) STRICT;

-- Every leaf in its place, which it got in the transaction that published it. `fields` is what it says besides its type, seq,
-- activity and date, as JSON; amounts in it are integers of smallest units.
CREATE TABLE leaves (
  log INTEGER NOT NULL REFERENCES logs,
  seq INTEGER NOT NULL,
  type TEXT NOT NULL,
  activity TEXT NOT NULL DEFAULT '',
  date TEXT NOT NULL DEFAULT '',
  fields TEXT NOT NULL,
  PRIMARY KEY (log, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX leaves_activity ON leaves (activity) WHERE activity <> '';

-- The sums of all postings of a collective, over all its logs, kept with each entry.
CREATE TABLE balances (
  collective INTEGER NOT NULL REFERENCES collectives,
  account TEXT NOT NULL,
  commodity TEXT NOT NULL,
  amount INTEGER NOT NULL,
  PRIMARY KEY (collective, account, commodity)
) STRICT, WITHOUT ROWID;

-- The salt of an activity's digest; NULL once its words were withdrawn.
CREATE TABLE salts (
  activity TEXT PRIMARY KEY,
  salt BLOB
) STRICT, WITHOUT ROWID;

-- Who cosigns our checkpoints. `size` is the largest tree that it is known to have cosigned.
CREATE TABLE witnesses (
  collective INTEGER NOT NULL REFERENCES collectives,
  actor TEXT NOT NULL,
  key TEXT NOT NULL,
  url TEXT NOT NULL,
  size INTEGER NOT NULL DEFAULT 0,
  cosigned INTEGER,
  PRIMARY KEY (collective, actor)
) STRICT, WITHOUT ROWID;
