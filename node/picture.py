"""A photograph made safe and small. Run as a process of its own: `python -m node.picture` reads it from stdin; with `small` it
makes the preview alone.

What comes out are two new JPEG files made from the pixels alone: no EXIF, place, thumbnail, comment or profile of the
original can be in them. Parts that shall be covered (`LEFT,TOP,WIDTH,HEIGHT` in percent, one an argument) are blackened before. The process limits its own memory and time before it looks at a single byte of a stranger's file.
"""

import io
import resource
import sys
from collections.abc import Iterable

import msgspec
from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

from node.remade import SMALL, Cover, Result, unfit

LARGE_BYTES = 150_000
SMALL_BYTES = 25_000
PIXELS = 50_000_000
"""A larger picture is refused before it is unfolded."""

_MEMORY = 1 << 30
_SECONDS = 20
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "AVIF")
_SIDES = (1600, 1280, 1024, 800, 640)
_SMALL_SIDES = (480, 360, 240)
_QUALITIES = (82, 74, 66, 58, 50)
"""Sides go down only after quality: letters on a photographed receipt survive a worse quality, not fewer pixels."""


def remake(body: bytes, covers: Iterable[Cover] = (), *, only_small: bool = False) -> Result:
    """The photograph as new files, or its preview alone, `covers` blackened; a problem where it is none, or too large to unfold."""
    Image.MAX_IMAGE_PIXELS = PIXELS
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    Image.init()  # a format whose reader is not loaded yet cannot be named
    try:
        with Image.open(io.BytesIO(body), formats=_FORMATS) as opened:
            if opened.width * opened.height > PIXELS:
                return unfit("a photograph with fewer pixels")
            side = _SMALL_SIDES[0] * 2 if only_small else _SIDES[0]
            opened.draft("RGB", (side, side))
            turned = ImageOps.exif_transpose(opened)
            picture = _flat(turned)
            _blacken(picture, covers)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError):
        return unfit("a photograph with fewer pixels")
    except UnidentifiedImageError:
        return unfit("a photograph (JPEG, PNG, WebP, GIF or AVIF)")
    except (OSError, ValueError, SyntaxError, EOFError, TypeError, OverflowError, KeyError):
        return unfit("a photograph that is not damaged")
    large, size = (b"", (0, 0)) if only_small else _encode(picture, _SIDES, LARGE_BYTES)
    small, small_size = _encode(picture, _SMALL_SIDES, SMALL_BYTES)
    return Result(large=large, small=small, size=size, small_size=small_size)


def _flat(picture: Image.Image) -> Image.Image:
    """Pixels alone, on white where one could look through."""
    if picture.mode.startswith("I"):  # grey of 16 bits, as scanners write it
        picture = picture.convert("I").point(lambda value: value / 256).convert("L")
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        seen = picture.convert("RGBA")
        white = Image.new("RGB", seen.size, "white")
        white.paste(seen, mask=seen.getchannel("A"))
        return white
    plain = picture.convert("RGB")
    plain.info.clear()  # what is left there, a comment for one, would be written into the new file
    return plain


def _blacken(picture: Image.Image, covers: Iterable[Cover]) -> None:
    """Nothing of what was there is left: rounded outwards, so that no edge of a letter remains."""
    width, height = picture.size
    for cover in covers:
        right, bottom = cover.left + cover.width, cover.top + cover.height
        box = (
            width * cover.left // 100,
            height * cover.top // 100,
            -(-width * right // 100),
            -(-height * bottom // 100),
        )
        picture.paste((0, 0, 0), box)


def _encode(picture: Image.Image, sides: tuple[int, ...], limit: int) -> tuple[bytes, tuple[int, int]]:
    """The largest and best JPEG within the limit."""
    body, smaller = b"", picture
    for side in sides:
        smaller = picture.copy()
        smaller.thumbnail((side, side), Image.Resampling.LANCZOS)
        for quality in _QUALITIES:
            file = io.BytesIO()
            smaller.save(file, "JPEG", quality=quality, optimize=True, progressive=True)
            body = file.getvalue()
            if len(body) <= limit:
                return body, smaller.size
    return body, smaller.size


def main() -> None:
    """Limit this process, read a photograph, write the result."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    told = sys.argv[1:]
    covers = [Cover.read(each) for each in told if each != SMALL]
    result = remake(sys.stdin.buffer.read(), covers, only_small=SMALL in told)
    sys.stdout.buffer.write(msgspec.msgpack.encode(result))


if __name__ == "__main__":
    main()
