-- Moments are milliseconds since 1970 UTC. Actors and objects are named by their URI everywhere.
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

-- Collectives of this node. `document` is the actor document as served.
CREATE TABLE collectives (
  id INTEGER PRIMARY KEY,
  handle TEXT NOT NULL UNIQUE,
  uri TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  kind TEXT NOT NULL,
  summary TEXT NOT NULL DEFAULT '',
  locale TEXT NOT NULL,
  currency TEXT NOT NULL,
  timezone TEXT NOT NULL,
  created INTEGER NOT NULL,
  seal TEXT NOT NULL,
  identity BLOB NOT NULL,
  document BLOB NOT NULL,
  updated INTEGER NOT NULL
) STRICT;

-- The spine: every activity said or accepted, append-only. `body` is NULL once erased; id, verb, digest stay.
CREATE TABLE activities (
  id INTEGER PRIMARY KEY,
  uri TEXT NOT NULL UNIQUE,
  actor TEXT NOT NULL,
  type TEXT NOT NULL,
  object TEXT NOT NULL,
  kind TEXT NOT NULL DEFAULT '',
  collective INTEGER REFERENCES collectives,
  audience TEXT NOT NULL,
  options TEXT NOT NULL DEFAULT '',
  aside TEXT NOT NULL DEFAULT '{}',
  folded TEXT NOT NULL DEFAULT '',
  transport TEXT NOT NULL DEFAULT 'inbox',
  key TEXT NOT NULL DEFAULT '',
  at INTEGER NOT NULL,
  digest BLOB NOT NULL,
  body BLOB
) STRICT;
CREATE INDEX activities_object ON activities (object, id);
CREATE INDEX activities_said ON activities (collective, id)
  WHERE collective IS NOT NULL AND audience IN ('public', 'unlisted');

-- The present state of every published thing: a fold over the activities.
CREATE TABLE objects (
  id INTEGER PRIMARY KEY,
  uri TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  owner TEXT NOT NULL,
  collective INTEGER REFERENCES collectives,
  state TEXT NOT NULL,
  audience TEXT NOT NULL,
  readers TEXT NOT NULL DEFAULT '[]',
  published INTEGER NOT NULL,
  updated INTEGER NOT NULL,
  due INTEGER,
  lapsed INTEGER NOT NULL DEFAULT 0,
  facts TEXT NOT NULL DEFAULT '{}',
  document BLOB NOT NULL
) STRICT;
CREATE INDEX objects_board ON objects (kind, state, id);
CREATE INDEX objects_lapsing ON objects (due) WHERE due IS NOT NULL AND lapsed = 0 AND collective IS NOT NULL;
CREATE INDEX objects_owner ON objects (owner, kind, id);

CREATE TABLE links (
  object TEXT NOT NULL,
  relation TEXT NOT NULL,
  target TEXT NOT NULL,
  PRIMARY KEY (object, relation, target)
) STRICT, WITHOUT ROWID;
CREATE INDEX links_target ON links (target, relation, object);

CREATE TABLE labels (
  collective INTEGER NOT NULL REFERENCES collectives,
  scheme TEXT NOT NULL,
  value TEXT NOT NULL,
  object TEXT NOT NULL,
  PRIMARY KEY (collective, scheme, value)
) STRICT, WITHOUT ROWID;

-- Every Note in time, ours and theirs, and every boost. A Note has the id of its row in objects.
CREATE TABLE posts (
  id INTEGER PRIMARY KEY,
  uri TEXT NOT NULL UNIQUE,
  actor TEXT NOT NULL,
  collective INTEGER REFERENCES collectives,
  reply_to TEXT,
  boost_of INTEGER REFERENCES posts ON DELETE CASCADE,
  conversation TEXT NOT NULL,
  audience TEXT NOT NULL,
  kind TEXT NOT NULL,
  published INTEGER NOT NULL,
  edited INTEGER
) STRICT;
CREATE INDEX posts_actor ON posts (actor, id);
CREATE INDEX posts_reply ON posts (reply_to, id) WHERE reply_to IS NOT NULL;
CREATE UNIQUE INDEX posts_boost ON posts (boost_of, actor) WHERE boost_of IS NOT NULL;
CREATE INDEX posts_conversation ON posts (conversation, id);
CREATE INDEX posts_public ON posts (id) WHERE audience = 'public';
CREATE INDEX posts_here ON posts (id) WHERE audience = 'public' AND collective IS NOT NULL AND boost_of IS NULL;
CREATE INDEX posts_local ON posts (collective, id) WHERE collective IS NOT NULL;

