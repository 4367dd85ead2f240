"""Apps register themselves."""

from node.api.calls import Call, get, post
from node.api.entities import JsonObject
from node.clients import read_redirect_uris
from node.errors import UnauthorizedError
from node.storage.clients import App


async def create(call: Call) -> JsonObject:
    """`POST /api/v1/apps`, in any form, the bare query included."""
    given = call.values
    registered = await call.services.clients.register(
        name=given.text("client_name"),
        redirect_uris=read_redirect_uris(given.texts("redirect_uris") or given.texts("redirect_uri")),
        scopes=" ".join(given.texts("scopes") or given.texts("scope")),
        website=given.given("website"),
    )
    return application(registered.app) | {
        "client_id": registered.app.client_id,
        "client_secret": registered.secret,
        "client_secret_expires_at": 0,
    }


async def verify(call: Call) -> JsonObject:
    """`GET /api/v1/apps/verify_credentials`: any token of an app."""
    if call.bearer is None or call.bearer.app is None:
        raise UnauthorizedError("The access token is invalid")
    return application(call.bearer.app)


def application(app: App) -> JsonObject:
    """The Application, without what only its owner may know."""
    return {
        "id": str(app.id),
        "name": app.name,
        "website": app.website,
        "scopes": list(app.scopes),
        "redirect_uri": "\n".join(app.redirect_uris),
        "redirect_uris": list(app.redirect_uris),
        "vapid_key": "",
    }


ENDPOINTS = (
    post("/api/v1/apps", create, anybody=True, rate="apps"),
    get("/api/v1/apps/verify_credentials", verify, app=True),
)
