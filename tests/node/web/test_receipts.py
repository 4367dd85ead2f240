"""The paper behind an expense: its digest is published, what is covered is seen by nobody, and the photograph itself is kept nowhere."""

import io
import re
from base64 import b64encode
from hashlib import sha256
from pathlib import Path

import httpx
import pytest
from PIL import Image

from tests.node.web.visitor import Visitor
from tests.nodes import Node, RefusedError

AS2 = {"accept": "application/activity+json"}


@pytest.fixture(scope="module")
def receipt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A receipt, white above and red below, that says whose telephone it was."""
    paper = Image.new("RGB", (400, 800), "white")
    paper.paste((200, 20, 20), (0, 400, 400, 800))
    exif = Image.Exif()
    exif[0x010F] = "Telephone of Rosa"
    path = tmp_path_factory.mktemp("papers") / "boleta.jpg"
    paper.save(path, "JPEG", exif=exif)
    return path


def digest(path: Path) -> str:
    return b64encode(sha256(path.read_bytes()).digest()).decode()


def published(uri: str) -> tuple[str, Image.Image]:
    """The digest and the picture that strangers get."""
    document = httpx.get(uri, headers=AS2).json()
    (picture,) = document["attachment"]
    body = httpx.get(picture["url"]).content
    assert b"Rosa" not in body
    return document["record"]["evidence"], Image.open(io.BytesIO(body)).convert("RGB")


def black(shown: Image.Image, tenth: int) -> bool:
    pixel = shown.getpixel((shown.width // 2, shown.height * tenth // 10 + shown.height // 20))
    assert isinstance(pixel, tuple)
    return max(pixel) < 16


def kept_nowhere(node: Node) -> bool:
    return not any(
        b"Telephone of Rosa" in path.read_bytes() for path in node.directory.rglob("*") if path.is_file()
    )


def test_what_is_covered_in_the_form_is_seen_by_nobody(olla: Node, elena: Visitor, receipt: Path) -> None:
    files = {"photo0": ("boleta.jpg", receipt.read_bytes(), "image/jpeg")}
    booked = {"amount": "1200", "purpose": "Flete", "channel": "bank", "alt0": "Boleta por 1.200"}
    refused = elena.sends("/new/expense", "/new/expense", files=files, **booked, step="preview")
    assert refused.status_code == 422
    assert "Marca qué hay que tapar" in refused.text

    look = elena.sends(
        "/new/expense", "/new/expense", files=files, **booked, cover1="yes", cover9="yes", step="preview"
    )
    assert 'alt="Boleta por 1.200"' in look.text
    boxes = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', look.text))
    said = elena.client.post("/new/expense", data=boxes | {"step": "publish"})

    uri = str(said.url).partition("?")[0]
    evidence, shown = published(uri)
    assert evidence == digest(receipt)
    assert [black(shown, tenth) for tenth in range(10)] == [tenth in (1, 9) for tenth in range(10)]
    assert kept_nowhere(olla)
    assert "El comprobante" in said.text
    assert f"minga evidence ARCHIVO {uri}" in said.text


def test_a_correction_keeps_the_paper(elena: Visitor, olla: Node, receipt: Path) -> None:
    number = olla(
        "publish", "expense", "amount=900 CLP", "purpose=Gas", "--receipt", str(receipt), "--cover", "nothing"
    )
    page = elena.client.get(f"/edit/{number}")
    assert "Foto de la boleta" in page.text

    elena.sends(f"/edit/{number}", f"/edit/{number}", purpose="Gas y flete", step="publish")

    evidence, _ = published(f"{olla.origin}/o/{number}")
    assert evidence == digest(receipt)
    assert "Gas y flete" in httpx.get(f"{olla.origin}/o/{number}", headers=AS2).json()["content"]


def test_the_command_line_covers_on_this_machine_and_anybody_compares_the_paper(
    olla: Node, receipt: Path, tmp_path: Path
) -> None:
    booked = ("publish", "expense", "amount=1200 CLP", "purpose=Flete", "--receipt", str(receipt))
    for wrong in ((), ("--cover", "0,0,200,1")):
        with pytest.raises(RefusedError):
            olla(*booked, *wrong)

    uri = f"{olla.origin}/o/{olla(*booked, '--cover', '0,10,100,10', '--alt', 'Boleta')}"

    evidence, shown = published(uri)
    assert evidence == digest(receipt) == olla("evidence", str(receipt))
    assert [tenth for tenth in range(10) if black(shown, tenth)] == [1]
    assert kept_nowhere(olla)
    assert olla.run("evidence", str(receipt), uri).returncode == 0
    other = tmp_path / "other.jpg"
    other.write_bytes(receipt.read_bytes() + b"\0")
    assert olla.run("evidence", str(other), uri).returncode == 1


def test_a_receipt_that_is_left_out_leaves_no_digest_behind(elena: Visitor, receipt: Path) -> None:
    look = elena.sends(
        "/new/expense",
        "/new/expense",
        files={"photo0": ("boleta.jpg", receipt.read_bytes(), "image/jpeg")},
        amount="700",
        purpose="Pan",
        channel="bank",
        cover_nothing="yes",
        step="preview",
    )
    boxes = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', look.text))
    assert boxes["evidence"] == digest(receipt)

    said = elena.client.post("/new/expense", data=boxes | {"drop0": "yes", "step": "publish"})

    document = httpx.get(str(said.url).partition("?")[0], headers=AS2).json()
    assert "Pan" in document["content"]
    assert not document["record"].get("evidence")


def test_a_correction_that_leaves_the_receipt_out_leaves_no_digest_behind(
    elena: Visitor, olla: Node, receipt: Path
) -> None:
    number = olla(
        "publish", "expense", "amount=600 CLP", "purpose=Té", "--receipt", str(receipt), "--cover", "nothing"
    )

    elena.sends(f"/edit/{number}", f"/edit/{number}", drop0="yes", step="publish")

    document = httpx.get(f"{olla.origin}/o/{number}", headers=AS2).json()
    assert not document.get("attachment")
    assert not document["record"].get("evidence")


def test_the_number_of_a_slip_is_not_overwritten_by_a_photograph_nor_called_a_digest(
    elena: Visitor, receipt: Path
) -> None:
    said = elena.sends(
        "/new/expense",
        "/new/expense",
        files={"photo0": ("boleta.jpg", receipt.read_bytes(), "image/jpeg")},
        amount="800",
        purpose="Sal",
        channel="bank",
        evidence="Boleta 4431",
        cover_nothing="yes",
        step="publish",
    )

    assert published(str(said.url).partition("?")[0])[0] == "Boleta 4431"
    assert "Número de la boleta: Boleta 4431" in said.text
    assert "SHA-256" not in said.text
    assert "minga evidence" not in said.text
