"""DOOR. Photographs: what members send, and what strangers show."""

from node.attachments.door import DESCRIPTION_CHARS, UPLOAD_BYTES, Attachments, read_description

__all__ = ["DESCRIPTION_CHARS", "UPLOAD_BYTES", "Attachments", "read_description"]
