"""What runs of all that an actor started, and of each type of it."""

from engine.baselines.learn import MOST_PAIRS
from engine.baselines.model import Baseline, Gauge, pair_key
from engine.baselines.rates import CREEP_CLIP_FACTOR, CREEP_CLIP_USD, CREEP_DELAY_DAYS, CREEP_FORGETTING
from engine.models.cost_event import CostEvent

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


def note_running(baseline: Baseline, event: CostEvent) -> None:
    """Add what was started to what runs.

    >>> from engine.examples import launch
    >>> known = Baseline(account_id="1")
    >>> note_running(known, launch())
    >>> gauge_of(known, "ci", "m5.large").running
    1000
    """
    amount = round((event.hourly_cost or 0.0) * _THOUSANDTHS)
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


def note_ended(baseline: Baseline, actor_key: str, resource_type: str, hourly_cost: float) -> None:
    """Take what ended out of what runs.

    >>> from engine.examples import launch
    >>> known = Baseline(account_id="1")
    >>> note_running(known, launch())
    >>> note_ended(known, "ci", "m5.large", 1.0)
    >>> gauge_of(known, "ci").running
    0
    """
    amount = round(hourly_cost * _THOUSANDTHS)
    for key in (actor_key, pair_key(actor_key, resource_type)):
        gauge = baseline.gauges.get(key)
        if gauge is not None:
            gauge.running = max(0, gauge.running - amount)
