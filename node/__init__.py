"""The collective's server."""
