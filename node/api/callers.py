"""Who calls the client API, and whose budget of requests that spends: a member's token its own, everybody else the address.

A token has a budget only once it was accepted, so that nobody gets a new one by making tokens up. An app that came for itself
is anybody: who registers apps has as many of them as she likes. No address is ever written down.
"""

import hashlib
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.types import Scope

from node.api.services import Services
from node.clients import Bearer
from node.errors import TooManyError, UnauthorizedError
from node.rates import Budget, household
from node.tongues import message

_CALLER, _BUDGET = "minga.caller", "minga.budget"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: `bearer` None is anybody, `wrong` what is said of a token that is none of ours; `who` names the budget."""

    who: str
    bearer: Bearer | None = None
    wrong: UnauthorizedError | None = None


async def meet(services: Services, scope: Scope) -> None:
    """Look up who calls, for `caller_of`."""
    scheme, _, token = Headers(scope=scope).get("authorization", "").partition(" ")
    token = token.strip()
    address = household(scope.get("client"))
    if scheme.lower() != "bearer" or not token:
        scope[_CALLER] = Caller(address)
        return
    try:
        bearer = await services.clients.bearer(token)
    except UnauthorizedError as refusal:
        scope[_CALLER] = Caller(address, wrong=refusal)
        return
    own = hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
    scope[_CALLER] = Caller(address if bearer.entrant is None else own, bearer)


def caller_of(scope: Scope) -> Caller:
    """Who calls."""
    found: Caller = scope[_CALLER]
    return found


def spend(services: Services, scope: Scope, kind: str = "", who: str = "") -> None:
    """Count a request in a budget, the caller's unless `who` names another. TooManyError where nothing is left of it."""
    budget = services.rates.spend(who or caller_of(scope).who, kind)
    held: Budget | None = scope.get(_BUDGET)
    if held is None or budget.left < held.left:
        scope[_BUDGET] = budget
    if budget.over:
        wait = max(1, int((budget.ends - services.clock()).total_seconds()))
        raise TooManyError(message("Too many requests"), retry_after=wait)


def told(scope: Scope) -> dict[str, str]:
    """The headers that say what is left of the budget that is nearest to its end."""
    held: Budget | None = scope.get(_BUDGET)
    return {} if held is None else held.headers()
