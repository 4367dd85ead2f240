"""A database that is older than its log, in processes: it is refused and explained, its log comes back, or another goes on from it."""

import shutil
from pathlib import Path

import httpx
import pytest

from tests.node.account.funds import flip, fund, give, sequenced, shown, tamper, verify
from tests.nodes import Node


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Node:
    """A fund that gave its log four leaves, and whose database is from before the last. A stranger saw three of them."""
    room = tmp_path_factory.mktemp("made")
    node = fund(room)
    with node:
        give(node, "1000 CLP")
        give(node, "2000 CLP")
        sequenced(node, 3)
        verify(node, room / "seen.json")
    shutil.copy(node.directory / "minga.db", room / "minga.db")
    with node:
        give(node, "4000 CLP")
        sequenced(node, 4)
    for path in node.directory.glob("minga.db*"):
        path.unlink()
    shutil.copy(room / "minga.db", node.directory / "minga.db")
    return node


@pytest.fixture
def older(made: Node, tmp_path: Path) -> Node:
    """A copy of it, at the same address."""
    node = Node(tmp_path / "fondo", made.handle, kind="fund", init=False)
    shutil.copytree(made.directory, node.directory)
    shutil.copy(made.directory.parent / "seen.json", tmp_path / "seen.json")
    node.port, node.origin, node.actor = made.port, made.origin, made.actor
    return node


def refused(node: Node) -> str:
    """What `serve` says that does not start."""
    result = node.run("serve")
    assert result.returncode == 1
    return result.stderr


def test_an_older_database_is_refused_and_its_log_is_never_rolled_back(older: Node) -> None:
    said = refused(older)

    assert "the log has 4 leaves, the database only 3" in said
    assert "minga recover" in said
    assert "minga account succeed" in said
    head = shown(older)
    assert head is not None
    assert head.size == 4
    assert older.run("publish", "donation", "amount=1 CLP", "status=cleared", "channel=bank").returncode == 1


def test_recover_brings_back_what_the_log_has_shown_and_a_stranger_sees_no_break(
    older: Node, tmp_path: Path
) -> None:
    assert "4 leaves, 1 of them brought back" in older("recover")

    with older:
        give(older, "8000 CLP")
        sequenced(older, 5)
        assert older.json("account")["totals"][0]["received"] == "15000"
        page = httpx.get(f"{older.actor}/account", headers={"accept": "text/html", "accept-language": "es"})
        assert "Sus palabras se perdieron" in page.text
        assert "se retiraron" not in page.text
        code, findings = verify(older, tmp_path / "seen.json")

    assert code == 0, findings
    history = next(each["figure"] for each in findings["findings"] if each["check"] == "history")
    assert history.startswith("continues the 3 leaves")
    withdrawn = next(each["figure"] for each in findings["findings"] if each["check"] == "withdrawn")
    assert withdrawn.startswith("1 CANNOT BE CHECKED")


def test_recover_believes_no_copy_that_is_shorter_or_another(older: Node, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(older.directory / "log" / older.handle / "1", copy)
    entries = next((copy / "tile" / "entries").glob("*.p/4"))
    entries.write_bytes(entries.read_bytes().replace(b'"4000"', b'"4001"'))

    result = older.run("recover", "--from", str(copy))

    assert result.returncode == 1
    assert "no llevan a la raíz que se firmó" in result.stderr
    assert "the log has 4 leaves" in refused(older)


def test_where_nobody_has_a_copy_the_next_log_cites_the_last_checkpoint_and_the_former_stays_readable(
    older: Node, tmp_path: Path
) -> None:
    flipped = next((older.directory / "log" / older.handle / "1" / "tile" / "entries").glob("*.p/4"))
    flipped.rename(tmp_path / "lost")
    assert older.run("recover").returncode == 1
    assert older.run("account", "succeed").returncode == 1

    assert "ended with 4 leaves" in older("account", "succeed", "--yes")

    with older:
        give(older, "8000 CLP")
        older_log = httpx.get(f"{older.actor}/log/checkpoint")
        assert older_log.status_code == 200
        assert older_log.text.splitlines()[1] == "4"
        code, findings = verify(older, tmp_path / "seen.json")
    identity = next(each for each in findings["findings"] if each["check"] == "identity")
    assert identity["warning"]
    assert "ended with 4 leaves, 1 of them you never saw" in identity["figure"]
    assert code == 0
    former = next(each for each in findings["findings"] if each["check"] == "former log")
    assert former["warning"]
    assert "cannot be read any more" in former["figure"]

    (tmp_path / "lost").rename(flipped)
    with older:
        code, findings = verify(older, tmp_path / "seen.json")
        former = next(each for each in findings["findings"] if each["check"] == "former log")
        assert (code, former["warning"]) == (0, False)
        behind = [each["figure"] for each in findings["findings"] if each["check"] == "former log"][1]
        assert behind.endswith(
            "2 activities match their digests, 0 withdrawn; 1 are LOST, only their sums are left, and these were NOT"
            " carried over: assets:bank 4000 CLP, income:donations -4000 CLP"
        )
        sql = "UPDATE activities SET body = CAST(replace(CAST(body AS TEXT), ?, ?) AS BLOB) WHERE uri = ?"
        uri = httpx.get(f"{older.actor}/account/export/json?log=1").json()[0]["activity"]
        tamper(older, sql, '"1000"', '"1001"', uri)
        code, findings = verify(older, tmp_path / "seen.json")
        assert code == 1
        assert findings["wrong"]["difference"].startswith(f"{uri} was changed")
        tamper(older, sql, '"1001"', '"1000"', uri)
        flip(flipped, b'"4000"', b'"4001"')
        code, findings = verify(older, tmp_path / "seen.json")
        assert code == 1
        assert "leaf 3 was changed" in findings["wrong"]["difference"]


def test_a_gift_of_a_closed_log_keeps_its_page_and_its_proof(made: Node, older: Node, tmp_path: Path) -> None:
    older("account", "succeed", "--yes")
    with older:
        give(older, "8000 CLP")
        page = f"{older.actor}/account?log=1"
        text = httpx.get(page, headers={"accept": "text/html"}).text
        assert "/account/entries/1?log=1" in text
        entry = httpx.get(f"{older.actor}/account/entries/1?log=1", headers={"accept": "text/html"}).text
        assert "/account/entries/1/proof?log=1" in entry
        proof = httpx.get(f"{older.actor}/account/entries/1/proof?log=1").text
        assert f"{older.actor.partition('://')[2]}/log\n4\n" in proof