CREATE TABLE post_tags (
  tag TEXT NOT NULL,
  post INTEGER NOT NULL REFERENCES posts ON DELETE CASCADE,
  PRIMARY KEY (tag, post)
) STRICT, WITHOUT ROWID;
CREATE INDEX post_tags_post ON post_tags (post);

CREATE TABLE mentions (
  post INTEGER NOT NULL REFERENCES posts ON DELETE CASCADE,
  actor TEXT NOT NULL,
  PRIMARY KEY (post, actor)
) STRICT, WITHOUT ROWID;
CREATE INDEX mentions_actor ON mentions (actor, post);

CREATE TABLE likes (
  id INTEGER PRIMARY KEY,
  post INTEGER NOT NULL REFERENCES posts ON DELETE CASCADE,
  actor TEXT NOT NULL,
  activity TEXT NOT NULL UNIQUE,
  UNIQUE (post, actor)
) STRICT;
CREATE INDEX likes_actor ON likes (actor, id);

-- What a collective reads: its own posts and those of whom it follows.
CREATE TABLE home (
  collective INTEGER NOT NULL REFERENCES collectives,
  post INTEGER NOT NULL REFERENCES posts ON DELETE CASCADE,
  PRIMARY KEY (collective, post)
) STRICT, WITHOUT ROWID;
CREATE INDEX home_post ON home (post);

CREATE TABLE notifications (
  id INTEGER PRIMARY KEY,
  collective INTEGER NOT NULL REFERENCES collectives,
  type TEXT NOT NULL,
  actor TEXT NOT NULL,
  post INTEGER REFERENCES posts ON DELETE CASCADE,
  at INTEGER NOT NULL
) STRICT;
CREATE INDEX notifications_collective ON notifications (collective, id);
CREATE INDEX notifications_post ON notifications (post);
CREATE INDEX notifications_about ON notifications (collective, actor, type, post);

-- Remote actors. `state`: ok; dormant (its server says gone, we hold its identity); doubt (a change that its identity
-- does not cover); gone (erased but for id, keys and tombstone).
CREATE TABLE actors (
  id INTEGER PRIMARY KEY,
  uri TEXT NOT NULL UNIQUE,
  type TEXT NOT NULL,
  username TEXT NOT NULL,
  host TEXT NOT NULL,
  handle TEXT NOT NULL,
  name TEXT NOT NULL,
  inbox TEXT NOT NULL,
  shared_inbox TEXT,
  followers TEXT,
  outbox TEXT,
  moved_to TEXT,
  also_known_as TEXT NOT NULL DEFAULT '[]',
  state TEXT NOT NULL DEFAULT 'ok',
  fetched INTEGER NOT NULL,
  document BLOB NOT NULL
) STRICT;
CREATE INDEX actors_handle ON actors (handle) WHERE handle <> '';
CREATE INDEX actors_host ON actors (host);
CREATE INDEX actors_followers ON actors (followers) WHERE followers IS NOT NULL;

-- The history of their keys; `current` is what the last believed document lists.
CREATE TABLE keys (
  id TEXT NOT NULL,
  actor TEXT NOT NULL,
  algorithm TEXT NOT NULL,
  material TEXT NOT NULL,
  first INTEGER NOT NULL,
  revoked INTEGER,
  current INTEGER NOT NULL,
  PRIMARY KEY (id, material)
) STRICT, WITHOUT ROWID;
CREATE INDEX keys_actor ON keys (actor);

CREATE TABLE identities (
  actor TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  subject TEXT NOT NULL,
  statement BLOB NOT NULL,
  received INTEGER NOT NULL,
  PRIMARY KEY (actor, sequence)
) STRICT, WITHOUT ROWID;
CREATE TABLE successions (
  former TEXT NOT NULL,
  successor TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  PRIMARY KEY (former, successor)
) STRICT, WITHOUT ROWID;

-- `id` of a row is the cursor that the client API pages by.
CREATE TABLE followers (
  id INTEGER PRIMARY KEY,
  collective INTEGER NOT NULL REFERENCES collectives,
  actor TEXT NOT NULL,
  state TEXT NOT NULL,
  activity TEXT NOT NULL,
  inbox TEXT NOT NULL,
  shared_inbox TEXT,
  at INTEGER NOT NULL,
  UNIQUE (collective, actor)
) STRICT;
CREATE INDEX followers_actor ON followers (actor);
CREATE INDEX followers_page ON followers (collective, state, id);

