"""A node comes to be: data directory, settings, keys, database, and its first collective with its roots."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from node.app import open_node
from node.config import Config, render
from node.directory import SETTINGS, made_aside
from node.recovery import Roots


def found(
    directory: Path,
    config: Config,
    about: Mapping[str, str],
    *,
    now: datetime,
    chance: Callable[[int], bytes],
    keep: Callable[[str], None],
) -> str:
    """Make a node with its first collective; its actor URI. `about` is what `Collectives.add` takes of it.

    `keep` gets the sheet of recovery words, and must have put it where people find it when it returns.
    """
    with made_aside(directory) as place:
        (place / SETTINGS).write_text(render(config), encoding="utf-8")
        roots = Roots.make(chance)

        async def begin() -> str:
            async with open_node(place, config, passphrase=str) as node:
                founding = roots.found(node.collectives.uri(about["handle"]), now)
                added = await node.collectives.add(
                    **about, statement=founding.statement, recipient=founding.seal, now=now
                )
                return added.uri

        uri = asyncio.run(begin())
        keep(roots.sheet(uri))
    return uri
