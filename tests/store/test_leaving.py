"""Accounts and tenants that leave, in memory and on a real mongod."""

import msgspec
import pytest

from engine.errors import NotFound
from engine.models.account import AccountStatus
from engine.models.breaker import Breaker, Scope
from engine.models.verdict import Label
from store.connect import Store
from store.indexes import INDEXES
from tests.store.api_samples import webhook_delivery
from tests.store.conftest import RETENTION_DAYS, fresh_database
from tests.store.noted_samples import sealed_access_key
from tests.store.samples import (
    ACCOUNT,
    HOUR,
    NOW,
    OTHER_TENANT,
    TENANT,
    account,
    anomaly,
    api_key,
    audit_record,
    batch,
    changes,
    cost_event,
    expectation,
    loaded,
    post,
    session,
    snooze,
    tenant,
    tombstone,
    trail_file,
    trail_row,
    user,
    verdict,
)
from tests.store.spend_samples import bill, day_bill, tag_bill
from tests.store.zombie_samples import finding

EVERYTHING = {
    "access_keys": 1,
    "inbox": 1,
    "outbox": 1,
    "posts": 1,
    "cost_events": 3,
    "resources": 1,
    "baselines": 1,
    "verdicts": 1,
    "expectations": 1,
    "snoozes": 1,
    "anomalies": 1,
    "flags_state": 1,
    "webhook_deliveries": 1,
    "zombies": 1,
    "zombie_scans": 1,
    "spend_daily": 1,
    "spend_tags": 1,
    "bills": 1,
}
# What is known of log files belongs to the installation; it goes with the account's own row.
NOT_OF_ACCOUNTS = {
    "tenants",
    "accounts",
    "account_owners",
    "api_keys",
    "audit_log",
    "audit_heads",
    "channel_turns",
    "homes",
    "trails",
    "trail_files",
    "idempotency",
    "installations",
    "webhooks",
    "oauth_states",
    "budgets",
    "card_budgets",
    "seen",
    "sessions",
    "trackers",
    "users",
    "zombie_asks",
}
OF_THE_INSTALLATION = {"account_owners", "oauth_states", "seen", "trails", "trail_files"}
OF_ITS_TOMBSTONES = {"audit_log", "audit_heads"}


async def fill(store: Store, tenant_id: str = TENANT) -> None:
    """One document of every kind an account has, three cost events among them."""
    events = [cost_event(f"event-{number}") for number in range(3)]
    await store.ledger.commit(tenant_id, loaded(tenant_id=tenant_id), changes(cost_events=events), NOW)
    await store.breakers.open(Breaker("young_creep", Scope(tenant_id, ACCOUNT), opened_at=NOW, in_hour=4, allowed=3.0))
    await store.posts.insert_post(tenant_id, post())
    await store.webhooks.put_deliveries(tenant_id, [webhook_delivery()])
    label = Label(
        before=anomaly(),
        after=anomaly(revision=2, expectation_id="expectation-1"),
        verdict=verdict(),
        expectation=expectation(),
        snooze=snooze(),
    )
    await store.anomalies.record_verdicts(tenant_id, [label], NOW)
    await store.accounts.open_account(tenant_id, account(), audit_record(), sealed_access_key())
    await store.inbox.save_batches([batch(tenant_id=tenant_id)])
    await store.zombies.save_findings(tenant_id, [finding()])
    assert await store.zombies.begin_scan(tenant_id, ACCOUNT, NOW, ended_before=NOW, begun_before=NOW)
    assert await store.bills.begin_fetch(tenant_id, ACCOUNT, NOW, fetched_before=NOW, attempted_before=NOW)
    await store.bills.save_fetched(tenant_id, bill(), [day_bill()])
    await store.spend_tags.save_tag_bill(tenant_id, tag_bill(), forget_before=NOW)


async def disconnect(store: Store) -> None:
    assert await store.accounts.begin_leaving(TENANT, ACCOUNT, "It goes.", audit_record())


@pytest.mark.parametrize("limit", [1, 2, 100])
async def test_everything_is_deleted_and_counted_whatever_the_size_of_the_steps(store: Store, limit: int) -> None:
    await fill(store)
    await disconnect(store)
    while await store.leaving.delete_some(TENANT, ACCOUNT, limit):
        assert sum((await store.leaving.count_deleted(TENANT, ACCOUNT)).values()) <= sum(EVERYTHING.values())
    assert await store.leaving.count_deleted(TENANT, ACCOUNT) == EVERYTHING


async def test_the_data_of_another_account_and_another_tenant_stays(store: Store) -> None:
    await fill(store)
    assert await store.leaving.delete_some(TENANT, "444455556666", 100) == 0
    assert await store.leaving.delete_some(OTHER_TENANT, ACCOUNT, 100) == 0
    assert await store.leaving.delete_some(TENANT, ACCOUNT, 100) == sum(EVERYTHING.values())


