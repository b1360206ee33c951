"""What runs of all that an actor started, and of each type of it."""

from engine.baselines.learn import MOST_PAIRS
from engine.baselines.model import Baseline, Gauge, pair_key
from engine.baselines.rates import CREEP_CLIP_FACTOR, CREEP_CLIP_USD, CREEP_DELAY_DAYS, CREEP_FORGETTING
from engine.models.cost_event import CostEvent
from engine.models.resource import Counted

_DAY = 86_400
_THOUSANDTHS = 1000
_NOTHING = Gauge()


def gauge_of(baseline: Baseline, actor_key: str, resource_type: str = "") -> Gauge:
    """The gauge of an actor, or of one type it starts; it must not be changed.

    >>> gauge_of(Baseline(account_id="1"), "ci").running
    0
    """
    key = pair_key(actor_key, resource_type) if resource_type else actor_key
    return baseline.gauges.get(key, _NOTHING)


def thousandths(hourly_cost: float | None) -> int:
    """USD an hour as gauges count it; what nobody can price counts nothing.

    >>> thousandths(0.0104), thousandths(None)
    (10, 0)
    """
    return round((hourly_cost or 0.0) * _THOUSANDTHS)


def note_running(baseline: Baseline, event: CostEvent) -> None:
    """Add what was started to what runs.

    >>> from engine.examples import launch
    >>> known = Baseline(account_id="1")
    >>> note_running(known, launch())
    >>> gauge_of(known, "ci", "m5.large").running
    1000
    """
    amount = thousandths(event.hourly_cost)
    day = int(event.event_time.timestamp()) // _DAY
    for key in (event.actor.key, pair_key(event.actor.key, event.resource_type)):
        gauge = baseline.gauges.get(key)
        if gauge is None:
            if len(baseline.gauges) >= MOST_PAIRS:
                continue
            gauge = baseline.gauges[key] = Gauge(day=day)
        if day > gauge.day:
            _begin_day(gauge, day)
        gauge.running += amount
        gauge.most = max(gauge.most, gauge.running)


def _begin_day(gauge: Gauge, day: int) -> None:
    """Believe a day's most only some active days later, and clipped: what creeps must not teach; the old fades."""
    gauge.pending.append(gauge.most)
    if len(gauge.pending) > CREEP_DELAY_DAYS:
        clipped = int(CREEP_CLIP_FACTOR * gauge.usual + CREEP_CLIP_USD * _THOUSANDTHS)
        gauge.usual = max(int(gauge.usual * CREEP_FORGETTING), min(gauge.pending.pop(0), clipped))
    gauge.day, gauge.most = day, gauge.running


def note_ended(baseline: Baseline, counted: Counted) -> None:
    """Take out of what runs what was counted of something that ended.

    A gauge that was forgotten and made again does not hold it any more, and cannot fall below nothing.

    >>> from engine.examples import launch
    >>> known = Baseline(account_id="1")
    >>> note_running(known, launch())
    >>> note_ended(known, Counted("ci", "m5.large", 1000))
    >>> gauge_of(known, "ci").running
    0
    """
    for key in (counted.actor_key, pair_key(counted.actor_key, counted.resource_type)):
        gauge = baseline.gauges.get(key)
        if gauge is not None:
            gauge.running = max(0, gauge.running - counted.amount)
