"""Cards on their way, in memory and on a real mongod."""

import asyncio
from itertools import chain
from typing import Any

import msgspec
import pytest

from engine.errors import NotFound
from engine.models.delivery import Delivery, DeliveryState
from store.connect import Store
from tests.store.samples import ACCOUNT, HOUR, NOW, OTHER_TENANT, TENANT, anomaly, changes, loaded, nothing_but

LEASE = 60.0


@pytest.fixture
async def store(store: Store) -> Store:
    """The store after one batch, with one card due since NOW."""
    await store.ledger.commit(TENANT, loaded(), changes(), NOW)
    return store


async def claim(store: Store, now: Any = NOW) -> Delivery:
    claimed = await store.outbox.claim_due(now, LEASE)
    assert claimed
    tenant_id, delivery = claimed
    assert tenant_id == TENANT
    return delivery


async def delivery_of(store: Store) -> Delivery:
    found = await store.outbox.find_delivery(TENANT, "anomaly-1")
    assert found
    return found


async def save(store: Store, delivery: Delivery, **fields: Any) -> Delivery:
    await store.outbox.save_delivery(TENANT, msgspec.structs.replace(delivery, **fields))
    return await delivery_of(store)


async def change_anomaly(store: Store, revision: int) -> None:
    current = await store.ledger.load_state(TENANT, ACCOUNT, [], NOW)
    batch = nothing_but(anomalies={"anomaly-1": anomaly(revision=revision)})
    await store.ledger.commit(TENANT, current, batch, NOW + HOUR)


async def test_a_claim_returns_the_row_as_it_was_and_takes_it(store: Store) -> None:
    before = await delivery_of(store)
    assert await claim(store) == msgspec.structs.replace(before, claims=1)
    assert (await delivery_of(store)).state is DeliveryState.SENDING
    assert await store.outbox.claim_due(NOW, LEASE) is None


async def test_nothing_is_due_before_its_time(store: Store) -> None:
    assert await store.outbox.claim_due(NOW - HOUR, LEASE) is None


async def test_the_row_of_a_dead_sender_still_says_sending(store: Store) -> None:
    await claim(store)
    assert (await claim(store, NOW + HOUR)).state is DeliveryState.SENDING


async def test_what_senders_hold_can_be_taken_from_all_of_them(store: Store) -> None:
    await claim(store)
    await store.system.release_deliveries()
    assert (await claim(store)).state is DeliveryState.SENDING


async def test_a_late_sender_does_not_overwrite_what_the_next_one_saved(store: Store) -> None:
    late = await claim(store)
    next_one = await claim(store, NOW + HOUR)
    kept = await save(store, next_one, state=DeliveryState.SENT, shown=1, message_ts="2.2", channel_id="C1")
    for state in (DeliveryState.SENT, DeliveryState.UNCERTAIN):
        given = msgspec.structs.replace(late, state=state, shown=1, message_ts="1.1", channel_id="C1")
        assert not await store.outbox.save_delivery(TENANT, given)
        assert await delivery_of(store) == kept


async def test_nor_what_the_next_one_is_still_at(store: Store) -> None:
    late = await claim(store)
    await claim(store, NOW + HOUR)
    held = await delivery_of(store)
    assert not await store.outbox.save_delivery(TENANT, msgspec.structs.replace(late, state=DeliveryState.PENDING))
    assert await delivery_of(store) == held


async def test_a_late_sender_that_nobody_followed_is_heard(store: Store) -> None:
    claimed = await store.outbox.claim_one(TENANT, "anomaly-1", NOW, LEASE)
    assert claimed
    sent = msgspec.structs.replace(claimed, state=DeliveryState.SENT, shown=1, message_ts="1.1")
    assert await store.outbox.save_delivery(TENANT, sent)
    assert (await delivery_of(store)).message_ts == "1.1"


async def test_a_card_held_for_long_is_stuck(store: Store) -> None:
    await claim(store)
    assert await store.outbox.find_stuck(TENANT, NOW) == []
    assert await store.outbox.find_stuck(TENANT, NOW + HOUR) == [await delivery_of(store)]
    assert await store.outbox.find_stuck(OTHER_TENANT, NOW + HOUR) == []


async def test_tenants_that_have_their_share_are_passed_over(store: Store) -> None:
    assert await store.outbox.claim_due(NOW, LEASE, [TENANT]) is None
    assert await store.outbox.claim_due(NOW, LEASE, [OTHER_TENANT])


async def test_a_sent_card_is_not_due(store: Store) -> None:
    sent = await save(store, await claim(store), state=DeliveryState.SENT, shown=1, message_ts="1.2", channel_id="C1")
    assert (sent.state, sent.message_ts, sent.claimed_until) == (DeliveryState.SENT, "1.2", None)
    assert await store.outbox.claim_due(NOW + HOUR, LEASE) is None


async def test_a_sent_card_is_due_again_when_its_anomaly_changes(store: Store) -> None:
    await save(store, await claim(store), state=DeliveryState.SENT, shown=1, message_ts="1.2")
    await change_anomaly(store, revision=3)
    assert await store.outbox.claim_due(NOW, LEASE) is None
    again = await claim(store, NOW + HOUR)
    assert (again.state, again.wanted, again.shown, again.message_ts) == (DeliveryState.PENDING, 3, 1, "1.2")


