-- What actors, ours and others, pin to their profiles: `featured` in their documents.
CREATE TABLE featured (
  id INTEGER PRIMARY KEY,
  actor TEXT NOT NULL,
  post INTEGER NOT NULL REFERENCES posts ON DELETE CASCADE,
  UNIQUE (actor, post)
) STRICT;
CREATE INDEX featured_post ON featured (post);
INSERT INTO featured (id, actor, post) SELECT p.id, c.uri, p.post FROM pins p JOIN collectives c ON c.id = p.collective;
DROP TABLE pins;
