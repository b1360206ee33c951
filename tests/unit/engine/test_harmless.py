"""The look that spares scoring never differs from scoring where anybody could see it."""

from datetime import timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import pipeline
from engine.account_state import AccountState
from engine.baselines.model import Activity, Baseline, Cell, Gauge
from engine.examples import MONDAY, launch
from engine.models.account import GovernanceMode
from engine.models.cost_event import Actor, ActorKind, Change, CostEvent
from engine.pipeline import advance, start_changes
from engine.scoring import score
from engine.scoring.harmless import HARMLESS_USD, is_harmless
from engine.scoring.thresholds import ANOMALOUS
from tests.unit.engine.factories import Prices, account, new_state

ACTORS = [Actor(name, ActorKind.ROLE, name) for name in ("ci", "maria", "jonas")]
COSTS = st.sampled_from((0.01, 0.1, 0.3, HARMLESS_USD, 0.6, 30.0)) | st.floats(0.0, HARMLESS_USD)
LAUNCH = st.fixed_dictionaries(
    {
        "actor": st.sampled_from(ACTORS),
        "resource_type": st.sampled_from(("t3.micro", "m5.large", "p3.8xlarge")),
        "region": st.sampled_from(("eu-west-1", "us-east-1", "sa-east-1")),
        "change": st.sampled_from((Change.START, Change.START, Change.MODIFY, Change.STOP)),
        "quantity": st.integers(1, 4),
        "hourly_cost": COSTS,
    }
)
RUN = st.tuples(LAUNCH, st.integers(1, 15), st.sampled_from((1, 60, 600, 4000, 30_000, 90_000)), st.integers(0, 3))
LIFE = st.lists(RUN, min_size=1, max_size=8)
Life = list[tuple[dict[str, object], int, int, int]]

AMOUNTS = st.floats(0.0, 40.0)
ACTIVITY = st.builds(
    Activity,
    at=st.integers(0, 7200).map(lambda ago: int(MONDAY.timestamp()) - ago),
    count=st.integers(0, 12),
    usd=AMOUNTS,
    regions=st.lists(st.sampled_from(("eu-west-1", "us-east-1")), unique=True),
    hours=st.integers(0, 9),
    usual_count=AMOUNTS,
    usual_usd=AMOUNTS | st.just(0.0),
)
GAUGE = st.builds(Gauge, running=st.integers(0, 40_000), usual=st.integers(0, 40_000) | st.just(0))
COUNTS = st.integers(0, 3000)
BASELINE = st.builds(
    Baseline,
    account_id=st.just("1"),
    launches=COUNTS,
    types=st.dictionaries(st.just("m5.large"), st.builds(Cell, count=COUNTS)),
    pairs=st.dictionaries(st.just("ci | m5.large"), st.builds(Cell, count=COUNTS)),
    actors=st.dictionaries(st.just("ci"), COUNTS),
    levels=st.dictionaries(st.sampled_from(("", "ci")), st.lists(st.integers(1, 60), min_size=1, max_size=12)),
    activities=st.fixed_dictionaries({"ci": ACTIVITY}),
    gauges=st.fixed_dictionaries({"ci": GAUGE, "ci | m5.large": GAUGE}),
)


def _events(life: Life) -> list[CostEvent]:
    """Runs of launches and ends; a few of them meet the same resources again."""
    now, events = MONDAY, list[CostEvent]()
    for made, many, gap, name in life:
        for number in range(many):
            now += timedelta(seconds=gap)
            what = {"resource_ids": (f"i-{name}-{number}",), "usage": (), "price_source": "list"}
            events.append(launch(event_id=f"e-{len(events)}", event_time=now, **made, **what))
    return events


def _lived(events: list[CostEvent], mode: GovernanceMode) -> tuple[AccountState, list[CostEvent]]:
    state = new_state(account=account(mode))
    changes = start_changes(state)
    for event in events:
        advance([event], state, changes, Prices())
    return state, changes.cost_events


@given(BASELINE, COSTS, st.integers(1, 20))
def test_what_is_harmless_scores_below_an_anomaly(known: Baseline, cost: float, quantity: int) -> None:
    event = launch(hourly_cost=cost, quantity=quantity)
    if is_harmless(event, known, cost):
        assert score(event, known, launch_cost=cost).value < ANOMALOUS


@given(LIFE, st.sampled_from(GovernanceMode))
def test_an_account_lives_the_same_life_with_and_without_the_look(life: Life, mode: GovernanceMode) -> None:
    events = _events(life)
    looked = _lived(events, mode)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(pipeline, "is_harmless", lambda *_: False)
        scored = _lived(events, mode)
    assert msgspec.structs.asdict(looked[0]) == msgspec.structs.asdict(scored[0])
    assert looked[1] == scored[1]


def test_the_dearest_harmless_launch_is_nothing_even_to_a_well_known_account_that_never_saw_its_like() -> None:
    known = Baseline(account_id="1", launches=100_000)
    odd = launch(hourly_cost=HARMLESS_USD, resource_type="p3.8xlarge", region="sa-east-1")
    assert is_harmless(odd, known, HARMLESS_USD)
    assert 0.5 < score(odd, known).value < ANOMALOUS


def test_what_costs_more_together_or_has_no_price_is_looked_at() -> None:
    known = Baseline(account_id="1")
    assert not is_harmless(launch(hourly_cost=0.1), known, 9.0)
    assert not is_harmless(launch(hourly_cost=None), known, 0.0)


def test_more_of_an_incident_joins_it_however_cheap() -> None:
    state = new_state()
    changes = start_changes(state)
    for number, cost in enumerate((30.0, 0.01)):
        made = launch(event_id=f"e-{number}", resource_ids=(f"i-{number}",), usage=(), hourly_cost=cost)
        advance([made], state, changes, Prices())
    assert [one.event_ids for one in state.anomalies.values()] == [("e-0", "e-1")]
