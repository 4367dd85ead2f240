"""The command line: one file a family of commands, loaded when one of them is called."""

import sys

# httpx loads a command line of its own wherever rich is installed: 5 MiB that a node on a small board would carry for ever.
sys.modules["httpx._main"] = None  # type: ignore[assignment]
