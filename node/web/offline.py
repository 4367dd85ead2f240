"""What a telephone needs to go on without signal: the manifest, the service worker, the page it shows then, and the outbox.

The outbox itself is kept by the browser alone (`assets/minga.js`): what waits in it is nobody else's business.
"""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from node.storage import collectives
from node.web.drawing import asset, direction_of, plain_asset
from node.web.reception import Pages

_COLOUR, _GROUND = "#a2301b", "#fbf5ec"
_LONGEST = 12
"""Letters of a name below an icon."""


class Offline(Pages):
    """The addresses by which a browser installs this node and reads it without signal."""

    def routes(self) -> list[BaseRoute]:
        """Their addresses."""
        guarded = self._reception.guarded
        return [
            Route("/sw.js", _worker),
            Route("/manifest.webmanifest", self._manifest),
            Route("/offline", guarded(self._unseen)),
            Route("/outbox", guarded(self._outbox)),
        ]

    async def _manifest(self, request: Request) -> Response:
        """How the node stands among the apps of a telephone (W3C Web Application Manifest). Browsers ask for it without
        cookie: it says nothing that strangers do not see."""
        tongue = await self._reception.tongue(request)
        there = await self._reception.doors.database.reader.run(collectives.every)
        name = there[0].name if len(there) == 1 else self._reception.host
        return JSONResponse(
            {
                "name": name,
                "short_name": name if len(name) <= _LONGEST else "Minga",
                "description": tongue.say("A server of its own collective, with Minga, in the fediverse."),
                "lang": tongue.language,
                "dir": direction_of(tongue.language),
                "id": "/",
                "start_url": "/",
                "scope": "/",
                "display": "standalone",
                "theme_color": _COLOUR,
                "background_color": _GROUND,
                "icons": [
                    {"src": asset("icon-192.png"), "sizes": "192x192", "type": "image/png"},
                    {"src": asset("icon-512.png"), "sizes": "512x512", "type": "image/png"},
                    {
                        "src": asset("icon-whole.svg"),
                        "sizes": "any",
                        "type": "image/svg+xml",
                        "purpose": "maskable",
                    },
                ],
            },
            headers={"cache-control": "no-cache", "vary": "Accept-Language"},
            media_type="application/manifest+json",
        )

    async def _unseen(self, request: Request) -> Response:
        """What is shown for a page that was not seen before the signal went."""
        return await self._reception.page(request, "offline.html", await self._reception.member(request))

    async def _outbox(self, request: Request) -> Response:
        """The forms that wait in this browser."""
        return await self._reception.page(
            request, "outbox.html", await self._reception.member(request, "/more")
        )


async def _worker(_request: Request) -> Response:
    headers = {"cache-control": "no-cache", "x-content-type-options": "nosniff"}
    return Response(plain_asset("sw.js"), media_type="text/javascript", headers=headers)
