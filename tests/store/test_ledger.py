"""An account's batch, in memory and on a real mongod."""

import msgspec
import pytest

from engine.baselines.model import Baseline
from engine.errors import Conflict, NotFound
from engine.models.account import Experience
from engine.models.anomaly import Anomaly, Decision, DecisionKind
from engine.models.cost_event import CostEvent
from engine.models.delivery import Delivery, DeliveryState
from engine.models.resource import Resource
from engine.models.verdict import Label
from store.connect import Store
from tests.store.samples import (
    ACCOUNT,
    HOUR,
    NOW,
    OTHER_TENANT,
    TENANT,
    account,
    anomaly,
    baseline,
    changes,
    cost_event,
    expectation,
    loaded,
    nothing_but,
    resource,
    snooze,
    tenant,
    verdict,
)

HOSTILE = "\ud800.$a\x00\u2028 'é'" + "long" * 500


async def test_a_new_account_is_loaded_empty_at_version_zero(store: Store) -> None:
    found = await store.ledger.load_state(TENANT, ACCOUNT, ["i-1"], NOW)
    assert found.version == 0
    assert found.state.baseline == Baseline(account_id=ACCOUNT)
    assert (found.state.namespace, found.state.account) == (TENANT, account())
    assert (found.state.resources, dict(found.state.anomalies)) == ({}, {})


async def test_a_batch_is_there_once_committed(store: Store) -> None:
    await store.ledger.commit(TENANT, loaded(), changes(), NOW)
    found = await store.ledger.load_state(TENANT, ACCOUNT, ["i-1"], NOW - 2 * HOUR)
    assert found.version == 1
    assert found.state.baseline == baseline()
    assert found.state.resources == changes().resources
    assert found.state.anomalies == changes().anomalies
    assert await store.anomalies.find_cost_events(TENANT, ACCOUNT, ["event-1"]) == [cost_event()]


async def test_another_tenant_sees_nothing_of_it(store: Store) -> None:
    await store.tenants.save_tenant(tenant(OTHER_TENANT))
    await store.ledger.commit(TENANT, loaded(), changes(), NOW)
    with pytest.raises(NotFound):
        await store.ledger.load_state(OTHER_TENANT, ACCOUNT, ["i-1"], NOW - 2 * HOUR)
    assert await store.ledger.find_known_event_ids(OTHER_TENANT, ACCOUNT, ["event-1"]) == set()
    assert await store.anomalies.find_cost_events(OTHER_TENANT, ACCOUNT, ["event-1"]) == []
    assert await store.spending.sum_running(OTHER_TENANT) == {}


async def test_two_tenants_may_have_the_same_ids(store: Store) -> None:
    for tenant_id in (TENANT, OTHER_TENANT):
        await store.ledger.commit(tenant_id, loaded(tenant_id=tenant_id), changes(), NOW)
        assert await store.anomalies.find_anomaly(tenant_id, "anomaly-1") == anomaly()
        assert await store.outbox.find_delivery(tenant_id, "anomaly-1")


async def test_committed_event_ids_are_known(store: Store) -> None:
    await store.ledger.commit(TENANT, loaded(), changes(), NOW)
    asked = ["event-1", "event-2", HOSTILE]
    assert await store.ledger.find_known_event_ids(TENANT, ACCOUNT, asked) == {"event-1"}
    assert await store.ledger.find_known_event_ids(TENANT, "999900001111", asked) == set()
    assert await store.ledger.find_known_event_ids(TENANT, ACCOUNT, []) == set()


async def test_a_version_that_moved_is_a_conflict_even_when_nothing_else_changed(store: Store) -> None:
    await store.ledger.commit(TENANT, loaded(0), nothing_but(), NOW)
    await store.ledger.commit(TENANT, loaded(1), nothing_but(), NOW)
    for stale in (0, 1, 3):
        with pytest.raises(Conflict):
            await store.ledger.commit(TENANT, loaded(stale), nothing_but(), NOW)
    assert (await store.ledger.load_state(TENANT, ACCOUNT, [], NOW)).version == 2


