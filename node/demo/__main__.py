"""`python -m node.demo`: play the story; exit 1 where a step fails."""

import sys
from collections.abc import Callable

from rich.console import Console

from node.demo.scenario import play
from node.errors import NodeError


def main(story: Callable[[Console], None] = play) -> None:
    """Play it and say how it went; what a node refuses, or does not answer any more, stops the story too."""
    console = Console()
    try:
        story(console)
    except NodeError as error:
        console.print(f"\nThe story stopped: {error}", markup=False)
        sys.exit(1)
    console.print("\nEvery figure is as told.")


if __name__ == "__main__":
    main()
