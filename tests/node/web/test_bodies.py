"""What is sent with a form: how much of it is read, of whom, and that nothing of it lies on the disk as it came."""

import contextlib
import io
import os
import re
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from PIL import Image

from tests.node.web.visitor import WORDS, Forms, Visitor
from tests.nodes import Node, until

WHOLE = 200_000_000
MARK = b"taken in our street"


class Sending:
    """A form on its way, of which only the beginning was sent. It says that it is `size` bytes long; of None it says nothing."""

    def __init__(self, node: Node, path: str, size: int | None, cookie: str = "") -> None:
        length = f"Content-Length: {size}" if size is not None else "Transfer-Encoding: chunked"
        self._chunked = size is None
        self._line = socket.create_connection(("127.0.0.1", node.port), 20)
        self._line.sendall(
            f"POST {path} HTTP/1.1\r\nHost: {node.origin.removeprefix('http://')}\r\n{length}\r\n"
            f"Accept: text/html\r\nAccept-Language: es\r\nCookie: session={cookie}\r\n"
            "Content-Type: multipart/form-data; boundary=x\r\n\r\n".encode()
        )
        self.sends(b'--x\r\nContent-Disposition: form-data; name="photo0"; filename="a.jpg"\r\n\r\n')

    def sends(self, piece: bytes) -> None:
        with contextlib.suppress(ConnectionError):  # who was refused already is not listened to
            self._line.sendall(b"%x\r\n%s\r\n" % (len(piece), piece) if self._chunked else piece)

    def answer(self) -> str:
        """What is answered before the rest was sent; TimeoutError where nothing is."""
        said = b""
        while b"</html>" not in said and (piece := self._line.recv(65536)):
            said += piece
            if b"\r\ncontent-length: 0\r\n" in said:
                break
        return said.decode()

    def hangs_up(self) -> None:
        self._line.close()


@contextlib.contextmanager
def sending(node: Node, path: str, size: int | None, cookie: str = "") -> Iterator[Sending]:
    form = Sending(node, path, size, cookie)
    try:
        yield form
    finally:
        form.hangs_up()


def written(node: Node) -> list[str]:
    """The files that a node holds open and in which there is the photograph; also those that nobody else finds any more."""
    assert node.process is not None
    found = []
    for each in Path(f"/proc/{node.process.pid}/fd").iterdir():
        with contextlib.suppress(OSError):
            if each.is_file() and MARK in each.read_bytes():
                found.append(os.readlink(each))
    return found


def received(node: Node) -> int:
    """Bytes that the node read from its sockets and files so far."""
    assert node.process is not None
    counted = Path(f"/proc/{node.process.pid}/io").read_text()
    return int(counted.partition("rchar: ")[2].split()[0])


@pytest.mark.parametrize("path", ["/new/note", "/new/receipt", "/settings"])
def test_a_photograph_is_never_on_the_disk_as_it_came(path: str, olla: Node, elena: Visitor) -> None:
    photograph = MARK * 200_000
    before = received(olla)
    with sending(olla, path, len(photograph) + 1000, elena.client.cookies["session"]) as form:
        form.sends(photograph)
        until(lambda: received(olla) - before >= len(photograph) * 9 // 10)
        assert written(olla) == []


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/new/note", 401, "vuelve a tu formulario"),
        ("/settings", 401, "vuelve a tu formulario"),
        ("/login", 413, "más grande de lo que este servidor recibe"),
        ("/join/nada", 404, "Este enlace ya no sirve"),
        ("/welcome/nada", 404, "Este enlace ya no sirve"),
    ],
)
@pytest.mark.parametrize("cookie", ["", "of no session"])
def test_what_a_stranger_sends_is_refused_before_it_came(
    path: str, status: int, words: str, cookie: str, olla: Node
) -> None:
    with sending(olla, path, WHOLE, cookie) as form:
        answer = form.answer()
    assert answer.startswith(f"HTTP/1.1 {status} ")
    assert words in answer


@pytest.mark.parametrize(("path", "status"), [("/new/note", 401), ("/login", 413)])
def test_what_a_stranger_sends_without_saying_how_much_is_not_read_to_its_end(
    path: str, status: int, olla: Node
) -> None:
    with sending(olla, path, None) as form:
        for _ in range(20):
            form.sends(bytes(50_000))
        assert form.answer().startswith(f"HTTP/1.1 {status} ")


def test_a_member_who_sends_too_much_is_told_so_in_words_before_she_sent_it(
    olla: Node, elena: Visitor
) -> None:
    with sending(olla, "/new/note", WHOLE, elena.client.cookies["session"]) as form:
        answer = form.answer()
    assert answer.startswith("HTTP/1.1 413 ")
    assert "Envía menos de una vez: menos fotos, o más chicas." in answer


