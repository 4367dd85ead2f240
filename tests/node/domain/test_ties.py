"""Ties and seeds are hashes that anybody can compute, over all claims and in no order of arrival."""

from base64 import b64encode
from hashlib import sha256

import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from node.domain.ties import seed_of, tie_key

triples = st.lists(st.tuples(st.text(max_size=8), st.text(), st.text()), unique_by=lambda triple: triple[0])


@given(triples)
def test_the_seed_is_the_hash_of_the_canonical_claims_in_whatever_order_they_came(claims):
    ordered = sorted(claims, key=lambda claim: claim[0].encode())
    canonical = rfc8785.dumps([list(claim) for claim in ordered])
    assert seed_of(claims) == seed_of(claims[::-1]) == b64encode(sha256(canonical).digest()).decode()


@given(triples.filter(bool), st.data())
def test_no_nonce_can_change_without_changing_the_seed(claims, data):
    i = data.draw(st.integers(0, len(claims) - 1))
    other = [*claims[:i], (*claims[i][:2], claims[i][2] + "x"), *claims[i + 1 :]]
    assert seed_of(other) != seed_of(claims)


def test_a_key_is_the_hash_of_seed_line_feed_and_id():
    key = tie_key("https://fondo.example/rounds/2", "https://esperanza.example/actor")
    assert key.startswith("443ef457")
    assert key == sha256(b"https://fondo.example/rounds/2\nhttps://esperanza.example/actor").hexdigest()


def test_what_is_no_unicode_text_stops_no_round():
    assert len(tie_key("\ud800", "\udfff")) == 64
    assert seed_of([("\ud800", "", "")]) == seed_of([("\ud800", "", "")])
