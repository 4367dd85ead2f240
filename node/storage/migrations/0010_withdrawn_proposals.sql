-- A proposal that was a mistake is taken back: it is kept, and waits for nobody any more.
ALTER TABLE proposals ADD COLUMN withdrawn INTEGER;
DROP INDEX proposals_waiting;
CREATE INDEX proposals_waiting ON proposals (collective, id) WHERE said IS NULL AND withdrawn IS NULL;
