-- What a proposal would change, as it stood when it was proposed: SHA-256 of its document. Whoever signs signs that, and nothing else.
ALTER TABLE proposals ADD COLUMN standing BLOB;
