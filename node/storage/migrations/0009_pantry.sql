-- What a kitchen has and how it cooks. Nothing of it federates. `thing` is what counts as the same good (its term, else its
-- words without case and accents), `amount` and `remaining` are exact decimals as text, `expires` is the last day that it is good.
CREATE TABLE lots (
  id INTEGER PRIMARY KEY,
  collective INTEGER NOT NULL REFERENCES collectives,
  what TEXT NOT NULL,
  thing TEXT NOT NULL,
  unit TEXT NOT NULL,
  remaining TEXT NOT NULL,
  expires TEXT,
  source TEXT,
  UNIQUE (collective, source)
) STRICT;
CREATE INDEX lots_there ON lots (collective, thing, id) WHERE remaining <> '0';

-- Every change of a lot with its reason; never changed itself.
CREATE TABLE movements (
  id INTEGER PRIMARY KEY,
  lot INTEGER NOT NULL REFERENCES lots,
  amount TEXT NOT NULL,
  reason TEXT NOT NULL,
  note TEXT NOT NULL DEFAULT '',
  meal TEXT,
  at INTEGER NOT NULL
) STRICT;
CREATE INDEX movements_lot ON movements (lot, id);
CREATE INDEX movements_meal ON movements (meal) WHERE meal IS NOT NULL;

CREATE TABLE recipes (
  id INTEGER PRIMARY KEY,
  collective INTEGER NOT NULL REFERENCES collectives,
  name TEXT NOT NULL,
  rations INTEGER NOT NULL,
  UNIQUE (collective, name)
) STRICT;
CREATE TABLE ingredients (
  recipe INTEGER NOT NULL REFERENCES recipes ON DELETE CASCADE,
  place INTEGER NOT NULL,
  what TEXT NOT NULL,
  thing TEXT NOT NULL,
  amount TEXT NOT NULL,
  unit TEXT NOT NULL,
  PRIMARY KEY (recipe, place)
) STRICT, WITHOUT ROWID;

-- By which recipe a meal is cooked.
CREATE TABLE cookings (
  meal TEXT PRIMARY KEY,
  collective INTEGER NOT NULL REFERENCES collectives,
  recipe INTEGER NOT NULL REFERENCES recipes ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX cookings_recipe ON cookings (recipe);

-- Up to where a member has seen what is new: the id of the newest thing, never a time.
CREATE TABLE visits (
  member INTEGER NOT NULL,
  collective INTEGER NOT NULL,
  position INTEGER NOT NULL,
  PRIMARY KEY (member, collective),
  FOREIGN KEY (member, collective) REFERENCES memberships ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- What a collective has open is asked on every page of its members.
CREATE INDEX objects_owned ON objects (owner, kind, state, id);
