import asyncio
import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from starlette.responses import PlainTextResponse

from federation.errors import ForbiddenAddress
from federation.netguard import GuardedTransport, allowed, networks
from tests.federation.server import serving, talking

PUBLIC = ["93.184.216.34", "1.1.1.1", "2606:4700:4700::1111", "2a00:1450:4001:82a::200e", "::ffff:1.1.1.1"]
PRIVATE = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:0.0.0.0",
    "::127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::1",
    "3fff::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "5f00::1",
]


@pytest.mark.parametrize("address", PUBLIC)
def test_global_unicast_may_be_reached(address: str) -> None:
    assert allowed(address)


@pytest.mark.parametrize("address", [*PRIVATE, "", "localhost", "127.1", "0x7f.0.0.1", "2130706433"])
def test_nothing_else_may_be_reached(address: str) -> None:
    assert not allowed(address)


def test_a_named_network_may_be_reached_in_either_spelling() -> None:
    trial = networks(["127.0.0.1/32"])
    assert allowed("127.0.0.1", trial)
    assert allowed("::ffff:127.0.0.1", trial)
    assert not allowed("127.0.0.2", trial)


@pytest.mark.parametrize("text", ["127.0.0.1/8", "olla.example", ""])
def test_a_network_that_is_none_is_refused_at_once(text: str) -> None:
    with pytest.raises(ValueError):
        networks([text])


async def answer(url: str, **options: object) -> httpx.Response:
    async with httpx.AsyncClient(transport=GuardedTransport(**options), trust_env=False) as client:  # type: ignore[arg-type]
        return await client.get(url)


async def test_the_address_connected_to_is_judged_however_it_is_written() -> None:
    with serving(PlainTextResponse("secret")) as origin:
        port = origin.rpartition(":")[2]
        for host in (
            "127.0.0.1",
            "localhost",
            "0.0.0.0",
            "127.1",
            "2130706433",
            "0x7f000001",
            "[::ffff:127.0.0.1]",
        ):
            with pytest.raises(ForbiddenAddress):
                await answer(f"https://{host}:{port}/")
            with pytest.raises(ForbiddenAddress):
                await answer(f"http://{host}:{port}/", allow_networks=networks(["10.0.0.0/8"]))
    with pytest.raises(ForbiddenAddress):  # a trial node speaks http with the networks of its trial alone
        await answer("http://1.1.1.1/", allow_networks=networks(["127.0.0.0/8"]))


async def test_a_name_is_judged_by_what_it_resolves_to_when_connecting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def rebound(host: str, port: int, **_: object) -> list[object]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("169.254.169.254", port))]

    monkeypatch.setattr(socket, "getaddrinfo", rebound)
    with pytest.raises(ForbiddenAddress, match=r"169\.254"):
        await answer("https://harmless.example/")


async def test_names_that_never_answer_hold_up_no_other_and_are_asked_for_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []
    given_up = threading.Event()

    def lame(host: str, port: int, **_: object) -> list[object]:
        asked.append(host)
        if host.startswith("lame"):
            given_up.wait(20)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("169.254.169.254", port))]

    monkeypatch.setattr(socket, "getaddrinfo", lame)
    async with httpx.AsyncClient(transport=GuardedTransport(), timeout=0.2) as client:
        urls = [f"https://lame{number}.example/" for number in range(40)] * 2
        waiting = [asyncio.create_task(client.get(url)) for url in urls]
        await asyncio.sleep(0)
        with pytest.raises(ForbiddenAddress):
            await client.get("https://healthy.example/", timeout=20)
        assert all(
            isinstance(each, httpx.TimeoutException)
            for each in await asyncio.gather(*waiting, return_exceptions=True)
        )
        with pytest.raises(httpx.TimeoutException):
            await client.get(urls[0])
    given_up.set()
    assert sorted(asked) == sorted({*asked})


async def test_a_trial_on_one_machine_reaches_itself_by_plain_http() -> None:
    with serving(PlainTextResponse("olla")) as origin:
        found = await answer(origin, allow_networks=networks(["127.0.0.1/32"]))
        assert found.text == "olla"


@pytest.mark.parametrize(
    "url",
    [
        "http://93.184.216.34/",
        "https://user:pass@93.184.216.34/",
        "ftp://93.184.216.34/",
        "https://abc.onion/",
        "http://abc.onion./",
    ],
)
async def test_no_plain_http_no_credentials_no_onion_without_a_proxy(url: str) -> None:
    with pytest.raises(ForbiddenAddress):
        await answer(url)


async def test_a_privileged_port_of_another_protocol_is_refused() -> None:
    with pytest.raises(ForbiddenAddress, match="port 25"):
        await answer("https://93.184.216.34:25/")


async def test_an_onion_service_is_asked_for_through_the_proxy_and_never_by_dns(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def asked(host: str, *_: object, **__: object) -> None:
        raise AssertionError(f"DNS was asked for {host}")

    with serving(PlainTextResponse("by the proxy")) as proxy:
        monkeypatch.setattr(socket, "getaddrinfo", asked)
        found = await answer("http://abc.onion/c/olla", onion_proxy=proxy)
        assert found.text == "by the proxy"


async def test_an_onion_service_is_reached_by_socks_and_named_to_the_proxy_alone() -> None:
    named: list[bytes] = []

    async def socks(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        _, methods = await reader.readexactly(2)
        await reader.readexactly(methods)
        writer.write(b"\x05\x00")
        _, _, _, kind, length = await reader.readexactly(5)
        assert kind == 3  # a name, not an address
        named.append(await reader.readexactly(length))
        await reader.readexactly(2)
        writer.write(b"\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00")
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\nconnection: close\r\n\r\nolla")
        await writer.drain()

    with talking(socks) as proxy:
        found = await answer("http://abc.onion/c/olla", onion_proxy=proxy.replace("http:", "socks5:"))
    assert (found.text, named) == ("olla", [b"abc.onion"])


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "[::1]", "localhost", "router.lan", "db.internal", "0x7f.0x1", "10.0.0.1", "x.localhost."],
)
async def test_a_proxy_for_everything_is_not_asked_for_what_is_local(host: str) -> None:
    asked: list[bytes] = []

    async def proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n")
        await writer.drain()

    with talking(proxy) as origin:
        with pytest.raises(ForbiddenAddress):
            await answer(f"https://{host}/", proxy=origin)
        assert asked == []
        with pytest.raises(httpx.ProxyError):
            await answer("https://olla.example/", proxy=origin)
        assert asked[0].startswith(b"CONNECT olla.example:443 ")


def vouched_for_by_itself(folder: Path) -> ssl.SSLContext:
    """The context of a server at 127.0.0.1 whose certificate is signed by nobody else."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "both.pem").write_bytes(private + certificate.public_bytes(pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "both.pem")
    return context


async def test_a_certificate_that_nobody_vouches_for_is_not_believed(tmp_path: Path) -> None:
    server = await asyncio.start_server(
        lambda _reader, writer: writer.close(), "127.0.0.1", 0, ssl=vouched_for_by_itself(tmp_path)
    )
    async with server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(httpx.TransportError, match="CERTIFICATE_VERIFY_FAILED"):
            await answer(f"https://127.0.0.1:{port}/", allow_networks=networks(["127.0.0.1/32"]))
