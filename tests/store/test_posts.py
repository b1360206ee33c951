"""Messages that are posted once, in memory and on a real mongod."""

import asyncio
from itertools import chain

import msgspec
import pytest

from engine.errors import NotFound
from engine.models.delivery import DeliveryState
from store.connect import Store
from tests.store.samples import ACCOUNT, HOUR, NOW, OTHER_TENANT, TENANT, post

LEASE = 60.0


async def test_the_first_of_an_id_stays(store: Store) -> None:
    first = post(channel_id="C1")
    assert await store.posts.insert_post(TENANT, first) == first
    assert await store.posts.insert_post(TENANT, post(channel_id="C2")) == first
    assert await store.posts.insert_post(OTHER_TENANT, post(channel_id="C3")) == post(channel_id="C3")


async def test_a_claim_takes_it_until_the_lease_ends(store: Store) -> None:
    await store.posts.insert_post(TENANT, post())
    assert await store.posts.claim_due(NOW - HOUR, LEASE) is None
    assert await store.posts.claim_due(NOW, LEASE, {TENANT}) is None
    assert await store.posts.claim_due(NOW, LEASE) == (TENANT, post(claims=1))
    assert await store.posts.claim_due(NOW, LEASE) is None
    again = await store.posts.claim_due(NOW + HOUR, LEASE)
    assert again
    assert again[1].state is DeliveryState.SENDING


async def test_what_senders_hold_can_be_taken_from_all_of_them(store: Store) -> None:
    await store.posts.insert_post(TENANT, post())
    await store.posts.claim_due(NOW, LEASE)
    await store.system.release_deliveries()
    assert await store.posts.claim_due(NOW, LEASE)


@pytest.mark.parametrize("state", [DeliveryState.SENT, DeliveryState.DEAD])
async def test_what_is_over_is_not_due(store: Store, state: DeliveryState) -> None:
    await store.posts.insert_post(TENANT, post())
    await store.posts.save_post(TENANT, msgspec.structs.replace(post(), state=state, shown=1))
    assert await store.posts.claim_due(NOW + HOUR, LEASE) is None
    stuck = await store.posts.find_stuck(TENANT)
    assert [one.state for one in stuck] == ([state] if state is DeliveryState.DEAD else [])


@pytest.mark.parametrize("attempts", [0, 1])
async def test_what_failed_and_waits_is_stuck_until_it_is_sent(store: Store, attempts: int) -> None:
    waiting = post(attempts=attempts, error="ratelimited")
    await store.posts.insert_post(TENANT, waiting)
    assert await store.posts.find_stuck(TENANT) == ([waiting] if attempts else [])
    assert await store.posts.find_stuck(OTHER_TENANT) == []
    claimed = await store.posts.claim_due(NOW, LEASE)
    assert claimed
    assert len(await store.posts.find_stuck(TENANT)) == attempts
    await store.posts.save_post(TENANT, msgspec.structs.replace(claimed[1], state=DeliveryState.SENT, shown=1))
    assert await store.posts.find_stuck(TENANT) == []


async def test_who_is_late_cannot_save_any_more(store: Store) -> None:
    await store.posts.insert_post(TENANT, post())
    first = await store.posts.claim_due(NOW, LEASE)
    second = await store.posts.claim_due(NOW + HOUR, LEASE)
    assert first
    assert second
    assert not await store.posts.save_post(TENANT, msgspec.structs.replace(first[1], state=DeliveryState.DEAD))
    assert await store.posts.save_post(TENANT, msgspec.structs.replace(second[1], state=DeliveryState.SENT, shown=1))
    stored = await store.posts.find_post(TENANT, post().post_id)
    assert stored
    assert stored.state is DeliveryState.SENT


async def test_a_reply_is_behind_older_ones_of_its_thread_until_they_are_out(store: Store) -> None:
    older = post("older", thread_ts="1.0")
    await store.posts.insert_post(TENANT, older)
    newer = post("newer", thread_ts="1.0", created_at=NOW + HOUR)
    assert await store.posts.is_behind(TENANT, newer)
    assert not await store.posts.is_behind(TENANT, older)
    assert not await store.posts.is_behind(OTHER_TENANT, newer)
    assert not await store.posts.is_behind(TENANT, msgspec.structs.replace(newer, thread_ts="2.0"))
    await store.posts.save_post(TENANT, msgspec.structs.replace(older, state=DeliveryState.DEAD))
    assert not await store.posts.is_behind(TENANT, newer)


async def test_what_is_not_there_cannot_be_saved(store: Store) -> None:
    with pytest.raises(NotFound):
        await store.posts.save_post(TENANT, post())
    assert await store.posts.find_post(TENANT, "other") is None


async def test_many_senders_get_each_post_once_however_often_it_was_made(store: Store) -> None:
    names = [f"post-{number}" for number in range(10)]
    await asyncio.gather(*(store.posts.insert_post(TENANT, post(name)) for name in names * 3))

    async def send_all() -> list[str]:
        taken = []
        while claimed := await store.posts.claim_due(NOW, LEASE):
            taken.append(claimed[1].post_id)
        return taken

    taken = await asyncio.gather(*(send_all() for _ in range(5)))
    assert sorted(chain(*taken)) == names


async def test_posts_leave_with_their_account(store: Store) -> None:
    await store.posts.insert_post(TENANT, post())
    await store.leaving.delete_some(TENANT, ACCOUNT, 100)
    assert await store.posts.find_post(TENANT, post().post_id) is None
