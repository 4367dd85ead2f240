"""FEEDS: what is public, for programs that are no member of the fediverse: readers of news, calendars, other sites' pages."""

from node.feeds.routes import feeds

__all__ = ["feeds"]
