"""What apps do that run in a browser, on a page of another origin: a login in a popup, preflights, headers, sockets."""

import http.server
import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, sync_playwright

from tests import apps
from tests.nodes import Node
from tests.programs import chromium

pytestmark = pytest.mark.needs("chromium")

PAGE = b"""<!doctype html><meta charset="utf-8"><title>app</title><script>
// The page of an app, and the page that its popup comes back to: it hands the code to whoever opened it.
const code = new URLSearchParams(location.search).get("code");
if (code && opener) { opener.postMessage({ code, state: new URLSearchParams(location.search).get("state") }, location.origin); close(); }
</script><button id="login" onclick="window.popup = open(window.authorize, 'login', 'popup,width=400,height=700')">Entrar</button>"""


class App(http.server.BaseHTTPRequestHandler):
    """Another origin that serves one page, whatever is asked for."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(PAGE)

    def log_message(self, *_: Any) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def olla(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    with Node(tmp_path_factory.mktemp("a") / "a", "esperanza") as node:
        apps.member(node)
        yield node


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), App)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://localhost:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def context() -> Iterator[BrowserContext]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        yield browser.new_context(locale="es-CL")
        browser.close()


CALL = """async ([method, url, token, body]) => {
    const headers = {"Content-Type": "application/json", "Idempotency-Key": String(Math.random())};
    if (token) headers.Authorization = "Bearer " + token;
    const answer = await fetch(url, {method, headers, body: body ? JSON.stringify(body) : undefined});
    return {status: answer.status, link: answer.headers.get("Link"), left: answer.headers.get("X-RateLimit-Remaining"), body: await answer.json()};
}"""


def call(page: Page, method: str, url: str, token: str = "", body: Any = None) -> Any:
    """What a page of another origin gets from the node with fetch: its browser asks first whether it may."""
    return page.evaluate(CALL, [method, url, token, body])


@pytest.fixture(scope="module")
def page(context: BrowserContext, elsewhere: str) -> Page:
    page = context.new_page()
    page.goto(elsewhere)
    return page


@pytest.fixture(scope="module")
def token(page: Page, context: BrowserContext, olla: Node, elsewhere: str) -> str:
    """Let the app in by a popup, as Phanpy does."""
    fields = {"client_name": "Ventana", "redirect_uris": f"{elsewhere}/", "scopes": "read write follow push"}
    app = call(page, "POST", f"{olla.origin}/api/v1/apps", body=fields)["body"]
    page.evaluate(
        """([url]) => { window.authorize = url; window.came = new Promise((done) => addEventListener("message", (e) => e.data.code && done(e.data))); }""",
        [
            f"{olla.origin}/oauth/authorize?client_id={app['client_id']}&redirect_uri={elsewhere}/&response_type=code"
            "&scope=read+write+follow+push&state=abc"
        ],
    )
    with context.expect_page() as opened:
        page.click("#login")
    popup = opened.value
    popup.fill("[name=name]", "rosa")
    popup.fill("[name=password]", apps.PASSWORD)
    popup.click("form[action='/oauth/login'] button")
    popup.click("button[value=allow]")
    came = page.evaluate("() => window.came")
    assert came["state"] == "abc"
    fields = {
        "grant_type": "authorization_code", "code": came["code"], "redirect_uri": f"{elsewhere}/",
        "client_id": app["client_id"], "client_secret": app["client_secret"],
    }  # fmt: skip
    return str(call(page, "POST", f"{olla.origin}/oauth/token", body=fields)["body"]["access_token"])


def test_an_app_in_a_browser_logs_in_by_a_popup(page: Page, olla: Node, token: str) -> None:
    me = call(page, "GET", f"{olla.origin}/api/v1/accounts/verify_credentials", token)
    assert me["body"]["acct"] == "esperanza"


def test_a_browser_may_call_everything_and_reads_the_link_to_the_next_page(
    page: Page, olla: Node, token: str
) -> None:
    api = f"{olla.origin}/api/v1"
    for number in range(3):
        said = call(page, "POST", f"{api}/statuses", token, {"status": f"hola {number}"})
        assert said["status"] == 200
    first = call(page, "GET", f"{api}/timelines/home?limit=1", token)
    assert 'rel="next"' in first["link"]
    assert int(first["left"]) > 0
    following = first["link"].split(">")[0].removeprefix("<")
    assert call(page, "GET", following, token)["body"][0]["id"] != first["body"][0]["id"]
    changed = call(page, "PUT", f"{api}/statuses/{said['body']['id']}", token, {"status": "cambiado"})
    assert "cambiado" in changed["body"]["content"]
    assert call(page, "DELETE", f"{api}/statuses/{said['body']['id']}", token)["status"] == 200
    assert call(page, "GET", f"{api}/statuses/{said['body']['id']}", token)["status"] == 404
    assert call(page, "GET", f"{api}/nothing")["status"] == 404
    assert call(page, "GET", f"{olla.origin}/nodeinfo/2.0/")["body"]["software"]["name"] == "minga"
    assert call(page, "GET", f"{olla.origin}/.well-known/oauth-authorization-server")["body"]["issuer"]


SOCKET = """([url, protocol]) => new Promise((done) => {
    const socket = protocol ? new WebSocket(url, protocol) : new WebSocket(url);
    const heard = [];
    socket.onerror = () => done({failed: true});
    socket.onopen = () => { socket.send(JSON.stringify({type: "subscribe", stream: "user"})); window.open_ = true; };
    socket.onmessage = (message) => { heard.push(JSON.parse(message.data)); socket.close(); done({protocol: socket.protocol, heard}); };
})"""


def test_a_socket_takes_its_token_as_sub_protocol_and_echoes_it(page: Page, olla: Node, token: str) -> None:
    url = f"{olla.origin.replace('http', 'ws')}/api/v1/streaming"
    page.evaluate("() => { window.open_ = false }")
    page.evaluate(f"(given) => {{ window.stream = ({SOCKET})(given) }}", [url, token])
    page.wait_for_function("() => window.open_")
    page.wait_for_timeout(300)
    call(page, "POST", f"{olla.origin}/api/v1/statuses", token, {"status": "al aire"})
    told = page.evaluate("() => window.stream")
    assert told["protocol"] == token
    assert told["heard"][0]["event"] == "update"
    assert told["heard"][0]["stream"] == ["user"]
    assert "al aire" in json.loads(told["heard"][0]["payload"])["content"]
    assert page.evaluate(SOCKET, [url, "nonsense"]) == {"failed": True}
    assert olla.log() == ""


def test_the_page_of_consent_belongs_to_no_other_site(page: Page, olla: Node) -> None:
    """Other sites can neither read it nor put it into a frame."""
    url = f"{olla.origin}/oauth/authorize?client_id=x"
    assert page.evaluate("(url) => fetch(url).then(() => 'read', () => 'refused')", url) == "refused"
    page.evaluate(
        "(url) => { const f = document.createElement('iframe'); f.src = url; document.body.append(f); return new Promise(d => f.onload = d).then(() => 0) }",
        url,
    )
    framed = [frame for frame in page.frames if frame != page.main_frame]
    assert all("chrome-error" in frame.url or "login" not in frame.content() for frame in framed)
