"""All pages of a node as one application; what has no page is a page that says so."""

from starlette.requests import Request
from starlette.routing import Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from node.doors import Doors
from node.rates import Rates
from node.web.account import AccountPages
from node.web.answering import Answering
from node.web.composing import Composing
from node.web.drawing import ASSETS, served
from node.web.entering import Entering
from node.web.giving import Giving
from node.web.home import Home
from node.web.kitchen import Kitchen
from node.web.map import Maps
from node.web.me import Me
from node.web.members import Members
from node.web.moderation import ModerationPages
from node.web.more import More
from node.web.offline import Offline
from node.web.peers import Peers
from node.web.pickups import PickupPages
from node.web.public import Public
from node.web.reception import Reception
from node.web.reporting import Reporting
from node.web.settings import Settings
from node.web.thread import Threads


def pages(doors: Doors, rates: Rates) -> ASGIApp:
    """The pages of a node, drawn from its doors. `rates` bounds how often somebody may try to come in."""
    reception = Reception(doors)
    public = Public(reception)
    composing = Composing(reception, public)

    async def absent(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            response = await public.missing(Request(scope, receive), 404)
            await response(scope, receive, send)

    return Router(
        [
            *public.routes(),
            *Home(reception).routes(),
            *Threads(reception, public).routes(),
            *Giving(reception, public).routes(),
            *AccountPages(reception, public).routes(),
            *Entering(reception, rates).routes(),
            *Members(reception).routes(),
            *Maps(reception).routes(),
            *composing.routes(),
            *Answering(reception, public, composing).routes(),
            *Kitchen(reception, public, composing).routes(),
            *PickupPages(reception, public, composing).routes(),
            *Me(reception).routes(),
            *More(reception).routes(),
            *Settings(reception).routes(),
            *Offline(reception).routes(),
            *Peers(reception).routes(),
            *ModerationPages(reception).routes(),
            *Reporting(reception).routes(),
            *(Route(path, served) for path in ASSETS),
        ],
        default=absent,
        # A redirect would be built from the Host header, which anybody can write.
        redirect_slashes=False,
    )
