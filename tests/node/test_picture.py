"""A photograph made safe: every format that telephones send is read, and nothing but pixels comes out."""

import io
import subprocess
import sys

import msgspec
import pytest
from PIL import Image

from node.picture import Result
from tests.nodes import ROOT


def remade(body: bytes) -> Result:
    """What the process answers, as the node runs it."""
    done = subprocess.run(
        [sys.executable, "-m", "node.picture"], cwd=ROOT, input=body, capture_output=True, check=True
    )
    return msgspec.msgpack.decode(done.stdout, type=Result)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "AVIF"])
def test_every_format_that_telephones_send_is_read(kind: str) -> None:
    file = io.BytesIO()
    Image.new("RGB", (900, 600), (170, 60, 30)).save(file, kind)

    result = remade(file.getvalue())

    assert not result.problem
    assert result.size == (900, 600)
    assert result.large[:3] == result.small[:3] == b"\xff\xd8\xff"


def test_where_a_photograph_was_taken_does_not_come_out() -> None:
    exif = Image.Exif()
    exif.get_ifd(0x8825)[1] = "S"
    exif[0x010F] = "Telephone of Rosa"
    file = io.BytesIO()
    Image.new("RGB", (200, 200), "red").save(file, "JPEG", exif=exif)
    assert b"Telephone of Rosa" in file.getvalue()

    result = remade(file.getvalue())

    assert not Image.open(io.BytesIO(result.large)).getexif()
    assert b"Telephone" not in result.large + result.small


def test_what_is_no_photograph_is_named() -> None:
    assert remade(b"\x89PNG\r\n\x1a\nnothing more").problem
    assert remade(b"").problem
