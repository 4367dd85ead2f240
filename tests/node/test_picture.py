"""A photograph made safe: every format that telephones send is read, and nothing but pixels comes out."""

import io
import subprocess
import sys

import msgspec
import pytest
from PIL import Image

from node.picture import Result
from node.remade import Cover
from tests.nodes import ROOT


def remade(body: bytes, *covers: str) -> Result:
    """What the process answers, as the node runs it."""
    done = subprocess.run(
        [sys.executable, "-m", "node.picture", *covers], cwd=ROOT, input=body, capture_output=True, check=True
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


def test_what_a_scanner_wrote_as_grey_of_sixteen_bits_stays_grey() -> None:
    file = io.BytesIO()
    Image.new("I;16", (200, 100), 30150).save(file, "PNG")

    result = remade(file.getvalue())

    for body in (result.large, result.small):
        grey = Image.open(io.BytesIO(body)).convert("L").getpixel((100, 50))
        assert isinstance(grey, int)
        assert abs(grey - 30150 * 255 // 65535) <= 2


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


def test_nothing_is_left_of_what_is_covered_as_people_see_the_photograph() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned before it is looked at
    file = io.BytesIO()
    Image.new("RGB", (1000, 600), "white").save(file, "JPEG", exif=exif)

    result = remade(file.getvalue(), "0,10,100,10", "50,80,50,20")

    for body in (result.large, result.small):
        shown = Image.open(io.BytesIO(body)).convert("L")
        width, height = shown.size
        assert height > width
        black = [(0.02, 0.12), (0.98, 0.18), (0.6, 0.85), (0.98, 0.98)]
        white = [(0.5, 0.05), (0.5, 0.25), (0.4, 0.9), (0.6, 0.75)]
        assert all(shown.getpixel((int(width * x), int(height * y))) < 16 for x, y in black)
        assert all(shown.getpixel((int(width * x), int(height * y))) > 240 for x, y in white)


@pytest.mark.parametrize("text", ["", "1,2,3", "0,0,0,10", "0,0,101,1", "-1,0,10,10", "50,0,51,1", "a,b,c,d"])
def test_a_part_that_no_photograph_has_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        Cover.read(text)


def test_what_is_no_photograph_is_named() -> None:
    assert remade(b"\x89PNG\r\n\x1a\nnothing more").problem
    assert remade(b"").problem
