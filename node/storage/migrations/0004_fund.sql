-- What members must approve before it is published: the fields as typed, and the object once it was said.
CREATE TABLE proposals (
  id INTEGER PRIMARY KEY,
  collective INTEGER NOT NULL REFERENCES collectives,
  kind TEXT NOT NULL,
  fields TEXT NOT NULL,
  at INTEGER NOT NULL,
  said TEXT
) STRICT;
CREATE INDEX proposals_waiting ON proposals (collective, id) WHERE said IS NULL;

-- Who approved what. Never erased: who let money go out must stay known to the collective.
CREATE TABLE approvals (
  proposal INTEGER NOT NULL REFERENCES proposals,
  member INTEGER NOT NULL,
  name TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (proposal, member)
) STRICT, WITHOUT ROWID;
