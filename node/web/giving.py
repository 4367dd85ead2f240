"""How to give: the bank details to copy, and where the rail exists a payto: link and an EPC QR. Nothing here takes a card.

Nobody needs an account here, and no visit is noted. A treasurer books what came and hands out the gift's code.
"""

from dataclasses import dataclass
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from node.config import GivingSettings
from node.shown import Shelf, Shown
from node.storage import collectives, objects, posts
from node.storage.collectives import Collective
from node.storage.database import Snapshot
from node.web.public import Public, qr
from node.web.reception import Reception

_CAMPAIGNS = 5
_SHORTCUTS = ("/aportar", "/give")


@dataclass(frozen=True, slots=True)
class _Face:
    collective: Collective
    hosted: int
    campaigns: list[Shown]


class Giving:
    """The page of a collective that says how to give."""

    def __init__(self, reception: Reception, public: Public) -> None:
        self._reception = reception
        self._public = public
        self._reader = reception.doors.database.reader
        self._config = reception.doors.config

    def routes(self) -> list[BaseRoute]:
        """Their addresses."""
        return [
            Route("/c/{handle}/give", self._give),
            *(Route(path, self._shortcut) for path in _SHORTCUTS),
        ]

    async def _shortcut(self, request: Request) -> Response:
        """To the page of the only collective, or of the only fund among several."""
        there = await self._reader.run(collectives.every)
        funds = [each for each in there if each.kind == "fund"] or there
        if len(funds) != 1:
            return await self._public.missing(request, 404)
        return RedirectResponse(f"{funds[0].uri}/give", 303)

    async def _give(self, request: Request) -> Response:
        handle = request.path_params["handle"].lower()
        visit = await self._reception.visit(request)

        def look(snapshot: Snapshot) -> _Face | None:
            own = collectives.by_handle(snapshot, handle)
            if own is None:
                return None
            rows = objects.of_owner(snapshot, own.uri, "campaign", limit=_CAMPAIGNS)
            found = [posts.by_uri(snapshot, row.uri) for row in rows if row.state == "open"]
            shelf = Shelf(snapshot, self._reception.origin)
            hosted = len(collectives.every(snapshot))
            return _Face(own, hosted, shelf.posts([post for post in found if post is not None]))

        face = await self._reader.run(look)
        if face is None:
            return await self._public.missing(request, 404)
        giving = self._config.giving_of(handle, face.hosted)
        return await self._reception.page(
            request,
            "give.html",
            visit,
            tongue=await self._reception.tongue(request, visit, face.collective.uri),
            collective=face.collective,
            campaigns=face.campaigns,
            giving=giving,
            iban=spaced(giving.iban),
            payto=payto(giving) if giving.iban else "",
            qr=picture(epc(giving)) if giving.iban else "",
        )


def spaced(iban: str) -> str:
    """An IBAN as people read it, in groups of four."""
    plain = iban.replace(" ", "").upper()
    return " ".join(plain[start : start + 4] for start in range(0, len(plain), 4))


def payto(settings: GivingSettings) -> str:
    """The payto: address of a transfer to an IBAN (RFC 8905 section 7.3)."""
    bank = f"{settings.bic}/" if settings.bic else ""
    plain = settings.iban.replace(" ", "").upper()
    return f"payto://iban/{bank}{plain}?receiver-name={quote(settings.holder, safe='')}"


def epc(settings: GivingSettings) -> str:
    """What the QR of a SEPA credit transfer says (EPC069-12 version 002, without amount): the fields of the page's text."""
    plain = settings.iban.replace(" ", "").upper()
    return "\n".join(("BCD", "002", "1", "SCT", settings.bic, settings.holder, plain))


def picture(content: str) -> str:
    """A QR as inline SVG, dark on light; error level M as the guideline asks."""
    return qr(content, border=4, title="EPC QR", boost_error=False, encoding="utf-8")