async def test_an_event_that_is_there_already_is_a_conflict(store: Store) -> None:
    await store.ledger.commit(TENANT, loaded(0), changes(), NOW)
    with pytest.raises(Conflict):
        await store.ledger.commit(TENANT, loaded(1), nothing_but(cost_events=[cost_event()]), NOW)
    other_part = nothing_but(cost_events=[cost_event(part=1)])
    current = await store.ledger.load_state(TENANT, ACCOUNT, [], NOW)
    await store.ledger.commit(TENANT, current, other_part, NOW)
    parts = await store.anomalies.find_cost_events(TENANT, ACCOUNT, ["event-1"])
    assert [event.part for event in parts] == [0, 1]


async def test_only_named_resources_are_loaded(store: Store) -> None:
    both = {"i-1": resource("i-1"), "i-2": resource("i-2")}
    await store.ledger.commit(TENANT, loaded(), nothing_but(resources=both), NOW)
    found = await store.ledger.load_state(TENANT, ACCOUNT, ["i-2", "i-3"], NOW)
    assert found.state.resources == {"i-2": resource("i-2")}


async def test_a_resource_changes_in_place(store: Store) -> None:
    stopped = resource(running=False, stopped_at=NOW)
    await store.ledger.commit(TENANT, loaded(0), changes(), NOW)
    await store.ledger.commit(TENANT, loaded(1), nothing_but(resources={"i-1": stopped}), NOW)
    found = await store.ledger.load_state(TENANT, ACCOUNT, ["i-1"], NOW)
    assert found.state.resources == {"i-1": stopped}


async def test_recent_anomalies_and_owners_of_named_resources_are_loaded(store: Store) -> None:
    times = {"recent": NOW, "owner": NOW - 90 * HOUR, "old": NOW - 90 * HOUR}
    anomalies = {name: anomaly(name, last_event_time=time) for name, time in times.items()}
    resources = {"i-1": resource(anomaly_id="owner"), "i-2": resource("i-2", anomaly_id="old")}
    await store.ledger.commit(TENANT, loaded(), nothing_but(anomalies=anomalies, resources=resources), NOW)
    found = await store.ledger.load_state(TENANT, ACCOUNT, ["i-1"], NOW)
    assert set(found.state.anomalies) == {"recent", "owner"}


async def test_expectations_and_snoozes_in_force_are_loaded(store: Store) -> None:
    await store.ledger.commit(TENANT, loaded(), changes(), NOW)
    before = anomaly()
    for revision, until in enumerate([None, NOW, NOW - HOUR], start=2):
        after = anomaly(revision=revision, expectation_id=f"e-{revision}")
        label = Label(
            before=msgspec.structs.replace(before, expectation_id=""),
            after=after,
            verdict=verdict(f"v-{revision}"),
            expectation=expectation(f"e-{revision}", until=until),
            snooze=snooze(f"s-{revision}", until=NOW + (3 - revision) * HOUR),
        )
        await store.anomalies.record_verdicts(TENANT, [label], NOW)
        before = after
    state = (await store.ledger.load_state(TENANT, ACCOUNT, [], NOW)).state
    assert {each.expectation_id for each in state.expectations} == {"e-2", "e-3"}
    assert list(state.snoozes) == []
    state = (await store.ledger.load_state(TENANT, ACCOUNT, [], NOW - HOUR)).state
    assert list(state.snoozes) == [snooze("s-4", until=NOW - HOUR)]


async def test_experience_is_told_of_every_account_with_a_baseline(store: Store) -> None:
    assert await store.baselines.find_experiences(TENANT) == {}
    known = baseline(first_event_time=NOW - HOUR, events=3)
    await store.ledger.commit(TENANT, loaded(), nothing_but(baseline=known), NOW)
    assert await store.baselines.find_experiences(TENANT) == {ACCOUNT: Experience(NOW - HOUR, 3)}
    assert await store.baselines.find_experiences(OTHER_TENANT) == {}


async def test_panic_mode_comes_with_the_state(store: Store) -> None:
    await store.tenants.save_tenant(tenant(panic_mode=True))
    assert (await store.ledger.load_state(TENANT, ACCOUNT, [], NOW)).state.panic_mode


async def test_an_alert_gets_a_card_and_a_digest_none(store: Store) -> None:
    digest = anomaly("quiet", decision=Decision(DecisionKind.DIGEST, "it is cheap"))
    anomalies = {"anomaly-1": anomaly(), "quiet": digest}
    await store.ledger.commit(TENANT, loaded(), nothing_but(anomalies=anomalies), NOW)
    assert await store.outbox.find_delivery(TENANT, "anomaly-1") == Delivery(
        anomaly_id="anomaly-1",
        account_id=ACCOUNT,
        channel_id="",
        state=DeliveryState.PENDING,
        wanted=1,
        due_at=NOW,
        created_at=NOW,
    )
    assert await store.outbox.find_delivery(TENANT, "quiet") is None


