-- A like, too, is known by its id and its actor.
CREATE TABLE likes_by_actor (
  id INTEGER PRIMARY KEY,
  post INTEGER NOT NULL REFERENCES posts ON DELETE CASCADE,
  actor TEXT NOT NULL,
  activity TEXT NOT NULL,
  UNIQUE (post, actor),
  UNIQUE (activity, actor)
) STRICT;
INSERT INTO likes_by_actor (id, post, actor, activity) SELECT id, post, actor, activity FROM likes;
DROP TABLE likes;
ALTER TABLE likes_by_actor RENAME TO likes;
CREATE INDEX likes_actor ON likes (actor, id);

-- Whether a proof beside the signature that brought an activity does not hold: then it is not forwarded.
ALTER TABLE inbound ADD COLUMN doubted INTEGER NOT NULL DEFAULT 0;
