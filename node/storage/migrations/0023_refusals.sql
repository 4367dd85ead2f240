-- What a collective does not take from a server that it does not block, as the lists that servers share say it. `obfuscate` is
-- only kept for whom the list is handed on to.
CREATE TABLE refusals (
  collective INTEGER NOT NULL REFERENCES collectives,
  host TEXT NOT NULL,
  media INTEGER NOT NULL DEFAULT 0,
  reports INTEGER NOT NULL DEFAULT 0,
  obfuscate INTEGER NOT NULL DEFAULT 0,
  reason TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (collective, host)
) STRICT, WITHOUT ROWID;
CREATE INDEX refusals_media ON refusals (collective, host) WHERE media = 1;
