"""HTTP signatures that prove less than they seem to (SECURITY.md section 2)."""

import hmac
import json
from base64 import b64encode
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from federation import cavage, rfc9421
from federation.digest import content_digest, digest
from federation.errors import (
    BadDigest,
    BadSignature,
    FederationError,
    Forbidden,
    MissingSignature,
    NotFound,
    NotOwner,
    StaleSignature,
    Unauthenticated,
    UnknownKey,
    WrongOrigin,
)
from federation.interfaces import ActorKey
from federation.keys import public_pem
from federation.limits import Limits
from federation.message import HttpMessage
from federation.rfc9421 import AcceptedSignature
from federation.verify import Departed, Verified, verify_activity
from federation.vocab import read_activity
from tests.correspondents import INBOX, NOW, ORIGIN, Correspondent, Keys, with_headers

ANA = Correspondent("https://a.example/users/ana")
EVA = Correspondent("https://a.example/users/eva", 1)
MALO = Correspondent("https://evil.example/users/malo", 1)
BODY = json.dumps(ANA.note()).encode()
OTHER = json.dumps(ANA.note(id="https://a.example/activities/2")).encode()
SCHEMES = ["cavage", "rfc9421"]


async def attempt(
    message: HttpMessage, keys: Keys | None = None, now: datetime = NOW, limits: Limits | None = None
) -> Verified | Departed:
    activity = read_activity(message.body)
    return await verify_activity(
        message, activity, keys or Keys.of(ANA, EVA, MALO), now=now, limits=limits or Limits()
    )


def with_body(message: HttpMessage, body: bytes, **headers: str | None) -> HttpMessage:
    return replace(with_headers(message, **headers), body=body)


def cavage_over(covered: str, headers: dict[str, str], body: bytes = BODY, **parameters: str) -> HttpMessage:
    """A request by ANA that covers what the attacker likes."""
    shown = {
        "host": "minga.example",
        "date": "Sun, 22 Nov 2026 09:00:00 GMT",
        "digest": digest(body),
        **headers,
    }
    lines = [
        f"{name}: " + ("post /inbox" if name == "(request-target)" else shown[name])
        for name in covered.split()
    ]
    signature = ANA.ed25519.sign("\n".join(lines).encode())
    text = "".join(f'{name}="{value}",' for name, value in parameters.items())
    shown["signature"] = (
        f'keyId="{ANA.ed25519_id}",{text}headers="{covered}",signature="{b64encode(signature).decode()}"'
    )
    return HttpMessage("POST", "/inbox", tuple(shown.items()), body, ORIGIN)


def rfc9421_over(
    components: tuple[str, ...], parameters: str = "", *, created: bool = True, host: str = "minga.example"
) -> HttpMessage:
    """A request by ANA that covers what the attacker likes."""
    headers = {
        "host": host,
        "date": "Sun, 22 Nov 2026 09:00:00 GMT",
        "content-digest": content_digest(BODY),
    }
    inner = f"({' '.join(json.dumps(name) for name in components)})"
    inner += f";created={int(NOW.timestamp())}" * created + f';keyid="{ANA.ed25519_id}"' + parameters
    headers |= {"signature-input": f"sig1={inner}", "signature": "sig1=:AAAA:"}
    message = HttpMessage("POST", "/inbox?a=b", tuple(headers.items()), BODY, ORIGIN)
    [unsigned] = rfc9421.read(message, Limits())
    value = ANA.ed25519.sign(rfc9421.signature_base(unsigned, message))
    return with_headers(message, signature=f"sig1=:{b64encode(value).decode()}:")


async def test_the_same_requests_pass_when_nothing_is_left_open() -> None:
    # What the tests below take away from these two is what makes them fail.
    assert isinstance(await attempt(cavage_over("(request-target) host date digest", {})), Verified)
    assert isinstance(await attempt(rfc9421_over(("@method", "@target-uri", "content-digest"))), Verified)
    assert isinstance(
        await attempt(rfc9421_over(("@method", "@authority", "@path", "@query", "content-digest"))), Verified
    )


