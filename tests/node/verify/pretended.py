"""A fund that signs, books and serves whatever a test wants, honest or not, and a stranger who visits it. All of it in memory."""

import json
from base64 import b64encode
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from federation.identity import key_digest, make_identity
from federation.integrity import add_proof, write_time
from federation.keys import ed25519_of_seed, multikey
from node.account.leaf import CLOSED, IDENTITY, digest, entry, other
from node.domain import ledger
from node.domain.digest import digest_of
from node.domain.posting import Posting, read, split, written
from node.domain.recompute import recompute
from node.domain.rounds import Closed, rows
from node.domain.ties import seed_of
from node.tlog.checkpoint import Checkpoint
from node.tlog.merkle import leaf_hash, root_of
from node.tlog.note import ED25519, Note, VerifierKey, sign
from node.tlog.tiles import grow
from node.verify import Memory, Source, visit
from node.verify.source import DifferenceError
from schemas import Money, Record, Uri, to_wire
from schemas.allocation import Allocation
from schemas.claim import Claim
from schemas.criteria import Criteria
from schemas.decision import Decision, Position
from schemas.donation import Donation
from schemas.round import Round
from schemas.stance import Stance
from schemas.transfer import Transfer

JsonObject = dict[str, Any]

FUND = "https://fondo.example/c/fondo"
ESPERANZA = "https://esperanza.example/c/esperanza"
MAULE = "https://maule.example/c/maule"
FRIEND = "https://friend.example/c/friend"
NOW = datetime(2026, 9, 20, 12, tzinfo=UTC)
BANK = "assets:bank"
SALT = bytes(16)


def clp(amount: int) -> Money:
    return Money(amount, "CLP")


def at(day: int, hour: int = 12) -> datetime:
    """A moment in September 2026."""
    return datetime(2026, 9, day, hour, tzinfo=UTC)


def key_of(actor: str) -> Ed25519PrivateKey:
    """The key of any actor of these tests."""
    return ed25519_of_seed(actor.encode().ljust(32, b".")[-32:])


