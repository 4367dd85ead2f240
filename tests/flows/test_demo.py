"""`make demo`: the story is played by real nodes, and every figure of it is as told."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from node.demo import world
from node.demo.__main__ import main
from node.demo.world import Node, Place

ANOTHER_DAY = "FAR-22"
"""The zone of a machine 25 hours before the kitchens: no time of the day is of the same day in both."""

ROOT = Path(__file__).parents[2]


def test_the_story_is_played_to_its_end_with_every_figure_as_told() -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TZ": ANOTHER_DAY}
    played = subprocess.run(
        [sys.executable, "-m", "node.demo"],
        check=False,
        capture_output=True,
        text=True,
        timeout=240,
        env=environment,
    )
    assert played.returncode == 0, played.stdout[-3000:] + played.stderr[-3000:]
    assert played.stdout.rstrip().endswith("Every figure is as told.")
    for figure in (
        "231 raciones (346.500 CLP",
        "92 raciones (138.000 CLP",
        "58 raciones (87.000 CLP",
        "35 raciones (52.500 CLP",
        "250.000 CLP, 10,00 % de la meta. Hito alcanzado: 170 raciones.",
        "625.000 CLP, 25,00 % de la meta. Hito alcanzado: 420 raciones.",
        "4 consienten, 0 objetan",
        "578.000 CLP, 23,12 % de la meta. Hito perdido: 420 raciones",
        "Hay 46.000 CLP más prometidos de lo que hay: no sale ninguna transferencia en CLP",
        ": 170 raciones, alcanzado el",
        "se cerró antes, con 4 solicitudes",
    ):
        assert figure in played.stdout
    for said in (
        "its plug was pulled",
        "Cubierta, ya no falta nada (0 kg)",
        "faltan 16 kg",
        "the same state",
    ):
        assert said in played.stdout
    for check in (
        "cosigned by 4 of 4",
        "each sums to zero",
        "1 reckoned again: 4 shares as published; 1 rounds",
    ):
        assert check in played.stdout


def test_what_a_node_does_not_answer_stops_the_story_without_a_traceback(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    absent = Node(Place("nadie", "Nadie", "kitchen"), "http://127.0.0.1:1", tmp_path / "nadie")
    with pytest.raises(SystemExit, match="1"):
        main(lambda _console: absent.look("fsck"))
    assert "The story stopped: There is no directory" in capsys.readouterr().out


def test_a_node_that_does_not_stop_leaves_no_other_running(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(world, "STOP_WITHIN", 0.1)
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); time.sleep(60)"
    process = subprocess.Popen([sys.executable, "-c", deaf], stdout=subprocess.PIPE)
    assert process.stdout is not None
    with process.stdout as said:
        said.readline()
    node = Node(Place("sorda", "Sorda", "kitchen"), "http://127.0.0.1:1", tmp_path, process)
    node.stop()
    assert process.poll() is not None
