-- What is fetched or taken somewhere week after week, and who goes. Nothing of it federates. `weekday` counts from Monday, 0;
-- `clock` is HH:MM where the collective is; days are plain dates; `amount` is exact kilograms as text.
CREATE TABLE pickups (
  id INTEGER PRIMARY KEY,
  collective INTEGER NOT NULL REFERENCES collectives,
  way TEXT NOT NULL,
  what TEXT NOT NULL,
  place TEXT NOT NULL,
  weekday INTEGER NOT NULL,
  clock TEXT NOT NULL,
  people INTEGER NOT NULL,
  begins TEXT NOT NULL,
  ends TEXT
) STRICT;
CREATE INDEX pickups_collective ON pickups (collective, id);

-- Who goes on a day. Whoever leaves the collective leaves every day too.
CREATE TABLE pickup_hands (
  pickup INTEGER NOT NULL REFERENCES pickups ON DELETE CASCADE,
  day TEXT NOT NULL,
  member INTEGER NOT NULL,
  collective INTEGER NOT NULL,
  PRIMARY KEY (pickup, day, member),
  FOREIGN KEY (member, collective) REFERENCES memberships ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX pickup_hands_member ON pickup_hands (member, day);

-- What was brought on a day; `lot` once it is in the pantry.
CREATE TABLE pickup_weights (
  pickup INTEGER NOT NULL REFERENCES pickups ON DELETE CASCADE,
  day TEXT NOT NULL,
  amount TEXT NOT NULL,
  lot INTEGER REFERENCES lots,
  PRIMARY KEY (pickup, day)
) STRICT, WITHOUT ROWID;
CREATE INDEX pickup_weights_lot ON pickup_weights (lot) WHERE lot IS NOT NULL;
