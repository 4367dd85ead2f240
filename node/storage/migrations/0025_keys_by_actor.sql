-- A key is known by its actor too: what a neighbour on the same server lists, or calls revoked, is none of the owner's.
CREATE TABLE keys_by_actor (
  id TEXT NOT NULL,
  actor TEXT NOT NULL,
  algorithm TEXT NOT NULL,
  material TEXT NOT NULL,
  first INTEGER NOT NULL,
  revoked INTEGER,
  current INTEGER NOT NULL,
  PRIMARY KEY (actor, id, material)
) STRICT, WITHOUT ROWID;
INSERT INTO keys_by_actor (id, actor, algorithm, material, first, revoked, current)
  SELECT id, actor, algorithm, material, first, revoked, current FROM keys;
DROP TABLE keys;
ALTER TABLE keys_by_actor RENAME TO keys;
