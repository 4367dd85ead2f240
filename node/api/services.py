"""What every endpoint is handed: the doors, the reader, and what the client API keeps in memory."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from node.api.streams import Streams
from node.attachments import Attachments
from node.clients import Clients
from node.config import Config
from node.doors import Doors
from node.marks import Marks
from node.rates import Rates
from node.storage.database import Reader

VERSION_SPOKEN = "4.3.0"
"""The version of Mastodon's API that apps may count on."""


@dataclass(frozen=True, kw_only=True)
class Services:
    """The client API of one node stands on these."""

    doors: Doors
    streams: Streams
    rates: Rates
    version: str

    @property
    def clients(self) -> Clients:
        """The door of members' programs."""
        return self.doors.clients

    @property
    def marks(self) -> Marks:
        """The door of what is private to a collective."""
        return self.doors.marks

    @property
    def attachments(self) -> Attachments:
        """The door of photographs."""
        return self.doors.attachments

    @property
    def config(self) -> Config:
        """The node's settings."""
        return self.doors.config

    @property
    def origin(self) -> str:
        """The node's address."""
        return self.doors.config.origin

    @property
    def host(self) -> str:
        """The node's name as it stands in handles."""
        return self.doors.config.host

    @property
    def reader(self) -> Reader:
        """Where everything is read."""
        return self.doors.database.reader

    @property
    def clock(self) -> Callable[[], datetime]:
        """What time it is."""
        return self.doors.clock

    @property
    def streaming_url(self) -> str:
        """Where WebSockets are opened."""
        parts = urlsplit(self.origin)
        return f"{'wss' if parts.scheme == 'https' else 'ws'}://{parts.netloc}"

    @property
    def version_string(self) -> str:
        """As clients parse it: what they may count on first."""
        return f"{VERSION_SPOKEN} (compatible; Minga {self.version})"
