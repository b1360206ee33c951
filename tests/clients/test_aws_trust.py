"""Clients of AWS's SDK share what they trust, and trust nobody else by that."""

import ssl
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import aioboto3
import pytest
from aiobotocore.config import AioConfig
from aiohttp import web
from botocore.exceptions import SSLError

from clients.aws import trust
from clients.aws.trust import SharedTrust
from tests.fixtures.certificates import self_signed

CONFIG = AioConfig(http_session_cls=SharedTrust, retries={"total_max_attempts": 1})
ANSWER = (
    "<GetCallerIdentityResponse><GetCallerIdentityResult><Account>1</Account></GetCallerIdentityResult>"
    "</GetCallerIdentityResponse>"
)


@pytest.fixture(autouse=True)
def fresh_trust() -> Iterator[None]:
    """What was read for one test is not for the next."""
    trust._trusting.cache_clear()  # noqa: SLF001 - nobody else has a reason to forget it
    yield
    trust._trusting.cache_clear()  # noqa: SLF001 - as above


async def served(stack: AsyncExitStack, certificate: Path) -> str:
    """An STS behind TLS; gives its address."""

    async def answer(_request: web.Request) -> web.Response:
        return web.Response(text=ANSWER, content_type="text/xml")

    app = web.Application()
    app.router.add_post("/", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    return f"https://localhost:{runner.addresses[0][1]}"


def sts(url: str, **more: Any) -> Any:
    session = aioboto3.Session(aws_access_key_id="AKIATEST", aws_secret_access_key="made-up", region_name="us-east-1")
    return session.client("sts", endpoint_url=url, config=CONFIG, **more)


async def test_a_certificate_that_nobody_signed_is_refused_unless_it_is_trusted_by_name(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        certificate = self_signed(tmp_path)
        url = await served(stack, certificate)
        stranger = await stack.enter_async_context(sts(url))
        with pytest.raises(SSLError):
            await stranger.get_caller_identity()
        trusting = await stack.enter_async_context(sts(url, verify=str(certificate)))
        assert (await trusting.get_caller_identity())["Account"] == "1"
        with pytest.raises(SSLError):
            await stranger.get_caller_identity()


async def test_certificates_are_read_once_for_any_number_of_clients(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        certificate = self_signed(tmp_path)
        url = await served(stack, certificate)
        for _ in range(3):
            client = await stack.enter_async_context(sts(url, verify=str(certificate)))
            assert (await client.get_caller_identity())["Account"] == "1"
        assert trust._trusting.cache_info().misses == 1  # noqa: SLF001 - how often it was read
