-- An activity is known by its id and its actor: a neighbour on the same server who uses an id first hides nothing of the author.
CREATE TABLE activities_by_actor (
  id INTEGER PRIMARY KEY,
  uri TEXT NOT NULL,
  actor TEXT NOT NULL,
  type TEXT NOT NULL,
  object TEXT NOT NULL,
  kind TEXT NOT NULL DEFAULT '',
  collective INTEGER REFERENCES collectives,
  audience TEXT NOT NULL,
  options TEXT NOT NULL DEFAULT '',
  aside TEXT NOT NULL DEFAULT '{}',
  folded TEXT NOT NULL DEFAULT '',
  transport TEXT NOT NULL DEFAULT 'inbox',
  key TEXT NOT NULL DEFAULT '',
  at INTEGER NOT NULL,
  digest BLOB NOT NULL,
  body BLOB,
  UNIQUE (uri, actor)
) STRICT;
INSERT INTO activities_by_actor (id, uri, actor, type, object, kind, collective, audience, options, aside, folded, transport, key, at, digest, body)
  SELECT id, uri, actor, type, object, kind, collective, audience, options, aside, folded, transport, key, at, digest, body FROM activities;
-- What waits for delivery names activities: it steps aside while they are exchanged.
CREATE TABLE deliveries_aside AS SELECT * FROM deliveries;
DELETE FROM deliveries;
DROP TABLE activities;
ALTER TABLE activities_by_actor RENAME TO activities;
INSERT INTO deliveries SELECT * FROM deliveries_aside;
DROP TABLE deliveries_aside;
CREATE INDEX activities_object ON activities (object, id);
CREATE INDEX activities_said ON activities (collective, id)
  WHERE collective IS NOT NULL AND audience IN ('public', 'unlisted');

CREATE TABLE inbound_by_actor (
  id INTEGER PRIMARY KEY,
  uri TEXT NOT NULL,
  actor TEXT NOT NULL,
  type TEXT NOT NULL,
  inbox TEXT NOT NULL,
  scheme TEXT NOT NULL,
  key TEXT NOT NULL,
  transport TEXT NOT NULL,
  received INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  next INTEGER NOT NULL,
  body BLOB NOT NULL,
  UNIQUE (uri, actor)
) STRICT;
INSERT INTO inbound_by_actor (id, uri, actor, type, inbox, scheme, key, transport, received, attempts, next, body)
  SELECT id, uri, actor, type, inbox, scheme, key, transport, received, attempts, next, body FROM inbound;
DROP TABLE inbound;
ALTER TABLE inbound_by_actor RENAME TO inbound;
CREATE INDEX inbound_next ON inbound (next, id);
