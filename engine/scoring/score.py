"""The score of one cost event: every channel in units of its own threshold, the highest counting."""

from engine.baselines.model import Baseline
from engine.baselines.told import told_before
from engine.models.anomaly import Score, Signal
from engine.models.cost_event import CostEvent
from engine.scoring.burst import burst
from engine.scoring.commitment import commitment_score
from engine.scoring.creep import creep
from engine.scoring.deviation import deviation
from engine.scoring.familiarity import familiarity
from engine.scoring.point import Weighed, point
from engine.scoring.sentences import explain
from engine.scoring.thresholds import JOIN_SCORE

NEGLIGIBLE = 0.01  # of a score: what contributes less is not told.


def score(
    cost_event: CostEvent, baseline: Baseline, *, launch_cost: float | None = None, sensitivity: float = 1.0
) -> Score:
    """Judge a start or growth against the account's past, which is read and never changed.

    1.0 and more is worth an anomaly. ``launch_cost`` is what the whole record costs an hour, where this is a part of
    one. A cold baseline scores high on novelty; whether that alerts is for governance. Signals are spelled out only
    from half a score on, where somebody may come to read them.

    >>> from engine.examples import launch
    >>> score(launch(hourly_cost=0.0), Baseline(account_id="1")).value
    0.0
    """
    if cost_event.is_commitment:
        return commitment_score(cost_event)
    whole = launch_cost if launch_cost and cost_event.hourly_cost is not None else cost_event.hourly_cost
    told = told_before(baseline, cost_event)
    weighed = point(cost_event, baseline, whole, told)
    bursting, creeping = burst(cost_event, baseline), creep(cost_event, baseline, told)
    value = max(sum([part for _, part in weighed]), bursting, creeping)
    value *= sensitivity * familiarity(cost_event, baseline, whole, told)
    if value < JOIN_SCORE:
        return Score(value)
    departure = deviation(cost_event, baseline)
    signals = _signals((*weighed, ("burst", bursting), ("creep", creeping)), cost_event, baseline, whole)
    return Score(value, signals, departure.z_score if departure else None)


def _signals(weighed: Weighed, event: CostEvent, baseline: Baseline, launch_cost: float | None) -> tuple[Signal, ...]:
    """Everything that counts, weightiest first, each with its sentence."""
    heavy = sorted((one for one in weighed if one[1] >= NEGLIGIBLE), key=lambda one: -one[1])
    return tuple(Signal(name, part, explain(name, event, baseline, launch_cost)) for name, part in heavy)
