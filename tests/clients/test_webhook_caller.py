"""Calling customers' addresses: what is called, what never is, and what comes of it."""

import asyncio
import ssl

import pytest

from clients.webhook_caller import WebhookCaller
from engine.errors import InputError, Rejected, Unavailable, UpstreamError
from engine.public_addresses import is_public
from engine.webhooks import check_url
from tests.fixtures.https_receiver import Receiver

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


@pytest.mark.parametrize(
    "host", ["\uff11\uff12\uff17.0.0.1", "127\u30020\u30020\u30021", "2130706433", "127.1", "[::1%25lo]", "[::1"]
)
async def test_no_private_address_is_called_however_it_is_written(
    receiver: tuple[Receiver, ssl.SSLContext], host: str
) -> None:
    there, tls = receiver
    with pytest.raises(UpstreamError, match=r"private|canonical|no address"):
        await WebhookCaller(tls=tls).call(f"https://{host}:{there.port}/", {}, b"")
    assert not there.requests


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
