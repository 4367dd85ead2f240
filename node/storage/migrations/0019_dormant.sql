-- Who is dormant is asked after every change of that: by host, without a walk through everybody.
CREATE INDEX actors_dormant ON actors (host) WHERE state = 'dormant';
CREATE INDEX followers_dormant ON followers (actor) WHERE state = 'dormant';
