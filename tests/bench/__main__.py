"""`make bench`: every benchmark, or those named: `python -m tests.bench ingest reads`. Prints figures, asserts none."""

import importlib
import pkgutil
import sys
from pathlib import Path

SUPPORT = {"__main__", "harness", "senders"}
FIRST = ["limits"]


def main() -> None:
    """Run them one after the other."""
    there = [
        each.name for each in pkgutil.iter_modules([str(Path(__file__).parent)]) if each.name not in SUPPORT
    ]
    wanted = sys.argv[1:] or [*FIRST, *(name for name in sorted(there) if name not in FIRST)]
    for name in wanted:
        if name not in there:
            sys.exit(f"there is no benchmark {name}; there are {', '.join(sorted(there))}")
        importlib.import_module(f"tests.bench.{name}").run()


if __name__ == "__main__":
    main()
