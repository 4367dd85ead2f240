"""Logging in and letting an app act for a collective: the pages of OAuth (RFC 6749 section 4.1), without JavaScript.

An app that is unknown, or names an address that it did not register, gets an error page and never a redirect. Every form carries a
token that must agree with a cookie, so that no other site can send it.
"""

import hmac
import secrets
from dataclasses import dataclass
from urllib.parse import parse_qs, parse_qsl, urlencode

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from node.access import SESSION_COOKIE, Access, Session
from node.bodies import pieces
from node.clients import OUT_OF_BAND, Clients, covers, read_scopes
from node.config import Config
from node.errors import InvalidError, NodeError, TooLargeError, TooManyError, UnauthorizedError
from node.rates import Rates, household
from node.storage.clients import App
from node.tongues import Tongue, message
from node.web.drawing import page, tongue_for

_FORM = "minga_form"
_BODY = 20_000
_AUTHORIZE = "/oauth/authorize"
_PASSED = (
    "client_id",
    "redirect_uri",
    "response_type",
    "scope",
    "state",
    "code_challenge",
    "code_challenge_method",
    "lang",
)

SCOPES = {
    "read": message("read everything that the collective reads"),
    "write": message("publish, change and withdraw in the name of the collective"),
    "follow": message("change whom the collective follows, mutes and blocks"),
    "push": message("send notices to this device"),
    "profile": message("read the profile of the collective"),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What an app asks for, checked. `query` is the request as it came, without what only matters once."""

    app: App
    redirect_uri: str
    scopes: tuple[str, ...]
    state: str | None
    challenge: str
    query: str


class RefusedError(NodeError):
    """The request of an app that cannot be answered at its own address."""

    status = 400


class SentBackError(NodeError):
    """The request of an app that is refused at its own address; `code` is the word of RFC 6749 section 4.1.2.1."""

    def __init__(self, code: str, redirect_uri: str, state: str | None) -> None:
        super().__init__(code)
        self.code = code
        self.redirect_uri = redirect_uri
        self.state = state


class Consent:
    """The pages by which a member lets an app in."""

    def __init__(self, config: Config, access: Access, clients: Clients, rates: Rates) -> None:
        self._config = config
        self._access = access
        self._clients = clients
        self._rates = rates

    def routes(self) -> list[BaseRoute]:
        """Where they stand; some programs write a slash at the end."""
        return [
            *(Route(path, self.show, methods=["GET"]) for path in (_AUTHORIZE, f"{_AUTHORIZE}/")),
            Route(_AUTHORIZE, self.decide, methods=["POST"]),
            Route("/oauth/login", self.log_in, methods=["POST"]),
            Route("/oauth/login", self.begin_again, methods=["GET"]),
            Route("/oauth/logout", self.log_out, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """`GET /oauth/authorize`: the login, or the question where somebody is logged in."""
        tongue = _tongue(request, request.query_params.get("lang", ""))
        try:
            asked = await self._asked(request.url.query)
        except RefusedError as error:
            return self._problem(tongue, error, request.url.query)
        except SentBackError as refusal:
            return self._refused(tongue, refusal, request.url.query)
        again = request.query_params.get("force_login", "").lower() in ("1", "true")
        session = None if again else await self._session(request)
        if session is None:
            return self._login(request, tongue, asked)
        return self._question(request, tongue, asked, session)

    async def log_in(self, request: Request) -> Response:
        """`POST /oauth/login`."""
        form = await _form(request)
        tongue = _tongue(request, _passed(form.get("request", "")).get("lang", ""))
        try:
            asked = await self._asked(form.get("request", ""))
            if not _agrees(request, form):
                return self._login(
                    request, tongue, asked, problem=tongue.say("The form was too old. Try again.")
                )
            self._spend(request, form.get("name", ""))
            member = await self._access.log_in(form.get("name", ""), form.get("password", ""))
        except RefusedError as error:
            return self._problem(tongue, error, form.get("request", ""))
        except SentBackError as refusal:
            return self._refused(tongue, refusal, form.get("request", ""))
        except UnauthorizedError:
            problem = tongue.say("Name or password is wrong.")
            return self._login(request, tongue, asked, problem=problem, name=form.get("name", ""), status=401)
        except TooManyError:
            problem = tongue.say("Too many attempts. Wait some minutes.")
            return self._login(request, tongue, asked, problem=problem, status=429)
        response = _see(f"{_AUTHORIZE}?{asked.query}")
        self._set(response, SESSION_COOKIE, await self._access.begin_session(member), "/")
        return response

    async def begin_again(self, request: Request) -> Response:
        """`GET /oauth/login`: a window that came back without what the app asked for, which only the app can ask again."""
        error = RefusedError(message("The form was too old. Try again."))
        return self._problem(_tongue(request, ""), error, "", path=request.url.path)

    async def log_out(self, request: Request) -> Response:
        """`POST /oauth/logout`: somebody else wants to log in."""
        form = await _form(request)
        if _agrees(request, form):
            await self._access.end_session(request.cookies.get(SESSION_COOKIE, ""))
        response = _see(f"{_AUTHORIZE}?{urlencode(_passed(form.get('request', '')))}")
        response.delete_cookie(SESSION_COOKIE, path="/")
        return response

    async def decide(self, request: Request) -> Response:
        """`POST /oauth/authorize`: the member allows or refuses."""
        form = await _form(request)
        tongue = _tongue(request, _passed(form.get("request", "")).get("lang", ""))
        try:
            asked = await self._asked(form.get("request", ""))
        except RefusedError as error:
            return self._problem(tongue, error, form.get("request", ""))
        except SentBackError as refusal:
            return self._refused(tongue, refusal, form.get("request", ""))
        session = await self._session(request)
        if session is None or not _agrees(request, form):
            return self._login(request, tongue, asked, problem=tongue.say("The form was too old. Try again."))
        if form.get("decision") != "allow":
            denied = SentBackError("access_denied", asked.redirect_uri, asked.state)
            return self._refused(tongue, denied, asked.query)
        chosen = next((own for own in session.collectives if str(own.id) == form.get("collective")), None)
        if chosen is None:
            return self._question(request, tongue, asked, session)
        code = await self._clients.authorize(
            asked.app,
            session.member.id,
            chosen.id,
            redirect_uri=asked.redirect_uri,
            scopes=asked.scopes,
            challenge=asked.challenge,
        )
        if asked.redirect_uri == OUT_OF_BAND:
            return page("code.html", tongue, {"host": self._config.host, "code": code}, popup=True)
        return _sent_back(asked.redirect_uri, code=code, state=asked.state)

    async def _asked(self, query: str) -> Asked:
        """What an app asks for. RefusedError or SentBackError where it cannot have it."""
        given = _passed(query)
        app = await self._clients.app(given.get("client_id", ""))
        if app is None:
            raise RefusedError(message("This app is not registered here."))
        uri = given.get("redirect_uri", app.redirect_uris[0] if len(app.redirect_uris) == 1 else "")
        if uri not in app.redirect_uris:
            raise RefusedError(message("The app wants to send you to an address that it did not register."))
        state = given.get("state")
        if given.get("response_type", "code") != "code":
            raise SentBackError("unsupported_response_type", uri, state)
        challenge = given.get("code_challenge", "")
        if challenge and given.get("code_challenge_method", "plain") != "S256":
            raise SentBackError("invalid_request", uri, state)
        try:
            scopes = read_scopes(given.get("scope", ""))
        except InvalidError:
            raise SentBackError("invalid_scope", uri, state) from None
        if not all(covers(app.scopes, scope) for scope in scopes):
            raise SentBackError("invalid_scope", uri, state)
        return Asked(app, uri, scopes, state, challenge, urlencode(given))

    async def _session(self, request: Request) -> Session | None:
        cookie = request.cookies.get(SESSION_COOKIE)
        session = await self._access.session(cookie) if cookie else None
        return session if session is not None and session.collectives else None

    def _login(
        self,
        request: Request,
        tongue: Tongue,
        asked: Asked,
        *,
        problem: str = "",
        name: str = "",
        status: int = 200,
    ) -> Response:
        token = request.cookies.get(_FORM) or secrets.token_urlsafe(24)
        values = {
            "host": self._config.host,
            "app": asked.app.name,
            "request": asked.query,
            "form": token,
            "problem": problem,
            "name": name,
        }
        response = page(
            "login.html", tongue, values, status=status, popup=True, query=asked.query, path=_AUTHORIZE
        )
        self._set(response, _FORM, token)
        return response

    def _question(self, request: Request, tongue: Tongue, asked: Asked, session: Session) -> Response:
        token = request.cookies.get(_FORM) or secrets.token_urlsafe(24)
        verbs = dict.fromkeys(scope.partition(":")[0] for scope in asked.scopes)
        values = {
            "host": self._config.host,
            "app": asked.app.name,
            "website": asked.app.website or "",
            "request": asked.query,
            "form": token,
            "scopes": [tongue.say(SCOPES[verb]) for verb in verbs],
            "collectives": session.collectives,
            "name": session.member.name,
        }
        response = page("consent.html", tongue, values, popup=True, query=asked.query, path=_AUTHORIZE)
        self._set(response, _FORM, token)
        return response

    def _refused(self, tongue: Tongue, refusal: SentBackError, query: str) -> Response:
        """Back to the app with why it may not; a page where it has no address of its own. `query` is what it asked."""
        if refusal.redirect_uri != OUT_OF_BAND:
            return _sent_back(refusal.redirect_uri, error=refusal.code, state=refusal.state)
        if refusal.code == "access_denied":
            return self._problem(tongue, RefusedError(message("You did not let it in.")), query)
        error = RefusedError(message("It asks for something that is not given here."))
        return self._problem(tongue, error, query)

    def _problem(self, tongue: Tongue, error: RefusedError, query: str, path: str = _AUTHORIZE) -> Response:
        values = {
            "host": self._config.host,
            "title": tongue.say("This app cannot log in"),
            "text": error.said(tongue.say),
        }
        return page("stopped.html", tongue, values, status=error.status, popup=True, query=query, path=path)

    def _set(self, response: Response, name: str, value: str, path: str = "/oauth") -> None:
        secure = self._config.origin.startswith("https:")
        response.set_cookie(name, value, path=path, secure=secure, httponly=True, samesite="lax")

    def _spend(self, request: Request, name: str) -> None:
        """Count an attempt, by the address it comes from and by the name that is tried."""
        address = household(request.scope.get("client"))
        for who in (address, f"name:{name.strip().casefold()}"):
            if self._rates.spend(who, "login").over:
                raise TooManyError(message("Too many attempts. Wait some minutes."), retry_after=300)


def _passed(query: str) -> dict[str, str]:
    """What of an app's request is carried from page to page."""
    given = dict(parse_qsl(query[:_BODY], keep_blank_values=True))
    return {name: given[name] for name in _PASSED if name in given}


async def _form(request: Request) -> dict[str, str]:
    """What was typed; nothing where it is no form of ours."""
    try:
        body = b"".join([piece async for piece in pieces(request, limit=_BODY)])
    except (TooLargeError, ClientDisconnect):
        return {}
    try:
        parsed = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=20)
    except ValueError:
        return {}
    return {name: values[-1] for name, values in parsed.items()}


def _agrees(request: Request, form: dict[str, str]) -> bool:
    """Whether a form was made for this browser: its token is the cookie's."""
    cookie, token = request.cookies.get(_FORM, ""), form.get("form", "")
    return bool(cookie) and hmac.compare_digest(cookie.encode(), token.encode())


def _tongue(request: Request, language: str) -> Tongue:
    wanted = language.replace("_", "-").partition("-")[0].lower()
    return tongue_for(request, "es", "UTC", chosen=wanted)


def _see(path: str) -> Response:
    return Response(status_code=303, headers={"location": path, "cache-control": "no-store"})


def _sent_back(redirect_uri: str, **given: str | None) -> Response:
    """A redirect to the app's own address, kept to the letter, with what is told it."""
    told = urlencode({name: value for name, value in given.items() if value is not None})
    joint = "&" if "?" in redirect_uri else "?"
    return Response(
        status_code=302, headers={"location": f"{redirect_uri}{joint}{told}", "cache-control": "no-store"}
    )
