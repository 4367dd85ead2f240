"""The log: nobody can forge a line, fill the disk with one, or find an address in it."""

import io
import logging

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.log import LONGEST, LineFormatter, escaped
from tests.nodes import Node


def written(message, *, error=None):
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(LineFormatter())
    info = (type(error), error, error.__traceback__) if error else None
    handler.emit(logging.LogRecord("node.test", logging.ERROR, __file__, 1, message, (), info))
    return stream.getvalue()


@given(st.text(max_size=200))
def test_a_message_is_one_printable_line(message):
    text = written(message.replace("%", ""))

    assert text.count("\n") == 1
    assert text.rstrip("\n").isprintable()


def test_an_error_of_a_stranger_cannot_begin_a_line_of_its_own():
    text = written("failed", error=ValueError("x\n2026-11-22T11:00:00+0000 ERROR node.app stolen\x1b[2J"))

    first, *rest = text.rstrip("\n").split("\n")
    assert "failed" in first
    assert all(line.startswith("    ") for line in rest)
    assert "\x1b" not in text


def test_a_message_is_bounded():
    assert len(escaped("x" * 1_000_000)) == LONGEST + 1


@pytest.mark.parametrize("path", ["/c/esperanza?token=secreto", "/nowhere"])
def test_nobodys_visit_is_noted(tmp_path, path):
    with Node(tmp_path / "a").start("--set", "log_level=info") as olla:
        for _ in range(3):
            httpx.get(
                olla.origin + path, headers={"user-agent": "navegadora", "authorization": "Bearer secreto"}
            )
        httpx.post(f"{olla.origin}/inbox", content=b"{}")
        olla.stop()

    log = olla.log()
    for trace in ("127.0.0.1", "secreto", "navegadora", "GET", "esperanza?"):
        assert trace not in log
