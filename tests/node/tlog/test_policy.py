"""A policy accepts what its logs signed and its quorum cosigned, and nothing on the strength of other names."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.tlog.errors import (
    ForgedSignatureError,
    MalformedError,
    QuorumError,
    UnsignedError,
)
from node.tlog.policy import Policy
from tests.node.tlog.world import LOG, NOON, cosignature, forged_line, log_key, witness_key

XS, YS = ("X1", "X2", "X3"), ("Y1", "Y2", "Y3")
TWO_LEVELS = (
    f"# dos de las X y una de las Y\n\nlog {log_key()} https://fondo.example/c/fondo/log/\n"
    + "".join(f"witness\t{name}   {witness_key(name)}\n" for name in XS)
    + "group X-witnesses 2 X1 X2 X3\n"
    + "".join(f"witness {name} {witness_key(name)} https://{name}.example/\n" for name in YS)
    + "  group Y-witnesses any Y1 Y2 Y3 \n"
    + "group X-and-Y all X-witnesses Y-witnesses\nquorum X-and-Y\n"
)


def policy(text: str) -> Policy:
    return Policy.parse(text.encode())


@pytest.mark.parametrize(
    ("witnesses", "met"),
    [
        (("X1", "X2", "Y1"), True),
        ((*XS, *YS), True),
        (("X1", "X3", "Y3"), True),
        (("X1", "Y1", "Y2", "Y3"), False),
        (XS, False),
        ((), False),
        (("X1", "X2", "X-witnesses", "Y-witnesses", "X-and-Y"), False),
    ],
)
def test_the_quorum_of_two_levels(witnesses, met):
    assert policy(TWO_LEVELS).met_by(witnesses) is met


def test_a_checkpoint_that_the_quorum_cosigned_is_accepted_with_its_times():
    witnessed = policy(TWO_LEVELS).check(LOG.note(7, "X1", "X2", "Y1"))
    assert witnessed.checkpoint == LOG.head(7)
    assert witnessed.witnesses == {"X1": NOON, "X2": NOON, "Y1": NOON}


def test_too_few_cosignatures_are_refused_and_those_there_are_named():
    with pytest.raises(QuorumError) as caught:
        policy(TWO_LEVELS).check(LOG.note(7, "X1", "Y1"))
    assert caught.value.cosigned == {"X1", "Y1"}


def test_one_witness_cosigning_twice_counts_once_with_its_latest_time():
    twice = LOG.note(7, "X1", "Y1").signed(cosignature(str(LOG.head(7)), "X1", NOON + 60))
    with pytest.raises(QuorumError):
        policy(TWO_LEVELS).check(twice)
    one = f"log {log_key()}\nwitness X1 {witness_key('X1')}\nquorum X1\n"
    assert policy(one).check(twice).witnesses == {"X1": NOON + 60}


def test_witnesses_cannot_stand_in_for_the_log():
    unsigned = LOG.note(7, *XS, *YS)
    with pytest.raises(UnsignedError):
        policy(TWO_LEVELS).check(type(unsigned)(unsigned.text, unsigned.signatures[1:]))


def test_a_forged_line_of_a_known_witness_spoils_the_checkpoint():
    with pytest.raises(ForgedSignatureError):
        policy(TWO_LEVELS).check(LOG.note(7, "X1", "X2", "Y1").signed(forged_line(witness_key("X3"))))


def test_without_witnesses_the_log_alone_is_enough_only_where_the_policy_says_so():
    assert policy(f"log {log_key()}\nquorum none\n").check(LOG.note(7)).witnesses == {}


def test_logs_may_be_known_from_elsewhere():
    with pytest.raises(UnsignedError):
        policy("quorum none\n").check(LOG.note(7))
    assert policy("quorum none\n").check(LOG.note(7), [log_key()]).checkpoint == LOG.head(7)


def test_a_log_is_accepted_for_its_own_origin_only():
    with pytest.raises(UnsignedError):
        policy(f"log {log_key('otro.example/log', 'log')}\nquorum none\n").check(LOG.note(7))


def test_a_policy_writes_itself_so_that_it_reads_back():
    assert Policy.parse(bytes(policy(TWO_LEVELS))) == policy(TWO_LEVELS)


def test_names_are_opaque_bytes():
    data = f"log {log_key()}\nwitness K {witness_key('X1')}\nwitness ".encode()
    data += (
        b"\xe2\x84\xaa\xff "
        + f"{witness_key('X2')}\ngroup g all K ".encode()
        + b"\xe2\x84\xaa\xff\nquorum g\n"
    )
    read = Policy.parse(data)
    assert read.groups["g"].threshold == 2
    assert bytes(read).count(b"\xe2\x84\xaa\xff") == 2


W1, W2 = f"witness w1 {witness_key('X1')}\n", f"witness w2 {witness_key('X2')}\n"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", 0),
        ("log\nquorum none\n", 1),
        ("quorum none\nquorum none\n", 2),
        ("quorum w1\n" + W1, 1),
        (W1 + W1 + "quorum none\n", 2),
        (W1 + W1.replace("w1", "other") + "quorum none\n", 2),
        (f"log {log_key()}\n" * 2 + "quorum none\n", 2),
        (f"log {log_key()}\nlog {log_key('otro.example')}\nquorum none\n", 2),
        (f"log {witness_key('X1')}\nquorum none\n", 1),
        (f"witness w1 {log_key()}\nquorum none\n", 1),
        (f"witness none {witness_key('X1')}\nquorum none\n", 1),
        (W1 + "group none any w1\nquorum none\n", 2),
        (W1 + "group w1 any w1\nquorum none\n", 2),
        (W1 + "group g any none\nquorum g\n", 2),
        (W1 + "group g any w1 w1\nquorum g\n", 2),
        (W1 + W2 + "group g any w1\ngroup h any w1 w2\nquorum h\n", 4),
        (W1 + "group g any g\nquorum g\n", 2),
        (W1 + "group g any\nquorum g\n", 2),
        (W1 + "group g 0 w1\nquorum g\n", 2),
        (W1 + "group g 2 w1\nquorum g\n", 2),
        (W1 + "group g 01 w1\nquorum g\n", 2),
        (W1 + "group g -1 w1\nquorum g\n", 2),
        (W1 + "group g 1.0 w1\nquorum g\n", 2),
        (W1 + "quorum w1 w1\n", 2),
        (W1 + "unknown w1\nquorum w1\n", 2),
        ("quorum none\r\n", 1),
        ("quorum\u00a0none\n", 1),
        ("quorum none\x7f\n", 1),
        ("quorum none\n" * 1_001, 0),
    ],
)
def test_a_policy_that_is_none_is_refused_with_its_line(text, line):
    with pytest.raises(MalformedError) as caught:
        policy(text)
    assert caught.value.what == (f"policy line {line}" if line else "policy")


@given(
    st.lists(
        st.sampled_from(
            [
                "log",
                "witness",
                "group",
                "quorum",
                "all",
                "2",
                "a",
                "b",
                "none",
                "\t",
                str(witness_key("X1")),
                "\n",
                "#",
                "\ud800",
            ]
        )
    ).map(" ".join)
    | st.binary().map(lambda data: data.decode("utf-8", "surrogateescape"))
)
def test_any_text_is_a_policy_or_malformed(text):
    data = (text + "\nquorum none\n").encode(
        "utf-8", "surrogatepass" if "\ud800" in text else "surrogateescape"
    )
    with suppress(MalformedError):
        read = Policy.parse(data)
        assert Policy.parse(bytes(read)) == read
