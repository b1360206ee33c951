"""Calling customers' addresses: what is called, what never is, and what comes of it."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from clients.webhook_caller import WebhookCaller
from engine.errors import InputError, Rejected, Unavailable, UpstreamError
from engine.public_addresses import is_public
from engine.webhooks import check_url

PRIVATE = (
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",  # noqa: S104 - an address that must not be called
    "224.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "fe80::1",
    "fe80::1%eth0",
    "fc00::1",
    "fd00:ec2::254",
    "ff02::1",
    "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "2002:7f00:1::",
    "2001:0:7f00:1::",
)


class Receiver:
    """A server with a certificate of its own for ``localhost``; it answers what it is told to."""

    def __init__(self) -> None:
        self.status = 200
        self.requests: list[tuple[dict[str, str], bytes]] = []
        self.port = 0

    async def handle(self, request: web.Request) -> web.Response:
        self.requests.append((dict(request.headers), await request.read()))
        return web.Response(status=self.status, headers={"Location": f"https://localhost:{self.port}/again"})


@pytest.fixture
async def receiver(tmp_path: Path) -> AsyncIterator[tuple[Receiver, ssl.SSLContext]]:
    server, client = _certificates(tmp_path)
    receiver = Receiver()
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", receiver.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=server).start()
    receiver.port = runner.addresses[0][1]
    yield receiver, client
    await runner.cleanup()


def _certificates(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    names = x509.SubjectAlternativeName([x509.DNSName("localhost")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(names, critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "both.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(path)
    return server, ssl.create_default_context(cadata=made.public_bytes(serialization.Encoding.PEM).decode())


async def test_a_message_arrives_as_it_is(receiver: tuple[Receiver, ssl.SSLContext]) -> None:
    there, tls = receiver
    await _caller(tls).call(f"https://localhost:{there.port}/hook", {"webhook-id": "w-1"}, b'{"a": 1}')
    [(headers, body)] = there.requests
    assert (headers["webhook-id"], body) == ("w-1", b'{"a": 1}')


@pytest.mark.parametrize(("status", "kind"), [(302, Rejected), (404, Rejected), (410, Rejected), (503, Unavailable)])
async def test_what_is_no_success_is_said_and_not_followed(
    receiver: tuple[Receiver, ssl.SSLContext], status: int, kind: type[UpstreamError]
) -> None:
    there, tls = receiver
    there.status = status
    with pytest.raises(kind) as refusal:
        await _caller(tls).call(f"https://localhost:{there.port}/hook", {}, b"{}")
    assert refusal.value.code == str(status)
    assert len(there.requests) == 1


async def test_a_name_that_leads_home_is_not_called(receiver: tuple[Receiver, ssl.SSLContext]) -> None:
    there, tls = receiver
    with pytest.raises(UpstreamError, match="private network"):
        await WebhookCaller(tls=tls).call(f"https://localhost:{there.port}/hook", {}, b"{}")
    assert not there.requests


async def test_a_certificate_nobody_vouches_for_is_refused(receiver: tuple[Receiver, ssl.SSLContext]) -> None:
    there, _ = receiver
    with pytest.raises(Unavailable):
        await WebhookCaller(may_call=lambda _address: True).call(f"https://localhost:{there.port}/hook", {}, b"{}")
    assert not there.requests


@pytest.mark.parametrize("address", PRIVATE)
async def test_no_private_address_is_called(address: str) -> None:
    assert not is_public(address)
    host = f"[{address}]" if ":" in address else address
    with pytest.raises(UpstreamError):
        await asyncio.wait_for(WebhookCaller().call(f"https://{host}:1/", {}, b""), 5)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946"])
def test_public_addresses_are(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/",
        "https://user:pass@example.com/",
        "https://127.0.0.1/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://localhost/",
        "https://[::1]/",
        "https://example.com:22/",
        "https://example.com\\@evil.example/",
        "https://example.com/\r\nX: y",
        "https://exa mple.com/",
        "https://example.com/#a",
        "https:///x",
        "",
        "https://example.com/" + "a" * 900,
    ],
)
def test_odd_addresses_are_no_webhooks(url: str) -> None:
    with pytest.raises(InputError):
        check_url(url)


def _caller(tls: ssl.SSLContext) -> WebhookCaller:
    return WebhookCaller(may_call=lambda _address: True, tls=tls)
