-- What a collective tells of itself beside its description, as apps set it (schema.org PropertyValue): a JSON list of [name, HTML].
ALTER TABLE collectives ADD COLUMN fields TEXT NOT NULL DEFAULT '[]';
