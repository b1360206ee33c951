"""Places for cards, in memory and on a real mongod."""

import asyncio

import msgspec
import pytest

from engine.errors import NotFound
from engine.models.delivery import CardPlace, DeliveryState
from store.connect import Store
from tests.store.samples import HOUR, NOW, OTHER_TENANT, TENANT, anomaly, loaded, nothing_but, post

PLACE = CardPlace("C1", "2026-11-21")
SUMMARY = post("held/C1/2026-11-21", account_id="")


async def test_senders_at_once_get_so_many_places_and_each_card_its_own_one(store: Store) -> None:
    names = [f"a-{number}" for number in range(8)] * 3
    taken = await asyncio.gather(*(store.budgets.take(TENANT, PLACE, name, 3) for name in names))
    placed = {name for name, has_place in zip(names, taken, strict=True) if has_place}
    assert len(placed) == 3
    assert [await store.budgets.take(TENANT, PLACE, name, 3) for name in sorted(placed)] == [True] * 3


async def test_what_needs_no_place_takes_one_all_the_same(store: Store) -> None:
    assert await store.budgets.take(TENANT, PLACE, "a-1", None)
    assert not await store.budgets.take(TENANT, PLACE, "a-2", 1)
    assert await store.budgets.take(TENANT, PLACE, "a-3", None)
    for place in (CardPlace("C2", PLACE.day), CardPlace("C1", "2026-11-22")):
        assert await store.budgets.take(TENANT, place, "a-2", 1)
    assert await store.budgets.take(OTHER_TENANT, PLACE, "a-2", 1)


async def test_what_is_held_back_is_found_and_its_message_grows(store: Store) -> None:
    cards = {name: anomaly(name) for name in ("a-1", "a-2")}
    await store.ledger.commit(TENANT, loaded(), nothing_but(anomalies=cards), NOW)
    for number, name in enumerate(("a-1", "a-2"), start=1):
        delivery = await store.outbox.claim_one(TENANT, name, NOW, 60.0)
        assert delivery
        held = msgspec.structs.replace(delivery, state=DeliveryState.HELD, held_for=SUMMARY.post_id)
        assert await store.budgets.hold(TENANT, held, SUMMARY)
        assert not await store.budgets.hold(TENANT, msgspec.structs.replace(held, claims=9), SUMMARY)
        summary = await store.posts.find_post(TENANT, SUMMARY.post_id)
        assert summary
        assert summary.wanted == number
    assert await store.outbox.find_held(TENANT, SUMMARY.post_id, 10) == ["a-1", "a-2"]
    assert await store.outbox.count_held(TENANT, SUMMARY.post_id) == 2
    assert await store.outbox.find_held_now(TENANT, ["a-1", "a-9"]) == {"a-1"}
    assert await store.outbox.claim_due(NOW + HOUR, 60.0) is None


async def test_a_message_that_is_to_say_more_by_then_is_not_sent_yet(store: Store) -> None:
    await store.posts.insert_post(TENANT, SUMMARY)
    claimed = await store.posts.claim_due(NOW, 60.0)
    assert claimed
    sent = msgspec.structs.replace(claimed[1], state=DeliveryState.SENT, shown=0)
    assert await store.posts.save_post(TENANT, sent)
    again = await store.posts.find_post(TENANT, SUMMARY.post_id)
    assert again
    assert (again.state, again.wanted) == (DeliveryState.PENDING, 1)


async def test_a_card_that_is_gone_cannot_be_held_back(store: Store) -> None:
    await store.ledger.commit(TENANT, loaded(), nothing_but(anomalies={"a-1": anomaly("a-1")}), NOW)
    delivery = await store.outbox.claim_one(TENANT, "a-1", NOW, 60.0)
    assert delivery
    with pytest.raises(NotFound):
        await store.budgets.hold(TENANT, msgspec.structs.replace(delivery, anomaly_id="a-2"), SUMMARY)
    assert await store.posts.find_post(TENANT, SUMMARY.post_id) is None
