-- Links that let one person in. Of the word in the link only the digest is kept; `used` and `member` say who came, for a
-- day; a `member` before that is whom the link gives a new password.
CREATE TABLE invitations (
  id INTEGER PRIMARY KEY,
  digest BLOB NOT NULL UNIQUE,
  collective INTEGER NOT NULL REFERENCES collectives,
  role TEXT NOT NULL,
  created INTEGER NOT NULL,
  expires INTEGER NOT NULL,
  used INTEGER,
  member INTEGER REFERENCES members ON DELETE CASCADE
) STRICT;
CREATE INDEX invitations_collective ON invitations (collective, id);
CREATE INDEX invitations_expires ON invitations (expires);
CREATE INDEX invitations_member ON invitations (member) WHERE member IS NOT NULL;

-- What a collective says of where it is, its picture (the name of a kept photograph), and whether followers wait for a steward.
ALTER TABLE collectives ADD COLUMN district TEXT NOT NULL DEFAULT '';
ALTER TABLE collectives ADD COLUMN latitude TEXT NOT NULL DEFAULT '';
ALTER TABLE collectives ADD COLUMN longitude TEXT NOT NULL DEFAULT '';
ALTER TABLE collectives ADD COLUMN picture TEXT NOT NULL DEFAULT '';
ALTER TABLE collectives ADD COLUMN approves INTEGER NOT NULL DEFAULT 0;

-- The coarse places that a form offers.
CREATE TABLE places (
  collective INTEGER NOT NULL REFERENCES collectives,
  name TEXT NOT NULL,
  PRIMARY KEY (collective, name)
) STRICT, WITHOUT ROWID;

-- Reports: by our own apps (`reporter` is ''), or by another server about us (`activity` is its Flag).
ALTER TABLE reports ADD COLUMN reporter TEXT NOT NULL DEFAULT '';
ALTER TABLE reports ADD COLUMN activity TEXT;
ALTER TABLE reports ADD COLUMN resolved INTEGER;
ALTER TABLE reports ADD COLUMN note TEXT NOT NULL DEFAULT '';
CREATE INDEX reports_page ON reports (collective, id);
CREATE INDEX reports_open ON reports (collective, id) WHERE resolved IS NULL;
CREATE UNIQUE INDEX reports_activity ON reports (activity, collective) WHERE activity IS NOT NULL;

-- Whom a collective does not want to meet by chance: `target` is an actor URI or a host. Milder than a block.
CREATE TABLE limits (
  collective INTEGER NOT NULL REFERENCES collectives,
  target TEXT NOT NULL,
  reason TEXT NOT NULL DEFAULT '',
  at INTEGER NOT NULL,
  PRIMARY KEY (collective, target)
) STRICT, WITHOUT ROWID;

CREATE INDEX traces_member ON traces (member) WHERE member IS NOT NULL;
CREATE INDEX tokens_member ON tokens (member) WHERE member IS NOT NULL;
CREATE INDEX memberships_collective ON memberships (collective);
