-- An outbox holds, and counts, what was not withdrawn.
DROP INDEX activities_said;
CREATE INDEX activities_said ON activities (collective, id)
  WHERE collective IS NOT NULL AND audience IN ('public', 'unlisted') AND body IS NOT NULL;
