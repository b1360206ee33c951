"""``dd0c audit`` as an operator runs it, on a real database."""

import asyncio
import base64
import csv
import io
import json
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import pytest
from click.testing import CliRunner, Result
from motor.motor_asyncio import AsyncIOMotorClient

from bot.cli import main
from store.connect import Store
from tests.store.samples import OTHER_TENANT, TENANT, audit_record, tenant

pytestmark = pytest.mark.integration
Run = Callable[..., Result]
KEYS = "v1:" + base64.b64encode(b"k" * 32).decode()


@pytest.fixture
def database(mongod_uri: str) -> str:
    """Two tenants with two entries each."""
    name = f"audit-{uuid4().hex[:12]}"

    async def fill(motor: Any) -> None:
        store = Store(motor, audit_keys=[b"k" * 32])
        await store.ensure_indexes()
        await store.tenants.save_tenant(tenant())
        for tenant_id in (TENANT, OTHER_TENANT) * 2:
            await store.audit.append(tenant_id, audit_record(actor="=cmd()", details={"to": "low"}))

    on_database(mongod_uri, name, fill)
    return name


@pytest.fixture
def run(mongod_uri: str, database: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("MONGODB_URI", mongod_uri)
    monkeypatch.setenv("DD0C_DATABASE", database)
    monkeypatch.setenv("DD0C_AUDIT_KEYS", KEYS)
    return lambda *words: CliRunner().invoke(main, ["audit", *words])


def on_database(uri: str, name: str, work: Callable[[Any], Awaitable[Any]]) -> None:
    """The commands bring event loops of their own, so these tests have none."""

    async def connected() -> None:
        client: AsyncIOMotorClient[Any] = AsyncIOMotorClient(uri, tz_aware=True)
        await work(client[name])
        client.close()

    asyncio.run(connected())


def test_what_was_changed_is_named_and_the_exit_status_says_so(run: Run, mongod_uri: str, database: str) -> None:
    good = run("verify")
    assert good.exit_code == 0, good.output
    assert good.stdout.count("intact, 2 entries, 2 signed, ends with 2 ") == 2
    on_database(mongod_uri, database, lambda motor: motor.audit_log.delete_one({"tenant_id": TENANT, "seq": 1}))
    bad = run("verify")
    assert bad.exit_code == 1
    assert f"tenant {TENANT}: entry 1 is missing" in bad.stderr
    assert run("verify", "--tenant", OTHER_TENANT).exit_code == 0
    assert run("verify", "--tenant", tenant().team_id).exit_code == 1
    assert run("verify", "--tenant", TENANT, "--from", "2").exit_code == 0


def test_without_keys_and_with_wrong_ones(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DD0C_AUDIT_KEYS", "")
    unchecked = run("verify")
    assert (unchecked.exit_code, "signatures were not checked" in unchecked.stderr) == (0, True)
    monkeypatch.setenv("DD0C_AUDIT_KEYS", "v1:" + base64.b64encode(b"x" * 32).decode())
    assert run("verify").exit_code == 1
    monkeypatch.setenv("DD0C_AUDIT_KEYS", "secret")
    malformed = run("verify")
    assert "DD0C_AUDIT_KEYS must look like" in malformed.stderr
    assert "secret" not in malformed.output


def test_nobodys_log_cannot_be_verified(run: Run) -> None:
    answer = run("verify", "--tenant", "T-NOBODY")
    assert (answer.exit_code, "no audit log" in answer.stderr) == (1, True)


def test_an_export_holds_all_and_is_recorded(run: Run) -> None:
    rows = list(csv.DictReader(io.StringIO(run("export", "--format", "csv").stdout)))
    assert [(row["tenant_id"], row["seq"]) for row in rows] == [
        (tenant_id, str(seq)) for tenant_id in sorted([TENANT, OTHER_TENANT]) for seq in (1, 2)
    ]
    assert rows[0]["actor"] == "'=cmd()"
    assert json.loads(rows[0]["details"]) == {"to": "low"}
    entries = json.loads(run("export", "--format", "json", "--tenant", TENANT).stdout)
    assert [entry["action"] for entry in entries] == ["setting.changed", "setting.changed", "audit.exported"]
    assert run("verify").exit_code == 0
