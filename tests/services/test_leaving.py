"""Who leaves: nothing is read any more, everything is deleted however often that is interrupted, a tombstone stays."""

from typing import Any

import pytest

from blocks.disconnect import disconnect
from engine.audit import find_faults
from engine.errors import Conflict, InputError, NotFound, Unavailable
from engine.models.account import AccountStatus
from engine.models.report import DisconnectAsked, DisconnectBegun
from engine.models.work import WorkItem, WorkKind
from services.leaving import Departures
from services.onboarding import Onboarding
from services.role_checking import RoleChecking
from tests.services.test_inbox import Broken, Inbox
from tests.services.world import ACCOUNT, TENANT, World

PURGE = WorkItem(WorkKind.PURGE, TENANT, ACCOUNT)
ARN = f"arn:aws:iam::{ACCOUNT}:role/dd0c-cost-readonly"


def departures(world: World, leaving: Any = None) -> Departures:
    store = world.store
    return Departures(
        accounts=store.accounts,
        tenants=store.tenants,
        leaving=leaving or store.leaving,
        lookups=store.system,
        queue=world.queue,
        clock=world.clock,
    )


async def leave(world: World) -> None:
    await departures(world).disconnect(TENANT, "U1", [ACCOUNT, ACCOUNT])


async def test_once_asks_and_twice_does(world: World) -> None:
    asked = await departures(world).disconnect(TENANT, "U1", [ACCOUNT])
    assert asked == DisconnectAsked(ACCOUNT, "production")
    assert f"/dd0c disconnect {ACCOUNT} {ACCOUNT}" in str(disconnect(asked).blocks)
    assert (await world.account()).status is AccountStatus.ACTIVE
    begun = await departures(world).disconnect(TENANT, "U1", [ACCOUNT, ACCOUNT])
    assert begun == DisconnectBegun(ACCOUNT, "production")
    assert (await world.account()).status is AccountStatus.DISCONNECTING
    assert world.queue.items == [PURGE]


async def test_asking_again_while_it_goes_changes_nothing(world: World) -> None:
    await leave(world)
    assert isinstance(await departures(world).disconnect(TENANT, "U2", [ACCOUNT]), DisconnectBegun)
    assert "U1" in (await world.account()).status_detail


@pytest.mark.parametrize(
    "words", [[], ["production"], [ACCOUNT, "444455556666"], [ACCOUNT] * 3, ["٣" * 12], [ACCOUNT, "yes"]]
)
async def test_anything_else_does_nothing_and_says_what_to_say(world: World, words: list[str]) -> None:
    with pytest.raises(InputError, match="Say"):
        await departures(world).disconnect(TENANT, "U1", words)
    assert (await world.account()).status is AccountStatus.ACTIVE


async def test_another_tenants_account_is_not_found(world: World) -> None:
    with pytest.raises(NotFound):
        await departures(world).disconnect("t-2", "U1", [ACCOUNT, ACCOUNT])


@pytest.mark.integration
@pytest.mark.parametrize("method", ["delete_some", "count_deleted", "delete_account"])
@pytest.mark.parametrize("moment", ["before", "after"])
async def test_a_purge_goes_on_after_any_interruption(real_world: World, method: str, moment: str) -> None:
    world = real_world
    await world.ingest(world.launch(), world.launch(2))
    await Inbox(world).receive(world.launch())
    await leave(world)
    named: dict[str, Any] = {moment: method}
    with pytest.raises(Unavailable):
        await departures(world, Broken(world.store.leaving, Unavailable("away"), **named)).purge(TENANT, ACCOUNT)
    await departures(world).enqueue_purges()
    await departures(world).purge(TENANT, ACCOUNT)
    [tombstone] = await world.store.leaving.find_tombstones(TENANT)
    assert (tombstone.account_id, tombstone.at) == (ACCOUNT, world.clock())
    assert tombstone.counts["cost_events"] == 2
    assert tombstone.counts["inbox"] == 1
    assert await world.store.accounts.find_accounts(TENANT) == []
    assert await world.anomalies() == []
    assert await world.store.system.find_tenant_by_account(ACCOUNT) is None


