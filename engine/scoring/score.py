"""The score of one cost event: every channel in units of its own threshold."""

from engine.baselines.model import Baseline
from engine.models.anomaly import Score
from engine.models.cost_event import CostEvent
from engine.scoring.commitment import commitment_score
from engine.scoring.deviation import deviation
from engine.scoring.point import point_signals


def score(cost_event: CostEvent, baseline: Baseline) -> Score:
    """Judge a start or growth against the account's past, which is read and never changed.

    1.0 and more is worth an anomaly. A cold baseline scores high on novelty; whether that alerts is for governance.

    >>> from engine.examples import launch
    >>> score(launch(hourly_cost=0.0), Baseline(account_id="1")).value
    0.0
    """
    if cost_event.is_commitment:
        return commitment_score(cost_event)
    departure = deviation(cost_event, baseline)
    signals = point_signals(cost_event, baseline, departure)
    signals.sort(key=lambda signal: -signal.contribution)
    return Score(
        value=sum((signal.contribution for signal in signals), start=0.0),
        signals=tuple(signals),
        z_score=departure.z_score if departure else None,
    )
