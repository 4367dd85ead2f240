"""Leaves: one spelling, and nothing in them that should not be there."""

import json
from base64 import b64decode
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.account.leaf import LeafError, digest, entry, listed, other, read_leaf

GIFT = {
    "date": "2020-09-05",
    "activity": "https://fondo.example/s/2",
    "digest": "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
    "postings": [("assets:bank", 47000, "CLP"), ("income:donations", -47000, "CLP")],
    "stated": {"amount": "50.00", "currency": "USD", "rate": "940"},
}


def changed(**fields):
    document = json.loads(entry(1, **GIFT)) | fields
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def test_an_entry_is_these_bytes():
    assert entry(1, **GIFT) == (
        b'{"activity":"https://fondo.example/s/2","date":"2020-09-05",'
        b'"digest":"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",'
        b'"postings":[{"account":"assets:bank","amount":"47000","commodity":"CLP"},'
        b'{"account":"income:donations","amount":"-47000","commodity":"CLP"}],"seq":1,'
        b'"stated":{"amount":"50.00","currency":"USD","rate":"940"},"type":"LedgerEntry"}'
    )


def test_an_entry_reads_back():
    leaf = read_leaf(entry(1, **GIFT), 1)

    assert leaf.postings == tuple(GIFT["postings"])
    assert (leaf.activity, leaf.date, leaf.seq) == (GIFT["activity"], "2020-09-05", 1)


def test_a_leaf_at_another_place_is_refused():
    with pytest.raises(LeafError, match="says that it is number 1"):
        read_leaf(entry(1, **GIFT), 2)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"null",
        b"\xff",
        b'{"a":1}' * 2,
        b"[" * 5000,
        entry(1, **GIFT) + b"\n",
        entry(1, **GIFT).replace(b'"seq":1', b'"seq":1.0'),
        changed(memo="a word too many"),
        changed(type="Other"),
        changed(seq=True),
        changed(date=20200905),
        changed(postings=[]),
        changed(postings=[{"account": "assets:bank", "amount": "1", "commodity": "CLP"}]),
        changed(postings=[1]),
        changed(postings="text"),
        changed(postings=[{"account": "assets:bank", "amount": 0, "commodity": "CLP"}]),
        changed(postings=[{"account": ["assets:bank"], "amount": "0", "commodity": "CLP"}]),
        changed(postings=[{"account": "assets:bank", "amount": "0", "commodity": "CLP", "memo": "x"}]),
    ],
)
def test_what_is_no_leaf_ends_in_one_verdict(data):
    with pytest.raises(LeafError):
        read_leaf(data, 1)


@given(st.binary(max_size=200) | st.text().map(str.encode))
def test_any_bytes_end_in_one_verdict(data):
    with pytest.raises(LeafError):
        read_leaf(data, 0)


def test_the_digest_is_over_the_salt_and_the_canonical_activity():
    salt = bytes(range(16))

    made = digest(salt, {"b": 1, "a": "ñ"})

    assert b64decode(made) == sha256(salt + '{"a":"ñ","b":1}'.encode()).digest()


def test_a_log_that_goes_on_begins_with_what_was_carried_over():
    root = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
    fields = {"origin": "x/c/f/log", "size": 7, "root": root, "balances": listed(GIFT["postings"])}

    leaf = read_leaf(other(0, "Succession", fields), 0)

    assert leaf.postings == tuple(GIFT["postings"])
    assert leaf.document["size"] == 7