async def test_a_card_follows_its_anomaly_even_when_that_is_no_alert_any_more(store: Store) -> None:
    await store.ledger.commit(TENANT, loaded(0), changes(), NOW)
    quieter = anomaly(revision=4, decision=Decision(DecisionKind.DIGEST, "all of it stopped"))
    await store.ledger.commit(TENANT, loaded(1), nothing_but(anomalies={"anomaly-1": quieter}), NOW)
    delivery = await store.outbox.find_delivery(TENANT, "anomaly-1")
    assert delivery
    assert delivery.wanted == 4


async def test_running_costs_are_summed_by_account(store: Store) -> None:
    resources = {
        "i-1": resource("i-1", hourly_cost=1.5),
        "i-2": resource("i-2", hourly_cost=2.25),
        "stopped": resource("stopped", hourly_cost=100.0, running=False),
        "unknown": resource("unknown", hourly_cost=None),
        "elsewhere": resource("elsewhere", hourly_cost=7.0, account_id="999900001111"),
    }
    await store.ledger.commit(TENANT, loaded(), nothing_but(resources=resources), NOW)
    assert await store.spending.sum_running(TENANT) == {ACCOUNT: 3.75, "999900001111": 7.0}


async def test_hostile_names_and_numbers_neither_stop_a_batch_nor_touch_another_record(store: Store) -> None:
    hostile = cost_event(HOSTILE, resource_type=HOSTILE, resource_ids=(HOSTILE, ""), quantity=10**30)
    keys = {HOSTILE: 1, "": 2, "a.b": 3, "$set": 4, "$": 5, ".": 6}
    batch = nothing_but(
        baseline=baseline(actors=keys, regions=keys),
        cost_events=[hostile, cost_event()],
        resources={HOSTILE: resource(HOSTILE)},
        anomalies={"anomaly-1": anomaly(source_ip=HOSTILE, event_ids=(HOSTILE,))},
    )
    await store.ledger.commit(TENANT, loaded(), batch, NOW)
    assert await store.ledger.find_known_event_ids(TENANT, ACCOUNT, [HOSTILE, "event-1"]) == {HOSTILE, "event-1"}
    found: list[CostEvent] = await store.anomalies.find_cost_events(TENANT, ACCOUNT, [HOSTILE, "event-1"])
    assert cost_event() in found
    assert {event.quantity for event in found} == {1, 2**63 - 1}
    state = (await store.ledger.load_state(TENANT, ACCOUNT, [HOSTILE], NOW - 2 * HOUR)).state
    assert sorted(state.baseline.actors.values()) == [1, 2, 3, 4, 5, 6]
    kept: Resource = next(iter(state.resources.values()))
    shown: Anomaly = state.anomalies["anomaly-1"]
    assert kept.resource_id == shown.source_ip == HOSTILE.replace("\ud800", "\\ud800")


@pytest.mark.parametrize("resource_id", ["i-1", HOSTILE])
async def test_a_resource_is_inserted_once_and_changed_from_then_on(store: Store, resource_id: str) -> None:
    for version, running in enumerate([True, False]):
        known = await store.ledger.load_state(TENANT, ACCOUNT, [resource_id], NOW)
        assert (resource_id in known.missing_resources) == (version == 0)
        changed = nothing_but(resources={resource_id: resource(resource_id, running=running)})
        await store.ledger.commit(TENANT, known, changed, NOW)
    [stored] = (await store.ledger.load_state(TENANT, ACCOUNT, [resource_id], NOW)).state.resources.values()
    assert not stored.running


async def test_a_resource_nobody_asked_for_is_changed_if_it_is_there(store: Store) -> None:
    for version, running in enumerate([True, False]):
        unasked = await store.ledger.load_state(TENANT, ACCOUNT, [], NOW)
        assert unasked.version == version
        await store.ledger.commit(TENANT, unasked, nothing_but(resources={"i-1": resource(running=running)}), NOW)
    assert not (await store.ledger.load_state(TENANT, ACCOUNT, ["i-1"], NOW)).state.resources["i-1"].running
