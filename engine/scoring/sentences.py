"""Each signal as the sentence a tired person reads. All of them are made late, only for what is going to be read.

They tell what is known and no more. Of launches only the level is kept, so the dearest one is told as "under" its end;
what fades is "about"; and "never" says so where it leaves out what cards spoke of, which is kept from the baseline.
"""

import math
from collections.abc import Callable, Sequence

import msgspec

from engine.baselines.activity import activity_of
from engine.baselines.alerted import ANYBODY, was_alerted
from engine.baselines.gauges import gauge_of
from engine.baselines.levels import MOST_LEVELS, upper_end
from engine.baselines.model import Baseline, Cell, pair_key
from engine.models.anomaly import Signal
from engine.models.cost_event import CostEvent
from engine.scoring.burst import last_hour

_TWICE = 2
_THOUSANDTHS = 1000
_FADED = 0.05  # of a start that was counted before: too little to make a count inexact.
_NOT_COUNTING = ", not counting what was alerted on"


def explain(name: str, event: CostEvent, baseline: Baseline, launch_cost: float | None) -> str:
    """Give the sentence for one reason of a score.

    >>> from engine.examples import launch
    >>> explain("actor", launch(), Baseline(account_id="1"), 1.0)
    'ci has never started anything in this account before.'
    >>> explain("burst", launch(quantity=50, hourly_cost=50.0), Baseline(account_id="1"), 50.0)
    'ci started 50 within an hour, for $50.00 an hour.'
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
    about = "at least " if was_alerted(baseline, event.actor.key) else ""
    about += "about " if hour.count - event.quantity > _FADED else ""
    many = f"{about}{hour.count:,.0f}{where} within an hour, for {about}{money(hour.usd)} an hour"
    what = f"{event.actor.name} started {many}"
    if not activity.hours:
        return f"{what}."
    return f"{what}; usually it is up to about {activity.usual_count:,.0f}, for {money(activity.usual_usd)}."


def _creep(event: CostEvent, baseline: Baseline) -> str:
    gauge = gauge_of(baseline, event.actor.key, event.resource_type)
    running, usual = gauge.running / _THOUSANDTHS + (event.hourly_cost or 0.0), gauge.usual / _THOUSANDTHS
    most = f"; usually it is up to about {money(usual)}." if usual else "; it used to be next to nothing."
    what = f"The {event.resource_type} that {event.actor.name} started and nobody was seen to end"
    return f"{what} cost {money(running)} an hour{most}"


def _cost(event: CostEvent, baseline: Baseline, launch_cost: float) -> str:
    key = _compared_with(event, baseline)
    whose, but = event.actor.name if key else "anybody", _but_for(key, baseline)
    if key not in baseline.levels:
        return f"{money(launch_cost)} an hour, in an account of which nothing is known yet to compare."
    at_once = event.hourly_cost or 0.0
    single = at_once / (event.quantity or 1)
    if times := _times(at_once, baseline.levels[key]):
        factor, end = times
        what = f"{money(at_once)} an hour at once is over {factor:,} times the most {whose} started here before"
        return f"{what} (under {end}){but}."
    if times := _times(single, baseline.unit_levels.get(key, ())):
        factor, end = times
        what = f"One {event.resource_type} for {money(single)} an hour is over {factor:,} times the dearest"
        return f"{what} that {whose} started here before (under {end}){but}."
    return f"{money(launch_cost)} an hour is more than {whose} usually starts at once, or starts in one piece."


def _compared_with(event: CostEvent, baseline: Baseline) -> str:
    return event.actor.key if event.actor.key in baseline.levels else ANYBODY


def _times(amount: float, counts: Sequence[int]) -> tuple[int, str] | None:
    """How many times the dearest that was counted an amount is at least, and what the dearest was under.

    Only its level is known, so the factor is rounded down and the level's end up. None if it is not twice as much, or
    the dearest was off the scale.
    """
    if not 0 < len(counts) < MOST_LEVELS:
        return None
    end = upper_end(len(counts) - 1)
    shown = math.ceil(end * 100) / 100
    factor = int(amount / shown)
    return (factor, f"${shown:,.2f}") if factor >= _TWICE else None


def _type(event: CostEvent, baseline: Baseline) -> str:
    seen = baseline.types.get(event.resource_type, Cell()).count
    but = _but_for(event.resource_type, baseline)
    return f"{event.resource_type} was {_seen(seen, 'started')} in this account{but}."


def _actor(event: CostEvent, baseline: Baseline) -> str:
    seen, but = baseline.actors.get(event.actor.key, 0), _but_for(event.actor.key, baseline)
    if seen == 0:
        return f"{event.actor.name} has never started anything in this account before{but}."
    return f"{event.actor.name} has made only {_launches(seen)} in this account before{but}."


def _region(event: CostEvent, baseline: Baseline) -> str:
    seen, but = baseline.regions.get(event.region, 0), _but_for(event.region, baseline)
    times = "Nothing was ever started" if seen == 0 else f"Only {_launches(seen)} came before"
    usual = most_frequent(baseline.regions)
    elsewhere = f"; this account usually runs in {usual}" if usual and usual != event.region else ""
    return f"{times} in {event.region}{but}{elsewhere}."


def _pair(event: CostEvent, baseline: Baseline) -> str:
    key = pair_key(event.actor.key, event.resource_type)
    pair, but = baseline.pairs.get(key, Cell()), _but_for(key, baseline)
    text = f"{event.actor.name} has {_seen(pair.count, 'started ' + event.resource_type)}{but}"
    usual = _usual_type(event.actor.key, baseline)
    return f"{text}; usually it is {usual}." if usual and usual != event.resource_type else f"{text}."


def speak_as_first(signals: tuple[Signal, ...], event: CostEvent, baseline: Baseline, since: int) -> tuple[Signal, ...]:
    """The signals of an event that joins a card: what only this card, begun at ``since``, spoke of is not left out.

    >>> from engine.baselines.alerted import note_alerted
    >>> from engine.examples import launch
    >>> known = Baseline(account_id="1")
    >>> note_alerted(known, launch())
    >>> signal = Signal("actor", 1.0, explain("actor", launch(), known, 1.0))
    >>> speak_as_first((signal,), launch(), known, 0)[0].text
    'ci has never started anything in this account before.'
    """
    subjects = {
        "type": event.resource_type,
        "actor": event.actor.key,
        "region": event.region,
        "pair": pair_key(event.actor.key, event.resource_type),
        "cost": _compared_with(event, baseline),
    }
    own = {name for name, subject in subjects.items() if baseline.alerted.get(subject, since - 1) >= since}
    return tuple(
        msgspec.structs.replace(one, text=one.text.replace(_NOT_COUNTING, "")) if one.name in own else one
        for one in signals
    )


def _but_for(name: str, baseline: Baseline) -> str:
    return _NOT_COUNTING if was_alerted(baseline, name) else ""


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
    pairs = {kind: baseline.pairs.get(pair_key(actor_key, kind)) for kind in baseline.types}
    return most_frequent({kind: pair.count for kind, pair in pairs.items() if pair is not None})


def money(usd: float) -> str:
    """Write an hourly rate: cents where there are dollars, more digits where there are only cents.

    >>> money(48.96), money(0.0104), money(1234.5)
    ('$48.96', '$0.0104', '$1,234.50')
    """
    return f"${usd:,.2f}" if usd >= 1 else f"${usd:.4g}"
