"""DOOR. Whom we hear and who hears us: follow, approve, trust, block; and what others decide about us."""

from node.relations.bonds import Bonds
from node.relations.door import Relations
from node.relations.others import Others

__all__ = ["Bonds", "Others", "Relations"]
