"""Anomalies and verdicts, in memory and on a real mongod."""

from typing import Any

import pytest

from engine.errors import Conflict, NotFound
from engine.models.anomaly import AnomalyStatus, Decision, DecisionKind
from engine.models.verdict import Forgotten, Label, VerdictKind
from engine.models.work import WorkItem, WorkKind
from store.connect import Store
from tests.store.samples import (
    ACCOUNT,
    HOUR,
    NOW,
    OTHER_TENANT,
    TENANT,
    anomaly,
    baseline,
    changes,
    cost_event,
    expectation,
    loaded,
    nothing_but,
    snooze,
    verdict,
)


@pytest.fixture
async def store(store: Store) -> Store:
    """The store after one batch: one anomaly at revision 1, the account at version 1."""
    await store.ledger.commit(TENANT, loaded(), changes(), NOW)
    return store


async def record(store: Store, **given: Any) -> None:
    """Record that somebody expected the anomaly, unless told otherwise."""
    after = anomaly(status=AnomalyStatus.EXPECTED, revision=2, expectation_id="expectation-1")
    label = Label(**{"before": anomaly(), "after": after, "verdict": verdict(), **given})
    await store.anomalies.record_verdicts(TENANT, [label], NOW)


async def patterns(store: Store) -> tuple[list[str], list[str]]:
    """The ids of all expectations and snoozes of the account."""
    state = (await store.ledger.load_state(TENANT, ACCOUNT, [], NOW - 1000 * HOUR)).state
    return [each.expectation_id for each in state.expectations], [each.snooze_id for each in state.snoozes]


async def test_an_anomaly_is_found_by_its_own_tenant_alone(store: Store) -> None:
    assert await store.anomalies.find_anomaly(TENANT, "anomaly-1") == anomaly()
    with pytest.raises(NotFound):
        await store.anomalies.find_anomaly(OTHER_TENANT, "anomaly-1")
    with pytest.raises(NotFound):
        await store.anomalies.find_anomaly(TENANT, "\ud800")


async def test_anomalies_are_listed_newest_first_without_logged_ones(store: Store) -> None:
    logged = anomaly("logged", last_event_time=NOW, decision=Decision(DecisionKind.LOG, "it costs nothing"))
    newer = anomaly("newer", last_event_time=NOW, decision=Decision(DecisionKind.DIGEST, "it is cheap"))
    old = anomaly("old", last_event_time=NOW - 99 * HOUR)
    batch = nothing_but(anomalies={each.anomaly_id: each for each in (logged, newer, old)})
    await store.ledger.commit(TENANT, loaded(1), batch, NOW)
    since = NOW - 2 * HOUR
    assert await store.anomalies.find_anomalies(TENANT, since=since, limit=10) == [newer, anomaly()]
    assert await store.anomalies.find_anomalies(TENANT, since=since, limit=1) == [newer]
    assert await store.anomalies.find_anomalies(TENANT, since=since, limit=0) == []
    assert await store.anomalies.find_anomalies(OTHER_TENANT, since=since, limit=10) == []
    assert await store.anomalies.count_unsettled(TENANT, since=since) == 1
    assert await store.anomalies.count_unsettled(OTHER_TENANT, since=since) == 0


async def test_cost_events_come_in_the_order_of_their_times(store: Store) -> None:
    events = [cost_event("later", event_time=NOW), cost_event("sooner", event_time=NOW - 3 * HOUR)]
    await store.ledger.commit(TENANT, loaded(1), nothing_but(cost_events=events), NOW)
    found = await store.anomalies.find_cost_events(TENANT, ACCOUNT, ["later", "sooner", "event-1", "nowhere"])
    assert [event.event_id for event in found] == ["sooner", "event-1", "later"]


async def test_a_verdict_changes_the_anomaly_and_its_card(store: Store) -> None:
    await record(store, expectation=expectation())
    found = await store.anomalies.find_anomaly(TENANT, "anomaly-1")
    assert (found.status, found.revision) == (AnomalyStatus.EXPECTED, 2)
    assert await store.anomalies.find_verdict(TENANT, "verdict-1") == verdict()
    assert await patterns(store) == (["expectation-1"], [])
    delivery = await store.outbox.find_delivery(TENANT, "anomaly-1")
    assert delivery
    assert delivery.wanted == 2


async def test_the_second_clicker_loses(store: Store) -> None:
    await record(store, expectation=expectation())
    with pytest.raises(Conflict):
        await record(store, verdict=verdict("verdict-2"), expectation=expectation("expectation-2"))
    with pytest.raises(NotFound):
        await store.anomalies.find_verdict(TENANT, "verdict-2")
    assert await patterns(store) == (["expectation-1"], [])


