"""A witness cosigns only what continues the tree it knows, and says exactly why not."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.tlog.checkpoint import Checkpoint
from node.tlog.errors import (
    ConsistencyError,
    ForgedSignatureError,
    MalformedError,
    StaleSizeError,
    UnknownLogError,
    UnsignedError,
)
from node.tlog.note import Note, sign
from node.tlog.witness import AddCheckpoint
from tests.node.tlog.world import LOG, ORIGIN, Log, forged_line, log_key, private_key

FORK = Log([*LOG.entries[:4], b"another entry 4", *LOG.entries[5:]])


def request(old: int, new: int, log: Log = LOG) -> AddCheckpoint:
    return AddCheckpoint(old, log.consistency(old, new), log.note(new))


def test_a_request_is_carried_as_text():
    text = bytes(request(5, 11))
    assert text.startswith(b"old 5\n")
    assert AddCheckpoint.parse(text) == request(5, 11)
    assert AddCheckpoint.parse(text).origin == ORIGIN


def test_a_log_is_followed_from_nothing_through_every_size():
    tip = None
    for size in range(21):
        tip = request(tip.size if tip else 0, size).admit(tip, [log_key()])
        assert tip == LOG.head(size)


def test_the_same_checkpoint_again_is_admitted():
    assert request(7, 7).admit(LOG.head(7), [log_key()]) == LOG.head(7)


def test_another_old_size_is_answered_with_the_size_we_know():
    for tip, old in ((LOG.head(7), 5), (LOG.head(7), 0), (None, 5)):
        with pytest.raises(StaleSizeError) as caught:
            request(old, 11).admit(tip, [log_key()])
        assert caught.value.size == (tip.size if tip else 0)


def test_a_rollback_is_refused():
    with pytest.raises(StaleSizeError):
        request(5, 6).admit(LOG.head(7), [log_key()])


@pytest.mark.parametrize("size", [5, 7, 11])
def test_a_fork_is_refused_although_the_log_signed_it(size):
    with pytest.raises(ConsistencyError):
        request(5, size, FORK).admit(LOG.head(5), [log_key()])


def test_a_proof_from_nothing_must_be_empty():
    with pytest.raises(ConsistencyError):
        AddCheckpoint(0, (bytes(32),), LOG.note(7)).admit(None, [log_key()])


def test_an_empty_tree_with_a_root_is_refused():
    text = str(Checkpoint(ORIGIN, 0, bytes(32)))
    note = Note(text, (sign(text, ORIGIN, private_key("log")),))
    with pytest.raises(ConsistencyError):
        AddCheckpoint(0, (), note).admit(None, [log_key()])


def test_an_unknown_log_is_refused_before_anything_else():
    with pytest.raises(UnknownLogError):
        request(5, 11).admit(None, [log_key("otro.example/log")])


def test_a_checkpoint_that_the_log_did_not_sign_is_never_taken_for_a_fork():
    text = str(FORK.head(11))
    stranger = Note(text, (sign(text, "stranger.example", private_key("stranger")),))
    with pytest.raises(UnsignedError):
        AddCheckpoint(5, (), stranger).admit(LOG.head(5), [log_key()])
    with pytest.raises(ForgedSignatureError):
        AddCheckpoint(5, (), Note(text, (forged_line(log_key()),))).admit(LOG.head(5), [log_key()])


WHOLE = bytes(request(5, 11))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        WHOLE.replace(b"old 5", b"old 05"),
        WHOLE.replace(b"old 5", b"old -5"),
        WHOLE.replace(b"old 5", b"old 12"),
        WHOLE.replace(b"old 5", b"old 9223372036854775808"),
        WHOLE.replace(b"old 5", b"size 5"),
        WHOLE.replace(b"old 5\n", b"old 5\n" + (WHOLE.split(b"\n")[1] + b"\n") * 63),
        WHOLE.replace(b"old 5\n", b"old 5\nAAAA\n"),
        WHOLE.replace(b"old 5\n", b"old 5\n\n"),
        WHOLE.replace(b"\n11\n", b"\n011\n"),
        WHOLE[:-1],
        WHOLE + b"\n",
        WHOLE.split(b"\n\n")[0],
    ],
)
def test_what_is_not_exactly_a_request_is_malformed(data):
    with pytest.raises(MalformedError):
        AddCheckpoint.parse(data)


@given(st.binary())
def test_any_bytes_are_a_request_or_malformed(data):
    with suppress(MalformedError):
        AddCheckpoint.parse(b"old 0\n" + data)
