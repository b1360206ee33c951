"""No query of a tenant's data runs without its tenant."""

import inspect
from collections.abc import Iterator
from datetime import UTC
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.monitoring import CommandFailedEvent, CommandListener, CommandStartedEvent, CommandSucceededEvent

from store.codec import Document
from store.connect import Store
from store.indexes import INDEXES
from tests.store.calls import DELEGATES, INTERNAL, SYSTEM_CALLS, TENANT_CALLS
from tests.store.conftest import Motor
from tests.store.samples import TENANT

REPOSITORIES = (
    "leases",
    "system",
    "tenants",
    "billing_rows",
    "paying_tenants",
    "users",
    "sessions",
    "seen",
    "accounts",
    "baselines",
    "breakers",
    "ledger",
    "anomalies",
    "amendments",
    "trackers",
    "access_keys",
    "search",
    "patterns",
    "panics",
    "policy_modes",
    "pauses",
    "outbox",
    "budgets",
    "posts",
    "homes",
    "spending",
    "bills",
    "spend_budgets",
    "spend_tags",
    "inbox",
    "api_keys",
    "audit",
    "leaving",
    "trails",
    "turns",
    "zombies",
    "zombie_asks",
    "installations",
    "oauth_states",
    "idempotency",
    "webhooks",
    "observations",
)
WITHOUT_DATA = {"hello", "ping", "commitTransaction", "abortTransaction", "endSessions", "getMore"}


class Recorder(CommandListener):
    """Keeps every command the driver sends."""

    def __init__(self) -> None:
        self.commands: list[tuple[str, Any]] = []

    def started(self, event: CommandStartedEvent) -> None:
        self.commands.append((event.command_name, event.command))

    def succeeded(self, event: CommandSucceededEvent) -> None:
        """Only what is asked counts here."""

    def failed(self, event: CommandFailedEvent) -> None:
        """Only what is asked counts here."""

    def scopes(self) -> Iterator[tuple[str, Any]]:
        """(command, filter or document) of everything sent so far, which is forgotten then."""
        sent, self.commands = self.commands, []
        for name, command in sent:
            if name not in WITHOUT_DATA:
                yield from ((name, scope) for scope in scopes_of(name, command))


def scopes_of(name: str, command: Any) -> list[Any]:
    """Return what limits a command to a tenant; a command nobody thought of fails the test."""
    match name:
        case "find":
            return [command["filter"]]
        case "findAndModify":
            return [command["query"]]
        case "aggregate":
            return [command["pipeline"][0]["$match"]]
        case "update":
            return [update["q"] for update in command["updates"]]
        case "delete":
            return [delete["q"] for delete in command["deletes"]]
        case "insert":
            return list(command["documents"])
    raise AssertionError(f"nobody says where the tenant stands in {name}")


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
async def watched_store(mongod_uri: str, real_database: Motor, recorder: Recorder) -> Store:
    """A store on an empty database whose commands are recorded."""
    await Store(real_database).ensure_indexes()
    client: AsyncIOMotorClient[Document] = AsyncIOMotorClient(
        mongod_uri, tz_aware=True, tzinfo=UTC, event_listeners=[recorder]
    )
    return Store(client[real_database.name])


def test_every_method_is_called_here() -> None:
    """A new method must be entered in one of the tables."""
    every = {
        f"{name}.{method}"
        for name in REPOSITORIES
        for method, _ in inspect.getmembers(_kind(name), inspect.iscoroutinefunction)
        if not method.startswith("_")
    }
    assert every == {*TENANT_CALLS, *SYSTEM_CALLS, *DELEGATES, *INTERNAL}


@pytest.mark.integration
async def test_every_command_names_its_tenant_except_the_system_look_ups(
    watched_store: Store, recorder: Recorder
) -> None:
    for name, call in TENANT_CALLS.items():
        await call(watched_store)
        scopes = list(recorder.scopes())
        assert scopes, f"{name} asked nothing"
        unscoped = [scope for scope in scopes if not isinstance(scope[1].get("tenant_id"), str)]
        assert not unscoped, f"{name} runs without tenant: {unscoped}"
    for name, call in {**SYSTEM_CALLS, **DELEGATES}.items():
        await call(watched_store)
        scopes = list(recorder.scopes())
        assert scopes, f"{name} asked nothing"
        assert all("tenant_id" not in scope for _, scope in scopes), f"{name} belongs to a repository of tenants"
    watched_store.close()


@pytest.mark.integration
async def test_the_look_ups_really_find_what_was_written(watched_store: Store) -> None:
    """The calls above prove little unless they touch something."""
    for name, call in TENANT_CALLS.items():
        if not name.startswith("leaving"):
            await call(watched_store)
    answers = {name: await call(watched_store) for name, call in SYSTEM_CALLS.items()}
    assert answers["system.find_due_accounts"]
    assert answers["system.find_tenant_by_account"] == TENANT
    assert answers["system.find_waiting_batches"]
    assert answers["system.find_zombie_asks"]
    assert answers["system.find_api_key"]
    assert answers["system.find_snoozed_before"]
    assert answers["system.claim_due_delivery"]
    watched_store.close()


@pytest.mark.integration
async def test_every_index_starts_with_the_tenant_except_the_system_ones(
    real_store: Store, real_database: Motor
) -> None:
    await real_store.ensure_indexes()  # A second time, which must change nothing.
    names = await real_database.list_collection_names()
    assert set(names) == set(INDEXES)
    for collection in names:
        for name, index in (await real_database[collection].index_information()).items():
            first = index["key"][0][0]
            assert first == "tenant_id" or name == "_id_" or name.startswith("system_"), (collection, name)


@pytest.mark.integration
async def test_every_query_is_served_by_an_index(
    watched_store: Store, recorder: Recorder, real_database: Motor
) -> None:
    for call in {**TENANT_CALLS, **SYSTEM_CALLS}.values():
        await call(watched_store)
    asked = [command for name, command in recorder.commands if name == "find"]
    assert len(asked) > 10
    for command in asked:
        query = {key: command[key] for key in ("find", "filter", "sort", "limit") if key in command}
        plan = await real_database.command("explain", query, verbosity="queryPlanner")
        assert "COLLSCAN" not in str(plan["queryPlanner"]["winningPlan"]), query
    watched_store.close()


def _kind(name: str) -> type[Any]:
    module = inspect.getmodule(Store)
    assert module
    kind: type[Any] = getattr(module, name.title().replace("_", ""))
    return kind
