"""A fund that signs, books and serves whatever a test wants, honest or not, and a stranger who visits it. All of it in memory."""

import json
from base64 import b64encode
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from federation.identity import key_digest, make_identity
from federation.integrity import add_proof, write_time
from federation.jcs import canonical
from federation.keys import ed25519_of_seed, multikey
from node.account.leaf import CLOSED, IDENTITY, SUCCESSION, digest, entry, listed, other
from node.domain import ledger, logbook
from node.domain.posting import Posting, read, split
from node.domain.rounds import Closed
from node.tlog.checkpoint import Checkpoint
from node.tlog.merkle import leaf_hash, root_of
from node.tlog.note import ED25519, Note, VerifierKey, sign
from node.tlog.tiles import grow
from node.verify import Memory, Source, visit
from node.verify.act import Act
from node.verify.source import DifferenceError
from schemas import Money, Record, Uri, to_wire
from schemas.allocation import Allocation
from schemas.donation import Donation
from schemas.expense import Expense
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
    periods: list[str] = field(default_factory=list)
    tiles: dict[int, dict[str, bytes]] = field(default_factory=dict)
    number: int = 0
    gone: bool = False
    """The files of former logs are."""

    def __post_init__(self) -> None:
        roots = key_of("root 1"), key_of("root 2")
        self.identity = make_identity(roots[0], FUND, [key_digest(roots[1].public_key())], at(1))
        self.log_key = key_of("log")
        self.begun = 1
        self.former: dict[int, tuple[list[bytes], list[tuple[int, JsonObject]]]] = {}
        self.leaves.append(other(0, IDENTITY, {"statement": self.identity}))

    @property
    def origin(self) -> str:
        """The name of the log that is written in now."""
        return logbook.origin(FUND, self.begun)

    def succeeds(self, carried: list[Posting] | None = None, *, first: bytes | None = None) -> None:
        """Another log goes on from this one, with its balances unless others are said; or begins as `first` says."""
        root = b64encode(root_of(map(leaf_hash, self.leaves))).decode()
        held = (
            carried if carried is not None else [(name, n, unit) for (name, unit), n in self._held().items()]
        )
        cited = {"origin": self.origin, "size": len(self.leaves), "root": root, "balances": listed(held)}
        self.former[self.begun] = self.leaves, self.evidence
        self.begun += 1
        self.leaves, self.evidence = [first or other(0, SUCCESSION, cited)], []

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
        self,
        type: str,
        thing: JsonObject | str,
        day: int,
        postings: list[Posting],
        *,
        on: int | None = None,
        at_home: bool = True,
    ) -> str:
        """An activity and the entry that it is booked with, if any; its id."""
        uri = self.uri(FUND if at_home else FRIEND, path="s")
        document = {"id": uri, "type": type, "actor": FUND, "published": write_time(at(day)), "object": thing}
        document = add_proof(document, key_of(FUND), f"{FUND}#k", at(day))
        self.serve(uri, document)
        self.serve(f"{uri}/salt", {"salt": b64encode(SALT).decode()})
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

    def rebook(self, activity: str, **changed: Any) -> None:
        """An activity signed otherwise, with the digest of that in its leaves."""
        line = next(line for _, line in self.evidence if line["id"] == activity)
        document = add_proof({**line["activity"], **changed}, key_of(FUND), f"{FUND}#k", at(4))
        line["activity"] = document
        self.serve(activity, document)
        for seq, leaf in enumerate(map(json.loads, self.leaves)):
            if leaf.get("activity") == activity:
                self.leaves[seq] = canonical({**leaf, "digest": digest(SALT, document)})

    def forget(self, activity: str) -> None:
        """The words of an activity are gone, as after a withdrawal or a loss."""
        for _, line in self.evidence:
            if line["id"] == activity:
                del line["salt"], line["activity"]
                line["withdrawn"] = True
        self.serve(activity, None, 410)

    def gift(self, amount: int, day: int = 3, *, at_home: bool = True) -> str:
        """A gift by bank; its activity."""
        thing = self.note(donation(amount, day), day)
        postings = [(BANK, amount, "CLP"), (ledger.DONATIONS, -amount, "CLP")]
        return self.say("Create", thing, day, postings, at_home=at_home)

    def nothing(self) -> httpx.Response:
        """What answers where nothing is."""
        return httpx.Response(404)

    def spends(self, amount: int, day: int = 14) -> str:
        """An expense by bank; its activity."""
        thing = self.note(Expense(amount=clp(amount), on=date(2026, 9, day), purpose="Flete"), day)
        return self.say("Create", thing, day, [("expenses:running", amount, "CLP"), (BANK, -amount, "CLP")])

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
        thing = self.note(record, day)
        self.transfer = str(thing["id"])
        return self.say("Create", thing, day, postings)

    def shares(self, record: Allocation, day: int = 12) -> str:
        """An allocation, booked as it says; its id."""
        self.activity = self.say("Create", thing := self.note(record, day), day, owed(record))
        return str(thing["id"])

    def closes(self, round: str, seed: str, claims: list[Closed], kept: str) -> None:
        """The leaf of a round that closed."""
        triples = [[each.claim, each.digest, each.nonce] for each in claims]
        self.serve(f"{round}/claims", {"claims": triples})
        seq = len(self.leaves)
        fields = {"round": round, "seed": seed, "claims": triples, **({"digest": kept} if kept else {})}
        self.leaves.append(other(seq, CLOSED, fields))

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
            asked = parse_qs(request.url.query.decode())
            start, number = int(asked["start"][0]), int(asked.get("log", [str(self.begun)])[0])
            evidence = self.evidence if number == self.begun else self.former[number][1]
            lines = [line for seq, line in evidence if start - 256 < seq < start + 256]
            return httpx.Response(200, content="".join(f"{json.dumps(line)}\n" for line in lines))
        if path.startswith("account/balances"):
            size = int(parse_qs(request.url.query.decode())["size"][0])
            return httpx.Response(200, json={"balances": self._balances(size)})
        if path == "account/periods":
            return httpx.Response(200, json={"periods": self.periods})
        status, body = self.served.get(url, (404, b""))
        return httpx.Response(status, content=body)

    def _held(self, size: int | None = None) -> dict[tuple[str, str], int]:
        held: dict[tuple[str, str], int] = {}
        for document in map(json.loads, self.leaves[:size]):
            for row in document.get("postings", document.get("balances", ())):
                key = row["account"], row["commodity"]
                held[key] = held.get(key, 0) + read(row["amount"], row["commodity"])
        return {key: amount for key, amount in held.items() if amount}

    def _balances(self, size: int) -> list[JsonObject]:
        return listed([(name, amount, unit) for (name, unit), amount in self._held(size).items()])

    def _key(self, origin: str) -> VerifierKey:
        return VerifierKey(origin, ED25519, self.log_key.public_key().public_bytes_raw())

    def _actor(self) -> JsonObject:
        log = {"prefix": logbook.prefix(FUND, self.begun), "key": str(self._key(self.origin))}
        return actor(FUND, log=log, attachment=[self.identity])

    def _file(self, path: str) -> httpx.Response:
        number = next((each for each in (*self.former, self.begun) if path.startswith(f"{each}/")), 1)
        leaves = self.leaves if number == self.begun else self.former[number][0]
        if self.gone and number != self.begun and "tile/0/" in path:
            return self.nothing()
        origin, path = logbook.origin(FUND, number), path.removeprefix(f"{number}/")
        tiles = self.tiles.setdefault(number, {})  # a log that grows keeps its partial tiles
        tiles.update((tile.path, data) for tile, data in grow(0, leaves, lambda _tile: b"").items())
        if path == "policy":
            return httpx.Response(200, content=f"log {self._key(origin)}\nquorum none\n")
        if path == "checkpoint":
            head = Checkpoint(origin, len(leaves), root_of(map(leaf_hash, leaves)))
            note = Note(str(head), (sign(str(head), origin, self.log_key),))
            return httpx.Response(200, content=bytes(note))
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


def taken_back(thing: str = "https://fondo.example/o/1") -> Act:
    """A withdrawal, as it is read."""
    return Act("https://fondo.example/s/9", "Delete", thing, None, at(4), {})


def owed(record: Allocation, sign: int = 1) -> list[Posting]:
    """What an allocation books."""
    unit = record.available.currency
    rows = [(ledger.payable(row.claimant), -row.amount.minor * sign, unit) for row in record.allotments]
    return [(ledger.ALLOCATIONS, -sum(amount for _, amount, _ in rows), unit), *rows]


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
