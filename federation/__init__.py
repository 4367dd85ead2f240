"""ActivityPub as a library: how servers speak. Knows no kitchen, no SQL, no record of ours."""
