"""Each signal as the sentence a tired person reads."""

from engine.baselines.model import Baseline, Cell, pair_key
from engine.models.cost_event import CostEvent
from engine.scoring.deviation import Deviation

_TWICE = 2
_TEN_TIMES = 10


def explain(name: str, event: CostEvent, baseline: Baseline, deviation: Deviation | None) -> str:
    """Give the sentence for one of the point channel's signals.

    >>> from engine.examples import launch
    >>> explain("actor", launch(), Baseline(account_id="1"), None)
    'ci has never started anything in this account before.'
    """
    if name == "cost" and deviation is not None and event.hourly_cost is not None:
        return _cost(event, event.hourly_cost, deviation)
    if name == "type":
        return _type(event, baseline)
    if name == "actor":
        return _actor(event, baseline)
    if name == "region":
        return _region(event, baseline)
    return _pair(event, baseline)


def _cost(event: CostEvent, hourly_cost: float, deviation: Deviation) -> str:
    times = hourly_cost / max(deviation.usual_cost, 1e-4)
    factor = f"{times:,.0f}" if times >= _TEN_TIMES else f"{times:.1f}"
    usual, now = money(deviation.usual_cost), money(hourly_cost)
    return f"{now} an hour is {factor} times the {usual} that {event.resource_type} launches usually cost here."


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
    prefix = pair_key(actor_key, "")
    return most_frequent({k.removeprefix(prefix): c.count for k, c in baseline.pairs.items() if k.startswith(prefix)})


def money(usd: float) -> str:
    """Write an hourly rate: cents where there are dollars, more digits where there are only cents.

    >>> money(48.96), money(0.0104), money(1234.5)
    ('$48.96', '$0.0104', '$1,234.50')
    """
    return f"${usd:,.2f}" if usd >= 1 else f"${usd:.4g}"
