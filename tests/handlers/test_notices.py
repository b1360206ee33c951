"""The pages on privacy and support."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web

from handlers.web import notices
from handlers.web.pages import Pages


async def serve(contact: str) -> tuple[web.AppRunner, str]:
    app = web.Application()
    notices.register(app, Pages(), retention_days=400, contact=contact)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner, f"http://127.0.0.1:{runner.addresses[0][1]}"


@pytest.fixture
async def url() -> AsyncIterator[str]:
    runner, address = await serve("help@costs.example")
    yield address
    await runner.cleanup()


async def read(address: str) -> tuple[str, str]:
    async with aiohttp.ClientSession() as session, session.get(address) as answer:
        assert answer.status == 200
        return await answer.text(), answer.headers["Content-Security-Policy"]


async def test_privacy_says_what_is_kept_and_how_it_goes(url: str) -> None:
    text, policy = await read(url + notices.PRIVACY)
    assert "400 days" in text
    assert "Uninstalling the app deletes everything" in text
    assert f'href="{notices.SUPPORT}"' in text
    assert policy.startswith("default-src 'none'")


async def test_support_names_whom_to_write_to(url: str) -> None:
    text, _ = await read(url + notices.SUPPORT)
    assert "help@costs.example" in text
    assert "/dd0c status" in text


async def test_without_a_contact_it_points_to_whoever_installed_it() -> None:
    runner, address = await serve("")
    text, _ = await read(address + notices.SUPPORT)
    await runner.cleanup()
    assert "whoever installed it" in text


async def test_a_contact_is_shown_as_it_is_written() -> None:
    runner, address = await serve("<script>alert(1)</script>")
    text, _ = await read(address + notices.SUPPORT)
    await runner.cleanup()
    assert "<script>" not in text
