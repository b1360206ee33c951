"""The channels beyond the single launch: bursts, creeps, overruns, what people know already, sensitivity."""

from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.account_state import AccountState
from engine.baselines.activity import activity_of
from engine.baselines.gauges import gauge_of
from engine.baselines.learn import MOST_PAIRS, shift, unlearn
from engine.baselines.levels import level_of, seen_near, upper_end
from engine.baselines.lifetimes import usual_hours
from engine.baselines.model import Baseline, Cell, Gauge
from engine.baselines.observe import note_event
from engine.baselines.rates import BURST_DELAY_HOURS, CREEP_DELAY_DAYS
from engine.models.anomaly import Anomaly, DecisionKind
from engine.models.cost_event import Actor, ActorKind, Change, CostEvent
from engine.models.sensitivity import Sensitivity, SensitivityRule
from engine.pipeline import advance, learn_history, start_changes
from engine.scoring import score
from engine.scoring.burst import burst
from engine.scoring.sensitivity import sensitivity_of
from tests.unit.engine.factories import ACCOUNT, T0, Prices, new_state

CI = Actor("ci", ActorKind.ROLE, "ci")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def event(at: datetime = T0, usd: float | None = 0.1, **changes: Any) -> CostEvent:
    """One start as it stands after parsing and pricing."""
    usual = CostEvent(
        event_id="e-0",
        account_id=ACCOUNT,
        event_name="x",
        event_time=at,
        region="eu-west-1",
        service="ec2",
        resource_type="m5.large",
        resource_ids=("i-0",),
        quantity=1,
        actor=CI,
        change=Change.START,
        hourly_cost=usd,
    )
    return msgspec.structs.replace(usual, **changes)


class Life:
    """One account whose events are given already priced."""

    def __init__(self, **changes: Any) -> None:
        self.state: AccountState = new_state(**changes)
        self.number = 0

    def start(self, at: datetime, usd: float, kind: str = "m5.large", **changes: Any) -> str:
        """Start one resource; give its id."""
        self.number += 1
        self.play(event(at, usd, resource_type=kind, resource_ids=(f"i-{self.number}",), **changes))
        return f"i-{self.number}"

    def stop(self, at: datetime, resource_id: str, kind: str = "m5.large") -> None:
        self.number += 1
        self.play(event(at, None, resource_type=kind, resource_ids=(resource_id,), change=Change.STOP))

    def play(self, one: CostEvent) -> None:
        named = msgspec.structs.replace(one, event_id=f"e-{self.number}")
        advance([named], self.state, start_changes(self.state), Prices())

    def weeks(self, count: int, usd: float = 0.1) -> "Life":
        """Eight one-hour machines a working day, none of which matters."""
        for day in range(-7 * count, 0):
            for n in range(8):
                at = T0 + day * DAY + n * 20 * timedelta(minutes=1)
                self.stop(at + HOUR, self.start(at, usd))
        self.state.anomalies.clear()
        return self

    @property
    def alerts(self) -> list[Anomaly]:
        found = [one for one in self.state.anomalies.values() if one.decision.kind is DecisionKind.ALERT]
        return sorted(found, key=lambda one: one.detected_at)


def test_a_burst_of_small_starts_is_one_card_with_all_of_them_on_it() -> None:
    known = Life().weeks(4)
    for n in range(60):
        known.start(T0 + n * timedelta(seconds=30), 0.2)
    (card,) = known.alerts
    assert len(card.event_ids) == 60
    assert card.hourly_cost == pytest.approx(12.0)
    assert card.detected_at <= T0 + timedelta(minutes=20)
    assert card.signals[0].name == "burst"
    assert card.signals[0].text.startswith("ci started ")


def test_what_ended_before_a_burst_was_noticed_is_not_on_its_card() -> None:
    known = Life().weeks(4)
    ended = known.start(T0, 0.2)
    known.stop(T0 + timedelta(seconds=10), ended)
    for n in range(1, 60):
        known.start(T0 + n * timedelta(seconds=30), 0.2)
    (card,) = known.alerts
    assert ended not in {ref.resource_id for ref in card.resources}


def test_a_burst_closes_its_burn_when_everything_it_started_has_stopped() -> None:
    known = Life().weeks(4)
    ids = [known.start(T0 + n * timedelta(seconds=30), 0.2) for n in range(60)]
    for one in ids:
        known.stop(T0 + 2 * HOUR, one)
    (card,) = known.state.anomalies.values()
    assert card.ended_at == T0 + 2 * HOUR
    assert card.running_hourly_cost == 0.0


def test_the_same_hour_every_day_is_a_habit_and_a_runaway_teaches_nothing_for_hours() -> None:
    known = Life().weeks(2)
    before = activity_of(known.state.baseline, "ci").usual_usd
    for n in range(20):
        known.start(T0 + n * timedelta(minutes=2), 0.2)
    assert activity_of(known.state.baseline, "ci").usual_usd == pytest.approx(before, rel=0.05)
    known.start(T0 + (BURST_DELAY_HOURS + 1) * HOUR, 0.2)
    assert activity_of(known.state.baseline, "ci").usual_usd > 2 * before


