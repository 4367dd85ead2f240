"""What is shown of a log while two threads write it."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from node.errors import StorageError
from node.storage.checkpoints import Checkpoints, Tip
from node.storage.tiles import LogFiles


def test_two_threads_that_show_at_once_neither_fail_nor_show_half(tmp_path: Path) -> None:
    files = LogFiles(tmp_path / "log")
    notes = (b"a" * 5000, b"b" * 5000)
    together = threading.Barrier(2)

    def show(note: bytes) -> None:
        for _ in range(60):
            together.wait()
            files.show(note)
            assert files.checkpoint() in notes

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(show, note) for note in notes]:
            done.result()


def test_a_log_that_cannot_be_written_says_what_to_look_at(tmp_path: Path) -> None:
    (tmp_path / "log").touch()
    with pytest.raises(StorageError, match="cannot be written") as refused:
        LogFiles(tmp_path / "log" / "1").show(b"note")
    assert "has room" in refused.value.hint


def test_no_older_checkpoint_is_shown_after_a_newer(tmp_path: Path) -> None:
    """One thread changes the tip and is about to show it; the other must wait before it changes it further."""
    files, tips = LogFiles(tmp_path / "log"), Checkpoints.open(tmp_path / "checkpoints.db")
    now = datetime(2026, 1, 1, tzinfo=UTC)
    one, two = Tip("o", 1, b"r1", b"one", now), Tip("o", 2, b"r2", b"two", now)
    tips.move(None, one)
    begun, asked = threading.Event(), threading.Event()

    def annotate() -> None:
        with tips.showing("o"):
            assert tips.annotate(one, b"one signed")
            begun.set()
            asked.wait(5)
            files.show(b"one signed")

    def append() -> None:
        begun.wait(5)
        asked.set()
        with tips.showing("o"):
            assert tips.move(one, two)
            files.show(b"two")

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(annotate), pool.submit(append)]:
            done.result()
    assert files.checkpoint() == b"two"
    tips.close()