def test_every_collection_with_data_of_accounts_is_purged() -> None:
    """A collection that is added later must be entered above, or it survives its account."""
    assert set(INDEXES) == set(EVERYTHING) | NOT_OF_ACCOUNTS


async def test_what_is_known_of_its_log_files_goes_with_the_account(store: Store) -> None:
    await disconnect(store)
    for owner in (ACCOUNT, "444455556666"):
        await store.trails.save_row(trail_row(folder=owner, account_id=owner))
        await store.trails.save_file(trail_file(file_id=owner, account_id=owner), NOW + 36_500 * HOUR)
    await store.leaving.delete_account(tombstone())
    assert {row.account_id for row in await store.trails.find_rows("s3://trail")} == {"444455556666"}
    assert set(await store.trails.find_files([ACCOUNT, "444455556666"])) == {"444455556666"}


async def test_an_account_leaves_a_tombstone_and_may_come_again(store: Store) -> None:
    await disconnect(store)
    await store.leaving.delete_account(tombstone())
    assert await store.leaving.find_tombstones(TENANT) == [tombstone()]
    assert await store.system.find_tenant_by_account(ACCOUNT) is None
    await store.accounts.insert_account(TENANT, account())


async def test_deleting_an_account_again_sets_up_no_second_tombstone(store: Store) -> None:
    await disconnect(store)
    await store.leaving.delete_account(tombstone())
    await store.leaving.delete_account(tombstone())
    assert len(await store.leaving.find_tombstones(TENANT)) == 1


async def test_an_account_that_stays_is_not_deleted(store: Store) -> None:
    await store.leaving.delete_account(tombstone())
    assert await store.accounts.find_account(TENANT, ACCOUNT) == account()


async def test_who_read_an_account_before_it_left_cannot_bring_it_back(store: Store) -> None:
    read = await store.accounts.find_account(TENANT, ACCOUNT)
    await disconnect(store)
    accounts = store.accounts
    await accounts.save_access(TENANT, read, AccountStatus.ACTIVE, "")
    assert not await accounts.promote_account(TENANT, ACCOUNT, audit_record())
    assert not await accounts.begin_leaving(TENANT, ACCOUNT, "It goes.", audit_record())
    for late in (
        accounts.open_account(TENANT, read, audit_record()),
        accounts.save_progress(TENANT, read),
        accounts.add_regions(TENANT, ACCOUNT, ["eu-north-1"]),
    ):
        with pytest.raises(NotFound, match=ACCOUNT):
            await late
    left = msgspec.structs.replace(read, status=AccountStatus.DISCONNECTING, status_detail="It goes.")
    assert await accounts.find_account(TENANT, ACCOUNT) == left
    assert len((await store.audit.find_chain(TENANT)).entries) == 1
    assert await store.system.find_disconnecting_accounts() == [(TENANT, ACCOUNT)]
    assert await store.system.find_due_accounts() == []


async def test_a_tenant_goes_with_its_people_and_keys(store: Store) -> None:
    await store.api_keys.insert_key(api_key(), "operator")
    await store.users.save_user(TENANT, user())
    await store.sessions.insert_session(TENANT, session())
    await store.tenants.save_tenant(tenant(leaving=True))
    assert await store.system.find_leaving_tenants() == [TENANT]
    await store.leaving.delete_tenant(tombstone(account_id=""))
    await store.leaving.delete_tenant(tombstone(account_id=""))
    assert await store.system.find_leaving_tenants() == []
    assert await store.api_keys.find_keys(TENANT) == []
    assert await store.users.find_users(TENANT) == []
    assert await store.sessions.find_session(TENANT, "session-1") is None
    assert await store.leaving.find_tombstones(TENANT) == [
        tombstone(
            account_id="",
            counts={"cost_events": 2, "users": 1, "api_keys": 1, "installations": 0, "audit_log": 1},
        )
    ]


@pytest.mark.integration
async def test_of_a_tenant_nothing_stays_but_its_audit_log(mongod_uri: str) -> None:
    """A collection that is added later must be deleted with the tenant, or be the installation's."""
    async with fresh_database(mongod_uri) as database:
        store = Store(database, retention_days=RETENTION_DAYS)
        await store.tenants.save_tenant(tenant(leaving=True))
        of_tenants = NOT_OF_ACCOUNTS - {"tenants", "accounts"} - OF_THE_INSTALLATION - OF_ITS_TOMBSTONES
        for kind in of_tenants:
            await database[kind].insert_one({"tenant_id": TENANT})
        await store.leaving.delete_tenant(tombstone(account_id=""))
        left = {kind for kind in INDEXES if await database[kind].count_documents({"tenant_id": TENANT})}
        assert left == OF_ITS_TOMBSTONES
