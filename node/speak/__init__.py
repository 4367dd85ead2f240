"""The speaking half: what both publish and receive need to turn words into activities, state and deliveries.

Everything here is a plain function of a transaction: ids, text, addressing, proofs, fold and deliveries of one thing
said are one transaction, with all that it makes other collectives of this node say.
"""

from node.speak.booking import begin_account
from node.speak.reach import may_read
from node.speak.scene import LiveScene, tongues
from node.speak.speech import Said, Speech

__all__ = ["LiveScene", "Said", "Speech", "begin_account", "may_read", "tongues"]