@pytest.mark.parametrize(
    "covered",
    [
        "(request-target) host date",
        "(request-target) date digest",
        "host date digest",
        "(request-target) host digest",
        "(request-target) host host date digest",
        "date",
    ],
)
async def test_a_signature_that_leaves_digest_host_target_or_date_open(covered: str) -> None:
    with pytest.raises(BadSignature):
        await attempt(cavage_over(covered, {}))


@pytest.mark.parametrize(
    "components",
    [
        ("@method", "@target-uri"),
        ("@target-uri", "content-digest"),
        ("@method", "content-digest"),
        ("@method", "@path", "@query", "content-digest"),
        ("@method", "@authority", "@path", "content-digest"),
        ("@method", "@method", "@target-uri", "content-digest"),
        (),
    ],
)
async def test_a_message_signature_that_leaves_digest_authority_or_query_open(
    components: tuple[str, ...],
) -> None:
    with pytest.raises(BadSignature):
        await attempt(rfc9421_over(components))


async def test_a_host_header_of_another_server_stands_for_the_authority() -> None:
    by_parts = ("@method", "host", "@path", "@query", "content-digest")
    assert isinstance(await attempt(rfc9421_over(by_parts)), Verified)
    with pytest.raises(BadSignature):
        await attempt(rfc9421_over(by_parts, host="other.example"))


async def test_a_message_signature_without_its_date() -> None:
    with pytest.raises(BadSignature):
        await attempt(rfc9421_over(("@method", "@target-uri", "content-digest"), created=False))


@pytest.mark.parametrize("scheme", SCHEMES)
async def test_another_body_under_the_same_signature(scheme: str) -> None:
    message = ANA.post(ANA.note(), scheme=scheme)
    with pytest.raises(BadDigest):
        await attempt(with_body(message, OTHER))
    with pytest.raises(BadSignature):
        await attempt(with_body(message, OTHER, digest=digest(OTHER), content_digest=content_digest(OTHER)))
    with pytest.raises(Unauthenticated):
        await attempt(with_headers(message, digest=None, content_digest=None))


@pytest.mark.parametrize("scheme", SCHEMES)
async def test_a_request_made_for_another_server_is_replayed_here(scheme: str) -> None:
    message = ANA.post(ANA.note(), scheme=scheme, url="https://other.example/inbox")
    with pytest.raises(BadSignature):
        await attempt(message)
    with pytest.raises(BadSignature):
        await attempt(with_headers(message, host="minga.example"))
    with pytest.raises(BadSignature):
        await attempt(with_headers(message, host="minga.example", x_forwarded_host="other.example"))


@pytest.mark.parametrize("scheme", SCHEMES)
async def test_a_request_for_another_path_is_replayed_here(scheme: str) -> None:
    message = ANA.post(ANA.note(), scheme=scheme, url=ORIGIN + "/c/olla/inbox")
    with pytest.raises(BadSignature):
        await attempt(replace(message, target="/c/comedor/inbox"))


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("seconds", [-3601, 301])
async def test_an_old_request_is_replayed_or_one_is_dated_ahead(scheme: str, seconds: int) -> None:
    message = ANA.post(ANA.note(), scheme=scheme, now=NOW + timedelta(seconds=seconds))
    with pytest.raises(StaleSignature):
        await attempt(message)


async def test_a_date_that_is_not_covered_makes_an_old_request_fresh() -> None:
    old = cavage_over("(request-target) host digest", {"date": "Sun, 22 Nov 2020 09:00:00 GMT"})
    with pytest.raises(BadSignature):
        await attempt(with_headers(old, date="Sun, 22 Nov 2026 09:00:00 GMT"))


async def test_a_signature_that_has_expired() -> None:
    expired = f";expires={int(NOW.timestamp()) - 1}"
    with pytest.raises(StaleSignature):
        await attempt(rfc9421_over(("@method", "@target-uri", "content-digest"), expired))


@pytest.mark.parametrize("algorithm", ["hmac-sha256", "rsa-sha256", "rsa-sha512", "none", "ecdsa-sha256"])
async def test_a_header_that_chooses_another_algorithm_than_the_key(algorithm: str) -> None:
    with pytest.raises(BadSignature):
        await attempt(cavage_over("(request-target) host date digest", {}, algorithm=algorithm))


