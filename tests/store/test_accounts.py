"""Tenants and accounts, in memory and on a real mongod."""

import asyncio

import pytest

from engine.errors import Conflict, NotFound
from engine.lag_sketch import LagSketch
from engine.models.account import AccountStatus, Arrivals
from engine.models.connection import RoleCheck
from engine.models.leaving import Tombstone
from engine.models.sensitivity import Sensitivity, SensitivityRule
from store.connect import Store
from tests.store.changing import change_account
from tests.store.samples import ACCOUNT, HOUR, NOW, OTHER_TENANT, TENANT, account, audit_record, cursor, tenant


async def test_a_tenant_comes_back_as_saved_and_can_change(store: Store) -> None:
    changed = tenant(panic_mode=True, alert_channel_id="C2")
    await store.tenants.save_tenant(changed)
    assert await store.tenants.find_tenant(TENANT) == changed


async def test_a_tenant_that_is_not_there_is_not_found(store: Store) -> None:
    with pytest.raises(NotFound, match=OTHER_TENANT):
        await store.tenants.find_tenant(OTHER_TENANT)


async def test_a_tenant_is_found_by_its_slack_team(store: Store) -> None:
    assert await store.system.find_tenant_by_team(tenant().team_id) == tenant()
    assert await store.system.find_tenant_by_team("T-nobody") is None


@pytest.mark.integration
async def test_an_empty_team_id_belongs_to_nobody(real_store: Store) -> None:
    """On the real one only: the stand-in ignores that the unique index is partial."""
    await real_store.tenants.save_tenant(tenant(OTHER_TENANT, team_id=""))
    await real_store.tenants.save_tenant(tenant("a-third-one", team_id=""))
    assert await real_store.system.find_tenant_by_team("") is None


async def test_two_tenants_cannot_have_one_slack_team(store: Store) -> None:
    with pytest.raises(Conflict):
        await store.tenants.save_tenant(tenant(OTHER_TENANT, team_id=tenant().team_id))


async def test_an_account_comes_back_as_connected(store: Store) -> None:
    other = account("444455556666", cursors=(cursor("eu-west-1"), cursor("us-east-1", error="throttled")))
    await store.accounts.insert_account(TENANT, other)
    assert await store.accounts.find_account(TENANT, "444455556666") == other


async def test_accounts_are_listed_by_connection_time(store: Store) -> None:
    older = account("999900001111", connected_at=NOW - 48 * HOUR)
    await store.accounts.insert_account(TENANT, older)
    assert await store.accounts.find_accounts(TENANT) == [older, account()]


async def test_an_aws_account_belongs_to_one_tenant(store: Store) -> None:
    with pytest.raises(Conflict, match=ACCOUNT):
        await store.accounts.insert_account(OTHER_TENANT, account())
    assert await store.accounts.find_accounts(OTHER_TENANT) == []


async def test_the_same_tenant_cannot_connect_an_account_twice(store: Store) -> None:
    with pytest.raises(Conflict):
        await store.accounts.insert_account(TENANT, account(name="again"))
    assert (await store.accounts.find_account(TENANT, ACCOUNT)).name == "production"


async def test_who_only_asks_for_an_account_keeps_nobody_from_it(store: Store) -> None:
    pending = account("444455556666", status=AccountStatus.PENDING)
    await store.accounts.insert_account(OTHER_TENANT, pending)
    await store.accounts.insert_account(TENANT, pending)
    assert await store.system.find_tenant_by_account("444455556666") is None
    await store.accounts.open_account(TENANT, account("444455556666"), audit_record())
    assert await store.system.find_tenant_by_account("444455556666") == TENANT


async def test_an_account_is_opened_by_one_tenant(store: Store) -> None:
    await store.accounts.insert_account(OTHER_TENANT, account(status=AccountStatus.PENDING))
    with pytest.raises(Conflict, match="another workspace"):
        await store.accounts.open_account(OTHER_TENANT, account(), audit_record())
    assert (await store.accounts.find_account(OTHER_TENANT, ACCOUNT)).status is AccountStatus.PENDING
    assert await store.system.find_tenant_by_account(ACCOUNT) == TENANT


async def test_opening_an_account_once_more_changes_it_and_its_log(store: Store) -> None:
    await store.accounts.open_account(TENANT, account(name="again"), audit_record())
    assert (await store.accounts.find_account(TENANT, ACCOUNT)).name == "again"
    assert len((await store.audit.find_chain(TENANT)).entries) == 1


async def test_an_account_that_leaves_is_not_opened(store: Store) -> None:
    assert await store.accounts.begin_leaving(TENANT, ACCOUNT, "It goes.", audit_record())
    with pytest.raises(NotFound):
        await store.accounts.open_account(TENANT, account(), audit_record())


async def test_who_lets_a_pending_account_go_takes_it_from_nobody(store: Store) -> None:
    await store.accounts.insert_account(OTHER_TENANT, account(status=AccountStatus.PENDING))
    assert await store.accounts.begin_leaving(OTHER_TENANT, ACCOUNT, "It goes.", audit_record())
    await store.leaving.delete_account(Tombstone(tenant_id=OTHER_TENANT, account_id=ACCOUNT, counts={}, at=NOW))
    assert await store.accounts.find_accounts(OTHER_TENANT) == []
    assert await store.system.find_tenant_by_account(ACCOUNT) == TENANT


