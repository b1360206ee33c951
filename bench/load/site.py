"""The bot with a card to click on and a key to its API, and an address that takes what it answers."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import msgspec
from aiohttp import web

from bench.load.traffic import Traffic
from bench.slack.processes import Running, bot_process
from bot.identity import utc_now
from bot.mongod import LocalMongod
from demo.stage import Stage
from demo.story import Story
from engine.models.api_key import Scope
from services.keys import Keys
from store.connect import connect
from store.replica_set import ensure_primary

_POLL_SECONDS = "5"
# One key asks for everybody here.
_UNLIMITED = "100000"
_FIRST_LOOK_SECONDS = 180.0
_KIB = 1024


class Site(msgspec.Struct, frozen=True):
    """What is put under load."""

    stage: Stage
    bot: Running
    traffic: Traffic

    def rss(self) -> int:
        """Bytes of memory that the bot's process has now."""
        status = Path(f"/proc/{self.bot.pid}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0]) * _KIB

    def cpu_seconds(self) -> float:
        """How long the bot's process was at work so far, in all its threads."""
        fields = Path(f"/proc/{self.bot.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@asynccontextmanager
async def opened() -> AsyncIterator[Site]:
    """Start ``dd0c serve`` over a mongod of its own, connect an account, and let somebody type 100 for 1."""
    async with (
        Stage(with_bot=False) as stage,
        bot_process(stage, DD0C_API_REQUESTS_PER_MINUTE=_UNLIMITED, DD0C_POLL_SECONDS=_POLL_SECONDS) as bot,
        _answers() as answers,
    ):
        card, _ = await Story(stage, lambda _text: None).typo()
        key, anomaly_id = await _key(bot)
        yield Site(stage, bot, Traffic(stage, card, anomaly_id, key, answers))


async def _key(bot: Running) -> tuple[str, str]:
    """Make a key as ``dd0c keys create`` does, and give the id of the one anomaly."""
    uri = LocalMongod(bot.folder / "mongod", ensure_primary=ensure_primary).last_uri
    if uri is None:
        raise RuntimeError("the bot runs no mongod of its own")
    store = await connect(uri)
    try:
        [(tenant_id, _)] = await store.system.find_due_accounts()
        async with asyncio.timeout(_FIRST_LOOK_SECONDS):  # At what is idle, in every Region: it comes once.
            while not any(scan.ended_at for scan in await store.zombies.find_scans(tenant_id)):  # noqa: ASYNC110 - another process looks
                await asyncio.sleep(1)
        keys = Keys(store.api_keys, os.urandom, utc_now)
        key, _ = await keys.create(tenant_id, "bench", [Scope.READ, Scope.WRITE], by="operator")
        async with (
            aiohttp.ClientSession(headers={"Authorization": f"Bearer {key}"}) as session,
            session.get(f"{bot.url}/v1/anomalies") as answer,
        ):
            found = await answer.json()
        return key, found["anomalies"][0]["anomaly_id"]
    finally:
        store.close()


@asynccontextmanager
async def _answers() -> AsyncIterator[str]:
    """Slack's side of answers to commands: nothing of it is drawn or kept."""

    async def take(request: web.Request) -> web.Response:
        await request.read()
        return web.Response(text="ok")

    app = web.Application()
    app.router.add_post("/answers/{number}", take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, backlog=1024).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/answers/"
    finally:
        await runner.cleanup()