@pytest.mark.parametrize("algorithm", ["hmac-sha256", "rsa-v1_5-sha256", "none", "ED25519"])
async def test_a_message_signature_that_chooses_another_algorithm_than_the_key(algorithm: str) -> None:
    with pytest.raises(BadSignature):
        await attempt(rfc9421_over(("@method", "@target-uri", "content-digest"), f';alg="{algorithm}"'))


async def test_a_public_key_is_used_as_a_shared_secret() -> None:
    message = rfc9421_over(("@method", "@target-uri", "content-digest"), ';alg="hmac-sha256"')
    [signature] = rfc9421.read(message, Limits())
    secret = public_pem(ANA.rsa.public_key()).encode()
    value = hmac.digest(secret, rfc9421.signature_base(signature, message), "sha256")
    with pytest.raises(BadSignature):
        await attempt(with_headers(message, signature=f"sig1=:{b64encode(value).decode()}:"))


async def test_a_label_that_belongs_to_another_signature() -> None:
    good = ANA.post(ANA.note(), scheme="rfc9421", ed25519=True)
    wanted = AcceptedSignature("weak", ("@method",))
    headers = rfc9421.sign(
        "POST", INBOX, BODY, key_id=ANA.ed25519_id, key=ANA.ed25519, now=NOW, wanted=wanted
    )
    weak_input, weak_value = headers["Signature-Input"], headers["Signature"]
    strong_input = str(good.field("signature-input"))
    # The value of the weak signature under the input of the strong one, and the reverse.
    for inputs, values in (
        (strong_input, weak_value.replace("weak=", "sig1=")),
        (weak_input, str(good.field("signature")).replace("sig1=", "weak=")),
        (f"{strong_input}, {weak_input}", weak_value),
        (strong_input, weak_value),
        (f"{weak_input}, {strong_input.replace('sig1=', 'weak=')}", weak_value),
    ):
        with pytest.raises(BadSignature):
            await attempt(with_headers(good, signature_input=inputs, signature=values))


async def test_a_good_signature_counts_beside_others_that_prove_nothing() -> None:
    good = ANA.post(ANA.note(), scheme="rfc9421", ed25519=True)
    both = with_headers(
        good,
        signature_input=f'proxy=();created=1;keyid="x", {good.field("signature-input")}',
        signature=f"proxy=:AAAA:, {good.field('signature')}",
    )
    assert isinstance(await attempt(both), Verified)


async def test_more_signatures_than_are_looked_at() -> None:
    good = ANA.post(ANA.note(), scheme="rfc9421", ed25519=True)
    names = [f"s{number}" for number in range(50)]
    crowd = with_headers(
        good,
        signature_input=", ".join(f'{name}=();keyid="x"' for name in names)
        + f", {good.field('signature-input')}",
        signature=", ".join(f"{name}=:AAAA:" for name in names) + f", {good.field('signature')}",
    )
    with pytest.raises(Unauthenticated):
        await attempt(crowd)


async def test_a_second_host_date_or_signature_header() -> None:
    message = ANA.post(ANA.note())
    for name in ("host", "date", "signature"):
        doubled = replace(message, headers=(*message.headers, (name, str(message.field(name)))))
        with pytest.raises(Unauthenticated):
            await attempt(doubled)


@pytest.mark.parametrize("scheme", SCHEMES)
async def test_a_neighbour_on_the_same_server_signs_for_another(scheme: str) -> None:
    with pytest.raises(NotOwner):
        await attempt(EVA.post(ANA.note(), scheme=scheme))


@pytest.mark.parametrize("scheme", SCHEMES)
async def test_a_stranger_signs_for_another_and_makes_us_fetch_nothing(scheme: str) -> None:
    keys = Keys.of(ANA)
    with pytest.raises(NotOwner):
        await attempt(MALO.post(ANA.note(), scheme=scheme), keys)
    assert keys.fetched == []