async def test_an_anomaly_written_again_without_change_repaints_nothing(store: Store) -> None:
    await save(store, await claim(store), state=DeliveryState.SENT, shown=1)
    await change_anomaly(store, revision=1)
    assert (await delivery_of(store)).state is DeliveryState.SENT


async def test_a_change_while_sending_makes_the_row_due_at_once(store: Store) -> None:
    claimed = await claim(store)
    await change_anomaly(store, revision=2)
    saved = await save(store, claimed, state=DeliveryState.SENT, shown=1, message_ts="1.2", due_at=NOW + 99 * HOUR)
    assert (saved.state, saved.wanted, saved.shown, saved.message_ts) == (DeliveryState.PENDING, 2, 1, "1.2")
    assert (await claim(store)).wanted == 2


async def test_a_failed_attempt_waits_for_its_next_time(store: Store) -> None:
    later = NOW + HOUR
    failed = await save(
        store, await claim(store), state=DeliveryState.PENDING, attempts=1, due_at=later, error="timeout"
    )
    assert (failed.attempts, failed.error) == (1, "timeout")
    assert await store.outbox.claim_due(NOW, LEASE) is None
    assert (await claim(store, later)).attempts == 1


async def test_an_uncertain_card_is_due_though_nothing_newer_is_wanted(store: Store) -> None:
    await save(store, await claim(store), state=DeliveryState.UNCERTAIN, shown=1)
    assert (await claim(store)).state is DeliveryState.UNCERTAIN


async def test_a_dead_delivery_stays_dead_until_requeued(store: Store) -> None:
    await save(store, await claim(store), state=DeliveryState.DEAD, attempts=9, error="channel_not_found")
    await change_anomaly(store, revision=2)
    assert (await delivery_of(store)).state is DeliveryState.DEAD
    assert await store.outbox.claim_due(NOW + HOUR, LEASE) is None
    assert await store.outbox.requeue_dead(OTHER_TENANT, NOW) == 0
    assert await store.outbox.requeue_dead(TENANT, NOW + HOUR) == 1
    again = await claim(store, NOW + HOUR)
    assert (again.state, again.attempts, again.error, again.wanted) == (DeliveryState.PENDING, 0, "", 2)


async def test_what_waits_for_another_try_can_be_tried_at_once_but_not_what_slack_told_to_wait(store: Store) -> None:
    given = await claim(store)
    later: dict[str, Any] = {"state": DeliveryState.UNCERTAIN, "attempts": 3, "due_at": NOW + 9 * HOUR}
    await save(store, given, error="Slack says ratelimited.", **later)
    await store.outbox.hasten_waiting(TENANT, NOW)
    assert await store.outbox.claim_due(NOW + HOUR, LEASE) is None
    await save(store, given, error="Slack says is_archived.", **later)
    await store.outbox.hasten_waiting(OTHER_TENANT, NOW)
    assert await store.outbox.claim_due(NOW + HOUR, LEASE) is None
    await store.outbox.hasten_waiting(TENANT, NOW)
    assert (await claim(store)).state is DeliveryState.UNCERTAIN


async def test_the_stuck_ones_are_those_that_failed_and_are_not_sent(store: Store) -> None:
    assert await store.outbox.find_stuck(TENANT, NOW) == []
    given = await claim(store)
    for state in (DeliveryState.PENDING, DeliveryState.UNCERTAIN, DeliveryState.DEAD):
        stuck = await save(store, given, state=state, attempts=1)
        assert await store.outbox.find_stuck(TENANT, NOW) == [stuck]
        assert await store.outbox.find_stuck(OTHER_TENANT, NOW) == []
    await save(store, given, state=DeliveryState.SENT, shown=1, attempts=1)
    assert await store.outbox.find_stuck(TENANT, NOW) == []


async def test_the_card_due_longest_goes_first(store: Store) -> None:
    await store.ledger.commit(OTHER_TENANT, loaded(), nothing_but(anomalies={"older": anomaly("older")}), NOW - HOUR)
    first = await store.outbox.claim_due(NOW, LEASE)
    second = await store.outbox.claim_due(NOW, LEASE)
    assert first
    assert second
    assert [first[0], second[0]] == [OTHER_TENANT, TENANT]


async def test_a_delivery_that_is_not_there_cannot_be_saved(store: Store) -> None:
    with pytest.raises(NotFound):
        await store.outbox.save_delivery(OTHER_TENANT, await delivery_of(store))
    assert await store.outbox.find_delivery(OTHER_TENANT, "anomaly-1") is None


async def test_many_senders_get_each_card_once(store: Store) -> None:
    current = await store.ledger.load_state(TENANT, ACCOUNT, [], NOW)
    many = {f"a-{number}": anomaly(f"a-{number}") for number in range(19)}
    await store.ledger.commit(TENANT, current, nothing_but(anomalies=many), NOW)

    async def send_all() -> list[str]:
        taken = []
        while claimed := await store.outbox.claim_due(NOW, LEASE):
            taken.append(claimed[1].anomaly_id)
        return taken

    taken = await asyncio.gather(*(send_all() for _ in range(10)))
    assert sorted(chain(*taken)) == sorted(["anomaly-1", *many])
