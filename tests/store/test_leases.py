"""Leases: one holder at a time, by the database's clock."""

import asyncio

import pytest

from engine.models.lease import Lease
from store.connect import Store
from tests.store.conftest import Motor

pytestmark = pytest.mark.integration
NAME = "scheduler"


async def acquired(store: Store, holder: str, seconds: float = 30.0) -> Lease:
    lease = await store.leases.acquire(NAME, holder, seconds)
    assert lease is not None
    return lease


async def test_only_one_holds_it_and_every_holding_has_a_higher_fence(real_store: Store) -> None:
    first = await acquired(real_store, "a")
    assert await real_store.leases.acquire(NAME, "b", 30.0) is None
    assert await real_store.leases.acquire(NAME, "a", 30.0) is None, "a process of the same name is another one"
    await real_store.leases.release(first)
    second = await acquired(real_store, "b")
    assert (first, second) == (Lease(NAME, "a", 1), Lease(NAME, "b", 2))


async def test_of_many_that_want_it_at_once_one_gets_it(real_store: Store) -> None:
    answers = await asyncio.gather(*(real_store.leases.acquire(NAME, f"p-{number}", 30.0) for number in range(20)))
    assert [lease.fence for lease in answers if lease] == [1]


async def test_it_ends_by_itself_unless_renewed(real_store: Store) -> None:
    lease = await acquired(real_store, "a", 2.0)
    assert await real_store.leases.renew(lease, 30.0)
    await asyncio.sleep(2.1)
    assert await real_store.leases.acquire(NAME, "b", 30.0) is None
    assert await real_store.leases.renew(lease, 0.05)
    await asyncio.sleep(0.1)
    assert not await real_store.leases.renew(lease, 30.0), "it ended, even though nobody took it"
    assert (await acquired(real_store, "b")).fence == 2


async def test_who_lost_it_can_neither_renew_nor_release_it(real_store: Store) -> None:
    old = await acquired(real_store, "a", 0.01)
    await asyncio.sleep(0.05)
    new = await acquired(real_store, "b")
    assert not await real_store.leases.renew(old, 30.0)
    await real_store.leases.release(old)
    assert await real_store.leases.acquire(NAME, "c", 30.0) is None
    assert await real_store.leases.renew(new, 30.0)


async def test_all_can_be_ended_and_whoever_held_one_has_it_no_more(real_store: Store) -> None:
    old = await acquired(real_store, "a")
    await real_store.leases.release_all()
    assert not await real_store.leases.renew(old, 30.0)
    assert await acquired(real_store, "b") == Lease(NAME, "b", 2)


async def test_leases_of_other_names_are_apart(real_store: Store) -> None:
    await acquired(real_store, "a")
    assert await real_store.leases.acquire("other", "b", 30.0) == Lease("other", "b", 1)


async def test_names_from_a_careless_caller_are_taken_literally(real_store: Store, real_database: Motor) -> None:
    await acquired(real_store, "$fence")
    document = await real_database.leases.find_one({"_id": NAME})
    assert document is not None
    assert (document["holder"], document["schema_version"]) == ("$fence", 1)