async def test_a_key_that_claims_an_owner_who_does_not_list_it() -> None:
    # The lookup answers with the key as its owner lists it; a key listed by nobody is unknown.
    forger = replace(MALO, id=ANA.id)
    with pytest.raises(UnknownKey):
        await attempt(forger.post(ANA.note()), Keys())


async def test_a_key_id_of_the_victim_with_a_key_of_the_attacker() -> None:
    forger = replace(MALO, id=ANA.id)
    keys = Keys.of(ANA)
    with pytest.raises(BadSignature):
        await attempt(forger.post(ANA.note()), keys)
    assert keys.fetched == [ANA.rsa_id]


async def test_nothing_is_fetched_for_a_request_that_cannot_be_good() -> None:
    keys = Keys()
    for message in (
        cavage_over("date", {}),
        with_body(ANA.post(ANA.note()), OTHER),
        ANA.post(ANA.note(), now=NOW - timedelta(days=1)),
        ANA.post(ANA.note(), url="https://other.example/inbox"),
        ANA.post(ANA.note(id="https://b.example/1")),
    ):
        with pytest.raises((Unauthenticated, Forbidden)):
            await attempt(message, keys)
    assert keys.fetched == []


async def test_a_living_actor_is_not_departed_because_a_made_up_key_is_not_found() -> None:
    made_up = f"{ANA.id}/no-such-key"
    headers = cavage.sign("POST", INBOX, delete_of(ANA), key_id=made_up, key=MALO.rsa, now=NOW)
    message = HttpMessage("POST", "/inbox", tuple(headers.items()), delete_of(ANA), ORIGIN)
    answer = await attempt(message, Keys(served={made_up: NotFound()}))
    assert answer == Departed(ANA.id, confirmed=False)


async def test_a_known_actor_is_not_deleted_by_a_forged_delete() -> None:
    forger = replace(MALO, id=ANA.id)
    with pytest.raises(BadSignature):
        await attempt(forger.post(json.loads(delete_of(ANA))), Keys.of(ANA))


def delete_of(actor: Correspondent) -> bytes:
    return json.dumps(actor.note(type="Delete", object=actor.id)).encode()


async def test_one_actor_deletes_another() -> None:
    with pytest.raises(WrongOrigin):
        await attempt(MALO.post(MALO.note(type="Delete", object=ANA.id)))
    # On one server only the stored author tells, which the host checks with `may_speak_for`.
    assert isinstance(await attempt(EVA.post(EVA.note(type="Delete", object=f"{ANA.id}/1"))), Verified)


async def test_a_linked_data_signature_proves_nothing() -> None:
    signature = {"type": "RsaSignature2017", "creator": ANA.rsa_id, "signatureValue": "AAAA"}
    with pytest.raises(NotOwner):
        await attempt(MALO.post(ANA.note(signature=signature)))


async def test_a_basic_or_bearer_header_is_no_signature() -> None:
    for value in ("Basic YTpi", "Bearer x", "Signature", "", "signature "):
        message = HttpMessage(
            "POST", "/inbox", (("Authorization", value), ("Host", "minga.example")), BODY, ORIGIN
        )
        with pytest.raises((MissingSignature, BadSignature)):
            await attempt(message)


async def test_a_smuggled_line_in_a_covered_header() -> None:
    message = cavage_over("(request-target) host date digest", {})
    headers = [(name, value) for name, value in message.headers if name != "date"]
    with pytest.raises(FederationError):
        HttpMessage("POST", "/inbox", (*headers, ("date", "x\ndigest: y")), BODY, ORIGIN)


class Misleading(Keys):
    """A lookup that answers with a key of another owner."""

    async def key(self, key_id: str, refresh: bool, *, owner: str | None) -> ActorKey:
        return replace(MALO.keys[0], id=key_id)


async def test_a_key_of_another_owner_is_not_taken_even_from_the_lookup() -> None:
    headers: Any = cavage.sign("POST", INBOX, BODY, key_id=ANA.rsa_id, key=MALO.rsa, now=NOW)
    with pytest.raises(NotOwner):
        await attempt(HttpMessage("POST", "/inbox", tuple(headers.items()), BODY, ORIGIN), Misleading())
