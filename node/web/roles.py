"""What people are in a collective, in their words: the name of each role, and what it may in one sentence."""

from node.access import ROLES
from node.tongues import Tongue, message

NAMES = {
    "steward": message("Steward"),
    "treasurer": message("Treasurer"),
    "cook": message("Cook"),
    "newcomer": message("Newcomer"),
    "advisor": message("Advisor"),
}
SENTENCES = {
    "steward": message("Decides about people, peers and settings, and may publish everything."),
    "treasurer": message("Keeps the account: gifts, expenses, campaigns and transfers."),
    "cook": message("Publishes needs and meals, accepts what is promised and notes what arrived."),
    "newcomer": message("Reads along and gets to know the house; publishes nothing yet."),
    "advisor": message("Reads along and gives advice from outside; publishes nothing."),
}


def names(tongue: Tongue) -> dict[str, str]:
    """Each role as people say it, the one that may most first."""
    return {role: tongue.say(NAMES[role]) for role in ROLES}


def sentences(tongue: Tongue) -> dict[str, str]:
    """What each role may."""
    return {role: tongue.say(SENTENCES[role]) for role in ROLES}
