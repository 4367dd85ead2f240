"""Pages for people: drawn on the server, usable without JavaScript and on a small telephone."""
