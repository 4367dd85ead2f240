-- Whether a reply of others went on to our followers: then its withdrawal follows it. Of those before this was noted it is taken so.
ALTER TABLE posts ADD COLUMN forwarded INTEGER NOT NULL DEFAULT 0;
UPDATE posts SET forwarded = 1 WHERE collective IS NULL AND reply_to IS NOT NULL;
