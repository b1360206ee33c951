"""API keys, in memory and on a real mongod."""

import pytest

from engine.errors import Conflict, NotFound
from store.connect import Store
from tests.store.samples import HOUR, NOW, OTHER_TENANT, TENANT, api_key


async def test_a_key_is_found_by_its_hash_whoever_owns_it(store: Store) -> None:
    await store.api_keys.insert_key(api_key(), "operator")
    await store.api_keys.insert_key(api_key("key-2", tenant_id=OTHER_TENANT, expires_at=NOW + HOUR), "operator")
    assert await store.api_keys.find_key(api_key().digest) == api_key()
    assert (found := await store.api_keys.find_key(api_key("key-2").digest)) is not None
    assert found.tenant_id == OTHER_TENANT
    assert await store.api_keys.find_key("no such hash") is None


async def test_a_tenant_sees_its_own_keys_oldest_first(store: Store) -> None:
    older = api_key("key-2", created_at=NOW - HOUR)
    for key in (api_key(), older, api_key("key-3", tenant_id=OTHER_TENANT)):
        await store.api_keys.insert_key(key, "operator")
    assert await store.api_keys.find_keys(TENANT) == [older, api_key()]


async def test_neither_an_id_nor_a_hash_is_taken_twice(store: Store) -> None:
    await store.api_keys.insert_key(api_key(), "operator")
    with pytest.raises(Conflict):
        await store.api_keys.insert_key(api_key(digest="another"), "operator")
    with pytest.raises(Conflict):
        await store.api_keys.insert_key(api_key("key-2", digest=api_key().digest), "operator")


async def test_a_key_is_revoked_once_and_only_by_its_tenant(store: Store) -> None:
    await store.api_keys.insert_key(api_key(), "operator")
    with pytest.raises(NotFound, match="key-1"):
        await store.api_keys.revoke_key(OTHER_TENANT, "key-1", NOW, "operator")
    await store.api_keys.revoke_key(TENANT, "key-1", NOW, "operator")
    with pytest.raises(NotFound, match="key-1"):
        await store.api_keys.revoke_key(TENANT, "key-1", NOW + HOUR, "operator")
    assert (await store.api_keys.find_keys(TENANT))[0].revoked_at == NOW


async def test_use_is_noted(store: Store) -> None:
    await store.api_keys.insert_key(api_key(), "operator")
    await store.api_keys.touch_key(TENANT, "key-1", NOW + HOUR)
    assert (await store.api_keys.find_keys(TENANT))[0].last_used_at == NOW + HOUR
