"""The short way leads where the long way leads, for every record of every life."""

import copy
import random
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import pipeline, runs
from engine.account_state import AccountState, Changes
from engine.baselines import observe
from engine.baselines.model import Baseline, Cell, Watched
from engine.baselines.rates import OVERRUN_LEAST_USD
from engine.examples import MONDAY, launch
from engine.models.account import GovernanceMode
from engine.models.cost_event import Actor, ActorKind, Change, CostEvent, UsageItem
from engine.models.sensitivity import Sensitivity, SensitivityRule
from engine.models.verdict import Expectation
from engine.peace import live_in_peace
from engine.pipeline import advance, learn_history, start_changes
from engine.pricing import Rate
from engine.scoring.harmless import HARMLESS_USD
from tests.unit.engine.factories import ACCOUNT, account, new_state

USD = {"t3.micro": 0.01, "m5.large": 0.1, "gp3": 0.0001, "g4dn.xlarge": 0.52, "c5.9xlarge": 1.5, "p3.8xlarge": 12.0}
ACTORS = [Actor(name, ActorKind.ROLE, name) for name in ("ci", "maria")]
ENDED: dict[str, Any] = {"usage": (), "resource_type": "ec2_instance"}
ODD: dict[str, list[Any]] = {
    "actor": ACTORS[1:],
    "resource_type": [*USD, "unpriced"],
    "region": ["us-east-1", "sa-east-1"],
    "quantity": [0, 3],
    "group": ["web"],
    "sku": ["recount", "like/i-0", "lambda/provisioned/x86_64", ""],
    "amount": [0, 4],
    "second_id": ["i-20", "i-21"],
    "gap": [1, 60, 4000, 90_000, 400_000],
    "late": [5000],
    "lasts": [7200],
}
USUAL: dict[str, Any] = {
    "actor": ACTORS[0],
    "resource_type": "m5.large",
    "region": "eu-west-1",
    "quantity": 1,
    "group": "",
    "sku": None,
    "amount": 1,
    "second_id": None,
    "gap": 600,
    "late": 0,
    "lasts": None,
}
FRESH = 0.9
CHANGES = (Change.START, Change.START, Change.START, Change.STOP, Change.STOP, Change.MODIFY)
LIFE = st.tuples(st.integers(0, 2**32), st.integers(1, 80), st.sampled_from((0.01, 0.05, 0.2)))
Life = tuple[int, int, float]
EXPECTED = Expectation(
    expectation_id="x-1",
    account_id="1",
    actor_key="",
    resource_types=("m5.large",),
    max_hourly_cost=0.5,
    created_by="U1",
    created_at=MONDAY,
    all_running=True,
)
OLD = Baseline(
    account_id=ACCOUNT,
    first_event_time=MONDAY - timedelta(days=60),
    events=1000,
    launches=1000,
    types={"m5.large": Cell(1000)},
    actors={"ci": 1000},
    regions={"eu-west-1": 1000},
)
SETTINGS = st.fixed_dictionaries(
    {
        "account": st.sampled_from(
            [
                *(account(mode) for mode in GovernanceMode),
                msgspec.structs.replace(account(), sensitivities=(SensitivityRule(level=Sensitivity.HIGH),)),
            ]
        ),
        "expectations": st.sampled_from(((), (), (), (EXPECTED,))),
        "panic_mode": st.booleans(),
        "baseline": st.sampled_from((Baseline(account_id=ACCOUNT), OLD)),
    }
)


class _Usd:
    """The prices above by type, the same in every Region."""

    def rate(self, sku: str, region: str) -> Rate | None:  # noqa: ARG002 - the protocol asks for the Region too
        usd = None if sku == "x/unpriced" else USD.get(sku.removeprefix("x/"), 0.05)
        return None if usd is None else Rate(usd, "list")


def _records(life: Life) -> list[list[CostEvent]]:
    """Mostly the same things come and go, with a share of what is odd in one way or another."""
    seed, length, odd = life
    rng, now, records = random.Random(seed), MONDAY, list[list[CostEvent]]()  # noqa: S311 - made-up lives
    for number in range(length):
        step = {key: rng.choice(ODD[key]) if rng.random() < odd else usual for key, usual in USUAL.items()}
        now += timedelta(seconds=step["gap"])
        records.append([_event(number, now - timedelta(seconds=step["late"]), rng, **step)])
        if rng.random() < odd:
            records[-1].append(msgspec.structs.replace(records[-1][0], part=1, resource_ids=("i-part",)))
    return records


def _event(number: int, at: datetime, rng: random.Random, **step: Any) -> CostEvent:
    change = rng.choice(CHANGES)
    first = f"i-{number}" if change is Change.START and rng.random() < FRESH else f"i-{rng.randrange(number + 1)}"
    kind = {key: step[key] for key in ("actor", "region", "quantity", "group", "resource_type")}
    made = launch(
        event_id=f"e-{number}",
        event_time=at,
        change=change,
        resource_ids=(first,) if step["second_id"] is None else (first, step["second_id"]),
        hourly_cost=None,
        ends_by=None if step["lasts"] is None else at + timedelta(seconds=step["lasts"]),
        **kind,
    )
    if change is Change.STOP and step["lasts"] is None:
        return msgspec.structs.replace(made, **ENDED)
    sku = f"x/{step['resource_type']}" if step["sku"] is None else step["sku"]
    return msgspec.structs.replace(made, usage=(UsageItem(sku, step["amount"]),) if sku else ())


