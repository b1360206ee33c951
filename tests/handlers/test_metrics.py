"""Who may read numbers."""

from collections.abc import Mapping

import aiohttp
import pytest
from aiohttp import web

from handlers.web import metrics

TOKEN = "Bearer a-long-token"


async def asked(token: str, headers: Mapping[str, str]) -> int:
    async def render() -> bytes:
        return b"dd0c_x 1\n"

    app = web.Application()
    metrics.register(app, render, "text/plain; version=1.0.0", token)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        async with aiohttp.ClientSession(f"http://127.0.0.1:{runner.addresses[0][1]}") as session:
            return (await session.get("/metrics", headers=headers)).status
    finally:
        await runner.cleanup()


@pytest.mark.parametrize(
    ("token", "headers", "status"),
    [
        ("", {}, 200),
        ("", {"X-Forwarded-For": "127.0.0.1"}, 404),
        ("", {"Forwarded": "for=192.0.2.1"}, 404),
        ("a-long-token", {}, 404),
        ("a-long-token", {"Authorization": "Bearer wrong"}, 404),
        ("a-long-token", {"Authorization": "a-long-token"}, 404),
        ("a-long-token", {"Authorization": TOKEN}, 200),
        ("a-long-token", {"Authorization": TOKEN, "X-Forwarded-For": "192.0.2.1"}, 200),
    ],
)
async def test_numbers_are_for_this_machine_or_who_has_the_token(
    token: str, headers: Mapping[str, str], status: int
) -> None:
    assert await asked(token, headers) == status
