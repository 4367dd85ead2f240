"""Backups of a running node: encrypted or not made, whole or refused, the same node on another machine."""

import asyncio
import io
import shutil
import tarfile
import threading

import pyrage
import pytest

from node.backup import make, restore
from node.recovery import root_of, seal_identity
from tests.nodes import Node, RefusedError, until

SECRET = "la reunión es en la sede el jueves"


@pytest.fixture(scope="module")
def olla(tmp_path_factory):
    node = Node(tmp_path_factory.mktemp("backup") / "a")
    node("publish", "note", f"text={SECRET}")
    return node


@pytest.fixture(scope="module")
def saved(olla, tmp_path_factory):
    path = tmp_path_factory.mktemp("saved") / "olla.backup"
    olla("backup", "--to", str(path))
    return path


def restored(archive, directory, words, *, like):
    node = Node(directory, like.handle, init=False)
    node.port, node.origin, node.actor = like.port, like.origin, like.actor
    node("restore", str(archive), "--words-file", str(words))
    return node


def test_a_restored_node_has_the_same_state_and_the_same_keys(olla, saved, tmp_path):
    again = restored(saved, tmp_path / "b", olla.words, like=olla)

    assert again.json("timeline", "local") == olla.json("timeline", "local")
    assert again.json("keys", "show") == olla.json("keys", "show")
    assert again.json("fsck")["problems"] == []


def test_nothing_in_the_file_can_be_read(olla, saved):
    content = saved.read_bytes()

    assert saved.stat().st_mode & 0o077 == 0
    for word in (SECRET, "esperanza", "PRIVATE KEY", "minga.toml", olla.origin, "Olla"):
        assert word.encode() not in content


def test_other_words_do_not_open_it_and_leave_nothing(olla, saved, tmp_path):
    stranger = Node(tmp_path / "stranger")

    refused = olla.run("restore", str(saved), "--words-file", str(stranger.words), "-d", str(tmp_path / "b"))

    assert refused.returncode == 1
    assert "words" in refused.stderr
    assert "a sheet of its own" in refused.stderr
    assert not (tmp_path / "b").exists()


def test_a_slip_in_the_words_is_named(olla, saved, tmp_path):
    (tmp_path / "words").write_text("nonsense " * 24)

    refused = olla.run(
        "restore", str(saved), "--words-file", str(tmp_path / "words"), "-d", str(tmp_path / "b")
    )

    assert refused.returncode == 1
    assert "nonsense" in refused.stderr


