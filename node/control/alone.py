"""Perform one command where no node serves: take the lock, open the directory, do it, leave deliveries to the next `serve`."""

import asyncio
import os
from pathlib import Path
from typing import Any

from node.app import open_node
from node.config import load
from node.control import lock
from node.control.account import MENDING
from node.control.client import RefusedError
from node.control.commands import perform
from node.control.server import told
from node.control.table import COMMANDS
from node.control.wire import Report
from node.keyring import Passphrase


def perform_alone(
    directory: Path, command: str, arguments: dict[str, Any], report: Report, passphrase: Passphrase
) -> Any:
    """What a command answers. InUseError where somebody holds the directory; RefusedError where it is refused."""
    config = load(directory, os.environ)

    async def act() -> Any:
        mending = command in MENDING
        async with open_node(directory, config, passphrase=passphrase, mending=mending) as node:
            return await perform(COMMANDS, node, command, arguments, report)

    with lock.held(directory):
        try:
            return asyncio.run(act())
        except Exception as error:
            raise RefusedError(told(error)) from error
