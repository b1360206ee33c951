"""How the bot starts, refuses to start, and ends."""

import asyncio
import os
import signal
import socket
from pathlib import Path

import pytest

from demo.stage import Stage
from store.connect import Store
from tests.handlers.installing import KEY, PUBLIC_URL, Browser
from tests.integration.bot_process import START_SECONDS, BotProcess, connect, is_running, leaks, mongod_pids, refused
from tests.store.conftest import fresh_database
from tests.store.samples import NOW, TENANT, account

pytestmark = pytest.mark.integration

SECRET = "not-for-anybody-elses-eyes"
COMPLETE = {
    "SLACK_SIGNING_SECRET": SECRET,
    "SLACK_BOT_TOKEN": f"xoxb-{SECRET}",
    "SLACK_API_URL": "http://127.0.0.1:9/api/",
    "DD0C_ALERT_CHANNEL": "C0123456789",
    "DD0C_PORT": "0",
}


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"SLACK_BOT_TOKEN": ""}, 'SLACK_BOT_TOKEN is not set: copy "Bot User OAuth Token"'),
        ({"SLACK_API_URL": "slack.com/api"}, "SLACK_API_URL must be an address such as https://slack.com/api/, with"),
        ({"AWS_ENDPOINT_URL": "localhost"}, "AWS_ENDPOINT_URL must be an address such as https://host"),
        ({"DD0C_PORT": "80800"}, "DD0C_PORT must be less than or equal to 65535"),
        ({"DD0C_LOG_LEVEL": "loud"}, "DD0C_LOG_LEVEL must be 'DEBUG', 'INFO', 'WARNING' or 'ERROR'"),
        ({"DD0C_POLL_SECONDS": "often"}, "DD0C_POLL_SECONDS must be a valid number"),
        ({}, "MONGODB_URI is not set: name a replica set there, or set DD0C_LOCAL_MONGOD=1"),
        ({"DD0C_WORKERS_IN_PROCESS": "0"}, "DD0C_WORK_QUEUE_URL is not set: with DD0C_WORKERS_IN_PROCESS=0 only"),
        ({"DD0C_SMTP_URL": f"mail://me:{SECRET}@host"}, "DD0C_SMTP_URL is to be like smtp://user:password@"),
        ({"DD0C_SMTP_URL": f"smtp://me:{SECRET}@host"}, "DD0C_SMTP_FROM is not set: name the address"),
        ({"DD0C_SMTP_FROM": "Ann <ann@example.com>"}, "DD0C_SMTP_FROM is to be like ann@example.com"),
        ({"DD0C_DIGEST_EMAILS": "ann@example.com,bob"}, "DD0C_DIGEST_EMAILS is to be like ann@example.com"),
        ({"DD0C_DIGEST_EMAILS": "ann@example.com"}, "DD0C_SMTP_URL is not set: DD0C_DIGEST_EMAILS needs a server"),
        ({"MONGODB_URI": f"mongo://me:{SECRET}@host"}, "MONGODB_URI must begin with mongodb://"),
        ({"MONGODB_URI": f"mongodb://me:{SECRET}@host:{SECRET}"}, "MONGODB_URI cannot be used"),
    ],
)
async def test_a_wrong_setting_is_named_and_no_secret_shown(
    tmp_path: Path, wrong: dict[str, str], sentence: str
) -> None:
    said = await refused(tmp_path, COMPLETE | wrong)
    assert sentence in said
    assert SECRET not in said


async def test_digests_by_mail_are_of_one_workspace(tmp_path: Path) -> None:
    many = {"SLACK_BOT_TOKEN": "", "SLACK_CLIENT_ID": "1.2", "SLACK_CLIENT_SECRET": SECRET, "DD0C_URL": PUBLIC_URL}
    mail = {"DD0C_SMTP_URL": "smtp://host", "DD0C_SMTP_FROM": "a@example.com", "DD0C_DIGEST_EMAILS": "b@example.com"}
    said = await refused(tmp_path, COMPLETE | many | mail | {"DD0C_ENCRYPTION_KEYS": KEY})
    assert "DD0C_DIGEST_EMAILS works with SLACK_BOT_TOKEN only" in said


