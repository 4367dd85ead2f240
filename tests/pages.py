"""Every page there is, by name: what the browser tests judge and `make screenshots` draws. A new page is entered here first.

Addresses have the places of a neighbourhood in braces: `{olla}`, `{coop}`, and what was said (`{need}`).
"""

from tests.neighbourhood import Neighbourhood

PUBLIC = {
    "collective": "{olla}/c/esperanza",
    "fund": "{coop}/c/fondo",
    "several-collectives": "{coop}/",
    "board": "{olla}/board",
    "map": "{olla}/map",
    "need": "{need}",
    "meal": "{meal}",
    "note": "{note}",
    "receipt": "{receipt}",
    "campaign": "{campaign}",
    "giving": "{coop}/c/fondo/give",
    "account": "{coop}/c/fondo/account",
    "account-entry": "{coop}/c/fondo/account/entries/1",
    "account-gift": "{coop}/c/fondo/account/gift",
    "account-help": "{coop}/c/fondo/account/help/stranger",
    "account-help-treasurer": "{coop}/c/fondo/account/help/treasurer",
    "login": "{olla}/login",
    "join": "{join}",
    "poster": "{olla}/c/esperanza/poster",
    "following": "{olla}/c/esperanza/follow?server=mastodon.example",
    "following-mistyped": "{olla}/c/esperanza/follow?server=no",
    "tag": "{olla}/tags/olla",
    "nothing": "{olla}/nowhere",
}
"""What strangers read."""

MEMBERS = {
    "home": "{olla}/home",
    "new": "{olla}/new",
    "new-need": "{olla}/new/need",
    "new-meal": "{olla}/new/meal",
    "new-offer": "{olla}/new/offer",
    "new-pledge": "{olla}/new/pledge",
    "new-receipt": "{olla}/new/receipt",
    "new-note": "{olla}/new/note",
    "new-campaign": "{olla}/new/campaign",
    "own-need": "{need}",
    "own-meal": "{planned}",
    "kitchen": "{olla}/kitchen",
    "pantry": "{olla}/kitchen/pantry",
    "pickups": "{olla}/kitchen/pickups",
    "new-recipe": "{olla}/kitchen/recipes/0/edit",
    "members": "{olla}/members",
    "invite": "{olla}/members/invite",
    "more": "{olla}/more",
    "settings": "{olla}/settings",
    "me": "{olla}/me",
    "me-password": "{olla}/me/password",
    "me-known": "{olla}/me/known",
    "me-leave": "{olla}/me/leave",
    "map-of-ours": "{olla}/map",
    "outbox": "{olla}/outbox",
    "offline": "{olla}/offline",
    "logout": "{olla}/logout",
    "founded": "{olla}/welcome",
    "password": "{olla}/me/password",
    "known": "{olla}/me/known",
    "leave": "{olla}/me/leave",
    "peers": "{olla}/peers",
    "peers-followers": "{olla}/peers/followers",
    "peers-requests": "{olla}/peers/requests",
    "peers-trusted": "{olla}/peers/trusted",
    "peers-blocked": "{olla}/peers/blocked",
    "peer": "{peer}",
    "peer-block": "{peer}/block",
    "moderation": "{olla}/moderation",
    "limits": "{olla}/moderation/limits",
    "servers": "{olla}/moderation/servers",
    "import": "{olla}/moderation/import",
}
"""What a member of the olla reads, once she came in."""


def address(page: str, there: Neighbourhood) -> str:
    """Where a page is."""
    return page.format(olla=there.olla.origin, coop=there.coop.origin, **there.said)
