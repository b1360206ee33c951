"""Learning is exact: in any order, in any batches, and back again."""

import itertools
import random
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.baselines.learn import MOST_ACTORS, learn, log_cost, unlearn
from engine.baselines.model import Baseline, pair_key
from engine.baselines.observe import observe
from engine.models.cost_event import Actor, ActorKind, Change, CostEvent
from engine.pipeline import advance, start_changes
from engine.scoring import score
from engine.scoring.deviation import deviation
from engine.scoring.score import NEGLIGIBLE
from engine.scoring.thresholds import JOIN_SCORE
from tests.unit.engine.factories import (
    ACCOUNT,
    T0,
    Account,
    Prices,
    Record,
    new_state,
    normal_weeks,
    parse_record,
    run_instances,
    terminate,
)

EMPTY = Baseline(account_id=ACCOUNT)


def event(number: int, actor: str, kind: str, region: str, cost: float | None) -> CostEvent:
    return CostEvent(
        event_id=f"e-{number}",
        account_id=ACCOUNT,
        event_name="RunInstances",
        event_time=T0,
        region=region,
        service="ec2",
        resource_type=kind,
        resource_ids=(),
        quantity=1,
        actor=Actor(actor, ActorKind.ROLE, actor),
        change=Change.START,
        hourly_cost=cost,
    )


EVENTS = st.builds(
    event,
    st.integers(0, 9),
    st.sampled_from(["ci", "alice", "a | b"]),
    st.sampled_from(["m5.large", "p5"]),
    st.sampled_from(["eu-west-1", "us-east-1"]),
    st.none() | st.floats(0, 1e7),
)


def learn_all(events: list[CostEvent], baseline: Baseline = EMPTY) -> Baseline:
    for one in events:
        baseline = learn(baseline, one)
    return baseline


@given(st.lists(EVENTS, max_size=20), st.randoms(use_true_random=False))
def test_any_order_teaches_the_same(events: list[CostEvent], shuffle: random.Random) -> None:
    shuffled = list(events)
    shuffle.shuffle(shuffled)
    assert learn_all(shuffled) == learn_all(events)


@given(st.lists(EVENTS, max_size=10), EVENTS)
def test_what_was_learned_is_taken_back_to_the_last_bit(events: list[CostEvent], one: CostEvent) -> None:
    before = learn_all(events)
    assert unlearn(learn(before, one), one) == before


@given(st.lists(EVENTS, max_size=10), EVENTS)
def test_learning_leaves_the_old_baseline_alone(events: list[CostEvent], one: CostEvent) -> None:
    before = learn_all(events)
    copy = msgspec.msgpack.encode(before)
    learn(before, one)
    assert msgspec.msgpack.encode(before) == copy


@given(st.lists(EVENTS, max_size=20), EVENTS)
def test_a_score_is_the_highest_channel_and_spells_out_what_weighs(events: list[CostEvent], one: CostEvent) -> None:
    judged = score(one, learn_all(events))
    assert 0.0 <= judged.value < 1e4
    of_point = sum(signal.contribution for signal in judged.signals if signal.name not in {"burst", "creep"})
    others = [signal.contribution for signal in judged.signals if signal.name in {"burst", "creep"}]
    left_out = 5 * NEGLIGIBLE  # Each of the point channel's five parts may be too small to be spelled out.
    assert not judged.signals or -1e-9 < judged.value - max([of_point, *others]) < left_out
    assert bool(judged.signals) is (judged.value >= JOIN_SCORE)
    assert [s.contribution for s in judged.signals] == sorted((s.contribution for s in judged.signals), reverse=True)
    assert all(signal.text.endswith(".") for signal in judged.signals)


