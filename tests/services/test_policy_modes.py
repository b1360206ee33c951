"""Whatever mode the operator's policy gives accounts, each tenant's audit log says so, once for each change."""

from typing import Any

import msgspec

from engine.audit import find_faults
from engine.errors import Conflict
from engine.models.account import AccountStatus, GovernanceMode
from engine.models.audit import AuditAction
from engine.models.policy import NO_POLICY, Policy
from services.policy_modes import PolicyModeFollower
from store.policy_modes import PolicyModes
from tests.services.world import ACCOUNT, MINUTE, TENANT, World

STRICT, AUDIT = GovernanceMode.STRICT, GovernanceMode.AUDIT
OTHER = "999988887777"


def follower(world: World) -> PolicyModeFollower:
    return PolicyModeFollower(world.store.policy_modes, world.policies, world.clock)


async def entries(world: World, tenant_id: str = TENANT) -> list[tuple[str, str, object]]:
    chain = await world.store.audit.find_chain(tenant_id)
    assert all(one.actor == "operator" for one in chain.entries if one.action == AuditAction.POLICY_CHANGED)
    return [
        (str(one.details["governance_mode"]), str(one.details["account_ids"]), one.account_id)
        for one in chain.entries
        if one.action == AuditAction.POLICY_CHANGED
    ]


async def connect(world: World, account_id: str, tenant_id: str = TENANT) -> None:
    known = await world.account()
    await world.store.accounts.insert_account(tenant_id, msgspec.structs.replace(known, account_id=account_id))


async def test_a_change_is_recorded_once_over_all_processes_and_restarts(world: World) -> None:
    follow = follower(world).follow
    assert await follow() == 0
    world.policies.policy = Policy(STRICT)
    assert await follow() == 1
    assert [await follow(), await follower(world).follow()] == [0, 0]
    assert await entries(world) == [("strict", ACCOUNT, ACCOUNT)]
    world.policies.policy = NO_POLICY
    assert await follow() == 1
    assert [await follow(), await follower(world).follow()] == [0, 0]
    assert await entries(world) == [("strict", ACCOUNT, ACCOUNT), ("audit", ACCOUNT, ACCOUNT)]


async def test_who_is_not_touched_has_no_entry(world: World) -> None:
    known = await world.store.tenants.find_tenant(TENANT)
    await world.store.tenants.save_tenant(msgspec.structs.replace(known, tenant_id="t-2", team_id="T2"))
    await connect(world, OTHER, "t-2")
    world.policies.policy = Policy(STRICT, {ACCOUNT: AUDIT})
    assert await follower(world).follow() == 1
    world.policies.policy = Policy(AUDIT, {OTHER: STRICT})
    assert await follower(world).follow() == 0
    assert (await entries(world), await entries(world, "t-2")) == ([], [("strict", OTHER, OTHER)])
    assert find_faults(await world.store.audit.find_chain("t-2"), []) == []


async def test_one_entry_names_all_accounts_of_a_tenant(world: World) -> None:
    await connect(world, OTHER)
    world.policies.policy = Policy(STRICT)
    await follower(world).follow()
    assert await entries(world) == [("strict", f"{ACCOUNT} {OTHER}", "")]


async def test_what_is_connected_under_a_strict_policy_is_recorded_within_a_minute(world: World) -> None:
    world.policies.policy = Policy(STRICT)
    follow = follower(world).follow
    await follow()
    await connect(world, OTHER)
    assert await follow() == 0
    world.turn(MINUTE)
    assert await follow() == 1
    assert (await entries(world))[1:] == [("strict", OTHER, OTHER)]


async def test_what_leaves_is_not_said_to_be_free(world: World) -> None:
    await connect(world, OTHER)
    world.policies.policy = Policy(STRICT)
    await follower(world).follow()
    await world.change_account(status=AccountStatus.DISCONNECTING)
    assert await follower(world).follow() == 0
    assert len(await entries(world)) == 1


async def test_a_tenant_that_cannot_be_noted_holds_up_no_other_and_is_tried_again(world: World) -> None:
    known = await world.store.tenants.find_tenant(TENANT)
    await world.store.tenants.save_tenant(msgspec.structs.replace(known, tenant_id="z-2", team_id="T2"))
    await connect(world, OTHER, "z-2")
    refused = [TENANT]

    class Refusing(PolicyModes):
        async def note(self, tenant_id: str, *noted: Any) -> bool:
            if tenant_id in refused:
                raise Conflict("somebody else writes there all the time")
            return await super().note(tenant_id, *noted)

    store = world.store
    refusing = Refusing(store._database, store.audit, store.system)  # noqa: SLF001 - the same store, which fails for one
    follow = PolicyModeFollower(refusing, world.policies, world.clock).follow
    world.policies.policy = Policy(STRICT)
    assert TENANT < "z-2"
    assert await follow() == 1
    assert (await entries(world), await entries(world, "z-2")) == ([], [("strict", OTHER, OTHER)])
    refused.clear()
    world.turn(MINUTE)
    assert await follow() == 1
    assert await entries(world) == [("strict", ACCOUNT, ACCOUNT)]


async def test_who_was_slower_writes_nothing(world: World) -> None:
    class Slow(PolicyModes):
        async def find_noted(self) -> dict[str, frozenset[str]]:
            found = await super().find_noted()
            await follower(world).follow()
            return found

    store = world.store
    slow = Slow(store._database, store.audit, store.system)  # noqa: SLF001 - the same store, at another pace
    world.policies.policy = Policy(STRICT)
    assert await PolicyModeFollower(slow, world.policies, world.clock).follow() == 0
    assert await entries(world) == [("strict", ACCOUNT, ACCOUNT)]