async def test_a_batch_loaded_before_a_verdict_is_judged_again(store: Store) -> None:
    before = await store.ledger.load_state(TENANT, ACCOUNT, [], NOW)
    await record(store, expectation=expectation())
    with pytest.raises(Conflict):
        await store.ledger.commit(TENANT, before, nothing_but(), NOW)


async def test_undoing_withdraws_the_expectation(store: Store) -> None:
    await record(store, expectation=expectation())
    expected = await store.anomalies.find_anomaly(TENANT, "anomaly-1")
    undone = verdict("verdict-2", kind=VerdictKind.UNDONE, at=NOW + HOUR)
    await record(store, before=expected, after=anomaly(revision=3), verdict=undone)
    assert await patterns(store) == ([], [])
    assert await store.anomalies.find_verdicts(TENANT, "anomaly-1") == [verdict(), undone]


async def test_a_snooze_ends_with_its_status(store: Store) -> None:
    snoozed = anomaly(status=AnomalyStatus.SNOOZED, revision=2, snoozed_until=NOW + HOUR)
    await record(store, after=snoozed, snooze=snooze())
    assert await patterns(store) == ([], ["snooze-1"])
    await record(store, before=snoozed, after=anomaly(revision=3), verdict=verdict("verdict-2"))
    assert await patterns(store) == ([], [])


async def test_a_new_snooze_replaces_the_old_one(store: Store) -> None:
    first = anomaly(status=AnomalyStatus.SNOOZED, revision=2)
    second = anomaly(status=AnomalyStatus.SNOOZED, revision=3)
    await record(store, after=first, snooze=snooze())
    await record(store, before=first, after=second, verdict=verdict("verdict-2"), snooze=snooze("snooze-2"))
    assert await patterns(store) == ([], ["snooze-2"])


async def test_ended_snoozes_are_found_over_all_tenants(store: Store) -> None:
    ended = anomaly(status=AnomalyStatus.SNOOZED, revision=2, snoozed_until=NOW)
    longer = anomaly("longer", status=AnomalyStatus.SNOOZED, snoozed_until=NOW + HOUR)
    await record(store, after=ended, snooze=snooze())
    await store.ledger.commit(OTHER_TENANT, loaded(), nothing_but(anomalies={"longer": longer}), NOW)
    find = store.anomalies.find_snoozed_before
    assert await find(NOW - HOUR, 10) == []
    assert await find(NOW, 10) == [(TENANT, ended)]
    assert await find(NOW + HOUR, 10) == [(TENANT, ended), (OTHER_TENANT, longer)]
    assert await find(NOW + HOUR, 1) == [(TENANT, ended)]
    assert await find(NOW + HOUR, 0) == []


async def test_unlearned_verdicts_become_work(store: Store) -> None:
    await record(store)
    work = WorkItem(WorkKind.LEARN_VERDICT, TENANT, ACCOUNT, "verdict-1")
    assert await store.anomalies.find_unlearned(NOW + HOUR, 10) == [work]
    assert await store.anomalies.find_unlearned(NOW, 10) == []
    assert await store.anomalies.find_unlearned(NOW + HOUR, 0) == []


async def test_learning_saves_the_baseline_and_is_done_once(store: Store) -> None:
    await record(store)
    version = (await store.ledger.load_state(TENANT, ACCOUNT, [], NOW)).version
    learned = baseline(launches=9)
    forgotten = (Forgotten(pair="$role.ci | m5.large", days=2, most=1500, at=1_700_000_000),)
    await store.anomalies.commit_learning(TENANT, "verdict-1", learned, version, forgotten)
    kept = await store.anomalies.find_verdict(TENANT, "verdict-1")
    assert (kept.learned, kept.forgotten) == (True, forgotten)
    assert await store.anomalies.find_unlearned(NOW + HOUR, 10) == []
    assert (await store.ledger.load_state(TENANT, ACCOUNT, [], NOW)).state.baseline == learned
    with pytest.raises(Conflict):
        await store.anomalies.commit_learning(TENANT, "verdict-1", learned, version)
    with pytest.raises(Conflict, match="learned already"):
        await store.anomalies.commit_learning(TENANT, "verdict-1", learned, version + 1)


async def test_learning_from_a_stale_baseline_is_a_conflict(store: Store) -> None:
    await record(store)
    with pytest.raises(Conflict):
        await store.anomalies.commit_learning(TENANT, "verdict-1", baseline(), 1)
    assert not (await store.anomalies.find_verdict(TENANT, "verdict-1")).learned


async def test_a_verdict_that_is_not_there_is_not_learned(store: Store) -> None:
    with pytest.raises(NotFound):
        await store.anomalies.commit_learning(TENANT, "nowhere", baseline(), 1)
