"""What is expected up to a total: all that runs of it counts, whatever is repeated or comes in whatever order."""

import random
from datetime import timedelta
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from engine.examples import launch
from engine.models.anomaly import DecisionKind
from engine.models.cost_event import Change
from engine.models.resource import Running
from engine.models.verdict import Expectation
from engine.patterns import matching_expectation
from tests.unit.engine.factories import (
    ACCOUNT,
    ALICE,
    T0,
    Account,
    Record,
    hours,
    resize,
    run_instances,
    terminate,
    user,
)

GPU = "p4d.24xlarge"


def declared(**changes: Any) -> Expectation:
    """Up to eight of the GPU's type at once, by anybody, for two days."""
    usual = Expectation(
        expectation_id="x",
        account_id=ACCOUNT,
        actor_key="",
        resource_types=(GPU,),
        max_hourly_cost=None,
        created_by="U1",
        created_at=T0,
        until=T0 + timedelta(days=2),
        max_quantity=8,
        all_running=True,
    )
    return msgspec.structs.replace(usual, **changes)


def machines(first: int, count: int, **where: Any) -> Record:
    """Each launch is by somebody who never started one."""
    where = {"by": user(f"person-{first}")} | where
    return run_instances([f"i-{number}" for number in range(first, first + count)], GPU, **where)


def told(known: Account) -> int:
    """How many alerts there are."""
    return sum(one.decision.kind is DecisionKind.ALERT for one in known.anomalies)


def test_within_the_number_it_is_silent_and_beyond_it_is_not() -> None:
    known = Account(expectations=[declared()])
    known.play(machines(0, 5, at=0), machines(5, 3, at=1, by=ALICE))
    assert told(known) == 0
    known.play(machines(8, 1, at=2, by=ALICE))
    assert told(known) == 1


def test_one_who_starts_them_one_by_one_is_told_of_the_first_beyond() -> None:
    known = Account(expectations=[declared()])
    for number in range(8):
        known.play(machines(number, 1, at=number * 3, by=ALICE))
    assert told(known) == 0
    assert known.state.baseline.launches == 0
    known.play(machines(8, 1, at=24, by=ALICE))
    assert told(known) == 1


def test_after_an_announcement_has_passed_nobody_is_used_to_it() -> None:
    known = Account(expectations=[declared()])
    for number in range(8):
        known.play(machines(number, 1, at=number, by=ALICE), terminate([f"i-{number}"], at=number + 0.5))
    known.play(machines(8, 1, at=49, by=ALICE))
    assert told(known) == 1


def test_what_ended_makes_room_again() -> None:
    known = Account(expectations=[declared()])
    known.play(machines(0, 8, at=0), terminate(["i-0", "i-1"], at=1), machines(8, 2, at=2, by=ALICE))
    assert told(known) == 0


def test_dollars_an_hour_of_all_that_runs_are_a_limit_to_the_cent() -> None:
    known = Account(expectations=[declared(max_quantity=None, max_hourly_cost=96.0)])
    known.play(*(machines(number, 1, at=number / 10) for number in range(3)))
    assert told(known) == 0
    known.play(machines(3, 1, at=1))
    assert told(known) == 1
    cheap = declared(max_quantity=None, max_hourly_cost=0.3, resource_types=("m5.large",))
    known = Account(expectations=[cheap])
    ran = [launch(resource_ids=(f"i-{n}",), hourly_cost=0.1) for n in range(3)]
    assert matching_expectation(ran[2], known.state, ran[:2]) is not None


def test_after_the_last_day_it_is_told_again() -> None:
    known = Account(expectations=[declared()])
    known.play(machines(0, 1, at=49))
    assert told(known) == 1


def test_what_runs_beside_the_batch_counts() -> None:
    known = Account(expectations=[declared()], running_besides={GPU: Running(quantity=7, hourly_cost=224.0)})
    known.play(machines(0, 2, at=0))
    assert told(known) == 1


def test_what_becomes_one_of_them_counts_with_all_that_it_costs() -> None:
    known = Account(expectations=[declared(max_quantity=None, max_hourly_cost=40.0)])
    known.play(machines(0, 1, at=0), run_instances(["i-9"], "g5.48xlarge", at=0))
    known.state.anomalies.clear()
    known.play(resize("i-9", GPU, at=5, by=ALICE))
    assert told(known) == 1


def test_what_runs_already_takes_no_second_place() -> None:
    known = Account(expectations=[declared(max_hourly_cost=256.0)])
    known.play(machines(0, 8, at=0))
    again = launch(resource_type=GPU, resource_ids=tuple(f"i-{n}" for n in range(8)), quantity=8, hourly_cost=256.0)
    assert matching_expectation(again, known.state) is not None
    grown = msgspec.structs.replace(again, change=Change.MODIFY, hourly_cost=1.0)
    assert matching_expectation(grown, known.state) is None


@given(st.lists(st.integers(1, 5), min_size=1, max_size=6), st.integers(1, 12), st.randoms(use_true_random=False))
def test_in_any_batches_and_repeated_the_same_fits(sizes: list[int], most: int, rng: random.Random) -> None:
    """Somebody is told of something exactly if a launch did not fit beside those before it, ends made room."""
    records, running, beyond, number = list[Record](), 0, False, 0
    for turn, size in enumerate(sizes):
        records.append(machines(number, size, at=turn * 3))
        running, beyond = running + size, beyond or running + size > most
        if rng.random() < 0.4:
            records.append(terminate([f"i-{number}"], at=turn * 3 + 1))
            running -= 1
        number += size
    known = Account(expectations=[declared(max_quantity=most)])
    for one in records:
        known.play(one, one) if rng.random() < 0.5 else known.play(one)
    assert (told(known) > 0) == beyond
    assert all(found.first_event_time < T0 + hours(24) for found in known.anomalies)
