"""What runs of all that an actor started: just what was counted of a thing is taken off again when it ends."""

import random
from datetime import timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import runs
from engine.baselines.gauges import gauge_of
from engine.counting import count
from engine.examples import incident, launch, new_state
from engine.limits import end_at_limit
from engine.models.anomaly import Decision, DecisionKind
from engine.models.cost_event import Actor, ActorKind, Change
from engine.models.resource import Resource
from engine.pipeline import start_changes
from engine.verdicts import expectation_of
from tests.unit.engine.factories import (
    ALICE,
    DEPLOY,
    JANITOR,
    T0,
    Account,
    Record,
    parse_record,
    resize,
    run_instances,
    start,
    stop,
    terminate,
    user,
)

GPU = "p4d.24xlarge"
ROBOT = user("robot")
TYPES = ["t3.medium", "m5.large", "m5.24xlarge", GPU, "x99.metal"]
PEOPLE = [ALICE, DEPLOY, JANITOR, ROBOT]


def running(known: Account) -> set[int]:
    """What every gauge shows."""
    return {gauge.running for gauge in known.state.baseline.gauges.values()}


def key_of(who: Record) -> str:
    return parse_record(run_instances(["i-1"], by=who))[0].actor.key


def gauge(known: Account, who: Record, resource_type: str = "") -> int:
    return gauge_of(known.state.baseline, key_of(who), resource_type).running


def counted(resource: Resource) -> int:
    return sum(part.amount for part in resource.counted)


def test_an_incident_that_was_only_logged_leaves_the_gauge_when_it_ends() -> None:
    known = Account()
    known.play(run_instances(["i-1"], "t3.medium", at=0), run_instances(["i-2"], "m5.24xlarge", at=1, by=ALICE))
    found = known.only_anomaly()
    assert found.decision.kind is DecisionKind.ALERT
    known = Account(panic_mode=True)
    known.play(run_instances(["i-2"], "m5.24xlarge", at=1, by=ALICE))
    assert known.only_anomaly().decision.kind is DecisionKind.LOG
    assert gauge(known, ALICE) == gauge(known, ALICE, "m5.24xlarge") == 5000
    known.play(terminate(["i-2"], at=2))
    assert running(known) == {0}


def test_what_a_card_tells_of_was_not_counted_and_takes_nothing_off() -> None:
    known = Account()
    known.play(run_instances(["i-1"], "m5.large", at=0, by=ALICE), run_instances(["i-2"], GPU, at=1, by=ALICE))
    known.play(terminate(["i-2"], at=2))
    assert gauge(known, ALICE) == 100


def test_a_change_of_type_by_another_is_taken_off_where_it_was_counted() -> None:
    known = Account()
    known.play(run_instances(["i-1"], "t3.medium", at=0), resize("i-1", "m5.large", at=1, by=ALICE))
    assert (gauge(known, DEPLOY, "t3.medium"), gauge(known, ALICE, "m5.large")) == (50, 50)
    known.play(stop(["i-1"], at=2, by=JANITOR))
    assert running(known) == {0}


def test_what_grows_and_shrinks_again_and_again_does_not_add_up() -> None:
    known = Account()
    known.play(run_instances(["i-1"], "t3.medium", at=0))
    for turn in range(10):
        known.play(resize("i-1", "m5.large", at=1 + turn), resize("i-1", "t3.medium", at=1.5 + turn))
    assert gauge(known, DEPLOY) == 50


def test_a_stop_from_before_the_present_run_takes_nothing_off() -> None:
    known = Account()
    known.play(run_instances(["i-1"], at=0), start(["i-1"], at=4), stop(["i-1"], at=2))
    assert gauge(known, DEPLOY) == 100
    known.play(stop(["i-1"], at=6))
    assert running(known) == {0}


def test_a_start_whose_stop_came_first_is_counted_as_over() -> None:
    known = Account()
    known.play(stop(["i-1"], at=2), run_instances(["i-1"], at=1))
    assert running(known) == {0}


def test_what_is_named_twice_in_one_record_is_one() -> None:
    known = Account()
    known.play(run_instances(["i-1", "i-1"], at=0), terminate(["i-1", "i-1"], at=1))
    assert running(known) == {0}


@pytest.mark.parametrize("kind", [None, DecisionKind.LOG, DecisionKind.DIGEST])
def test_a_job_that_reaches_its_limit_is_taken_off(kind: DecisionKind | None) -> None:
    state = new_state()
    changes = start_changes(state)
    job = launch(ends_by=launch().event_time + timedelta(hours=1))
    found = None if kind is None else msgspec.structs.replace(incident(job), decision=Decision(kind, ""))
    runs.begin(job, state, changes, found)
    count(job, state, changes)
    end_at_limit(list(state.resources), job.event_time + timedelta(hours=2), state, changes)
    assert gauge_of(state.baseline, "ci").running == 0


def test_a_thing_many_people_change_stays_small() -> None:
    state = new_state()
    changes = start_changes(state)
    runs.begin(launch(hourly_cost=100.0), state, changes, None)
    for number in range(30):
        person = Actor(f"person-{number}", ActorKind.PERSON, "")
        count(launch(change=Change.MODIFY, actor=person), state, changes)
    [known] = state.resources.values()
    assert len(known.counted) == 8
    assert sum(gauge_of(state.baseline, f"person-{n}").running for n in range(30)) == counted(known) == 8000


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["run", "run", "resize", "stop", "start", "terminate"]),
        st.integers(0, 5),
        st.sampled_from(TYPES),
        st.sampled_from(PEOPLE),
    ),
    max_size=25,
)


def records_of(acts: list[tuple[str, int, str, Record]]) -> list[Record]:
    """What people do to six instances, in the order of time."""
    made = []
    for number, (act, which, kind, who) in enumerate(acts):
        name, at = f"i-{which}", float(number)
        match act:
            case "run":
                made.append(run_instances([name, f"{name}b"], kind, at=at, by=who))
            case "resize":
                made.append(resize(name, kind, at=at, by=who))
            case "stop":
                made.append(stop([name], at=at, by=who))
            case "start":
                made.append(start([name], at=at, by=who))
            case _:
                made.append(terminate([name, f"{name}b"], at=at, by=who))
    return made


@given(ACTS, st.randoms(use_true_random=False), st.booleans(), st.booleans())
def test_when_all_has_ended_nothing_runs(
    acts: list[tuple[str, int, str, Record]], rng: random.Random, shuffled: bool, panic: bool
) -> None:
    """Whatever was logged, told or expected, in any order: the gauges hold what is noted, and nothing in the end."""
    records = records_of(acts)
    if shuffled:
        rng.shuffle(records)
    known = Account(panic_mode=panic)
    for one in records:
        known.play(one)
        cards = [found for found in known.anomalies if found.decision.kind is DecisionKind.ALERT]
        if cards and rng.random() < 0.3:
            said = expectation_of(rng.choice(cards), expectation_id="x", user_id="U1", now=T0)
            known.state.expectations = [*known.state.expectations, said]
        held = sum(counted(resource) for resource in known.state.resources.values())
        assert sum(gauge(known, who) for who in PEOPLE) == held
        assert all(
            counted(r) <= round((r.hourly_cost or 0.0) * 1000) or r.hourly_cost is None
            for r in known.state.resources.values()
        )
    known.play(*(terminate([f"i-{n}", f"i-{n}b"], at=len(acts) + 1) for n in range(6)))
    assert running(known) <= {0}
    assert all(not resource.counted for resource in known.state.resources.values())
