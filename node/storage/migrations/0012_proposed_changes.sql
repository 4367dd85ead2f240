-- A proposal may change what was published before: `about` is its URI. Who has a stake in a proposal leaves it to others.
ALTER TABLE proposals ADD COLUMN about TEXT;
ALTER TABLE approvals ADD COLUMN recused INTEGER NOT NULL DEFAULT 0;