CREATE TABLE following (
  id INTEGER PRIMARY KEY,
  collective INTEGER NOT NULL REFERENCES collectives,
  actor TEXT NOT NULL,
  state TEXT NOT NULL,
  activity TEXT NOT NULL,
  at INTEGER NOT NULL,
  UNIQUE (collective, actor)
) STRICT;
CREATE INDEX following_actor ON following (actor);
CREATE INDEX following_activity ON following (activity);

CREATE TABLE trusts (
  collective INTEGER NOT NULL REFERENCES collectives,
  actor TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (collective, actor)
) STRICT, WITHOUT ROWID;

-- `by` is a collective of ours, or a remote actor that blocks one of ours; `target` an actor URI or a host.
CREATE TABLE blocks (
  id INTEGER PRIMARY KEY,
  by TEXT NOT NULL,
  target TEXT NOT NULL,
  activity TEXT NOT NULL DEFAULT '',
  reason TEXT NOT NULL DEFAULT '',
  at INTEGER NOT NULL,
  UNIQUE (by, target)
) STRICT;
CREATE INDEX blocks_target ON blocks (target);

-- Accepted at the door and not yet processed; a row goes when its activity was folded.
CREATE TABLE inbound (
  id INTEGER PRIMARY KEY,
  uri TEXT NOT NULL UNIQUE,
  actor TEXT NOT NULL,
  type TEXT NOT NULL,
  inbox TEXT NOT NULL,
  scheme TEXT NOT NULL,
  key TEXT NOT NULL,
  transport TEXT NOT NULL,
  received INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  next INTEGER NOT NULL,
  body BLOB NOT NULL
) STRICT;
CREATE INDEX inbound_next ON inbound (next, id);

-- One row for each activity and inbox that has not got it yet. `thread` is the object: its deliveries keep their order.
CREATE TABLE deliveries (
  id INTEGER PRIMARY KEY,
  activity INTEGER NOT NULL REFERENCES activities,
  sender TEXT NOT NULL,
  inbox TEXT NOT NULL,
  host TEXT NOT NULL,
  thread TEXT NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  first INTEGER NOT NULL,
  next INTEGER NOT NULL,
  status INTEGER NOT NULL DEFAULT 0,
  reason TEXT NOT NULL DEFAULT '',
  UNIQUE (activity, inbox)
) STRICT;
CREATE INDEX deliveries_host ON deliveries (host, next, id);
CREATE INDEX deliveries_thread ON deliveries (inbox, thread, id);

-- What delivery knows of a host. `ready` is when the next row for it may be tried; NULL when none waits.
CREATE TABLE hosts (
  host TEXT PRIMARY KEY,
  scheme TEXT,
  takes_ed25519 INTEGER NOT NULL DEFAULT 0,
  failures INTEGER NOT NULL DEFAULT 0,
  failing_since INTEGER,
  open_until INTEGER,
  ready INTEGER,
  skew INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX hosts_ready ON hosts (ready) WHERE ready IS NOT NULL;

CREATE TABLE incidents (
  day TEXT NOT NULL,
  actor TEXT NOT NULL,
  code TEXT NOT NULL,
  object TEXT NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (day, actor, code, object)
) STRICT, WITHOUT ROWID;

-- People who may come in. They are never actors and never federate.
CREATE TABLE members (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  password TEXT,
  created INTEGER NOT NULL
) STRICT;
CREATE TABLE memberships (
  member INTEGER NOT NULL REFERENCES members ON DELETE CASCADE,
  collective INTEGER NOT NULL REFERENCES collectives,
  role TEXT NOT NULL,
  PRIMARY KEY (member, collective)
) STRICT, WITHOUT ROWID;
CREATE TABLE tokens (
  id INTEGER PRIMARY KEY,
  digest BLOB NOT NULL UNIQUE,
  member INTEGER REFERENCES members ON DELETE CASCADE,
  collective INTEGER NOT NULL REFERENCES collectives,
  scopes TEXT NOT NULL,
  created INTEGER NOT NULL
) STRICT;
-- Which member acted: erased after 90 days.
CREATE TABLE traces (
  activity TEXT PRIMARY KEY,
  member INTEGER REFERENCES members ON DELETE SET NULL,
  at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX traces_at ON traces (at);
CREATE TABLE idempotency (
  member INTEGER NOT NULL,
  route TEXT NOT NULL,
  key TEXT NOT NULL,
  digest BLOB NOT NULL,
  result TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (member, route, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_at ON idempotency (at);