async def test_all_missing_settings_are_named_at_once(tmp_path: Path) -> None:
    said = await refused(tmp_path, {})
    for name in ("MONGODB_URI", "SLACK_SIGNING_SECRET", "SLACK_BOT_TOKEN", "DD0C_ALERT_CHANNEL"):
        assert f"  {name} is not set: " in said


async def test_missing_and_unusable_settings_are_named_together(tmp_path: Path) -> None:
    said = await refused(tmp_path, {"DD0C_LOCAL_MONGOD": "maybe", "DD0C_PORT": "80800"})
    for name in ("DD0C_LOCAL_MONGOD must be", "DD0C_PORT must be", "SLACK_BOT_TOKEN is not set"):
        assert name in said
    assert "MONGODB_URI" not in said


async def test_a_taken_port_is_refused_before_anything_is_started(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as squatter:
        port = str(squatter.getsockname()[1])
        local = {"DD0C_LOCAL_MONGOD": "1", "DD0C_DATA_DIR": str(tmp_path / "data")}
        said = await refused(tmp_path, COMPLETE | local | {"DD0C_PORT": port})
    assert f"cannot listen at 127.0.0.1:{port} (Address already in use)" in said
    assert "0 takes a free one" in said
    assert not (tmp_path / "data").exists()


async def test_a_mongodb_that_does_not_answer_is_named(tmp_path: Path) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        uri = f"mongodb://me:{SECRET}@127.0.0.1:{nobody.getsockname()[1]}/?replicaSet=rs"
        said = await refused(tmp_path, COMPLETE | {"MONGODB_URI": uri})
    assert "MongoDB did not answer" in said
    assert SECRET not in said


async def test_where_nobody_pays_no_plan_keeps_an_account_unwatched(tmp_path: Path, mongod_uri: str) -> None:
    async with fresh_database(mongod_uri) as database:
        store = Store(database, retention_days=1)
        await store.accounts.insert_account(TENANT, account(paused_at=NOW))
        said = await refused(tmp_path, COMPLETE | {"MONGODB_URI": mongod_uri, "DD0C_DATABASE": database.name})
        assert "a plan kept unwatched are watched again: 1" in said
        [kept] = await store.accounts.find_accounts(TENANT)
        assert kept.paused_at is None


async def test_a_refused_token_and_a_second_bot_on_the_same_data_are_named(tmp_path: Path) -> None:
    async with Stage(with_bot=False) as stage, BotProcess(stage, tmp_path) as bot:
        said = await refused(tmp_path, {**bot.environment, "DD0C_PORT": "0"})
        assert f"{bot.data_dir / 'mongod'} is in use by process {bot.pid}: stop it, or set DD0C_DATA_DIR" in said
        elsewhere = {**bot.environment, "DD0C_PORT": "0", "MONGODB_URI": bot.local_uri()}
        stage.slack.revoke_token("account_inactive")
        said = await refused(tmp_path, elsewhere)
        assert "SLACK_BOT_TOKEN was refused (account_inactive): copy it again from the app's page." in said
        assert leaks(said, stage) == []


async def test_nothing_on_this_machine_is_reached_through_a_proxy(tmp_path: Path) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        proxy = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        proxies = dict.fromkeys(("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"), proxy)
        async with Stage(with_bot=False) as stage, BotProcess(stage, tmp_path, **proxies):
            await connect(stage)


async def test_a_profile_that_is_not_there_is_named(tmp_path: Path) -> None:
    local = {"DD0C_LOCAL_MONGOD": "1", "DD0C_DATA_DIR": str(tmp_path / "data"), "AWS_PROFILE": "gone"}
    said = await refused(tmp_path, COMPLETE | local)
    assert "The config profile (gone) could not be found" in said


async def test_sigterm_ends_it_cleanly_and_leaves_nothing_running(tmp_path: Path) -> None:
    async with Stage(with_bot=False) as stage, BotProcess(stage, tmp_path) as bot:
        (guard, mongod) = sorted(mongod_pids(bot.data_dir))
        assert await bot.terminate() == 0
        assert not is_running(guard)
        assert not is_running(mongod)
        assert not mongod_pids(bot.data_dir)


async def test_without_an_address_it_serves_by_socket_mode(tmp_path: Path) -> None:
    async with Stage(with_bot=False) as stage:
        given = {"SLACK_APP_TOKEN": stage.slack.line.app_token, "SLACK_SIGNING_SECRET": ""}
        async with BotProcess(stage, tmp_path, **given) as bot:
            stage.slack.connect_app()
            assert await stage.until(lambda: stage.slack.line.is_open, START_SECONDS)
            assert "/dd0c connect" in await stage.type("/dd0c help")
            assert await bot.terminate() == 0
        said = await refused(tmp_path, {**bot.environment, "SLACK_APP_TOKEN": "xapp-wrong"})
        assert "SLACK_APP_TOKEN was refused (invalid_auth)" in said


async def test_without_a_bot_token_anybody_may_install_it(tmp_path: Path) -> None:
    async with Stage(with_bot=False) as stage:
        given = {
            "SLACK_BOT_TOKEN": "",
            "DD0C_ALERT_CHANNEL": "",
            "SLACK_CLIENT_ID": stage.slack.oauth.client_id,
            "SLACK_CLIENT_SECRET": stage.slack.oauth.client_secret,
            "DD0C_URL": PUBLIC_URL,
            "DD0C_ENCRYPTION_KEYS": KEY,
        }
        async with BotProcess(stage, tmp_path, **given):
            assert "not set up yet" in await stage.type("/dd0c status")
            browser = Browser(str(stage.slack.app_urls.commands).removesuffix("/v1/slack/commands"))
            there = stage.slack.oauth.allow(await browser.begin(), stage.maria.user_id, stage.channel.channel_id)
            status, page, _ = await browser.get(there)
            assert (status, "installed in acme" in page) == (200, True)
            assert len(stage.slack.messages(stage.maria.user_id)) == 1
            assert "No AWS account" in await stage.type("/dd0c status")


async def test_what_an_installable_bot_needs_is_named_at_once(tmp_path: Path) -> None:
    said = await refused(tmp_path, {"SLACK_CLIENT_ID": "1.2", "DD0C_LOCAL_MONGOD": "1"})
    for name in ("SLACK_SIGNING_SECRET", "SLACK_CLIENT_SECRET", "DD0C_ENCRYPTION_KEYS", "DD0C_URL"):
        assert f"  {name} is not set: " in said
    assert "DD0C_ALERT_CHANNEL" not in said
    said = await refused(
        tmp_path, {"SLACK_CLIENT_ID": "1.2", "DD0C_ENCRYPTION_KEYS": "v1:short", "DD0C_URL": "http://x"}
    )
    assert "DD0C_ENCRYPTION_KEYS must look like" in said
    assert "DD0C_URL must be an address such as https://costs.example.com, without a path" in said
    assert "short" not in said


async def test_sigterm_while_it_starts_is_heard(tmp_path: Path) -> None:
    async with Stage(with_bot=False) as stage:
        auth = stage.slack.hold_next("auth.test")
        bot = BotProcess(stage, tmp_path)
        starting = asyncio.create_task(bot.start())
        await asyncio.wait_for(auth.arrived.wait(), START_SECONDS)
        os.kill(bot.pid, signal.SIGTERM)
        with pytest.raises(AssertionError, match="the bot did not start"):
            await starting
        auth.released.set()
        assert "Traceback" not in bot.log()
        assert not mongod_pids(bot.data_dir)