def test_more_regions_make_a_burst_weigh_more() -> None:
    one_region, two_regions = Life().weeks(4), Life().weeks(4)
    for n in range(8):
        at = T0 + n * timedelta(minutes=1)
        one_region.start(at, 0.2)
        two_regions.start(at, 0.2, region=f"region-{n % 4}")
    last = event(T0 + timedelta(minutes=9), 2.0)
    assert burst(last, two_regions.state.baseline) > burst(last, one_region.state.baseline) > 0.0


def test_a_creep_of_days_becomes_one_card() -> None:
    known = Life().weeks(4)
    for n in range(30):
        known.start(T0 + n * 3 * HOUR, 0.8, "m5.4xlarge")
    (card,) = known.alerts
    assert card.signals[0].name == "creep"
    assert len(card.event_ids) >= 7


def test_what_ends_again_never_creeps() -> None:
    known = Life().weeks(4)
    for n in range(60):
        at = T0 + n * 3 * HOUR
        known.stop(at + 2 * HOUR, known.start(at, 0.8, "m5.4xlarge"), "m5.4xlarge")
    assert known.alerts == []
    assert gauge_of(known.state.baseline, "ci", "m5.4xlarge").running == 0


def test_a_day_is_believed_only_days_later() -> None:
    known = Life()
    for day in range(CREEP_DELAY_DAYS + 1):
        assert gauge_of(known.state.baseline, "ci", "m5.large").usual == 0
        known.start(T0 + day * DAY, 0.1)
    known.start(T0 + (CREEP_DELAY_DAYS + 1) * DAY, 0.1)
    assert gauge_of(known.state.baseline, "ci", "m5.large").usual > 0


def test_what_outlives_its_like_is_told_in_the_digest_at_the_next_record_and_once() -> None:
    known = Life().weeks(4, usd=2.0)
    assert usual_hours(known.state.baseline, "ci", "m5.large") == pytest.approx(1.0, rel=0.5)
    known.start(T0, 2.0)
    known.state.anomalies.clear()
    known.start(T0 + 11 * HOUR, 0.1, "t3.micro")
    assert known.state.anomalies == {}
    known.start(T0 + 13 * HOUR, 0.1, "t3.micro")
    known.start(T0 + 14 * HOUR, 0.1, "t3.micro")
    (found,) = known.state.anomalies.values()
    assert found.decision.kind is DecisionKind.DIGEST
    assert found.detected_at == T0 + 13 * HOUR
    assert "no end was recorded" in found.signals[0].text


def test_what_ended_is_never_overdue() -> None:
    known = Life().weeks(4, usd=2.0)
    known.stop(T0 + HOUR, known.start(T0, 2.0))
    known.state.anomalies.clear()
    known.start(T0 + 20 * HOUR, 0.1, "t3.micro")
    assert known.state.anomalies == {}


def test_ends_that_were_missed_in_history_are_no_news() -> None:
    known = Life().weeks(4, usd=2.0)
    old = [[event(T0 + n * DAY, 2.0, event_id=f"old-{n}", resource_ids=(f"old-{n}",))] for n in range(3)]
    learn_history(old, known.state, Prices())
    assert len(known.state.baseline.watched) == 1
    known.start(T0 + 2 * DAY + HOUR, 0.1, "t3.micro")
    assert known.state.anomalies == {}


def test_a_weekly_batch_is_told_and_then_known_but_three_times_as_much_is_told_again() -> None:
    known = Life().weeks(4)
    for week in range(4):
        known.stop(T0 + week * 7 * DAY + 2 * HOUR, known.start(T0 + week * 7 * DAY, 12.0, "r5.24xlarge"))
    assert len(known.alerts) == 1
    known.start(T0 + 28 * DAY, 60.0, "r5.24xlarge")
    assert len(known.alerts) == 2


def test_what_comes_back_within_hours_is_told_again() -> None:
    known = Life().weeks(4)
    known.stop(T0 + HOUR, known.start(T0, 12.0, "r5.24xlarge"), "r5.24xlarge")
    known.start(T0 + 3 * HOUR, 12.0, "r5.24xlarge")
    assert len(known.alerts) == 2


def test_a_fast_creep_is_told_with_its_first_steps() -> None:
    known = Life()
    for day in range(-28, 0):
        known.stop(T0 + day * DAY + HOUR, known.start(T0 + day * DAY, 4.9))
    for n in range(16):
        known.start(T0 + n * timedelta(minutes=1), 0.9, "m5.4xlarge")
    [card] = known.alerts
    assert card.signals[0].name == "creep"
    assert len(card.event_ids) == 16


