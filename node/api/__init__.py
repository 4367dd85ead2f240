"""The Mastodon client API: every app that speaks it can run a kitchen. Files are Mastodon's own chapters.

`ClientApi` is the application; `Services` is what it stands on.
"""

from node.api.application import Absent, ClientApi
from node.api.services import Services
from node.api.streams import Streams

__all__ = ["Absent", "ClientApi", "Services", "Streams"]
