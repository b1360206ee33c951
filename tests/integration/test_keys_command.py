"""``dd0c keys`` as an operator runs it, on a real database."""

import asyncio
import base64
import os
from collections.abc import Callable
from uuid import uuid4

import pytest
from click.testing import CliRunner, Result

from bot.cli import main
from clients.cipher import Cipher, parse_keys
from store.connect import connect
from tests.store.samples import OTHER_TENANT, installation, tenant

pytestmark = pytest.mark.integration
Run = Callable[..., Result]


@pytest.fixture
def database() -> str:
    return f"keys-{uuid4().hex[:12]}"


@pytest.fixture
def run(mongod_uri: str, database: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("MONGODB_URI", mongod_uri)
    monkeypatch.setenv("DD0C_DATABASE", database)
    return lambda *words: CliRunner().invoke(main, ["keys", *words])


async def add_tenants(uri: str, database: str, *ids: str) -> None:
    store = await connect(uri, database)
    for tenant_id in ids:
        await store.tenants.save_tenant(tenant(tenant_id))
    store.close()


def test_before_the_first_start_there_is_nobody_to_make_keys_for(run: Run) -> None:
    answer = run("create", "--name", "x", "--scope", "write")
    assert answer.exit_code == 1
    assert "dd0c serve" in answer.output


def test_a_key_is_shown_once_listed_without_it_and_revoked(run: Run, mongod_uri: str, database: str) -> None:
    have_tenants(mongod_uri, database, tenant().tenant_id)
    made = run("create", "--name", "host 7", "--scope", "write", "--days", "30")
    assert made.exit_code == 0, made.output
    key = made.stdout.strip()
    key_id = key.split("_", 1)[1][:8]
    assert key.startswith("dd0c_")
    listed = run("list").output
    assert f"{key_id}  works" in listed
    assert "host 7" in listed
    assert key not in listed
    assert run("revoke", key_id).exit_code == 0
    assert f"{key_id}  revoked" in run("list").output
    again = run("revoke", key_id)
    assert (again.exit_code, "no working key" in again.output) == (1, True)


def test_with_several_tenants_one_must_be_named(run: Run, mongod_uri: str, database: str) -> None:
    have_tenants(mongod_uri, database, tenant().tenant_id, OTHER_TENANT)
    assert "--team" in run("list").output
    assert run("list", "--team", tenant(OTHER_TENANT).team_id).exit_code == 0
    assert run("list", "--team", "T-nobody").exit_code == 1


def have_tenants(uri: str, database: str, *ids: str) -> None:
    """The commands bring event loops of their own, so these tests have none."""
    asyncio.run(add_tenants(uri, database, *ids))


def given_keys(*versions: str) -> str:
    return ",".join(f"{version}:{base64.b64encode(version.encode() * 16).decode()}" for version in versions)


async def add_installations(uri: str, database: str, keys: str) -> None:
    store = await connect(uri, database)
    for number in range(3):
        given = installation(team_id=f"T{number}", custom_values={"tenant_id": f"tenant-{number}"})
        await store.installations(Cipher(parse_keys(keys), os.urandom)).async_save(given)
    store.close()


async def read_tokens(uri: str, database: str, keys: str) -> list[str]:
    store = await connect(uri, database)
    bots = [
        await store.installations(Cipher(parse_keys(keys), os.urandom)).find_bot_of(f"tenant-{number}")
        for number in range(3)
    ]
    store.close()
    return [bot.bot_token for bot in bots if bot]


def test_all_tokens_get_the_newest_key_once(
    run: Run, mongod_uri: str, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asyncio.run(add_installations(mongod_uri, database, given_keys("v1")))
    monkeypatch.setenv("DD0C_ENCRYPTION_KEYS", given_keys("v1", "v2"))
    rotated = run("rotate")
    assert (rotated.exit_code, rotated.output[:2]) == (0, "3 ")
    assert run("rotate").output.startswith("0 ")
    assert asyncio.run(read_tokens(mongod_uri, database, given_keys("v2"))) == ["xoxb-secret"] * 3


def test_a_token_whose_key_is_gone_stops_no_other(
    run: Run, mongod_uri: str, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asyncio.run(add_installations(mongod_uri, database, given_keys("v1")))
    monkeypatch.setenv("DD0C_ENCRYPTION_KEYS", given_keys("v2"))
    refused = run("rotate")
    assert refused.exit_code == 1
    assert refused.output.startswith("0 installations")
    assert refused.output.count("the key 'v1', which DD0C_ENCRYPTION_KEYS does not have") == 3


def test_rotating_needs_keys(run: Run) -> None:
    refused = run("rotate")
    assert refused.exit_code == 1
    assert "DD0C_ENCRYPTION_KEYS is not set" in refused.output