@pytest.mark.parametrize(("days", "told"), [(4, False), (7, True)])
def test_a_critical_runaway_is_told_of_a_young_account_after_some_days(days: int, told: bool) -> None:
    known = Life()
    for hour in range(-24 * days, 0, 3):
        known.stop(T0 + (hour + 1) * HOUR, known.start(T0 + hour * HOUR, 0.1))
    for n in range(20):
        known.start(T0 + n * timedelta(minutes=1), 3.0, "c5.18xlarge")
    assert bool(known.alerts) is told


def test_what_comes_every_evening_is_known_the_next_one_even_if_it_comes_earlier() -> None:
    known = Life().weeks(4)
    for evening, late in ((0, 0), (1, -2), (2, 1)):
        first = T0 + evening * DAY + late * HOUR
        for n in range(3):
            at = first + n * 90 * timedelta(minutes=1)
            known.stop(at + HOUR, known.start(at, 12.0, "r5.24xlarge"), "r5.24xlarge")
    assert {one.detected_at.date() for one in known.alerts} == {T0.date()}


def test_a_product_nobody_used_here_is_told_although_nobody_knows_its_price() -> None:
    known = Life().weeks(4)
    maria = Actor("maria", ActorKind.PERSON, "maria")
    for day in range(5):
        known.start(T0 + day * DAY, 0.1, actor=maria)
    bought = event(T0 + 5 * DAY, None, resource_type="provisioned_model", resource_ids=("pm-1",), actor=maria)
    known.play(bought)
    [told] = known.alerts
    assert (told.lead.resource_type, told.unknown_price) == ("provisioned_model", True)


@pytest.mark.parametrize(
    ("rules", "factor"),
    [
        ((), 1.0),
        ((SensitivityRule(level=Sensitivity.LOW),), 0.6),
        ((SensitivityRule(level=Sensitivity.LOW), SensitivityRule(level=Sensitivity.HIGH, service="ec2")), 1.6),
        (
            (
                SensitivityRule(level=Sensitivity.HIGH, service="ec2"),
                SensitivityRule(level=Sensitivity.MEDIUM, resource_type="m5.large"),
            ),
            1.0,
        ),
        ((SensitivityRule(level=Sensitivity.HIGH, service="rds"),), 1.0),
    ],
)
def test_the_closest_rule_says_how_much_a_score_counts(rules: tuple[SensitivityRule, ...], factor: float) -> None:
    known = Life().weeks(1)
    dear = event(usd=3.0)
    assert sensitivity_of(dear, rules) == factor
    plain = score(dear, known.state.baseline).value
    assert score(dear, known.state.baseline, sensitivity=factor).value == pytest.approx(factor * plain)


@given(st.lists(st.tuples(st.integers(0, 4000), st.floats(0, 1e6)), max_size=40), st.lists(st.integers(0, 50)))
@settings(max_examples=50)
def test_what_an_account_does_is_known_alike_however_its_records_were_cut(
    starts: list[tuple[int, float]], cuts: list[int]
) -> None:
    def live(edges: set[int]) -> Baseline:
        known = Life()
        for n, (minute, usd) in enumerate(sorted(starts)):
            if n in edges:
                stored = msgspec.msgpack.encode(known.state.baseline)
                known.state.baseline = msgspec.msgpack.decode(stored, type=Baseline)
            known.start(T0 + minute * timedelta(minutes=1), usd)
        return known.state.baseline

    assert live(set(cuts)) == live(set())


def _ended(counts: list[int]) -> list[int]:
    """A list of levels ends with its last count."""
    while counts and not counts[-1]:
        counts.pop()
    return counts


@given(st.integers(0, 39), st.lists(st.integers(0, 20), max_size=40).map(_ended))
def test_experience_grows_with_size_seen_and_never_with_size_asked(level: int, counts: list[int]) -> None:
    assert seen_near(counts, level) >= seen_near(counts, min(39, level + 1)) - 1e-9 or level < 3
    assert level_of(upper_end(level) * 0.99) == level


def test_tables_that_are_full_make_room_for_what_is_new_once_a_day() -> None:
    full = Baseline(
        account_id=ACCOUNT,
        pairs={f"a | {n:05}": Cell(count=1 + n % 3) for n in range(MOST_PAIRS)},
        gauges={f"a | {n:05}": Gauge(day=n) for n in range(MOST_PAIRS)},
    )
    shift(full, event(), 1)
    assert "ci | m5.large" not in full.pairs
    assert unlearn(full, event()).pairs == full.pairs
    note_event(full, event())
    assert len(full.pairs) < MOST_PAIRS
    assert min(cell.count for cell in full.pairs.values()) == 1
    assert sum(cell.count == 3 for cell in full.pairs.values()) == sum(n % 3 == 2 for n in range(MOST_PAIRS))
    assert len(full.gauges) < MOST_PAIRS
    shift(full, event(), 1)
    assert full.pairs["ci | m5.large"].count == 1
