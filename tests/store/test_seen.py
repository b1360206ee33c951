"""Each delivery is somebody's once, in memory and on a real mongod."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from store.connect import Store

UNTIL = datetime.now(UTC) + timedelta(days=1)  # The database forgets by the real time.


async def test_of_many_that_are_claimed_together_each_is_claimed_once(store: Store) -> None:
    assert await store.seen.claim_all("slack", ["a", "b", "a"], UNTIL) == [True, True, False]
    assert await store.seen.claim_all("slack", ["c", "b", "d"], UNTIL) == [True, False, True]
    assert await store.seen.claim_all("stripe", ["a"], UNTIL) == [True]


@pytest.mark.integration
async def test_of_many_who_claim_at_the_same_moment_one_has_each(real_store: Store) -> None:
    names = [str(number) for number in range(50)]
    claims = await asyncio.gather(*(real_store.seen.claim_all("slack", names, UNTIL) for _ in range(8)))
    assert [sum(of_one) for of_one in zip(*claims, strict=True)] == [1] * 50
