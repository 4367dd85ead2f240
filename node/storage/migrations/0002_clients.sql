-- Programs of members, and what a collective keeps for itself. Nothing of it federates but pins.
CREATE TABLE apps (
  id INTEGER PRIMARY KEY,
  client_id TEXT NOT NULL UNIQUE,
  secret BLOB NOT NULL,
  name TEXT NOT NULL,
  website TEXT,
  redirect_uris TEXT NOT NULL,
  scopes TEXT NOT NULL,
  created INTEGER NOT NULL
) STRICT;
CREATE INDEX apps_created ON apps (created);

-- A code that an app may change for a token: once, within ten minutes. `token` is the digest of what it was changed for.
CREATE TABLE codes (
  digest BLOB PRIMARY KEY,
  app INTEGER NOT NULL REFERENCES apps ON DELETE CASCADE,
  member INTEGER NOT NULL REFERENCES members ON DELETE CASCADE,
  collective INTEGER NOT NULL REFERENCES collectives,
  redirect_uri TEXT NOT NULL,
  scopes TEXT NOT NULL,
  challenge TEXT NOT NULL,
  created INTEGER NOT NULL,
  token BLOB
) STRICT, WITHOUT ROWID;
CREATE INDEX codes_created ON codes (created);

ALTER TABLE tokens ADD COLUMN app INTEGER REFERENCES apps ON DELETE CASCADE;
CREATE INDEX tokens_app ON tokens (app) WHERE app IS NOT NULL;
-- Tokens of a program that acts for itself (client_credentials): they read what anybody may read.
CREATE TABLE app_tokens (
  digest BLOB PRIMARY KEY,
  app INTEGER NOT NULL REFERENCES apps ON DELETE CASCADE,
  scopes TEXT NOT NULL,
  created INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX app_tokens_app ON app_tokens (app);

-- Browsers in which a member logged in. `digest` is that of the cookie.
CREATE TABLE sessions (
  digest BLOB PRIMARY KEY,
  member INTEGER NOT NULL REFERENCES members ON DELETE CASCADE,
  created INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_created ON sessions (created);
CREATE INDEX sessions_member ON sessions (member);

CREATE TABLE bookmarks (
  id INTEGER PRIMARY KEY,
  collective INTEGER NOT NULL REFERENCES collectives,
  post INTEGER NOT NULL REFERENCES posts ON DELETE CASCADE,
  UNIQUE (collective, post)
) STRICT;
CREATE INDEX bookmarks_post ON bookmarks (post);
CREATE TABLE pins (
  id INTEGER PRIMARY KEY,
  collective INTEGER NOT NULL REFERENCES collectives,
  post INTEGER NOT NULL REFERENCES posts ON DELETE CASCADE,
  UNIQUE (collective, post)
) STRICT;
CREATE INDEX pins_post ON pins (post);

CREATE TABLE mutes (
  id INTEGER PRIMARY KEY,
  collective INTEGER NOT NULL REFERENCES collectives,
  actor TEXT NOT NULL,
  notifications INTEGER NOT NULL,
  until INTEGER,
  UNIQUE (collective, actor)
) STRICT;
CREATE TABLE muted_conversations (
  collective INTEGER NOT NULL REFERENCES collectives,
  conversation TEXT NOT NULL,
  PRIMARY KEY (collective, conversation)
) STRICT, WITHOUT ROWID;
CREATE TABLE account_notes (
  collective INTEGER NOT NULL REFERENCES collectives,
  actor TEXT NOT NULL,
  comment TEXT NOT NULL,
  PRIMARY KEY (collective, actor)
) STRICT, WITHOUT ROWID;
-- Boosts of a followed actor that are not wanted in the home timeline.
CREATE TABLE unwanted_boosts (
  collective INTEGER NOT NULL REFERENCES collectives,
  actor TEXT NOT NULL,
  PRIMARY KEY (collective, actor)
) STRICT, WITHOUT ROWID;

CREATE TABLE filters (
  id INTEGER PRIMARY KEY,
  collective INTEGER NOT NULL REFERENCES collectives,
  title TEXT NOT NULL,
  contexts TEXT NOT NULL,
  action TEXT NOT NULL,
  until INTEGER
) STRICT;
CREATE INDEX filters_collective ON filters (collective);
CREATE TABLE filter_keywords (
  id INTEGER PRIMARY KEY,
  filter INTEGER NOT NULL REFERENCES filters ON DELETE CASCADE,
  keyword TEXT NOT NULL,
  whole_word INTEGER NOT NULL
) STRICT;
CREATE INDEX filter_keywords_filter ON filter_keywords (filter);
CREATE TABLE filter_posts (
  id INTEGER PRIMARY KEY,
  filter INTEGER NOT NULL REFERENCES filters ON DELETE CASCADE,
  post INTEGER NOT NULL REFERENCES posts ON DELETE CASCADE,
  UNIQUE (filter, post)
) STRICT;
CREATE INDEX filter_posts_post ON filter_posts (post);

CREATE TABLE followed_tags (
  id INTEGER PRIMARY KEY,
  collective INTEGER NOT NULL REFERENCES collectives,
  tag TEXT NOT NULL,
  UNIQUE (collective, tag)
) STRICT;
CREATE INDEX followed_tags_tag ON followed_tags (tag);
CREATE TABLE markers (
  collective INTEGER NOT NULL REFERENCES collectives,
  timeline TEXT NOT NULL,
  last_read INTEGER NOT NULL,
  version INTEGER NOT NULL,
  updated INTEGER NOT NULL,
  PRIMARY KEY (collective, timeline)
) STRICT, WITHOUT ROWID;
CREATE TABLE preferences (
  collective INTEGER NOT NULL REFERENCES collectives,
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (collective, name)
) STRICT, WITHOUT ROWID;
CREATE TABLE reports (
  id INTEGER PRIMARY KEY,
  collective INTEGER NOT NULL REFERENCES collectives,
  actor TEXT NOT NULL,
  category TEXT NOT NULL,
  comment TEXT NOT NULL,
  posts TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;

-- Photographs that members sent. `state`: working, ready, failed. `name` is the content hash of what is kept of it.
CREATE TABLE media (
  id INTEGER PRIMARY KEY,
  collective INTEGER NOT NULL REFERENCES collectives,
  state TEXT NOT NULL,
  name TEXT NOT NULL DEFAULT '',
  width INTEGER NOT NULL DEFAULT 0,
  height INTEGER NOT NULL DEFAULT 0,
  preview_width INTEGER NOT NULL DEFAULT 0,
  preview_height INTEGER NOT NULL DEFAULT 0,
  bytes INTEGER NOT NULL DEFAULT 0,
  blurhash TEXT NOT NULL DEFAULT '',
  description TEXT NOT NULL DEFAULT '',
  focus TEXT NOT NULL DEFAULT '0,0',
  problem TEXT NOT NULL DEFAULT '',
  post INTEGER REFERENCES posts ON DELETE SET NULL,
  created INTEGER NOT NULL
) STRICT;
CREATE INDEX media_post ON media (post);
CREATE INDEX media_name ON media (name);
CREATE INDEX media_loose ON media (created) WHERE post IS NULL;

-- Reading in time stays flat whatever is stored: what a page of a timeline needs has an index of its own.
CREATE INDEX posts_ours ON posts (id) WHERE collective IS NOT NULL AND audience = 'public' AND boost_of IS NULL;
CREATE INDEX posts_theirs ON posts (id) WHERE collective IS NULL AND audience = 'public' AND boost_of IS NULL;
CREATE INDEX actors_username ON actors (username COLLATE NOCASE);
CREATE INDEX actors_name ON actors (name COLLATE NOCASE);

-- How much an actor posted for everybody, and when last: counted as it comes.
CREATE TABLE tallies (
  actor TEXT PRIMARY KEY,
  posts INTEGER NOT NULL,
  last INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO tallies SELECT actor, count(*), max(published) FROM posts
  WHERE audience IN ('public', 'unlisted') GROUP BY actor;
CREATE TRIGGER posts_tallied AFTER INSERT ON posts WHEN NEW.audience IN ('public', 'unlisted') BEGIN
  INSERT INTO tallies (actor, posts, last) VALUES (NEW.actor, 1, NEW.published)
    ON CONFLICT (actor) DO UPDATE SET posts = posts + 1, last = max(last, excluded.last);
END;
CREATE TRIGGER posts_untallied AFTER DELETE ON posts WHEN OLD.audience IN ('public', 'unlisted') BEGIN
  UPDATE tallies SET posts = posts - 1 WHERE actor = OLD.actor;
END;

-- Posts that bear pictures.
CREATE TABLE pictured (
  actor TEXT NOT NULL,
  post INTEGER NOT NULL REFERENCES posts ON DELETE CASCADE,
  PRIMARY KEY (actor, post)
) STRICT, WITHOUT ROWID;
CREATE INDEX pictured_post ON pictured (post);
