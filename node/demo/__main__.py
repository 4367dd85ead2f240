"""`python -m node.demo`: play the story; exit 1 where a step fails."""

import sys

from rich.console import Console

from node.demo.scenario import play
from node.demo.world import DemoError


def main() -> None:
    """Play it and say how it went."""
    console = Console()
    try:
        play(console)
    except DemoError as error:
        console.print(f"\nThe story stopped: {error}", markup=False)
        sys.exit(1)
    console.print("\nEvery figure is as told.")


if __name__ == "__main__":
    main()
