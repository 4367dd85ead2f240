"""What `federation` asks of its host, kept by `storage`."""

from node.hosting.actor_store import KeptActors, believe
from node.hosting.documents import KeptDocuments
from node.hosting.queues import Arrivals, Outgoing

__all__ = ["Arrivals", "KeptActors", "KeptDocuments", "Outgoing", "believe"]
