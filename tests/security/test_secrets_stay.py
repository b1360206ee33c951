"""A whole bot at its most talkative, with known secrets everywhere: none of them is in anything that it writes."""

import asyncio
import base64
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import aiohttp
import msgspec
import pytest
from aiohttp import web
from motor.motor_asyncio import AsyncIOMotorClient

from demo.slack_workspace.models import View
from demo.stage import Stage
from demo.stripe_account.simulator import API_KEY, WEBHOOK_SECRET
from engine.models.api_key import Scope
from services.keys import Keys
from store.connect import connect as connect_store
from tests.fixtures.trackers import TOKEN, TrackerServer
from tests.handlers.installing import PUBLIC_URL, Browser
from tests.integration.bot_process import BotProcess, connect, leaks
from tests.security.asking import slack_headers

pytestmark = pytest.mark.integration
DATABASE = "dd0c"
SEALING_KEY = base64.b64encode(os.urandom(32)).decode()
GIVEN = {
    "OTEL_TRACES_SAMPLER_ARG": "1",
    "DD0C_METRICS_TOKEN": "opensesame-metrics",
    "DD0C_TRACE_KEY": "opensesame-of-traces-at-least-32-letters",
    "DD0C_ENCRYPTION_KEYS": f"v1:{SEALING_KEY}",
    "DD0C_AUDIT_KEYS": f"a1:{base64.b64encode(os.urandom(32)).decode()}",
    "OTEL_EXPORTER_OTLP_HEADERS": "authorization=opensesame-collector",
}


class Collector:
    """Takes traces; ``said`` is all that came."""

    def __init__(self) -> None:
        self.said = b""
        self.url = ""

    async def take(self, request: web.Request) -> web.Response:
        self.said += await request.read()
        return web.Response(content_type="application/x-protobuf")