def _lived(records: list[list[CostEvent]], settings: dict[str, Any]) -> tuple[AccountState, Changes]:
    state = copy.deepcopy(new_state(**settings))
    changes = start_changes(state)
    for record in records:
        advance(record, state, changes, _Usd())
    return state, changes


def _told(state: AccountState, changes: Changes) -> list[Any]:
    """Everything, in the order in which it was written down."""
    found = [msgspec.structs.asdict(one) for one in (state, state.baseline, changes)]
    return [*found, list(state.resources), list(state.anomalies), list(changes.resources), list(state.baseline.gauges)]


@given(LIFE, SETTINGS)
def test_an_account_lives_the_same_life_on_both_ways(life: Life, settings: dict[str, Any]) -> None:
    records = _records(life)
    with pytest.MonkeyPatch.context() as patched:
        short = _told(*_lived(records, settings))
        patched.setattr(pipeline, "live_in_peace", lambda *_: False)
        long = _told(*_lived(records, settings))
    assert short == long


@given(LIFE)
def test_a_history_teaches_the_same_on_both_ways(life: Life) -> None:
    records, short, long = _records(life), new_state(), new_state()
    quickly = learn_history(records, short, _Usd())
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(pipeline, "live_in_peace", lambda *_: False)
        assert learn_history(records, long, _Usd()) == quickly
    assert _told(short, quickly[0]) == _told(long, quickly[0])


def test_a_cheap_start_that_comes_again_and_its_end_take_the_short_way() -> None:
    state = new_state()
    changes = start_changes(state)
    advance([launch(usage=(UsageItem("x/m5.large", 1),), hourly_cost=None)], state, changes, _Usd())
    again = launch(event_id="e-2", resource_ids=("i-2",), usage=(UsageItem("x/m5.large", 1),), hourly_cost=None)
    assert live_in_peace([again], state, changes, _Usd())
    ended = launch(event_id="e-3", change=Change.STOP, event_time=MONDAY + timedelta(hours=1), **ENDED)
    assert live_in_peace([ended], state, changes, _Usd())
    assert [one.hourly_cost for one in changes.cost_events] == [0.1, 0.1, 0.1]
    assert state.baseline.gauges["ci"].running == 100


@pytest.mark.parametrize("age", [3599, 3600, 3601])
def test_an_hour_after_its_start_an_end_means_the_same_on_both_ways(age: int) -> None:
    """So long is a start remembered for what may join it."""
    kind: dict[str, Any] = {"usage": (UsageItem("x/m5.large", 1),), "hourly_cost": None}
    end = MONDAY + timedelta(seconds=60 + age)
    records = [
        [launch(**kind)],
        [launch(event_id="e-2", resource_ids=("i-2",), event_time=MONDAY + timedelta(seconds=60), **kind)],
        [launch(event_id="e-3", resource_ids=("i-2",), change=Change.STOP, event_time=end, **ENDED)],
    ]
    with pytest.MonkeyPatch.context() as patched:
        short = _told(*_lived(records, {}))
        patched.setattr(pipeline, "live_in_peace", lambda *_: False)
        long = _told(*_lived(records, {}))
    assert short == long


def test_what_ends_in_peace_is_watched_no_more() -> None:
    state = new_state()
    changes = start_changes(state)
    dear = launch(usage=(UsageItem("x/c5.9xlarge", 1),), resource_type="c5.9xlarge", hourly_cost=1.5)
    runs.begin(dear, state, changes, None)
    state.baseline.watched = [Watched(int(MONDAY.timestamp()) + 86_400, 1.0, dear)]
    assert live_in_peace([launch(event_id="e-2", change=Change.STOP, **ENDED)], state, changes, _Usd())
    assert state.baseline.watched == []


def test_what_starts_in_peace_is_never_so_dear_that_its_end_is_watched_for() -> None:
    assert HARMLESS_USD < OVERRUN_LEAST_USD


def test_on_a_day_on_which_the_baseline_forgets_the_long_way_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    state = new_state()
    changes = start_changes(state)
    usage = (UsageItem("x/m5.large", 1),)
    advance([launch(usage=usage, hourly_cost=None)], state, changes, _Usd())
    monkeypatch.setattr(observe, "MOST_TYPES", 1)
    for number, (days, short) in enumerate(((0, True), (1, False))):
        at = MONDAY + timedelta(days=days)
        made = launch(event_id=f"f-{number}", event_time=at, resource_ids=(f"i-f{number}",), usage=usage)
        assert live_in_peace([made], state, changes, _Usd()) is short


def test_where_somebody_chose_a_sensitivity_everything_is_scored() -> None:
    chosen = msgspec.structs.replace(account(), sensitivities=(SensitivityRule(level=Sensitivity.HIGH),))
    state = new_state(account=chosen, baseline=copy.deepcopy(OLD))
    made = launch(usage=(UsageItem("x/m5.large", 1),), hourly_cost=None)
    assert not live_in_peace([made], state, start_changes(state), _Usd())
    assert live_in_peace([made], msgspec.structs.replace(state, account=account()), start_changes(state), _Usd())
