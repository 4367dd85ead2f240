-- What published things booked, summed by day: an account, or how far a campaign is, is read in as many steps as there are days.
-- `subject` is what the money was for (a campaign), '' where it was for nothing of its own. The account `pledged` holds what was
-- promised and is not booked; its day is ''. Derived from the facts of objects, and kept with them.
CREATE TABLE sums (
  owner TEXT NOT NULL,
  subject TEXT NOT NULL,
  account TEXT NOT NULL,
  commodity TEXT NOT NULL,
  day TEXT NOT NULL,
  amount INTEGER NOT NULL,
  PRIMARY KEY (owner, account, commodity, day, subject)
) STRICT, WITHOUT ROWID;
CREATE INDEX sums_subject ON sums (subject, account, commodity, day) WHERE subject <> '';

UPDATE objects SET facts = json_object('for', json_extract(document, '$.record.campaign'), 'moves', json_extract(facts, '$.moves'))
  WHERE kind = 'donation' AND json_extract(facts, '$.moves') IS NOT NULL AND document <> X''
  AND json_extract(document, '$.record.campaign') IS NOT NULL;
INSERT INTO sums (owner, subject, account, commodity, day, amount)
  SELECT o.owner, coalesce(json_extract(o.facts, '$.for'), ''), json_extract(m.value, '$[1]'), json_extract(m.value, '$[3]'),
    json_extract(m.value, '$[0]'), sum(json_extract(m.value, '$[2]'))
  FROM objects o, json_each(o.facts, '$.moves') m GROUP BY 1, 2, 3, 4, 5;

-- What was booked in a stretch of days, for whoever compares it with a bank's statement.
CREATE INDEX leaves_date ON leaves (log, date) WHERE date <> '';
