"""The collective's server."""

VERSION = "0.1.0"