async def test_an_account_that_stays_is_not_purged(world: World) -> None:
    await world.ingest(world.launch())
    await departures(world).purge(TENANT, ACCOUNT)
    await departures(world).purge(TENANT, "444455556666")
    assert len(await world.anomalies()) == 1


async def test_connecting_again_waits_until_all_is_deleted(world: World) -> None:
    await leave(world)
    onboarding = Onboarding(
        accounts=world.store.accounts,
        lookups=world.store.system,
        checking=RoleChecking(
            roles=None,  # type: ignore[arg-type] # it must not come so far as to ask AWS
            clock=world.clock,
            new_id=lambda: "x",
            principal_arn="arn:aws:iam::111111111111:role/bot",
        ),
        queue=world.queue,
        clock=world.clock,
        new_id=lambda: "x",
        teller=None,  # type: ignore[arg-type] # there is nothing to tell of
    )
    with pytest.raises(Conflict, match="being disconnected"):
        await onboarding.set_up(TENANT, ACCOUNT)
    with pytest.raises(Conflict, match="being disconnected"):
        await onboarding.connect(TENANT, ACCOUNT, ARN, "U1")
    await departures(world).purge(TENANT, ACCOUNT)
    await onboarding.set_up(TENANT, ACCOUNT)
    assert (await world.account()).status is AccountStatus.PENDING


async def test_a_tenant_goes_when_its_last_account_is_gone(world: World) -> None:
    await departures(world).disconnect_tenant(TENANT, "The app was uninstalled.")
    await departures(world).enqueue_purges()
    assert (await world.store.tenants.find_tenant(TENANT)).leaving
    assert set(world.queue.items) == {PURGE}
    await departures(world).purge(TENANT, ACCOUNT)
    await departures(world).enqueue_purges()
    with pytest.raises(NotFound):
        await world.store.tenants.find_tenant(TENANT)
    assert [one.account_id for one in await world.store.leaving.find_tombstones(TENANT)] == [ACCOUNT, ""]


async def test_an_account_connected_while_its_tenant_leaves_goes_too(world: World) -> None:
    tenant = await world.store.tenants.find_tenant(TENANT)
    await world.store.tenants.save_tenant(type(tenant)(**{**_fields(tenant), "leaving": True}))
    await departures(world).enqueue_purges()
    assert (await world.account()).status is AccountStatus.DISCONNECTING


def _fields(struct: Any) -> dict[str, Any]:
    return {name: getattr(struct, name) for name in struct.__struct_fields__}


async def test_the_audit_log_tells_who_disconnected_and_when_all_was_gone(world: World) -> None:
    await leave(world)
    await leave(world)
    await departures(world).purge(TENANT, ACCOUNT)
    entries = (await world.store.audit.find_chain(TENANT)).entries
    assert [(entry.action, entry.actor, entry.account_id) for entry in entries] == [
        ("account.disconnected", "U1", ACCOUNT),
        ("account.purged", "dd0c", ACCOUNT),
    ]


async def test_the_audit_log_of_a_tenant_that_leaves_ends_with_its_tombstones(world: World) -> None:
    for _ in range(2):
        await departures(world).disconnect_tenant(TENANT, "The app was uninstalled.")
    await departures(world).purge(TENANT, ACCOUNT)
    before = (await world.store.audit.find_chain(TENANT)).entries
    assert [entry.action for entry in before] == ["tenant.left", "account.disconnected", "account.purged"]
    await departures(world).enqueue_purges()
    chain = await world.store.audit.find_chain(TENANT)
    assert [entry.action for entry in chain.entries] == ["account.purged", "tenant.purged"]
    assert find_faults(chain, []) == []
