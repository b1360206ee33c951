"""Bills, and questions to AWS counted over all who ask, in memory and on a real mongod."""

import asyncio
from datetime import timedelta

from engine.models.spend import BudgetKind, ServiceCost, SpendKey
from store.connect import Store
from tests.store.samples import (
    ACCOUNT,
    HOUR,
    NOW,
    OTHER_TENANT,
    TENANT,
    audit_record,
    loaded,
    nothing_but,
    resource,
)
from tests.store.spend_samples import DAY, bill, day_bill, spend_budget


async def begin(store: Store, tenant_id: str = TENANT) -> bool:
    return await store.bills.begin_fetch(
        tenant_id, ACCOUNT, NOW, fetched_before=NOW - 20 * HOUR, attempted_before=NOW - 2 * HOUR
    )


async def test_one_of_many_begins_and_nobody_before_it_is_due_again(store: Store) -> None:
    assert sum(await asyncio.gather(*(begin(store) for _ in range(5)))) == 1
    await store.bills.save_fetched(TENANT, bill(fetched_at=NOW - 19 * HOUR), [])
    later = NOW + 3 * HOUR
    again = {"fetched_before": later - 20 * HOUR, "attempted_before": later - 2 * HOUR}
    assert await store.bills.begin_fetch(TENANT, ACCOUNT, later, **again)
    assert await begin(store, OTHER_TENANT)


async def test_no_more_questions_than_a_day_has_however_many_ask_at_once(store: Store) -> None:
    await begin(store)
    taken = [store.bills.take_call(TENANT, ACCOUNT, "2026-03-10", 5) for _ in range(12)]
    assert sum(await asyncio.gather(*taken)) == 5
    assert await store.bills.take_call(TENANT, ACCOUNT, "2026-03-11", 5)
    assert not await store.bills.take_call(TENANT, ACCOUNT, "2026-03-10", 1)  # A clock that is behind gains nothing.
    assert not await store.bills.take_call(OTHER_TENANT, ACCOUNT, "2026-03-10", 5)


async def test_a_day_that_is_read_again_takes_the_place_of_what_it_was(store: Store) -> None:
    await begin(store)
    assert await store.bills.take_call(TENANT, ACCOUNT, "2026-03-10", 5)
    await store.bills.save_fetched(TENANT, bill(), [day_bill(is_estimated=True), day_bill(day=DAY - timedelta(1))])
    settled = day_bill(costs=(ServiceCost("AWS Lambda", 2.5),))
    await store.bills.save_fetched(TENANT, bill(troubles=("the forecast: no",)), [settled])
    assert await store.bills.find_days(TENANT, DAY) == [settled]
    (kept,) = await store.bills.find_bills(TENANT)
    assert (kept.calls, kept.troubles) == (1, ("the forecast: no",))
    await store.bills.forget_days(TENANT, DAY)
    assert await store.bills.find_days(TENANT, DAY - timedelta(9)) == [settled]
    assert await store.bills.find_days(OTHER_TENANT, DAY) == []


async def test_nothing_comes_back_of_an_account_that_left_meanwhile(store: Store) -> None:
    await store.bills.save_fetched(TENANT, bill(), [day_bill()])
    assert await store.bills.find_days(TENANT, DAY) == []


async def test_what_was_seen_is_summed_by_what_is_asked(store: Store) -> None:
    fields = {"region": "eu-west-1", "actor_key": "ci", "since": NOW - 10 * HOUR, "hourly_cost": 2.0}
    kept = {
        "a": resource("a", **fields),
        "b": resource("b", **{**fields, "since": NOW - HOUR, "actor_key": "ann"}),
        "c": resource("c", **fields, running=False, stopped_at=NOW - 4 * HOUR),
    }
    await store.ledger.commit(TENANT, loaded(), nothing_but(resources=kept), NOW)
    found = await store.spending.sum_seen(TENANT, SpendKey.ACTOR, NOW - 5 * HOUR, NOW, added_since=NOW - 2 * HOUR)
    by_actor = {one.key: (one.spent_usd, one.hourly_cost, one.added_hourly_cost) for one in found}
    assert by_actor == {"ci": (12.0, 2.0, 0.0), "ann": (2.0, 2.0, 2.0)}
    assert sum(one.spent_usd for one in found) == await store.spending.sum_spent(TENANT, NOW - 5 * HOUR, NOW)


async def test_a_subject_has_one_budget(store: Store) -> None:
    for usd in (2000.0, 2500.0):
        await store.spend_budgets.save_budget(TENANT, spend_budget(monthly_usd=usd), audit_record())
    assert await store.spend_budgets.find_budgets(TENANT) == [spend_budget(monthly_usd=2500.0)]
    assert await store.spend_budgets.find_budgets(OTHER_TENANT) == []
    for is_there in (True, False):
        gone = await store.spend_budgets.delete_budget(TENANT, BudgetKind.ACCOUNT, ACCOUNT, audit_record())
        assert gone is is_there
    assert len((await store.audit.find_chain(TENANT)).entries) == 3