async def test_another_tenant_does_not_see_the_account(store: Store) -> None:
    with pytest.raises(NotFound, match=ACCOUNT):
        await store.accounts.find_account(OTHER_TENANT, ACCOUNT)


async def test_cursors_of_other_regions_stay(store: Store) -> None:
    await store.accounts.save_cursors(TENANT, ACCOUNT, [cursor("us-east-1"), cursor("eu-west-1")])
    ahead = cursor("us-east-1", read_until=NOW + HOUR, last_success_at=NOW)
    await store.accounts.save_cursors(TENANT, ACCOUNT, [ahead])
    saved = await store.accounts.find_account(TENANT, ACCOUNT)
    assert saved.cursors == (cursor("eu-west-1"), ahead)


async def test_counters_add_up_and_keep_the_last_malformed_text(store: Store) -> None:
    for text in ("no eventName", ""):
        await store.accounts.count_records(TENANT, ACCOUNT, read=10, malformed=1, unknown_prices=0, last_malformed=text)
    counted = await store.accounts.find_account(TENANT, ACCOUNT)
    assert (counted.records_read, counted.records_malformed, counted.last_malformed) == (20, 2, "no eventName")


async def test_nothing_is_written_to_an_account_that_is_not_there(store: Store) -> None:
    accounts = store.accounts
    with pytest.raises(NotFound):
        await accounts.add_regions(OTHER_TENANT, ACCOUNT, ["eu-north-1"])
    with pytest.raises(NotFound):
        await accounts.save_cursors(OTHER_TENANT, ACCOUNT, [cursor()])
    with pytest.raises(NotFound):
        await accounts.count_records(OTHER_TENANT, ACCOUNT, read=1, malformed=0, unknown_prices=0, last_malformed="")
    assert await accounts.find_account(TENANT, ACCOUNT) == account()


async def test_due_accounts_are_those_that_can_be_polled(store: Store) -> None:
    for number, status in enumerate(AccountStatus):
        await store.accounts.insert_account(OTHER_TENANT, account(f"{number}", status=status))
    by_status = {status: (OTHER_TENANT, f"{number}") for number, status in enumerate(AccountStatus)}
    polled = {by_status[status] for status in (AccountStatus.ACTIVE, AccountStatus.DENIED)}
    assert set(await store.system.find_due_accounts()) == polled | {(TENANT, ACCOUNT)}
    assert await store.system.find_history_accounts() == [by_status[AccountStatus.LEARNING]]
    assert await store.system.find_due_accounts(proved_after=NOW - HOUR) == []
    await change_account(store, TENANT, ACCOUNT, role_check=RoleCheck(checked_at=NOW, usable=True))
    assert await store.system.find_due_accounts(proved_after=NOW - HOUR) == [(TENANT, ACCOUNT)]
    assert await store.system.find_due_accounts(proved_after=NOW) == []


@pytest.mark.integration
async def test_one_of_many_tenants_wins_an_account(real_store: Store) -> None:
    tenants = [f"tenant-{number}" for number in range(5)]
    claims = [real_store.accounts.insert_account(each, account("777788889999")) for each in tenants]
    results = await asyncio.gather(*claims, return_exceptions=True)
    assert [type(result) for result in results if result] == [Conflict] * 4
    owners = [each for each in tenants if await real_store.accounts.find_accounts(each)]
    assert len(owners) == 1


@pytest.mark.integration
async def test_cursors_saved_at_the_same_time_are_all_kept(real_store: Store) -> None:
    regions = [f"region-{number}" for number in range(6)]
    await asyncio.gather(*(real_store.accounts.save_cursors(TENANT, ACCOUNT, [cursor(each)]) for each in regions))
    saved = await real_store.accounts.find_account(TENANT, ACCOUNT)
    assert [each.region for each in saved.cursors] == regions


async def test_what_a_source_brought_is_kept_by_region(store: Store) -> None:
    old, new = Arrivals(last_record_time=NOW - HOUR), Arrivals(last_record_time=NOW, lags=LagSketch({"3": 2}))
    await store.accounts.save_arrivals(TENANT, ACCOUNT, "push", {"us-east-1": old, "eu-west-1": old})
    await store.accounts.save_arrivals(TENANT, ACCOUNT, "push", {"us-east-1": new})
    await store.accounts.save_arrivals(TENANT, ACCOUNT, "eventbridge", {})
    arrivals = (await store.accounts.find_account(TENANT, ACCOUNT)).arrivals
    assert arrivals == {"push": {"us-east-1": new, "eu-west-1": old}}


async def test_sensitivities_are_of_one_tenant(store: Store) -> None:
    rule = SensitivityRule(level=Sensitivity.LOW, service="rds")
    await store.accounts.save_sensitivities(TENANT, ACCOUNT, [rule], audit_record())
    assert (await store.accounts.find_account(TENANT, ACCOUNT)).sensitivities == (rule,)
    with pytest.raises(NotFound):
        await store.accounts.save_sensitivities(OTHER_TENANT, ACCOUNT, [], audit_record())
