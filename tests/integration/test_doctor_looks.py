"""What ``dd0c doctor`` finds when one thing after the other is spoilt, each beside real servers on this machine."""

import base64
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import boto3  # type: ignore[import-untyped] # it ships no types
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.doctor import find_looks, look_once
from bot.settings import load_settings
from clients.cipher import Cipher, parse_keys
from demo.aws_account import AwsSimulator
from demo.slack_workspace import SlackWorkspace
from store.connect import connect
from tests.fixtures.mongod import running_mongod
from tests.fixtures.sqs import KEY_ID, SECRET, SqsServer
from tests.store.samples import installation

pytestmark = pytest.mark.integration
Said = Callable[..., Awaitable[str]]
OLD, NEW = (f"v1:{base64.b64encode(os.urandom(32)).decode()}" for _ in range(2))
NOBODY = "http://127.0.0.1:9"


@pytest.fixture
async def slack() -> AsyncIterator[SlackWorkspace]:
    async with SlackWorkspace(rate_limit=False) as workspace:
        workspace.add_channel("costs")
        yield workspace


@pytest.fixture
def said(slack: SlackWorkspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Said:
    """What is said of one thing with these settings, and whether that is well."""
    monkeypatch.chdir(tmp_path)
    channel = next(iter(slack.state.channels))
    complete = {
        "SLACK_SIGNING_SECRET": slack.signing_secret,
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_API_URL": slack.api_url,
        "DD0C_ALERT_CHANNEL": channel,
        "MONGODB_URI": "mongo://none",
        "AWS_ACCESS_KEY_ID": KEY_ID,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "DD0C_DATA_DIR": str(tmp_path / "data"),
    }

    async def examined(name: str, **changes: str) -> str:
        with monkeypatch.context() as given:
            for setting, value in {**complete, **changes}.items():
                given.setenv(setting, value)
            found = await look_once(name, dict(find_looks(load_settings()))[name])
        return f"{'ok' if found.healthy else 'WRONG'} {found.text}"

    return examined


async def test_slack_s_channel_scopes_and_client(said: Said, slack: SlackWorkspace) -> None:
    assert await said("Slack") == f"ok workspace acme ({slack.team_id}), cards go to #costs"
    channel = next(iter(slack.state.channels))
    assert "WRONG DD0C_ALERT_CHANNEL is C0NOBODY, and Slack says channel_not_found" in (
        await said("Slack", DD0C_ALERT_CHANNEL="C0NOBODY")
    )
    ann = slack.add_user("ann", real_name="Ann Lee")
    by_hand = {"DD0C_ALERT_CHANNEL": "", "DD0C_ADMIN_USER": ann.user_id}
    assert "ok workspace acme" in (good := await said("Slack", **by_hand))
    assert "Ann Lee is to choose the channel" in good
    assert "WRONG DD0C_ADMIN_USER is U0NOBODY, and Slack says user_not_found" in (
        await said("Slack", **by_hand | {"DD0C_ADMIN_USER": "U0NOBODY"})
    )
    slack.remove_bot(channel)
    assert "ok workspace" in await said("Slack")
    slack.set_scopes([one for one in slack.state.scopes if one != "chat:write.public"])
    assert await said("Slack") == "WRONG The bot is no member of #costs, where cards go. Type /invite there."
    slack.archive_channel(channel)
    assert await said("Slack") == "WRONG DD0C_ALERT_CHANNEL is #costs, which is archived. Name another one."
    slack.set_scopes(["chat:write", "commands"])
    assert f"cards go to {channel}, which the app's scopes do not let it look at" in await said("Slack")
    slack.set_scopes(["chat:write"])
    assert (await said("Slack")).startswith("WRONG The app lacks the scopes commands. Install the app again")
    assert "WRONG Signing in to Slack: Slack did not answer" in await said("Slack", SLACK_API_URL=f"{NOBODY}/api/")


async def test_the_client_that_workspaces_install(said: Said, slack: SlackWorkspace) -> None:
    many = {
        "SLACK_BOT_TOKEN": "",
        "SLACK_CLIENT_ID": slack.oauth.client_id,
        "SLACK_CLIENT_SECRET": slack.oauth.client_secret,
        "DD0C_URL": "https://costs.acme.example",
        "DD0C_ENCRYPTION_KEYS": OLD,
    }
    assert await said("Slack", **many) == "ok any workspace may install the app"
    for setting, word in (("SLACK_CLIENT_ID", "invalid_client_id"), ("SLACK_CLIENT_SECRET", "bad_client_secret")):
        refused = await said("Slack", **many | {setting: "123.456"})
        assert f"WRONG SLACK_CLIENT_ID and SLACK_CLIENT_SECRET were refused ({word}). Copy both again" in refused


async def test_a_connection_for_socket_mode(said: Said, slack: SlackWorkspace) -> None:
    assert await said("Socket Mode", SLACK_APP_TOKEN=slack.line.app_token) == "ok Slack gives this bot a connection"
    refused = await said("Socket Mode", SLACK_APP_TOKEN="xapp-1-wrong")
    assert "WRONG SLACK_APP_TOKEN was refused (invalid_auth): make one with the scope connections:write" in refused
    assert not slack.line.is_open


@pytest.mark.parametrize(("apart", "words"), [(400, "400 s ahead of"), (-400, "400 s behind"), (60, "")])
async def test_a_clock_that_is_wrong(said: Said, monkeypatch: pytest.MonkeyPatch, apart: int, words: str) -> None:
    began = datetime.now(UTC).replace(microsecond=0)
    monkeypatch.setattr("clients.slack.examining.parsedate_to_datetime", lambda _said: began)
    monkeypatch.setattr("bot.looks.slack.utc_now", lambda: began + timedelta(seconds=apart))
    found = await said("Slack")
    assert found.startswith(f"WRONG This machine's clock is {words} Slack's, and from" if words else "ok workspace")


async def test_databases_that_cannot_be_used(said: Said, tmp_path: Path, mongod_binary: str) -> None:
    assert "WRONG MONGODB_URI must begin with mongodb://" in await said("MongoDB")
    for other, setting in (
        ("access keys", {"DD0C_ENCRYPTION_KEYS": OLD}),
        ("trails", {"DD0C_TRAIL_URLS": "s3://a-trail"}),
    ):
        assert await said(other, **setting) == "ok not looked at, because MongoDB cannot be used"
    (tmp_path / "alone").mkdir()
    with running_mongod(mongod_binary, tmp_path / "alone") as port:
        alone = await said("MongoDB", MONGODB_URI=f"mongodb://127.0.0.1:{port}/")
    assert "WRONG MONGODB_URI leads to a single mongod, which has no transactions. Start it with --replSet" in alone
    (tmp_path / "file").touch()
    own = {"MONGODB_URI": "", "DD0C_LOCAL_MONGOD": "1"}
    assert "ok the bot's own: db version v" in await said("MongoDB", **own)
    assert not (tmp_path / "data").exists()
    full = await said("MongoDB", **own, DD0C_DATA_DIR=str(tmp_path / "file" / "data"))
    assert f"WRONG DD0C_DATA_DIR leads to {tmp_path}/file/data/mongod, where no database can be kept" in full


async def test_secrets_that_do_not_open(said: Said, mongod_uri: str) -> None:
    database = f"looks-{uuid4().hex[:12]}"
    store = await connect(mongod_uri, database)
    given = installation(team_id="T1", custom_values={"tenant_id": "tenant-1"})
    await store.installations(Cipher(parse_keys(OLD), os.urandom)).async_save(given)
    store.close()
    there = {"MONGODB_URI": mongod_uri, "DD0C_DATABASE": database}
    assert "with transactions" in await said("MongoDB", **there, DD0C_ENCRYPTION_KEYS=OLD)
    for keys, why in (
        (NEW, "does not open with the key 'v1'"),
        (f"v2{NEW[2:]}", "was sealed with the key 'v1', which DD0C_ENCRYPTION_KEYS does not have"),
        ("", "DD0C_ENCRYPTION_KEYS is not set"),
    ):
        shut = await said("MongoDB", **there, DD0C_ENCRYPTION_KEYS=keys)
        assert "WRONG 1 secrets in the database do not open: " in shut
        assert why in shut


@pytest.fixture
def bucket(s3_url: str) -> str:
    name = f"trail-{uuid4().hex[:12]}"
    s3 = boto3.client("s3", endpoint_url=s3_url, aws_access_key_id=KEY_ID, aws_secret_access_key=SECRET)
    s3.create_bucket(Bucket=name)
    s3.put_object(Bucket=name, Key="logs/AWSLogs/111122223333/CloudTrail/", Body=b"")
    return name


async def test_trails_and_the_archive(said: Said, tmp_path: Path, mongod_uri: str, s3_url: str, bucket: str) -> None:
    there = {"MONGODB_URI": mongod_uri, "DD0C_TRAIL_ENDPOINT_URL": s3_url, "DD0C_ARCHIVE_ENDPOINT_URL": s3_url}
    assert await said("trails", **there, DD0C_TRAIL_URLS=f"s3://{bucket}/logs") == "ok 1 can be listed"
    assert f"WRONG DD0C_TRAIL_URLS: there is no log file below s3://{bucket}/AWSLogs/. Name the place" in (
        await said("trails", **there, DD0C_TRAIL_URLS=f"s3://{bucket}")
    )
    for setting, name in (("DD0C_TRAIL_URLS", "trails"), ("DD0C_ARCHIVE_URL", "archive")):
        gone = await said(name, **there, **{setting: f"s3://{bucket}-gone/logs"})
        assert gone.startswith("WRONG ")
        assert f"bucket {bucket}-gone: NoSuchBucket" in gone
        assert setting in gone
        assert f"WRONG {setting}: 'ftp://logs' must be s3://bucket/prefix or file:///folder." in (
            await said(name, **there, **{setting: "ftp://logs"})
        )
    gone = await said("trails", **there, DD0C_TRAIL_URLS=(tmp_path / "nowhere").as_uri())
    assert gone.startswith("WRONG Listing ")
    assert "Look at DD0C_TRAIL_URLS" in gone


async def test_the_queue_of_notices(said: Said, sqs_server: SqsServer) -> None:
    url = sqs_server.client().create_queue(QueueName=f"notices-{uuid4().hex[:8]}")["QueueUrl"]
    there = {"AWS_ENDPOINT_URL": sqs_server.url}
    assert await said("notices", **there, DD0C_TRAIL_QUEUE_URL=url) == "ok 0 waiting"
    gone = await said("notices", **there, DD0C_TRAIL_QUEUE_URL=f"{url}-gone")
    assert gone.startswith("WRONG Looking at ")
    assert "DD0C_TRAIL_QUEUE_URL is a queue from which" in gone


async def test_files_of_this_machine(said: Said, tmp_path: Path) -> None:
    policy, prices = tmp_path / "policy.json", tmp_path / "data" / "prices.json.gz"
    assert f"WRONG DD0C_POLICY: {policy} cannot be opened" in await said("policy", DD0C_POLICY=str(policy))
    policy.write_text('{"governance_mode": "loud"}')
    assert f"WRONG DD0C_POLICY: {policy} cannot be read: " in await said("policy", DD0C_POLICY=str(policy))
    assert "WRONG DD0C_FLAGS: 'loud=on' says nothing. Write " in await said("flags", DD0C_FLAGS="loud=on")
    prices.parent.mkdir()
    prices.write_bytes(b"nothing")
    assert f"WRONG The price table {prices} cannot be used" in await said("prices")


async def test_who_else_is_spoken_to(said: Said, slack: SlackWorkspace) -> None:
    answers = {"/v1/traces": 200, "/closed/v1/traces": 401, "/role.yaml": 200, "/closed/role.yaml": 403}

    async def answer(request: web.Request) -> web.Response:
        return web.Response(status=answers[request.path], text="AWSTemplateFormatVersion: 2010-09-09")

    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", answer)
    async with TestServer(app) as server:
        root = str(server.make_url("/")).rstrip("/")
        assert await said("traces", OTEL_EXPORTER_OTLP_ENDPOINT=root) == f"ok {root}/v1/traces takes traces"
        assert f"WRONG {root}/closed/v1/traces answers 401 to traces. Look at OTEL_" in (
            await said("traces", OTEL_EXPORTER_OTLP_ENDPOINT=f"{root}/closed")
        )
    assert "did not answer" in (away := await said("traces", OTEL_EXPORTER_OTLP_ENDPOINT=NOBODY))
    assert "until it answers, spans are dropped" in away
    assert "WRONG https://127.0.0.1:9/role.yaml did not answer" in (
        await said("template", DD0C_TEMPLATE_URL="https://127.0.0.1:9/role.yaml")
    )
    signing_in = {"DD0C_OIDC_CLIENT_ID": "c", "DD0C_OIDC_CLIENT_SECRET": "s", "DD0C_URL": "https://costs.acme.example"}
    signing_in["DD0C_OIDC_ALLOW"] = "@acme.example"
    assert await said("sign-in", **signing_in, DD0C_OIDC_ISSUER=slack.url) == (
        f"ok {slack.url} describes itself; whom DD0C_OIDC_ALLOW names (@acme.example) is a responder in your workspace"
    )
    assert "everybody whom it signs in is a responder in your workspace" in (
        await said("sign-in", **signing_in | {"DD0C_OIDC_ALLOW": "*"}, DD0C_OIDC_ISSUER=slack.url)
    )
    assert f"WRONG DD0C_OIDC_ISSUER is {slack.url}/x, and its /.well-known/openid-configuration is not to be had" in (
        await said("sign-in", **signing_in, DD0C_OIDC_ISSUER=f"{slack.url}/x")
    )


async def test_the_bot_s_own_key_in_aws(said: Said) -> None:
    aws = AwsSimulator()
    await aws.start()
    try:
        assert "ok this bot is arn:aws:" in await said("AWS", **aws.environment())
        assert "WRONG " in (refused := await said("AWS", **aws.environment() | {"AWS_ACCESS_KEY_ID": "AKIANOBODY"}))
        assert "Look at AWS_ACCESS_KEY_ID" in refused
    finally:
        await aws.stop()
