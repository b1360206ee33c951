"""``dd0c accounts`` as an operator runs it: on a real database, with a simulated AWS and keys of its users."""

import asyncio
import base64
import logging
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from click.testing import CliRunner, Result
from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorDatabase

from bot.cli import main
from bot.key_health import KeyHealth, look_at_keys
from bot.settings import load_core_settings
from demo.aws_account import AwsSimulator
from engine.customer_role import ACTIONS
from store.connect import connect
from tests.store.samples import tenant

pytestmark = pytest.mark.integration
ACCOUNT = "111122223333"
Run = Callable[..., Awaitable[Result]]
KEYS = [base64.b64encode(os.urandom(32)).decode() for _ in range(2)]


@pytest.fixture
def database() -> str:
    return f"accounts-{uuid4().hex[:12]}"


@pytest.fixture
async def aws() -> AsyncIterator[AwsSimulator]:
    simulator = AwsSimulator(lookup_rate=None)
    simulator.add_account(ACCOUNT, ("us-east-1", "eu-west-1"), alias="acme")
    await simulator.start()
    yield simulator
    await simulator.stop()


class Shelf:
    """What the database holds, past the program."""

    def __init__(self, database: AsyncIOMotorDatabase[dict[str, object]]) -> None:
        self._database = database

    async def read(self) -> str:
        names = await self._database.list_collection_names()
        return repr([await self._database[name].find().to_list(None) for name in names])

    async def age_key(self, span: timedelta) -> None:
        """Let the one key have been given so long ago."""
        await self._database.access_keys.update_one({}, {"$set": {"given_at": datetime.now(UTC) - span}})


@pytest.fixture
async def shelf(mongod_uri: str, database: str) -> AsyncIterator[Shelf]:
    client: AsyncIOMotorClient[dict[str, object]] = AsyncIOMotorClient(mongod_uri)
    yield Shelf(client[database])
    client.close()


@pytest.fixture
async def run(aws: AwsSimulator, mongod_uri: str, database: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    """An installation for one workspace, whose bot has no identity of its own in AWS."""
    for name, value in {
        "MONGODB_URI": mongod_uri,
        "DD0C_DATABASE": database,
        "AWS_ENDPOINT_URL": aws.url,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_CONFIG_FILE": os.devnull,
        "SLACK_BOT_TOKEN": "xoxb-1",
        "SLACK_API_URL": "http://127.0.0.1:1/api/",
        "SLACK_SIGNING_SECRET": "a-signing-secret",
        "DD0C_ALERT_CHANNEL": "C1",
        "DD0C_ENCRYPTION_KEYS": f"v1:{KEYS[0]}",
    }.items():
        monkeypatch.setenv(name, value)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "SLACK_CLIENT_ID", "STRIPE_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    store = await connect(mongod_uri, database)
    await store.tenants.save_tenant(tenant())
    store.close()

    async def run_one(*words: str, given: str = "") -> Result:
        """In a thread, because commands bring event loops of their own."""
        return await asyncio.to_thread(CliRunner().invoke, main, list(words), input=given)

    return run_one


async def test_a_key_is_given_listed_replaced_and_sealed_anew_and_its_secret_is_nowhere(
    run: Run,
    aws: AwsSimulator,
    shelf: Shelf,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    first, second = (aws.add_caller(ACCOUNT, name, may_read=True) for name in ("dd0c", "dd0c-2"))
    added = await run("accounts", "add", "--access-key-id", first.access_key_id, given=first.secret_access_key + "\n")
    assert added.exit_code == 0, added.output
    assert f"acme ({ACCOUNT}) is read by access key ...{first.access_key_id[-4:]}. Its history is read next." in (
        added.output
    )
    listed = await run("accounts", "list")
    assert f"{ACCOUNT}  learning       access key ...{first.access_key_id[-4:]}, given " in listed.output

    aws.deactivate(first)
    sick = await run("doctor")
    assert f"access keys: account {ACCOUNT}: AWS does not take access key" in sick.output
    assert "AWS: this bot has no identity of its own there, and reads accounts by access keys alone" in sick.output

    replaced = await run(
        "accounts", "rotate", ACCOUNT, "--access-key-id", second.access_key_id, given=second.secret_access_key
    )
    assert replaced.exit_code == 0, replaced.output
    assert await health() == KeyHealth(1)

    monkeypatch.setenv("DD0C_ENCRYPTION_KEYS", f"v1:{KEYS[0]},v2:{KEYS[1]}")
    assert "1 access keys" in (await run("keys", "rotate")).output
    monkeypatch.setenv("DD0C_ENCRYPTION_KEYS", f"v2:{KEYS[1]}")
    assert await health() == KeyHealth(1)

    await shelf.age_key(timedelta(days=100))
    [old] = (await health()).faults
    assert f"of account {ACCOUNT} was given 100 days ago" in old
    assert "(old: replace it)" in (await run("accounts", "list")).output
    kept = await shelf.read()
    assert second.access_key_id in kept
    said = "".join(one.output for one in (added, listed, sick, replaced))
    for secret in (first.secret_access_key, second.secret_access_key):
        for form in (secret, base64.b64encode(secret.encode()).decode()):
            assert form not in caplog.text
            assert form not in said
            assert form not in kept
    assert len(caplog.text) > 1000


async def health() -> KeyHealth:
    """What the doctor looks at, without all else that it does."""
    return await look_at_keys(load_core_settings())


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"SLACK_BOT_TOKEN": "", "SLACK_CLIENT_ID": "1.2"}, "an installation of your own"),
        (
            {"STRIPE_API_KEY": "sk_test_1", "STRIPE_WEBHOOK_SECRET": "whsec_1", "DD0C_STRIPE_PRICE": "price_1"},
            "an installation of your own",
        ),
        ({"DD0C_ENCRYPTION_KEYS": ""}, "DD0C_ENCRYPTION_KEYS is not set, so a secret could not be kept sealed"),
    ],
)
async def test_where_keys_are_not_taken(
    run: Run, aws: AwsSimulator, monkeypatch: pytest.MonkeyPatch, changes: dict[str, str], words: str
) -> None:
    others = {"SLACK_CLIENT_SECRET": "s", "DD0C_URL": "https://costs.acme.example"}
    for name, value in (others | changes).items():
        monkeypatch.setenv(name, value)
    user = aws.add_caller(ACCOUNT, "dd0c", may_read=True)
    refused = await run("accounts", "add", "--access-key-id", user.access_key_id, given=user.secret_access_key)
    assert (refused.exit_code, words in refused.output) == (1, True), refused.output
    assert aws.calls_of("GetCallerIdentity") == []


async def test_a_key_that_lets_nobody_watch_is_named_with_what_to_do(run: Run, aws: AwsSimulator) -> None:
    idle = aws.add_caller(ACCOUNT, "idle")
    refused = await run("accounts", "add", "--access-key-id", idle.access_key_id, given=idle.secret_access_key)
    assert refused.exit_code == 1
    assert "Nothing was changed" in refused.output
    assert "`cloudtrail:LookupEvents`" in refused.output
    assert (await run("accounts", "list")).output == ""
    printed = (await run("accounts", "policy")).output
    assert all(action in printed for action in ACTIONS[next(iter(ACTIONS))])


async def test_the_secret_has_no_place_on_the_command_line(run: Run) -> None:
    for command in ("add", "rotate"):
        said = (await run("accounts", command, "--help")).output
        assert "--secret" not in said
