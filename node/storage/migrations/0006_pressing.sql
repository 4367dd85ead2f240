-- What is urgent and open stands first on the board, however much else there is.
ALTER TABLE objects ADD COLUMN pressing INTEGER NOT NULL
  GENERATED ALWAYS AS (state = 'open' AND json_extract(facts, '$.urgent') IS NOT NULL) VIRTUAL;
CREATE INDEX objects_pressing ON objects (kind, id) WHERE pressing = 1;
