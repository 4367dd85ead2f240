"""What a steward may set: what the collective says of itself, where it is, who may follow; and what stands in the node's file."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from node.domain.markup import to_typed
from node.errors import ConflictError, InvalidError
from node.speak import LiveScene
from node.storage import collectives
from node.storage.collectives import Collective
from node.storage.database import Snapshot
from node.tongues import Tongue, message
from node.web.about import FIELDS, choices, misread, read_change, typed_of
from node.web.drawing import Visit
from node.web.members import PLACE, own_of
from node.web.reception import Pages
from node.web.sheets import fitting

_PATH = "/settings"


class Settings(Pages):
    """The pages by which stewards change what is set."""

    def routes(self) -> list[BaseRoute]:
        """Their addresses."""
        guarded = self._reception.guarded
        return [
            Route(_PATH, guarded(self._show), methods=["GET", "HEAD"]),
            Route(_PATH, guarded(self._change), methods=["POST"]),
            Route(f"{_PATH}/places", guarded(self._change_places), methods=["POST"]),
        ]

    async def _show(self, request: Request) -> Response:
        visit = await self._reception.member(request, PLACE, steward=True)
        return await self._page(request, visit)

    async def _page(
        self,
        request: Request,
        visit: Visit,
        typed: Mapping[str, str] | None = None,
        errors: Mapping[str, str] | None = None,
        *,
        problem: str = "",
        status: int = 200,
    ) -> Response:
        own = own_of(visit)
        tongue = await self._reception.tongue(request, visit)

        def look(snapshot: Snapshot) -> tuple[list[str], int, str]:
            summary = to_typed(own.summary, LiveScene(snapshot, self._doors.config.origin).handle)
            return collectives.places(snapshot, own.id), len(collectives.every(snapshot)), summary

        places, hosted, summary = await self._doors.database.reader.run(look)
        return await self._reception.page(
            request,
            "settings.html",
            visit,
            status=status,
            tongue=tongue,
            own=own,
            handle=f"@{own.handle}@{self._reception.host}",
            typed={
                **typed_of(own, tongue),
                "summary": summary,
                "places": "\n".join(places),
                **(typed or {}),
            },
            approves=own.approves if typed is None or "name" not in typed else typed.get("approves") == "yes",
            approves_all=self._doors.config.relations.approve,
            errors={**dict.fromkeys((*FIELDS, "picture", "places"), ""), **(errors or {})},
            problem=problem,
            there={"latitude": tongue.typed(Decimal("-33.58")), "longitude": tongue.typed(Decimal("-70.63"))},
            version=_version(own),
            of_node=self._of_node(tongue, own, hosted),
            **choices(tongue, own),
        )

    async def _change(self, request: Request) -> Response:
        visit, form = await self._reception.posted(request, PLACE, steward=True)
        own = own_of(visit)
        tongue = await self._reception.tongue(request, visit)
        try:
            picture = {"picture": ""} if form["no_picture"] == "yes" else {}
            change = await read_change(self._doors, own, form, **picture, approves=form["approves"] == "yes")
            await self._doors.collectives.describe(own.uri, change, seen=_seen(form["version"]))
        except InvalidError as error:
            errors = {each.field: fitting(each, tongue) for each in (error, *misread(form))}
            return await self._page(request, visit, form.texts(), errors, status=error.status)
        except ConflictError as error:
            problem = error.said(tongue.say)
            return await self._page(request, visit, form.texts(), problem=problem, status=error.status)
        return RedirectResponse(f"{_PATH}?done=about", 303)

    async def _change_places(self, request: Request) -> Response:
        visit, form = await self._reception.posted(request, PLACE, steward=True)
        try:
            await self._doors.collectives.set_places(own_of(visit).uri, form["places"].split("\n"))
        except InvalidError as error:
            tongue = await self._reception.tongue(request, visit)
            errors = {"places": fitting(error, tongue)}
            typed = {"places": form["places"]}
            return await self._page(request, visit, typed, errors, status=error.status)
        return RedirectResponse(f"{_PATH}?done=places#places", 303)

    def _of_node(self, tongue: Tongue, own: Collective, hosted: int) -> list[tuple[str, str, str]]:
        """What stands in minga.toml: name, what it is for, and how it is now. Addresses of proxies are not shown."""
        config = self._doors.config
        giving = config.giving_of(own.handle, hosted)
        section = "giving" if hosted == 1 else f"giving.{own.handle}"
        set_or_not = (tongue.say("not set"), tongue.say("is set"))
        shown = (
            ("origin", message("The address of this server. It can never change."), config.origin),
            (
                "relations.approve",
                message("Whether every follow of every collective here waits for a steward."),
                config.relations.approve,
            ),
            (
                f"{section}.details",
                message("The bank details on the page about giving."),
                set_or_not[bool(giving.details)],
            ),
            (
                f"{section}.contact",
                message("How to give by hand or otherwise."),
                set_or_not[bool(giving.contact)],
            ),
            (
                f"{section}.iban",
                message("The IBAN, where gifts can come by SEPA."),
                set_or_not[bool(giving.iban)],
            ),
            ("text_chars", message("How long a text may be, in letters."), config.text_chars),
            (
                "federation.secure_mode",
                message("Whether other servers must sign when they ask for anything."),
                config.federation.secure_mode,
            ),
            (
                "federation.proxy",
                message("Whether everything outgoing takes a detour, like Tor."),
                set_or_not[bool(config.federation.proxy)],
            ),
        )
        return [(name, tongue.say(text), tongue.show(value)) for name, text, value in shown]


def _seen(version: str) -> datetime:
    try:
        return datetime.fromisoformat(version)
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)


def _version(own: Collective) -> str:
    """When it was last changed: a form that was drawn before is not saved over what somebody else wrote."""
    return own.updated.isoformat()
