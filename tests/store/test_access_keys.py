"""Access keys of AWS accounts: sealed, bound to their place, and gone with their account."""

import os
from typing import Any

import pytest

from clients.cipher import Cipher
from engine.errors import NotFound, UpstreamError
from engine.models.account import AccountStatus
from store.access_keys import AccessKeys
from store.connect import Store
from tests.store.conftest import Motor
from tests.store.noted_samples import access_key
from tests.store.samples import ACCOUNT, NOW, OTHER_TENANT, TENANT, account, audit_record, tenant, tombstone

OLD = Cipher({"v1": bytes(32)}, os.urandom)
NEW = Cipher({"v1": bytes(32), "v2": bytes(range(32))}, os.urandom)
OTHER_ACCOUNT = "444455556666"


@pytest.fixture
def keys(store: Store) -> AccessKeys:
    return store.access_keys(OLD)


async def give(store: Store, key_id: str = access_key().key_id, **changes: Any) -> None:
    """Let a key open the account."""
    row = store.access_keys(OLD).seal(TENANT, ACCOUNT, access_key(key_id), "operator", NOW)
    opened = account(role_arn="", access_key_id=key_id, **changes)
    await store.accounts.open_account(TENANT, opened, audit_record(), row)


async def test_a_key_comes_back_and_its_account_names_it(store: Store, keys: AccessKeys) -> None:
    await give(store)
    assert await keys.find_key(TENANT, ACCOUNT) == access_key()
    assert (await store.accounts.find_account(TENANT, ACCOUNT)).access_key_id == access_key().key_id
    [(tenant_id, row)] = await store.system.find_all_access_keys()
    assert (tenant_id, row.account_id, row.given_at, row.given_by) == (TENANT, ACCOUNT, NOW, "operator")
    assert access_key().secret not in str(row)


async def test_another_tenant_has_none(store: Store, keys: AccessKeys) -> None:
    await give(store)
    await store.tenants.save_tenant(tenant(OTHER_TENANT))
    with pytest.raises(NotFound):
        await keys.find_key(OTHER_TENANT, ACCOUNT)


@pytest.mark.parametrize("moved", [{"tenant_id": OTHER_TENANT}, {"account_id": OTHER_ACCOUNT}])
@pytest.mark.integration
async def test_what_was_moved_elsewhere_does_not_open(
    real_store: Store, real_database: Motor, moved: dict[str, str]
) -> None:
    await give(real_store)
    await real_database.access_keys.update_one({}, {"$set": moved})
    place = {"tenant_id": TENANT, "account_id": ACCOUNT} | moved
    with pytest.raises(UpstreamError, match="does not open"):
        await real_store.access_keys(OLD).find_key(**place)


@pytest.mark.integration
async def test_no_secret_is_readable_in_the_database_the_backup_and_the_export(
    real_store: Store, real_database: Motor
) -> None:
    await give(real_store)
    document = await real_database.access_keys.find_one({})
    assert document is not None
    assert document["secret"].startswith("v1.")
    backup = b"".join([piece async for piece in real_store.backup().frames()])
    assert document["secret"].encode() in backup
    exported = [document async for _, document in real_store.export.stream(TENANT)]
    assert any(one.get("key_id") == access_key().key_id for one in exported)
    assert access_key().secret.encode() not in backup
    assert document["secret"] not in str(exported)
    assert access_key().secret not in str(exported)


async def test_another_key_takes_the_place_of_the_first(store: Store, keys: AccessKeys) -> None:
    await give(store)
    await give(store, "AKIAANOTHEREXAMPLE00")
    assert (await keys.find_key(TENANT, ACCOUNT)).key_id == "AKIAANOTHEREXAMPLE00"
    assert len(await store.system.find_all_access_keys()) == 1


async def test_a_role_that_opens_the_account_ends_its_key(store: Store, keys: AccessKeys) -> None:
    await give(store)
    await store.accounts.open_account(TENANT, account(), audit_record())
    assert (await store.accounts.find_account(TENANT, ACCOUNT)).access_key_id == ""
    with pytest.raises(NotFound):
        await keys.find_key(TENANT, ACCOUNT)


async def test_who_read_the_account_before_brings_no_old_key_back(store: Store) -> None:
    await give(store)
    before = await store.accounts.find_account(TENANT, ACCOUNT)
    await give(store, "AKIAANOTHEREXAMPLE00")
    await store.accounts.save_access(TENANT, before, AccountStatus.DENIED, "The key is switched off.")
    found = await store.accounts.find_account(TENANT, ACCOUNT)
    assert (found.access_key_id, found.status, found.status_detail) == ("AKIAANOTHEREXAMPLE00", "active", "")


async def test_all_get_the_newest_key_once(store: Store) -> None:
    await give(store)
    newer = store.access_keys(NEW)
    [(tenant_id, row)] = await newer.find_outdated()
    assert await newer.reseal(tenant_id, row)
    assert await newer.find_outdated() == []
    assert not await newer.reseal(tenant_id, row)  # As it was read, it is not there any more.
    only_new = store.access_keys(Cipher({"v2": bytes(range(32))}, os.urandom))
    assert await only_new.find_key(TENANT, ACCOUNT) == access_key()


async def test_without_the_key_that_sealed_it_nothing_opens_and_nothing_is_quoted(store: Store) -> None:
    await give(store)
    with pytest.raises(UpstreamError, match="'v1'") as caught:
        await store.access_keys(Cipher({"v9": bytes(32)}, os.urandom)).find_key(TENANT, ACCOUNT)
    assert access_key().secret not in str(caught.value)


@pytest.mark.integration
async def test_it_goes_with_its_account(real_store: Store, real_database: Motor) -> None:
    await give(real_store)
    assert await real_store.accounts.begin_leaving(TENANT, ACCOUNT, "It goes.", audit_record())
    while await real_store.leaving.delete_some(TENANT, ACCOUNT, 10):
        pass
    await real_store.leaving.delete_account(tombstone())
    assert await real_database.access_keys.count_documents({}) == 0


def test_a_key_is_not_shown() -> None:
    assert access_key().secret not in repr(access_key())
    assert access_key().secret not in f"{[access_key()]}"
