"""The score of one cost event: every channel in units of its own threshold, the highest counting."""

from collections.abc import Sequence

from engine.baselines.model import Baseline
from engine.models.anomaly import Score, Signal
from engine.models.cost_event import CostEvent
from engine.scoring.burst import burst
from engine.scoring.channel import Reason
from engine.scoring.commitment import commitment_score
from engine.scoring.creep import creep
from engine.scoring.deviation import deviation
from engine.scoring.familiarity import familiarity
from engine.scoring.point import point
from engine.scoring.thresholds import JOIN_SCORE


def score(
    cost_event: CostEvent, baseline: Baseline, *, launch_cost: float | None = None, sensitivity: float = 1.0
) -> Score:
    """Judge a start or growth against the account's past, which is read and never changed.

    1.0 and more is worth an anomaly. ``launch_cost`` is what the whole record costs an hour, where this is a part of
    one. A cold baseline scores high on novelty; whether that alerts is for governance. Reasons are spelled out only
    where somebody may come to read them.

    >>> from engine.examples import launch
    >>> score(launch(hourly_cost=0.0), Baseline(account_id="1")).value
    0.0
    """
    if cost_event.is_commitment:
        return commitment_score(cost_event)
    whole = launch_cost if launch_cost and cost_event.hourly_cost is not None else cost_event.hourly_cost
    reasons = point(cost_event, baseline, whole)
    value = sum((reason.contribution for reason in reasons), start=0.0)
    for channel in (burst, creep):
        other = channel(cost_event, baseline)
        if other is not None:
            reasons.append(other)
            value = max(value, other.contribution)
    value *= sensitivity * familiarity(cost_event, baseline, whole)
    if value < JOIN_SCORE:
        return Score(value)
    departure = deviation(cost_event, baseline)
    return Score(value, _signals(reasons), departure.z_score if departure else None)


def _signals(reasons: Sequence[Reason]) -> tuple[Signal, ...]:
    return tuple(reason.signal() for reason in sorted(reasons, key=lambda one: -one.contribution))
