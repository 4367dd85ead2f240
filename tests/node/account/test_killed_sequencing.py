"""Whatever step the power is cut at, no entry is lost, none is shown whose tiles are missing, and the log goes on."""

import json
import subprocess
import sys
from pathlib import Path

from tests.nodes import ROOT, environment


def test_no_kill_at_any_step_loses_an_entry_or_shows_what_is_not_there(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.node.account.killing", str(tmp_path)],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    told = json.loads(done.stdout)
    assert told["size"] == 259
    assert told["kills"] > 30
    assert told["sizes"] == [0, 3, 255, 259]
