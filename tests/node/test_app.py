"""A node as a whole: what the network gets of it when its machine fails, and that its version is one."""

import json
import resource
import tomllib

import httpx
import pytest

from node import VERSION
from tests.nodes import ROOT, Node

STRANGER = "http://127.0.0.1:1/c/nadie"


def test_the_version_is_the_packages():
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == VERSION


@pytest.fixture(scope="module")
def olla(tmp_path_factory):
    with Node(tmp_path_factory.mktemp("app") / "a") as node:
        yield node


def test_a_full_disk_refuses_clearly_and_loses_nothing_that_was_acknowledged(tmp_path):
    with Node(tmp_path / "a") as olla:
        kept = [olla("publish", "note", "text=antes")]
        assert olla.process is not None
        largest = max(path.stat().st_size for path in olla.directory.glob("minga.db*"))
        limits = resource.prlimit(
            olla.process.pid, resource.RLIMIT_FSIZE, (largest + 40_000, resource.RLIM_INFINITY)
        )

        refused = None
        for number in range(60):
            result = olla.run("publish", "note", f"text=lleno {number} " + "x" * 4000)
            if result.returncode != 0:
                refused = result
                break
            kept.append(result.stdout.strip())
        assert refused is not None
        assert "disco" in refused.stderr
        assert "hint:" in refused.stderr
        follow = {"@context": "https://www.w3.org/ns/activitystreams", "id": f"{STRANGER}#1", "type": "Follow", "actor": STRANGER, "object": olla.actor}  # fmt: skip
        assert httpx.post(f"{olla.actor}/inbox", content=json.dumps(follow)).status_code in (401, 507)
        assert httpx.get(f"{olla.origin}/o/{kept[0]}").status_code == 200

        resource.prlimit(olla.process.pid, resource.RLIMIT_FSIZE, limits)
        kept.append(olla("publish", "note", "text=después"))
        olla.kill()

    with olla:
        found = {each["id"] for each in olla.json("timeline", "local", "--limit", "200")}
        assert found == set(kept)
        assert olla.json("fsck")["problems"] == []


def test_secure_mode_gives_documents_to_those_who_sign_only(tmp_path):
    documents = {"accept": "application/activity+json"}
    with Node(tmp_path / "a").start("--set", "federation.secure_mode=true") as olla:
        number = olla("publish", "note", "text=hola")

        assert httpx.get(f"{olla.origin}/o/{number}", headers=documents).status_code == 401
        assert httpx.get(f"{olla.origin}/actor", headers=documents).status_code == 200
        assert "hola" in httpx.get(f"{olla.origin}/o/{number}", headers={"accept": "text/html"}).text


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_methods_that_nobody_needs_are_refused(olla, method):
    assert httpx.request(method, olla.actor).status_code == 405


@pytest.mark.parametrize("accept", ["application/activity+json", "text/html"])
def test_an_inbox_is_not_for_reading(olla, accept):
    for inbox in (f"{olla.actor}/inbox", f"{olla.origin}/inbox"):
        refused = httpx.get(inbox, headers={"accept": accept})
        assert (refused.status_code, refused.headers["allow"]) == (405, "POST")


def test_what_an_actor_names_on_this_node_is_there(olla):
    documents = {"accept": "application/activity+json"}
    for actor in (olla.actor, f"{olla.origin}/actor"):
        told = httpx.get(actor, headers=documents).json()
        named = [told[part] for part in ("outbox", "followers", "following", "featured") if part in told]
        assert f"{actor}/outbox" in named
        for uri in named:
            found = httpx.get(uri, headers=documents)
            assert (found.status_code, found.json()["id"]) == (200, uri)


def test_an_unchanged_document_is_not_sent_twice(olla):
    documents = {"accept": "application/activity+json"}
    etag = httpx.get(olla.actor, headers=documents).headers["etag"]

    again = httpx.get(olla.actor, headers={**documents, "if-none-match": etag})

    assert etag.count('"') == 2
    assert again.status_code == 304
    assert again.content == b""
