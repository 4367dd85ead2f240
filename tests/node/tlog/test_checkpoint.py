"""A checkpoint is exactly three lines that its own log signed."""

from base64 import b64encode
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.tlog.checkpoint import Checkpoint, open_checkpoint
from node.tlog.errors import ForgedSignatureError, MalformedError, UnsignedError
from node.tlog.note import Note, sign
from tests.node.tlog.world import LOG, ORIGIN, forged_line, log_key, private_key

ROOT = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="
SPEC = f"example.com/behind-the-sofa\n20852163\n{ROOT}\n"


def test_the_example_of_the_specification_reads():
    checkpoint = Checkpoint.parse(SPEC)
    assert checkpoint.origin == "example.com/behind-the-sofa"
    assert checkpoint.size == 20_852_163
    assert b64encode(checkpoint.root).decode() == ROOT
    assert str(checkpoint) == SPEC


def test_extension_lines_are_kept():
    assert Checkpoint.parse(SPEC + "una\ndos\n").extension == ("una", "dos")
    assert str(Checkpoint.parse(SPEC + "una\ndos\n")) == SPEC + "una\ndos\n"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "\n\n\n",
        SPEC[:-1],
        SPEC + "\n",
        SPEC + "una\n\n",
        SPEC + "una",
        "\n" + SPEC,
        SPEC.replace("20852163", "020852163"),
        SPEC.replace("20852163", "+20852163"),
        SPEC.replace("20852163", "-1"),
        SPEC.replace("20852163", "2_0"),
        SPEC.replace("20852163", "٢"),
        SPEC.replace("20852163", " 1"),
        SPEC.replace("20852163", str(2**63)),
        SPEC.replace("20852163", "9" * 5_000),
        SPEC.replace("20852163", ""),
        SPEC.replace(ROOT, ROOT[:-1]),
        SPEC.replace(ROOT, ROOT.replace("2I=", "2J=")),
        SPEC.replace(ROOT, ROOT.replace("/", "_")),
        SPEC.replace(ROOT, "AAAA"),
        SPEC.replace(ROOT, ROOT + "\t"),
    ],
)
def test_what_is_not_exactly_a_checkpoint_is_malformed(text):
    with pytest.raises(MalformedError):
        Checkpoint.parse(text)


def test_the_largest_size_reads():
    assert Checkpoint.parse(SPEC.replace("20852163", str(2**63 - 1))).size == 2**63 - 1


@given(st.lists(st.text(), max_size=5))
def test_any_text_is_a_checkpoint_or_malformed(lines):
    text = "".join(f"{line}\n" for line in lines)
    with suppress(MalformedError):
        assert str(Checkpoint.parse(text)) == text


def test_a_checkpoint_signed_by_its_log_opens():
    assert open_checkpoint(LOG.note(7, "w1"), [log_key()]) == LOG.head(7)


def test_a_checkpoint_signed_by_another_log_that_we_know_does_not_open():
    text = str(LOG.head(7))
    other = Note(text, (sign(text, "otro.example/log", private_key("other")),))
    with pytest.raises(UnsignedError):
        open_checkpoint(other, [log_key(), log_key("otro.example/log", "other")])


def test_a_checkpoint_of_an_unknown_log_does_not_open():
    with pytest.raises(UnsignedError):
        open_checkpoint(LOG.note(7), [log_key("otro.example/log")])


def test_a_forged_line_of_the_log_spoils_the_checkpoint():
    with pytest.raises(ForgedSignatureError):
        open_checkpoint(LOG.note(7).signed(forged_line(log_key())), [log_key()])


def test_a_signature_over_another_size_does_not_open():
    moved = Note(str(LOG.head(8)), LOG.note(7).signatures)
    assert moved.text.startswith(ORIGIN)
    with pytest.raises(ForgedSignatureError):
        open_checkpoint(moved, [log_key()])
