"""The burn clock, to the cent: what an incident burnt, whatever the order in which its records came."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.incidents import settle
from engine.models.account import GovernanceMode
from engine.models.anomaly import Anomaly, AnomalyStatus
from engine.models.cost_event import Actor, ActorKind, Change, CostEvent, UsageItem
from engine.pipeline import advance, start_changes
from tests.unit.engine.factories import (
    ACCOUNT,
    ALICE,
    JANITOR,
    PRICES,
    T0,
    Account,
    Prices,
    Record,
    account,
    hours,
    new_state,
    resize,
    run_instances,
    start,
    stop,
    terminate,
)

GPU, SMALLER = "p4d.24xlarge", "g5.48xlarge"


def burnt(anomaly: Anomaly, at: float) -> float:
    """USD burnt by so many hours after T0."""
    return settle(anomaly, T0 + hours(at))[0]


def after(*records: Record) -> Account:
    known = Account()
    known.play(*records)
    return known


def test_the_clock_runs_until_the_stop_and_no_longer() -> None:
    known = after(run_instances(["i-1"], GPU, at=0))
    assert burnt(known.only_anomaly(), 1.5) == pytest.approx(48.0)
    known.play(terminate(["i-1"], at=2.5))
    card = known.only_anomaly()
    assert burnt(card, 100) == card.burnt_usd == pytest.approx(80.0)
    assert (card.status, card.ended_at, card.running_hourly_cost) == (AnomalyStatus.RESOLVED, T0 + hours(2.5), 0.0)


def test_a_stop_tells_what_it_ended() -> None:
    known = after(run_instances(["i-1", "i-2"], GPU, at=0), terminate(["i-1", "i-2"], at=1))
    assert known.cost_events[-1].hourly_cost == pytest.approx(64.0)
    assert known.cost_events[-1].resource_type == GPU
    known.play(terminate(["i-never-seen"], at=2))
    assert known.cost_events[-1].hourly_cost is None


def test_a_stop_that_came_before_its_start() -> None:
    known = after(terminate(["i-1"], at=2), run_instances(["i-1"], GPU, at=0.5))
    card = known.only_anomaly()
    assert (card.status, card.ended_at) == (AnomalyStatus.RESOLVED, T0 + hours(2))
    assert card.burnt_usd == pytest.approx(48.0)


def test_a_part_of_the_machines_ends() -> None:
    known = after(run_instances(["i-1", "i-2", "i-3"], GPU, at=0), terminate(["i-1", "i-3"], at=1))
    card = known.only_anomaly()
    assert (card.status, card.running_ids, card.running_hourly_cost) == (AnomalyStatus.OPEN, ("i-2",), 32.0)
    assert burnt(card, 2) == pytest.approx(96 + 32)
    assert card.ended_at is None


def test_a_janitor_ends_what_others_started() -> None:
    known = after(run_instances(["i-1"], GPU, at=0, by=ALICE), terminate(["i-1"], at=3, by=JANITOR))
    card = known.only_anomaly()
    assert card.status is AnomalyStatus.RESOLVED
    assert card.actor.name == "alice"
    assert card.burnt_usd == pytest.approx(96.0)


def test_stopped_and_started_again_it_is_counted_once_and_burns_while_it_runs() -> None:
    known = after(run_instances(["i-1", "i-2"], GPU, at=0), stop(["i-1"], at=0.25), start(["i-1"], at=0.75, by=ALICE))
    assert len(known.anomalies) == 2
    known = after(run_instances(["i-1", "i-2"], GPU, at=0), stop(["i-1"], at=0.25), start(["i-1"], at=0.75))
    card = known.only_anomaly()
    assert (card.hourly_cost, card.lead.quantity, len(card.resources)) == (64.0, 2, 2)
    assert burnt(card, 1.75) == pytest.approx(32 * (1.75 + 0.25 + 1.0))


def test_a_restart_that_came_before_its_stop_costs_the_same() -> None:
    story = [run_instances(["i-1", "i-2"], GPU, at=0), stop(["i-1"], at=0.25), start(["i-1"], at=0.75)]
    card = after(story[0], story[2], story[1]).only_anomaly()
    assert card.status is AnomalyStatus.OPEN
    assert burnt(card, 1.75) == pytest.approx(32 * (1.75 + 0.25 + 1.0))
    assert card.running_hourly_cost == pytest.approx(64.0)


def test_a_second_run_whose_stop_came_before_its_start() -> None:
    records = [run_instances(["i-1", "i-2"], GPU, at=0), stop(["i-1"], at=0.25)]
    card = after(*records, stop(["i-1"], at=0.9), start(["i-1"], at=0.5)).only_anomaly()
    assert card.running_ids == ("i-2",)
    assert burnt(card, 1) == pytest.approx(32 * (1 + 0.25 + 0.4))


def test_a_start_told_twice_is_one_run_even_when_that_is_over() -> None:
    launch, again = (run_instances(["i-1"], GPU, at=0, event_id=one) for one in ("e-1", "e-2"))
    known = after(launch, terminate(["i-1"], at=1), again)
    assert known.only_anomaly().burnt_usd == pytest.approx(32.0)
    assert not known.state.resources["eu-west-1/ec2/i-1"].running


def test_a_stop_of_a_run_long_past_does_not_end_the_present_one() -> None:
    known = after(run_instances(["i-1"], GPU, at=1), stop(["i-1"], at=0.5))
    assert known.only_anomaly().running_ids == ("i-1",)
    assert known.state.resources["eu-west-1/ec2/i-1"].running


def test_a_late_start_burns_from_its_own_time() -> None:
    known = after(run_instances(["i-1"], GPU, at=0.5), run_instances(["i-2"], GPU, at=0))
    assert burnt(known.only_anomaly(), 1) == pytest.approx(32 * 1.5)
    assert known.only_anomaly().first_event_time == T0


def test_the_end_is_that_of_the_last_machine_also_when_it_was_told_first() -> None:
    known = after(run_instances(["i-1", "i-2"], GPU, at=0), stop(["i-2"], at=3), stop(["i-1"], at=2))
    card = known.only_anomaly()
    assert (card.ended_at, card.status) == (T0 + hours(3), AnomalyStatus.RESOLVED)
    assert card.burnt_usd == pytest.approx(32 * 5)


class TestChanges:
    def test_dearer_burns_faster_and_the_end_is_clean(self) -> None:
        known = after(run_instances(["i-1"], SMALLER, at=0), resize("i-1", GPU, at=0.5))
        assert known.only_anomaly().running_hourly_cost == 32.0
        known.play(terminate(["i-1"], at=1.5))
        card = known.only_anomaly()
        assert card.status is AnomalyStatus.RESOLVED
        assert card.burnt_usd == pytest.approx(8 + 32)

    def test_cheaper_burns_slower_and_the_end_is_clean(self) -> None:
        known = after(run_instances(["i-1"], GPU, at=0), resize("i-1", "m5.24xlarge", at=1, by=JANITOR))
        card = known.only_anomaly()
        assert (card.status, card.running_hourly_cost) == (AnomalyStatus.OPEN, 5.0)
        known.play(terminate(["i-1"], at=3))
        card = known.only_anomaly()
        assert card.status is AnomalyStatus.RESOLVED
        assert card.burnt_usd == pytest.approx(32 + 10)

    def test_what_was_usual_before_is_no_part_of_the_burn(self) -> None:
        known = after(run_instances(["i-1"], "m5.large", at=0), resize("i-1", GPU, at=1, by=ALICE))
        card = known.anomalies[-1]
        assert card.hourly_cost == card.running_hourly_cost == pytest.approx(31.9)
        known.play(terminate(["i-1"], at=3))
        card = known.anomalies[-1]
        assert card.status is AnomalyStatus.RESOLVED
        assert card.burnt_usd == pytest.approx(31.9 * 2)

    def test_back_to_what_it_was_nothing_burns(self) -> None:
        known = after(run_instances(["i-1"], "m5.large", at=0), resize("i-1", GPU, at=1, by=ALICE))
        known.play(resize("i-1", "m5.large", at=2))
        assert known.anomalies[-1].running_hourly_cost == pytest.approx(0.0)
        assert burnt(known.anomalies[-1], 99) == pytest.approx(31.9)

    def test_another_actor_takes_the_burn_over(self) -> None:
        known = after(run_instances(["i-1"], SMALLER, at=0), resize("i-1", GPU, at=1, by=ALICE))
        first, second = known.anomalies
        assert first.status is AnomalyStatus.RESOLVED
        assert first.burnt_usd == pytest.approx(16.0)
        assert (second.hourly_cost, second.running_hourly_cost) == (16.0, 32.0)
        known.play(terminate(["i-1"], at=2))
        assert known.anomalies[1].burnt_usd == pytest.approx(32.0)

    def test_what_is_stopped_burns_nothing_however_large_it_is_made(self) -> None:
        known = after(run_instances(["i-1"], "t3.medium", at=0), stop(["i-1"], at=1))
        learned = known.state.baseline.launches
        known.play(resize("i-1", GPU, at=2))
        assert known.anomalies == []
        assert known.state.baseline.launches == learned
        known.play(start(["i-1"], at=3))
        assert known.only_anomaly().hourly_cost == 32.0
        assert burnt(known.only_anomaly(), 4) == pytest.approx(32.0)

    def test_a_price_that_becomes_unknown_stops_counting(self) -> None:
        known = after(run_instances(["i-1"], GPU, at=0), resize("i-1", "x99.metal", at=1))
        assert known.only_anomaly().running_hourly_cost == 0.0
        assert known.only_anomaly().unknown_price
        known.play(terminate(["i-1"], at=2))
        card = known.only_anomaly()
        assert card.status is AnomalyStatus.RESOLVED
        assert card.burnt_usd == pytest.approx(32.0)


Move = tuple[str, int, int]


def timeline(steps: Sequence[tuple[int, int]]) -> list[Move]:
    """Starts and stops of up to four machines in turn: (start or stop, machine, minute), at strictly rising minutes."""
    running: set[int] = set()
    moves, minute = [], 0
    for machine, pause in steps:
        minute += pause
        moves.append(("stop" if machine in running else "start", machine, minute))
        running ^= {machine}
    return moves


def delivered(moves: Sequence[Move], swaps: Sequence[bool]) -> list[Move]:
    """The moves with some neighbours of one machine's story swapped, each at most once."""
    order = list(moves)
    position = 0
    for swap in swaps:
        if position + 1 >= len(order):
            break
        if swap:
            order[position], order[position + 1] = order[position + 1], order[position]
            position += 1
        position += 1
    return order


