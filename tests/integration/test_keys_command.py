"""``dd0c keys`` as an operator runs it, on a real database."""

import asyncio
from collections.abc import Callable
from uuid import uuid4

import pytest
from click.testing import CliRunner, Result

from bot.cli import main
from store.connect import connect
from tests.store.samples import OTHER_TENANT, tenant

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