@asynccontextmanager
async def collector() -> AsyncIterator[Collector]:
    taking = Collector()
    app = web.Application(client_max_size=1 << 26)
    app.router.add_post("/v1/traces", taking.take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    taking.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield taking
    await runner.cleanup()


async def install(stage: Stage, bot: BotProcess) -> None:
    """Let Maria add the app, so that its token is one that the bot keeps."""
    browser = Browser(bot.url)
    there = stage.slack.oauth.allow(await browser.begin(), stage.maria.user_id, stage.channel.channel_id)
    assert (await browser.get(there))[0] == 200


async def opened(stage: Stage, seen: set[str]) -> View:
    """The form that was not there before."""
    assert await stage.until(lambda: bool(set(stage.slack.views) - seen), 30)
    [form] = [one for view_id, one in stage.slack.views.items() if view_id not in seen]
    return form


def is_answered(form: View) -> bool:
    """Whether what came of it stands in the form's place."""
    return "Trying it" not in str(form.payload) and "said" in str(form.payload)


async def connect_tracker(stage: Stage, tracker: TrackerServer) -> None:
    """Give it a token, first a wrong one."""
    for token in ("wrong-" + TOKEN, TOKEN):
        await stage.type("/dd0c settings tickets")
        answer = stage.slack.ephemerals(stage.maria.user_id)[-1]
        seen = set(stage.slack.views)
        await stage.slack.click(
            stage.maria.user_id, stage.channel.channel_id, answer.message_ts, "tickets.connect:github"
        )
        form = await opened(stage, seen)
        values = {"base_url": tracker.url, "project": "acme/infra", "token": token}
        await stage.slack.submit_view(stage.maria.user_id, form.view_id, values)
        assert await stage.until(partial(is_answered, form), 30)
    assert "Connected" in str(form.payload)


async def provoke(bot: BotProcess, secrets: list[str]) -> str:
    """Knock at every kind of door with secrets in every place; gives all that was answered."""
    said = []
    async with aiohttp.ClientSession() as session:
        for secret in secrets:
            bearer = {"Authorization": f"Bearer {secret}", "X-Request-Id": secret, "Cookie": f"dd0c_session={secret}"}
            for path in ("/v1/accounts", "/metrics", "/dashboard", f"/v1/charts/{secret}", f"/{secret}?token={secret}"):
                async with session.get(bot.url + path, headers=bearer, allow_redirects=False) as answer:
                    said.append(await answer.text())
            body = f"command=/dd0c&text={secret}&token={secret}".encode()
            for path in ("/v1/slack/commands", "/v1/slack/events", "/v1/stripe/webhook", "/v1/ingest", "/sign-in"):
                async with session.post(
                    bot.url + path, data=body, headers={**bearer, **slack_headers(f"not {secret}", body)}
                ) as answer:
                    said.append(await answer.text())
    return "\n".join(said)


async def stored(uri: str) -> bytes:
    """All that is in the database."""
    client: AsyncIOMotorClient[dict[str, object]] = AsyncIOMotorClient(uri)
    try:
        names = await client[DATABASE].list_collection_names()
        found = {name: await client[DATABASE][name].find().to_list(None) for name in names}
    finally:
        client.close()
    assert {"installations", "api_keys", "webhooks", "trackers"} <= set(found)
    return repr(found).encode()


async def test_everything_is_logged_and_no_secret_is_found(tmp_path: Path) -> None:
    async with Stage(with_bot=False, installable=True) as stage, collector() as spans, TrackerServer() as tracker:
        given = {**GIVEN, "DD0C_URL": PUBLIC_URL, "OTEL_EXPORTER_OTLP_ENDPOINT": spans.url}
        async with BotProcess(stage, tmp_path, **given) as bot:
            await install(stage, bot)
            await connect(stage)
            await connect_tracker(stage, tracker)
            store = await connect_store(bot.local_uri(), DATABASE)
            [tenant] = await store.system.find_tenants(2)
            key, _ = await Keys(store.api_keys, os.urandom, stage.now).create(
                tenant.tenant_id, "all", list(Scope), by="operator"
            )
            store.close()
            hook = await make_webhook(bot.url, key)
            secrets = [
                key,
                hook,
                stage.slack.bot_token,
                stage.slack.signing_secret,
                stage.slack.oauth.client_secret,
                stage.aws.caller.secret_access_key,
                API_KEY,
                WEBHOOK_SECRET,
                TOKEN,
                SEALING_KEY,
                *(one.partition("=")[2] or one for one in GIVEN.values() if "opensesame" in one),
            ]
            answered = await provoke(bot, secrets)
            for method in ("chat.postMessage", "views.open", "*"):
                stage.slack.fail_next(method, error="internal_error", status=500, times=2)
            await stage.slack.run_command(stage.maria.user_id, stage.channel.channel_id, "/dd0c status")
            await asyncio.sleep(6)  # Spans are sent every five seconds.
            database = await stored(bot.local_uri())
            assert await bot.terminate() == 0
        log = bot.log()
        assert all(word in log for word in ("INFO", "WARNING"))
        assert len(spans.said) > 2000
        written = {"log": log.encode(), "spans": spans.said, "answers": answered.encode(), "database": database}
        # What tells somebody's own secret in the answer that makes it is the one place for it.
        found = [
            (where, secret[:12])
            for where, text in written.items()
            for secret in secrets
            for form in (secret.encode(), base64.b64encode(secret.encode()), secret.encode().hex().encode())
            if form in text
        ]
        assert found == []
        assert leaks(log, stage) == []


async def make_webhook(url: str, key: str) -> str:
    """Have one made; gives its secret."""
    async with (
        aiohttp.ClientSession(headers={"Authorization": f"Bearer {key}"}) as session,
        session.post(url + "/v1/webhooks", json={"url": "https://hooks.acme.example/x"}) as answer,
    ):
        said = msgspec.json.decode(await answer.read())
        assert answer.status == 201, said
        return str(said["secret"])