def integrate(moves: Sequence[Move], until: int) -> float:
    """USD burnt by then, minute by minute."""
    total = 0.0
    for minute in range(until):
        running: set[int] = set()
        for verb, machine, at in moves:
            if at <= minute:
                running = running | {machine} if verb == "start" else running - {machine}
        total += len(running) * PRICES[f"ec2/{GPU}"] / 60
    return total


def machine_event(number: int, move: Move) -> CostEvent:
    """A start or stop of one machine as it stands after parsing, as one actor does it all."""
    verb, machine, minute = move
    starts = verb == "start"
    return CostEvent(
        event_id=f"e-{number}",
        account_id=ACCOUNT,
        event_name="StartInstances" if starts else "StopInstances",
        event_time=T0 + timedelta(minutes=minute),
        region="eu-west-1",
        service="ec2",
        resource_type=GPU,
        resource_ids=(f"i-{machine}",),
        quantity=1,
        actor=Actor("alice", ActorKind.PERSON, "alice"),
        change=Change.START if starts else Change.STOP,
        usage=(UsageItem(f"ec2/{GPU}", 1),) if starts else (),
    )


def total_burnt(moves: Sequence[Move], until: int) -> float:
    """USD all incidents together say was burnt."""
    state = new_state(account=account(GovernanceMode.AUDIT))
    changes = start_changes(state)
    for number, move in enumerate(moves):
        advance([machine_event(number, move)], state, changes, Prices())
    assert all(one.running_hourly_cost >= 0 for one in state.anomalies.values())
    return sum(settle(one, T0 + timedelta(minutes=until))[0] for one in state.anomalies.values())


STEPS = st.lists(st.tuples(st.integers(0, 3), st.integers(1, 12)), min_size=1, max_size=12)


@given(STEPS)
def test_the_burn_equals_the_hours_added_up_one_by_one(steps: list[tuple[int, int]]) -> None:
    moves = timeline(steps)
    until = moves[-1][2] + 30
    assert total_burnt(moves, until) == pytest.approx(integrate(moves, until), abs=1e-6)


@given(STEPS, st.lists(st.booleans(), max_size=12))
@settings(max_examples=300)
@example([(0, 1), (0, 1), (0, 1), (0, 1)], [False, True, False])
@example([(0, 1), (0, 1), (0, 1), (0, 1)], [True, True])
def test_neighbours_that_come_in_the_wrong_order_change_nothing(
    steps: list[tuple[int, int]], swaps: list[bool]
) -> None:
    moves = timeline(steps)
    until = moves[-1][2] + 30
    assert total_burnt(delivered(moves, swaps), until) == pytest.approx(integrate(moves, until), abs=1e-6)


def test_the_integrator_itself_counts_right() -> None:
    assert integrate([("start", 0, 0), ("stop", 0, 60), ("start", 1, 30)], 90) == pytest.approx(64.0)
