"""Feeds of a small world in one process, filled by an app."""

from tests.node.api.conftest import ana, olla, rosa, world

__all__ = ["ana", "olla", "rosa", "world"]
