-- The wide picture that apps show above a collective (ActivityStreams `image`): the name of a kept photograph.
ALTER TABLE collectives ADD COLUMN banner TEXT NOT NULL DEFAULT '';