def test_what_was_seen_often_is_no_surprise_and_ten_times_its_cost_is() -> None:
    usual = [event(n, "ci", "m5.large", "eu-west-1", 10.0) for n in range(50)]
    known = learn_all(usual)
    assert score(usual[0], known).value < 0.2
    departure = deviation(event(1, "ci", "m5.large", "eu-west-1", 100.0), known)
    assert departure is not None
    assert departure.z_score == 8.0
    assert abs(departure.usual_cost - 10.0) < 0.1
    assert score(event(1, "ci", "m5.large", "eu-west-1", 100.0), known).value > 1.0
    assert score(event(1, "ci", "m5.large", "eu-west-1", 5.0), known).value < 0.2


def test_an_unknown_price_is_seen_but_says_nothing_of_cost() -> None:
    known = learn_all([event(1, "ci", "m5.large", "eu-west-1", None)])
    cell = known.types["m5.large"]
    assert (cell.count, cell.priced, cell.log_sum) == (1, 0, 0)
    assert deviation(event(1, "ci", "m5.large", "eu-west-1", 1.0), known) is None


def test_what_is_free_has_a_logarithm() -> None:
    assert log_cost(0.0) == log_cost(1e-9) < log_cost(0.01)


def test_observing_keeps_the_first_and_last_time_whatever_the_order() -> None:
    times = [T0.replace(day=day) for day in (7, 5, 9)]
    baseline = EMPTY
    for time in times:
        baseline = observe(baseline, msgspec.structs.replace(event(1, "ci", "x", "y", 1.0), event_time=time))
    assert (baseline.first_event_time, baseline.last_event_time, baseline.events) == (times[1], times[2], 3)


def test_a_baseline_stops_growing_before_it_outgrows_its_document() -> None:
    full = msgspec.structs.replace(EMPTY, actors={f"a-{n}": 1 for n in range(MOST_ACTORS)})
    newcomer, regular = (event(1, who, "m5.large", "eu-west-1", 1.0) for who in ("newcomer", "a-7"))
    assert "newcomer" not in learn(full, newcomer).actors
    assert learn(full, regular).actors["a-7"] == 2
    assert unlearn(learn(full, newcomer), newcomer) == full


def batches(records: list[Record], cuts: list[int]) -> Any:
    """The state after the records were judged in batches that end at the cuts."""
    known = Account()
    edges = sorted({0, len(records), *(cut % (len(records) + 1) for cut in cuts)})
    for first, last in itertools.pairwise(edges):
        known.play(*records[first:last])
    return known.state.baseline, known.state.resources, known.state.anomalies


@given(st.lists(st.integers(0, 1000), max_size=6))
@settings(max_examples=25)
def test_batches_of_any_size_end_in_the_same_state(cuts: list[int]) -> None:
    records = [*normal_weeks(3), run_instances(["i-x"], "p4d.24xlarge"), terminate(["i-x"], at=1)]
    assert batches(records, cuts) == batches(records, [])


def test_a_batch_changes_only_what_it_says() -> None:
    state = new_state()
    changes = start_changes(state)
    advance(parse_record(run_instances(["i-1"])), state, changes, Prices())
    assert changes.baseline is state.baseline
    assert set(changes.resources) == set(state.resources)


def test_what_runs_already_teaches_nothing_when_announced_again() -> None:
    known = Account()
    known.play(run_instances(["i-1", "i-2"], event_id="e-1"))
    before = known.state
    pairs, resources, launches = before.baseline.pairs, dict(before.resources), before.baseline.launches
    known.play(run_instances(["i-1", "i-2"], event_id="e-2"))
    assert (known.state.baseline.pairs, known.state.resources) == (pairs, resources)
    assert known.state.baseline.launches == launches
    assert known.cost_events[-1].quantity == 0
    known.play(run_instances(["i-2", "i-3"], event_id="e-3"))
    assert known.cost_events[-1].resource_ids == ("i-3",)
    assert known.cost_events[-1].hourly_cost == 0.1


def test_the_actor_and_type_of_a_pair_are_told_apart() -> None:
    assert pair_key("a", "b") != pair_key("b", "a")