@pytest.mark.parametrize("damage", ["cut", "changed", "another file"])
def test_a_damaged_backup_is_refused_whole(olla, saved, tmp_path, damage):
    content = bytearray(saved.read_bytes())
    if damage == "cut":
        content = content[:-1]
    elif damage == "changed":
        content[len(content) // 2] ^= 1
    else:
        content = bytearray(b"PK\3\4" + b"x" * 1000)
    (tmp_path / "damaged").write_bytes(content)

    refused = olla.run(
        "restore", str(tmp_path / "damaged"), "--words-file", str(olla.words), "-d", str(tmp_path / "b")
    )

    assert refused.returncode == 1
    assert "no whole backup" in refused.stderr
    assert not (tmp_path / "b").exists()


def test_a_node_is_never_restored_over_another(olla, saved, tmp_path):
    other = Node(tmp_path / "other")
    before = other.json("keys", "show")

    refused = other.run("restore", str(saved), "--words-file", str(olla.words))

    assert refused.returncode == 1
    assert other.json("keys", "show") == before


def test_a_backup_is_never_written_over_anything(olla, saved):
    before = saved.read_bytes()

    assert olla.run("backup", "--to", str(saved)).returncode == 1

    assert saved.read_bytes() == before


def test_a_backup_that_cannot_be_written_says_so(olla, tmp_path):
    refused = olla.run("backup", "--to", str(tmp_path / "nowhere" / "x"))

    assert refused.returncode == 1
    assert "No se pudo escribir" in refused.stderr


@pytest.mark.parametrize("name", ["../evil", "/etc/evil", "keys/../../evil", "other", "keys"])
def test_a_forged_backup_writes_nothing_outside_the_directory(olla, saved, tmp_path, name):
    identity = seal_identity(root_of(olla.words.read_text()))
    plain = io.BytesIO(pyrage.decrypt(saved.read_bytes(), [identity]))
    forged = io.BytesIO()
    with tarfile.open(fileobj=plain) as source, tarfile.open(fileobj=forged, mode="w") as target:
        for entry in source:
            target.addfile(entry, source.extractfile(entry))
        evil = tarfile.TarInfo(name)
        evil.size = 4
        target.addfile(evil, io.BytesIO(b"evil"))
    (tmp_path / "forged").write_bytes(pyrage.encrypt(forged.getvalue(), [identity.to_public()]))

    refused = olla.run("restore", str(tmp_path / "forged"), "--words-file", str(olla.words), "-d", str(tmp_path / "x" / "b"))  # fmt: skip

    assert "no whole backup" in refused.stderr
    assert not list(tmp_path.rglob("evil"))
    assert not (tmp_path / "x" / "b").exists()


def test_a_backup_made_while_posts_arrive_is_one_moment_of_the_node(tmp_path):
    with Node(tmp_path / "a") as olla:
        done = threading.Event()
        said: list[str] = []

        def talk() -> None:
            while not done.is_set():
                said.append(olla("publish", "note", f"text=post {len(said)}"))

        talking = threading.Thread(target=talk)
        talking.start()
        try:
            while len(said) < 2:
                done.wait(0.05)
            before = len(said)
            olla("backup", "--to", str(tmp_path / "olla.backup"))
            after = len(said)
        finally:
            done.set()
            talking.join()

    again = restored(tmp_path / "olla.backup", tmp_path / "b", olla.words, like=olla)
    found = {each["id"] for each in again.json("timeline", "local", "--limit", "200")}
    assert before <= len(found) <= after + 1
    assert found == set(said[: len(found)])
    assert again.json("fsck")["problems"] == []


def test_what_waited_for_delivery_is_not_sent_again(tmp_path):
    with Node(tmp_path / "a") as olla, Node(tmp_path / "b", "villasol") as villasol:
        villasol("follow", olla.address)
        until(lambda: olla.json("followers"))
        until(lambda: olla.json("status")["deliveries_waiting"] == 0)
        villasol.stop()
        olla("publish", "note", "text=mientras dormías")
        assert olla.json("status")["deliveries_waiting"] > 0
        olla("backup", "--to", str(tmp_path / "olla.backup"))

    again = restored(tmp_path / "olla.backup", tmp_path / "c", olla.words, like=olla)

    assert again.json("status")["deliveries_waiting"] == 0


def test_a_node_without_a_collective_makes_no_backup(tmp_path):
    olla = Node(tmp_path / "a")
    (olla.directory / "minga.db").unlink()

    with pytest.raises(RefusedError, match="nobody to encrypt"):
        olla("backup", "--to", str(tmp_path / "x"))

    assert not (tmp_path / "x").exists()


def test_keys_wrapped_by_a_passphrase_stay_wrapped_in_a_restored_node(olla, tmp_path):
    copy = Node(tmp_path / "copy", init=False)
    shutil.copytree(olla.directory, copy.directory)
    (tmp_path / "passphrase").write_text("tres ollas y una cuchara")
    copy("keys", "wrap", "--passphrase-file", str(tmp_path / "passphrase"))
    environ = {"MINGA_PASSPHRASE_FILE": str(tmp_path / "passphrase")}
    assert copy.run("backup", "--to", str(tmp_path / "wrapped.backup"), environ=environ).returncode == 0

    again = restored(tmp_path / "wrapped.backup", tmp_path / "again", olla.words, like=olla)

    assert again.run("status").returncode == 1
    assert again.run("status", environ=environ).returncode == 0


def test_a_restored_account_can_be_checked_and_goes_on_only_when_its_log_is_back(tmp_path):
    with Node(tmp_path / "a") as olla:
        olla("publish", "donation", "amount=1000 CLP", "status=cleared", "channel=bank")
        log = olla.directory / "log" / olla.handle / "1"
        until((log / "checkpoint").exists)
        olla("backup", "--to", str(tmp_path / "olla.backup"))

    again = restored(tmp_path / "olla.backup", tmp_path / "b", olla.words, like=olla)

    assert again.json("fsck")["problems"] == []
    assert "`minga recover`" in again.run("publish", "note", "text=seguimos").stderr
    for place in (olla.directory, log.parent.parent, log.parent, log):
        assert "2 leaves" in again("recover", "--from", str(place))
    assert again("publish", "note", "text=seguimos").isdecimal()


async def test_what_goes_away_while_a_backup_is_made_does_not_stop_it(world, tmp_path):
    olla = await world.node("olla")
    (olla.directory / "minga.toml").write_text(f"origin = {olla.origin!r}")
    photographs = olla.directory / "media" / "zz"
    photographs.mkdir(parents=True)
    for name in ("deleted", "kept", "wrapped"):
        (photographs / name).write_bytes(name.encode())

    def meanwhile(_done, _total):
        (photographs / "deleted").unlink(missing_ok=True)
        if (photographs / "wrapped").exists():
            (photographs / "wrapped").rename(photographs / "wrapped.age")

    target = tmp_path / "olla.backup"
    await make(olla.node.database, olla.directory, olla.origin, target, world.clock(), meanwhile)
    again, root = tmp_path / "again", olla.roots["olla"].first
    await asyncio.to_thread(restore, target, again, root, clock=world.clock, tell=lambda _done, _total: None)

    assert sorted(path.name for path in (again / "media" / "zz").iterdir()) == ["kept", "wrapped.age"]