def test_four_photographs_of_a_telephone_come_in_one_form(olla: Node, elena: Visitor) -> None:
    made = io.BytesIO()
    Image.new("RGB", (40, 30), "orange").save(made, "JPEG")
    large = made.getvalue() + bytes(7_000_000)
    files = {f"photo{index}": ("a.jpg", large, "image/jpeg") for index in range(4)}
    answer = elena.sends("/new/note", "/new/note", files=files, text="Así quedó", step="preview")
    assert answer.status_code == 200
    assert len(re.findall(r'name="picture\d"', answer.text)) == 4


def test_four_members_with_four_photographs_each_at_once_lose_none(olla: Node, elena: Visitor) -> None:
    made = io.BytesIO()
    Image.new("RGB", (40, 30), "orange").save(made, "JPEG")
    large = made.getvalue() + bytes(5_000_000)
    files = {f"photo{index}": ("a.jpg", large, "image/jpeg") for index in range(4)}
    boxes = next(boxes for to, boxes in Forms(elena.opens("/new/note").text).forms if to == "/new/note")

    def sends(number: int) -> httpx.Response:
        data = boxes | {"key": f"a key of its own {number}", "text": "Así quedó", "step": "preview"}
        return elena.client.post("/new/note", data=data, files=files)

    with ThreadPoolExecutor(4) as members:
        answers = list(members.map(sends, range(4)))
    assert [len(re.findall(r'name="picture\d"', answer.text)) for answer in answers] == [4] * 4


def test_what_was_typed_outlives_a_session_also_where_its_cookie_is_gone(olla: Node) -> None:
    with Visitor(olla) as stranger:
        page = stranger.client.post(
            "/new/note", data={"text": "Hoy hay porotos"}, files={"photo0": ("", b"")}
        )
    assert page.status_code == 401
    assert "Hoy hay porotos" in page.text


def come_in_again(stranger: Visitor, page: httpx.Response) -> httpx.Response:
    """The login that a form of an ended session led to, filled in."""
    boxes = next(boxes for to, boxes in Forms(page.text).forms if to == "/login")
    return stranger.client.post("/login", data=boxes | {"name": "Elena", "password": WORDS})


@pytest.mark.parametrize("text", ["ñ" * 16_000, "Ж" * 18_200, "🍲" * 8_000, "a" * 64_000], ids="ñЖ🍲a")
def test_a_long_text_outlives_a_session_whatever_its_letters(text: str, olla: Node, elena: Visitor) -> None:
    with Visitor(olla) as stranger:
        ended = stranger.client.post("/new/note", data={"text": text}, files={"photo0": ("", b"")})
        assert "lo que escribiste sigue aquí" in ended.text
        inside = come_in_again(stranger, ended)
        assert inside.status_code == 200
        boxes = next(boxes for to, boxes in Forms(inside.text).forms if to == "/new/note")
        assert boxes["text"] == text
        assert stranger.client.post("/new/note", data=boxes | {"step": "edit"}).status_code == 200


def test_a_photograph_does_not_take_along_what_was_typed_before_a_session_ended(
    olla: Node, elena: Visitor
) -> None:
    photograph = {"photo0": ("a.jpg", bytes(5_000_000), "image/jpeg")}
    with Visitor(olla) as stranger:
        ended = stranger.client.post("/new/note", data={"text": "Hoy hay porotos"}, files=photograph)
        assert ended.status_code == 401
        assert "Las fotografías hay que elegirlas de nuevo." in ended.text
        inside = come_in_again(stranger, ended)
        boxes = next(boxes for to, boxes in Forms(inside.text).forms if to == "/new/note")
        assert boxes["text"] == "Hoy hay porotos"


def test_who_wrote_too_much_to_be_kept_is_led_back_to_her_form(olla: Node, elena: Visitor) -> None:
    with Visitor(olla) as stranger:
        ended = stranger.client.post("/new/note", data={"text": "x" * 90_000})
        assert "vuelve a tu formulario" in ended.text
        assert come_in_again(stranger, ended).url.path == "/new/note"


@pytest.mark.parametrize("path", ["/new/note", "/login"])
def test_who_hangs_up_in_the_middle_of_a_form_leaves_nothing_in_the_log(
    path: str, olla: Node, elena: Visitor
) -> None:
    before = olla.log()
    for cookie in ("", elena.client.cookies["session"]):
        with sending(olla, path, 100_000, cookie) as form:
            form.sends(bytes(1000))
    elena.opens("/home")
    until(lambda: elena.opens("/login").status_code == 200)
    assert olla.log() == before


@pytest.mark.parametrize("path", ["/login", "/new/note", "/api/v1/apps"])
def test_a_broken_form_of_a_stranger_is_called_broken_and_leaves_nothing_in_the_log(
    path: str, olla: Node
) -> None:
    before = olla.log()
    with Visitor(olla) as stranger:
        for kind in ("multipart/form-data; boundary=y", "multipart/form-data"):
            broken = stranger.client.post(path, content=b"--x\r\n", headers={"content-type": kind})
            assert broken.status_code == 400
            assert "El formulario no se puede leer." in broken.text
    assert olla.log() == before
