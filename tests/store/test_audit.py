"""The audit log: whatever is done to a stored chain behind its back is found."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from engine.audit import find_faults
from engine.models.audit import AuditAction
from engine.models.verdict import Label, VerdictKind
from store.codec import Document
from store.connect import Store
from tests.store.conftest import Motor, fresh_database
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
    changes,
    loaded,
    tenant,
    tombstone,
    verdict,
)

KEY = b"k" * 32
Tamper = Callable[[Any], Awaitable[Any]]


async def write(store: Store, count: int = 5, tenant_id: str = TENANT) -> None:
    for number in range(count):
        await store.audit.append(tenant_id, audit_record(details={"number": number}))


async def faults(store: Store, tenant_id: str = TENANT, keys: tuple[bytes, ...] = (), first: int = 1) -> list[str]:
    return find_faults(await store.audit.find_chain(tenant_id), keys, first)


def place(seq: int) -> Document:
    return {"tenant_id": TENANT, "seq": seq}


async def test_each_tenant_has_a_chain_of_its_own(store: Store) -> None:
    await write(store, 3)
    await write(store, 2, OTHER_TENANT)
    chain = await store.audit.find_chain(TENANT)
    assert [entry.seq for entry in chain.entries] == [1, 2, 3]
    assert [entry.previous for entry in chain.entries[1:]] == [entry.digest for entry in chain.entries[:-1]]
    assert chain.head is not None
    assert chain.head.digest == chain.entries[-1].digest
    assert await faults(store) == await faults(store, OTHER_TENANT) == await faults(store, "nobody") == []
    assert await store.system.find_audited_tenants() == [TENANT, OTHER_TENANT]


async def test_what_the_database_cannot_hold_is_hashed_as_it_is_stored(store: Store) -> None:
    odd = audit_record(actor="\ud800", at=NOW.replace(microsecond=123_987), details={"name": "é\x00 \udfff"})
    await store.audit.append(TENANT, odd)
    await write(store, 1)
    assert await faults(store) == []


async def exchange(log: Any) -> None:
    await log.update_one(place(2), {"$set": {"seq": 99}})
    await log.update_one(place(3), {"$set": {"seq": 2}})
    await log.update_one(place(99), {"$set": {"seq": 3}})


@pytest.mark.integration
@pytest.mark.parametrize(
    ("tamper", "fault"),
    [
        (lambda log: log.update_one(place(2), {"$set": {"actor": "U-OTHER"}}), "entry 2 was changed"),
        (lambda log: log.update_one(place(2), {"$set": {"details.number": 9}}), "entry 2 was changed"),
        (lambda log: log.update_one(place(2), {"$set": {"at": NOW + HOUR}}), "entry 2 was changed"),
        (lambda log: log.update_one(place(2), {"$set": {"digest": "0"}}), "entry 3 does not follow entry 2"),
        (lambda log: log.delete_one(place(1)), "entry 1 is missing"),
        (lambda log: log.delete_many({"tenant_id": TENANT, "seq": {"$in": [2, 3]}}), "entries 2 to 3 are missing"),
        (lambda log: log.delete_one(place(5)), "entry 5 is missing at the end"),
        (lambda log: log.delete_many({}), "entries 1 to 5 are missing at the end"),
        (lambda log: log.update_one(place(4), {"$unset": {"seq": 1}}), "entry 4 is missing"),
        (exchange, "entry 2 was changed"),
        (lambda log: log.database.audit_heads.delete_many({}), "the note of which entry is the last is missing"),
    ],
)
async def test_whatever_is_done_behind_its_back_is_found(
    real_store: Store, real_database: Motor, tamper: Tamper, fault: str
) -> None:
    await write(real_store)
    assert await faults(real_store) == []
    await tamper(real_database.audit_log)
    assert fault in await faults(real_store)


@pytest.mark.integration
async def test_a_chain_rebuilt_without_the_key_is_found(mongod_uri: str) -> None:
    async with fresh_database(mongod_uri) as database:
        store, forger = Store(database, audit_keys=[b"o" * 32, KEY]), Store(database)
        await store.ensure_indexes()
        await write(store, 2)
        assert await faults(store, keys=(KEY,)) == []
        assert await faults(store, keys=(b"o" * 32,)) == [
            "entry 1 bears a signature by none of the keys",
            "entry 2 bears a signature by none of the keys",
        ]
        await database.audit_log.delete_one(place(2))
        [first] = (await store.audit.find_chain(TENANT)).entries
        await database.audit_heads.update_one({}, {"$set": {"seq": 1, "digest": first.digest}})
        await write(forger, 1)
        assert await faults(store) == []
        assert await faults(store, keys=(KEY,)) == ["entry 2 is not signed, although entry 1 is"]
        assert await faults(store, keys=(KEY,), first=2) == []


@pytest.mark.integration
async def test_many_writers_of_several_clients_lose_and_double_nothing(mongod_uri: str) -> None:
    async with fresh_database(mongod_uri) as database:
        stores = [Store(database.client[database.name]) for _ in range(3)]
        await stores[0].ensure_indexes()
        await asyncio.gather(*(write(store, 5) for store in stores))
        assert len((await stores[0].audit.find_chain(TENANT)).entries) == 15
        assert await faults(stores[0]) == []


@pytest.mark.integration
async def test_what_is_not_committed_is_not_recorded(real_store: Store) -> None:
    await real_store.api_keys.insert_key(api_key(), "operator")
    await asyncio.gather(
        real_store.api_keys.insert_key(api_key(digest="another"), "operator"),
        real_store.accounts.save_progress(TENANT, account("444455556666"), audit_record()),
        return_exceptions=True,
    )
    assert [entry.action for entry in (await real_store.audit.find_chain(TENANT)).entries] == [AuditAction.KEY_CREATED]
    assert await faults(real_store) == []


async def test_verdicts_keys_and_accounts_say_who_did_it(store: Store) -> None:
    await store.ledger.commit(TENANT, loaded(), changes(), NOW)
    label = Label(before=anomaly(), after=anomaly(revision=2), verdict=verdict(kind=VerdictKind.UNDONE))
    await store.anomalies.record_verdicts(TENANT, [label], NOW)
    await store.api_keys.insert_key(api_key(), "operator")
    await store.api_keys.revoke_key(TENANT, "key-1", NOW, "U2")
    await store.accounts.begin_leaving(TENANT, ACCOUNT, "It goes.", audit_record(account_id=ACCOUNT))
    entries = (await store.audit.find_chain(TENANT)).entries
    assert [(entry.action, entry.actor) for entry in entries] == [
        (AuditAction.VERDICT, verdict().user_id),
        (AuditAction.KEY_CREATED, "operator"),
        (AuditAction.KEY_REVOKED, "U2"),
        (AuditAction.SETTING_CHANGED, "U1"),
    ]
    assert entries[0].details["verdict"] == "undone"
    assert api_key().digest not in str(entries)


@pytest.mark.integration
async def test_of_a_purged_tenant_tombstones_stay_and_say_how_much_went(
    mongod_uri: str,
) -> None:
    async with fresh_database(mongod_uri) as database:
        store = Store(database, audit_keys=[KEY])
        await store.ensure_indexes()
        await store.tenants.save_tenant(tenant(leaving=True))
        await write(store, 2)
        await store.audit.append(TENANT, audit_record(action=AuditAction.ACCOUNT_PURGED, account_id=ACCOUNT))
        await write(store, 2)
        await store.leaving.delete_tenant(tombstone(account_id=""))
        of_account, of_tenant = (await store.audit.find_chain(TENANT)).entries
        assert (of_account.seq, of_tenant.seq) == (3, 6)
        assert of_tenant.details == {"cost_events": 2, "users": 0, "api_keys": 0, "installations": 0, "audit_log": 4}
        assert of_tenant.signature
        assert await faults(store, keys=(KEY,)) == []
        await database.audit_log.delete_one({"seq": 3})
        assert await faults(store) == ["5 entries before the tombstone 6 are missing, which says that 4 were deleted"]