@dataclass
class Pretended:
    """A fund as strangers see it. What it `said` stands in its log; `served` is what answers at each address."""

    served: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    silent: set[str] = field(default_factory=set)
    leaves: list[bytes] = field(default_factory=list)
    evidence: list[tuple[int, JsonObject]] = field(default_factory=list)
    booked: list[Posting] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    number: int = 0

    def __post_init__(self) -> None:
        roots = key_of("root 1"), key_of("root 2")
        self.identity = make_identity(roots[0], FUND, [key_digest(roots[1].public_key())], at(1))
        self.log_key = key_of("log")
        self.origin = FUND.removeprefix("https://") + "/log"
        self.leaves.append(other(0, IDENTITY, {"statement": self.identity}))

    def uri(self, actor: str = FUND, path: str = "o") -> str:
        """An address that nobody had before."""
        self.number += 1
        return f"{actor.partition('/c/')[0]}/{path}/{self.number}"

    def note(self, record: Record, day: int, *, by: str = FUND, uri: str = "", **more: Any) -> JsonObject:
        """A thing with its proof by `by`, served at its address."""
        uri = uri or self.uri(by)
        document = {"id": uri, "type": "Note", "attributedTo": by, "published": write_time(at(day))}
        made = add_proof({**document, **to_wire(record, uri), **more}, key_of(by), f"{by}#k", at(day))
        self.serve(uri, made)
        return made

    def serve(self, url: str, document: JsonObject | None, status: int = 200) -> None:
        """What answers at an address."""
        self.served[url] = status, b"" if document is None else json.dumps(document).encode()

    def say(
        self, type: str, thing: JsonObject | str, day: int, postings: list[Posting], *, on: int | None = None
    ) -> str:
        """An activity and the entry that it is booked with, if any; its id."""
        uri = self.uri(path="s")
        document = {"id": uri, "type": type, "actor": FUND, "published": write_time(at(day)), "object": thing}
        document = add_proof(document, key_of(FUND), f"{FUND}#k", at(day))
        self.serve(uri, document)
        booked = date(2026, 9, on or day).isoformat()
        kept = digest(SALT, document)
        self.evidence.append(
            (len(self.leaves), {"id": uri, "salt": b64encode(SALT).decode(), "activity": document})
        )
        for page in split(postings):
            seq = len(self.leaves)
            self.leaves.append(entry(seq, date=booked, activity=uri, digest=kept, postings=page, stated=None))
        self.booked += postings
        return uri

    def forget(self, activity: str) -> None:
        """The words of an activity are gone, as after a withdrawal or a loss."""
        for _, line in self.evidence:
            if line["id"] == activity:
                del line["salt"], line["activity"]
                line["withdrawn"] = True
        self.serve(activity, None, 410)

    def gift(self, amount: int, day: int = 3) -> str:
        """A gift by bank; its activity."""
        thing = self.note(donation(amount, day), day)
        return self.say("Create", thing, day, [(BANK, amount, "CLP"), (ledger.DONATIONS, -amount, "CLP")])

    def pays(self, amount: int, to: str, allocation: str, day: int = 15) -> str:
        """A transfer by bank; its activity."""
        record = Transfer(
            provider=Uri(FUND),
            to=Uri(to),
            amount=clp(amount),
            on=date(2026, 9, day),
            allocation=Uri(allocation),
        )
        postings = [(ledger.payable(to), amount, "CLP"), (BANK, -amount, "CLP")]
        return self.say("Create", self.note(record, day), day, postings)

    def shares(self, record: Allocation, day: int = 12) -> str:
        """An allocation, booked as it says; its id."""
        self.activity = self.say("Create", thing := self.note(record, day), day, owed(record))
        return str(thing["id"])

    def closes(self, round: str, seed: str, claims: list[Closed]) -> None:
        """The leaf of a round that closed."""
        listed = [[each.claim, each.digest, each.nonce] for each in claims]
        seq = len(self.leaves)
        self.leaves.append(other(seq, CLOSED, {"round": round, "seed": seed, "claims": listed}))

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Over HTTP."""
        url = str(request.url)
        self.asked.append(url)
        if request.url.host in self.silent:
            raise httpx.ConnectError("nobody there")
        if url == FUND:
            return httpx.Response(200, json=self._actor())
        path = url.removeprefix(f"{FUND}/")
        if path.startswith("log/"):
            return self._file(path.removeprefix("log/"))
        if path.startswith("account/evidence"):
            start = int(parse_qs(request.url.query.decode())["start"][0])
            lines = [line for seq, line in self.evidence if start - 256 < seq < start + 256]
            return httpx.Response(200, content="".join(f"{json.dumps(line)}\n" for line in lines))
        if path.startswith("account/balances"):
            return httpx.Response(200, json={"balances": self._balances()})
        status, body = self.served.get(url, (404, b""))
        return httpx.Response(status, content=body)

    def _balances(self) -> list[JsonObject]:
        held: dict[tuple[str, str], int] = {}
        for data in self.leaves:
            for row in json.loads(data).get("postings", ()):
                key = row["account"], row["commodity"]
                held[key] = held.get(key, 0) + read(row["amount"], row["commodity"])
        return [
            {"account": name, "amount": written(amount, commodity), "commodity": commodity}
            for (name, commodity), amount in held.items()
        ]

    def _actor(self) -> JsonObject:
        key = VerifierKey(self.origin, ED25519, self.log_key.public_key().public_bytes_raw())
        return actor(FUND, log={"prefix": f"{FUND}/log/", "key": str(key)}, attachment=[self.identity])

    def _file(self, path: str) -> httpx.Response:
        if path == "policy":
            key = VerifierKey(self.origin, ED25519, self.log_key.public_key().public_bytes_raw())
            return httpx.Response(200, content=f"log {key}\nquorum none\n")
        if path == "checkpoint":
            head = Checkpoint(self.origin, len(self.leaves), root_of(map(leaf_hash, self.leaves)))
            note = Note(str(head), (sign(str(head), self.origin, self.log_key),))
            return httpx.Response(200, content=bytes(note))
        tiles = {tile.path: data for tile, data in grow(0, self.leaves, lambda _tile: b"").items()}
        return httpx.Response(200, content=tiles[path]) if path in tiles else httpx.Response(404)


def actor(uri: str, **more: Any) -> JsonObject:
    """The actor document of anybody."""
    listed = {
        "id": f"{uri}#k",
        "type": "Multikey",
        "controller": uri,
        "publicKeyMultibase": multikey(key_of(uri).public_key()),
    }
    document = {"id": uri, "type": "Organization", "name": uri, "assertionMethod": [listed], **more}
    return add_proof(document, key_of(uri), f"{uri}#k", at(1))


def donation(amount: int, day: int = 3, **more: Any) -> Donation:
    """A gift by bank that arrived."""
    return Donation(
        **{
            "amount": clp(amount),
            "status": "cleared",
            "channel": "bank",
            "label": "D-1",
            "on": date(2026, 9, day),
            "receiver": Uri(FUND),
            **more,
        }
    )


def owed(record: Allocation, sign: int = 1) -> list[Posting]:
    """What an allocation books."""
    rows = [(ledger.payable(row.claimant), -row.amount.minor * sign, "CLP") for row in record.allotments]
    return [(ledger.ALLOCATIONS, -sum(amount for _, amount, _ in rows), "CLP"), *rows]


@dataclass
class Shared:
    """A round of two kitchens, from the criteria to the shares: any part may be replaced before the next is made of it."""

    fund: Pretended
    price: Money | None = None
    criteria: JsonObject = field(default_factory=dict)
    stances: list[JsonObject] = field(default_factory=list)
    decision: JsonObject = field(default_factory=dict)
    round: JsonObject = field(default_factory=dict)
    claims: list[JsonObject] = field(default_factory=list)
    closed: list[Closed] = field(default_factory=list)
    seed: str = ""
    allocation: str = ""

    @property
    def terms(self) -> Criteria:
        """The criteria as a record."""
        return Criteria(
            version=1,
            rule="largest-remainder/1",
            weight="weeklyRations",
            unit_price=self.price,
            valid_from=date(2026, 9, 1),
            cap="none",
        )

    @property
    def stance(self) -> Stance:
        """Consent to the criteria as they stand."""
        return Stance(about=Uri(self.criteria["id"]), stance="consent", digest=digest_of(self.criteria))

    def position(self, stance: JsonObject) -> Position:
        """How a decision lists a stance."""
        by, uri = Uri(stance["attributedTo"]), Uri(stance["id"])
        return Position(by=by, stance="consent", id=uri, digest=digest_of(stance))

    def decided(self, **more: Any) -> "Shared":
        """Criteria, two who consent, and the decision; `more` says of the decision what it says otherwise."""
        if not self.criteria:
            self.criteria = self.fund.note(self.terms, 2)
            self.stances = [self.fund.note(self.stance, 3, by=kitchen) for kitchen in (ESPERANZA, MAULE)]
        positions = tuple(self.position(each) for each in self.stances)
        record = Decision(about=self.stance.about, quorum=2, outcome="adopted", stances=positions)
        self.decision = self.fund.note(record.changed(**more), 4)
        return self

    def closes(self, forged: str = "", day: int = 8) -> "Shared":
        """A round, its two claims, and its closing; `forged` is where the second claim is served instead of at home."""
        uri = self.fund.uri()
        for kitchen, weight in ((ESPERANZA, 600), (MAULE, 400)):
            nonce = b64encode(kitchen.encode()[-16:]).decode()
            claim = Claim(round=Uri(uri), weight=Decimal(weight), nonce=nonce)
            made = self.fund.note(claim, day, by=kitchen, uri=forged if kitchen == MAULE else "")
            self.claims.append(made)
            self.closed.append(Closed(made["id"], kitchen, digest_of(made), nonce, str(weight)))
        self.seed = seed_of([(each.claim, each.digest, each.nonce) for each in self.closed])
        record = Round(
            number=1,
            criteria=Uri(self.criteria["id"]),
            claims_until=at(10),
            appeal_until=at(14),
            status="closed",
            seed=self.seed,
        )
        self.round_record = record
        self.round = self.fund.note(record, 5, uri=uri, updated=write_time(at(10)))
        self.fund.closes(uri, self.seed, self.closed)
        return self

    def shared(self, available: int = 1000) -> "Shared":
        """The allocation."""
        record = Allocation(
            round=Uri(self.round["id"]),
            criteria=Uri(self.criteria["id"]),
            decision=Uri(self.decision["id"]),
            rule="largest-remainder/1",
            seed=self.seed,
            available=clp(available),
            unit_price=self.price,
            claims=rows(tuple(self.closed), self.terms, at(5)),
        )
        self.record = reckoned(record)
        self.allocation = self.fund.shares(self.record)
        return self


def reckoned(record: Allocation) -> Allocation:
    """An allocation with the shares that its rule gives."""
    made = recompute(record)
    return record.changed(allotments=made.allotments, carry_over=made.carry_over)


def visited(fund: Pretended, directory: Path, *, now: datetime = NOW) -> dict[str, str]:
    """What a stranger reads: the figure of each check (several of one are joined), and what is `WRONG`, if anything is."""
    told: dict[str, str] = {}
    source = Source(httpx.Client(transport=httpx.MockTransport(fund.answer)), FUND)
    memory = Memory(directory / "seen.json")
    try:
        for found in visit(
            source,
            policy=None,
            proof=None,
            memory=memory,
            now=now,
            tell=lambda *_: None,
            sleep=lambda _: None,
        ):
            mark = "note " if found.warning else ""
            told[found.check] = f"{told[found.check]} / " if found.check in told else ""
            told[found.check] += f"{mark}{found.figure}"
    except DifferenceError as error:
        told["WRONG"] = f"{error.check}: {error.difference}"
    return told
