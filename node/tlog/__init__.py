"""Transparency logs by the C2SP specifications, as a library: what a log publishes, and how anybody checks it."""
