"""``dd0c flags`` as an operator runs it, on a real database."""

import asyncio
from collections.abc import Callable
from uuid import uuid4

import pytest
from click.testing import CliRunner, Result
from motor.motor_asyncio import AsyncIOMotorClient

from bot.cli import main
from engine.models.account import GovernanceMode
from engine.models.anomaly import Decision, DecisionKind
from engine.models.breaker import EVERYWHERE, Breaker, Scope
from store.codec import Document
from store.connect import Store
from tests.store.samples import ACCOUNT, NOW, TENANT, account, anomaly, loaded, nothing_but, tenant

pytestmark = pytest.mark.integration
FLAG = "young_creep"
Run = Callable[..., Result]


@pytest.fixture
def run(mongod_uri: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A rule that its breaker switched off in one account, where it holds two alerts back, and everywhere."""
    name = f"flags-{uuid4().hex[:12]}"

    async def fill() -> None:
        client: AsyncIOMotorClient[Document] = AsyncIOMotorClient(mongod_uri, tz_aware=True)
        store = Store(client[name], retention_days=36_500)
        await store.ensure_indexes()
        await store.tenants.save_tenant(tenant())
        await store.accounts.insert_account(TENANT, account(mode=GovernanceMode.AUDIT))
        held = Decision(DecisionKind.LOG, "Held back.", flag=FLAG)
        found = {key: anomaly(key, decision=held) for key in ("a-1", "a-2")}
        _, version = await store.baselines.find(TENANT, ACCOUNT)
        await store.ledger.commit(TENANT, loaded(version), nothing_but(anomalies=found), NOW)
        for scope in (Scope(TENANT, ACCOUNT), EVERYWHERE):
            await store.breakers.open(Breaker(FLAG, scope, opened_at=NOW, in_hour=4, allowed=3.0))
        client.close()

    asyncio.run(fill())
    monkeypatch.setenv("MONGODB_URI", mongod_uri)
    monkeypatch.setenv("DD0C_DATABASE", name)
    return lambda *words: CliRunner().invoke(main, ["flags", *words])


def test_what_is_held_back_is_shown_and_sent_once_after_every_breaker_was_closed(run: Run) -> None:
    shown = run("show", FLAG).stdout
    assert f"{FLAG}  in account {ACCOUNT}  switched off" in shown
    assert f"{FLAG}  everywhere  switched off" in shown
    assert "held back  a-1" in shown
    assert "Breakers: 2. Alerts held back: 2." in shown
    assert f"Breakers of {FLAG} closed: 1." in run("reset", FLAG, "--account", ACCOUNT).stdout
    assert "sent: 0. Still held back: 2." in run("replay", FLAG).stdout
    assert f"Breakers of {FLAG} closed: 1." in run("reset", FLAG).stdout
    assert "on again" in run("show", FLAG).stdout
    assert "sent: 2. Still held back: 0." in run("replay", FLAG).stdout
    assert "sent: 0. Still held back: 0." in run("replay", FLAG).stdout


@pytest.mark.parametrize("command", ["show", "reset", "replay"])
def test_a_name_that_no_rule_has_is_refused(run: Run, command: str) -> None:
    refused = run(command, "yuong_creep")
    assert refused.exit_code == 1
    assert "No rule on trial is called 'yuong_creep'. There is young_creep." in refused.stderr


def test_the_list_needs_no_database(monkeypatch: pytest.MonkeyPatch) -> None:
    listed = CliRunner().invoke(main, ["flags", "list"])
    assert (listed.exit_code, listed.stdout.startswith("young_creep  0%  of detection  until ")) == (0, True)
    monkeypatch.setenv("DD0C_FLAGS", "young_creep=on")
    assert "young_creep  on by DD0C_FLAGS" in CliRunner().invoke(main, ["flags", "list"]).stdout
