"""Tokens: OAuth 2 for programs. The pages that people see are in `consent.py`."""

import base64
from typing import Any

from node.api.calls import Answer, Call, get, post
from node.api.entities import JsonObject
from node.clients import PARTS, SCOPES, GrantError


async def token(call: Call) -> Answer:
    """`POST /oauth/token`: change a code for a token, or get one for the app itself."""
    given = call.values
    client_id, secret = _client(call)
    call.spend("token", client_id)
    match given.text("grant_type"):
        case "authorization_code":
            made, scopes = await call.services.clients.redeem(
                client_id,
                secret,
                code=given.text("code"),
                redirect_uri=given.text("redirect_uri"),
                verifier=given.text("code_verifier"),
            )
        case "client_credentials":
            made, scopes = await call.services.clients.grant_itself(client_id, secret, given.text("scope"))
        case _:
            raise GrantError(
                "unsupported_grant_type",
                "The authorization grant type is not supported by the authorization server.",
            )
    body = {
        "access_token": made,
        "token_type": "Bearer",
        "scope": " ".join(scopes),
        "created_at": int(call.services.clock().timestamp()),
    }
    return Answer(body, headers={"cache-control": "no-store", "pragma": "no-cache"})


async def revoke(call: Call) -> JsonObject:
    """`POST /oauth/revoke`: `{}` also for a token that is worthless already (RFC 7009)."""
    client_id, secret = _client(call)
    await call.services.clients.revoke(client_id, secret, call.values.text("token"))
    return {}


def _client(call: Call) -> tuple[str, str | None]:
    """The client's id and secret, from the body or by HTTP Basic."""
    scheme, _, coded = call.request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            client_id, _, secret = base64.b64decode(coded, validate=True).decode().partition(":")
        except ValueError as error:
            raise GrantError("invalid_request", "The Authorization header cannot be read.") from error
        return client_id, secret
    return call.values.text("client_id"), call.values.given("client_secret")


async def metadata(call: Call) -> JsonObject:
    """`GET /.well-known/oauth-authorization-server` (RFC 8414)."""
    origin = call.services.origin
    return {
        "issuer": f"{origin}/",
        "service_documentation": f"{origin}/",
        "authorization_endpoint": f"{origin}/oauth/authorize",
        "token_endpoint": f"{origin}/oauth/token",
        "app_registration_endpoint": f"{origin}/api/v1/apps",
        "revocation_endpoint": f"{origin}/oauth/revoke",
        "userinfo_endpoint": f"{origin}/oauth/userinfo",
        "scopes_supported": [
            *SCOPES,
            *(f"{verb}:{part}" for verb in ("read", "write") for part in PARTS),
        ],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "client_credentials"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
        "code_challenge_methods_supported": ["S256"],
    }


async def user_info(call: Call) -> dict[str, Any]:
    """`GET /oauth/userinfo`: the collective for which the app acts (OpenID Connect Core section 5.3)."""
    own = call.own
    return {
        "iss": f"{call.services.origin}/",
        "sub": own.uri,
        "name": own.name,
        "preferred_username": own.handle,
        "profile": own.uri,
    }


ENDPOINTS = (
    post("/oauth/token", token, anybody=True),
    post("/oauth/revoke", revoke, anybody=True),
    get("/.well-known/oauth-authorization-server", metadata, anybody=True),
    get("/oauth/userinfo", user_info, "profile"),
)
