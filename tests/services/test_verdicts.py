"""What people say: once, the first of two, learned once, and taken back exactly."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from engine.audit import find_faults
from engine.errors import Conflict, NotFound, Unavailable
from engine.models.anomaly import Anomaly, AnomalyStatus
from engine.models.verdict import Label, VerdictKind
from engine.models.work import WorkItem, WorkKind
from services.verdicts import Answer
from tests.services.world import ACCOUNT, DAY, DEPLOY, HOUR, MINUTE, REGION, TENANT, World


async def alerted(world: World, count: int = 6) -> Anomaly:
    await world.ingest(world.launch(count))
    [anomaly] = await world.anomalies()
    return anomaly


async def test_the_first_click_wins(world: World) -> None:
    anomaly = await alerted(world)
    first = await world.verdicts.mark_expected(TENANT, anomaly.anomaly_id, "U1")
    second = await world.verdicts.mark_expected(TENANT, anomaly.anomaly_id, "U2")
    assert (first.changed, second.changed) == (True, False)
    assert second.anomaly.status_by == "U1"
    assert len(await world.store.anomalies.find_verdicts(TENANT, anomaly.anomaly_id)) == 1
    assert len(world.queue.items) == 1


@pytest.mark.integration
async def test_ten_clicks_at_once_are_one(real_world: World) -> None:
    anomaly = await alerted(real_world)
    verdicts = real_world.verdicts
    clicks = [verdicts.mark_expected(TENANT, anomaly.anomaly_id, f"U{n}") for n in range(5)]
    clicks += [verdicts.snooze(TENANT, anomaly.anomaly_id, f"U{n}", HOUR) for n in range(5)]
    answers = await asyncio.gather(*clicks)
    stored = await real_world.store.anomalies.find_anomaly(TENANT, anomaly.anomaly_id)
    given = await real_world.store.anomalies.find_verdicts(TENANT, anomaly.anomaly_id)
    assert len(given) == sum(answer.changed for answer in answers) == stored.revision - 1


async def test_an_expectation_has_its_limit_and_types(world: World) -> None:
    anomaly = await alerted(world, 8)
    await world.ingest(world.launch(1, "c5.large"))
    answer = await world.verdicts.mark_expected(TENANT, anomaly.anomaly_id, "U1")
    loaded = await world.store.ledger.load_state(TENANT, ACCOUNT, [], world.clock())
    [expectation] = loaded.state.expectations
    assert expectation.actor_key == anomaly.actor.key
    assert set(expectation.resource_types) >= {"m5.large"}
    assert expectation.max_hourly_cost == pytest.approx(answer.anomaly.hourly_cost * 1.5)
    assert expectation.created_by == "U1"
    assert answer.anomaly.expectation_id == expectation.expectation_id


@pytest.mark.parametrize(("count", "cards"), [(12, 1), (13, 2)])
async def test_what_is_expected_stays_silent_up_to_the_limit(world: World, count: int, cards: int) -> None:
    anomaly = await alerted(world, 8)
    await world.verdicts.mark_expected(TENANT, anomaly.anomaly_id, "U1")
    await world.settle()
    world.turn(3 * HOUR)
    await world.ingest(world.launch(count))
    assert len(await world.anomalies()) == cards


async def test_it_is_learned_once_through_the_queue(world: World) -> None:
    anomaly = await alerted(world)
    before = await world.baseline()
    await world.verdicts.mark_expected(TENANT, anomaly.anomaly_id, "U1")
    assert await world.baseline() == before
    [item] = world.queue.items
    assert item == WorkItem(WorkKind.LEARN_VERDICT, TENANT, ACCOUNT, item.subject)
    for _ in range(3):
        await world.verdicts.learn(TENANT, item.subject)
    after = await world.baseline()
    assert (before.launches, after.launches) == (0, 1)
    assert (await world.store.anomalies.find_verdict(TENANT, item.subject)).learned


@pytest.mark.integration
async def test_it_is_learned_once_by_two_workers(real_world: World) -> None:
    anomaly = await alerted(real_world)
    await real_world.verdicts.mark_expected(TENANT, anomaly.anomaly_id, "U1")
    [item] = real_world.queue.items
    learning = [real_world.verdicts.learn(TENANT, item.subject) for _ in range(4)]
    await asyncio.gather(*learning, return_exceptions=True)
    assert (await real_world.baseline()).launches == 1


async def test_undo_restores_the_baseline_exactly(world: World) -> None:
    await world.ingest(*(world.launch(1, "t3.micro", ago=n * DAY, actor=DEPLOY) for n in range(9, 0, -1)))
    anomaly = await alerted(world)
    before = await world.baseline()
    await world.verdicts.mark_expected(TENANT, anomaly.anomaly_id, "U1")
    await world.settle()
    assert await world.baseline() != before
    answer = await world.verdicts.undo(TENANT, anomaly.anomaly_id, "U2")
    await world.settle()
    assert await world.baseline() == before
    assert (answer.anomaly.status, answer.anomaly.status_by) == (AnomalyStatus.OPEN, "")
    loaded = await world.store.ledger.load_state(TENANT, ACCOUNT, [], world.clock())
    assert list(loaded.state.expectations) == []


async def test_undo_takes_back_just_what_was_learned(world: World) -> None:
    """The incident grows between Undo and its learning: what it grew by was never learned."""
    anomaly = await alerted(world)
    before = await world.baseline()
    await world.verdicts.mark_expected(TENANT, anomaly.anomaly_id, "U1")
    await world.settle()
    await world.verdicts.undo(TENANT, anomaly.anomaly_id, "U1")
    await world.ingest(world.launch(7))
    await world.settle()
    after = await world.baseline()
    assert (after.launches, after.types, after.pairs) == (before.launches, before.types, before.pairs)
    assert after.events == before.events + 1


async def test_a_hasty_undo_is_learned_in_order(world: World) -> None:
    """Undo is clicked before Mark expected was learned, and its work comes first."""
    anomaly = await alerted(world)
    before = await world.baseline()
    await world.verdicts.mark_expected(TENANT, anomaly.anomaly_id, "U1")
    world.turn(timedelta(milliseconds=5))
    await world.verdicts.undo(TENANT, anomaly.anomaly_id, "U1")
    world.queue.items.reverse()
    await world.settle()
    assert await world.baseline() == before


@pytest.mark.parametrize("said", ["not_expected", "mark_expected", "snooze"])
async def test_undo_leaves_who_had_acknowledged_it(world: World, said: str) -> None:
    anomaly = await alerted(world)
    taken = await world.verdicts.acknowledge(TENANT, anomaly.anomaly_id, "U1")
    world.turned.now += MINUTE.total_seconds()
    if said == "snooze":
        await world.verdicts.snooze(TENANT, anomaly.anomaly_id, "U2", HOUR)
    else:
        await getattr(world.verdicts, said)(TENANT, anomaly.anomaly_id, "U2")
    await world.verdicts.undo(TENANT, anomaly.anomaly_id, "U2")
    [now] = await world.anomalies()
    assert (now.status, now.status_by, now.status_at) == (AnomalyStatus.ACKNOWLEDGED, "U1", taken.anomaly.status_at)
    await world.verdicts.undo(TENANT, anomaly.anomaly_id, "U1")
    [now] = await world.anomalies()
    assert (now.status, now.status_by, now.acknowledged_by) == (AnomalyStatus.OPEN, "", "")


@pytest.mark.parametrize("said", ["mark_expected", "not_expected"])
async def test_undo_gives_back_the_snooze_of_before_with_its_silence(world: World, said: str) -> None:
    await world.ingest(world.launch())
    [anomaly] = await world.anomalies()
    await world.verdicts.acknowledge(TENANT, anomaly.anomaly_id, "U0")
    until = (await world.verdicts.snooze(TENANT, anomaly.anomaly_id, "U1", 4 * HOUR)).anomaly.snoozed_until
    await getattr(world.verdicts, said)(TENANT, anomaly.anomaly_id, "U2")
    assert await world.store.patterns.find_snoozes(TENANT, world.clock(), 5) == []
    answer = await world.verdicts.undo(TENANT, anomaly.anomaly_id, "U2")
    after = answer.anomaly
    assert (after.status, after.status_by, after.snoozed_until) == (AnomalyStatus.SNOOZED, "U1", until)
    [snooze] = await world.store.patterns.find_snoozes(TENANT, world.clock(), 5)
    assert (snooze.created_by, snooze.until) == ("U1", until)
    again = (await world.verdicts.undo(TENANT, anomaly.anomaly_id, "U1")).anomaly
    assert (again.status, again.status_by) == (AnomalyStatus.ACKNOWLEDGED, "U0")
    assert await world.store.patterns.find_snoozes(TENANT, world.clock(), 5) == []


async def test_a_snooze_that_would_be_over_does_not_come_back(world: World) -> None:
    await world.ingest(world.launch())
    [anomaly] = await world.anomalies()
    await world.verdicts.snooze(TENANT, anomaly.anomaly_id, "U1", HOUR)
    await world.verdicts.mark_expected(TENANT, anomaly.anomaly_id, "U2")
    world.turn(2 * HOUR)
    answer = await world.verdicts.undo(TENANT, anomaly.anomaly_id, "U2")
    assert (answer.anomaly.status, answer.anomaly.snooze_before) == (AnomalyStatus.OPEN, None)


async def test_nothing_to_undo_is_said(world: World) -> None:
    anomaly = await alerted(world)
    answer = await world.verdicts.undo(TENANT, anomaly.anomaly_id, "U1")
    assert (answer.changed, answer.anomaly) == (False, anomaly)


async def test_learning_that_a_crash_prevented_comes_back(world: World) -> None:
    anomaly = await alerted(world)
    await world.verdicts.mark_expected(TENANT, anomaly.anomaly_id, "U1")
    [lost] = world.queue.items
    world.queue.items.clear()
    world.turn(MINUTE / 2)
    await world.verdicts.requeue_unlearned()
    assert not world.queue.items  # it may still be on its way
    world.turn(2 * MINUTE)
    await world.verdicts.requeue_unlearned()
    assert world.queue.items == [lost]
    await world.settle()
    await world.verdicts.requeue_unlearned()
    assert not world.queue.items
    assert (await world.baseline()).launches == 1


@pytest.mark.integration
async def test_a_crash_between_baseline_and_mark_leaves_neither(
    real_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    anomaly = await alerted(real_world)
    await real_world.verdicts.mark_expected(TENANT, anomaly.anomaly_id, "U1")
    before = await real_world.baseline()

    async def crash(*_args: object) -> None:
        raise Unavailable("MongoDB did not answer.")

    with monkeypatch.context() as patched:
        patched.setattr(real_world.store.anomalies, "_mark_learned", crash)
        with pytest.raises(Unavailable):
            await real_world.verdicts.learn(TENANT, real_world.queue.items[0].subject)
    assert await real_world.baseline() == before
    await real_world.settle()
    assert (await real_world.baseline()).launches == 1


async def test_not_expected_is_said_once(world: World) -> None:
    anomaly = await alerted(world)
    first = await world.verdicts.not_expected(TENANT, anomaly.anomaly_id, "U1")
    second = await world.verdicts.not_expected(TENANT, anomaly.anomaly_id, "U2")
    third = await world.verdicts.mark_expected(TENANT, anomaly.anomaly_id, "U3")
    assert [answer.changed for answer in (first, second, third)] == [True, False, False]
    assert (third.anomaly.status, third.anomaly.status_by) == (AnomalyStatus.UNEXPECTED, "U1")
    [verdict] = await world.store.anomalies.find_verdicts(TENANT, anomaly.anomaly_id)
    assert (verdict.kind, verdict.event_ids) == (VerdictKind.UNEXPECTED, ())


@pytest.mark.parametrize("said", ["nothing", "acknowledge", "not_expected"])
async def test_the_same_again_is_told_again_once_it_was_called_not_expected(world: World, said: str) -> None:
    """Who was told thrice of the same knows it, unless somebody said that it is wrong."""
    cards = []
    for _ in range(5):
        before = {one.anomaly_id for one in await world.anomalies()}
        await world.ingest(world.launch())
        cards += [one for one in await world.anomalies() if one.anomaly_id not in before]
        if said != "nothing":
            await getattr(world.verdicts, said)(TENANT, cards[-1].anomaly_id, "U1")
        await world.settle()
        world.turn(DAY)
    assert len(cards) == (5 if said == "not_expected" else 3)
    assert (await world.baseline()).pairs.keys() == (set() if said == "not_expected" else (await learned_pairs(world)))


async def learned_pairs(world: World) -> set[str]:
    """Pairs that the two silent launches taught."""
    [pair] = (await world.baseline()).pairs
    assert (await world.baseline()).pairs[pair].count == 2
    return {pair}


async def test_what_is_not_expected_stays_so_when_it_grows_and_when_it_ends(world: World) -> None:
    launched = world.launch()
    await world.ingest(launched)
    [anomaly] = await world.anomalies()
    await world.verdicts.not_expected(TENANT, anomaly.anomaly_id, "U1")
    await world.settle()
    world.turn(MINUTE)
    more = world.launch(2)
    await world.ingest(more)
    world.turn(MINUTE)
    await world.ingest(world.terminate(launched), world.terminate(more))
    [ended] = await world.anomalies()
    assert (ended.status, ended.status_by, ended.hourly_cost) == (AnomalyStatus.UNEXPECTED, "U1", 8.0)
    assert ended.ended_at is not None
    after = await world.baseline()
    assert (after.launches, after.told) == (0, {})
    undone = await world.verdicts.undo(TENANT, anomaly.anomaly_id, "U1")
    assert undone.anomaly.status is AnomalyStatus.RESOLVED


async def test_undo_of_not_expected_restores_the_baseline_exactly(world: World) -> None:
    for _ in range(2):
        anomaly = await alerted_again(world)
    before = await world.baseline()
    [told] = before.told.values()
    assert told.days == 2
    await world.verdicts.not_expected(TENANT, anomaly.anomaly_id, "U1")
    await world.settle()
    assert (await world.baseline()).told == {}
    answer = await world.verdicts.undo(TENANT, anomaly.anomaly_id, "U2")
    await world.settle()
    assert await world.baseline() == before
    assert (answer.anomaly.status, answer.anomaly.status_by) == (AnomalyStatus.OPEN, "")


async def alerted_again(world: World) -> Anomaly:
    """The newest card, about a launch a day later."""
    world.turn(DAY)
    await world.ingest(world.launch())
    return (await world.anomalies())[0]


@pytest.mark.parametrize("milliseconds", [5, 0, -5])
async def test_changing_ones_mind_often_is_learned_in_order(world: World, milliseconds: int) -> None:
    """All is clicked before any of it was learned, and the work comes in the wrong order; each next click may be
    recorded by another process, whose clock is behind."""
    anomaly = await alerted(world)
    before = await world.baseline()
    for say in ("not_expected", "undo", "mark_expected", "undo", "not_expected", "undo"):
        world.turn(timedelta(milliseconds=milliseconds))
        assert (await getattr(world.verdicts, say)(TENANT, anomaly.anomaly_id, "U1")).changed
    world.queue.items.reverse()
    await world.settle()
    assert await world.baseline() == before


async def test_told_anew_before_undo_counts_on_top(world: World) -> None:
    anomaly = await alerted_again(world)
    await world.verdicts.not_expected(TENANT, anomaly.anomaly_id, "U1")
    await world.settle()
    again = await alerted_again(world)
    assert again.anomaly_id != anomaly.anomaly_id
    await world.verdicts.undo(TENANT, anomaly.anomaly_id, "U1")
    await world.settle()
    [told] = (await world.baseline()).told.values()
    assert told.days == 2
    assert told.at == int(again.last_event_time.timestamp())


async def test_snooze_silences_and_wakes(world: World) -> None:
    anomaly = await alerted(world)
    answer = await world.verdicts.snooze(TENANT, anomaly.anomaly_id, "U1", 4 * HOUR)
    assert answer.anomaly.snoozed_until == world.clock() + 4 * HOUR
    assert not world.queue.items
    world.turn(3 * HOUR)
    assert await world.verdicts.wake_snoozed() == 0
    await world.ingest(world.launch())
    assert len(await world.anomalies()) == 1  # the second is only logged
    world.turn(HOUR)
    assert await world.verdicts.wake_snoozed() == 1
    woken = await world.store.anomalies.find_anomaly(TENANT, anomaly.anomaly_id)
    assert (woken.status, woken.status_by, woken.snoozed_until) == (AnomalyStatus.OPEN, "", None)
    kinds = [verdict.kind for verdict in await world.store.anomalies.find_verdicts(TENANT, anomaly.anomaly_id)]
    assert kinds == [VerdictKind.SNOOZED, VerdictKind.UNDONE]
    assert await world.verdicts.wake_snoozed() == 0
    world.turn(2 * HOUR)
    await world.ingest(world.launch())
    assert len(await world.anomalies()) == 2


async def test_one_anomaly_that_changes_does_not_keep_the_others_asleep(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = []
    for region in ("us-east-1", "eu-west-1"):
        world.turn(3 * HOUR)
        await world.ingest(world.launch(region=region))
        newest = (await world.anomalies())[0]
        ids.append(newest.anomaly_id)
    for anomaly_id in ids:
        await world.verdicts.snooze(TENANT, anomaly_id, "U1", HOUR)
    record, world_anomalies = world.store.anomalies.record_verdicts, world.store.anomalies

    async def conflict_on_the_first(tenant_id: str, labels: Sequence[Label], now: datetime) -> None:
        if labels[0].before.anomaly_id == ids[0]:
            raise Conflict("changed")
        await record(tenant_id, labels, now)

    world.turn(2 * HOUR)
    monkeypatch.setattr(world_anomalies, "record_verdicts", conflict_on_the_first)
    await world.verdicts.wake_snoozed()
    statuses = [(await world_anomalies.find_anomaly(TENANT, one)).status for one in ids]
    assert statuses == [AnomalyStatus.SNOOZED, AnomalyStatus.OPEN]


async def test_a_click_that_meets_intake_is_decided_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    anomaly = await alerted(world)
    find, more = world.store.anomalies.find_anomaly, [world.launch(7)]

    async def overtaken(*args: str) -> Anomaly:
        found = await find(*args)
        if more:
            await world.ingest(more.pop())
        return found

    monkeypatch.setattr(world.store.anomalies, "find_anomaly", overtaken)
    answer = await world.verdicts.mark_expected(TENANT, anomaly.anomaly_id, "U1")
    assert answer.changed
    assert len(answer.anomaly.event_ids) == 2
    loaded = await world.store.ledger.load_state(TENANT, ACCOUNT, [], world.clock())
    assert [one.max_hourly_cost for one in loaded.state.expectations] == [pytest.approx(13 * 1.5)]
    await world.settle()
    assert (await world.baseline()).regions == {REGION: 2}


@pytest.mark.parametrize("act", ["mark_expected", "not_expected", "acknowledge", "undo"])
async def test_another_tenants_anomaly_is_not_there(world: World, act: str) -> None:
    anomaly = await alerted(world)
    with pytest.raises(NotFound):
        await getattr(world.verdicts, act)("t-2", anomaly.anomaly_id, "U1")
    assert await world.anomalies() == [anomaly]


async def test_somebody_takes_it_and_it_can_still_be_judged(world: World) -> None:
    anomaly = await alerted(world)
    assert (await world.verdicts.acknowledge(TENANT, anomaly.anomaly_id, "U1")).changed
    assert not (await world.verdicts.acknowledge(TENANT, anomaly.anomaly_id, "U2")).changed
    assert not world.queue.items
    assert (await world.verdicts.mark_expected(TENANT, anomaly.anomaly_id, "U2")).changed


async def test_a_queue_that_is_away_takes_no_answer_back(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    anomaly = await alerted(world)

    async def away(_item: WorkItem) -> None:
        raise Unavailable("SQS did not answer.")

    with monkeypatch.context() as outage:
        outage.setattr(world.queue, "put", away)
        assert (await world.verdicts.mark_expected(TENANT, anomaly.anomaly_id, "U1")).changed
    assert not world.queue.items
    world.turn(2 * MINUTE)
    await world.verdicts.requeue_unlearned()
    await world.settle()
    [verdict] = await world.store.anomalies.find_verdicts(TENANT, anomaly.anomaly_id)
    assert verdict.learned


async def test_one_card_that_cannot_be_read_keeps_no_click_on_another_from_its_effect(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    anomaly = await alerted(world)
    find = world.store.anomalies.find_anomaly

    async def found(tenant_id: str, anomaly_id: str) -> Anomaly:
        if anomaly_id == "spoiled":
            raise ValueError("written by a newer version")
        return await find(tenant_id, anomaly_id)

    monkeypatch.setattr(world.store.anomalies, "find_anomaly", found)
    answers = await asyncio.gather(
        *(world.verdicts.acknowledge(TENANT, one, "U1") for one in ("gone", "spoiled", anomaly.anomaly_id)),
        return_exceptions=True,
    )
    assert [type(one) for one in answers] == [NotFound, ValueError, Answer]


async def test_clicks_at_one_moment_are_recorded_together_and_each_meets_what_the_one_before_left(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    anomaly = await alerted(world)
    record, written = world.store.anomalies.record_verdicts, []

    async def noted(tenant_id: str, labels: Sequence[Label], now: datetime) -> None:
        written.append([one.verdict.kind for one in labels])
        await record(tenant_id, labels, now)

    monkeypatch.setattr(world.store.anomalies, "record_verdicts", noted)
    verdicts, which = world.verdicts, (TENANT, anomaly.anomaly_id)
    answers = await asyncio.gather(
        verdicts.acknowledge(*which, "U1"),
        verdicts.acknowledge(*which, "U2"),
        verdicts.mark_expected(*which, "U3"),
        verdicts.undo(*which, "U4"),
        verdicts.snooze(*which, "U5", HOUR),
    )
    assert [(one.changed, one.anomaly.status_by) for one in answers] == [
        (True, "U1"),
        (False, "U1"),
        (True, "U3"),
        (True, "U1"),
        (True, "U5"),
    ]
    kinds = [VerdictKind.ACKNOWLEDGED, VerdictKind.EXPECTED, VerdictKind.UNDONE, VerdictKind.SNOOZED]
    assert written == [kinds]
    assert [one.kind for one in await world.store.anomalies.find_verdicts(*which)] == kinds
    assert await world.store.anomalies.find_anomaly(*which) == answers[-1].anomaly
    state = (await world.store.ledger.load_state(TENANT, ACCOUNT, [], world.clock())).state
    assert ([*state.expectations], [one.created_by for one in state.snoozes]) == ([], ["U5"])
    chain = await world.store.audit.find_chain(TENANT)
    assert [entry.actor for entry in chain.entries][-4:] == ["U1", "U3", "U4", "U5"]
    assert find_faults(chain, []) == []


@pytest.mark.integration
async def test_one_that_is_refused_takes_none_of_the_others_with_it(real_world: World) -> None:
    verdicts = real_world.verdicts
    anomaly = await alerted(real_world)
    which = (TENANT, anomaly.anomaly_id)
    await verdicts.acknowledge(*which, "U1")
    assert (await verdicts.undo(*which, "key:k", verdict_id="taken")).changed
    answers = await asyncio.gather(
        verdicts.acknowledge(*which, "U2"),
        verdicts.undo(*which, "key:k", verdict_id="taken"),
        verdicts.acknowledge(TENANT, "nowhere", "U3"),
        return_exceptions=True,
    )
    assert [getattr(one, "changed", type(one)) for one in answers] == [True, False, NotFound]
    assert (await verdicts.find(*which)).status_by == "U2"
