"""Every page there is, by name: what the browser tests judge and `make screenshots` draws. A new page is entered here first.

Addresses have the places of a neighbourhood in braces: `{olla}`, `{coop}`, and what was said (`{need}`).
"""

from tests.browser import Reader
from tests.neighbourhood import Neighbourhood

PUBLIC = {
    "collective": "{olla}/c/esperanza",
    "fund": "{coop}/c/fondo",
    "several-collectives": "{coop}/",
    "board": "{olla}/board",
    "map": "{olla}/map",
    "need": "{need}",
    "needs": "{olla}/c/esperanza/needs",
    "meal": "{meal}",
    "note": "{note}",
    "photographed": "{photographed}",
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
    "lot": "{lot}",
    "recipe": "{recipe}",
    "recipe-for-more": "{recipe}?rations=300",
    "change-recipe": "{recipe}/edit",
    "new-recipe": "{olla}/kitchen/recipes/0/edit",
    "correct": "{edit}",
    "withdraw": "{withdraw}",
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
    "peers": "{olla}/peers",
    "peers-followers": "{olla}/peers/followers",
    "peers-requests": "{olla}/peers/requests",
    "peers-trusted": "{olla}/peers/trusted",
    "peers-blocked": "{olla}/peers/blocked",
    "peer": "{peer}",
    "peer-block": "{peer}/block",
    "reporting": "{reporting}",
    "moderation": "{olla}/moderation",
    "report": "{report}",
    "reports-done": "{olla}/moderation?resolved=yes",
    "limits": "{olla}/moderation/limits",
    "servers": "{olla}/moderation/servers",
    "import": "{olla}/moderation/import",
}
"""What a member of the olla reads, once she came in."""

FUND = {
    "fund-home": "{coop}/home",
    "fund-new": "{coop}/new",
    "proposal": "{proposal}",
    "proposal-withdrawn": "{proposal}/withdraw",
    "new-join": "{coop}/new/join",
    "new-admission": "{coop}/new/admission",
    "new-criteria": "{coop}/new/criteria",
    "new-stance": "{coop}/new/stance",
    "new-decision": "{coop}/new/decision",
    "new-round": "{coop}/new/round",
    "new-claim": "{coop}/new/claim",
    "new-allocation": "{coop}/new/allocation",
    "new-donation": "{coop}/new/donation",
    "new-expense": "{coop}/new/expense",
    "new-deposit": "{coop}/new/deposit",
    "new-match": "{coop}/new/match",
    "new-transfer": "{coop}/new/transfer",
    "new-period": "{coop}/new/period",
    "allocation": "{allocation}",
}
"""What a member of the fund reads."""

REFUSED = {
    "need-refused": (
        "/new/need",
        "[value=publish]",
        {"what": "", "quantity": "muchos", "by": "el año pasado"},
    ),
    "need-previewed": (
        "/new/need",
        "[value=preview]",
        {"what": "arroz", "quantity": "40", "details": "A granel."},
    ),
    "settings-refused": ("/settings", "", {"name": "", "district": "Pasaje Uno 34", "latitude": "1"}),
    "pickup-refused": ("/kitchen/pickups", "", {"what": "", "clock": "25:00", "people": "nadie"}),
    "recipe-refused": ("/kitchen/recipes/0/edit", "[value=save]", {"name": "", "rations": "cien"}),
}
"""What comes of forms that do not read, or shall be looked at first: the page, the button, what was typed."""


def address(page: str, there: Neighbourhood) -> str:
    """Where a page is."""
    number = there.said["need"].rsplit("/", 1)[1]
    own = {"edit": f"{there.olla.origin}/edit/{number}", "withdraw": f"{there.olla.origin}/withdraw/{number}"}
    return page.format(olla=there.olla.origin, coop=there.coop.origin, **own, **there.said)


def fill(reader: Reader, name: str) -> None:
    """Fill in a form that will be refused, or looked at first, and send it past what the browser itself would say."""
    _, button, typed = REFUSED[name]
    reader.page.evaluate("for (const form of document.forms) form.noValidate = true")
    for box, text in typed.items():
        reader.type(f"main form [name={box}]", text)
    reader.touch(f"main form:has([name={next(iter(typed))}]) .act button{button}")
    reader.page.locator("main [aria-invalid], main article.main").first.wait_for()
