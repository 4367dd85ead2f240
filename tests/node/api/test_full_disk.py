"""Photographs where the disk is full: each upload comes to an end that is told, and what others show is shown nevertheless."""

import errno
import os
from pathlib import Path
from typing import Any, NoReturn

import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from node.errors import DiskFullError
from tests.fediverse import Instance, Person, World
from tests.node.api.conftest import App, photograph
from tests.node.api.test_photographs import Album, shown

FILE = {"file": ("x.jpg", photograph(), "image/jpeg")}


def full(*_: Any) -> NoReturn:
    raise OSError(errno.ENOSPC, "No space left on device")


def files(directory: Path) -> list[Path]:
    return [path for path in directory.rglob("*") if path.is_file()]


async def test_a_photograph_is_not_worked_on_for_ever(
    rosa: App, olla: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cannot(*_: Any) -> NoReturn:
        raise DiskFullError

    with monkeypatch.context() as disk:
        disk.setattr(os, "fsync", full)
        disk.setattr("node.storage.media.fail", cannot)
        number = (await rosa("POST", "/api/v2/media", files=FILE)).json()["id"]
        for _ in range(200):
            if (said := await rosa("GET", f"/api/v1/media/{number}")).status_code != 206:
                break
    assert said.status_code == 422
    assert "no pudo guardar la foto" in said.json()["error"]
    assert files(olla.directory / "media") == []

    taken = await rosa("POST", "/api/v1/media", files=FILE)  # there is room again
    assert taken.status_code == 200
    assert (await rosa("GET", f"/api/v1/media/{number}")).status_code == 422


async def test_what_was_half_written_when_the_node_was_killed_is_gone_when_it_serves_again(
    rosa: App, olla: Instance
) -> None:
    await rosa("POST", "/api/v1/media", files=FILE)
    whole = set(files(olla.directory / "media"))
    for path in whole:
        path.with_name(f".{path.name}.0a1b2c3d").write_bytes(b"half")
    await olla.stop()
    await olla.start()
    assert set(files(olla.directory / "media")) == whole


@pytest.mark.parametrize("name", ["url", "preview_url"])
async def test_a_strangers_picture_that_cannot_be_kept_is_shown_nevertheless(
    name: str, world: World, rosa: App, olla: Instance, ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    album = Album()
    await album.place.up(Starlette(routes=[Route("/{path:path}", album.answer)]))
    try:
        url = await shown(rosa, olla, ana, f"{album.place.origin}/p.jpg", name)
        with monkeypatch.context() as disk:
            disk.setattr(Path, "replace", full)
            assert [(await world.client.get(url)).status_code for _ in range(2)] == [200, 200]
        assert files(olla.directory / "cache") == []
    finally:
        await album.place.down()
