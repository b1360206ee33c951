"""Batches that wait, in memory and on a real mongod."""

import pytest

from engine.models.inbox import InboxBatch
from engine.models.work import WorkItem, WorkKind
from store.connect import Store
from tests.store.samples import ACCOUNT, HOUR, NOW, OTHER_TENANT, TENANT, batch

OTHER_ACCOUNT = "444455556666"


async def ids(store: Store, limit: int = 10) -> list[str]:
    return [one.batch_id for one in await store.inbox.find_batches(TENANT, ACCOUNT, limit)]


async def test_batches_come_back_as_they_were_oldest_first(store: Store) -> None:
    younger, older = batch(), batch("batch-2", received_at=NOW - HOUR)
    await store.inbox.save_batches([younger, older, batch("batch-3", account_id=OTHER_ACCOUNT)])
    assert await store.inbox.find_batches(TENANT, ACCOUNT, 10) == [older, younger]
    assert await store.inbox.find_batches(TENANT, ACCOUNT, 1) == [older]
    assert await store.inbox.find_batches(TENANT, ACCOUNT, 0) == []


async def test_a_batch_saved_twice_is_there_once_and_as_it_was_first(store: Store) -> None:
    await store.inbox.save_batches([batch(), batch()])
    await store.inbox.save_batches([batch(received_at=NOW + HOUR)])
    assert await store.inbox.find_batches(TENANT, ACCOUNT, 10) == [batch()]


async def test_no_batches_are_saved_without_a_word(store: Store) -> None:
    await store.inbox.save_batches([])
    assert await ids(store) == []


async def test_tenants_do_not_share_batch_ids(store: Store) -> None:
    await store.inbox.save_batches([batch(), batch(tenant_id=OTHER_TENANT)])
    await store.inbox.delete_batches(OTHER_TENANT, ["batch-1"])
    assert await ids(store) == ["batch-1"]
    await store.inbox.delete_batches(TENANT, ["batch-1", "batch-9"])
    assert await ids(store) == []


async def test_what_is_set_aside_waits_no_more(store: Store) -> None:
    await store.inbox.save_batches([batch(), batch("batch-2")])
    await store.inbox.set_aside(TENANT, "batch-1", "it broke \ud800")
    assert await ids(store) == ["batch-2"]
    await store.inbox.set_aside(TENANT, "batch-2", "it broke too")
    assert await store.inbox.find_waiting(NOW + HOUR, 10) == []


@pytest.mark.parametrize("limit", [10, 2, 1, 0])
async def test_every_account_that_waits_is_found_once(store: Store, limit: int) -> None:
    waiting: list[InboxBatch] = [batch(), batch("batch-2"), batch("batch-3", account_id=OTHER_ACCOUNT)]
    await store.inbox.save_batches([*waiting, batch("batch-4", tenant_id=OTHER_TENANT, received_at=NOW + HOUR)])
    found = await store.inbox.find_waiting(NOW + HOUR, limit)
    both = {WorkItem(WorkKind.INGEST, TENANT, account) for account in (ACCOUNT, OTHER_ACCOUNT)}
    assert len(found) == min(limit, 2)
    assert set(found) <= both
