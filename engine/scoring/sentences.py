"""Each signal as the sentence a tired person reads. All of them are made late, only for what is going to be read."""

from collections.abc import Callable

from engine.baselines.activity import activity_of
from engine.baselines.gauges import gauge_of
from engine.baselines.levels import upper_end
from engine.baselines.model import Baseline, Cell, pair_key
from engine.models.cost_event import CostEvent
from engine.scoring.burst import last_hour

_TWICE = 2
_TEN_TIMES = 10
_LEAST = 1e-4
_THOUSANDTHS = 1000


def explain(name: str, event: CostEvent, baseline: Baseline, launch_cost: float | None) -> str:
    """Give the sentence for one reason of a score.

    >>> from engine.examples import launch
    >>> explain("actor", launch(), Baseline(account_id="1"), 1.0)
    'ci has never started anything in this account before.'
    >>> explain("burst", launch(quantity=50, hourly_cost=50.0), Baseline(account_id="1"), 50.0)
    'ci started 50 for $50.00 an hour within an hour; it never was so busy before.'
    >>> explain("creep", launch(), Baseline(account_id="1"), 1.0)
    'The m5.large that ci started and nobody was seen to end cost $1.00 an hour; it used to be next to nothing.'
    """
    if name == "cost":
        return _cost(event, baseline, launch_cost or 0.0)
    return _TELLERS[name](event, baseline)


def _burst(event: CostEvent, baseline: Baseline) -> str:
    activity = activity_of(baseline, event.actor.key)
    hour = last_hour(event, activity)
    where = f" in {hour.regions} Regions" if hour.regions > 1 else ""
    what = f"{event.actor.name} started {hour.count:,.0f} for {money(hour.usd)} an hour within an hour{where}"
    if not activity.usual_count:
        return f"{what}; it never was so busy before."
    return f"{what}; its busiest hour was {activity.usual_count:,.0f} for {money(activity.usual_usd)}."


def _creep(event: CostEvent, baseline: Baseline) -> str:
    gauge = gauge_of(baseline, event.actor.key, event.resource_type)
    running, usual = gauge.running / _THOUSANDTHS + (event.hourly_cost or 0.0), gauge.usual / _THOUSANDTHS
    dearest = f"; on their dearest day it was {money(usual)}." if usual else "; it used to be next to nothing."
    what = f"The {event.resource_type} that {event.actor.name} started and nobody was seen to end"
    return f"{what} cost {money(running)} an hour{dearest}"


def _cost(event: CostEvent, baseline: Baseline, launch_cost: float) -> str:
    own = _dearest(baseline, event.actor.key)
    usual, whose = (own, event.actor.name) if own else (_dearest(baseline, ""), "anybody")
    if not usual:
        return f"{money(launch_cost)} an hour, in an account that has started nothing before."
    times = launch_cost / max(usual, _LEAST)
    if times >= _TWICE:
        factor = f"{times:,.0f}" if times >= _TEN_TIMES else f"{times:.1f}"
        return f"{money(launch_cost)} an hour is {factor} times the dearest launch {whose} made here ({money(usual)})."
    return f"{money(launch_cost)} an hour is more than {whose} usually starts at once, or starts in one piece."


def _dearest(baseline: Baseline, key: str) -> float:
    counts = baseline.levels.get(key, ())
    return upper_end(len(counts) - 1) if counts else 0.0


def _type(event: CostEvent, baseline: Baseline) -> str:
    seen = baseline.types.get(event.resource_type, Cell()).count
    return f"{event.resource_type} was {_seen(seen, 'started')} in this account."


def _actor(event: CostEvent, baseline: Baseline) -> str:
    seen = baseline.actors.get(event.actor.key, 0)
    if seen == 0:
        return f"{event.actor.name} has never started anything in this account before."
    return f"{event.actor.name} has made only {_launches(seen)} in this account before."


def _region(event: CostEvent, baseline: Baseline) -> str:
    seen = baseline.regions.get(event.region, 0)
    times = "Nothing was ever started" if seen == 0 else f"Only {_launches(seen)} came before"
    usual = most_frequent(baseline.regions)
    return f"{times} in {event.region}" + (f"; this account usually runs in {usual}." if usual else ".")


def _pair(event: CostEvent, baseline: Baseline) -> str:
    pair = baseline.pairs.get(pair_key(event.actor.key, event.resource_type), Cell())
    usual = _usual_type(event.actor.key, baseline)
    text = f"{event.actor.name} has {_seen(pair.count, 'started ' + event.resource_type)}"
    return f"{text}; usually it is {usual}." if usual and usual != event.resource_type else f"{text}."


_TELLERS: dict[str, Callable[[CostEvent, Baseline], str]] = {
    "type": _type,
    "actor": _actor,
    "region": _region,
    "pair": _pair,
    "burst": _burst,
    "creep": _creep,
}


def _seen(count: int, deed: str) -> str:
    if count == 0:
        return f"never {deed} before"
    return f"{deed} only {'once' if count == 1 else 'twice' if count == _TWICE else f'{count} times'} before"


def _launches(count: int) -> str:
    return "one launch" if count == 1 else f"{count} launches"


def most_frequent(counts: dict[str, int]) -> str | None:
    """The key with the highest count; ties go to the first by name, so that the sentence is always the same.

    >>> most_frequent({"eu-west-1": 3, "us-east-1": 12})
    'us-east-1'
    """
    return min(counts, key=lambda key: (-counts[key], key)) if counts else None


def _usual_type(actor_key: str, baseline: Baseline) -> str | None:
    if actor_key not in baseline.actors:
        return None
    prefix = pair_key(actor_key, "")
    return most_frequent({k.removeprefix(prefix): c.count for k, c in baseline.pairs.items() if k.startswith(prefix)})


def money(usd: float) -> str:
    """Write an hourly rate: cents where there are dollars, more digits where there are only cents.

    >>> money(48.96), money(0.0104), money(1234.5)
    ('$48.96', '$0.0104', '$1,234.50')
    """
    return f"${usd:,.2f}" if usd >= 1 else f"${usd:.4g}"
