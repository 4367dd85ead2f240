"""`make demo`: a small world of real nodes on this machine, and a story played in it."""
